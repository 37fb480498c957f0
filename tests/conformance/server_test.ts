/**
 * Plays the cases of `server/*.json` against the real command line, with the fast paths of the file server and without.
 *
 * With them a case is played three times: the first answer is read from disk, the second from what is kept of the file, the
 * third from a response that was prepared.
 *
 * @module
 */

import assert from "node:assert/strict";
import { COARSEST_CLOCK } from "../../server/_version_cache.ts";
import { loadCases, loadFixtures, TOPICS } from "./case_files.ts";
import type { ConformanceCase } from "./case_format.ts";
import { planCase } from "./case_plan.ts";
import { KNOWN_DIFFERENCES } from "./known_differences.ts";
import { findUnprivileged } from "./nobody.ts";
import { playCase } from "./play_case.ts";
import { OTHER_COMMAND } from "./server_command.ts";
import { ServerPool } from "./server_pool.ts";
import type { ServerSpec } from "./server_process.ts";

const pool = new ServerPool();
const fixtures = loadFixtures();
const unprivileged = findUnprivileged();

for (const topic of TOPICS) {
  for (const conformanceCase of loadCases(topic)) register(conformanceCase);
}

// The hooks stand outside of every test, so that the shared child processes are none of the sanitizers' business.
Deno.test.beforeAll(async () => {
  await pool.start();
  if (OTHER_COMMAND === undefined) await treesSettle();
});
Deno.test.afterAll(() => pool.stop());

function register(conformanceCase: ConformanceCase): void {
  const { id, about } = conformanceCase;
  const name = `server conformance ${id}: ${about}`;
  const plan = planCase(conformanceCase, fixtures, unprivileged);
  if ("ignored" in plan) {
    Deno.test({ name: `${name}, ignored: ${plan.ignored}`, ignore: true, fn: () => {} });
    return;
  }
  const difference = OTHER_COMMAND === undefined ? KNOWN_DIFFERENCES[id] : undefined;
  for (const { spec, times, suffix } of variantsOf(plan.spec)) {
    pool.add(spec);
    if (difference === undefined) {
      Deno.test(name + suffix, async () => {
        for (let time = 1; time <= times; time++) await play(conformanceCase, spec);
      });
    } else {
      Deno.test(`${name}${suffix}, a known difference: ${difference}`, async () => {
        const server = pool.get(spec);
        await assert.rejects(
          playCase(conformanceCase, server),
          `Case "${id}" passes: remove it from KNOWN_DIFFERENCES`,
        );
      });
    }
  }
}

/** How a case is played: by which server, and how often. */
interface Variant {
  readonly spec: ServerSpec;
  readonly times: number;
  readonly suffix: string;
}

function variantsOf(spec: ServerSpec): Variant[] {
  if (OTHER_COMMAND !== undefined) return [{ spec, times: 1, suffix: "" }];
  return [
    { spec, times: 3, suffix: "" },
    { spec: { ...spec, args: [...spec.args, "--no-cache"] }, times: 1, suffix: ", without a cache" },
  ];
}

/** Of files that are this young the server keeps nothing: their times could not show one more change. */
async function treesSettle(): Promise<void> {
  const made = Date.now();
  while (Date.now() <= made + COARSEST_CLOCK) await new Promise((resolve) => setTimeout(resolve, 50));
}

async function play(conformanceCase: ConformanceCase, spec: ServerSpec): Promise<void> {
  const server = pool.get(spec);
  try {
    await playCase(conformanceCase, server);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\n${await server.log()}`, { cause: error });
  }
}
