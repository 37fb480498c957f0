/**
 * One connection with its reader, in use for one exchange after another or idle between them.
 *
 * @module
 */

import type { ByteSink, ByteSource } from "../../http1/mod.ts";
import { MessageReader } from "../../http1/mod.ts";
import type { WireConnection } from "./connection.ts";
import { StallTimer } from "./stall_timer.ts";

/** Nothing may arrive on an idle connection, so that one byte is enough to look at. */
const IDLE_BUFFER_SIZE = 16 * 1024;

/** What limits an exchange. */
export interface ExchangeLimits {
  /** How long the peer may stay silent, in seconds; `null` is for ever. */
  readonly limit: number | null;
  /** Makes the error for a peer that stayed silent for longer. */
  readonly onStall: () => Error;
  /** Gives the exchange up; it fails with the signal's reason. */
  readonly signal: AbortSignal | undefined;
}

/** A connection that carries one exchange at a time. */
export class HttpConnection implements ByteSource, ByteSink {
  /** Reads the responses. */
  readonly reader: MessageReader;
  /** Whether it has carried an exchange before. */
  reused = false;
  /** Why it was closed, if not because all was done. */
  failure: { readonly error: unknown } | null = null;
  readonly #connection: WireConnection;
  #closed = false;
  /** The read that looks after the idle connection; it goes on into the next exchange. */
  #watch: { readonly buffer: Uint8Array; readonly read: Promise<number | null> } | null = null;
  #stall: StallTimer | null = null;
  #unlisten: (() => void) | null = null;

  /** Takes over a connection that is open. */
  constructor(connection: WireConnection) {
    this.#connection = connection;
    this.reader = new MessageReader(this);
  }

  /** What is known about the connection. */
  get info(): WireConnection["info"] {
    return this.#connection.info;
  }

  /** Whether it cannot be used any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Begins an exchange. */
  begin({ limit, onStall, signal }: ExchangeLimits): void {
    if (limit !== null) this.#stall = new StallTimer(limit, () => this.fail(onStall()));
    if (signal === undefined) return;
    if (signal.aborted) return this.fail(signal.reason);
    const onAbort = () => this.fail(signal.reason);
    signal.addEventListener("abort", onAbort);
    this.#unlisten = () => signal.removeEventListener("abort", onAbort);
  }

  /** Ends an exchange: neither limit nor signal counts any more. */
  end(): void {
    this.#stall?.end();
    this.#stall = null;
    this.#unlisten?.();
    this.#unlisten = null;
    this.reused = true;
  }

  /** Not the peer is waited for, but a piece of the body to send. */
  pauseLimit(): void {
    this.#stall?.pause();
  }

  /** The peer is waited for again. */
  restartLimit(): void {
    this.#stall?.restart();
  }

  /** Closes the connection; what waits for it fails with `error`. */
  fail(error: unknown): void {
    this.failure ??= { error };
    this.close();
  }

  /** Closes the connection. It may be called any number of times. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.end();
    this.#connection.close();
  }

  /**
   * Has the idle connection watched. It does not keep the program running meanwhile.
   *
   * @param onGone called when the server closes it, or sends something that nobody asked for.
   */
  park(onGone: () => void): void {
    this.#connection.unref();
    const buffer = new Uint8Array(IDLE_BUFFER_SIZE);
    const read = this.#connection.read(buffer);
    const watch = this.#watch = { buffer, read };
    const gone = () => {
      if (this.#watch === watch) onGone();
    };
    // What is wrong with it is of no interest: nobody is using it.
    read.then(gone, gone);
  }

  /** Takes the connection into use again. */
  unpark(): void {
    const watch = this.#watch!;
    // The next exchange reads what this read brings.
    this.#watch = null;
    this.#resumed = watch;
    this.#connection.ref();
  }

  /** {@inheritDoc ByteSource.read} */
  read(buffer: Uint8Array): Promise<number | null> {
    const move = this.#resumed === null ? this.#connection.read(buffer) : this.#finishWatch(buffer);
    return this.#stall === null ? move : this.#stall.during(move);
  }

  /** {@inheritDoc ByteSink.write} */
  write(bytes: Uint8Array): Promise<number> {
    const move = this.#connection.write(bytes);
    return this.#stall === null ? move : this.#stall.during(move);
  }

  /** Writes all of some bytes. */
  async writeAll(bytes: Uint8Array): Promise<void> {
    for (let sent = await this.write(bytes); sent < bytes.length;) sent += await this.write(bytes.subarray(sent));
  }

  #resumed: { readonly buffer: Uint8Array; readonly read: Promise<number | null> } | null = null;
  #rest: Uint8Array | null = null;

  async #finishWatch(buffer: Uint8Array): Promise<number | null> {
    if (this.#rest === null) {
      const { buffer: source, read } = this.#resumed!;
      const count = await read;
      if (count === null) {
        this.#resumed = null;
        return null;
      }
      this.#rest = source.subarray(0, count);
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = count < this.#rest.length ? this.#rest.subarray(count) : null;
    if (this.#rest === null) this.#resumed = null;
    return count;
  }
}
