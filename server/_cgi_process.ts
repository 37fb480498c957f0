/** A running script: started in a process group of its own, and never left behind. */

import { WINDOWS } from "./_platform.ts";

/** What to run. */
export interface ScriptCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** All of the environment: nothing is added to it. */
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
}

/** `nobody` and its group: 65534 on Linux and BSD, -2 on macOS, which is unsigned here. */
const NOBODY = globalThis.Deno?.build?.os === "darwin" ? 0xFFFF_FFFE : 65534;

/** Seconds between asking a process group to end and ending it. */
const TERM_GRACE = 2;

/** Longer lines of standard error are cut, in characters. */
const MAX_LOG_LINE = 4096;

/** Seconds that standard error is still read after the script has ended: a process that it left behind may hold it open. */
const LOG_GRACE = 0.2;

/** The scripts of this thread that run. They do not get the terminal's Ctrl-C, so the program's end must reach them. */
const running = new Set<ScriptProcess>();
let endsWithProgram = false;

function endWithProgram(): void {
  if (endsWithProgram) return;
  endsWithProgram = true;
  globalThis.addEventListener("unload", killAllScripts);
}

/** Kills every script of this thread that still runs, at once. */
export function killAllScripts(): void {
  for (const script of running) script.killNow();
}

/** Without these no program starts on Windows. */
const INHERITED: readonly string[] = WINDOWS ? ["PATH", "PATHEXT", "SystemRoot"] : ["PATH"];

/** What scripts get of this program's own environment, as far as it may be read. */
export function inheritedEnvironment(): Record<string, string> {
  const env: Record<string, string> = WINDOWS ? {} : { PATH: "/usr/local/bin:/usr/bin:/bin" };
  for (const variable of INHERITED) {
    if (Deno.permissions.querySync({ name: "env", variable }).state !== "granted") continue;
    const value = Deno.env.get(variable);
    if (value !== undefined) env[variable] = value;
  }
  return env;
}

/** A script that was started. */
export class ScriptProcess {
  readonly #child: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array<ArrayBufferLike>>;
  readonly #status: Promise<Deno.CommandStatus>;
  #ended = false;

  /**
   * Starts a script, as `nobody` when this process runs as root.
   *
   * @throws {Deno.errors.PermissionDenied} when the system does not let the user run it.
   * @throws {Deno.errors.NotFound} when its interpreter does not exist.
   * @throws {Deno.errors.NotCapable} without `--allow-run`, or without `--allow-sys=uid`.
   */
  constructor({ program, args, env, cwd }: ScriptCommand) {
    this.#child = new Deno.Command(program, {
      args: [...args],
      env: { ...env },
      clearEnv: true,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
      // A group of its own, so that what the script starts ends with it.
      ...(WINDOWS ? {} : { detached: true }),
      ...(isRoot() ? { uid: NOBODY, gid: NOBODY } : {}),
    }).spawn();
    endWithProgram();
    running.add(this);
    this.#stdin = this.#child.stdin.getWriter();
    this.#status = this.#child.status.then(async (status) => {
      this.#ended = true;
      running.delete(this);
      // Whoever feeds may wait for a client that sends nothing more.
      await this.#closeInput();
      return status;
    });
  }

  /** What the script prints. */
  get stdout(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#child.stdout;
  }

  /** How the script ended. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#status;
  }

  /** Writes what `read` gives, until that is empty, and closes standard input. A script may stop reading: that is its choice. */
  async feed(read: () => Promise<Uint8Array<ArrayBuffer>>): Promise<void> {
    const writer = this.#stdin;
    // A script that closes its input is noticed by the next write; this promise would end the program.
    writer.closed.catch(() => {});
    try {
      for (let chunk = await read(); chunk.length > 0 && !this.#ended; chunk = await read()) await writer.write(chunk);
      if (!this.#ended) await writer.close();
    } catch (error) {
      await this.#closeInput();
      if (!this.#ended && !(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
  }

  /** Gives the pipe back. What it says to that is of no interest: nobody reads from it any more. */
  async #closeInput(): Promise<void> {
    await this.#stdin.abort().catch(() => {});
  }

  /** Gives each line of standard error to `log`, until the script has ended. */
  async logLines(log: (line: string) => void): Promise<void> {
    const reader = this.#child.stderr.getReader();
    const decoder = new TextDecoder();
    let timer: ReturnType<typeof setTimeout> | undefined;
    // A read that waits ends when the reader is cancelled.
    const given = this.#status.then(() => {
      timer = setTimeout(() => void reader.cancel().catch(() => {}), LOG_GRACE * 1000);
    });
    let line = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      const lines = (line + decoder.decode(part.value, { stream: true })).split("\n");
      line = lines.pop()!.slice(0, MAX_LOG_LINE);
      for (const each of lines) log(each.slice(0, MAX_LOG_LINE));
    }
    if (line !== "") log(line);
    await given;
    clearTimeout(timer);
  }

  /** Ends the script and everything that it started: asks, and after {@linkcode TERM_GRACE} seconds does not ask. */
  async kill(): Promise<void> {
    this.#signal("SIGTERM");
    const late = Promise.withResolvers<void>();
    const timer = setTimeout(late.resolve, TERM_GRACE * 1000);
    await Promise.race([this.#status, late.promise]);
    clearTimeout(timer);
    // The group outlives its leader: what the script started may have ignored the first signal.
    this.#signal("SIGKILL");
    await this.#status;
  }

  /** Ends the script and everything that it started without asking or waiting. */
  killNow(): void {
    this.#signal("SIGKILL");
  }

  #signal(signal: Deno.Signal): void {
    try {
      if (WINDOWS) this.#signalLeader(signal);
      else Deno.kill(-this.#child.pid, signal);
    } catch (error) {
      // A group takes --allow-run for every program; with a list of programs only the script itself can be ended.
      if (error instanceof Deno.errors.NotCapable) this.#signalLeader(signal);
      // There is no such group any more, which is what was wanted.
      else if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  #signalLeader(signal: Deno.Signal): void {
    if (!this.#ended) this.#child.kill(signal);
  }
}

/** Whether scripts have to give up root's rights. Not to know would mean to run them as root. */
function isRoot(): boolean {
  return !WINDOWS && Deno.uid() === 0;
}
