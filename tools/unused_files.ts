/**
 * Finds files that nothing needs: no entry point, task, test, example or document leads to them. No I/O.
 *
 * @module
 */

import type { Import } from "./layer_rules.ts";
import { patternRegExp } from "./layer_rules.ts";

/** Where people, deno and CI begin. Everything else must be reached from here. */
const ROOTS: readonly string[] = [
  ".ci/run",
  "*.md",
  "**/README.md",
  "LICENSE",
  // Found by being there.
  "bench/rows/*.ts",
  "deno.json",
  "examples/*.ts",
  "tests/**_test.ts",
];

/** Names every source file, and uses none of them by that. */
const TABLE = "tools/layers.ts";

const QUOTED_REGEXP = /"([^"\n]+)"|'([^'\n]+)'|`([^`\n]+)`/g;
const SUBSTITUTION_REGEXP = /\$\{[^}]*\}/;
const WORD_REGEXP = /[\w./-]+/g;

/**
 * Finds what is not reached from the roots: by imports, or by paths that files name, from their own folder or
 * from the root of the project. In TypeScript only string literals count, so that a comment keeps nothing alive. Documents
 * keep no TypeScript alive. Whoever names a folder, with a slash at its end, reads every file in it that is no TypeScript.
 *
 * @param files Every file of the project with its text, by path from the root.
 * @param imports Who imports whom.
 * @returns One message per file, with the cure.
 */
export function findUnused(files: ReadonlyMap<string, string>, imports: readonly Import[]): string[] {
  const edges = Map.groupBy(imports, ({ from }) => from);
  const roots = ROOTS.map(patternRegExp);
  const used = new Set([...files.keys()].filter((file) => roots.some((root) => root.test(file))));
  // A set yields what is added to it while it is walked.
  for (const file of used) {
    for (const { to } of edges.get(file) ?? []) used.add(to);
    for (const named of file === TABLE ? [] : namedFiles(file, files)) used.add(named);
  }
  return [...files.keys()].filter((file) => !used.has(file)).map((file) =>
    `${file}:1: Cannot reach "${file}" from an entry point, a task, a test, an example or a document: use it or delete it`
  );
}

function namedFiles(file: string, files: ReadonlyMap<string, string>): string[] {
  const text = files.get(file) ?? "";
  const words = file.endsWith(".ts")
    ? [...text.matchAll(QUOTED_REGEXP)].flatMap(([, double, single, template = ""]) =>
      double ?? single ?? template.split(SUBSTITUTION_REGEXP)
    )
    : Array.from(text.matchAll(WORD_REGEXP), ([word]) => word.replace(/\.$/, ""));
  const folder = folderOf(file);
  const paths = new Set(words.flatMap((word) => [resolve(folder, word), resolve("", word)]));
  return [...files.keys()].filter((name) =>
    name.endsWith(".ts") ? paths.has(name) && !file.endsWith(".md") : paths.has(name) || paths.has(folderOf(name))
  );
}

function folderOf(file: string): string {
  return file.slice(0, file.lastIndexOf("/") + 1);
}

/** A relative path from a folder, both from the root of the project. A path that is not one leads nowhere. */
function resolve(folder: string, path: string): string {
  const parts = folder.split("/").slice(0, -1);
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== ".") parts.push(part);
  }
  return parts.join("/");
}
