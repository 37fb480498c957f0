/**
 * The case files of the kit.
 *
 * @module
 */

import { type ConformanceCase, parseCases } from "./case_format.ts";

/** The topics: the names of the case files. */
export const TOPICS: readonly string[] = [
  "auth",
  "bodies",
  "cookies",
  "errors",
  "headers",
  "multipart",
  "proxies",
  "redirects",
  "responses",
  "streaming",
  "timeouts",
  "url",
];

/** Reads all cases of a topic in file order. */
export function loadCases(topic: string): ConformanceCase[] {
  return parseCases(JSON.parse(readCaseFile(topic)));
}

/** The text of a case file. */
export function readCaseFile(topic: string): string {
  return Deno.readTextFileSync(new URL(`./cases/${topic}.json`, import.meta.url));
}
