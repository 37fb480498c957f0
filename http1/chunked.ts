/** The chunked transfer coding (RFC 9112 §7.1), received. */

import { type FieldLine, parseFieldLines } from "./fields.ts";
import { decodeLatin1 } from "./latin1.ts";
import type { Limits } from "./limits.ts";
import { LineScanner } from "./line_scanner.ts";
import { excerpt, ProtocolError } from "./protocol_error.ts";

const LF = 10;
const CR = 13;
const HTAB = 9;
const SP = 32;
const DEL = 127;
const SEMICOLON = 59;

/** Values of hexadecimal digits by character code; -1 for all others. */
const HEX_VALUES = new Int8Array(256).fill(-1);
for (let value = 0; value < 16; value++) {
  const digit = value.toString(16);
  HEX_VALUES[digit.charCodeAt(0)] = HEX_VALUES[digit.toUpperCase().charCodeAt(0)] = value;
}

/** What comes next. `"data-end"` is the line end behind the data of a chunk. */
type State = "size" | "data" | "data-end" | "trailers" | "done";

/** Where a chunked body stands. It is told about bytes and keeps none. */
export class ChunkedDecoder {
  /** Bytes of data left in the chunk. */
  remaining = 0;
  /** The trailer fields, once they have come. */
  trailers: readonly FieldLine[] = [];

  readonly #limits: Limits;
  readonly #strict: boolean;
  readonly #scanner = new LineScanner();
  #state: State = "size";

  /**
   * Begins with a body.
   *
   * @param limits Bounds of chunk lines and trailers.
   * @param strict Refuses a bare LF behind sizes and data: where peers differ about it, requests can be smuggled. Clients
   *   may take it, as servers send it.
   */
  constructor(limits: Limits, strict: boolean) {
    this.#limits = limits;
    this.#strict = strict;
  }

  /** Whether the body and its trailers have come to their end. */
  get done(): boolean {
    return this.#state === "done";
  }

  /** Whether data comes next. */
  get inData(): boolean {
    return this.#state === "data";
  }

  /** Counts data as used, at most {@linkcode ChunkedDecoder.remaining} bytes. */
  consume(count: number): void {
    this.remaining -= count;
    if (this.remaining === 0) this.#state = "data-end";
  }

  /**
   * Reads one part of what is not data: a chunk line, the line end behind data, or the trailer section.
   *
   * @returns Where the next part begins; -1 if this one has not arrived whole.
   * @throws {ProtocolError} `"bad-chunk"`, `"bad-field"` or `"too-large"`. The next call says the same.
   */
  advance(bytes: Uint8Array, start: number, end: number): number {
    switch (this.#state) {
      case "size":
        return this.#readSize(bytes, start, end);
      case "data-end":
        return this.#readDataEnd(bytes, start, end);
      case "trailers":
        return this.#readTrailers(bytes, start, end);
      default:
        return start;
    }
  }

  #readSize(bytes: Uint8Array, start: number, end: number): number {
    const limit = Math.min(end, start + this.#limits.maxChunkLine);
    let index = start;
    let size = 0;
    for (let value: number; index < limit && (value = HEX_VALUES[bytes[index]!]!) >= 0; index++) {
      size = size * 16 + value;
      if (size > Number.MAX_SAFE_INTEGER) throw this.#badLine("a chunk size beyond 2^53", bytes, start, end);
    }
    if (index === start && index < limit) throw this.#badLine("no chunk size, but", bytes, start, end);
    const next = this.#endOfSizeLine(bytes, start, index, limit, end);
    if (next < 0) {
      if (limit < end || limit - start === this.#limits.maxChunkLine) {
        throw new ProtocolError(`Received a chunk line of more than ${this.#limits.maxChunkLine} bytes`, "too-large");
      }
      return -1;
    }
    this.remaining = size;
    this.#state = size === 0 ? "trailers" : "data";
    return next;
  }

  /** Goes from behind the digits to behind the line end; extensions (RFC 9112 §7.1.1) are ignored. */
  #endOfSizeLine(bytes: Uint8Array, start: number, index: number, limit: number, end: number): number {
    // White space counts only before an extension.
    let blanks = false;
    while (index < limit && (bytes[index] === SP || bytes[index] === HTAB)) {
      blanks = true;
      index++;
    }
    if (index === limit) return -1;
    if (bytes[index] === SEMICOLON) {
      while (index < limit && isExtensionByte(bytes[index]!)) index++;
    } else if (blanks) throw this.#badLine("white space in the chunk line", bytes, start, end);
    if (index === limit) return -1;

    if (bytes[index] === LF && !this.#strict) return index + 1;
    if (bytes[index] === CR) {
      if (index + 1 === limit) return -1;
      if (bytes[index + 1] === LF) return index + 2;
    }
    throw this.#badLine("a chunk line that is not valid:", bytes, start, end);
  }

  #readDataEnd(bytes: Uint8Array, start: number, end: number): number {
    if (start === end) return -1;
    let next = -1;
    if (bytes[start] === LF && !this.#strict) next = start + 1;
    else if (bytes[start] === CR) {
      if (start + 1 === end) return -1;
      if (bytes[start + 1] === LF) next = start + 2;
    }
    if (next < 0) throw this.#badLine("more data than the chunk size says:", bytes, start, end);
    this.#state = "size";
    return next;
  }

  #readTrailers(bytes: Uint8Array, start: number, end: number): number {
    const scanner = this.#scanner;
    const { maxTrailerSize, maxFields } = this.#limits;
    const length = scanner.scan(bytes, start, end);
    if (length > maxTrailerSize || (length < 0 && end - start >= maxTrailerSize)) {
      throw new ProtocolError(`Received trailers of more than ${maxTrailerSize} bytes`, "too-large");
    }
    if (length < 0) return -1;
    if (scanner.firstLineFeed < length - 1) {
      const text = decodeLatin1(bytes.subarray(start, start + length));
      this.trailers = parseFieldLines(text, 0, { maxFields, suspicious: scanner.suspicious });
    }
    this.#state = "done";
    return start + length;
  }

  #badLine(what: string, bytes: Uint8Array, start: number, end: number): ProtocolError {
    // A little more than what is quoted, so that the cut shows.
    const received = decodeLatin1(bytes.subarray(start, Math.min(end, start + 100)));
    const line = /^[^\n]*?(?=\r?\n|$)/.exec(received)?.[0];
    return new ProtocolError(`Received ${what} ${excerpt(line || received)}`, "bad-chunk");
  }
}

function isExtensionByte(byte: number): boolean {
  return byte === HTAB || (byte >= SP && byte !== DEL);
}
