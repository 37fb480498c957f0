/**
 * The rules that tools/layers.ts stands for, as functions of an import graph. No I/O.
 *
 * @module
 */

import type { Group, Row } from "./layers.ts";

/** One import: which file names which, and where. Paths are from the root of the project. */
export interface Import {
  /** The file that imports. */
  readonly from: string;
  /** The file that is imported. */
  readonly to: string;
  /** Line of the import in `from`, the first being 1. */
  readonly line: number;
  /** Whether it imports types only, by `import type` or `export type`. Default: false. */
  readonly typeOnly?: boolean;
}

interface Place {
  readonly group: Group;
  readonly row: number;
}

/** Turns a pattern of the table into an expression over whole paths. */
export function patternRegExp(pattern: string): RegExp {
  const source = pattern.replace(/\*\*|\*|[.+?^${}()|[\]\\]/g, (token) => {
    if (token === "**") return ".*";
    return token === "*" ? "[^/]*" : `\\${token}`;
  });
  return new RegExp(`^${source}$`);
}

function patternsOf(row: Row): readonly string[] {
  return "peers" in row ? row.peers : row;
}

function placesOf(file: string, layers: readonly Group[]): Place[] {
  return layers.flatMap((group) =>
    group.rows.flatMap((patterns, row) =>
      patternsOf(patterns).filter((pattern) => patternRegExp(pattern).test(file)).map(() => ({ group, row }))
    )
  );
}

/**
 * Finds the files that are not in the table exactly once.
 *
 * @returns One message per file, with the cure.
 */
export function findUnplaced(files: Iterable<string>, layers: readonly Group[]): string[] {
  return [...files].flatMap((file) => {
    const count = placesOf(file, layers).length;
    if (count === 1) return [];
    if (count === 0) return `${file}:1: Cannot place "${file}": it is in no layer, enter it in tools/layers.ts`;
    return `${file}:1: Cannot place "${file}": ${count} patterns match it, leave one in tools/layers.ts`;
  });
}

/** Whether an import is one of types between files that may name each other's. */
function isMutualType({ from, to, typeOnly }: Import, layers: readonly Group[]): boolean {
  if (!typeOnly) return false;
  return layers.some(({ mutualTypes = [] }) =>
    [from, to].every((file) => mutualTypes.some((pattern) => patternRegExp(pattern).test(file)))
  );
}

/**
 * Finds the imports that go upward, sideways or into a group that the importing one may not use. Files outside the
 * table are left to {@linkcode findUnplaced}.
 *
 * @returns One message per import, with the cure.
 */
export function findWrongImports(imports: Iterable<Import>, layers: readonly Group[]): string[] {
  return [...imports].flatMap((edge) => {
    const { from, to, line } = edge;
    const [source] = placesOf(from, layers);
    const [target] = placesOf(to, layers);
    if (!source || !target || from === to || isMutualType(edge, layers)) return [];
    const reason = objection(source, target);
    return reason === undefined ? [] : `${from}:${line}: Cannot import "${to}": ${reason}`;
  });
}

function objection(source: Place, target: Place): string | undefined {
  const { group } = source;
  if (group !== target.group) {
    if (group.uses.includes(target.group.name)) return undefined;
    const allowed = group.uses.length > 0 ? `only ${group.uses.join(", ")}` : "no other group";
    return `"${group.name}" may use ${allowed}, pass the value in or move it to a group that both may use`;
  }
  if (target.row > source.row) return undefined;
  if (target.row < source.row) return "it is in a higher layer, pass the value in or move it to a lower file";
  const row = group.rows[source.row];
  if (row !== undefined && "peers" in row) return undefined;
  return "it is in the same layer, put one of the two lower or mark the row as peers in tools/layers.ts";
}

/**
 * Finds the import cycles, imports of types among them. Those between files of {@linkcode Group.mutualTypes} do not count.
 *
 * @returns One message for each import that closes a cycle, with the way around.
 */
export function findCycles(imports: Iterable<Import>, layers: readonly Group[] = []): string[] {
  const edges = Map.groupBy([...imports].filter((edge) => !isMutualType(edge, layers)), ({ from }) => from);
  const done = new Set<string>();
  const path: string[] = [];
  const messages: string[] = [];
  const visit = (file: string) => {
    path.push(file);
    for (const { to, line } of edges.get(file) ?? []) {
      const start = path.indexOf(to);
      if (start >= 0) {
        const way = [...path.slice(start), to].join(" → ");
        messages.push(`${file}:${line}: Cannot import "${to}": it closes the cycle ${way}, move what both need lower`);
      } else if (!done.has(to)) visit(to);
    }
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) if (!done.has(file)) visit(file);
  return messages;
}

// Lower-case members of Deno act or ask, upper-case ones are types; Command and the two pure namespaces are exceptions.
const DENO_IO_REGEXP = /\bDeno\s*\.\s*(?!errors\b|inspect\b)([a-z]\w*|Command)\b/;
const COMMENT_LINE_REGEXP = /^\s*(\*|\/\/|\/\*)/;

/** Tells whether a file must be free of I/O. A pattern with `!` in front takes files off. */
export function isPolicyFile(file: string, patterns: readonly string[]): boolean {
  const matches = (pattern: string) => patternRegExp(pattern.replace(/^!/, "")).test(file);
  const [off = [], on = []] = [true, false].map((isOff) => patterns.filter((p) => p.startsWith("!") === isOff));
  return on.some(matches) && !off.some(matches);
}

/**
 * Finds what a policy file does to the outside through `Deno`. Comment lines are skipped.
 *
 * @returns One message per line, with the cure.
 */
export function findInputOutput(file: string, text: string): string[] {
  return text.split("\n").flatMap((line, index) => {
    const match = COMMENT_LINE_REGEXP.test(line) ? null : DENO_IO_REGEXP.exec(line.replace(/\s\/\/ .*$/, ""));
    if (!match) return [];
    return `${file}:${index + 1}: Cannot use "${match[0]}" here: the file is policy, which is free of I/O, ` +
      `pass the value in or take the file off POLICY_FILES in tools/layers.ts`;
  });
}
