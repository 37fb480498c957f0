/**
 * Writes the table of Python's names and what became of them, docs/python-names.md, from tools/python_surface.json,
 * tools/python_names.ts and what the entry points export. Without `--write` it only compares.
 *
 *     deno task compat            # fail when a name has no row, a row names what is not there, or the page is stale
 *     deno task compat --write    # write the page anew
 *
 * @module
 */

import { type ExportedNames, type Parameters, readExportedNames } from "./exported_names.ts";
import { CLASSES, type Fate, NAMES, PARAMETERS } from "./python_names.ts";

/** A name of Python. */
export interface PythonName {
  readonly kind: "attribute" | "class" | "constant" | "function" | "method";
  readonly parameters?: readonly string[];
}

/** The names of Python by their path, such as `requests.api.get`; see tools/python_surface.py. */
export interface PythonSurface {
  readonly sources: readonly string[];
  readonly names: Readonly<Record<string, PythonName>>;
  readonly codes: Readonly<Record<string, readonly string[]>>;
}

/** Where Python's names went, beyond the rule; see tools/python_names.ts. */
export interface Fates {
  readonly classes: Readonly<Record<string, string>>;
  readonly names: Readonly<Record<string, Fate>>;
  readonly parameters: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** One row of the table. */
export interface NameRow {
  readonly python: string;
  readonly status: "present" | "renamed" | "left out";
  /** The name here, or an empty text. */
  readonly here: string;
  readonly remark: string;
}

const camelCase = (name: string): string =>
  /^(?:do_|[A-Z0-9_]+$)/.test(name)
    ? name
    : name.replace(/(?<=[A-Za-z0-9])_([a-z0-9])/g, (_, char) => char.toUpperCase());

/** What Python's special methods are in JavaScript; the first that is there counts. */
const SPECIAL: Readonly<Record<string, readonly string[]>> = {
  "__enter__": ["[Symbol.asyncDispose]", "[Symbol.dispose]"],
  "__exit__": ["[Symbol.asyncDispose]", "[Symbol.dispose]"],
  "__iter__": ["[Symbol.iterator]", "[Symbol.asyncIterator]"],
  "__len__": ["size"],
  "__eq__": ["equals"],
  "__getitem__": ["get"],
  "__setitem__": ["set"],
  "__delitem__": ["delete"],
  "__contains__": ["has"],
};

/**
 * Gives a row for each name of Python.
 *
 * @returns the rows, and what is wrong: names without a row, rows without a name, and rows that promise what is not there.
 */
export function joinNames(
  surface: PythonSurface,
  fates: Fates,
  exported: ExportedNames,
): { rows: Map<string, NameRow[]>; problems: string[] } {
  const rows = new Map<string, NameRow[]>();
  const problems: string[] = [];
  const used = new Set<string>();
  const told = (key: string): Fate | undefined => {
    if (!Object.hasOwn(fates.names, key)) return undefined;
    used.add(key);
    return fates.names[key];
  };

  for (const [path, python] of Object.entries(surface.names)) {
    const candidates = namesByRule(surface, fates, path);
    const found = candidates.find((name) => exported.names.has(name));
    const fate = told(path) ?? (found === undefined ? told(path.replace(/[^.]+$/, "*")) : { here: found });
    let row: Omit<NameRow, "python">;
    if (fate === undefined) {
      problems.push(`${path}: has no row; ${candidates[0]} is not exported`);
      continue;
    } else if ("leftOut" in fate) {
      row = { status: "left out", here: "", remark: fate.leftOut };
    } else if ("instead" in fate) {
      row = { status: "left out", here: "", remark: `instead: ${fate.instead}` };
    } else {
      if (!exported.names.has(fate.here)) problems.push(`${path}: ${fate.here} is not exported`);
      const remarks = fate.note === undefined ? [] : [fate.note];
      for (const parameter of lostParameters(python, exported.parameters.get(fate.here))) {
        const elsewhere = fates.parameters[path]?.[parameter];
        if (elsewhere === undefined) {
          problems.push(`${path}: its parameter ${parameter} has no counterpart in ${fate.here}`);
        } else {
          used.add(`${path}(${parameter})`);
          remarks.push(`\`${parameter}\`: ${elsewhere}`);
        }
      }
      const called = exported.parameters.has(fate.here) && python.kind !== "class";
      row = {
        status: candidates.includes(fate.here) && fates.classes[path] === undefined ? "present" : "renamed",
        here: `${fate.here.replace(".[", "[")}${called ? "()" : ""}`,
        remark: remarks.join("; "),
      };
    }
    const module = moduleOf(surface, path);
    rows.set(module, [...rows.get(module) ?? [], { python: path.slice(module.length + 1), ...row }]);
  }

  for (const key of Object.keys(fates.classes)) {
    if (!Object.hasOwn(surface.names, key)) problems.push(`${key}: is no class of Python`);
  }
  for (const key of Object.keys(fates.names)) {
    if (!used.has(key)) problems.push(`${key}: is no name of Python, or the rule does for it`);
  }
  for (const [path, parameters] of Object.entries(fates.parameters)) {
    for (const parameter of Object.keys(parameters)) {
      if (!used.has(`${path}(${parameter})`)) problems.push(`${path}: its parameter ${parameter} needs no remark`);
    }
  }
  return { rows, problems };
}

const ownerOf = (path: string): string => path.slice(0, path.lastIndexOf("."));
const isMember = (surface: PythonSurface, path: string): boolean => Object.hasOwn(surface.names, ownerOf(path));
const moduleOf = (surface: PythonSurface, path: string): string =>
  isMember(surface, path) ? ownerOf(ownerOf(path)) : ownerOf(path);

/** The names that the rule gives to a path, the best one first. */
function namesByRule(surface: PythonSurface, fates: Fates, path: string): string[] {
  const name = path.slice(ownerOf(path).length + 1);
  if (!isMember(surface, path)) return [surface.names[path]!.kind === "class" ? name : camelCase(name)];
  const owner = ownerOf(path);
  const type = fates.classes[owner] ?? owner.slice(ownerOf(owner).length + 1);
  return (SPECIAL[name] ?? [camelCase(name)]).map((member) => `${type}.${member}`);
}

/** The parameters that have no counterpart; one that has the same place needs no name. */
function lostParameters(python: PythonName, parameters: Parameters | undefined): string[] {
  if (parameters === undefined) return [];
  return (python.parameters ?? []).filter((name, index) =>
    !parameters.names.has(camelCase(name)) && index >= parameters.positional
  );
}

/** Text that goes into a cell of a table. */
const cell = (text: string): string => text.replaceAll("|", "\\|");
const code = (text: string): string => text === "" ? "" : `\`${text}\``;

/** Writes the page. */
export function renderPage(surface: PythonSurface, rows: ReadonlyMap<string, readonly NameRow[]>): string {
  const all = [...rows.values()].flat();
  const count = (status: NameRow["status"]) => all.filter((row) => row.status === status).length;
  const lines = [
    "# Python's names, and what became of them",
    "",
    "<!-- Written by `deno task compat --write`; change tools/python_names.ts, not this page. -->",
    "",
    `Every public name of ${surface.sources.join(", ")}, and of what Python 3.14 and 3.15 add to \`http.server\`: ` +
    `${count("present")} are here under the same name (functions, methods, attributes and parameters in camelCase), ` +
    `${count("renamed")} under another, ${count("left out")} are left out. What differs in behaviour is in ` +
    "[COMPATIBILITY.md](../COMPATIBILITY.md).",
    "",
  ];
  for (const [module, moduleRows] of rows) {
    lines.push(`## ${module}`, "", "| Python | | here | remark |", "| --- | --- | --- | --- |");
    for (const { python, status, here, remark } of moduleRows) {
      lines.push(`| ${code(python)} | ${status} | ${code(here)} | ${cell(remark)} |`);
    }
    lines.push("");
  }
  lines.push(
    "## requests.codes",
    "",
    "All names are here, in small and in capital letters.",
    "",
    "| status | names |",
    "| --- | --- |",
  );
  for (const [status, names] of Object.entries(surface.codes)) {
    lines.push(`| ${status} | ${cell(names.map(code).join(", "))} |`);
  }
  return `${lines.join("\n")}\n`;
}

async function deno(args: readonly string[], input = ""): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), { args: [...args], stdin: "piped", stdout: "piped" }).spawn();
  const writing = new Blob([input]).stream().pipeTo(child.stdin);
  const { success, stdout } = await child.output();
  await writing;
  if (!success) throw new Error(`deno ${args.join(" ")} failed`);
  return new TextDecoder().decode(stdout);
}

async function main(args: readonly string[]): Promise<number> {
  const unknown = args.find((arg) => arg !== "--write");
  if (unknown !== undefined) throw new TypeError(`Cannot understand "${unknown}": expected --write or nothing`);
  const file = (path: string) => new URL(`../${path}`, import.meta.url);
  const surface: PythonSurface = JSON.parse(await Deno.readTextFile(file("tools/python_surface.json")));
  const exported = readExportedNames(await deno(["doc", "--json", file("mod.ts").href]));
  const fates = { classes: CLASSES, names: NAMES, parameters: PARAMETERS };
  const { rows, problems } = joinNames(surface, fates, exported);
  if (problems.length > 0) {
    console.error(problems.join("\n"));
    console.error(`\n${problems.length} names of Python are not accounted for: enter them in tools/python_names.ts`);
    return 1;
  }
  const page = await deno(["fmt", "--ext=md", "-"], renderPage(surface, rows));
  const path = file("docs/python-names.md");
  if (args.includes("--write")) {
    await Deno.writeTextFile(path, page);
  } else if (page !== await Deno.readTextFile(path)) {
    console.error("docs/python-names.md is stale: run `deno task compat --write`");
    return 1;
  }
  return 0;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
