import assert from "node:assert/strict";
import { checkChunkSize, decodePieces, iterSlices, PieceCutter, ReusingCutter } from "../../client/_pieces.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encode = (text: string): Bytes => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** What a PieceCutter makes of texts. */
async function cut(texts: readonly string[], size: number | null): Promise<string[]> {
  const pieces = texts.map(encode);
  const cutter = new PieceCutter(() => Promise.resolve(pieces.shift() ?? null), size);
  const all: Bytes[] = [];
  for (let piece = await cutter.next(); piece !== null; piece = await cutter.next()) all.push(piece);
  return all.map(decode);
}

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
  Deno.test(`PieceCutter cuts [${pieces}] into pieces of ${size}`, async () => {
    assert.deepEqual(await cut(pieces, size), expected);
  });
}

Deno.test("PieceCutter gives pieces that it does not write to again", async () => {
  assert.deepEqual(await cut([..."abcdefghij"], 3), ["abc", "def", "ghi", "j"]);
});

Deno.test("PieceCutter gives a piece as soon as it is complete", async () => {
  let asked = 0;
  const cutter = new PieceCutter(() => Promise.resolve(encode("ab".repeat(Math.min(++asked, 2)))), 3);
  assert.equal(decode((await cutter.next())!), "aba");
  assert.equal(asked, 2);
  assert.equal(decode((await cutter.next())!), "bab");
  assert.equal(asked, 2);
});

Deno.test("PieceCutter passes on a piece that has the length asked for, without a copy", async () => {
  const piece = encode("abc");
  const cutter = new PieceCutter((size) => {
    assert.equal(size, 3);
    return Promise.resolve(piece);
  }, 3);
  assert.equal(await cutter.next(), piece);
});

Deno.test("PieceCutter does not hold back a large piece for its small rest", async () => {
  const large = new Uint8Array(1000);
  const pieces = [encode("a"), large, encode("bcd"), null];
  const cutter = new PieceCutter(() => Promise.resolve(pieces.shift()!), 999);
  await cutter.next();
  assert.notEqual((await cutter.next())!.buffer, large.buffer);
});

Deno.test("PieceCutter asks no further after the end", async () => {
  const pieces = [encode("ab"), null];
  const cutter = new PieceCutter(() => {
    assert(pieces.length > 0);
    return Promise.resolve(pieces.shift()!);
  }, 3);
  assert.equal(decode((await cutter.next())!), "ab");
  assert.equal(await cutter.next(), null);
  assert.equal(await cutter.next(), null);
});

/** Reads texts into memory, which it takes over each time if it is told to. */
function memoryReader(texts: readonly string[], takesOver: boolean): (memory: Bytes) => Promise<Bytes | null> {
  const pieces = texts.map(encode);
  return (given) => {
    const { byteOffset, length } = given;
    const memory = takesOver ? new Uint8Array(given.buffer.transfer(), byteOffset, length) : given;
    const piece = pieces[0] ?? new Uint8Array(0);
    const part = piece.subarray(0, memory.length);
    memory.set(part);
    if (part.length < piece.length) pieces[0] = piece.subarray(part.length);
    else pieces.shift();
    return Promise.resolve(memory.subarray(0, part.length));
  };
}

for (const takesOver of [false, true]) {
  for (const [pieces, size, expected] of CUTS) {
    Deno.test(`ReusingCutter cuts [${pieces}] into pieces of ${size} (memory taken over: ${takesOver})`, async () => {
      const cutter = new ReusingCutter(memoryReader(pieces, takesOver), size);
      const all: string[] = [];
      for (let piece = await cutter.next(); piece !== null; piece = await cutter.next()) all.push(decode(piece));
      assert.deepEqual(all, expected);
      assert.equal(await cutter.next(), null);
    });
  }
}

Deno.test("ReusingCutter has all pieces in the same memory", async () => {
  const cutter = new ReusingCutter(memoryReader(["a".repeat(300_000), "b".repeat(300_000)], false), 65_536);
  const buffers = new Set<ArrayBuffer>();
  for (let piece = await cutter.next(); piece !== null; piece = await cutter.next()) buffers.add(piece.buffer);
  assert.equal(buffers.size, 1);
});

Deno.test("ReusingCutter takes memory as the bytes of a large piece arrive", async () => {
  const cutter = new ReusingCutter(memoryReader(["a".repeat(600_000), "b".repeat(600_000)], true), 1e9);
  const piece = await cutter.next();
  assert.equal(piece!.length, 1_200_000);
  assert(piece!.buffer.byteLength < 3_000_000);
  assert.equal(await cutter.next(), null);
});

Deno.test("ReusingCutter ends where a read was given up", async () => {
  const cutter = new ReusingCutter(() => Promise.resolve(null), 4);
  assert.equal(await cutter.next(), null);
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
