/** Delays of timers. */

/** The longest delay that a timer takes, in milliseconds; it would fire at once for more. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The delay of a timer for a limit in seconds. */
export function delayOf(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_DELAY);
}
