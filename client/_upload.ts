/** One sending of a request body: counted, closed on every path, and for `fetch` in the form that it has to get. */

import { Ballast } from "./_ballast.ts";
import { type BodyPull, PulledBody } from "./_pulled_body.ts";
import { RequestException } from "./errors.ts";
import type { StreamBody } from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Pieces for `fetch`, each in memory of its own. Each costs a turn through a thread that reads the file. */
const PIECE_SIZE = 128 * 1024;

/** Pieces that are all in the same memory: a larger one costs nothing but once. */
const KEPT_SIZE = 256 * 1024;

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
  /** What reading the body threw. `fetch` reports only its text. */
  failure: { readonly error: unknown } | null = null;
  readonly #source: Bytes | StreamBody;
  readonly #length: number | null;
  readonly #progress: UploadProgress;
  readonly #sized: boolean;
  readonly #ballast = new Ballast();
  #init: Blob | Bytes | ReadableStream<Bytes> | null = null;
  #pull: BodyPull | null = null;
  #reader: ReadableStreamDefaultReader<Bytes> | null = null;
  /** How much of the body has been read. */
  #count = 0;
  #kept: Bytes | null = null;
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
    this.#sized = sized;
  }

  /** What goes to `fetch` as its `body`. */
  get init(): Blob | Bytes | ReadableStream<Bytes> {
    return this.#init ??= this.#makeInit();
  }

  /** The next piece, to be sent before the next call, which may write over it; `null` at the end. In place of `init`. */
  next(): Promise<Bytes | null> {
    return this.#next(() => this.#kept ??= new Uint8Array(Math.min(this.#length ?? KEPT_SIZE, KEPT_SIZE)));
  }

  /** Closes the source, should it not have been read to its end. What is sent by then never looks like a whole body. */
  async cancel(reason: unknown): Promise<void> {
    this.#cancelled = true;
    this.#pull?.close();
    await this.#reader?.cancel(reason);
  }

  #makeInit(): Blob | Bytes | ReadableStream<Bytes> {
    if (!this.#sized && this.#source instanceof Uint8Array) return this.#source;
    return this.#length === null || !this.#sized ? this.#open() : new SizedBody(this.#length, () => this.#open());
  }

  #open(): ReadableStream<Bytes> {
    const memory = () => new Uint8Array(PIECE_SIZE);
    return new ReadableStream<Bytes>({
      pull: async (controller) => {
        const piece = await this.#next(memory);
        if (piece === null) return controller.close();
        // Views of bytes in memory leave nothing to collect.
        if (!(this.#source instanceof Uint8Array)) this.#ballast.add(piece.length);
        controller.enqueue(piece);
      },
      cancel: (reason) => this.cancel(reason),
    }, { highWaterMark: 0 });
  }

  async #next(memory: () => Bytes): Promise<Bytes | null> {
    this.#progress.pause();
    try {
      const piece = await this.#read(memory);
      this.#count += piece?.length ?? 0;
      this.#checkCount(piece === null);
      // A surplus that begins with a piece of its own would never be asked for. The last piece waits for the end.
      if (piece !== null && this.#count === this.#length) {
        const probe = () => new Uint8Array(1);
        for (let more = await this.#read(probe); more !== null; more = await this.#read(probe)) {
          this.#count += more.length;
          this.#checkCount(false);
        }
      }
      // A source that is cancelled ends. Chunks would then end, too, as if all of them had been sent.
      if (this.#cancelled) throw new Error("The body was given up before its end");
      return piece;
    } catch (error) {
      if (!this.#cancelled) this.failure ??= { error };
      // Not waited for: the request must not hang on a source that cannot be closed. Its own error is reported.
      this.cancel(error).catch(() => {});
      throw error;
    } finally {
      this.#progress.restart();
    }
  }

  /** Reads a piece, into that memory if the source can. */
  async #read(memory: () => Bytes): Promise<Bytes | null> {
    const source = this.#source;
    if (source instanceof Uint8Array) {
      return this.#count < source.length ? source.subarray(this.#count, this.#count + PIECE_SIZE) : null;
    }
    if (PulledBody.is(source)) {
      const pull = this.#pull ??= PulledBody.pull(source);
      const target = memory();
      const count = await pull.read(target);
      return count === null ? null : count === target.length ? target : target.subarray(0, count);
    }
    const reader = this.#reader ??= source.open().getReader();
    const { done, value } = await reader.read();
    return done ? null : value;
  }

  /** `fetch` would cut a body that is too long, without a word. */
  #checkCount(ended: boolean): void {
    const length = this.#length;
    const count = this.#count;
    if (length === null || (ended ? count === length : count <= length)) return;
    throw new RequestException(
      `The body has ${ended ? `only ${count}` : `more than ${length}`} bytes, but its Content-Length is ${length}. ` +
        "Leave Content-Length out to send a body of unknown length.",
    );
  }
}
