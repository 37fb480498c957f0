import assert from "node:assert/strict";
import { checkChunkSize, cutPieces, decodePieces, iterSlices } from "../../client/_pieces.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encode = (text: string): Bytes => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const sourceOf = (texts: readonly string[]): ReadableStream<Bytes> => ReadableStream.from(texts.map(encode));

const CUTS: readonly (readonly [pieces: readonly string[], size: number | null, expected: readonly string[]])[] = [
  [["0123456789"], 4, ["0123", "4567", "89"]],
  [["0123456789"], 10, ["0123456789"]],
  [["0123456789"], 11, ["0123456789"]],
  [["0123456789"], Number.MAX_SAFE_INTEGER, ["0123456789"]],
  [["01", "23", "45", "67", "89"], 4, ["0123", "4567", "89"]],
  [["0", "1", "2", "3", "4", "5", "6"], 3, ["012", "345", "6"]],
  [["012", "345"], 3, ["012", "345"]],
  [["01", "2345678", "9"], 3, ["012", "345", "678", "9"]],
  [["012", "3", "456"], 1, ["0", "1", "2", "3", "4", "5", "6"]],
  [["0123456789", "abc"], 12, ["0123456789ab", "c"]],
  [["01", "2345"], null, ["01", "2345"]],
  [[], 3, []],
  [[], null, []],
];

for (const [pieces, size, expected] of CUTS) {
  Deno.test(`cutPieces() cuts [${pieces}] into pieces of ${size}`, async () => {
    const cut = (await Array.fromAsync(cutPieces(sourceOf(pieces), size))).map(decode);
    assert.deepEqual(cut, expected);
  });
}

Deno.test("cutPieces() yields pieces that it does not write to again", async () => {
  const cut = await Array.fromAsync(cutPieces(sourceOf([..."abcdefghij"]), 3));
  assert.deepEqual(cut.map(decode), ["abc", "def", "ghi", "j"]);
});

Deno.test("cutPieces() yields a piece as soon as it is complete", async () => {
  let asked = 0;
  const source = new ReadableStream<Bytes>({
    pull(controller) {
      asked++;
      controller.enqueue(encode("ab"));
    },
  }, { highWaterMark: 0 });
  const cut = cutPieces(source, 3);
  assert.equal(decode((await cut.next()).value!), "aba");
  assert.equal(asked, 2);
  await cut.return();
});

const SIZES: readonly (readonly [size: unknown, error: typeof TypeError | typeof RangeError, message: RegExp])[] = [
  ["4", TypeError, /it is instead a string/],
  [1.5, TypeError, /it is instead 1\.5/],
  [NaN, TypeError, /it is instead NaN/],
  [Infinity, TypeError, /it is instead Infinity/],
  [true, TypeError, /it is instead a boolean/],
  [undefined, TypeError, /it is instead a undefined/],
  [0, RangeError, /it is instead 0/],
  [-1, RangeError, /it is instead -1/],
];

for (const [size, error, message] of SIZES) {
  Deno.test(`checkChunkSize() refuses ${typeof size} ${size}`, () => {
    assert.throws(() => checkChunkSize(size), (thrown) => {
      assert(thrown instanceof error);
      assert.match(thrown.message, message);
      return true;
    });
  });
}

Deno.test("checkChunkSize() accepts whole numbers and null", () => {
  for (const size of [1, 8192, Number.MAX_SAFE_INTEGER, null]) checkChunkSize(size);
});

const bytewise = (bytes: Bytes): ReadableStream<Bytes> =>
  ReadableStream.from(Array.from(bytes, (byte) => Uint8Array.of(byte)));

Deno.test("decodePieces() waits for the rest of a character", async () => {
  assert.deepEqual(await Array.fromAsync(decodePieces(bytewise(encode("aé☃b")), "utf-8")), ["a", "é", "☃", "b"]);
});

Deno.test("decodePieces() replaces a character that is not complete at the end", async () => {
  const texts = await Array.fromAsync(decodePieces(bytewise(encode("a☃").subarray(0, 3)), "utf-8"));
  assert.equal(texts.join(""), "a\ufffd");
});

const SLICES: readonly (readonly [whole: string, length: number | null, expected: readonly string[]])[] = [
  ["abcde", 2, ["ab", "cd", "e"]],
  ["abcd", 2, ["ab", "cd"]],
  ["abc", 9, ["abc"]],
  ["abc", 0, ["abc"]],
  ["abc", -1, ["abc"]],
  ["abc", null, ["abc"]],
  ["", 2, []],
  ["", null, []],
];

for (const [whole, length, expected] of SLICES) {
  Deno.test(`iterSlices() cuts "${whole}" into pieces of ${length}`, () => {
    assert.deepEqual([...iterSlices(whole, length)], expected);
    assert.deepEqual([...iterSlices(encode(whole), length)].map(decode), expected);
  });
}

Deno.test("iterSlices() refuses a length that is no whole number", () => {
  for (const length of [1.5, NaN, Infinity]) assert.throws(() => [...iterSlices("abc", length)], TypeError);
});
