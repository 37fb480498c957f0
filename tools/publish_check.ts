/**
 * Tries to publish, without publishing: slow types, missing files, wrong exports.
 *
 * A registry inside the project's folder (see tools/jsr.ts) would be taken for a part of the package, and refused. It is
 * shown to deno under another path.
 *
 * @module
 */

import { passThrough } from "./pass_through.ts";

const ARGS = ["publish", "--dry-run", "--allow-dirty"];

async function publishThroughLink(registry: URL): Promise<number> {
  const outside = await Deno.makeTempDir({ prefix: "registry_" });
  const link = `${outside}/jsr`;
  try {
    await Deno.symlink(registry, link, { type: Deno.build.os === "windows" ? "junction" : "dir" });
    const url = new URL(`file:///${encodeURI(link.replaceAll("\\", "/").replace(/^\//, ""))}/`);
    return await passThrough(ARGS, { JSR_URL: url.href });
  } finally {
    await Deno.remove(link);
    await Deno.remove(outside);
  }
}

if (import.meta.main) {
  const registry = Deno.env.get("JSR_URL") ?? "";
  const root = new URL("../", import.meta.url).href;
  Deno.exit(registry.startsWith(root) ? await publishThroughLink(new URL(registry)) : await passThrough(ARGS, {}));
}
