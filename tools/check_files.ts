/**
 * Fails when a file of the project lies unused.
 *
 * @module
 */

import { projectFiles, readImports, sourceFiles } from "./import_graph.ts";
import { findUnused } from "./unused_files.ts";

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  const names = [".ci/run", ...await projectFiles(root)];
  const read = async (name: string) => [name, await Deno.readTextFile(new URL(encodeURI(name), root))] as const;
  const files = new Map(await Promise.all(names.map(read)));
  const messages = findUnused(files, await readImports(await sourceFiles(root), root));
  for (const message of messages) console.error(message);
  console.log(`Files: ${files.size} checked, ${messages.length} unused`);
  Deno.exit(messages.length > 0 ? 1 : 0);
}
