/**
 * Has the collector count the bytes of pieces that are handed out one after the other.
 *
 * Memory of an `ArrayBuffer` lies outside the heap of V8, and that it is full is what starts a collection of young objects.
 * A piece of 64 KiB fills it by some hundred bytes: so more than 30 MiB of pieces that nobody holds any more wait to be
 * collected, whatever their size. Ballast of a quarter of their size in the heap makes it collect more often. That takes no
 * time that could be measured, because the pieces get memory that is still in the cache of the processor.
 */

/** How many bytes of pieces one slot of an array, 8 bytes in most builds of V8, stands for. */
const BYTES_PER_SLOT = 32;

/** What is smaller than this together fills the heap by itself. */
const MIN_BYTES = 8192;

/** Larger arrays would not be young objects. */
const MAX_SLOTS = 8192;

/** What pieces weigh for the collector. One for each body. */
export class Ballast {
  #bytes = 0;
  /** Held until the next one: an array that nobody can see is not made at all. */
  #weight: unknown[] | null = null;

  /** How much was put into the heap last, in slots; for tests. */
  get slots(): number {
    return this.#weight?.length ?? 0;
  }

  /** A piece of so many bytes is handed out. */
  add(bytes: number): void {
    this.#bytes += bytes;
    if (this.#bytes < MIN_BYTES) return;
    this.#weight = new Array(Math.min(Math.ceil(this.#bytes / BYTES_PER_SLOT), MAX_SLOTS));
    this.#bytes = 0;
  }
}
