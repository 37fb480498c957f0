/** Runs a row: its first side in turn with each of the others, so that a machine that slows down slows both of them down. */

import { isInstalled } from "../tools/installed.ts";
import type { RowFigures, SideFigures } from "./figures.ts";
import { installPackages } from "./npm_peers.ts";
import {
  cpuSeconds,
  forgetPeak,
  LOAD_CORE,
  MEASURED_CORE,
  peakMiB,
  pinned,
  placeIn,
  type RunningServer,
  runToEnd,
  startClient,
  startServer,
} from "./programs.ts";
import type { ClientRow, ColdRow, Load, Place, Program, Row, ServerRow } from "./row.ts";
import { loadWith } from "./wrk.ts";

/** How much is measured. */
export interface Effort {
  readonly rounds: number;
  /** Length of one measurement of a rate. */
  readonly seconds: number;
}

/** How long a server is under load before it is measured; clients see to it themselves. */
const WARM_UP_SECONDS = 4;

/** One measurement. */
interface Measured {
  readonly value: number;
  /** Microseconds of processor time for each request. */
  readonly cpu?: number;
  readonly peakMiB?: number;
}

/** One side while its row runs. */
interface Running {
  readonly name: string;
  /** Makes it ready: started, its caches and those of V8 filled. */
  begin(): Promise<Ready>;
}

/** A side that is ready. */
interface Ready {
  measure(): Promise<Measured>;
  end?(): Promise<void>;
}

/** Measures a row, in a folder that is removed afterwards. */
export async function measure(row: Row, effort: Effort): Promise<RowFigures> {
  const folder = await Deno.makeTempDir({ prefix: "httpkit-bench-" });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => Deno.remove(folder, { recursive: true }));
  await row.prepare?.(folder);

  const skipped: { name: string; reason: string }[] = [];
  const present = async <P extends Place, S extends Program<P>>(sides: readonly S[]): Promise<S[]> => {
    const found: S[] = [];
    for (const side of sides) {
      const reason = await missing(side);
      if (reason === null) found.push(side);
      else skipped.push({ name: side.name, reason });
    }
    return found;
  };
  const running = row.kind === "server"
    ? await prepareServers(row, await present(row.sides), folder, effort, cleanup)
    : row.kind === "client"
    ? await prepareClients(row, await present(row.sides), folder, effort, cleanup)
    : prepareCold(await present(row.sides), folder);
  return { row, sides: await inPairs(running, effort.rounds), skipped };
}

/**
 * Measures the first side in turn with each of the others. The speed of a shared machine changes by a third within seconds,
 * so what is compared has to follow one another at once.
 */
async function inPairs([first, ...others]: readonly Running[], rounds: number): Promise<SideFigures[]> {
  if (first === undefined) return [];
  const ours = newFigures(first.name);
  const sides = [ours];
  for (const other of others.length > 0 ? others : [null]) {
    await using ends = new AsyncDisposableStack();
    const readyFirst = await beginUntil(ends, first);
    const readyOther = other && await beginUntil(ends, other);
    const its = other && newFigures(other.name);
    if (its !== null) sides.push(its);
    for (let round = 0; round < rounds; round++) {
      const reached = await readyFirst.measure();
      add(ours, reached);
      if (its === null) continue;
      add(its, await readyOther!.measure());
      its.against.push(reached.value);
    }
  }
  return sides;
}

async function beginUntil(ends: AsyncDisposableStack, side: Running): Promise<Ready> {
  const ready = await side.begin();
  ends.defer(() => ready.end?.());
  return ready;
}

type Collected = {
  -readonly [K in keyof SideFigures]: SideFigures[K] extends readonly number[] ? number[] : SideFigures[K];
};

function newFigures(name: string): Collected {
  return { name, values: [], against: [], cpu: [], peakMiB: 0 };
}

function add(figures: Collected, { value, cpu, peakMiB = 0 }: Measured): void {
  figures.values.push(value);
  if (cpu !== undefined) figures.cpu.push(cpu);
  figures.peakMiB = Math.max(figures.peakMiB, peakMiB);
}

async function missing<P extends Place>(side: Program<P>): Promise<string | null> {
  const absent = (side.needs ?? []).filter((program) => !isInstalled(program));
  if (absent.length > 0) return `needs ${absent.join(", ")}`;
  return await installPackages(side.npm ?? []) ?? await side.missing?.() ?? null;
}

async function prepareServers(
  row: ServerRow,
  sides: ServerRow["sides"],
  folder: string,
  effort: Effort,
  cleanup: AsyncDisposableStack,
): Promise<Running[]> {
  if (!isInstalled("wrk")) throw new Error("Cannot measure servers: needs wrk");
  const running: Running[] = [];
  for (const side of sides) {
    const server = await startServer(side, folder, MEASURED_CORE);
    cleanup.defer(() => server.stop());
    const load: Load = { ...row.load, ...side.load };
    running.push({
      name: side.name,
      async begin() {
        // While the other sides are measured V8 drops code whose objects are gone: the first seconds are slower by up to a half.
        await loadWith(server.url, load, placeIn(folder), WARM_UP_SECONDS);
        return { measure: () => loadOnce(server, load, row.unit, folder, effort.seconds) };
      },
    });
  }
  return running;
}

async function loadOnce(
  server: RunningServer,
  load: Load,
  unit: ServerRow["unit"],
  folder: string,
  seconds: number,
): Promise<Measured> {
  forgetPeak(server.pid);
  const before = cpuSeconds(server.pid);
  const { requests, requestsPerSecond, megabytesPerSecond } = await loadWith(
    server.url,
    load,
    placeIn(folder),
    seconds,
  );
  const used = cpuSeconds(server.pid) - before;
  return {
    value: unit === "MB/s" ? megabytesPerSecond : requestsPerSecond,
    ...(unit === "requests/s" && used > 0 ? { cpu: used * 1e6 / requests } : {}),
    peakMiB: peakMiB(server.pid),
  };
}

async function prepareClients(
  row: ClientRow,
  sides: ClientRow["sides"],
  folder: string,
  effort: Effort,
  cleanup: AsyncDisposableStack,
): Promise<Running[]> {
  let url = "";
  if (row.server !== undefined) {
    const reason = await missing(row.server);
    if (reason !== null) throw new Error(`Cannot measure "${row.work}": ${row.server.name} ${reason}`);
    const server = await startServer(row.server, folder, row.sharesCore ? MEASURED_CORE : LOAD_CORE);
    cleanup.defer(() => server.stop());
    url = server.url;
  }
  return sides.map((side) => ({
    name: side.name,
    async begin() {
      const words = pinned(MEASURED_CORE, await side.command({ ...placeIn(folder), url, seconds: effort.seconds }));
      return row.unit === "requests/s"
        ? await warmClient(side.name, words)
        : await onceWarm(() => runOnce(side.name, words));
    },
  }));
}

/** A client that goes on running between the measurements. */
async function warmClient(name: string, words: readonly string[]): Promise<Ready> {
  const client = await startClient(name, words);
  return {
    measure: async () => ({ value: figureOf(name, await client.measure()), peakMiB: peakMiB(client.pid) }),
    end: () => client.stop(),
  };
}

/** Whatever is a process for each measurement: the first one, which fills caches of files and of compiled code, does not count. */
async function onceWarm(measure: () => Promise<Measured>): Promise<Ready> {
  await measure();
  return { measure };
}

async function runOnce(name: string, words: readonly string[]): Promise<Measured> {
  const { stdout, peakMiB } = await runToEnd(name, words);
  return { value: figureOf(name, stdout), peakMiB };
}

function figureOf(name: string, printed: string): number {
  const figure = Number(printed.trim().split("\n").at(-1));
  if (figure > 0) return figure;
  throw new Error(`Cannot measure ${name}: its last line is no figure:\n${printed}`);
}

function prepareCold(sides: ColdRow["sides"], folder: string): Running[] {
  return sides.map((side) => ({
    name: side.name,
    begin: async () => {
      const words = pinned(MEASURED_CORE, await side.command(placeIn(folder)));
      return await onceWarm(() => startOften(side.name, words));
    },
  }));
}

/** One start is short, and the quickest of several is the one that nothing else disturbed. */
async function startOften(name: string, words: readonly string[]): Promise<Measured> {
  let quickest = Infinity;
  for (let i = 0; i < 5; i++) quickest = Math.min(quickest, (await runToEnd(name, words)).milliseconds);
  return { value: quickest };
}
