/**
 * Tries to publish, without publishing: slow types, missing files, wrong exports.
 *
 * @module
 */

import { passThrough } from "./pass_through.ts";
import { withPublishEnvironment } from "./published_files.ts";

if (import.meta.main) {
  const args = ["publish", "--dry-run", "--allow-dirty"];
  Deno.exit(await withPublishEnvironment((env) => passThrough(args, env)));
}
