/** A transport without a socket: what the peer says is known in advance, and comes in pieces of any size. */

import type { TlsInfo } from "../../../client/connection_info.ts";
import type { Transport } from "../../../client/wire/transport.ts";

/** See the top of the file. */
export class ScriptedTransport implements Transport {
  readonly tls: TlsInfo | null = null;
  readonly localAddress: string | null = null;
  readonly remoteAddress: string | null = null;
  /** Everything that was written. */
  readonly written: number[] = [];
  #rest: Uint8Array;
  readonly #piece: number;

  /**
   * @param answer what the peer says; then it ends.
   * @param piece how many bytes arrive at a time, and are taken at a time.
   */
  constructor(answer: Iterable<number>, piece = Infinity) {
    this.#rest = Uint8Array.from(answer);
    this.#piece = piece;
  }

  /** What nobody has read. */
  get unread(): Uint8Array {
    return this.#rest;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest.length === 0) return Promise.resolve(null);
    const bytes = this.#rest.subarray(0, Math.min(this.#piece, buffer.length));
    this.#rest = this.#rest.subarray(bytes.length);
    buffer.set(bytes);
    return Promise.resolve(bytes.length);
  }

  write(bytes: Uint8Array): Promise<number> {
    const taken = bytes.subarray(0, this.#piece);
    this.written.push(...taken);
    return Promise.resolve(taken.length);
  }

  close(): void {}
  ref(): void {}
  unref(): void {}
}
