/**
 * A limit on how long a peer may stay silent.
 *
 * @module
 */

import { delayOf } from "../_watched_body.ts";

/**
 * Tells when nothing has moved for too long. Only time in which somebody waits for the peer counts.
 *
 * One timer serves many waits: it is not set anew for each of them, but looks at the clock when it goes off.
 */
export class StallTimer {
  readonly #limit: number;
  readonly #onStall: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = false;
  /** When the present wait began, or the peer last moved. */
  #since = 0;

  /**
   * @param limit how long the peer may stay silent, in seconds.
   * @param onStall called once it has.
   */
  constructor(limit: number, onStall: () => void) {
    this.#limit = delayOf(limit);
    this.#onStall = onStall;
  }

  /** The peer is waited for from now on. */
  resume(): void {
    this.#waiting = true;
    this.touch();
    this.#timer ??= setTimeout(() => this.#check(), this.#limit);
  }

  /** The peer moved. */
  touch(): void {
    this.#since = performance.now();
  }

  /** Not the peer is waited for: time does not count until {@linkcode resume}. */
  pause(): void {
    this.#waiting = false;
  }

  /** It does not go off any more, unless it is resumed. */
  end(): void {
    this.#waiting = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    this.#timer = undefined;
    // The next wait sets it again.
    if (!this.#waiting) return;
    const left = this.#since + this.#limit - performance.now();
    // Timers count in whole milliseconds, and may go off a little early.
    if (left < 1) this.#onStall();
    else this.#timer = setTimeout(() => this.#check(), Math.ceil(left));
  }
}
