/** Cutting a body that comes in pieces of any length. */

import { Ballast } from "./_ballast.ts";
import { TextChunks } from "./_text.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const NONE: Bytes = new Uint8Array(0);

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
export class PieceCutter {
  readonly #read: (size?: number) => Promise<Bytes | null>;
  readonly #size: number | null;
  /** What was read last, handed out up to `#at`. */
  #rest: Bytes = NONE;
  #at = 0;
  #ended = false;
  readonly #ballast = new Ballast();

  /**
   * @param read gives the next bytes, of any number, and `null` at the end; it is told how many are wanted.
   * @param size length of the pieces.
   */
  constructor(read: (size?: number) => Promise<Bytes | null>, size: number | null) {
    this.#read = read;
    this.#size = size;
  }

  /** The next piece; `null` at the end. One call at a time. */
  async next(): Promise<Bytes | null> {
    const size = this.#size;
    if (size === null) return await this.#readMore();
    const left = this.#rest.length - this.#at;
    if (left >= size) return this.#rest.subarray(this.#at, this.#at += size);
    if (left > 0) return await this.#complete(this.#take());
    const piece = await this.#readMore(size);
    // Fast path: a source that can gives just what was asked for.
    if (piece === null || piece.length === size) return piece;
    if (piece.length < size) return await this.#complete(piece.slice());
    this.#rest = piece;
    return piece.subarray(0, this.#at = size);
  }

  async #readMore(size?: number): Promise<Bytes | null> {
    const piece = this.#ended ? null : await this.#read(size);
    if (piece === null) this.#ended = true;
    else this.#ballast.add(piece.length);
    return piece;
  }

  /** Takes what is left, in memory of its own: a caller who keeps a piece should not keep those before it. */
  #take(): Bytes {
    const rest = this.#rest.slice(this.#at);
    this.#rest = NONE;
    this.#at = 0;
    return rest;
  }

  /** Reads on until a piece that has begun is whole. */
  async #complete(begun: Bytes): Promise<Bytes> {
    const size = this.#size!;
    let length = begun.length;
    while (length < size) {
      const piece = await this.#readMore(size);
      if (piece === null) return begun.subarray(0, length);
      const part = piece.subarray(0, size - length);
      if (length + part.length > begun.length) {
        // Doubled, because a body may come byte by byte; not `size` at once, because that may be any number.
        const larger = new Uint8Array(Math.min(size, Math.max(2 * begun.length, length + part.length)));
        larger.set(begun.subarray(0, length));
        begun = larger;
      }
      begun.set(part, length);
      length += part.length;
      if (part.length === piece.length) continue;
      this.#rest = piece;
      this.#at = part.length;
      // Less than a piece is copied, so that no more is held back than that.
      if (piece.length - this.#at < size) this.#rest = this.#take();
    }
    return begun;
  }
}

/** How much memory pieces share that are valid one at a time. */
const KEPT_SIZE = 256 * 1024;

/**
 * Cuts bytes as {@linkcode PieceCutter} does, but all pieces lie in the same memory: each is valid until the next is asked for.
 *
 * Several pieces come of one read, and the memory stays in the cache of the processor.
 */
export class ReusingCutter {
  readonly #read: (memory: Bytes) => Promise<Bytes | null>;
  readonly #size: number | null;
  #memory: Bytes;
  /** What has been read and not been handed out. Pieces begin at multiples of their size, so nothing has to be moved. */
  #start = 0;
  #end = 0;
  #ended = false;

  /**
   * @param read reads into memory, and returns the beginning of it, or of that which has taken its place; empty or `null` at
   * the end.
   * @param size length of the pieces, `null` for pieces as they arrive.
   */
  constructor(read: (memory: Bytes) => Promise<Bytes | null>, size: number | null) {
    this.#read = read;
    this.#size = size;
    const fits = size !== null && size < KEPT_SIZE;
    this.#memory = new Uint8Array(fits ? KEPT_SIZE - KEPT_SIZE % size : KEPT_SIZE);
  }

  /** The next piece; `null` at the end. One call at a time. */
  async next(): Promise<Bytes | null> {
    const least = this.#size ?? 1;
    while (this.#end - this.#start < least && !this.#ended) await this.#fill(least);
    const left = this.#end - this.#start;
    if (left === 0) return null;
    return this.#memory.subarray(this.#start, this.#start += Math.min(left, this.#size ?? left));
  }

  async #fill(least: number): Promise<void> {
    if (this.#start === this.#end) this.#start = this.#end = 0;
    if (this.#end === this.#memory.length) {
      // Doubled as the bytes arrive, because the size may be any number.
      const larger = new Uint8Array(Math.min(least, 2 * this.#memory.length));
      larger.set(this.#memory);
      this.#memory = larger;
    }
    const part = await this.#read(this.#memory.subarray(this.#end));
    this.#ended = part === null || part.length === 0;
    if (part === null) return;
    this.#memory = new Uint8Array(part.buffer);
    this.#end = Math.min(this.#end + part.length, this.#memory.length);
  }
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
