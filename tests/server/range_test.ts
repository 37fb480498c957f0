import assert from "node:assert/strict";
import { formatContentRange, frameMultipart, MAX_PARTS, resolveRange } from "../../server/_range.ts";

const one = (first: number, last: number) => [{ first, last }];

const CASES: readonly (readonly [value: string, size: number, expected: unknown])[] = [
  ["bytes=0-0", 26, one(0, 0)],
  ["bytes=0-100", 26, one(0, 25)],
  ["BYTES=20-", 26, one(20, 25)],
  ["bytes=-4", 26, one(22, 25)],
  ["bytes=-999999999", 26, one(0, 25)],
  ["bytes=0-99999999999999999999", 26, one(0, 25)],
  [" bytes= 1-2 , ,3-3 ", 26, one(1, 3)],
  ["bytes=26-", 26, "unsatisfiable"],
  ["bytes=-0", 26, "unsatisfiable"],
  ["bytes=99-100,200-", 26, "unsatisfiable"],
  ["bytes=500-,2-3", 26, one(2, 3)],
  ["bytes=9-3", 26, "whole"],
  ["bytes=0-1,9-3", 26, "whole"],
  ["bytes=100", 26, "whole"],
  ["bytes=a-b", 26, "whole"],
  ["bytes=", 26, "whole"],
  ["bytes=,", 26, "whole"],
  ["bytes=-", 26, "whole"],
  ["bytes=--5", 26, "whole"],
  ["bytes=1-2=3", 26, "whole"],
  ["items=0-1", 26, "whole"],
  ["bytes 0-1", 26, "whole"],
  ["bytes=0-0", 0, "whole"],
  ["bytes=0-1,20-22", 26, [{ first: 0, last: 1 }, { first: 20, last: 22 }]],
  ["bytes=20-22,0-1", 26, [{ first: 20, last: 22 }, { first: 0, last: 1 }]],
  ["bytes=0-11,6-17", 26, one(0, 17)],
  ["bytes=0-1,2-3", 26, one(0, 3)],
];

for (const [value, size, expected] of CASES) {
  Deno.test(`resolveRange() reads "${value}" of ${size} bytes`, () =>
    assert.deepEqual(resolveRange(value, size), expected));
}

Deno.test("resolveRange() allows as many parts as the limit and not one more", () => {
  const parts = (count: number) => "bytes=" + Array.from({ length: count }, (_, i) => `${i * 2}-${i * 2}`).join();
  assert.equal((resolveRange(parts(MAX_PARTS), 1000) as unknown[]).length, MAX_PARTS);
  assert.equal(resolveRange(parts(MAX_PARTS + 1), 1000), "whole");
});

Deno.test("formatContentRange() names both ends and the size", () => {
  assert.equal(formatContentRange({ first: 3, last: 5 }, 10), "bytes 3-5/10");
});

Deno.test("frameMultipart() counts what it frames", () => {
  const ranges = [{ first: 0, last: 1 }, { first: 20, last: 22 }];
  const frame = frameMultipart(ranges, 26, "text/plain", "B");
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const whole = decode(frame.heads[0]!) + "ab" + decode(frame.heads[1]!) + "uvw" + decode(frame.tail);
  assert.equal(
    whole,
    "--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 0-1/26\r\n\r\nab" +
      "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 20-22/26\r\n\r\nuvw\r\n--B--\r\n",
  );
  assert.equal(frame.contentLength, whole.length);
  assert.equal(frame.contentType, "multipart/byteranges; boundary=B");
});
