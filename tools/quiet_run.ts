/**
 * Runs deno for an answer, not for its output.
 *
 * @module
 */

/** How {@linkcode runQuietly} runs deno. */
export interface QuietRunOptions {
  /** Working directory. @default the current one */
  readonly cwd?: string;
  /** How long to wait, in seconds, before deno is killed and counts as failed. */
  readonly seconds: number;
}

/**
 * Runs deno with `args`, without input and output.
 *
 * @param args The arguments of deno.
 * @param options Where, and for how long.
 * @returns Whether it ended with code 0 in time.
 */
export async function runQuietly(args: readonly string[], options: QuietRunOptions): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    stdin: "null",
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(options.seconds * 1000),
  });
  return (await command.output()).success;
}
