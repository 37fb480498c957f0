/**
 * Measures the client side by side with its peers: `deno task bench client`.
 *
 * Each client runs in a process of its own, pinned to one core where `taskset` is there, against one server on another. The
 * rounds are interleaved; printed are medians, their ratio to bare fetch, and the memory at the end.
 *
 * @module
 */

import { selfSignedCertificate } from "../server/mod.ts";
import { isInstalled } from "../tools/installed.ts";
import { LARGE, type Work } from "./clients/work.ts";
import { median } from "./median.ts";
import { startPeer } from "./peers.ts";

const ROUNDS = 5;
const CLIENTS: readonly string[] = [
  "fetch",
  "httpkit-fetch",
  "httpkit-wire",
  "undici",
  "node:http",
  "requests",
  "curl",
];

interface Measurement {
  readonly name: string;
  readonly work: Work;
  readonly path: string;
  readonly count: number;
  readonly tls: boolean;
}

const MEASUREMENTS: readonly Measurement[] = [
  { name: "sequential GET, keep-alive", work: "sequential", path: "/", count: 5000, tls: false },
  { name: "64 concurrent GETs", work: "concurrent", path: "/", count: 20000, tls: false },
  { name: "sequential GET over TLS, keep-alive", work: "sequential", path: "/", count: 3000, tls: true },
  { name: "1 GiB down", work: "down", path: "/large", count: 1, tls: false },
  { name: "1 GiB up", work: "up", path: "/large", count: 1, tls: false },
];

interface Result {
  readonly seconds: number;
  readonly rss: number | null;
}

/** The command of a client, or `null` where it cannot do the work. */
function commandOf(client: string, { work, count }: Measurement, url: string, ca: string): string[] | null {
  if (client === "requests") return ["python3", "bench/clients/requests_client.py", work, url, String(count), ca];
  if (client !== "curl") {
    return [Deno.execPath(), "run", "-A", "bench/clients/main.ts", client, work, url, String(count), ca];
  }
  const args = ["-sS", "-o", "/dev/null", "-w", "seconds %{time_total}\n", ...(ca === "-" ? [] : ["--cacert", ca])];
  if (work === "down") return ["curl", ...args, url];
  // A file without content on the disk: reading it costs curl next to nothing.
  if (work === "up") return ["curl", ...args, "-H", "Expect:", "-T", sparseFile(), url];
  return null;
}

let sparse: string | undefined;

function sparseFile(): string {
  if (sparse === undefined) {
    sparse = Deno.makeTempFileSync();
    Deno.truncateSync(sparse, LARGE);
  }
  return sparse;
}

async function measureOnce(command: readonly string[]): Promise<Result> {
  const words = isInstalled("taskset") ? ["taskset", "-c", "1", ...command] : command;
  const output = await new Deno.Command(words[0]!, {
    args: words.slice(1),
    cwd: new URL("../", import.meta.url),
    stdin: "null",
    stderr: "inherit",
  }).output();
  const text = new TextDecoder().decode(output.stdout);
  const seconds = /seconds ([\d.e+-]+)/.exec(text)?.[1];
  if (seconds === undefined) throw new Error(`Cannot measure ${command.join(" ")}: it printed no time:\n${text}`);
  const rss = /rss (\d+)/.exec(text)?.[1];
  return { seconds: Number(seconds), rss: rss === undefined ? null : Number(rss) };
}

async function measure(measurement: Measurement, url: string, ca: string): Promise<void> {
  console.log(`\n${measurement.name}`);
  const results = new Map<string, Result[]>();
  for (let round = 0; round < ROUNDS; round++) {
    for (const client of CLIENTS) {
      const command = commandOf(client, measurement, url + measurement.path, ca);
      if (command === null || missing(client)) continue;
      results.set(client, [...results.get(client) ?? [], await measureOnce(command)]);
    }
  }
  const base = median(results.get("fetch")!.map(({ seconds }) => seconds));
  for (const client of CLIENTS.filter(missing)) console.log(`  skipped ${client}: not installed`);
  for (const [client, each] of results) {
    const seconds = median(each.map((result) => result.seconds));
    const rate = measurement.count > 1
      ? `${(measurement.count / seconds).toFixed(0)} /s`
      : `${(LARGE / seconds / 1e6).toFixed(0)} MB/s`;
    const rss = each[0]!.rss === null ? "" : `  ${(median(each.map((result) => result.rss!)) / 1e6).toFixed(0)} MB RSS`;
    console.log(`  ${client.padEnd(16)} ${rate.padStart(12)}  ${(base / seconds).toFixed(2).padStart(6)}${rss}`);
  }
}

function missing(client: string): boolean {
  if (client === "requests") return !hasRequests;
  return client === "curl" && !isInstalled("curl");
}

const hasRequests = isInstalled("python3") &&
  new Deno.Command("python3", { args: ["-c", "import requests"], stderr: "null" }).outputSync().success;

/** Measures everything and prints it. */
export async function measureClients(): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const { cert, key } = await selfSignedCertificate();
    await Deno.writeTextFile(`${folder}/cert.pem`, cert);
    await Deno.writeTextFile(`${folder}/key.pem`, key);
    const plain = await startPeer({ name: "server", script: "bench/clients/server.ts" });
    const tls = await startPeer({
      name: "TLS server",
      script: "bench/clients/server.ts",
      args: [`${folder}/cert.pem`, `${folder}/key.pem`],
    });
    try {
      console.log(`\nclients: medians of ${ROUNDS} interleaved rounds; ratio to bare fetch`);
      for (const measurement of MEASUREMENTS) {
        if (measurement.tls) {
          await measure(measurement, tls.url.replace("http://127.0.0.1", "https://localhost"), `${folder}/cert.pem`);
        } else await measure(measurement, plain.url, "-");
      }
    } finally {
      await plain.stop();
      await tls.stop();
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
    if (sparse !== undefined) await Deno.remove(sparse);
  }
}
