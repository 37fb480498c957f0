/** `wrk`, which asks a server as fast as it answers. */

import { LOAD_CORE, pinned, runToEnd } from "./programs.ts";
import type { Load, Place } from "./row.ts";

/** What `wrk` counted. */
export interface LoadFigures {
  readonly requests: number;
  readonly requestsPerSecond: number;
  readonly megabytesPerSecond: number;
}

const UNITS: Readonly<Record<string, number>> = { B: 1, KB: 2 ** 10, MB: 2 ** 20, GB: 2 ** 30, TB: 2 ** 40 };

/**
 * Loads a server for some seconds.
 *
 * @throws {Error} When the server gives another status than the load expects, or any error meanwhile.
 */
export async function loadWith(url: string, load: Load, place: Place, seconds: number): Promise<LoadFigures> {
  const address = url + (load.path ?? "/");
  const headers = await load.headers?.(url) ?? {};
  await checkStatus(address, headers, load.status ?? 200);
  const words = ["wrk", "-t1", `-c${load.connections ?? 64}`, `-d${seconds}s`];
  for (const [name, value] of Object.entries(headers)) words.push("-H", `${name}: ${value}`);
  if (load.script !== undefined) {
    const path = `${place.folder}/load.lua`;
    await Deno.writeTextFile(path, load.script(place));
    words.push("-s", path);
  }
  return readReport(address, (await runToEnd("wrk", pinned(LOAD_CORE, [...words, address]))).stdout);
}

/**
 * What makes `fetch` ask as wrk does: by itself it accepts codings, and another coding has another entity tag, which wrk
 * would then be answered with 200.
 */
export const AS_WRK_ASKS: Readonly<Record<string, string>> = { "Accept-Encoding": "identity" };

/** Wrk counts a 404 as an answer, and an answer of 200 to a `Range` as well: ask once and look. */
async function checkStatus(address: string, headers: Readonly<Record<string, string>>, wanted: number): Promise<void> {
  const response = await fetch(address, { headers: { ...AS_WRK_ASKS, ...headers } });
  await response.body?.cancel();
  if (response.status === wanted) return;
  throw new Error(`Cannot measure ${address}: it answers with ${response.status}, not with ${wanted}`);
}

/**
 * Reads what `wrk` prints.
 *
 * @throws {Error} When there were errors, or no figures.
 */
export function readReport(address: string, text: string): LoadFigures {
  const failed = /Non-2xx or 3xx responses: (\d+)/.exec(text);
  if (failed) throw new Error(`Cannot measure ${address}: ${failed[1]} responses were errors`);
  const requests = /(\d+) requests in/.exec(text)?.[1];
  const rate = /Requests\/sec:\s+([\d.]+)/.exec(text)?.[1];
  const transfer = /Transfer\/sec:\s+([\d.]+)(\w+)/.exec(text);
  if (requests === undefined || rate === undefined || transfer === null) {
    throw new Error(`Cannot measure ${address}: wrk printed no figures:\n${text}`);
  }
  return {
    requests: Number(requests),
    requestsPerSecond: Number(rate),
    megabytesPerSecond: Number(transfer[1]) * UNITS[transfer[2]!]! / 1e6,
  };
}
