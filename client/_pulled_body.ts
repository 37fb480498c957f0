/**
 * Bodies that are read into memory of whoever sends them: files, and bytes and files one after the other.
 *
 * A stream needs new memory for each piece, because nobody knows for how long the reader holds it. Who writes a piece to a
 * socket before it asks for the next can read all of them into the same memory, which takes half the time.
 */

import type { StreamBody } from "./types.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** How much a stream reads at a time. */
const PIECE_SIZE = 1 << 16;

/** One reading of a body. */
export interface BodyPull {
  /** Reads one byte at least into `memory`, and tells how many; `null` at the end. One call at a time. */
  read(memory: Bytes): Promise<number | null>;
  /** Gives it up, at any time and again if need be. What waits for a read may get `null`. */
  close(): void;
}

/** A body that can be pulled, any number of times. Its stream has the same bytes. */
export class PulledBody implements StreamBody {
  /** See {@linkcode StreamBody.length}. */
  readonly length: number | null;
  /** See {@linkcode StreamBody.replayable}. */
  readonly replayable = true;
  readonly #start: () => BodyPull;

  /**
   * @param length in bytes, `null` if it is not known. The reading itself has to see to it.
   * @param start begins to read.
   */
  constructor(length: number | null, start: () => BodyPull) {
    this.length = length;
    this.#start = start;
  }

  /** See {@linkcode StreamBody.open}. */
  open(): ReadableStream<Bytes> {
    return pullStream(this.#start());
  }

  /** Whether a body can be pulled: not where `open` has been replaced by another, which then counts. */
  static is(body: StreamBody): body is PulledBody {
    return #start in body && body.open === PulledBody.prototype.open;
  }

  /** Begins to read, as `open` does. */
  static pull(body: PulledBody): BodyPull {
    return body.#start();
  }
}

/** A reading as a stream, which reads only what is asked for. */
export function pullStream(pull: BodyPull): ReadableStream<Bytes> {
  return new ReadableStream<Bytes>({
    async pull(controller) {
      try {
        const memory = new Uint8Array(PIECE_SIZE);
        const count = await pull.read(memory);
        if (count === null) controller.close();
        else controller.enqueue(memory.subarray(0, count));
      } catch (error) {
        pull.close();
        throw error;
      }
    },
    cancel: () => pull.close(),
  }, { highWaterMark: 0 });
}

/** Bytes and bodies one after the other. */
export class JoinedPull implements BodyPull {
  readonly #contents: readonly (Bytes | PulledBody)[];
  #index = 0;
  /** How much of the bytes has been read. */
  #at = 0;
  #pull: BodyPull | null = null;
  #closed = false;

  /** Opens nothing yet. */
  constructor(contents: readonly (Bytes | PulledBody)[]) {
    this.#contents = contents;
  }

  /** {@inheritDoc BodyPull.read} */
  async read(memory: Bytes): Promise<number | null> {
    while (!this.#closed && this.#index < this.#contents.length) {
      const content = this.#contents[this.#index]!;
      const count = content instanceof Uint8Array
        ? this.#copy(content, memory)
        : await (this.#pull ??= PulledBody.pull(content)).read(memory);
      if (count !== null) return count;
      this.#pull?.close();
      this.#pull = null;
      this.#at = 0;
      this.#index++;
    }
    return null;
  }

  #copy(bytes: Bytes, memory: Bytes): number | null {
    const part = bytes.subarray(this.#at, this.#at + memory.length);
    memory.set(part);
    this.#at += part.length;
    return part.length > 0 ? part.length : null;
  }

  /** {@inheritDoc BodyPull.close} */
  close(): void {
    this.#closed = true;
    this.#pull?.close();
  }
}

/** A reading that has to have `length` bytes: what comes behind them is not part of it, and fewer are an error. */
export class SizedPull implements BodyPull {
  readonly #pull: BodyPull;
  readonly #tooShort: () => Error;
  #left: number;
  #closed = false;

  /**
   * @param pull what is read.
   * @param length in bytes.
   * @param tooShort makes the error for fewer.
   */
  constructor(pull: BodyPull, length: number, tooShort: () => Error) {
    this.#pull = pull;
    this.#left = length;
    this.#tooShort = tooShort;
  }

  /** {@inheritDoc BodyPull.read} */
  async read(memory: Bytes): Promise<number | null> {
    if (this.#left === 0 || this.#closed) return null;
    const count = await this.#pull.read(memory.length > this.#left ? memory.subarray(0, this.#left) : memory);
    if (count === null) {
      if (this.#closed) return null;
      throw this.#tooShort();
    }
    this.#left -= count;
    if (this.#left === 0) this.#pull.close();
    return count;
  }

  /** {@inheritDoc BodyPull.close} */
  close(): void {
    this.#closed = true;
    this.#pull.close();
  }
}
