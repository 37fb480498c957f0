/**
 * Where the bytes of a response body come from: piece by piece, with or without a stream.
 *
 * @module
 */

type Bytes = Uint8Array<ArrayBuffer>;

/** Where the bytes of a body come from, piece by piece. It costs less than a `ReadableStream`. */
export interface BodySource {
  /**
   * The next piece, never an empty one; `null` at the end. The bytes are the reader's to keep. One call at a time.
   *
   * @param size how many bytes are wanted. A source that can read into memory of that size does, so that nobody has to copy
   * pieces together; another may give any number.
   */
  read(size?: number): Promise<Uint8Array<ArrayBuffer> | null>;
  /**
   * The next bytes, in memory of the reader's, for who has used them up before the next call. Instead of `read()`, not
   * besides it.
   *
   * @param memory what may be written to, not empty. It may be taken over: then it cannot be used any more, and what is
   * returned lies in the same place of memory of the same size, with what was in it.
   * @returns the beginning of that memory; empty at the end.
   */
  readInto?(memory: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** The whole body, quicker than piece by piece; only as the first call. */
  readAll?(): Promise<Uint8Array<ArrayBuffer>>;
  /** Gives up what has not been read, at any time; a pending read ends. */
  cancel(reason?: unknown): Promise<void>;
}

/** Sizes, in bytes, for which memory is set aside before anything has arrived. */
const MIN_WHOLE = 4096;
const MAX_WHOLE = 256 * 1024;

/** Whether a piece of this size is worth memory of its own: for fewer bytes copying costs less. */
export function isWholePiece(size: number | undefined): size is number {
  return size !== undefined && size >= MIN_WHOLE && size <= MAX_WHOLE;
}

/** A stream as a source. It is locked from the first piece to the last. */
export class StreamSource implements BodySource {
  readonly readAll?: () => Promise<Bytes>;
  readonly #stream: ReadableStream<Bytes>;
  #reader: ReadableStreamDefaultReader<Bytes> | ReadableStreamBYOBReader | null = null;
  readonly #onProgress: (() => void) | null;
  /** Of a stream that comes in memory of its own: what did not fit into the reader's. */
  #rest: Bytes = new Uint8Array(0);
  #ended = false;

  /**
   * Touches nothing yet.
   *
   * @param stream the stream.
   * @param readAll reads all of it another way, if nothing has been read.
   * @param onProgress called when something has arrived and more is waited for, within one call.
   */
  constructor(stream: ReadableStream<Bytes>, readAll?: () => Promise<Bytes>, onProgress?: () => void) {
    this.#stream = stream;
    this.#onProgress = onProgress ?? null;
    if (readAll !== undefined) this.readAll = readAll;
  }

  /** The next piece; rejects with what breaks the stream. */
  async read(size?: number): Promise<Bytes | null> {
    if (this.#ended) return null;
    const reader = this.#reader ??= openReader(this.#stream, size);
    while (true) {
      const { done, value } = reader instanceof ReadableStreamBYOBReader
        ? await this.#readWhole(reader, size ?? MAX_WHOLE)
        : await reader.read();
      if (done) this.#end(reader);
      if (value !== undefined && value.length > 0) return value;
      if (done) return null;
    }
  }

  /** See {@linkcode BodySource.readInto}. */
  async readInto(memory: Bytes): Promise<Bytes> {
    if (this.#ended) return memory.subarray(0, 0);
    const reader = this.#reader ??= openReader(this.#stream, MAX_WHOLE);
    if (reader instanceof ReadableStreamDefaultReader) return await this.#copyInto(reader, memory);
    while (true) {
      const { done, value } = await reader.read(memory);
      if (done) this.#end(reader);
      // A stream that was cancelled keeps the memory.
      if (value === undefined) return new Uint8Array(0);
      if (done || value.length > 0) return value;
      memory = new Uint8Array(value.buffer, value.byteOffset, memory.length);
    }
  }

  /** From a stream that comes in memory of its own. */
  async #copyInto(reader: ReadableStreamDefaultReader<Bytes>, memory: Bytes): Promise<Bytes> {
    while (this.#rest.length === 0) {
      const { done, value } = await reader.read();
      if (done) {
        this.#end(reader);
        return memory.subarray(0, 0);
      }
      this.#rest = value;
    }
    const part = this.#rest.subarray(0, memory.length);
    memory.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return memory.subarray(0, part.length);
  }

  /** The next `size` bytes, fewer at the end: then they may come together with `done`. */
  async #readWhole(
    reader: ReadableStreamBYOBReader,
    size: number,
  ): Promise<{ readonly done: boolean; readonly value?: Bytes | undefined }> {
    const memory = new Uint8Array(size);
    if (this.#onProgress === null) return await reader.read(memory, { min: size });
    // Each part by itself, because each is progress.
    let buffer = memory.buffer;
    for (let length = 0;;) {
      const { done, value } = await reader.read(new Uint8Array(buffer, length));
      if (value === undefined) return { done };
      buffer = value.buffer;
      length += value.length;
      if (done || length === size) return { done, value: new Uint8Array(buffer, 0, length) };
      this.#onProgress();
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

  #end(reader: ReadableStreamDefaultReader<Bytes> | ReadableStreamBYOBReader): void {
    this.#ended = true;
    reader.releaseLock();
  }
}

/** A reader of memory of our own, where the stream has such readers: the stream of `fetch` is quicker with it by half. */
function openReader(
  stream: ReadableStream<Bytes>,
  size: number | undefined,
): ReadableStreamDefaultReader<Bytes> | ReadableStreamBYOBReader {
  if (!isWholePiece(size)) return stream.getReader();
  try {
    return stream.getReader({ mode: "byob" });
  } catch (error) {
    // It is no stream of bytes.
    if (error instanceof TypeError && !stream.locked) return stream.getReader();
    throw error;
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
