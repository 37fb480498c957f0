/** Outside programs that tests use as peers. */

import { isInstalled } from "../../tools/installed.ts";

/** Registers a test that needs a program; where that is missing it is ignored, and its name says why. */
export function testWith(program: string, name: string, run: () => Promise<void>): void {
  const ignore = !isInstalled(program);
  Deno.test({ name: ignore ? `${name}, ignored: needs ${program}` : name, ignore, fn: run });
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
