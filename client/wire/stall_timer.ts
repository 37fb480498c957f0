/**
 * A limit on how long a peer may stay silent.
 *
 * @module
 */

import { delayOf } from "../_watched_body.ts";

/**
 * Tells when nothing has arrived for too long. Only time in which somebody waits for the peer counts.
 *
 * One timer serves many waits: it is not set anew for each of them, but looks at the clock when it goes off.
 */
export class StallTimer {
  readonly #limit: number;
  readonly #onStall: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waits = 0;
  #paused = false;
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

  /** Waits for what the peer has to do. */
  async during<T>(move: Promise<T>): Promise<T> {
    if (this.#waits++ === 0) this.restart();
    try {
      return await move;
    } finally {
      this.#waits--;
      this.#since = performance.now();
    }
  }

  /** Not the peer is waited for now: time does not count until {@linkcode restart}. */
  pause(): void {
    this.#paused = true;
  }

  /** The peer moved, or is waited for from now on. */
  restart(): void {
    this.#paused = false;
    this.#since = performance.now();
    this.#timer ??= setTimeout(() => this.#check(), this.#limit);
  }

  /** It never goes off after this. */
  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #check(): void {
    this.#timer = undefined;
    // The next wait sets it again.
    if (this.#waits === 0 || this.#paused) return;
    const left = this.#since + this.#limit - performance.now();
    // Timers count in whole milliseconds, and may go off a little early.
    if (left < 1) this.#onStall();
    else this.#timer = setTimeout(() => this.#check(), Math.ceil(left));
  }
}
