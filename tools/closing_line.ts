/**
 * Ends a run of .ci/run with one line of counts.
 *
 *     deno run --allow-read tools/closing_line.ts <log of deno test> <its exit code> <exit code of the gate>
 *
 * @module
 */

/** What became of the tests. */
export interface Counts {
  /** Tests that passed. */
  readonly passed: number;
  /** Tests that failed. */
  readonly failed: number;
  /** Tests that were ignored. */
  readonly skipped: number;
}

// deno-lint-ignore no-control-regex -- the escape character is what a colour starts with
const COLOUR_REGEXP = /\x1b\[[\d;]*m/g;
const STEPS_PART = String.raw`(?: \(\d+ steps?\))?`;
const SUMMARY_REGEXP = new RegExp(
  String.raw`^(?:ok|FAILED) \| (\d+) passed${STEPS_PART} \| (\d+) failed${STEPS_PART}(?: \| (\d+) ignored)?`,
  "gm",
);

/**
 * Reads the counts out of what `deno test` printed. The last summary counts, as tests may print others.
 *
 * @returns The counts, or `undefined` when deno ended before it ran the tests.
 */
export function readCounts(log: string): Counts | undefined {
  const summary = [...log.replace(COLOUR_REGEXP, "").matchAll(SUMMARY_REGEXP)].at(-1);
  if (!summary) return undefined;
  const [, passed, failed, skipped = "0"] = summary;
  return { passed: Number(passed), failed: Number(failed), skipped: Number(skipped) };
}

/**
 * Adds what the counts do not hold: a run that failed without a failed test (a type error, a leak at its end) and a
 * failed gate are one failure each.
 */
export function addFailures(counts: Counts | undefined, testsOk: boolean, gateOk: boolean): Counts {
  const { passed, failed, skipped } = counts ?? { passed: 0, failed: 0, skipped: 0 };
  const ranBadly = counts === undefined || (!testsOk && failed === 0);
  return { passed, failed: failed + (ranBadly ? 1 : 0) + (gateOk ? 0 : 1), skipped };
}

/** The closing line. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

if (import.meta.main) {
  const [log = "", testCode, gateCode] = Deno.args;
  const counts = addFailures(readCounts(await Deno.readTextFile(log)), testCode === "0", gateCode === "0");
  console.log(closingLine(counts));
  Deno.exit(counts.failed > 0 ? 1 : 0);
}
