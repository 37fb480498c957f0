import assert from "node:assert/strict";
import { directoryLocation, isDotfile, parseTarget, quoteSegment } from "../../server/_path.ts";

const SEGMENTS: readonly (readonly [target: string, segments: readonly string[]])[] = [
  ["/", []],
  ["", []],
  ["/a/b", ["a", "b"]],
  ["//a///b/", ["a", "b"]],
  ["/./a/../b", ["b"]],
  ["/../../b", ["b"]],
  ["/a%2Fb%2e%2e", ["a", "b.."]],
  ["/a%2fb/%2e%2e/c", ["a", "c"]],
  ["/a%20b+c", ["a b+c"]],
  ["/a%2520b", ["a%20b"]],
  ["/100%.txt", ["100%.txt"]],
  ["/%zz%4", ["%zz%4"]],
  ["/%zz%C3%BC", ["%zzü"]],
  ["/%F0%9F%98%80", ["😀"]],
  ["/%zz😀ü", ["%zz😀ü"]],
  ["/a?b=/../c#d", ["a"]],
  ["/a#b?c", ["a"]],
  ["/q%3Fmark%23", ["q?mark#"]],
];

for (const [target, segments] of SEGMENTS) {
  Deno.test(`parseTarget() cuts and decodes "${target}"`, () => {
    const parsed = parseTarget(target);
    assert.deepEqual(parsed.segments, segments);
    assert.equal(parsed.refusal, null);
  });
}

Deno.test("parseTarget() tells plain and encoded slashes at the end apart", () => {
  const ends = (target: string) => [parseTarget(target).trailingSlash, parseTarget(target).encodedSlash];
  assert.deepEqual(ends("/a"), [false, false]);
  assert.deepEqual(ends("/a/?x"), [true, false]);
  assert.deepEqual(ends("/a%2F"), [true, true]);
});

for (const target of ["/a%00", "/%ff", "/%C3%28", "/a\\b", "/%5C"]) {
  Deno.test(`parseTarget() refuses "${target}"`, () => assert.notEqual(parseTarget(target).refusal, null));
}

Deno.test("directoryLocation() is a path on this host that keeps query and fragment", () => {
  const location = (target: string) => directoryLocation(parseTarget(target));
  assert.equal(location("/sub?sort=name&x=a%20b#f"), "/sub/?sort=name&x=a%20b#f");
  assert.equal(location("//evil.com/with%20space"), "/evil.com/with%20space/");
  assert.equal(location("/m%C3%BCnchen?ü😀"), "/m%C3%BCnchen/?%C3%BC%F0%9F%98%80");
  assert.equal(location("/"), "/");
});

Deno.test("quoteSegment() leaves only what needs no quoting, and survives lone surrogates", () => {
  assert.equal(quoteSegment("a b:c'd(e)*!?#%ü"), "a%20b%3Ac%27d%28e%29%2A%21%3F%23%25%C3%BC");
  assert.equal(quoteSegment("-._~"), "-._~");
  assert.equal(quoteSegment("\ud800"), "%EF%BF%BD");
});

Deno.test("isDotfile() makes an exception for .well-known only", () => {
  assert.deepEqual([".a", "..a", ".well-known", ".well-known2", "a."].map(isDotfile), [true, true, false, true, false]);
});
