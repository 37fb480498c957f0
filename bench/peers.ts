/** The programs that are measured, each in a process of its own. */

import { isInstalled } from "../tools/installed.ts";

/** A program that prints a line with `port N` when it listens on loopback. */
export interface Peer {
  readonly name: string;
  /** A script for Deno, relative to the project. */
  readonly script?: string;
  readonly args?: readonly string[];
  /** Any other command. */
  readonly command?: readonly string[];
  /** The program that must be installed. */
  readonly needs?: string;
}

/** A peer that listens. */
export interface RunningPeer {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts a peer, its log thrown into a file, and waits until it listens. */
export async function startPeer(peer: Peer): Promise<RunningPeer> {
  const own = peer.script === undefined
    ? [...peer.command!]
    : [Deno.execPath(), "run", "--allow-net", "--allow-read", peer.script, ...(peer.args ?? [])];
  const words = isInstalled("taskset") ? ["taskset", "-c", "0", ...own] : own;
  const log = await Deno.makeTempFile();
  // The shell's redirection: a log read through a pipe would cost the measuring process.
  const child = new Deno.Command("sh", {
    args: ["-c", `exec "$@" 2>'${log}'`, "sh", ...words],
    cwd: new URL("../", import.meta.url),
    stdout: "piped",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!/port (\d+)/.test(text)) {
    const { done, value } = await reader.read();
    if (done) throw new Error(`Cannot start ${peer.name}: ${await Deno.readTextFile(log)}`);
    text += value;
  }
  return {
    url: `http://127.0.0.1:${/port (\d+)/.exec(text)![1]}`,
    async stop() {
      child.kill("SIGKILL");
      await child.status;
      await reader.cancel();
      await Deno.remove(log);
    },
  };
}
