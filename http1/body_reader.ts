/** The body of a message, received. */

import { ChunkedDecoder } from "./chunked.ts";
import type { FieldLine } from "./fields.ts";
import type { Framing } from "./framing.ts";
import type { Limits } from "./limits.ts";
import { ProtocolError } from "./protocol_error.ts";
import type { ReceiveBuffer } from "./receive_buffer.ts";

/** Memory that `readAll()` takes ahead of what has arrived, at most. */
const STEP = 1_048_576;

/** Reads into smaller memory than this go through the buffer, which asks the source for more at a time. */
const MIN_DIRECT = 4096;

/** A body, without its framing. One who reads at a time. */
export class BodyReader {
  /** Where the body ends. */
  readonly framing: Framing;

  readonly #buffer: ReceiveBuffer;
  readonly #decoder: ChunkedDecoder | null;
  /** Bytes left of a body of known length; infinite where the connection ends it. */
  #remaining: number;
  #done: boolean;

  /** Begins with the body that lies at the start of `buffer`; for {@linkcode MessageReader.body}. */
  constructor(buffer: ReceiveBuffer, framing: Framing, limits: Limits, strict: boolean) {
    this.framing = framing;
    this.#buffer = buffer;
    this.#decoder = framing.kind === "chunked" ? new ChunkedDecoder(limits, strict) : null;
    this.#remaining = framing.kind === "length" ? framing.length : framing.kind === "close" ? Infinity : 0;
    this.#done = framing.kind !== "chunked" && this.#remaining === 0;
  }

  /** Whether the end was reached; then the connection stands at the next message. */
  get done(): boolean {
    return this.#done;
  }

  /** The trailer fields, once the body is done; they are no fields of the head, whatever their names say. */
  get trailers(): readonly FieldLine[] {
    return this.#decoder?.trailers ?? [];
  }

  /**
   * Reads the next piece, as large as what has arrived.
   *
   * @returns Bytes to keep, never none; `null` at the end.
   * @throws {ProtocolError} If the body ends too early or its chunks are not valid.
   */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    for (;;) {
      const count = this.#available();
      if (count > 0) {
        const piece = this.#buffer.take(count);
        this.#consume(count);
        return piece;
      }
      if (this.#done) return null;
      if (await this.#buffer.fill() === null) this.#end();
    }
  }

  /**
   * Reads what has arrived into the memory of the caller.
   *
   * @param target Memory for at least one byte.
   * @returns The number of bytes, `null` at the end.
   * @throws {ProtocolError} If the body ends too early or its chunks are not valid.
   */
  async readInto(target: Uint8Array): Promise<number | null> {
    if (target.length === 0) return this.#done ? null : 0;
    for (;;) {
      const copied = this.#copyAvailable(target);
      if (copied > 0) return copied;
      if (this.#done) return null;
      const limit = Math.min(target.length, this.#decoder === null ? this.#remaining : this.#decoder.remaining);
      // What belongs to the body as far as it is known needs no stop in the buffer.
      if (limit >= MIN_DIRECT && this.#buffer.length === 0 && !this.#buffer.pending) {
        const count = await this.#buffer.readInto(target.subarray(0, limit));
        if (count !== null) {
          this.#consume(count);
          return count;
        }
        this.#end();
      } else if (await this.#buffer.fill() === null) this.#end();
    }
  }

  /** Takes everything that is left, if its length is known and all of it has arrived; `null` if it has to be waited for. */
  takeWhole(): Uint8Array<ArrayBuffer> | null {
    if (this.#decoder !== null || this.#remaining > this.#buffer.length) return null;
    const whole = this.#buffer.copy(this.#remaining);
    this.#consume(whole.length);
    return whole;
  }

  /**
   * Reads everything that is left. Memory grows with what arrives, not with the length that was announced: up to 1 MiB is
   * taken at once, more only when a quarter of it has come.
   *
   * @throws {ProtocolError} If the body ends too early or its chunks are not valid.
   */
  async readAll(): Promise<Uint8Array<ArrayBuffer>> {
    const whole = this.takeWhole();
    if (whole !== null) return whole;
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let total = 0;
    while (!this.#done) {
      const remaining = this.#decoder === null ? this.#remaining : Infinity;
      if (parts.length > 0 && remaining <= 3 * total) {
        return await this.#readRest(joined(parts, total + remaining), total);
      }
      // With no length to go by, what has arrived is often all there is.
      const size = total === 0 ? this.#buffer.length || MIN_DIRECT : Math.max(2 * total, MIN_DIRECT);
      const part = new Uint8Array(Math.min(remaining < Infinity ? remaining : size, STEP));
      const filled = await this.#fillPart(part, 0);
      if (this.#done && total === 0 && filled === part.length) return part;
      parts.push(filled === part.length ? part : part.subarray(0, filled));
      total += filled;
    }
    return joined(parts, total);
  }

  async #readRest(whole: Uint8Array<ArrayBuffer>, filled: number): Promise<Uint8Array<ArrayBuffer>> {
    await this.#fillPart(whole, filled);
    return whole;
  }

  /** Reads until `part` is full or the body is done, and returns up to where `part` is filled. */
  async #fillPart(part: Uint8Array<ArrayBuffer>, start: number): Promise<number> {
    let filled = start + this.#copyAvailable(start === 0 ? part : part.subarray(start));
    while (filled < part.length && !this.#done) {
      const count = await this.readInto(part.subarray(filled));
      if (count === null) break;
      filled += count;
    }
    return filled;
  }

  /** Copies content that lies in the buffer, of as many chunks as fit. */
  #copyAvailable(target: Uint8Array): number {
    let copied = 0;
    while (copied < target.length) {
      const count = Math.min(copied === 0 ? this.#available() : this.#availableBehind(), target.length - copied);
      if (count === 0) break;
      this.#buffer.copyTo(copied === 0 ? target : target.subarray(copied), count);
      this.#consume(count);
      copied += count;
    }
    return copied;
  }

  /** The same as `#available()` behind content that the caller must get first: an error waits for the next call. */
  #availableBehind(): number {
    try {
      return this.#available();
    } catch (error) {
      if (error instanceof ProtocolError) return 0;
      throw error;
    }
  }

  /** How much content lies next in the buffer. With 0, the body is done, or more must be read. */
  #available(): number {
    const buffer = this.#buffer;
    const decoder = this.#decoder;
    if (decoder === null) return Math.min(buffer.length, this.#remaining);
    while (!decoder.inData) {
      if (decoder.done) {
        this.#done = true;
        return 0;
      }
      const next = decoder.advance(buffer.bytes, buffer.start, buffer.end);
      if (next < 0) return 0;
      buffer.start = next;
    }
    return Math.min(buffer.length, decoder.remaining);
  }

  #consume(count: number): void {
    if (this.#decoder !== null) return this.#decoder.consume(count);
    this.#remaining -= count;
    if (this.#remaining === 0) this.#done = true;
  }

  /** The source has ended: that is the end of the body, or an error. */
  #end(): void {
    const { framing } = this;
    if (framing.kind === "close") {
      this.#remaining = 0;
      this.#done = true;
      return;
    }
    const where = framing.kind === "length"
      ? `after ${framing.length - this.#remaining} of ${framing.length} bytes of the body`
      : "before the end of the chunked body";
    throw new ProtocolError(`The peer closed the connection ${where}`, "early-end");
  }
}

/** The parts one after the other, in memory of `size` bytes. */
function joined(parts: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
