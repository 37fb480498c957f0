/** A program that serves, in a process of its own. */

/** A server that listens; `await using` ends it. */
export interface ListeningProcess extends AsyncDisposable {
  /** What it said until it listened. */
  readonly said: string;
  /** What the expression found in that. */
  readonly ready: RegExpExecArray;
}

/** How to start a {@linkcode ListeningProcess} with deno. */
export interface ListeningOptions {
  /** The arguments of deno. */
  readonly args: readonly string[];
  readonly cwd: string | URL;
  readonly env?: Readonly<Record<string, string>>;
  /** Where it says that it listens; the other output is thrown away. */
  readonly output: "stdout" | "stderr";
  /** What it says then. */
  readonly ready: RegExp;
}

/** Starts a server and waits until it listens. */
export async function startListening(options: ListeningOptions): Promise<ListeningProcess> {
  const { args, cwd, env = {}, output } = options;
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    cwd,
    env: { ...env, NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    [output]: "piped",
  }).spawn();
  const reader = child[output].pipeThrough(new TextDecoderStream()).getReader();
  let said = "";
  let ready: RegExpExecArray | null = null;
  while (ready === null) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`deno ${args.join(" ")} ended before it listened: ${said}`);
    said += value;
    ready = options.ready.exec(said);
  }
  return {
    said,
    ready,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
    },
  };
}
