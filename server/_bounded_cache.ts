/** A cache with a limit. */

/** How much a cache may hold. */
export interface CacheLimits {
  /** Sum of the weights, in bytes. */
  readonly bytes: number;
  readonly entries: number;
}

interface Entry<V> {
  readonly value: V;
  weight: number;
  /** Whether it was asked for since it last could have been dropped. */
  wasUsed: boolean;
}

/**
 * Values by key. When the cache is full, what was not asked for lately is dropped (the "second chance" rule, under which a
 * hit costs no reordering).
 */
export class BoundedCache<V> {
  readonly #limits: CacheLimits;
  readonly #entries: Map<string, Entry<V>> = new Map();
  #bytes = 0;

  /** @param limits how much it may hold. */
  constructor(limits: CacheLimits) {
    this.#limits = limits;
  }

  /** The sum of the weights. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The number of values. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    entry.wasUsed = true;
    return entry.value;
  }

  /** As {@linkcode get}, for those who do not want it for its own sake. */
  peek(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** Keeps a value, unless it is too heavy to be worth it. */
  set(key: string, value: V, weight: number): void {
    this.delete(key);
    if (weight > this.#limits.bytes) return;
    this.#entries.set(key, { value, weight, wasUsed: false });
    this.#bytes += weight;
    this.#shrink();
  }

  /** Notes that a value that is held has become heavier by `more` bytes, or lighter. */
  grow(key: string, value: V, more: number): void {
    const entry = this.#entries.get(key);
    if (entry?.value !== value) return;
    entry.weight += more;
    this.#bytes += more;
    this.#shrink();
  }

  /** Drops a value. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(key, entry);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }

  #drop(key: string, entry: Entry<V>): void {
    this.#entries.delete(key);
    this.#bytes -= entry.weight;
  }

  #shrink(): void {
    while (this.#bytes > this.#limits.bytes || this.#entries.size > this.#limits.entries) {
      // A Map iterates in the order of insertion: the first is the oldest.
      const [key, entry] = this.#entries.entries().next().value!;
      if (entry.wasUsed && this.#entries.size > 1) {
        entry.wasUsed = false;
        this.#entries.delete(key);
        this.#entries.set(key, entry);
      } else this.#drop(key, entry);
    }
  }
}
