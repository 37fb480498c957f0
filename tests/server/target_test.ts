import assert from "node:assert/strict";
import { isAllowedHost, isValidHost, requestTarget } from "../../server/_target.ts";

for (
  const [url, target] of [
    ["http://h/", "/"],
    ["http://h/a/../b?c=/d#e", "/a/../b?c=/d#e"],
    ["http://h//a\\b%2e", "//a\\b%2e"],
    ["http://[::1]:80/x", "/x"],
    ["http://h?x/y", "/?x/y"],
    ["http://h#x/y", "/#x/y"],
    ["http://a:1", "a:1"],
    ["http+unix://s/x", "/x"],
  ] as const
) Deno.test(`requestTarget() cuts ${url}`, () => assert.equal(requestTarget(url), target));

Deno.test("isValidHost() takes names, addresses and ports, and nothing that would end the authority", () => {
  for (const host of ["", "a", "a.b:80", "a.b:", "127.0.0.1", "[::1]:8000", "[fe80::1]", "a_b", "%61"]) {
    assert.ok(isValidHost(host), host);
  }
  for (const host of ["a/b", "a?b", "a#b", "a b", "a@b", "[::1", "a:b", "a:1:2", "ü", "a\\b", "<a>"]) {
    assert.ok(!isValidHost(host), host);
  }
});

Deno.test("isAllowedHost() lets private names pass and public ones only from the list", () => {
  for (
    const host of [
      "localhost:8000",
      "a.localhost",
      "10.0.0.1",
      "[::1]:1",
      "box",
      "box.local.",
      "x.test",
      "x.home.arpa",
      "",
    ]
  ) {
    assert.ok(isAllowedHost(host, []), host);
  }
  for (const host of ["example.org", "localhost.example.org", "127.0.0.1.example.org", "notlocalhost.org"]) {
    assert.ok(!isAllowedHost(host, []), host);
  }
  assert.ok(isAllowedHost("Example.ORG:80", ["example.org"]));
  assert.ok(isAllowedHost("a.b.example.org", [".example.org"]));
  assert.ok(!isAllowedHost("example.org", [".example.org"]));
});
