/**
 * Measures the server side by side with its peers: `deno task bench`.
 *
 * Each peer runs in a process of its own, pinned to one core where `taskset` is there; `wrk` loads it from another. The rounds
 * are interleaved, so that a machine that slows down slows all peers down. Printed are the medians in requests per second and
 * their ratio to the first peer of the table. A program that is missing is named and skipped.
 *
 * @module
 */

import { isInstalled } from "../tools/installed.ts";
import { type Peer, startPeer } from "./peers.ts";

const ROUNDS = 5;
const SECONDS = 2;

interface Work {
  readonly name: string;
  readonly path: string;
  readonly peers: readonly Peer[];
}

async function requestsPerSecond(url: string): Promise<number> {
  const args = ["-t1", "-c64", `-d${SECONDS}s`, url];
  const pinned = isInstalled("taskset");
  const command = new Deno.Command(pinned ? "taskset" : "wrk", {
    args: pinned ? ["-c", "1", "wrk", ...args] : args,
    stderr: "inherit",
  });
  const text = new TextDecoder().decode((await command.output()).stdout);
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (failed) throw new Error(`Cannot measure ${url}: ${failed[1]} responses were errors`);
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)?.[1];
  if (rate === undefined) throw new Error(`Cannot measure ${url}: wrk printed no rate:\n${text}`);
  return Number(rate);
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

async function measure(work: Work): Promise<void> {
  console.log(`\n${work.name}`);
  const running = [];
  for (const peer of work.peers) {
    if (peer.needs !== undefined && !isInstalled(peer.needs)) {
      console.log(`  skipped ${peer.name}: needs ${peer.needs}`);
    } else running.push({ peer, process: await startPeer(peer), rates: [] as number[] });
  }
  try {
    for (let round = 0; round < ROUNDS; round++) {
      for (const { process, rates } of running) rates.push(await requestsPerSecond(process.url + work.path));
    }
  } finally {
    for (const { process } of running) await process.stop();
  }
  const base = median(running[0]?.rates ?? []);
  for (const { peer, rates } of running) {
    const rate = median(rates);
    console.log(`  ${peer.name.padEnd(36)} ${rate.toFixed(0).padStart(8)} /s  ${(rate / base).toFixed(2).padStart(6)}`);
  }
}

async function main(): Promise<number> {
  if (!isInstalled("wrk")) {
    console.error("Cannot measure: needs wrk (Debian: apt-get install wrk)");
    return 1;
  }
  const directory = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${directory}/1k.txt`, "x".repeat(1024));
    await Deno.writeTextFile(`${directory}/100k.txt`, "x".repeat(100 * 1024));
    const cli = { name: "httpkit", script: "cli.ts", args: ["0", "--bind", "127.0.0.1", "--directory", directory] };
    const python = {
      name: "Python http.server",
      needs: "python3",
      command: ["python3", "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", directory],
    };
    console.log(`Deno ${Deno.version.deno} on ${Deno.build.target}, ${navigator.hardwareConcurrency} cores`);
    console.log(`medians of ${ROUNDS} interleaved rounds of ${SECONDS} s, 64 connections; ratio to the first line`);
    await measure({
      name: "hello",
      path: "/",
      peers: [
        { name: "bare Deno.serve, same headers", script: "bench/bare_hello.ts", args: [] },
        { name: "BaseHTTPRequestHandler, logging", script: "bench/handler_hello.ts", args: [] },
      ],
    });
    await measure({ name: "1 KiB file", path: "/1k.txt", peers: [cli, python] });
    await measure({ name: "100 KiB file", path: "/100k.txt", peers: [cli, python] });
    return 0;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main());
