/** How large the parts of a message may be. */

/** Limits on what is held in memory before anybody has judged it. Sizes are in bytes, line ends included. */
export interface Limits {
  /** The start line, without its line end. */
  readonly maxStartLine: number;
  /** The head: start line, field lines, and the empty line. */
  readonly maxHeadSize: number;
  /** The field lines of a head, and those of a trailer section. */
  readonly maxFields: number;
  /** The line with the size of a chunk, extensions included. */
  readonly maxChunkLine: number;
  /** The trailer section: field lines and the empty line. */
  readonly maxTrailerSize: number;
}

/**
 * The limits without other wishes: a start line of 64 KiB and 100 fields, as in Python's `http.client`, a head of 256 KiB,
 * a chunk line of 4 KiB, trailers of 64 KiB.
 */
export const DEFAULT_LIMITS: Limits = {
  maxStartLine: 65_536,
  maxHeadSize: 262_144,
  maxFields: 100,
  maxChunkLine: 4096,
  maxTrailerSize: 65_536,
};

/**
 * The default limits with some changed.
 *
 * @throws {RangeError} If a limit is no positive integer.
 */
export function resolveLimits(limits: Partial<Limits> = {}): Limits {
  const resolved = { ...DEFAULT_LIMITS };
  for (const name of Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]) {
    const value = limits[name];
    if (value === undefined) continue;
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new RangeError(`Cannot use ${value} as ${name}: expected a positive integer`);
    }
    resolved[name] = value;
  }
  return resolved;
}
