/** A bounded cache of what was made from files and folders, each entry good for one version of its file only. */

import { BoundedCache, type CacheLimits } from "./_bounded_cache.ts";

/** What is looked at of a file to tell whether it is still the same; `Deno.FileInfo` is one. */
export interface FileStamp {
  readonly dev: number;
  readonly ino: number | null;
  readonly size: number;
  readonly mtime: Date | null;
  readonly ctime: Date | null;
  readonly birthtime: Date | null;
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

interface Versioned<V> {
  readonly stamp: FileStamp;
  readonly value: V;
}

/** Values by key, each tied to the version of a file; bounded as every {@linkcode BoundedCache}. */
export class VersionCache<V> {
  readonly #entries: BoundedCache<Versioned<V>>;

  /** @param limits how much it may hold. */
  constructor(limits: CacheLimits) {
    this.#entries = new BoundedCache(limits);
  }

  /** The sum of the weights. */
  get bytes(): number {
    return this.#entries.bytes;
  }

  /** The number of values. */
  get size(): number {
    return this.#entries.size;
  }

  /** The value of a key, if `stamp` shows the version that it was made from; what belongs to another is dropped. */
  get(key: string, stamp: FileStamp): V | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    if (isSameVersion(entry.stamp, stamp)) return entry.value;
    this.#entries.delete(key);
    return undefined;
  }

  /** Keeps a value, unless it is too heavy to be worth it. The file must be settled ({@linkcode isSettled}). */
  set(key: string, stamp: FileStamp, value: V, weight: number): void {
    this.#entries.set(key, { stamp, value }, weight);
  }

  /** Notes that a value that is held has become heavier by `more` bytes. */
  grow(key: string, value: V, more: number): void {
    const entry = this.#entries.peek(key);
    if (entry?.value === value) this.#entries.grow(key, entry, more);
  }

  /** Forgets everything. */
  clear(): void {
    this.#entries.clear();
  }
}
