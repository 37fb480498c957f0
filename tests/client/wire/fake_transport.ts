/** A connection without a net: what a test has arrive, and what it sees sent. */

import type { Transport } from "../../../client/wire/transport.ts";

/** See the top of the file. */
export class FakeTransport implements Transport {
  readonly tls = null;
  readonly localAddress = null;
  readonly remoteAddress = null;
  /** What was written, one character a byte. */
  sent = "";
  closed = false;
  isReferenced = true;
  readonly #arrived: (Uint8Array | null)[] = [];
  #waiting: (() => void) | null = null;

  /** Has bytes arrive; `null` ends the connection. */
  arrive(text: string | null): void {
    this.#arrived.push(text === null ? null : Uint8Array.from(text, (char) => char.charCodeAt(0)));
    this.#waiting?.();
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#arrived.length === 0) {
      if (this.closed) throw new Deno.errors.BadResource("closed");
      await new Promise<void>((resolve) => this.#waiting = resolve);
    }
    const bytes = this.#arrived.shift()!;
    if (bytes === null) return null;
    const count = Math.min(bytes.length, buffer.length);
    buffer.set(bytes.subarray(0, count));
    if (count < bytes.length) this.#arrived.unshift(bytes.subarray(count));
    return count;
  }

  write(bytes: Uint8Array): Promise<number> {
    if (this.closed) return Promise.reject(new Deno.errors.BadResource("closed"));
    this.sent += String.fromCharCode(...bytes);
    return Promise.resolve(bytes.length);
  }

  close(): void {
    this.closed = true;
    this.#waiting?.();
  }

  ref(): void {
    this.isReferenced = true;
  }

  unref(): void {
    this.isReferenced = false;
  }
}
