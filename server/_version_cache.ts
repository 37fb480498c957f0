/** A bounded cache of what was made from files and folders, each entry good for one version of its file only. */

/** What is looked at of a file to tell whether it is still the same; `Deno.FileInfo` is one. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number | null;
  readonly size: number;
  readonly mtime: Date | null;
  readonly ctime: Date | null;
  readonly birthtime: Date | null;
}

/** How much a cache may hold. */
export interface CacheLimits {
  /** Sum of the weights, in bytes. */
  readonly bytes: number;
  readonly entries: number;
}

/**
 * The coarsest clock of a file system that is in use, in milliseconds: FAT counts two seconds. A file that is younger could
 * change once more and keep its stamp, so nothing is remembered of it (git calls such a file "racily clean").
 */
export const COARSEST_CLOCK = 2000;

/**
 * Whether a later change of a file is bound to show in its stamp.
 *
 * @param now when the stamp was taken, or before, in milliseconds since 1970.
 */
export function isSettled(stamp: FileStamp, now: number): boolean {
  // The time of the last change of the inode: unlike mtime nobody can set it back. Windows has none.
  const changed = stamp.ctime ?? stamp.mtime;
  return changed !== null && now - changed.getTime() > COARSEST_CLOCK;
}

/** Whether two stamps are of the same file in the same state. */
export function isSameVersion(a: FileStamp, b: FileStamp): boolean {
  return a.dev === b.dev && a.ino === b.ino && a.size === b.size && isSameTime(a.mtime, b.mtime) &&
    isSameTime(a.ctime, b.ctime) && isSameTime(a.birthtime, b.birthtime);
}

function isSameTime(a: Date | null, b: Date | null): boolean {
  return a === null || b === null ? a === b : a.getTime() === b.getTime();
}

interface Entry<V> {
  readonly stamp: FileStamp;
  readonly value: V;
  weight: number;
  /** Whether it was asked for since it last could have been dropped. */
  wasUsed: boolean;
}

/**
 * Values by key, each tied to the version of a file. When the cache is full, what was not asked for lately is dropped (the
 * "second chance" rule, under which a hit costs no reordering).
 */
export class VersionCache<V> {
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

  /** The value of a key, if `stamp` shows the version that it was made from; what belongs to another is dropped. */
  get(key: string, stamp: FileStamp): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (!isSameVersion(entry.stamp, stamp)) {
      this.#drop(key, entry);
      return undefined;
    }
    entry.wasUsed = true;
    return entry.value;
  }

  /** Keeps a value, unless it is too heavy to be worth it. The file must be settled ({@linkcode isSettled}). */
  set(key: string, stamp: FileStamp, value: V, weight: number): void {
    const before = this.#entries.get(key);
    if (before !== undefined) this.#drop(key, before);
    if (weight > this.#limits.bytes) return;
    this.#entries.set(key, { stamp, value, weight, wasUsed: false });
    this.#bytes += weight;
    this.#shrink();
  }

  /** Notes that a value that is held has become heavier by `more` bytes. */
  grow(key: string, value: V, more: number): void {
    const entry = this.#entries.get(key);
    if (entry?.value !== value) return;
    entry.weight += more;
    this.#bytes += more;
    this.#shrink();
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
