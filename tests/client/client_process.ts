/** Programs that use the client in a process of their own, with an environment of their own. */

const CLIENT = new URL("../../client/mod.ts", import.meta.url).href;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** What the machine of the test may have set, and the program must not see. */
const FOREIGN_REGEXP = /^(?:(?:http|https|all|no)_proxy|(?:curl|requests)_ca_bundle|netrc)$/i;

/**
 * Runs code that has `requests` and gives what it printed; fails when it does, or complains on standard error.
 *
 * @param code statements, with `await` if need be.
 * @param env variables of the environment, besides those of this process that say nothing about proxies and certificates.
 * @param permissions what the program may do, as flags of `deno run`.
 */
export async function clientProcess(
  code: string,
  env: Record<string, string> = {},
  permissions: readonly string[] = ["-A"],
): Promise<string> {
  const inherited = Object.entries(Deno.env.toObject()).filter(([name]) => !FOREIGN_REGEXP.test(name));
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, `import * as requests from ${JSON.stringify(CLIENT)};\n${code}`);
  try {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", ...permissions, "--no-prompt", "--quiet", "--no-check", `--config=${CONFIG}`, file],
      clearEnv: true,
      // Deno looks for a newer version now and then, through the very proxies that are under test.
      env: { ...Object.fromEntries(inherited), DENO_NO_UPDATE_CHECK: "1", ...env },
      stdin: "null",
    }).output();
    const complaint = new TextDecoder().decode(stderr);
    if (!success || complaint !== "") throw new Error(`The program failed: ${complaint}`);
    return new TextDecoder().decode(stdout).trim();
  } finally {
    await Deno.remove(file);
  }
}
