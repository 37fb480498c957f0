/** One sending of a request body: counted, closed on every path, and for `fetch` in the form that it has to get. */

import { RequestException } from "./errors.ts";
import type { StreamBody } from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const PIECE_SIZE = 64 * 1024;

/**
 * A blob of known length whose bytes come from a stream, so that `fetch` sends `Content-Length` and not chunks.
 *
 * It stands for bytes in memory as well: `fetch` sends a request whose body is an array a second time, without a word, when
 * a kept connection breaks, though the server may have acted on the first. It never does so with a blob.
 */
class SizedBody extends Blob {
  readonly #size: number;
  readonly #stream: () => ReadableStream<Bytes>;

  constructor(size: number, stream: () => ReadableStream<Bytes>) {
    super([]);
    this.#size = size;
    this.#stream = stream;
  }

  override get size(): number {
    return this.#size;
  }

  override get type(): string {
    return "";
  }

  override stream(): ReadableStream<Bytes> {
    return this.#stream();
  }
}

/** Who is to be told how a sending goes. */
export interface UploadProgress {
  /** The source is asked for a piece: now it takes the time. */
  pause(): void;
  /** A piece is handed over: now the network takes the time. */
  restart(): void;
}

/** One sending of a body, whoever sends it. */
export class Upload {
  /** What goes to `fetch` as its `body`. */
  readonly init: Blob | Bytes | ReadableStream<Bytes>;
  /** What reading the body threw. `fetch` reports only its text. */
  failure: { readonly error: unknown } | null = null;
  readonly #source: Bytes | StreamBody;
  readonly #length: number | null;
  readonly #progress: UploadProgress;
  #reader: ReadableStreamDefaultReader<Bytes> | null = null;
  #cancelled = false;

  /**
   * @param source the body; a stream is opened when `fetch` takes it.
   * @param length how many bytes to send, more than none; `null` sends chunks.
   * @param progress told how the sending goes.
   * @param sized whether `fetch` asks a blob for its size and stream, as Deno's does. Elsewhere bytes are handed over as
   * they are, and a stream goes without its length.
   */
  constructor(source: Bytes | StreamBody, length: number | null, progress: UploadProgress, sized: boolean) {
    this.#source = source;
    this.#length = length;
    this.#progress = progress;
    if (!sized && source instanceof Uint8Array) this.init = source;
    else this.init = length === null || !sized ? this.#open() : new SizedBody(length, () => this.#open());
  }

  /** Closes the source, should it not have been read to its end. What is sent by then never looks like a whole body. */
  async cancel(reason: unknown): Promise<void> {
    this.#cancelled = true;
    await this.#reader?.cancel(reason);
  }

  #open(): ReadableStream<Bytes> {
    let next = this.#source instanceof Uint8Array ? sliced(this.#source) : null;
    let count = 0;
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        this.#progress.pause();
        try {
          next ??= this.#pieces(this.#source as StreamBody);
          const piece = await next();
          count += piece?.length ?? 0;
          this.#checkCount(count, piece === null);
          // A surplus that begins with a piece of its own would never be asked for. The last piece waits for the end.
          if (piece !== null && count === this.#length) {
            for (let more = await next(); more !== null; more = await next()) {
              this.#checkCount(count += more.length, false);
            }
          }
          // A source that is cancelled ends. Chunks would then end, too, as if all of them had been sent.
          if (this.#cancelled) throw new Error("The body was given up before its end");
          if (piece === null) controller.close();
          else controller.enqueue(piece);
        } catch (error) {
          if (!this.#cancelled) this.failure ??= { error };
          // Not waited for: the request must not hang on a source that cannot be closed. Its own error is reported.
          this.cancel(error).catch(() => {});
          throw error;
        } finally {
          this.#progress.restart();
        }
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  #pieces(source: StreamBody): () => Promise<Bytes | null> {
    const reader = this.#reader = source.open().getReader();
    return async () => {
      const { done, value } = await reader.read();
      return done ? null : value;
    };
  }

  /** `fetch` would cut a body that is too long, without a word. */
  #checkCount(count: number, ended: boolean): void {
    const length = this.#length;
    if (length === null || (ended ? count === length : count <= length)) return;
    throw new RequestException(
      `The body has ${ended ? `only ${count}` : `more than ${length}`} bytes, but its Content-Length is ${length}. ` +
        "Leave Content-Length out to send a body of unknown length.",
    );
  }
}

function sliced(bytes: Bytes): () => Promise<Bytes | null> {
  let at = 0;
  return () => {
    const piece = at < bytes.length ? bytes.subarray(at, at + PIECE_SIZE) : null;
    at += PIECE_SIZE;
    return Promise.resolve(piece);
  };
}
