/** A response body as a source, with a limit on how long its sender may stay silent. */

import { StallTimer } from "./_stall_timer.ts";
import { type BodySource, StreamSource } from "./body_source.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What a {@linkcode WatchedSource} looks after. */
export interface BodyWatch {
  /** How long to wait for the next bytes, in seconds; `null` is for ever. */
  readonly limit: number | null;
  /** Makes the error for a body that stayed silent for longer. */
  readonly onStall: () => Error;
  /** Gives the body up; reading fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Whether the limit keeps the program running, for a stream with nothing behind it that would. Default: false. */
  readonly holds?: boolean;
}

/**
 * A stream under watch. Only time in which the reader waits counts.
 *
 * It costs less than a stream around the stream, and leaves the reader the ways to read that the stream has.
 */
export class WatchedSource implements BodySource {
  readonly #source: StreamSource;
  readonly #timer: StallTimer | null;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#fail(this.#signal!.reason);
  #failure: { readonly error: unknown } | null = null;

  /**
   * Reads nothing yet.
   *
   * @param stream the body.
   * @param watch see {@linkcode BodyWatch}.
   */
  constructor(stream: ReadableStream<Bytes>, { limit, onStall, signal, holds = false }: BodyWatch) {
    this.#timer = limit === null ? null : new StallTimer(limit, () => this.#fail(onStall()), holds);
    // A piece that arrives bit by bit is no silence.
    this.#source = new StreamSource(stream, undefined, () => this.#timer?.touch());
    this.#signal = signal;
    if (signal?.aborted) this.#onAbort();
    else signal?.addEventListener("abort", this.#onAbort);
  }

  /** {@inheritDoc BodySource.read} */
  async read(size?: number): Promise<Bytes | null> {
    const piece = await this.#watched(this.#source.read(size));
    if (piece === null) this.#end();
    return piece;
  }

  /** {@inheritDoc BodySource.readInto} */
  async readInto(memory: Bytes): Promise<Bytes> {
    const piece = await this.#watched(this.#source.readInto(memory));
    if (piece.length === 0) this.#end();
    return piece;
  }

  /** {@inheritDoc BodySource.cancel} */
  async cancel(reason?: unknown): Promise<void> {
    this.#end();
    await this.#source.cancel(reason);
  }

  async #watched<T>(reading: Promise<T>): Promise<T> {
    this.#timer?.resume();
    try {
      const result = await reading;
      if (this.#failure !== null) throw this.#failure.error;
      return result;
    } catch (error) {
      this.#end();
      throw this.#failure === null ? error : this.#failure.error;
    } finally {
      this.#timer?.pause();
    }
  }

  #fail(error: unknown): void {
    this.#failure = { error };
    this.#end();
    // What cancelling may throw is of no interest next to the error that is reported. The pending read ends by it.
    this.#source.cancel(error).catch(() => {});
  }

  #end(): void {
    this.#timer?.end();
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
