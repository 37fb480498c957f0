/** Environment variables, read only where reading them is allowed already. */

import { mayReadEnvironment, mayReadVariable } from "./_granted.ts";

/**
 * Reads those of the named variables that are set and that the program may read.
 *
 * `Deno.env.get()` would prompt on a terminal and throw elsewhere; these variables are optional, so a missing permission
 * counts as a missing variable. The same goes for a runtime without `Deno.env` or `Deno.permissions`.
 */
export function readEnvironment(names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  const all = mayReadEnvironment();
  for (const name of names) {
    const value = all || mayReadVariable(name) ? read(name) : undefined;
    if (value !== undefined) found[name] = value;
  }
  return found;
}

/** The value of the first of the named variables that is set to something, read as {@linkcode readEnvironment} does. */
export function readFirst(names: readonly string[]): string | undefined {
  const all = mayReadEnvironment();
  for (const name of names) {
    const value = all || mayReadVariable(name) ? read(name) : undefined;
    if (value) return value;
  }
  return undefined;
}

/** The value of one variable, be it empty, read as {@linkcode readEnvironment} does. */
export function readVariable(name: string): string | undefined {
  return mayReadEnvironment() || mayReadVariable(name) ? read(name) : undefined;
}

function read(name: string): string | undefined {
  try {
    return Deno.env.get(name);
  } catch (error) {
    // The permission was taken away this very moment.
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

/** Whether all of the named variables may be read. */
export function canReadEnvironment(names: readonly string[]): boolean {
  return mayReadEnvironment() || names.every(mayReadVariable);
}
