/**
 * Measures the project side by side with its peers: `deno task bench`.
 *
 *     deno task bench                                     # everything, and writes bench/RESULTS.md
 *     deno task bench --only 304 --seconds 1 --rounds 15  # one row (several: separated by commas), written nowhere
 *     deno task bench --list                              # what there is
 *
 * What is measured stands in `rows/`, one file a subject; a new file there is a new row. README.md says more.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import type { RowFigures } from "./figures.ts";
import { describeMachine } from "./machine.ts";
import { type Effort, measure } from "./measure.ts";
import { killChildren, ROOT } from "./programs.ts";
import { resultsPage, textOf } from "./report.ts";
import type { Row } from "./row.ts";

/** The command line, as parseArgs reads it. */
interface Flags {
  readonly only?: string;
  readonly rounds?: string;
  readonly seconds?: string;
  readonly list: boolean;
}

async function loadRows(): Promise<Row[]> {
  const folder = new URL("rows/", import.meta.url);
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) if (name.endsWith(".ts")) names.push(name);
  const rows: Row[] = [];
  for (const name of names.sort()) rows.push(...(await import(new URL(name, folder).href)).default as Row[]);
  return rows;
}

function chooseRows(rows: readonly Row[], only: string | undefined): Row[] {
  if (only === undefined) return [...rows];
  const ids = only.split(",");
  for (const id of ids) {
    if (!rows.some((row) => row.id === id)) {
      throw new TypeError(`Cannot measure "${id}": there is no such row, --list shows all`);
    }
  }
  return rows.filter(({ id }) => ids.includes(id));
}

function positive(flag: string, value: string | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  if (Number.isInteger(Number(value)) && Number(value) > 0) return Number(value);
  throw new TypeError(`Cannot take --${flag} ${value}: give a whole number from 1 on`);
}

async function main(args: readonly string[]): Promise<number> {
  const flags = parseArgs([...args], { string: ["only", "rounds", "seconds"], boolean: ["list"] }) as unknown as Flags;
  const rows = await loadRows();
  if (flags.list) {
    for (const { id, work } of rows) console.log(`${id.padEnd(24)} ${work}`);
    return 0;
  }
  const effort: Effort = {
    rounds: positive("rounds", flags.rounds, 15),
    seconds: positive("seconds", flags.seconds, 1),
  };
  const chosen = chooseRows(rows, flags.only);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => {
      killChildren();
      Deno.exit(130);
    });
  }
  const all: RowFigures[] = [];
  let failures = 0;
  for (const row of chosen) {
    try {
      const figures = await measure(row, effort);
      all.push(figures);
      console.log(textOf(figures) + "\n");
    } catch (error) {
      // The other rows are worth having.
      failures++;
      console.error(`${row.id}: ${error instanceof Error ? error.message : String(error)}\n`);
    }
  }
  if (failures > 0) console.error(`${failures} of ${chosen.length} rows could not be measured`);
  else if (flags.only === undefined) {
    const path = `${ROOT}bench/RESULTS.md`;
    await Deno.writeTextFile(path, resultsPage(await describeMachine(), effort, all));
    await new Deno.Command(Deno.execPath(), { args: ["fmt", "--quiet", path] }).output();
    console.log(`Written to ${path}`);
  }
  return failures > 0 ? 1 : 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
