/** The system that the server runs on. */

/** Whether it is Windows, with its rules for names, programs and signals. */
export const WINDOWS: boolean = globalThis.Deno?.build?.os === "windows";
