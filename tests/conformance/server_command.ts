/**
 * The command line of the server under test.
 *
 * For development only, the environment variable `HTTPKIT_CONFORMANCE_COMMAND` names another server: a JSON list of a
 * program and its first arguments, to which `0 --bind 127.0.0.1 --directory …` is added. The recorded cases of the kit
 * must then pass for Python itself, which proves the runner:
 *
 *     export HTTPKIT_CONFORMANCE_COMMAND='["python3", "-u", "-c", "import mimetypes, runpy; mimetypes.knownfiles = []; \
 *       runpy.run_module(\"http.server\", run_name=\"__main__\")"]'
 *     deno test -A tests/conformance/server_test.ts
 *
 * @module
 */

import { fileURLToPath } from "node:url";

/** The folder of the project. */
export const PROJECT_FOLDER: string = fileURLToPath(new URL("../../", import.meta.url));

/** The server that is named in the environment instead of the project's own; undefined if none is. */
export const OTHER_COMMAND: readonly string[] | undefined = readOtherCommand();

/** Programs and arguments that start the server. */
export function serverCommand(root: string, args: readonly string[]): string[] {
  const command = OTHER_COMMAND ?? [Deno.execPath(), "run", ...permissionsFor(args), `${PROJECT_FOLDER}cli.ts`];
  return [...command, "0", "--bind", "127.0.0.1", "--directory", root, ...args];
}

/** The file server gets by with two permissions, which these cases show; scripts are programs to run. */
function permissionsFor(args: readonly string[]): string[] {
  return args.includes("--cgi") ? ["-A"] : ["--allow-net", "--allow-read"];
}

function readOtherCommand(): string[] | undefined {
  const text = Deno.env.get("HTTPKIT_CONFORMANCE_COMMAND");
  if (!text) return undefined;
  const command: unknown = JSON.parse(text);
  if (!Array.isArray(command) || command.length === 0 || command.some((part) => typeof part !== "string")) {
    throw new TypeError(`Cannot use HTTPKIT_CONFORMANCE_COMMAND="${text}": not a JSON list of texts`);
  }
  return command;
}
