/**
 * Fails when an import of the project breaks the order of tools/layers.ts.
 *
 * @module
 */

import { readImports, sourceFiles } from "./import_graph.ts";
import { findCycles, findInputOutput, findUnplaced, findWrongImports, isPolicyFile } from "./layer_rules.ts";
import { LAYERS, POLICY_FILES } from "./layers.ts";

/**
 * Checks every rule on the project at `root`.
 *
 * @param root URL of the project, with a slash at its end.
 * @returns One message per breach, and how many files were checked.
 */
async function checkLayers(root: URL): Promise<{ messages: string[]; checked: number }> {
  const files = await sourceFiles(root);
  const imports = await readImports(files, root);
  const messages = [
    ...findUnplaced(files, LAYERS),
    ...findWrongImports(imports, LAYERS),
    ...findCycles(imports, LAYERS),
  ];
  for (const file of files.filter((file) => isPolicyFile(file, POLICY_FILES))) {
    messages.push(...findInputOutput(file, await Deno.readTextFile(new URL(encodeURI(file), root))));
  }
  return { messages, checked: files.length };
}

if (import.meta.main) {
  const { messages, checked } = await checkLayers(new URL("../", import.meta.url));
  for (const message of messages) console.error(message);
  console.log(`Layers: ${checked} files checked, ${messages.length} breaches`);
  Deno.exit(messages.length > 0 ? 1 : 0);
}
