/** Peers from npm, in a folder of their own outside of version control. */

import { isInstalled } from "../tools/installed.ts";

const FOLDER = decodeURIComponent(new URL("../.bench/", import.meta.url).pathname);

/** Path of a program of an installed package. */
export function npmBin(name: string): string {
  return `${FOLDER}node_modules/.bin/${name}`;
}

/** Path of the folder of an installed package. */
export function npmFolder(name: string): string {
  return `${FOLDER}node_modules/${name}`;
}

/** Path of a file of our own beside the installed packages, from which scripts can import them. */
export function besidePackages(name: string): string {
  return `${FOLDER}${name}`;
}

/**
 * Installs packages (`name@version`, or `alias@npm:name@version`) unless they are there. Gives the reason when that cannot
 * be done, else `null`.
 */
export async function installPackages(packages: readonly string[]): Promise<string | null> {
  const missing = packages.filter((each) => !isPresent(each));
  if (missing.length === 0) return null;
  if (!isInstalled("npm")) return "needs npm";
  await Deno.mkdir(FOLDER, { recursive: true });
  const manifest = `${FOLDER}package.json`;
  try {
    await Deno.writeTextFile(manifest, '{ "private": true, "type": "module" }\n', { createNew: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
  const args = ["install", "--prefix", FOLDER, "--no-audit", "--no-fund", "--save-exact", "--silent", ...missing];
  const { success, stderr } = await new Deno.Command("npm", { args, stdin: "null", stdout: "null" }).output();
  return success ? null : `npm cannot install ${missing.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`;
}

function isPresent(specifier: string): boolean {
  const at = specifier.indexOf("@", 1);
  const version = specifier.slice(specifier.lastIndexOf("@") + 1);
  try {
    const text = Deno.readTextFileSync(`${npmFolder(specifier.slice(0, at))}/package.json`);
    return JSON.parse(text).version === version;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
