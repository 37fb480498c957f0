/**
 * The file server as a program: `deno run --allow-net --allow-read jsr:@x/httpkit/cli 8000`.
 *
 * It takes the flags of `python -m http.server`; `--help` lists them. Exit status 0 after Ctrl-C, 1 when the directory,
 * the address or the certificate cannot be used, 2 for a command line that cannot be understood.
 *
 * @example Ask for the help text
 * ```ts
 * import { main } from "@x/httpkit/cli";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await main(["--help"]), 0);
 * ```
 *
 * @module
 */

import { HELP, parseCommandLine, USAGE, UsageError } from "./cli/options.ts";
import { serve } from "./cli/serve.ts";
import { ServeError } from "./cli/serve_error.ts";
import { VERSION } from "./version.ts";

/**
 * Runs the program with the given arguments and gives its exit status; serving ends with SIGINT or SIGTERM.
 *
 * Needs `--allow-read` for the directory and `--allow-net` for the address; for scripts `--allow-run --allow-sys=uid`.
 *
 * @param args the arguments, as in `Deno.args`.
 *
 * @example A command line that cannot be understood
 * ```ts
 * import { main } from "@x/httpkit/cli";
 * import assert from "node:assert/strict";
 *
 * assert.equal(await main(["--no-such-flag"]), 2);
 * ```
 */
export async function main(args: readonly string[]): Promise<number> {
  try {
    const commandLine = parseCommandLine(args);
    if (commandLine.kind === "help") {
      console.log(HELP.trimEnd());
      return 0;
    }
    if (commandLine.kind === "version") {
      console.log(`httpkit ${VERSION} (Deno ${Deno.version.deno})`);
      return 0;
    }
    return await serve(commandLine.options);
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${USAGE}httpkit: error: ${error.message}`);
      return 2;
    }
    if (error instanceof ServeError) {
      console.error(`httpkit: ${error.message}`);
      return 1;
    }
    throw error;
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
