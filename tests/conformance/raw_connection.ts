/**
 * A TCP connection that is read piece by piece, with a limit on its whole life.
 *
 * @module
 */

import { decodeLatin1 } from "./latin1.ts";
import type { WirePiece } from "./request_bytes.ts";

const CONNECTION_LIMIT_MS = 10_000;
const LINE_LIMIT_BYTES = 1 << 20;
const LF = 10;

/** What waiting for bytes came to. */
export type Arrival = "data" | "end" | "reset" | "quiet";

/** One connection to the server under test. */
export class RawConnection implements AsyncDisposable {
  readonly #conn: Deno.TcpConn;
  readonly #limit: ReturnType<typeof setTimeout>;
  #limitReached = false;
  #buffer = new Uint8Array(0);
  #reading: Promise<Exclude<Arrival, "quiet"> | Error> | undefined;
  #sending: Promise<void> = Promise.resolve();

  private constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.#limit = setTimeout(() => {
      this.#limitReached = true;
      conn.close();
    }, CONNECTION_LIMIT_MS);
  }

  /** Connects to a port of the loopback interface. */
  static async open(port: number): Promise<RawConnection> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    // Otherwise the kernel may join pieces that a case wants to arrive one by one.
    conn.setNoDelay(true);
    return new RawConnection(conn);
  }

  /** How many bytes have arrived that nobody has taken. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /** Begins to send; the answer can be read meanwhile, so that two full buffers cannot block each other. */
  startSending(pieces: readonly WirePiece[]): void {
    // A server may answer and close before it has read everything. If it does not answer, reading the answer fails.
    this.#sending = this.#send(pieces).catch(() => {});
  }

  /** Waits until all is sent, or cannot be sent. */
  async finishSending(): Promise<void> {
    await this.#sending;
  }

  async #send(pieces: readonly WirePiece[]): Promise<void> {
    for (const { pauseMs, bytes } of pieces) {
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
      for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
    }
  }

  /**
   * Waits for more bytes, at most `waitMs` milliseconds if that is given.
   *
   * @throws {Error} If the connection's time is over, or reading fails otherwise than by a reset.
   */
  async more(waitMs?: number): Promise<Arrival> {
    this.#reading ??= this.#readOnce();
    const arrival = waitMs === undefined ? await this.#reading : await quietAfter(this.#reading, waitMs);
    if (arrival === "quiet") return arrival;
    if (arrival === "data") this.#reading = undefined;
    if (arrival instanceof Error) throw arrival;
    return arrival;
  }

  async #readOnce(): Promise<Exclude<Arrival, "quiet"> | Error> {
    const chunk = new Uint8Array(1 << 16);
    try {
      const count = await this.#conn.read(chunk);
      if (count === null) return "end";
      const joined = new Uint8Array(this.#buffer.length + count);
      joined.set(this.#buffer);
      joined.set(chunk.subarray(0, count), this.#buffer.length);
      this.#buffer = joined;
      return "data";
    } catch (error) {
      // Handed on as a value: after a quiet time nobody may be waiting, and the rejection would count as unhandled.
      if (this.#limitReached) return new Error(`Cannot read on: ${CONNECTION_LIMIT_MS / 1000} s are over`);
      if (error instanceof Deno.errors.ConnectionReset) return "reset";
      return error instanceof Error ? error : new Error(String(error));
    }
  }

  /**
   * Takes one line without its LF.
   *
   * @throws {Error} If the stream ends first.
   */
  async line(what: string): Promise<string> {
    let at = this.#buffer.indexOf(LF);
    while (at < 0 && this.#buffer.length < LINE_LIMIT_BYTES) {
      await this.#moreOrFail(what);
      at = this.#buffer.indexOf(LF);
    }
    if (at < 0) throw new Error(`Cannot read ${what}: no line end in ${this.#buffer.length} bytes`);
    return decodeLatin1(this.take(at + 1).subarray(0, at));
  }

  /**
   * Takes exactly that many bytes.
   *
   * @throws {Error} If the stream ends first.
   */
  async exactly(count: number, what: string): Promise<Uint8Array> {
    while (this.#buffer.length < count) await this.#moreOrFail(`${what} of ${count} bytes`);
    return this.take(count);
  }

  async #moreOrFail(what: string): Promise<void> {
    const arrival = await this.more();
    if (arrival !== "data") {
      const start = JSON.stringify(decodeLatin1(this.#buffer.subarray(0, 80)));
      throw new Error(`Cannot read ${what}: ${arrival} of stream after ${this.#buffer.length} bytes ${start}`);
    }
  }

  /** Takes bytes that have arrived already: that many, or all. */
  take(count: number = this.#buffer.length): Uint8Array {
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return taken;
  }

  /** Closes the connection and waits for what is still under way on it. */
  async close(): Promise<void> {
    clearTimeout(this.#limit);
    if (!this.#limitReached) this.#conn.close();
    await this.#reading;
    await this.#sending;
  }

  /** Closes at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

async function quietAfter<T>(arrival: Promise<T>, waitMs: number): Promise<T | "quiet"> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const quiet = new Promise<"quiet">((resolve) => timer = setTimeout(() => resolve("quiet"), waitMs));
  try {
    return await Promise.race([arrival, quiet]);
  } finally {
    clearTimeout(timer);
  }
}
