import assert from "node:assert/strict";
import type { CaseInsensitiveDict } from "../../client/case_insensitive_dict.ts";
import { outgoingHeaders, outgoingUrl, shownUrl } from "../../client/_outgoing.ts";
import { PreparedRequest, Request } from "../../client/request.ts";

for (
  const [url, shown] of [
    ["http://shop.test/a", "http://shop.test/a"],
    ["http://shop.test:8080/a?key=secret#frag", "http://shop.test:8080/a?…"],
    ["http://shop.test/a#frag?no", "http://shop.test/a"],
    ["https://ann:pw@shop.test/", "https://shop.test/"],
    ["https://ann:p?w@shop.test/", "shop.test/"],
    ["http://[::1]:80/x", "http://[::1]/x"],
    ["no url", "no url"],
    ["//ann:pw@shop.test:x/a", "shop.test:x/a"],
    [null, ""],
  ] as const
) Deno.test(`shownUrl() shows ${url}`, () => assert.equal(shownUrl(url), shown));

Deno.test("outgoingUrl() has neither userinfo nor fragment", () => {
  const prepared = new Request("GET", "http://ann:pw@shop.test/a?b#c").prepare();
  assert.equal(outgoingUrl(prepared).href, "http://shop.test/a?b");
});

Deno.test("outgoingUrl() refuses a request without a URL and one whose URL was spoilt, without credentials", () => {
  assert.throws(() => outgoingUrl(new PreparedRequest()), { name: "URLRequired" });
  const prepared = new Request("GET", "http://shop.test/").prepare();
  prepared.url = "http://ann:pw@shop.test:x/";
  assert.throws(() => outgoingUrl(prepared), (error) => {
    assert.ok(error instanceof Error && error.name === "InvalidURL");
    assert.doesNotMatch(error.message, /ann:|pw/);
    return true;
  });
});

Deno.test("outgoingHeaders() keeps order and case, and makes bytes characters", () => {
  const headers = { "X-B": "1", "x-a": new Uint8Array([0xc3, 0xa9]), "X-C": "é" };
  const prepared = new Request("GET", "http://shop.test/", { headers }).prepare();
  assert.deepEqual(outgoingHeaders(prepared), [["X-B", "1"], ["x-a", "\xc3\xa9"], ["X-C", "\xe9"]]);
});

Deno.test("outgoingHeaders() takes bytes of any length", async () => {
  const request = await new Request("GET", "http://h.test/", {
    headers: { "X-Big": new Uint8Array(300_000).fill(0x61) },
  })
    .prepare();
  assert.equal(new Map(outgoingHeaders(request)).get("X-Big")?.length, 300_000);
});

Deno.test("outgoingHeaders() sees fields that were changed since, and bytes that were", () => {
  const bytes = new Uint8Array([0x61]);
  const prepared = new Request("GET", "http://shop.test/", { headers: { "X-A": "1" } }).prepare();
  assert.deepEqual(outgoingHeaders(prepared), [["X-A", "1"]]);
  prepared.headers.set("X-A", "2");
  assert.deepEqual(outgoingHeaders(prepared), [["X-A", "2"]]);
  (prepared.headers as CaseInsensitiveDict<string | Uint8Array>).set("X-B", bytes);
  assert.deepEqual(outgoingHeaders(prepared), [["X-A", "2"], ["X-B", "a"]]);
  bytes[0] = 0x62;
  assert.deepEqual(outgoingHeaders(prepared), [["X-A", "2"], ["X-B", "b"]]);
});
