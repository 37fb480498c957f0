/** `deno serve` in a process of its own. */

import { startListening } from "../helpers/listening_process.ts";

const PROJECT = new URL("../../", import.meta.url);

/** A server under `deno serve`; `await using` ends it. */
export interface DenoServe extends AsyncDisposable {
  readonly port: number;
  /** What it said until it listened. */
  readonly banner: string;
}

/** Where and with what `deno serve` runs. */
export interface DenoServeOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Without it, it runs in the folder of this project, with its deno.json. */
  readonly cwd?: string;
}

/** Starts `deno serve` with a module and waits until it listens. */
export async function denoServe(
  module: string,
  flags: readonly string[],
  { env = {}, cwd }: DenoServeOptions = {},
): Promise<DenoServe> {
  const config = cwd === undefined ? ["--config", "deno.json"] : [];
  const server = await startListening({
    args: ["serve", "--no-prompt", ...config, "--host", "127.0.0.1", "--port", "0", ...flags, module],
    cwd: cwd ?? PROJECT,
    env,
    output: "stderr",
    ready: /Listening on \S+:(\d+)\/.*\n/,
  });
  return {
    port: Number(server.ready[1]),
    banner: server.said,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
