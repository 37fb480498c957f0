/**
 * Playing a case in a process of its own, where its environment variables disturb nobody.
 *
 * @module
 */

import type { ConformanceCase } from "./case_format.ts";
import type { EngineName } from "./engine_name.ts";
import { plainEnvironment } from "./environment.ts";
import { type Outcome, playHere } from "./play_here.ts";

/**
 * Plays one case in a new process.
 *
 * @throws {Error} If the process fails.
 */
export async function playApart(conformanceCase: ConformanceCase, engine: EngineName): Promise<Outcome> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-check", "--quiet", import.meta.url, engine],
    clearEnv: true,
    env: { ...plainEnvironment(Deno.env.toObject()), NO_COLOR: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(JSON.stringify(conformanceCase)));
  await writer.close();
  const { success, stdout, stderr } = await child.output();
  if (!success) throw new Error(`Case "${conformanceCase.id}" failed: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout)) as Outcome;
}

async function main(): Promise<void> {
  const conformanceCase = await new Response(Deno.stdin.readable).json() as ConformanceCase;
  console.log(JSON.stringify(await playHere(conformanceCase, Deno.args[0] as EngineName)));
}

if (import.meta.main) await main();
