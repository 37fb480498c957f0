/**
 * The case files of the kit, and which of them are played.
 *
 * @module
 */

import { type ConformanceCase, parseCases } from "./case_format.ts";
import { type Fixture, parseFixtures } from "./fixture_format.ts";

/** The topics: the names of the case files. */
export const TOPICS: readonly string[] = [
  "compression",
  "conditional",
  "connection",
  "directories",
  "files",
  "listing",
  "methods",
  "paths",
  "ranges",
  "types",
  "cgi",
];

/** Reads all cases of a topic in file order. */
export function loadCases(topic: string): ConformanceCase[] {
  return parseCases(readJson(`${topic}.json`));
}

/** Reads the trees. */
export function loadFixtures(): Map<string, Fixture> {
  return parseFixtures(readJson("fixtures.json") as Record<string, unknown>);
}

function readJson(name: string): unknown {
  return JSON.parse(Deno.readTextFileSync(new URL(`./server/${name}`, import.meta.url)));
}
