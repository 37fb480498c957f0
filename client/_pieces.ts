/** Cutting a body that comes in pieces of any length. */

import { TextChunks } from "./_text.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * Checks the length of pieces that a caller asks for (Python: `chunk_size`).
 *
 * @throws {TypeError} It is neither an integer nor `null`.
 * @throws {RangeError} It is less than 1.
 */
export function checkChunkSize(chunkSize: unknown): asserts chunkSize is number | null {
  if (chunkSize === null) return;
  if (typeof chunkSize !== "number" || !Number.isInteger(chunkSize)) {
    const given = typeof chunkSize === "number" ? chunkSize : `a ${typeof chunkSize}`;
    throw new TypeError(`chunkSize must be an integer, or null for pieces as they arrive; it is instead ${given}`);
  }
  if (chunkSize < 1) {
    throw new RangeError(`chunkSize must be at least 1, or null for pieces as they arrive; it is instead ${chunkSize}`);
  }
}

/**
 * Cuts bytes anew, into pieces of exactly `size` bytes; the last one may be shorter. `null` leaves them as they are.
 *
 * No more is held back than one piece. A piece may be a view of memory that it shares with its neighbours.
 */
export async function* cutPieces(
  source: AsyncIterable<Bytes>,
  size: number | null,
): AsyncGenerator<Bytes, void, undefined> {
  if (size === null) return yield* source;
  let begun: Bytes = new Uint8Array(0);
  let length = 0;
  for await (const piece of source) {
    let offset = 0;
    if (length > 0) {
      const part = piece.subarray(0, size - length);
      if (length + part.length > begun.length) {
        // Doubled, because a body may come byte by byte; not `size` at once, because that may be any number.
        const larger = new Uint8Array(Math.min(size, Math.max(2 * begun.length, length + part.length)));
        larger.set(begun.subarray(0, length));
        begun = larger;
      }
      begun.set(part, length);
      length += part.length;
      if (length < size) continue;
      yield begun;
      offset = part.length;
    }
    for (; offset + size <= piece.length; offset += size) yield piece.subarray(offset, offset + size);
    begun = piece.slice(offset);
    length = begun.length;
  }
  if (length > 0) yield begun.subarray(0, length);
}

/**
 * Decodes pieces of a text (Python: `stream_decode_response_unicode`). What is no valid text becomes U+FFFD, and so
 * does a character that is not complete at the end. Never yields an empty text.
 */
export async function* decodePieces(
  source: AsyncIterable<Bytes>,
  encoding: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new TextChunks(encoding);
  for await (const piece of source) {
    const text = decoder.decode(piece);
    if (text !== "") yield text;
  }
  const rest = decoder.finish();
  if (rest !== "") yield rest;
}

/**
 * Cuts text or bytes into pieces of a length (Python: `iter_slices`); the last one may be shorter. Pieces of bytes share
 * the memory of the whole.
 *
 * @param whole What to cut; text is cut between UTF-16 code units.
 * @param sliceLength Length of a piece; `null`, or less than 1, gives the whole in one piece.
 *
 * @example
 * ```ts
 * import { iterSlices } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...iterSlices("abcde", 2)], ["ab", "cd", "e"]);
 * assert.deepEqual([...iterSlices("abcde", null)], ["abcde"]);
 * ```
 */
export function* iterSlices<T extends string | Uint8Array>(
  whole: T,
  sliceLength: number | null,
): Generator<T, void, undefined> {
  if (sliceLength !== null && !Number.isInteger(sliceLength)) {
    throw new TypeError(`Cannot cut into pieces of ${sliceLength}: give a whole number, or null for one piece`);
  }
  const step = sliceLength === null || sliceLength < 1 ? whole.length : sliceLength;
  for (let at = 0; at < whole.length; at += step) {
    const end = at + step;
    yield (typeof whole === "string" ? whole.slice(at, end) : whole.subarray(at, end)) as T;
  }
}
