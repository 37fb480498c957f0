/**
 * Playing a case, in this process or in one of its own.
 *
 * @module
 */

import type { ConformanceCase } from "./case_format.ts";
import { needsOwnProcess } from "./environment.ts";
import { playApart } from "./play_apart.ts";
import { type Outcome, playHere } from "./play_here.ts";

/** Plays one case. */
export async function playCase(conformanceCase: ConformanceCase): Promise<Outcome> {
  const apart = needsOwnProcess(conformanceCase, Deno.env.toObject());
  return await (apart ? playApart(conformanceCase) : playHere(conformanceCase));
}
