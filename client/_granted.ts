/**
 * Permissions that the program has already. Nothing here prompts.
 *
 * Sessions look at about twenty variables and files for each request, and asking for the permission of one takes longer than
 * reading it. So the answers are kept, as far as that cannot make them wrong.
 */

/** How long a permission that was missing is not asked for again, in milliseconds. */
const REFUSAL_MS = 1000;

/**
 * Whether all of a kind is granted, and in which millisecond that was asked: it is believed for so long, which is a handful
 * of requests. Deno changes the state of a status at once when the program gives a permission back, but `deno test` takes
 * them away from one test to the next without a word.
 */
interface Whole {
  readonly status: Deno.PermissionStatus;
  readonly time: number;
}
const wholes: { env?: Whole; read?: Whole } = {};

/** Variables that the program may not read, and when that was found. There are as many as names in this package. */
const refusals = new Map<string, { readonly status: Deno.PermissionStatus; readonly time: number }>();

/** Whether the program may read every environment variable. */
export function mayReadEnvironment(): boolean {
  return isWholeGranted("env");
}

/**
 * Whether the program may read an environment variable, if it may not read all. What is granted at a prompt is seen after a
 * second at the latest.
 */
export function mayReadVariable(variable: string): boolean {
  const known = refusals.get(variable);
  const time = performance.now();
  if (known !== undefined && known.status.state !== "granted" && time - known.time < REFUSAL_MS) return false;
  const status = globalThis.Deno?.permissions?.querySync?.({ name: "env", variable });
  if (status === undefined) return false;
  if (status.state === "granted") refusals.delete(variable);
  else refusals.set(variable, { status, time });
  return status.state === "granted";
}

/** Whether the program may read a file or folder. */
export function mayReadFile(path: string): boolean {
  return isWholeGranted("read") ||
    globalThis.Deno?.permissions?.querySync?.({ name: "read", path }).state === "granted";
}

function isWholeGranted(name: "env" | "read"): boolean {
  // Whole milliseconds, and cheaper than performance.now().
  const time = Date.now();
  let whole = wholes[name];
  if (whole === undefined || time !== whole.time) {
    const status = globalThis.Deno?.permissions?.querySync?.({ name });
    if (status === undefined) return false;
    wholes[name] = whole = { status, time };
  }
  // Partial: some are denied.
  return whole.status.state === "granted" && !whole.status.partial;
}
