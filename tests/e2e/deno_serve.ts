/** `deno serve` in a process of its own. */

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
  const child = new Deno.Command(Deno.execPath(), {
    args: ["serve", "--no-prompt", ...config, "--host", "127.0.0.1", "--port", "0", ...flags, module],
    cwd: cwd ?? PROJECT,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const reader = child.stderr.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/Listening on \S+:(\d+)\/.*\n/.test(text)) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`Cannot start deno serve: ${text}`);
    text += value;
  }
  return {
    port: Number(/:(\d+)\//.exec(text)![1]),
    banner: text,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
