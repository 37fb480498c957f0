/** Outside programs that tests use as peers. */

import { isInstalled } from "../../tools/installed.ts";

/** Registers a test that needs programs; where one is missing the test is ignored, and its name says why. */
export function testWith(programs: string | readonly string[], name: string, run: () => Promise<void>): void {
  const missing = [programs].flat().filter((program) => !isInstalled(program));
  const ignore = missing.length > 0;
  Deno.test({ name: ignore ? `${name}, ignored: needs ${missing.join(", ")}` : name, ignore, fn: run });
}

/** Runs a program and gives what it printed; fails when it does. */
export async function run(
  program: string,
  ...args: string[]
): Promise<{ stdout: Uint8Array<ArrayBuffer>; text: string }> {
  const output = await new Deno.Command(program, { args, stdin: "null", stdout: "piped", stderr: "piped" }).output();
  const decoder = new TextDecoder();
  if (!output.success) throw new Error(`${program} failed with ${output.code}: ${decoder.decode(output.stderr)}`);
  return { stdout: output.stdout as Uint8Array<ArrayBuffer>, text: decoder.decode(output.stdout) };
}
