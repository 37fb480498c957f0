/**
 * One connection with its reader, in use for one exchange after another or idle between them.
 *
 * @module
 */

import { type ByteSink, type ByteSource, MessageReader } from "../../http1/mod.ts";
import { StallTimer } from "../_stall_timer.ts";
import type { Transport } from "./transport.ts";

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
export class WireConnection implements ByteSource, ByteSink {
  /** Reads the responses. */
  readonly reader: MessageReader;
  /** What the bytes go over. */
  readonly transport: Transport;
  /** Whether it has carried an exchange before. */
  reused = false;
  /** Why it was closed, if not because all was done. */
  failure: { readonly error: unknown } | null = null;
  #closed = false;
  /** Which parking the present one is; 0 while in use. */
  #parking = 0;
  #parkings = 0;
  #stall: StallTimer | null = null;
  #unlisten: (() => void) | null = null;

  /** Takes over a connection that is open. */
  constructor(transport: Transport) {
    this.transport = transport;
    this.reader = new MessageReader(this);
  }

  /** Whether it cannot be used any more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Begins an exchange: the peer is waited for from now on. */
  begin({ limit, onStall, signal }: ExchangeLimits): void {
    if (limit !== null) {
      this.#stall = new StallTimer(limit, () => this.fail(onStall()));
      this.#stall.resume();
    }
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

  /** Not the peer is waited for now, but somebody here. */
  pauseLimit(): void {
    this.#stall?.pause();
  }

  /** The peer is waited for again. */
  resumeLimit(): void {
    this.#stall?.resume();
  }

  /** Closes the connection; what waits for it fails with `error`. */
  fail(error: unknown): void {
    if (this.#closed) return;
    this.failure = { error };
    this.close();
  }

  /** Closes the connection. It may be called any number of times. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.end();
    this.transport.close();
  }

  /**
   * Has the idle connection watched. It does not keep the program running meanwhile.
   *
   * @param onGone called when the server closes it, or sends something that nobody asked for.
   */
  park(onGone: () => void): void {
    this.transport.unref();
    const parking = this.#parking = ++this.#parkings;
    const gone = () => {
      if (this.#parking === parking) onGone();
      // The read was begun before there was a limit.
      else this.#stall?.touch();
    };
    // What is wrong with it is of no interest: nobody is using it. The next exchange waits for the same read.
    this.reader.prefetch().then(gone, gone);
  }

  /** Takes the connection into use again. */
  unpark(): void {
    this.#parking = 0;
    this.transport.ref();
  }

  /** {@inheritDoc ByteSource.read} */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#watch(this.transport.read(buffer));
  }

  /** {@inheritDoc ByteSink.write} */
  write(bytes: Uint8Array): Promise<number> {
    return this.#watch(this.transport.write(bytes));
  }

  /** The limit begins anew when bytes have moved. Where there is none, nothing has to wait for that. */
  #watch<T>(moving: Promise<T>): Promise<T> {
    return this.#stall === null ? moving : this.#touchAfter(moving);
  }

  async #touchAfter<T>(moving: Promise<T>): Promise<T> {
    const moved = await moving;
    this.#stall?.touch();
    return moved;
  }
}
