/** Keeping an eye on a running script: its time, and whether anybody still waits for what it says. */

import type { CgiOutput } from "./_cgi_output.ts";
import type { ScriptProcess } from "./_cgi_process.ts";

/** Seconds after which the client is watched; shorter scripts do without, see `BaseHTTPRequestHandler.signal`. */
const WATCH_AFTER = 1;

/** The time of a script is over. */
export class ScriptTimeout extends Error {
  /** @param seconds how long the script was allowed to run. */
  constructor(seconds: number) {
    super(`still running after ${seconds} seconds (cgiTimeout), killed`);
    this.name = "ScriptTimeout";
  }
}

/** Stops a script once, for the first reason that comes up. */
export class ScriptWatch {
  readonly #process: ScriptProcess;
  readonly #output: CgiOutput;
  readonly #timers: number[] = [];
  #release: (() => void) | undefined;
  #stopping: Promise<void> | undefined;
  #reason: unknown;

  /**
   * @param process the script.
   * @param output what it says; reading that ends when the script is stopped, whoever else holds the pipe open.
   * @param timeout seconds that it may run, or `null`.
   * @param clientSignal gives a signal that is aborted when the client goes away.
   */
  constructor(process: ScriptProcess, output: CgiOutput, timeout: number | null, clientSignal: () => AbortSignal) {
    this.#process = process;
    this.#output = output;
    if (timeout !== null) this.#after(timeout, () => void this.stop(new ScriptTimeout(timeout)));
    this.#after(WATCH_AFTER, () => this.#watchClient(clientSignal()));
  }

  #after(seconds: number, act: () => void): void {
    // The Node types that some imports bring along make the result an object; it is a number all the same.
    this.#timers.push(setTimeout(act, seconds * 1000) as unknown as number);
  }

  #watchClient(signal: AbortSignal): void {
    const onAbort = () => void this.stop(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort);
    this.#release = () => signal.removeEventListener("abort", onAbort);
  }

  /** Whether the script was stopped. */
  get stopped(): boolean {
    return this.#stopping !== undefined;
  }

  /** Why it was stopped first. */
  get reason(): unknown {
    return this.#reason;
  }

  /** Kills the script and ends the reading of its output. Resolves when it is gone. */
  stop(reason: unknown): Promise<void> {
    if (this.#stopping === undefined) {
      this.#reason = reason;
      this.#stopping = Promise.all([this.#process.kill(), this.#output.cancel()]).then(() => {});
    }
    return this.#stopping;
  }

  /** Stops watching. */
  end(): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#release?.();
  }
}
