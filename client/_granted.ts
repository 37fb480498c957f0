/**
 * Permissions that the program has already. Nothing here prompts.
 *
 * Sessions look at about twenty variables and files for each request, and asking for the permission of one takes longer than
 * reading it. So the answers are kept, as far as that cannot make them wrong.
 */

/** How long a permission that was missing is not asked for again, in milliseconds. */
const REFUSAL_MS = 1000;

/**
 * Whether all of a kind is granted, for as long as the running job lasts. Deno changes the state of these objects when the
 * program asks for a permission or gives it back, but `deno test` takes permissions away between jobs without a word.
 */
const wholes = new Map<"env" | "read", Deno.PermissionStatus>();

/** Variables that the program may not read, and when that was found. There are as many as names in this package. */
const refusals = new Map<string, { readonly status: Deno.PermissionStatus; readonly time: number }>();

/** Whether the program may read an environment variable. What is granted at a prompt is seen after a second at the latest. */
export function mayReadVariable(variable: string): boolean {
  if (isWholeGranted("env")) return true;
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
  let status = wholes.get(name);
  if (status === undefined) {
    status = globalThis.Deno?.permissions?.querySync?.({ name });
    if (status === undefined) return false;
    wholes.set(name, status);
    queueMicrotask(() => wholes.delete(name));
  }
  // Partial: some are denied.
  return status.state === "granted" && !status.partial;
}
