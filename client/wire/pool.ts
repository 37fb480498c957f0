/**
 * The idle connections of an adapter.
 *
 * @module
 */

import { Slots } from "../_slots.ts";
import type { WireConnection } from "./connection.ts";

/** Options of {@linkcode ConnectionPool}. */
export interface ConnectionPoolOptions {
  /** For how many keys idle connections are kept; the key that was not used for longest goes first. */
  readonly keys: number;
  /** How many idle connections are kept for each key. */
  readonly maxsize: number;
  /** Whether `maxsize` also limits how many are in use for each key; whoever asks for more waits. */
  readonly block: boolean;
  /** How long a connection may be idle, in seconds; `null` is for ever. */
  readonly idleTimeout: number | null;
}

interface Idle {
  readonly connection: WireConnection;
  /** When it became idle, in milliseconds of `performance.now()`. */
  readonly since: number;
}

/** Keeps connections for the next request, by a key that holds all that a connection depends on. */
export class ConnectionPool {
  readonly #options: ConnectionPoolOptions;
  readonly #slots: Slots | null;
  // A map lists the key that was not used for longest first; an array the connection that is idle for longest.
  readonly #idle = new Map<string, Idle[]>();
  /** The key that was used last: it stands at the end already. */
  #latest: string | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #era = 0;

  /** Makes a pool without any connection. */
  constructor(options: ConnectionPoolOptions) {
    this.#options = options;
    this.#slots = options.block ? new Slots(options.maxsize) : null;
  }

  /** Changes whenever the pool is closed. What was opened before is not kept any more. */
  get era(): number {
    return this.#era;
  }

  /**
   * Waits until one more connection may be in use for a key.
   *
   * @returns gives the place back; `undefined` if there is no limit.
   */
  acquire(key: string, signal: AbortSignal | undefined): Promise<() => void> | undefined {
    return this.#slots?.acquire(key, signal);
  }

  /** An idle connection, the one that was used last; `null` if there is none. */
  take(key: string): WireConnection | null {
    const idle = this.#idle.get(key)?.pop();
    if (idle === undefined) return null;
    idle.connection.unpark();
    // It was not swept yet.
    if (!this.#isStale(idle)) return idle.connection;
    idle.connection.close();
    return this.take(key);
  }

  /** Keeps a connection for the next request, or closes it if there are enough, or if the pool was closed since `era`. */
  put(key: string, connection: WireConnection, era: number): void {
    const list = this.#idle.get(key) ?? [];
    if (era !== this.#era || connection.closed || list.length >= this.#options.maxsize) return connection.close();
    if (key !== this.#latest) {
      this.#idle.delete(key);
      this.#latest = key;
    }
    // Not only where it was taken out: the key may have gone with its last connection.
    this.#idle.set(key, list);
    const idle = { connection, since: performance.now() };
    list.push(idle);
    connection.park(() => this.#drop(key, idle));
    if (this.#idle.size > this.#options.keys) this.#dropOldest();
    this.#sweepLater();
  }

  /** Closes all idle connections. */
  close(): void {
    this.#era++;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const lists = [...this.#idle.values()];
    this.#idle.clear();
    for (const { connection } of lists.flat()) connection.close();
  }

  #dropOldest(): void {
    for (const [oldest, dropped] of this.#idle) {
      if (this.#idle.size <= this.#options.keys) break;
      this.#idle.delete(oldest);
      for (const { connection } of dropped) connection.close();
    }
  }

  #drop(key: string, idle: Idle): void {
    idle.connection.close();
    const list = this.#idle.get(key);
    const index = list?.indexOf(idle) ?? -1;
    if (index >= 0) list!.splice(index, 1);
    if (list?.length === 0) this.#idle.delete(key);
  }

  #isStale({ since }: Idle): boolean {
    const { idleTimeout } = this.#options;
    return idleTimeout !== null && performance.now() - since >= idleTimeout * 1000;
  }

  /** One timer looks after all connections: it is not set anew for each request. */
  #sweepLater(): void {
    const { idleTimeout } = this.#options;
    if (idleTimeout === null || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const [key, list] of [...this.#idle]) {
        for (const idle of list.filter((idle) => this.#isStale(idle))) this.#drop(key, idle);
      }
      if (this.#idle.size > 0) this.#sweepLater();
    }, Math.min(idleTimeout * 1000, LONGEST_SWEEP));
    // Idle connections do not keep a program running.
    Deno.unrefTimer(this.#timer);
  }
}

/** How far apart two looks at the idle connections are at the most, in milliseconds. */
const LONGEST_SWEEP = 60_000;
