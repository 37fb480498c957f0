import assert from "node:assert/strict";
import { codes } from "../../client/status_codes.ts";

for (
  const [name, code] of [
    ["continue", 100],
    ["early-hints", 102],
    ["EARLY-HINTS", 102],
    ["checkpoint", 103],
    ["request_uri_too_long", 122],
    ["ok", 200],
    ["OK", 200],
    ["✓", 200],
    ["\\o/", 200],
    ["non_authoritative_info", 203],
    ["multi_stati", 207],
    ["\\o-", 301],
    ["other", 303],
    ["temporary", 307],
    ["resume", 308],
    ["-o-", 404],
    ["-O-", 404],
    ["proxy_auth", 407],
    ["timeout", 408],
    ["content_too_large", 413],
    ["range_not_satisfiable", 416],
    ["TEAPOT", 418],
    ["misdirected_request", 421],
    ["too_early", 425],
    ["fields_too_large", 431],
    ["none", 444],
    ["/o\\", 500],
    ["✗", 500],
    ["http_version", 505],
    ["network_authentication", 511],
  ] as const
) Deno.test(`codes[${JSON.stringify(name)}] is ${code}`, () => assert.equal(codes[name], code));

Deno.test("codes can be read as attributes", () => {
  const notFound: number = codes.not_found;
  assert.deepEqual([codes.ok, codes.OK, notFound, codes.IM_A_TEAPOT], [200, 200, 404, 418]);
});

Deno.test("codes gives the later code for a name that stands for two", () => {
  assert.equal(codes.uri_too_long, 414);
  assert.equal(codes.precondition, 428);
  assert.equal(codes.PRECONDITION, 428);
});

for (const name of ["loop_detected", "Ok", "\\O/", "\\O-", "/O\\", "", "constructor", "toString", "__proto__"]) {
  Deno.test(`codes[${JSON.stringify(name)}] is undefined`, () => assert.equal(codes[name], undefined));
}

Deno.test("codes has every name of requests", () => {
  assert.equal(Object.keys(codes).length, 243);
});

Deno.test("codes cannot be changed", () => {
  assert.throws(() => (codes as Record<string, number>).ok = 201, TypeError);
});
