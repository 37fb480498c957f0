import assert from "node:assert/strict";
import { requestStart } from "../../../client/wire/request_head.ts";
import { PreparedRequest, type PrepareOptions } from "../../../client/request.ts";

const prepare = (options: PrepareOptions) => new PreparedRequest().prepare({ url: "http://a.test/x?y=1", ...options });

/** The start of a request, for a URL of its own. */
function start(request: PreparedRequest, proxy: string | null = null, unix = false) {
  return requestStart(request, new URL(request.url!), proxy, unix);
}

const names = (request: PreparedRequest) => start(request).fields.map(([name]) => name);
const value = (request: PreparedRequest, wanted: string) =>
  start(request).fields.filter(([name]) => name.toLowerCase() === wanted).map(([, text]) => text);

Deno.test("requestStart() keeps order and case, and puts Host and Accept-Encoding first", () => {
  const headers = { "x-Two": "2", "X-ONE": "1", Accept: "*/*" };
  assert.deepEqual(start(prepare({ method: "GET", headers })).fields, [
    ["Host", "a.test"],
    ["Accept-Encoding", "identity"],
    ["x-Two", "2"],
    ["X-ONE", "1"],
    ["Accept", "*/*"],
  ]);
});

Deno.test("requestStart() leaves Host and Accept-Encoding where the caller has them", () => {
  const headers = { "X-One": "1", HOST: "b.test", "accept-encoding": "br" };
  assert.deepEqual(names(prepare({ method: "GET", headers })), ["X-One", "HOST", "accept-encoding"]);
});

for (
  const [name, url, proxy, target] of [
    ["path and query", "http://a.test/x?y=1", null, "/x?y=1"],
    ["a slash at least", "http://a.test", null, "/"],
    ["the whole URL for a proxy", "http://a.test:81/x?y=1", "http://proxy.test:3128", "http://a.test:81/x?y=1"],
    ["the whole URL for an https proxy", "http://a.test/x", "https://proxy.test", "http://a.test/x"],
    ["path and query in a tunnel", "https://a.test/x?y", "http://proxy.test:3128", "/x?y"],
    ["path and query through SOCKS", "http://a.test/x?y", "socks5h://proxy.test", "/x?y"],
  ] as const
) {
  Deno.test(`requestStart() has as its target ${name}`, () => {
    assert.equal(start(prepare({ method: "GET", url }), proxy).target, target);
  });
}

Deno.test("requestStart() gives credentials to the proxy that forwards, and to no other", () => {
  const proxy = "http://joe:pw@proxy.test";
  const auth = (url: string, over: string | null) =>
    requestStart(prepare({ method: "GET", url, headers: { "Proxy-Authorization": "mine" } }), new URL(url), over).fields
      .filter(([name]) => name === "Proxy-Authorization").map(([, text]) => text);
  assert.deepEqual(auth("http://a.test/", proxy), ["Basic am9lOnB3"]);
  assert.deepEqual(auth("https://a.test/", proxy), []);
  assert.deepEqual(auth("http://a.test/", "http://proxy.test"), ["mine"]);
});

Deno.test("requestStart() names localhost as the host of a Unix socket", () => {
  const request = prepare({ method: "GET", url: "http+unix://%2Frun%2Fa.sock/x" });
  assert.deepEqual(start(request, null, true).fields[0], ["Host", "localhost"]);
  assert.equal(start(request, null, true).target, "/x");
});

Deno.test("requestStart() frames the body by what it is, whatever the fields say", () => {
  const bytes = prepare({ method: "POST", data: "12345" });
  bytes.headers.set("Content-Length", "3");
  assert.deepEqual(start(bytes).framing, { kind: "length", length: 5 });
  assert.deepEqual(value(bytes, "content-length"), ["5"]);

  const both = prepare({ method: "POST", data: "12345" });
  both.headers.set("Transfer-Encoding", "gzip, chunked");
  assert.deepEqual(start(both).framing, { kind: "chunked" });
  assert.deepEqual(value(both, "transfer-encoding"), ["chunked"]);
  assert.deepEqual(value(both, "content-length"), []);
});

Deno.test("requestStart() sends a stream in chunks, or with the length that the caller promises", () => {
  const stream = prepare({ method: "POST", data: new Blob(["12345"]).stream() });
  assert.deepEqual(start(stream).framing, { kind: "chunked" });
  stream.headers.delete("Transfer-Encoding");
  stream.headers.set("Content-Length", "5");
  assert.deepEqual(start(stream).framing, { kind: "length", length: 5 });
  stream.headers.set("Content-Length", "five");
  assert.throws(() => start(stream), { name: "InvalidHeader", message: /"five"/ });
});

Deno.test("requestStart() announces no body where there is none", () => {
  const get = prepare({ method: "GET" });
  get.headers.set("Content-Length", "5");
  get.headers.set("Transfer-Encoding", "chunked");
  assert.deepEqual(value(get, "content-length"), []);
  assert.deepEqual(value(get, "transfer-encoding"), []);
  assert.deepEqual(value(prepare({ method: "POST" }), "content-length"), ["0"]);
});

Deno.test("requestStart() waits for agreement only with a body", () => {
  const headers = { Expect: "100-Continue" };
  assert.equal(start(prepare({ method: "PUT", data: "x", headers })).expectsContinue, true);
  assert.equal(start(prepare({ method: "PUT", headers })).expectsContinue, false);
  assert.equal(start(prepare({ method: "PUT", data: "x" })).expectsContinue, false);
});
