import assert from "node:assert/strict";
import { evaluatePreconditions, ifRangeAllows, validatorsOf } from "../../server/_conditional.ts";

const TIME = Date.UTC(2024, 0, 2, 3, 4, 5);
const SAME = "Tue, 02 Jan 2024 03:04:05 GMT";
const EARLIER = "Tue, 02 Jan 2024 03:04:04 GMT";
const LATER = "Wed, 03 Jan 2024 00:00:00 GMT";
const validators = { etag: '"tag"', lastModified: TIME / 1000 };

const CASES: readonly (readonly [headers: Record<string, string>, expected: unknown])[] = [
  [{}, "pass"],
  [{ "if-match": '"tag"' }, "pass"],
  [{ "if-match": '"other", "tag"' }, "pass"],
  [{ "if-match": "*" }, "pass"],
  [{ "if-match": '"other"' }, 412],
  [{ "if-match": 'W/"tag"' }, 412],
  [{ "if-match": '"tag"', "if-unmodified-since": EARLIER }, "pass"],
  [{ "if-unmodified-since": EARLIER }, 412],
  [{ "if-unmodified-since": SAME }, "pass"],
  [{ "if-unmodified-since": "yesterday" }, "pass"],
  [{ "if-none-match": '"tag"' }, 304],
  [{ "if-none-match": 'W/"tag"' }, 304],
  [{ "if-none-match": '"a", W/"tag" , "b"' }, 304],
  [{ "if-none-match": " * " }, 304],
  [{ "if-none-match": '"other"' }, "pass"],
  [{ "if-none-match": '"other"', "if-modified-since": SAME }, "pass"],
  [{ "if-none-match": '"tag"', "if-modified-since": EARLIER }, 304],
  [{ "if-modified-since": SAME }, 304],
  [{ "if-modified-since": LATER }, 304],
  [{ "if-modified-since": EARLIER }, "pass"],
  [{ "if-modified-since": "yesterday" }, "pass"],
  [{ "if-match": '"other"', "if-none-match": '"tag"' }, 412],
  [{ "if-match": '"tag"', "if-none-match": '"tag"' }, 304],
  [{ "if-unmodified-since": EARLIER, "if-none-match": '"tag"' }, 412],
];

for (const [headers, expected] of CASES) {
  Deno.test(`evaluatePreconditions() decides ${JSON.stringify(headers)}`, () => {
    assert.equal(evaluatePreconditions(new Headers(headers), validators), expected);
  });
}

Deno.test("evaluatePreconditions() without validators knows only that the file exists", () => {
  const none = { etag: null, lastModified: null };
  const decide = (headers: Record<string, string>) => evaluatePreconditions(new Headers(headers), none);
  assert.equal(decide({ "if-none-match": "*" }), 304);
  assert.equal(decide({ "if-none-match": '"a"' }), "pass");
  assert.equal(decide({ "if-match": "*" }), "pass");
  assert.equal(decide({ "if-match": '"a"' }), 412);
  assert.equal(decide({ "if-modified-since": LATER, "if-unmodified-since": EARLIER }), "pass");
});

for (
  const [value, expected] of [
    ['"tag"', true],
    ['W/"tag"', false],
    ['"other"', false],
    [SAME, true],
    [EARLIER, false],
    [LATER, false],
    ["nonsense", false],
  ] as const
) {
  Deno.test(`ifRangeAllows() decides ${value}`, () => {
    assert.equal(ifRangeAllows(new Headers({ "if-range": value }), validators), expected);
  });
}

Deno.test("validatorsOf() makes strong tags, one for each coding, and no date in the future", () => {
  const file = { size: 5, mtime: new Date(TIME + 7), ino: 9 };
  const plain = validatorsOf(file, null);
  assert.match(plain.etag!, /^"[^"]+"$/);
  assert.equal(plain.lastModified, TIME / 1000);
  assert.notEqual(validatorsOf(file, "gzip").etag, plain.etag);
  assert.notEqual(validatorsOf(file, "gzip").etag, validatorsOf(file, "br").etag);
  assert.equal(validatorsOf(file, null, TIME - 5000).lastModified, TIME / 1000 - 5);
});

Deno.test("validatorsOf() trusts no time of a reproducible build", () => {
  for (const mtime of [new Date(0), new Date(1000), null]) {
    assert.deepEqual(validatorsOf({ size: 5, mtime, ino: 9 }, null), { etag: null, lastModified: null });
  }
});
