/**
 * Plays the cases of `cases/*.json` with the client, one test for each.
 *
 * @module
 */

import assert from "node:assert/strict";
import { loadCases, TOPICS } from "./case_files.ts";
import type { ConformanceCase } from "./case_format.ts";
import { type EngineName, ENGINES } from "./engine_name.ts";
import { adaptResult } from "./error_names.ts";
import { KNOWN_DIFFERENCES } from "./known_differences.ts";
import { playCase } from "./play_case.ts";
import type { Outcome } from "./play_here.ts";

for (const topic of TOPICS) {
  for (const conformanceCase of loadCases(topic)) {
    for (const engine of ENGINES) register(conformanceCase, engine);
  }
}

function register(conformanceCase: ConformanceCase, engine: EngineName): void {
  const { id, about } = conformanceCase;
  const name = `client conformance ${id} (${engine}): ${about}`;
  const difference = KNOWN_DIFFERENCES[engine][id];
  if (difference === undefined) {
    Deno.test(name, async () => check(conformanceCase, await playCase(conformanceCase, engine)));
  } else {
    Deno.test(`${name}, a known difference: ${difference}`, async () => {
      const outcome = await playCase(conformanceCase, engine);
      const message = `Case "${id}" passes: remove it from KNOWN_DIFFERENCES`;
      assert.throws(() => check(conformanceCase, outcome), assert.AssertionError, message);
    });
  }
}

function check({ expect }: ConformanceCase, { steps, wire, errors }: Outcome): void {
  try {
    assert.deepEqual({ steps, wire }, { steps: expect.steps.map(adaptResult), wire: expect.wire });
  } catch (error) {
    if (error instanceof assert.AssertionError && errors.length > 0) {
      error.message += `\nThe errors of the steps were:\n${errors.join("\n")}`;
    }
    throw error;
  }
}
