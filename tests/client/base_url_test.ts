import assert from "node:assert/strict";
import { joinBaseUrl } from "../../client/_base_url.ts";
import { InvalidURL } from "../../client/errors.ts";

const BASE = "https://api.example/v1";

const JOINED: readonly (readonly [base: string, url: string, expected: string])[] = [
  [BASE, "items", "https://api.example/v1/items"],
  [BASE, "/items", "https://api.example/v1/items"],
  [`${BASE}/`, "items", "https://api.example/v1/items"],
  [`${BASE}/`, "/items/", "https://api.example/v1/items/"],
  [BASE, "", "https://api.example/v1"],
  [`${BASE}/`, "", "https://api.example/v1/"],
  [BASE, "?q=1", "https://api.example/v1?q=1"],
  [BASE, "a/../b", "https://api.example/v1/b"],
  [BASE, "a?next=https://other.example/", "https://api.example/v1/a?next=https://other.example/"],
  ["https://api.example", "items", "https://api.example/items"],
  ["https://api.example", "", "https://api.example/"],
  ["https://api.example/", "../items", "https://api.example/items"],
  [BASE, "https://api.example/v1/items?page=2", "https://api.example/v1/items?page=2"],
  [BASE, "https://api.example:443/v2", "https://api.example/v2"],
  [BASE, "//api.example/v2", "https://api.example/v2"],
  // Not what the URL parser takes for an authority once it is behind the base.
  [BASE, "\u0000//evil.test/", "https://api.example/v1/%00//evil.test/"],
  ["http://user:pass@api.example/v1", "items", "http://user:pass@api.example/v1/items"],
];

for (const [base, url, expected] of JOINED) {
  Deno.test(`joinBaseUrl() puts ${JSON.stringify(url)} at ${base}`, () =>
    assert.equal(joinBaseUrl(base, url), expected));
}

const REFUSED: readonly (readonly [base: string, url: string, message: RegExp])[] = [
  [BASE, "https://evil.test/", /is not at https:\/\/api\.example/],
  [BASE, "http://api.example/v1/items", /is not at/],
  [BASE, "https://api.example:8443/", /is not at/],
  [BASE, "//evil.test/x", /is not at/],
  [BASE, "\\\\evil.test/x", /is not at/],
  [BASE, "/\\evil.test/x", /is not at/],
  [BASE, " //evil.test/x", /is not at/],
  [BASE, "\t//evil.test/x", /is not at/],
  [BASE, "https://api.example@evil.test/", /is not at/],
  [BASE, "javascript:alert(1)", /is not at/],
  [BASE, "localhost:8000/x", /is not at/],
  [BASE, "../admin", /leads out of \/v1/],
  [BASE, "a/../../admin", /leads out of/],
  [BASE, "%2e%2e/admin", /leads out of/],
  [BASE, "..\\admin", /leads out of/],
  [BASE, "../v10/x", /leads out of/],
  [BASE, "https://[", /is no URL/],
  ["api.example/v1", "items", /cannot be a baseUrl/],
  ["ftp://api.example/", "items", /cannot be a baseUrl/],
  ["https://api.example/?key=1", "items", /cannot be a baseUrl/],
  ["https://api.example/#a", "items", /cannot be a baseUrl/],
];

for (const [base, url, message] of REFUSED) {
  Deno.test(`joinBaseUrl() refuses ${JSON.stringify(url)} at ${base}`, () => {
    assert.throws(() => joinBaseUrl(base, url), (error) => {
      assert(error instanceof InvalidURL);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("joinBaseUrl() names no credentials in its errors", () => {
  assert.throws(() => joinBaseUrl(BASE, "https://ann:hunter2@evil.test/"), (error) => {
    assert(error instanceof InvalidURL);
    assert(!error.message.includes("hunter2"));
    return true;
  });
});
