/** A static JSR registry in a temporary folder, which holds this package as `deno publish` would upload it. */

import { fetchHandler, SimpleHTTPRequestHandler } from "@x/httpkit/server";
import { type ModuleInfo, readModules, type Reference } from "../../tools/import_graph.ts";
import { buildLayout, readManifest } from "../../tools/jsr_layout.ts";
import { packageMeta, stdPackages } from "../../tools/jsr_manifest.ts";
import { publishedFiles } from "../../tools/published_files.ts";
import { tempTree } from "../helpers/temp_tree.ts";

const PROJECT = new URL("../../", import.meta.url);

/** The part of deno.json that says what is published. */
interface PackageConfig {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
}

/** A registry on disk; `await using` removes it. */
export interface JsrRegistry extends AsyncDisposable {
  /** The value of `JSR_URL`. */
  readonly url: string;
  /** Its folder. The standard library, as JavaScript, is in `std` there. */
  readonly path: string;
  /** The folder of the files of this package. */
  readonly packagePath: string;
  /** The entry points of this package, as in deno.json. */
  readonly exports: Readonly<Record<string, string>>;
}

/** Lays the standard library and this package out. */
export async function jsrRegistry(): Promise<JsrRegistry> {
  const config: PackageConfig = JSON.parse(await Deno.readTextFile(new URL("deno.json", PROJECT)));
  const [scope = "", name = ""] = config.name.slice(1).split("/");
  const tree = await tempTree();
  const path = `${tree.path}/registry`;
  const home = `${path}/@${scope}/${name}`;
  try {
    if (!await buildLayout(path, stdPackages(config.imports))) {
      throw new Error("Cannot lay out std: npm did not answer");
    }
    await copyPublished(`${home}/${config.version}`, expanded);
    const meta = JSON.parse(packageMeta({ name, version: config.version }));
    await Deno.writeTextFile(`${home}/meta.json`, JSON.stringify({ ...meta, scope }));
    await Deno.writeTextFile(
      `${home}/${config.version}_meta.json`,
      JSON.stringify({ manifest: await readManifest(`${home}/${config.version}`), exports: config.exports }),
    );
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
  return {
    url: new URL(`file://${encodeURI(path)}/`).href,
    path,
    packagePath: `${home}/${config.version}`,
    exports: config.exports,
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

/** Serves a registry over http, as JSR is. */
export function serveRegistry({ path }: JsrRegistry): { readonly url: string } & AsyncDisposable {
  class Files extends SimpleHTTPRequestHandler {
    override directory = path;
    override followSymlinks = true;
    override logMessage(): void {}
  }
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, fetchHandler(Files));
  return {
    url: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/**
 * Copies what `deno publish` would upload.
 *
 * @param target the folder to copy to.
 * @param change gives the specifiers of imports anew, as for {@linkcode withSpecifiers}.
 * @returns the paths of the files, from `target`.
 */
export async function copyPublished(
  target: string,
  change: (written: string, resolved: string) => string,
): Promise<string[]> {
  const files = await publishedFiles();
  const modules = new Map(
    (await readModules(files.filter((file) => file.endsWith(".ts")), PROJECT)).map((info) => [info.specifier, info]),
  );
  for (const file of files) {
    const source = new URL(encodeURI(file), PROJECT);
    const info = modules.get(source.href);
    await Deno.mkdir(`${target}/${file}`.replace(/\/[^/]*$/, ""), { recursive: true });
    if (info === undefined) await Deno.copyFile(source, `${target}/${file}`);
    else await Deno.writeTextFile(`${target}/${file}`, withSpecifiers(await Deno.readTextFile(source), info, change));
  }
  return files;
}

/** What `deno publish` writes in the place of a name of the import map; other specifiers it leaves alone. */
function expanded(written: string, resolved: string): string {
  return /^(?:\.{0,2}\/|[a-z]+:)/.test(written) ? written : resolved.replace(/^(jsr|npm):\//, "$1:");
}

/**
 * Writes other specifiers into a module, where deno has found them.
 *
 * @param text the text of the module.
 * @param info what deno found in it.
 * @param change gives a specifier anew: what is written, and the URL that it stands for.
 */
export function withSpecifiers(
  text: string,
  info: ModuleInfo,
  change: (written: string, resolved: string) => string,
): string {
  const lines = text.split("\n");
  const edits = (info.dependencies ?? []).flatMap(({ specifier, code, type }) =>
    [code, type].flatMap((reference) => reference === undefined ? [] : { specifier, reference })
  );
  // From the end of each line to its beginning, so that the places that are still to come hold.
  edits.sort((a, b) => startOf(b.reference) - startOf(a.reference));
  for (const { specifier, reference } of edits) {
    const { line, character } = reference.span.start;
    const before = lines[line]!.slice(0, character);
    const quoted = lines[line]!.slice(character);
    const now = change(specifier, reference.specifier ?? specifier);
    if (quoted.slice(1).startsWith(`${now}${quoted[0]}`)) continue; // the same place, once as code and once as type
    if (!quoted.slice(1).startsWith(`${specifier}${quoted[0]}`)) {
      throw new Error(`Cannot find "${specifier}" in ${info.specifier}:${line + 1}:${character + 1}: ${lines[line]}`);
    }
    lines[line] = `${before}${quoted[0]}${now}${quoted.slice(1 + specifier.length)}`;
  }
  return lines.join("\n");
}

function startOf({ span }: Reference): number {
  return span.start.line * 1e5 + span.start.character;
}
