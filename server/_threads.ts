/** The threads that answer beside the main one: how they are started, how they log, how they end. */

import { writeLog } from "./_log.ts";
import { escapeLog } from "./_log_line.ts";
import type { HandlerModule } from "./_handler_module.ts";

/** What a thread needs to serve; plain data. */
export interface ThreadPlan {
  readonly hostname: string;
  readonly port: number;
  readonly requestQueueSize: number;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly handler: HandlerModule;
  readonly handlerOptions: unknown;
}

/** What the main thread says to another. */
export type ThreadCommand =
  | { readonly type: "serve"; readonly plan: ThreadPlan }
  | { readonly type: "close"; readonly grace: number };

/** What a thread says to the main one. */
export type ThreadReport =
  | { readonly type: "serving" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "log"; readonly text: string }
  | { readonly type: "closed" };

/** Milliseconds that a thread may take to say that it is closed, beyond the grace of its responses. */
const REPORT_MARGIN = 1000;

/** How many threads can serve: all that were asked for, or one, with the reason in a word. */
export function threadCount(
  wanted: number,
  platform: {
    readonly os: string;
    readonly hasWorkers: boolean;
    readonly isSocketPath: boolean;
    readonly hasUnstableNet: boolean;
  },
): { readonly count: number; readonly because: string | null } {
  if (!Number.isInteger(wanted) || wanted < 1) {
    throw new RangeError(`Cannot serve with ${wanted} workers: give an integer from 1 on`);
  }
  const because = wanted === 1
    ? null
    : !platform.hasWorkers
    ? "this platform has no threads"
    : platform.isSocketPath
    ? "a Unix socket cannot be shared"
    // Elsewhere the option exists and does not spread connections, or does not exist at all.
    : platform.os !== "linux"
    ? `SO_REUSEPORT spreads no connections on ${platform.os}`
    : !platform.hasUnstableNet
    ? "Deno shares a port only when run with --unstable-net"
    : null;
  return because === null ? { count: wanted, because } : { count: 1, because };
}

/** A number of threads that serve the same address. */
export class Threads {
  readonly #workers: readonly Worker[];
  readonly #failed: PromiseWithResolvers<never> = Promise.withResolvers();
  readonly #serving: Promise<unknown>;
  readonly #closed: Promise<unknown>;

  /**
   * Starts `count` threads.
   *
   * @throws {TypeError} when the handler's options cannot be copied to another thread.
   */
  constructor(count: number, plan: ThreadPlan) {
    this.#failed.promise.catch(() => {}); // Whoever serves waits for it; nobody does while the server closes.
    const serving: Promise<void>[] = [];
    const closed: Promise<void>[] = [];
    this.#workers = Array.from({ length: count }, () => {
      const worker = new Worker(new URL("./_worker.ts", import.meta.url).href, { type: "module" });
      const isServing = Promise.withResolvers<void>();
      const isClosed = Promise.withResolvers<void>();
      serving.push(isServing.promise);
      closed.push(isClosed.promise);
      worker.onmessage = ({ data }: MessageEvent<ThreadReport>) => {
        if (data.type === "log") writeLog(data.text);
        else if (data.type === "serving") isServing.resolve();
        else if (data.type === "closed") isClosed.resolve();
        else this.#failed.reject(new Error(`A thread cannot serve: ${data.message}`));
      };
      worker.onerror = (event) => {
        // Otherwise the error ends the program at once, running responses included.
        event.preventDefault();
        writeLog(`A thread has died: ${escapeLog(event.message)}\n`);
        isClosed.resolve();
        this.#failed.reject(new Error(`A thread has died: ${event.message}`));
      };
      return worker;
    });
    this.#serving = Promise.all(serving);
    this.#closed = Promise.all(closed);
    try {
      this.#tell({ type: "serve", plan });
    } catch (error) {
      this.#terminate();
      throw new TypeError(`Cannot copy handlerOptions to other threads: ${(error as Error).message}`, { cause: error });
    }
  }

  /** Rejects when a thread cannot serve, or dies. */
  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  /** Resolves when all threads take connections; rejects when one cannot. */
  async serving(): Promise<void> {
    await Promise.race([this.#serving, this.#failed.promise]);
  }

  /** Has all threads finish their running responses, for `grace` seconds at most, and ends them. */
  async close(grace: number): Promise<void> {
    this.#tell({ type: "close", grace });
    const late = Promise.withResolvers<void>();
    const timer = grace === Infinity ? undefined : setTimeout(late.resolve, grace * 1000 + REPORT_MARGIN);
    await Promise.race([this.#closed, late.promise]);
    clearTimeout(timer);
    this.#terminate();
  }

  #tell(command: ThreadCommand): void {
    for (const worker of this.#workers) worker.postMessage(command);
  }

  #terminate(): void {
    for (const worker of this.#workers) worker.terminate();
  }
}
