/**
 * Where the bytes of a response body come from: piece by piece, with or without a stream.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** Where the bytes of a body come from, piece by piece. It costs less than a `ReadableStream`. */
export interface BodySource {
  /** The next piece, never an empty one; `null` at the end. The bytes are the reader's to keep. One call at a time. */
  read(): Promise<Uint8Array<ArrayBuffer> | null>;
  /** The whole body, quicker than piece by piece; only as the first call. */
  readAll?(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives up what has not been read, at any time; a pending read ends. */
  cancel(reason?: unknown): Promise<void>;
}

/** A stream as a source. It is locked from the first piece to the last. */
export class StreamSource implements BodySource {
  readonly readAll?: () => Promise<Bytes>;
  readonly #stream: ReadableStream<Bytes>;
  #reader: ReadableStreamDefaultReader<Bytes> | null = null;
  #ended = false;

  /**
   * Touches nothing yet.
   *
   * @param stream the stream.
   * @param readAll reads all of it another way, if nothing has been read.
   */
  constructor(stream: ReadableStream<Bytes>, readAll?: () => Promise<Bytes>) {
    this.#stream = stream;
    if (readAll !== undefined) this.readAll = readAll;
  }

  /** The next piece; rejects with what breaks the stream. */
  async read(): Promise<Bytes | null> {
    if (this.#ended) return null;
    const reader = this.#reader ??= this.#stream.getReader();
    while (true) {
      const { done, value } = await reader.read();
      if (done) {
        this.#end(reader);
        return null;
      }
      if (value.length > 0) return value;
    }
  }

  /** Cancels the stream; rejects if it is broken, or in other hands. */
  async cancel(reason?: unknown): Promise<void> {
    if (this.#ended) return;
    if (this.#reader === null) return await this.#stream.cancel(reason);
    try {
      await this.#reader.cancel(reason);
    } finally {
      this.#end(this.#reader);
    }
  }

  #end(reader: ReadableStreamDefaultReader<Bytes>): void {
    this.#ended = true;
    reader.releaseLock();
  }
}

/** A source as a stream, which asks for no piece before it is read itself. */
export function streamOf(source: BodySource): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Bytes>({
    async pull(controller) {
      const piece = await source.read();
      if (piece === null) controller.close();
      else controller.enqueue(piece);
    },
    cancel: (reason) => source.cancel(reason),
  }, { highWaterMark: 0 });
}
