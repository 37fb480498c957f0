/**
 * The body of a request as a Python-like input stream.
 *
 * @module
 */

import { concatBytes } from "../bytes.ts";
import { within } from "./_time_limit.ts";

const EMPTY: Uint8Array<ArrayBuffer> = new Uint8Array(0);
const LF = 10;

/**
 * What a handler's `rfile` is: the body of the request, read in pieces or whole.
 *
 * Every read waits until it has what was asked for or the body has ended, as Python's buffered `rfile` does. Unlike there
 * the end of the body is known, so `read()` without a count returns instead of waiting for the connection to close.
 *
 * @example Read a body line by line
 * ```ts
 * import { RequestReader } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * const rfile = new RequestReader(new Request("http://localhost/", { method: "POST", body: "one\ntwo\nthree" }).body);
 * const decoder = new TextDecoder();
 * assert.equal(decoder.decode(await rfile.readline()), "one\n");
 * assert.equal(decoder.decode(await rfile.read(2)), "tw");
 * assert.equal(decoder.decode(await rfile.read()), "o\nthree");
 * assert.equal((await rfile.read()).length, 0);
 * ```
 */
export class RequestReader implements AsyncIterable<Uint8Array<ArrayBuffer>> {
  readonly #source: ReadableStreamDefaultReader<Uint8Array> | null;
  readonly #timeout: () => number | null;
  #buffer: Uint8Array<ArrayBuffer> = EMPTY;
  #ended: boolean;

  /**
   * Wraps the body of a request.
   *
   * @param body the stream, or `null` for a request without a body.
   * @param timeout gives the seconds that a read may wait for the client, or `null` for no limit; asked at each read.
   */
  constructor(body: ReadableStream<Uint8Array> | null, timeout: () => number | null = () => null) {
    this.#source = body?.getReader() ?? null;
    this.#ended = this.#source === null;
    this.#timeout = timeout;
  }

  /**
   * Reads `size` bytes, fewer only at the end of the body; all that is left when `size` is omitted, `null` or negative.
   *
   * At the end it gives an empty array.
   *
   * @throws {Deno.errors.TimedOut} when the client sends nothing for the handler's `timeout`.
   * @throws {TypeError} when the client goes away in the middle of the body.
   */
  async read(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    if (size === undefined || size === null || size < 0) {
      const chunks = [this.#take(this.#buffer.length)];
      while (await this.#fill()) chunks.push(this.#take(this.#buffer.length));
      return concatBytes(chunks);
    }
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let missing = size;
    while (missing > 0 && (this.#buffer.length > 0 || await this.#fill())) {
      const chunk = this.#take(Math.min(missing, this.#buffer.length));
      chunks.push(chunk);
      missing -= chunk.length;
    }
    return concatBytes(chunks);
  }

  /**
   * Reads what is there, and waits only when nothing is: at most `size` bytes if that is given, an empty array at the end.
   * For bodies that are passed on while they come.
   *
   * @throws {Deno.errors.TimedOut} when the client sends nothing for the handler's `timeout`.
   * @throws {TypeError} when the client goes away in the middle of the body.
   */
  async read1(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    if (size === 0 || (this.#buffer.length === 0 && !await this.#fill())) return EMPTY;
    const limit = size === undefined || size === null || size < 0 ? Infinity : size;
    return this.#take(Math.min(limit, this.#buffer.length));
  }

  /**
   * Reads up to and with the next LF, at most `size` bytes if that is given; an empty array at the end of the body.
   *
   * @throws {Deno.errors.TimedOut} when the client sends nothing for the handler's `timeout`.
   * @throws {TypeError} when the client goes away in the middle of the body.
   */
  async readline(size?: number | null): Promise<Uint8Array<ArrayBuffer>> {
    const limit = size === undefined || size === null || size < 0 ? Infinity : size;
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < limit && (this.#buffer.length > 0 || await this.#fill())) {
      const end = this.#buffer.indexOf(LF);
      const chunk = this.#take(Math.min(end < 0 ? this.#buffer.length : end + 1, limit - length));
      chunks.push(chunk);
      length += chunk.length;
      if (chunk.at(-1) === LF) break;
    }
    return concatBytes(chunks);
  }

  /**
   * Reads all lines that are left, each with its LF; stops after the line with which `hint` bytes are reached, if given.
   *
   * @throws {Deno.errors.TimedOut} when the client sends nothing for the handler's `timeout`.
   * @throws {TypeError} when the client goes away in the middle of the body.
   */
  async readlines(hint?: number | null): Promise<Uint8Array<ArrayBuffer>[]> {
    const lines: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for await (const line of this) {
      lines.push(line);
      length += line.length;
      if (hint !== undefined && hint !== null && hint > 0 && length >= hint) break;
    }
    return lines;
  }

  /** Iterates over the lines, as a Python file does. Leaving the loop early leaves the rest to be read. */
  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array<ArrayBuffer>> {
    for (let line = await this.readline(); line.length > 0; line = await this.readline()) yield line;
  }

  /** Gives up the rest of the body; the server calls it when the handler is done. */
  close(): void {
    this.#buffer = EMPTY;
    if (this.#ended) return;
    this.#ended = true;
    // Not awaited: the answer does not depend on it, and a sync handler stays sync.
    this.#source?.cancel().catch(() => {});
  }

  /** Waits for the next piece; `false` at the end. */
  async #fill(): Promise<boolean> {
    while (!this.#ended) {
      const read = this.#source!.read();
      const { done, value } = await within(read, this.#timeout(), "Cannot read the request: the client sent nothing");
      if (done) this.#ended = true;
      else if (value.length > 0) {
        this.#buffer = value as Uint8Array<ArrayBuffer>;
        return true;
      }
    }
    return false;
  }

  #take(length: number): Uint8Array<ArrayBuffer> {
    const chunk = this.#buffer.subarray(0, length);
    this.#buffer = this.#buffer.subarray(length);
    return chunk;
  }
}
