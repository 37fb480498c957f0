/**
 * Running a server as a user who may only read what everyone may read.
 *
 * @module
 */

import { PROJECT_FOLDER } from "./server_command.ts";

/** The user and the group `nobody` on all common systems. */
export const NOBODY = 65534;

/** How a server comes to run without privileges. */
export type Unprivileged = "already" | "drop" | { readonly ignored: string };

/** Finds out how; asks the system itself whether `nobody` can read what a server needs. */
export function findUnprivileged(): Unprivileged {
  if (Deno.build.os === "windows") return { ignored: "needs mode bits" };
  if (Deno.uid() !== 0) return "already";
  const { success } = new Deno.Command("/bin/sh", {
    args: [
      "-c",
      'test -x "$0" && test -r "$1" && test -x "$2"',
      Deno.execPath(),
      `${PROJECT_FOLDER}deno.json`,
      tempDir(),
    ],
    uid: NOBODY,
    gid: NOBODY,
    cwd: "/",
  }).outputSync();
  return success ? "drop" : { ignored: "needs deno and project readable for nobody" };
}

function tempDir(): string {
  return Deno.env.get("TMPDIR") || "/tmp";
}
