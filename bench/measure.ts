/** Runs a row: its sides in turn, round by round, so that a machine that slows down slows all of them down. */

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

/** How long a server is under load before each measurement; clients see to it themselves. */
const WARM_UP_SECONDS = 4;

/** One side while its row runs. */
interface Running {
  readonly name: string;
  readonly values: number[];
  readonly cpu: number[];
  peakMiB: number;
  /** Measures once. */
  once(): Promise<void>;
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
  if (row.kind !== "server") {
    // Caches of files and of compiled code fill up before anything counts.
    for (const side of running) await side.once();
    for (const side of running) side.values.length = 0;
  }
  for (let round = 0; round < effort.rounds; round++) {
    for (const side of running) await side.once();
  }
  const sides: SideFigures[] = running.map(({ name, values, cpu, peakMiB }) => ({
    name,
    values,
    ...(cpu.length === 0 ? {} : { cpu }),
    ...(peakMiB === 0 ? {} : { peakMiB }),
  }));
  return { row, sides, skipped };
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
    const state: Running = {
      name: side.name,
      values: [],
      cpu: [],
      peakMiB: 0,
      once: () => loadOnce(state, server, load, row.unit, folder, effort.seconds),
    };
    running.push(state);
  }
  return running;
}

async function loadOnce(
  state: Running,
  server: RunningServer,
  load: Load,
  unit: ServerRow["unit"],
  folder: string,
  seconds: number,
): Promise<void> {
  // While the other sides are measured V8 drops code whose objects are gone: the first seconds are slower by up to a half.
  await loadWith(server.url, load, placeIn(folder), WARM_UP_SECONDS);
  forgetPeak(server.pid);
  const before = cpuSeconds(server.pid);
  const { requests, requestsPerSecond, megabytesPerSecond } = await loadWith(
    server.url,
    load,
    placeIn(folder),
    seconds,
  );
  const used = cpuSeconds(server.pid) - before;
  state.values.push(unit === "MB/s" ? megabytesPerSecond : requestsPerSecond);
  if (unit === "requests/s" && used > 0) state.cpu.push(used * 1e6 / requests);
  state.peakMiB = Math.max(state.peakMiB, peakMiB(server.pid));
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
  return sides.map((side) => {
    const state: Running = { name: side.name, values: [], cpu: [], peakMiB: 0, once: runOnce };
    async function runOnce() {
      const words = await side.command({ ...placeIn(folder), url, seconds: effort.seconds });
      const { stdout, peakMiB } = await runToEnd(side.name, pinned(MEASURED_CORE, words));
      const figure = Number(stdout.trim().split("\n").at(-1));
      if (!(figure > 0)) throw new Error(`Cannot measure ${side.name}: its last line is no figure:\n${stdout}`);
      state.values.push(figure);
      state.peakMiB = Math.max(state.peakMiB, peakMiB);
    }
    return state;
  });
}

function prepareCold(sides: ColdRow["sides"], folder: string): Running[] {
  return sides.map((side) => {
    const state: Running = { name: side.name, values: [], cpu: [], peakMiB: 0, once: startOnce };
    async function startOnce() {
      const words = pinned(MEASURED_CORE, await side.command(placeIn(folder)));
      // One start is short, and the quickest of several is the one that nothing else disturbed.
      let quickest = Infinity;
      for (let i = 0; i < 5; i++) quickest = Math.min(quickest, (await runToEnd(side.name, words)).milliseconds);
      state.values.push(quickest);
    }
    return state;
  });
}
