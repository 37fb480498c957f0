/**
 * Reads the import graph of the project, as deno itself sees it.
 *
 * @module
 */

import type { Import } from "./layer_rules.ts";

/** One end of an import: what it names in the end, and where it stands. */
export interface Reference {
  /** URL of the module that it names; missing where deno could not resolve it. */
  readonly specifier?: string;
  /** Where the specifier begins, quotes included. */
  readonly span: { readonly start: Position };
}

/** A place in a text. */
export interface Position {
  /** Line, the first being 0. */
  readonly line: number;
  /** How many characters of the line are before it. */
  readonly character: number;
}

/** The part of the output of `deno info --json` that tells who imports whom. */
export interface ModuleInfo {
  /** URL of the module. */
  readonly specifier: string;
  /** What it imports: as a value, as a type, or both. */
  readonly dependencies?: readonly {
    /** As it is written in the module. */
    readonly specifier: string;
    readonly code?: Reference;
    readonly type?: Reference;
  }[];
}

/**
 * Takes the imports between files of the project out of what `deno info --json` says.
 *
 * @param modules The modules of the graph.
 * @param root URL of the project, with a slash at its end.
 */
export function importsWithin(modules: readonly ModuleInfo[], root: string): Import[] {
  return modules.filter(({ specifier }) => specifier.startsWith(root)).flatMap(({ specifier, dependencies = [] }) =>
    dependencies.flatMap(({ code, type }) => {
      const reference = code ?? type;
      if (!reference?.specifier?.startsWith(root)) return [];
      const [from, to] = [specifier, reference.specifier].map((url) => decodeURIComponent(url.slice(root.length)));
      if (!from || !to) return [];
      // deno keeps `import type` apart; a file that is imported both ways has both.
      return { from, to, line: reference.span.start.line + 1, typeOnly: code === undefined };
    })
  );
}

const SKIPPED_FOLDERS = ["node_modules", "coverage"];

/**
 * Lists the files of the project, sorted; hidden files and folders are left out.
 *
 * @param root URL of the project, with a slash at its end.
 */
export async function projectFiles(root: URL): Promise<string[]> {
  const files: string[] = [];
  const walk = async (folder: string) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(`./${folder}`, root))) {
      if (name.startsWith(".")) continue;
      if (!isDirectory) files.push(folder + name);
      else if (!SKIPPED_FOLDERS.includes(name)) await walk(`${folder}${name}/`);
    }
  };
  await walk("");
  return files.sort();
}

/**
 * Lists the TypeScript files of the project, sorted; hidden folders are left out.
 *
 * @param root URL of the project, with a slash at its end.
 */
export async function sourceFiles(root: URL): Promise<string[]> {
  return (await projectFiles(root)).filter((file) => file.endsWith(".ts"));
}

/**
 * Reads every import of `files`: static, dynamic with a literal, and of types.
 *
 * @throws {Error} If deno cannot read the graph.
 */
export async function readImports(files: readonly string[], root: URL): Promise<Import[]> {
  return importsWithin(await readModules(files, root), root.href);
}

/**
 * Reads the modules of the graph that starts at `files`, those of other projects among them.
 *
 * @throws {Error} If deno cannot read the graph.
 */
export async function readModules(files: readonly string[], root: URL): Promise<ModuleInfo[]> {
  const entry = await Deno.makeTempFile({ prefix: "layers_", suffix: ".ts" });
  try {
    const lines = files.map((file) => `import ${JSON.stringify(new URL(encodeURI(file), root).href)};\n`);
    await Deno.writeTextFile(entry, lines.join(""));
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["info", "--json", "--config", "deno.json", entry],
      cwd: root,
    }).output();
    if (!success) throw new Error(`Cannot read the import graph: ${new TextDecoder().decode(stderr).trim()}`);
    return JSON.parse(new TextDecoder().decode(stdout)).modules;
  } finally {
    await Deno.remove(entry);
  }
}
