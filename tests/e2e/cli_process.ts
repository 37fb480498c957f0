/** The command line in a process of its own. */

const PROJECT = new URL("../../", import.meta.url);

/** A file server that listens on loopback; `await using` interrupts it and waits for its end. */
export interface CliProcess extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** What the first line on standard output was. */
  readonly firstLine: string;
  /** Settles when it has said that it was interrupted, with `false` when it ended without a word. */
  readonly noticed: Promise<boolean>;
  /** Interrupts it as Ctrl-C does, and gives its end. */
  interrupt(signal?: Deno.Signal): Promise<{ code: number; stdout: string; stderr: string }>;
}

/** How to start a file server in another place or way than `cli.ts` of this project. */
export interface CliCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string | URL;
  readonly env?: Readonly<Record<string, string>>;
}

/** Starts `cli.ts 0` with the permissions that the README names, and waits until it listens. */
export async function startCli(
  args: readonly string[],
  permissions: readonly string[] = ["--allow-net", "--allow-read"],
): Promise<CliProcess> {
  return await startCliCommand({
    program: Deno.execPath(),
    args: ["run", "--quiet", "--no-prompt", ...permissions, "cli.ts", "0", ...args],
    cwd: PROJECT,
  });
}

/** Starts a file server by any command, and waits until it listens. */
export async function startCliCommand({ program, args, cwd, env = {} }: CliCommand): Promise<CliProcess> {
  const child = new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let stdout = "";
  while (!stdout.includes("\n")) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Cannot start the command line: ${await stderr}`);
    stdout += value;
  }
  const firstLine = stdout.slice(0, stdout.indexOf("\n"));
  const port = Number(/ port (\d+) /.exec(firstLine)![1]);
  let ended: Promise<{ code: number; stdout: string; stderr: string }> | undefined;
  const notice = Promise.withResolvers<boolean>();
  const end = async (signal: Deno.Signal) => {
    child.kill(signal);
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      stdout += part.value;
      if (stdout.includes("\nKeyboard interrupt received, exiting.\n")) notice.resolve(true);
    }
    notice.resolve(false);
    return { code: (await child.status).code, stdout, stderr: await stderr };
  };
  const interrupt = (signal: Deno.Signal = "SIGINT") => ended ??= end(signal);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    pid: child.pid,
    firstLine,
    noticed: notice.promise,
    interrupt,
    [Symbol.asyncDispose]: async () => void await interrupt(),
  };
}

/** Runs `cli.ts` to its end, for command lines that do not serve. */
export async function runCli(
  args: readonly string[],
  permissions: readonly string[] = ["--allow-net", "--allow-read"],
): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, "cli.ts", ...args],
    cwd: PROJECT,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const decoder = new TextDecoder();
  return { code: output.code, stdout: decoder.decode(output.stdout), stderr: decoder.decode(output.stderr) };
}
