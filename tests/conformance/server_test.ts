/**
 * Plays the cases of `server/*.json` against the real command line, one test for each.
 *
 * @module
 */

import assert from "node:assert/strict";
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
Deno.test.beforeAll(() => pool.start());
Deno.test.afterAll(() => pool.stop());

function register(conformanceCase: ConformanceCase): void {
  const { id, about } = conformanceCase;
  const name = `server conformance ${id}: ${about}`;
  const plan = planCase(conformanceCase, fixtures, unprivileged);
  if ("ignored" in plan) {
    Deno.test({ name: `${name}, ignored: ${plan.ignored}`, ignore: true, fn: () => {} });
    return;
  }
  pool.add(plan.spec);
  const difference = OTHER_COMMAND === undefined ? KNOWN_DIFFERENCES[id] : undefined;
  if (difference === undefined) {
    Deno.test(name, () => play(conformanceCase, plan.spec));
  } else {
    Deno.test(`${name}, a known difference: ${difference}`, async () => {
      const server = pool.get(plan.spec);
      await assert.rejects(playCase(conformanceCase, server), `Case "${id}" passes: remove it from KNOWN_DIFFERENCES`);
    });
  }
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
