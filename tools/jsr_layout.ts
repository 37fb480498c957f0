/**
 * Lays a static JSR registry out on disk, from the npm package of the standard library, for networks that reach npm but
 * not JSR.
 *
 * @module
 */

import {
  folderOf,
  layoutStamp,
  type ManifestEntry,
  packageMeta,
  relaxParameters,
  STD_PACKAGE,
  STD_PACKAGE_VERSION,
  type StdPackage,
  versionMeta,
} from "./jsr_manifest.ts";
import { runQuietly } from "./quiet_run.ts";

// The install fetches one small package; anything longer is a network that swallows packets.
const INSTALL_SECONDS = 120;

// Written last: a registry without it is half built.
const STAMP_FILE = "complete.txt";

// Where the files of the standard library are, inside the registry.
const STD_FOLDER = "std";

/**
 * Tells how long ago the registry in `folder` was found to be needed, in seconds.
 *
 * @param folder The folder of the registry.
 * @param packages What it must offer.
 * @returns The age in seconds, or `undefined` when the registry is missing, half built or made for other packages.
 */
export async function layoutAge(folder: string, packages: readonly StdPackage[]): Promise<number | undefined> {
  const path = `${folder}/${STAMP_FILE}`;
  try {
    if (await Deno.readTextFile(path) !== layoutStamp(packages)) return undefined;
    const { mtime } = await Deno.stat(path);
    return mtime === null ? undefined : (Date.now() - mtime.getTime()) / 1000;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    throw error;
  }
}

/** Makes a complete registry young again: it was found to be needed just now. */
export async function renewLayout(folder: string): Promise<void> {
  const now = new Date();
  await Deno.utime(`${folder}/${STAMP_FILE}`, now, now);
}

/**
 * Builds the registry beside `folder` and moves it there in one step, so that another process sees all of it or none.
 *
 * @param folder The folder of the registry; replaced when it holds something else than `packages`.
 * @param packages What it must offer.
 * @returns Whether the registry is there now; `false` when npm did not give the package.
 */
export async function buildLayout(folder: string, packages: readonly StdPackage[]): Promise<boolean> {
  const building = `${folder}-${crypto.randomUUID()}`;
  await Deno.mkdir(building, { recursive: true });
  try {
    if (!await installStd(building)) return false;
    await writeRegistry(building, packages);
    await Deno.writeTextFile(`${building}/${STAMP_FILE}`, layoutStamp(packages));
    await moveInto(building, folder, packages);
    return true;
  } finally {
    await removeTree(building);
  }
}

async function installStd(building: string): Promise<boolean> {
  await Deno.writeTextFile(`${building}/deno.json`, '{ "nodeModulesDir": "auto", "lock": false }\n');
  const specifier = `npm:${STD_PACKAGE}@${STD_PACKAGE_VERSION}`;
  return await runQuietly(["install", specifier], { cwd: building, seconds: INSTALL_SECONDS });
}

async function writeRegistry(building: string, packages: readonly StdPackage[]): Promise<void> {
  const source = `${building}/${STD_FOLDER}`;
  await copyTree(await Deno.realPath(`${building}/node_modules/${STD_PACKAGE}`), source);
  await Deno.remove(`${building}/node_modules`, { recursive: true });
  await Deno.remove(`${building}/deno.json`);
  const manifest = await readManifest(source);
  for (const std of packages) {
    const home = `${building}/@std/${std.name}`;
    if (!Object.hasOwn(manifest, `/${folderOf(std.name)}/mod.js`)) {
      throw new TypeError(
        `Cannot offer "@std/${std.name}" without JSR: ${STD_PACKAGE}@${STD_PACKAGE_VERSION} does not hold it, remove it from deno.json`,
      );
    }
    await Deno.mkdir(home, { recursive: true });
    await Deno.writeTextFile(`${home}/meta.json`, packageMeta(std));
    await Deno.writeTextFile(`${home}/${std.version}_meta.json`, versionMeta(std.name, manifest));
    await place(source, `${home}/${std.version}`);
  }
}

/** Links a version to the package's files; the link is relative, because the registry is moved when it is complete. */
async function place(source: string, version: string): Promise<void> {
  if (Deno.build.os === "windows") return await copyTree(source, version); // links need a privilege there
  await Deno.symlink(`../../${STD_FOLDER}`, version, { type: "dir" });
}

async function copyTree(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (isDirectory) await copyTree(`${from}/${name}`, `${to}/${name}`);
    else await Deno.writeTextFile(`${to}/${name}`, relaxParameters(await Deno.readTextFile(`${from}/${name}`)));
  }
}

/**
 * Lists every file under a folder as the manifest of a package does.
 *
 * @param source The folder of the package.
 */
export async function readManifest(source: string): Promise<Record<string, ManifestEntry>> {
  const manifest: Record<string, ManifestEntry> = {};
  for await (const path of filesUnder(source, "")) {
    const bytes = await Deno.readFile(source + path);
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    manifest[path] = { size: bytes.length, checksum: `sha256-${digest.toHex()}` };
  }
  return manifest;
}

async function* filesUnder(root: string, folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(root + folder)) {
    if (isDirectory) yield* filesUnder(root, `${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

/** Moves a complete registry to its place. One that another process has put there meanwhile stays: it is in use. */
async function moveInto(building: string, folder: string, packages: readonly StdPackage[]): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.rename(building, folder); // fails where a folder with files is in the way
    } catch (error) {
      if (await layoutAge(folder, packages) !== undefined) return;
      if (attempt === 3) throw error; // no race any more
    }
    const old = `${building}-old`;
    await renameIfThere(folder, old);
    await removeTree(old);
  }
}

async function renameIfThere(from: string, to: string): Promise<void> {
  try {
    await Deno.rename(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
