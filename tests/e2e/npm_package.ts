/**
 * This package as JavaScript in a `node_modules`, made as JSR makes it for npm: the published files transpiled one by one,
 * with the names of npm packages in the place of `jsr:` and `npm:` specifiers.
 */

import { buildLayout } from "../../tools/jsr_layout.ts";
import { exportsOf, folderOf, stdPackages } from "../../tools/jsr_manifest.ts";
import { readModules } from "../../tools/import_graph.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { copyPublished, withSpecifiers } from "./jsr_registry.ts";

const PROJECT = new URL("../../", import.meta.url);

/** A project for Node that depends on this package; `await using` removes it. */
export interface NodeProject extends AsyncDisposable {
  readonly path: string;
  /** Makes a module of this project into JavaScript there, and gives its name. */
  add(module: URL): Promise<string>;
}

/** Makes a project with this package and everything that it depends on. */
export async function nodeProject(): Promise<NodeProject> {
  const config = JSON.parse(await Deno.readTextFile(new URL("deno.json", PROJECT)));
  const tree = await tempTree({ "package.json": JSON.stringify({ type: "module" }) });
  const { path } = tree;
  try {
    const npm = Object.values<string>(config.imports).filter((specifier) => specifier.startsWith("npm:"));
    await deno(path, "install", "--node-modules-dir=auto", "--no-lock", ...npm);
    if (!await buildLayout(`${path}/registry`, stdPackages(config.imports))) throw new Error("npm did not answer");
    for (const { name } of stdPackages(config.imports)) await addStd(path, name);

    const target = `${path}/node_modules/${npmName(config.name)}`;
    const files = await copyPublished(target, npmSpecifier);
    await transpile(target, files.filter((file) => file.endsWith(".ts")));
    const exports = Object.entries<string>(config.exports).map(([entry, file]) => [entry, asJavaScript(file)]);
    await Deno.writeTextFile(
      `${target}/package.json`,
      JSON.stringify({ type: "module", exports: Object.fromEntries(exports) }),
    );
  } catch (error) {
    await tree[Symbol.asyncDispose]();
    throw error;
  }
  return {
    path,
    async add(module) {
      const info = (await readModules([module.href.slice(PROJECT.href.length)], PROJECT))
        .find(({ specifier }) => specifier === module.href)!;
      const file = module.pathname.split("/").pop()!;
      // Its own name stands for the package here as well, as it does for those who installed it.
      const change = (written: string, resolved: string) =>
        written.startsWith(`${config.name}/`)
          ? written.replace(config.name, npmName(config.name))
          : npmSpecifier(written, resolved);
      await Deno.writeTextFile(`${path}/${file}`, withSpecifiers(await Deno.readTextFile(module), info, change));
      await transpile(path, [file]);
      return asJavaScript(file);
    },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

async function deno(cwd: string, ...args: string[]): Promise<void> {
  const output = await new Deno.Command(Deno.execPath(), { args: [...args], cwd, stdin: "null" }).output();
  if (!output.success) throw new Error(`deno ${args[0]} failed: ${new TextDecoder().decode(output.stderr)}`);
}

/** The name that JSR gives a package in its registry for npm. */
function npmName(name: string): string {
  return `@jsr/${name.slice(1).replace("/", "__")}`;
}

function npmSpecifier(written: string, resolved: string): string {
  if (written.startsWith(".")) return asJavaScript(written);
  const [, registry, name, path = ""] = /^(jsr|npm):\/?((?:@[^/]+\/)?[^@/]+)(?:@[^/]*)?(\/.*)?$/.exec(resolved) ?? [];
  if (name === undefined) return written;
  return (registry === "jsr" ? npmName(name) : name) + path;
}

function asJavaScript(file: string): string {
  return file.replace(/\.ts$/, ".js");
}

async function transpile(folder: string, files: readonly string[]): Promise<void> {
  await deno(folder, "transpile", "--quiet", "--no-check", "--no-config", "--outdir", ".", ...files);
}

/** One package of the standard library, whose files are all in `registry/std`. */
async function addStd(path: string, name: string): Promise<void> {
  const target = `${path}/node_modules/${npmName(`@std/${name}`)}`;
  await Deno.mkdir(target, { recursive: true });
  await Deno.symlink(`${path}/registry/std`, `${target}/std`, { type: "dir" });
  const files = await filesOf(`${path}/registry/std/${folderOf(name)}`, `/${folderOf(name)}`);
  const exports = Object.entries(exportsOf(folderOf(name), files)).map((
    [entry, file],
  ) => [entry, `./std${file.slice(1)}`]);
  await Deno.writeTextFile(`${target}/package.json`, JSON.stringify({ exports: Object.fromEntries(exports) }));
}

async function filesOf(folder: string, shown: string): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) files.push(...await filesOf(`${folder}/${name}`, `${shown}/${name}`));
    else files.push(`${shown}/${name}`);
  }
  return files;
}
