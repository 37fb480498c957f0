/**
 * The server under test: a child process on a port that the system chooses.
 *
 * @module
 */

import { join } from "node:path";
import type { Fixture } from "./fixture_format.ts";
import { FixtureTree } from "./fixture_tree.ts";
import { NOBODY } from "./nobody.ts";
import { PROJECT_FOLDER, serverCommand } from "./server_command.ts";

const FIRST_LINE_REGEXP = /^Serving HTTPS? on \S+ port (\d+) \(/;
const PROXY_VARIABLE_REGEXP = /^(?:https?|ftp|all|no)_proxy$/i;
const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const LOG_TAIL_CHARACTERS = 1_500;

/** What a server is started with. */
export interface ServerSpec {
  /** The tree. */
  readonly fixture: Fixture;
  /** Extra arguments. */
  readonly args: readonly string[];
  /** Whether to run as `nobody` instead of as root. */
  readonly dropPrivileges: boolean;
}

/** A running server and its tree. */
export class ServerProcess {
  /** The served tree. */
  readonly tree: FixtureTree;
  /** The port on the loopback interface. */
  readonly port: number;
  readonly #child: Deno.ChildProcess;
  readonly #home: string;

  private constructor(tree: FixtureTree, port: number, child: Deno.ChildProcess, home: string) {
    this.tree = tree;
    this.port = port;
    this.#child = child;
    this.#home = home;
  }

  /**
   * Makes the tree, starts the server and waits for its first line.
   *
   * @throws {Error} If the server ends, or prints something else; the message holds what it logged.
   */
  static async start(spec: ServerSpec): Promise<ServerProcess> {
    const tree = await FixtureTree.create(spec.fixture);
    const home = await Deno.makeTempDir({ prefix: "httpkit_conformance_home_" });
    if (spec.dropPrivileges) await Deno.chown(home, NOBODY, NOBODY);
    const child = spawnServer(serverCommand(tree.root, spec.args), home, spec.dropPrivileges);
    try {
      return new ServerProcess(tree, await readPort(child), child, home);
    } catch (error) {
      await endChild(child);
      const log = await logTail(home);
      await Promise.all([tree.remove(), Deno.remove(home, { recursive: true })]);
      throw new Error(`${error instanceof Error ? error.message : error}\n${log}`, { cause: error });
    }
  }

  /** The last lines that the server logged. */
  log(): Promise<string> {
    return logTail(this.#home);
  }

  /** Ends the server and removes its tree. */
  async stop(): Promise<void> {
    await endChild(this.#child);
    await Promise.all([this.tree.remove(), Deno.remove(this.#home, { recursive: true })]);
  }
}

function spawnServer(command: readonly string[], home: string, dropPrivileges: boolean): Deno.ChildProcess {
  const onWindows = Deno.build.os === "windows";
  // The log goes to a file: reading it from a pipe would complete inside of tests that have not begun it, which the
  // sanitizers forbid, and a pipe that nobody reads blocks the server when it is full.
  const [program = "", ...args] = onWindows
    ? command
    : ["/bin/sh", "-c", 'exec "$@" 2>"$0"', logFile(home), ...command];
  return new Deno.Command(program, {
    args,
    cwd: PROJECT_FOLDER,
    clearEnv: true,
    env: serverEnvironment(dropPrivileges ? home : undefined),
    stdin: "null",
    stdout: "piped",
    stderr: "null",
    ...(dropPrivileges ? { uid: NOBODY, gid: NOBODY } : {}),
  }).spawn();
}

function serverEnvironment(home: string | undefined): Record<string, string> {
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => !PROXY_VARIABLE_REGEXP.test(name));
  return {
    ...Object.fromEntries(inherited),
    KIT_SERVER_SECRET: "do-not-pass-on",
    // Root's own cache is closed to others.
    ...(home === undefined ? {} : { HOME: home, DENO_DIR: join(home, "deno") }),
  };
}

async function readPort(child: Deno.ChildProcess): Promise<number> {
  const reader = child.stdout.getReader();
  const decoder = new TextDecoder();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no first line within ${START_LIMIT_MS / 1000} s`)), START_LIMIT_MS);
  });
  let text = "";
  try {
    while (!text.includes("\n")) {
      const { value, done } = await Promise.race([reader.read(), late]);
      if (done) break;
      text += decoder.decode(value, { stream: true });
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
  const port = FIRST_LINE_REGEXP.exec(text)?.[1];
  if (port === undefined) throw new Error(`Cannot start the server: its first line is ${JSON.stringify(text)}`);
  return Number(port);
}

async function endChild(child: Deno.ChildProcess): Promise<void> {
  const timer = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
  try {
    child.kill("SIGTERM");
  } catch (error) {
    // It may have ended by itself, and says so with this error.
    if (!(error instanceof TypeError)) throw error;
  }
  await child.status;
  clearTimeout(timer);
  await child.stdout.cancel();
}

async function logTail(home: string): Promise<string> {
  if (Deno.build.os === "windows") return "";
  const log = await Deno.readTextFile(logFile(home));
  return `The end of the server's log:\n${log.slice(-LOG_TAIL_CHARACTERS)}`;
}

function logFile(home: string): string {
  return join(home, "server.log");
}
