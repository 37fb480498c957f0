/** Finding the end of a section of lines, a head or trailers, in bytes that arrive piece by piece. */

const LF = 10;
const CR = 13;

/**
 * Looks for the empty line that ends a section. It goes on where it stopped, so that a section that arrives byte by byte
 * costs no more than one that arrives whole. On its way it learns what would take a second look at each byte.
 *
 * Offsets are counted from the beginning of the section, because the bytes may move between two calls.
 */
export class LineScanner {
  /** Where the LF of the first line is; -1 before it has come. */
  firstLineFeed = -1;
  /** Whether there was a byte beyond ASCII. */
  get beyondAscii(): boolean {
    return this.#bits > 0x7f;
  }
  /** Whether there was a NUL, or a CR that ends no line. */
  get suspicious(): boolean {
    return this.#odd !== 0;
  }

  /** The length of the section, once it is known. */
  #length = -1;
  #offset = 0;
  /** Offset of the first byte of the line. */
  #line = 0;
  /** All bytes, combined by OR. */
  #bits = 0;
  /** How many NULs and CRs there were, less those CRs that end lines. */
  #odd = 0;

  /** Begins with a new section. */
  reset(): void {
    this.firstLineFeed = this.#length = -1;
    this.#offset =
      this.#line =
      this.#bits =
      this.#odd =
        0;
  }

  /**
   * Looks on.
   *
   * @param bytes The memory.
   * @param start Where the section begins.
   * @param end Where that which has arrived ends.
   * @returns The length of the section, or -1 if its end has not arrived. Once it is known it stays, up to `reset()`.
   */
  scan(bytes: Uint8Array, start: number, end: number): number {
    if (this.#length >= 0) return this.#length;
    let bits = this.#bits;
    let odd = this.#odd;
    let line = start + this.#line;
    let index = start + this.#offset;
    for (; index < end; index++) {
      const byte = bytes[index]!;
      bits |= byte;
      if (byte > CR) continue;
      if (byte === LF) {
        const cr = index > line && bytes[index - 1] === CR;
        if (cr) odd--;
        if (this.firstLineFeed < 0) this.firstLineFeed = index - start;
        if (index - line === (cr ? 1 : 0)) {
          this.#length = ++index - start;
          break;
        }
        line = index + 1;
      } else if (byte === CR || byte === 0) odd++;
    }
    this.#bits = bits;
    this.#odd = odd;
    this.#line = line - start;
    this.#offset = index - start;
    return this.#length;
  }
}
