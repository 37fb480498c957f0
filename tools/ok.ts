/**
 * Runs the gate: one task of deno.json after the other, up to the first that fails.
 *
 *     deno task ok                # everything
 *     deno task ok --skip=test    # all but the tests
 *
 * @module
 */

/** The tasks of the gate, the quick ones first. */
export const STEPS: readonly string[] = [
  "fmt:check",
  "lint",
  "check",
  "layers",
  "files",
  "doc-lint",
  "compat",
  "spell",
  "publish:check",
  "test",
];

/**
 * Chooses the steps to run.
 *
 * @param args Arguments of the form `--skip=task`.
 * @throws {TypeError} If an argument has another form or names no step.
 */
export function chooseSteps(args: readonly string[]): string[] {
  const skipped = args.map((arg) => {
    const name = arg.startsWith("--skip=") ? arg.slice("--skip=".length) : undefined;
    if (name === undefined || !STEPS.includes(name)) {
      throw new TypeError(`Cannot understand "${arg}": expected --skip= and one of ${STEPS.join(", ")}`);
    }
    return name;
  });
  return STEPS.filter((step) => !skipped.includes(step));
}

async function runTask(name: string, cwd: URL): Promise<boolean> {
  const command = new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", name], cwd, stdin: "null" });
  return (await command.spawn().status).success;
}

async function main(): Promise<number> {
  const root = new URL("../", import.meta.url);
  for (const step of chooseSteps(Deno.args)) {
    const start = performance.now();
    console.log(`\n=== ${step}`);
    const passed = await runTask(step, root);
    console.log(`=== ${step}: ${passed ? "ok" : "FAILED"} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
    if (!passed) {
      console.error(`\nThe gate failed at "${step}": run \`deno task ${step}\` to see it alone`);
      return 1;
    }
  }
  console.log("\nThe gate is green");
  return 0;
}

if (import.meta.main) Deno.exit(await main());
