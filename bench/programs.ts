/** Starting and ending the programs that are measured, each pinned to one core. */

import { isInstalled } from "../tools/installed.ts";
import { npmBin } from "./npm_peers.ts";
import type { Place, Program, ServerPlace } from "./row.ts";

/** The core of what is measured. */
export const MEASURED_CORE = 0;
/** The core of what asks it, or answers it. */
export const LOAD_CORE = 1;

/** The folder of the project. */
export const ROOT: string = decodeURIComponent(new URL("../", import.meta.url).pathname);

/** How long a server may take until it listens, in milliseconds. */
const START_LIMIT = 20_000;

const children = new Set<Deno.ChildProcess>();

/** Ends all servers and clients at once, for a run that is broken off. */
export function killChildren(): void {
  for (const child of children) child.kill("SIGKILL");
}

/** Starts a command that {@linkcode killChildren} reaches until it ends. */
function spawnChild(command: Deno.Command): Deno.ChildProcess {
  const child = command.spawn();
  children.add(child);
  child.status.finally(() => children.delete(child));
  return child;
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly pid: number;
  stop(): Promise<void>;
}

/** What a command line is made from. */
export function placeIn(folder: string): Place {
  return { root: ROOT, folder, npmBin };
}

/**
 * Words that pin a command to a core. Real-time priority would keep other programs away as well, but also the threads of
 * V8 that collect garbage beside the one that runs the program: they share its core, and memory grows threefold.
 */
export function pinned(core: number, words: readonly string[]): string[] {
  const pin = isInstalled("taskset") && navigator.hardwareConcurrency > 1 ? ["taskset", "-c", String(core)] : [];
  return [...pin, ...words];
}

/** A port that is free now. */
function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** Starts a server, its output in a file, and waits until it takes connections. */
export async function startServer(program: Program<ServerPlace>, folder: string, core: number): Promise<RunningServer> {
  const port = freePort();
  const words = pinned(core, await program.command({ ...placeIn(folder), port }));
  const log = await Deno.makeTempFile();
  // The shell's redirection: a log read through a pipe would cost the measuring process.
  const child = spawnChild(
    new Deno.Command("sh", { args: ["-c", `exec "$@" >'${log}' 2>&1`, "sh", ...words], cwd: ROOT, stdin: "null" }),
  );
  const stop = async () => {
    if (children.has(child)) child.kill("SIGKILL");
    await child.status;
    await Deno.remove(log);
  };
  const deadline = performance.now() + START_LIMIT;
  while (!await takesConnections(port)) {
    if (!children.has(child) || performance.now() > deadline) {
      const output = await Deno.readTextFile(log);
      await stop();
      throw new Error(`Cannot start ${program.name} (${words.join(" ")}): ${output}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return { url: `http://127.0.0.1:${port}`, pid: child.pid, stop };
}

async function takesConnections(port: number): Promise<boolean> {
  try {
    (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    return true;
  } catch {
    return false; // Not yet; the caller knows when to give up.
  }
}

/** A client that is warm, and measures when it is told to. */
export interface RunningClient {
  readonly pid: number;
  /** Measures once, and gives the line that it prints. */
  measure(): Promise<string>;
  /** Has it end by itself. */
  stop(): Promise<void>;
}

/** Starts a client that is told by lines what to do (`row.ts` says how), and waits until it is warm. */
export async function startClient(name: string, words: readonly string[]): Promise<RunningClient> {
  const [program, ...args] = words;
  const child = spawnChild(
    new Deno.Command(program!, { args, cwd: ROOT, stdin: "piped", stdout: "piped", stderr: "inherit" }),
  );
  const input = child.stdin.getWriter();
  const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  const readLine = async (): Promise<string> => {
    let line = "";
    while (!line.endsWith("\n")) {
      const { value } = await output.read();
      if (value === undefined) {
        await child.status;
        throw new Error(`Cannot measure ${name} (${words.join(" ")}): it has ended`);
      }
      line += value;
    }
    return line;
  };
  await readLine();
  return {
    pid: child.pid,
    async measure() {
      await input.write(new Uint8Array([0x0A]));
      return await readLine();
    },
    async stop() {
      // What has ended by itself, with an error that is told already, takes no more input.
      if (children.has(child)) await input.close();
      await output.cancel();
      await child.status;
    },
  };
}

/** What a command printed, and the most memory it held. */
export interface Finished {
  readonly stdout: string;
  /** In MiB; 0 where the system does not tell. */
  readonly peakMiB: number;
  /** From start to end. */
  readonly milliseconds: number;
}

/** Runs a command to its end. */
export async function runToEnd(name: string, words: readonly string[]): Promise<Finished> {
  const [program, ...args] = words;
  const started = performance.now();
  const child = new Deno.Command(program!, { args, cwd: ROOT, stdin: "null", stdout: "piped", stderr: "piped" })
    .spawn();
  let peak = 0;
  const timer = setInterval(() => peak = Math.max(peak, peakMiB(child.pid)), 50);
  const output = await child.output();
  const milliseconds = performance.now() - started;
  clearInterval(timer);
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!output.success) throw new Error(`Cannot measure ${name} (${words.join(" ")}): ${text(output.stderr)}`);
  return { stdout: text(output.stdout), peakMiB: peak, milliseconds };
}

/** The most memory that a process has held since {@linkcode forgetPeak}, in MiB. */
export function peakMiB(pid: number): number {
  const status = readProc(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) / 1024;
}

/** Begins a new count of the peak. */
export function forgetPeak(pid: number): void {
  try {
    Deno.writeTextFileSync(`/proc/${pid}/clear_refs`, "5");
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied)) throw error;
  }
}

/** Processor time that a process has used, all its threads, in seconds. */
export function cpuSeconds(pid: number): number {
  // The name of the program stands in parentheses and may hold spaces; user and system time are fields 14 and 15.
  const fields = readProc(`/proc/${pid}/stat`).replace(/^.*\)\s*/s, "").split(" ");
  const TICKS_PER_SECOND = 100;
  return (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND;
}

function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    return ""; // Another system than Linux, or a process that has just ended.
  }
}
