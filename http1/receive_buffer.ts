/** What has been received from a connection and not been used yet. */

/** Where bytes come from; `Deno.Conn` fits. */
export interface ByteSource {
  /** Reads into `buffer` and resolves to the number of bytes, or to `null` at the end. */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** A source that gives nothing this many times in a row, and does not end, is broken: waiting on would be a busy loop. */
const MAX_EMPTY_READS = 100;

/** Pieces from this size on are handed out without a copy. Below, a copy is cheaper than the memory that it would hold. */
const MIN_SHARED = 8192;

/** Buffers that replace one that was handed out grow up to this size: a large body goes through. */
const MAX_SHARED_SIZE = 262_144;

/** Bytes between a source and those who parse them, who move {@linkcode ReceiveBuffer.start} forward. */
export class ReceiveBuffer {
  /** The memory; what counts lies from `start` to `end`. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where the first unused byte is. */
  start = 0;
  /** Where the last unused byte ends. */
  end = 0;

  readonly #source: ByteSource;
  readonly #size: number;
  #ended = false;
  /** The read that runs, or that failed: a source that failed is not asked again. */
  #pending: Promise<number | null> | null = null;
  /** Whether memory before `start` belongs to a caller, so that it must not be written again. */
  #shared = false;

  /** Makes an empty buffer of `size` bytes. */
  constructor(source: ByteSource, size: number) {
    this.#source = source;
    this.#size = size;
    this.bytes = new Uint8Array(size);
  }

  /** How many bytes wait. */
  get length(): number {
    return this.end - this.start;
  }

  /** Whether a read runs, so that nobody else may read from the source. */
  get pending(): boolean {
    return this.#pending !== null;
  }

  /** Reads once, behind what waits; all who call meanwhile get the same read. Resolves to `null` at the end. */
  fill(): Promise<number | null> {
    return this.#pending ??= this.#read(null);
  }

  /**
   * Reads once into the memory of a caller. Nothing may wait in the buffer, and no read may run.
   *
   * @returns The number of bytes, `null` at the end.
   */
  readInto(target: Uint8Array): Promise<number | null> {
    // In the place of a fill, so that nobody else reads at the same time.
    return this.#pending = this.#read(target);
  }

  /** One read, into memory of the caller or behind what waits. In one function, for each layer costs a large body turns. */
  async #read(target: Uint8Array | null): Promise<number | null> {
    if (this.#ended) {
      // Not before `#pending` has been set.
      await null;
      this.#pending = null;
      return null;
    }
    const memory = target ?? this.#makeRoom();
    for (let attempt = 0; attempt < MAX_EMPTY_READS; attempt++) {
      const count = await this.#source.read(memory);
      if (count === null) this.#ended = true;
      else if (!(count >= 0 && count <= memory.length)) {
        throw new RangeError(`Cannot use a source that reads ${count} bytes into a buffer of ${memory.length}`);
      } else if (count === 0) continue;
      if (target === null) this.end += count ?? 0;
      // Only here: after an error the promise stays, and so does the error.
      this.#pending = null;
      return count;
    }
    throw new TypeError(`Cannot use a source that gave no bytes ${MAX_EMPTY_READS} times in a row`);
  }

  /** Takes `count` of the bytes that wait, in memory of their own or in that which they lie in; they are to keep. */
  take(count: number): Uint8Array<ArrayBuffer> {
    if (count < MIN_SHARED) return this.copy(count);
    this.#shared = true;
    return this.bytes.subarray(this.start, this.start += count);
  }

  /** Takes `count` of the bytes that wait, in memory of exactly that size. */
  copy(count: number): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(this.start, this.start += count);
  }

  /** Copies `count` of the bytes that wait to the beginning of `target`. */
  copyTo(target: Uint8Array, count: number): void {
    target.set(this.bytes.subarray(this.start, this.start + count));
    this.start += count;
  }

  #makeRoom(): Uint8Array<ArrayBuffer> {
    const { bytes, start, end } = this;
    const waiting = end - start;
    if (this.#shared) {
      if (bytes.length - end < bytes.length >> 2) {
        this.#replace(Math.max(Math.min(2 * bytes.length, MAX_SHARED_SIZE), this.#size, 2 * waiting));
      }
    } else if (waiting === 0) {
      this.start = this.end = 0;
      if (bytes.length > this.#size) this.#replace(this.#size);
    } else if (bytes.length - end < bytes.length >> 2 || end === bytes.length) {
      // Who parses bounds this: by the limits of the part that does not fit.
      if (waiting > bytes.length >> 1) this.#replace(2 * bytes.length);
      else {
        bytes.copyWithin(0, start, end);
        this.start = 0;
        this.end = waiting;
      }
    }
    return this.bytes.subarray(this.end);
  }

  #replace(size: number): void {
    const waiting = this.bytes.subarray(this.start, this.end);
    this.bytes = new Uint8Array(size);
    this.bytes.set(waiting);
    this.start = 0;
    this.end = waiting.length;
    this.#shared = false;
  }
}
