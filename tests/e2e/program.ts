/** Outside programs that tests use as peers. */

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
      throw error;
    }
  });
}

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
