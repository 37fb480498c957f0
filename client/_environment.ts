/** Environment variables, read only where reading them is allowed already. */

import { mayReadVariable } from "./_granted.ts";

/**
 * Reads those of the named variables that are set and that the program may read.
 *
 * `Deno.env.get()` would prompt on a terminal and throw elsewhere; these variables are optional, so a missing permission
 * counts as a missing variable. The same goes for a runtime without `Deno.env` or `Deno.permissions`.
 */
export function readEnvironment(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = mayReadVariable(name) ? Deno.env.get(name) : undefined;
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** Whether all of the named variables may be read. */
export function canReadEnvironment(names: readonly string[]): boolean {
  return names.every((variable) =>
    globalThis.Deno?.permissions?.querySync?.({ name: "env", variable }).state === "granted"
  );
}
