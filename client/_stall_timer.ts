/** A limit on how long a peer may stay silent. */

import { delayOf } from "./_delay.ts";

/**
 * Tells when nothing has moved for too long. Only time in which somebody waits for the peer counts.
 *
 * One timer serves many waits: it is not set anew for each of them, but looks at the clock when it goes off.
 */
export class StallTimer {
  readonly #limit: number;
  readonly #onStall: () => void;
  readonly #holds: boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #waiting = false;
  /** When the present wait began, or the peer last moved. */
  #since = 0;

  /**
   * @param limit how long the peer may stay silent, in seconds.
   * @param onStall called once it has.
   * @param holds whether it keeps the program running, even between two waits. What is waited for does so by itself.
   */
  constructor(limit: number, onStall: () => void, holds = true) {
    this.#limit = delayOf(limit);
    this.#onStall = onStall;
    this.#holds = holds;
  }

  /** The peer is waited for from now on. */
  resume(): void {
    this.#waiting = true;
    this.touch();
    this.#timer ??= this.#start(this.#limit);
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

  #start(delay: number): ReturnType<typeof setTimeout> {
    const timer = setTimeout(() => this.#check(), delay);
    if (this.#holds) return timer;
    if (typeof timer === "number") globalThis.Deno?.unrefTimer?.(timer);
    else (timer as { unref?(): void }).unref?.();
    return timer;
  }

  #check(): void {
    this.#timer = undefined;
    // The next wait sets it again.
    if (!this.#waiting) return;
    const left = this.#since + this.#limit - performance.now();
    // Timers count in whole milliseconds, and may go off a little early.
    if (left < 1) this.#onStall();
    else this.#timer = this.#start(Math.ceil(left));
  }
}
