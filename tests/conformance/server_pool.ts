/**
 * The servers that the cases share: one for each tree, list of arguments and user.
 *
 * @module
 */

import { ServerProcess, type ServerSpec } from "./server_process.ts";

/** Servers that are started together before the first case and ended after the last. */
export class ServerPool {
  readonly #specs = new Map<string, ServerSpec>();
  readonly #starts = new Map<string, PromiseSettledResult<ServerProcess>>();

  /** Notes that a server like this will be needed. */
  add(spec: ServerSpec): void {
    this.#specs.set(keyOf(spec), spec);
  }

  /** Starts what is needed. A server that does not start fails only the cases that need it. */
  async start(): Promise<void> {
    const started = await Promise.allSettled([...this.#specs.values()].map((spec) => ServerProcess.start(spec)));
    for (const [i, key] of [...this.#specs.keys()].entries()) this.#starts.set(key, started[i]!);
  }

  /**
   * The running server for a specification.
   *
   * @throws {Error} What it failed with, if it did not start.
   */
  get(spec: ServerSpec): ServerProcess {
    const start = this.#starts.get(keyOf(spec));
    if (start === undefined) throw new Error(`Cannot use server "${spec.args}": it was not started`);
    if (start.status === "rejected") throw start.reason;
    return start.value;
  }

  /** Ends all servers. */
  async stop(): Promise<void> {
    const running = [...this.#starts.values()].filter((start) => start.status === "fulfilled");
    this.#starts.clear();
    await Promise.all(running.map(({ value }) => value.stop()));
  }
}

function keyOf({ fixture, args, dropPrivileges }: ServerSpec): string {
  return JSON.stringify([fixture.root, fixture.entries.size, args, dropPrivileges]);
}
