/**
 * Which server a case is played against, or why it is not played.
 *
 * @module
 */

import type { ConformanceCase } from "./case_format.ts";
import type { Fixture } from "./fixture_format.ts";
import type { Unprivileged } from "./nobody.ts";
import { OTHER_COMMAND } from "./server_command.ts";
import type { ServerSpec } from "./server_process.ts";

/** The arguments that switch a default back to Python's choice; null where a case is not played. */
const POLICY_ARGS: Readonly<Record<string, readonly string[] | null>> = {
  "dotfiles": ["--dotfiles"],
  "symlink-outside": ["--follow-symlinks"],
  "windows-names": [],
  "clean-env": [],
};

/** What to do with a case. */
export type CasePlan = { readonly ignored: string } | { readonly spec: ServerSpec };

/**
 * Plans one case.
 *
 * @throws {TypeError} If the case names a policy or a tree that nobody knows.
 */
export function planCase(
  { id, args, needs, policy, fromRfc, fixture: name }: ConformanceCase,
  fixtures: ReadonlyMap<string, Fixture>,
  unprivileged: Unprivileged,
): CasePlan {
  const fixture = fixtures.get(name);
  const policyArgs = policy === undefined ? [] : POLICY_ARGS[policy];
  if (fixture === undefined) throw new TypeError(`Cannot plan case "${id}": there is no tree "${name}"`);
  if (policyArgs === undefined) throw new TypeError(`Cannot plan case "${id}": policy "${policy}" is unknown`);
  if (OTHER_COMMAND !== undefined && fromRfc) return { ignored: "needs the project's own server" };
  if (policyArgs === null) return { ignored: `policy ${policy}` };
  const onWindows = Deno.build.os === "windows";
  const missing = needs.find((need) => onWindows && (need === "posix" || need === "symlink"));
  if (missing !== undefined) return { ignored: `needs ${missing}` };
  const needsDrop = needs.includes("unprivileged");
  if (needsDrop && typeof unprivileged === "object") return unprivileged;
  return {
    spec: {
      fixture,
      // Another server has Python's defaults, and not the switches of this project.
      args: OTHER_COMMAND === undefined ? [...args, ...policyArgs] : args,
      dropPrivileges: needsDrop && unprivileged === "drop",
    },
  };
}
