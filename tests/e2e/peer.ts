/** Outside servers that the client is tested against: a process in a temporary folder of its own, for one test file. */

/** What to run. */
export interface PeerCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Printed, on either output, as soon as it accepts connections; or the port to try, if it prints nothing. */
  readonly ready: RegExp | number;
}

/** How often a peer is started: another program may take the free port that was found for it. */
const ATTEMPTS = 3;

/** An outside server, from {@linkcode Peer.start} to {@linkcode Peer.stop}. */
export class Peer {
  /** Its temporary folder, which anybody may write: some servers drop their privileges. */
  readonly folder: string;
  /** What the `ready` of its command found; empty if that is a port. */
  readonly ready: readonly string[];
  readonly #child: Deno.ChildProcess;

  private constructor(folder: string, child: Deno.ChildProcess, ready: readonly string[]) {
    this.folder = folder;
    this.#child = child;
    this.ready = ready;
  }

  /**
   * Starts a server, again on another port if it ends at once.
   *
   * @param command what to run in the folder that it is given.
   */
  static async start(command: (folder: string) => PeerCommand | Promise<PeerCommand>): Promise<Peer> {
    for (let attempt = 1;; attempt++) {
      const folder = await Deno.realPath(await Deno.makeTempDir());
      await Deno.chmod(folder, 0o777);
      const { program, args, ready } = await command(folder);
      // Into a file: the sanitizers would blame a test for the reading of a pipe that goes on while it runs.
      const log = `${folder}/peer.log`;
      await Deno.writeTextFile(log, "");
      const child = new Deno.Command("sh", {
        args: ["-c", 'log=$1; shift; exec "$@" >"$log" 2>&1', "sh", log, program, ...args],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      const found = typeof ready === "number"
        ? await waitForPort(ready, child.status)
        : await waitFor(ready, log, child.status);
      if (found !== null) return new Peer(folder, child, found);
      const text = await Deno.readTextFile(log);
      await Deno.remove(folder, { recursive: true });
      if (attempt === ATTEMPTS) throw new Error(`Cannot start ${program}: ${text}`);
    }
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    this.#child.kill("SIGTERM");
    await this.#child.status;
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** What a growing file has of an expression; `null` if `end` comes first. */
async function waitFor(wanted: RegExp, file: string, end: Promise<unknown>): Promise<RegExpExecArray | null> {
  using watcher = Deno.watchFs(file);
  const ended = end.then(() => ({ done: true }));
  for (const events = watcher[Symbol.asyncIterator]();;) {
    const found = wanted.exec(await Deno.readTextFile(file));
    if (found !== null) return found;
    if ((await Promise.race([events.next(), ended])).done) return null;
  }
}

/** Waits until somebody listens on a port; `null` if `end` comes first. */
async function waitForPort(port: number, end: Promise<unknown>): Promise<[] | null> {
  let ended = false;
  end.then(() => ended = true);
  while (!ended) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return [];
    } catch (error) {
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
    }
    // Nothing tells when to look again.
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return null;
}

/** A port on which nothing listens. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}
