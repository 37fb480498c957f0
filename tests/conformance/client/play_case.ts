/**
 * Playing a case, in this process or in one of its own.
 *
 * @module
 */

import type { ConformanceCase } from "./case_format.ts";
import { needsOwnProcess } from "./environment.ts";
import type { EngineName } from "./engine_name.ts";
import { playApart } from "./play_apart.ts";
import { type Outcome, playHere } from "./play_here.ts";

/** Plays one case, with one of the engines. */
export async function playCase(conformanceCase: ConformanceCase, engine: EngineName = "auto"): Promise<Outcome> {
  const apart = needsOwnProcess(conformanceCase, Deno.env.toObject());
  return await (apart ? playApart(conformanceCase, engine) : playHere(conformanceCase, engine));
}
