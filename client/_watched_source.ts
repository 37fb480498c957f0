/** A response body as a source, with a limit on how long its sender may stay silent. */

import { StallTimer } from "./_stall_timer.ts";
import { type BodySource, StreamSource } from "./body_source.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/**
 * A stream under watch. Only time in which the reader waits counts.
 *
 * It costs less than a stream around the stream, and leaves the reader the ways to read that the stream has.
 */
export class WatchedSource implements BodySource {
  readonly #source: StreamSource;
  readonly #timer: StallTimer;
  #failure: { readonly error: unknown } | null = null;

  /**
   * Touches nothing yet.
   *
   * @param stream the body.
   * @param limit how long to wait for the next bytes, in seconds.
   * @param onStall makes the error for a body that stayed silent for longer.
   */
  constructor(stream: ReadableStream<Bytes>, limit: number, onStall: () => Error) {
    this.#timer = new StallTimer(limit, () => this.#fail(onStall()), false);
    // A piece that arrives bit by bit is no silence.
    this.#source = new StreamSource(stream, undefined, () => this.#timer.touch());
  }

  /** {@inheritDoc BodySource.read} */
  async read(size?: number): Promise<Bytes | null> {
    const piece = await this.#watched(this.#source.read(size));
    if (piece === null) this.#timer.end();
    return piece;
  }

  /** {@inheritDoc BodySource.readInto} */
  async readInto(memory: Bytes): Promise<Bytes> {
    const piece = await this.#watched(this.#source.readInto(memory));
    if (piece.length === 0) this.#timer.end();
    return piece;
  }

  /** {@inheritDoc BodySource.cancel} */
  async cancel(reason?: unknown): Promise<void> {
    this.#timer.end();
    await this.#source.cancel(reason);
  }

  async #watched<T>(reading: Promise<T>): Promise<T> {
    this.#timer.resume();
    try {
      const result = await reading;
      if (this.#failure !== null) throw this.#failure.error;
      return result;
    } catch (error) {
      this.#timer.end();
      throw this.#failure === null ? error : this.#failure.error;
    } finally {
      this.#timer.pause();
    }
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    // What cancelling may throw is of no interest next to the error that is reported. The pending read ends by it.
    this.#source.cancel(error).catch(() => {});
  }
}
