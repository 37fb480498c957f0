import assert from "node:assert/strict";
import { coversUrl, insertMount } from "../../client/_mounts.ts";

const COVERED: readonly (readonly [prefix: string, url: string, expected: boolean])[] = [
  ["https://", "https://example.com/", true],
  ["https://", "http://example.com/", false],
  ["http://", "HTTP://EXAMPLE.COM/", true],
  ["HTTP://Example.com/", "http://example.com/a", true],
  ["http://example.com", "http://example.com/a", true],
  ["http://example.com", "http://example.com", true],
  ["http://example.com", "http://example.com?q", true],
  ["http://example.com", "http://example.com.evil.test/", false],
  ["http://example.com", "http://example.community/", false],
  ["http://example.com", "http://example.com@evil.test/", false],
  ["http://example.com", "http://example.com:80@evil.test/", false],
  ["http://example.com", "http://user:pass@example.com/", true],
  ["http://evil.test/", "http://example.com/?http://evil.test/", false],
  ["http://localhost", "http://localhost:8000/", true],
  ["http://localhost:80", "http://localhost/", true],
  ["http://localhost:80", "http://localhost:8000/", false],
  ["http://localhost:8000", "http://localhost:8000/", true],
  ["http://localhost:8000/", "http://localhost/", false],
  ["https://example.com:443/a", "https://example.com/a/b", true],
  ["http://[::1]", "http://[::1]:8000/", true],
  ["http://[::1]:8000", "http://[::1]:8000/", true],
  ["http://example.com/api", "http://example.com/api/items", true],
  ["http://example.com/api/", "http://example.com/API/items", true],
  ["http://example.com/api/", "http://example.com/other", false],
  ["mock:", "mock:thing", true],
  ["mock://", "mock://thing/a", true],
  ["mock://thing", "mock://thing/a", true],
  ["http+unix://", "http+unix://%2Ftmp%2Fsock/a", true],
  ["http://", "mailto:a@example.com", false],
];

for (const [prefix, url, expected] of COVERED) {
  Deno.test(`coversUrl() is ${expected} for ${prefix} and ${url}`, () =>
    assert.equal(coversUrl(prefix, url), expected));
}

Deno.test("insertMount() keeps longer prefixes first, and equal lengths in their order", () => {
  const mounts = new Map<string, number>();
  for (
    const prefix of ["https://", "http://", "http://git", "http://github", "http://github.com/about/", "http://g1"]
  ) {
    insertMount(mounts, prefix, 1);
  }
  assert.deepEqual([...mounts.keys()], [
    "http://github.com/about/",
    "http://github",
    "http://git",
    "http://g1",
    "https://",
    "http://",
  ]);
});

Deno.test("insertMount() replaces an equal prefix", () => {
  const mounts = new Map([["http://a/", 1], ["http://", 2]]);
  insertMount(mounts, "http://", 3);
  assert.deepEqual([...mounts], [["http://a/", 1], ["http://", 3]]);
});
