/** A limit on how much goes on at a time, for each key. */

/**
 * Slots: so many for each key, handed out in the order in which they are asked for.
 */
export class Slots {
  readonly #limit: number;
  readonly #taken = new Map<string, number>();
  readonly #waiting = new Map<string, Set<() => void>>();

  /** Makes `limit` slots for each key. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Waits for a slot.
   *
   * @param key whose slots.
   * @param signal ends the waiting; the promise rejects with its reason.
   * @returns gives the slot back; further calls do nothing.
   */
  async acquire(key: string, signal?: AbortSignal): Promise<() => void> {
    signal?.throwIfAborted();
    const taken = this.#taken.get(key) ?? 0;
    if (taken < this.#limit) this.#taken.set(key, taken + 1);
    else await this.#wait(key, signal);
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#give(key);
    };
  }

  /** Waits until a slot is passed on; it stays counted as taken meanwhile. */
  #wait(key: string, signal: AbortSignal | undefined): Promise<void> {
    const queue = this.#waiting.get(key) ?? new Set();
    this.#waiting.set(key, queue);
    return new Promise((resolve, reject) => {
      const take = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        queue.delete(take);
        reject(signal!.reason);
      };
      queue.add(take);
      signal?.addEventListener("abort", giveUp, { once: true });
    });
  }

  #give(key: string): void {
    const queue = this.#waiting.get(key);
    for (const take of queue ?? []) {
      queue!.delete(take);
      return take();
    }
    this.#waiting.delete(key);
    const taken = this.#taken.get(key)! - 1;
    if (taken === 0) this.#taken.delete(key);
    else this.#taken.set(key, taken);
  }
}
