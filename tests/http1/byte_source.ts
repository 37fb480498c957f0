/** Sources of bytes for tests of http1/, in fragments of every size. */

import type { ByteSource } from "../../http1/mod.ts";

/** One byte per character. */
export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** One character per byte. */
export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A source that gives bytes in fragments, then ends. It counts how it is used. */
export class FragmentSource implements ByteSource {
  /** How often it was read. */
  reads = 0;
  /** Size of the largest memory that a read offered. */
  largestTarget = 0;
  /** How many bytes it has given. */
  given = 0;

  readonly #bytes: Uint8Array;
  readonly #nextSize: () => number;

  /**
   * @param content What it gives.
   * @param nextSize The most that the next read gives; everything at once without it.
   */
  constructor(content: string | Uint8Array, nextSize: () => number = () => Infinity) {
    this.#bytes = typeof content === "string" ? bytesOf(content) : content;
    this.#nextSize = nextSize;
  }

  /** Gives the next fragment. */
  read(target: Uint8Array): Promise<number | null> {
    this.reads++;
    this.largestTarget = Math.max(this.largestTarget, target.length);
    const count = Math.min(this.#nextSize(), target.length, this.#bytes.length - this.given);
    if (count === 0) return Promise.resolve(null);
    target.set(this.#bytes.subarray(this.given, this.given + count));
    this.given += count;
    return Promise.resolve(count);
  }
}

/** A source that gives `texts` one after the other, one by one read each. */
export function fragments(...texts: readonly string[]): FragmentSource {
  const sizes = texts.map((text) => text.length);
  return new FragmentSource(texts.join(""), () => sizes.shift() ?? Infinity);
}
