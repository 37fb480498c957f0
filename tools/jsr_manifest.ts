/**
 * What a static JSR registry says about the packages of the standard library: which of them deno.json asks for, and the
 * text of their metadata. No I/O.
 *
 * @module
 */

/** The npm package that carries the stable standard library as JavaScript. */
export const STD_PACKAGE = "deno-std";

/** The version of {@linkcode STD_PACKAGE} that is laid out. */
export const STD_PACKAGE_VERSION = "1.4.0";

// Counts up when the registry is laid out in another way, so that an older one is not taken for complete.
const LAYOUT_FORMAT = 2;

/** One package of the standard library, as deno.json asks for it. */
export interface StdPackage {
  /** Name without its scope, such as `media-types`. */
  readonly name: string;
  /** The lowest version that deno.json accepts, which is the version that the registry offers. */
  readonly version: string;
}

/** One file of a package as a JSR manifest lists it. */
export interface ManifestEntry {
  /** Size in bytes. */
  readonly size: number;
  /** `sha256-` and the digest in hexadecimal. */
  readonly checksum: string;
}

const STD_SPECIFIER_REGEXP = /^jsr:\/?@std\/([a-z0-9-]+)@[\^~=]?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\/|$)/;

/**
 * Finds the packages of the standard library in the import map of deno.json.
 *
 * @param imports The `imports` of deno.json.
 * @returns The packages, sorted by name, each once.
 * @throws {TypeError} If a specifier of `@std` has no version that a static registry can offer.
 */
export function stdPackages(imports: Readonly<Record<string, string>>): StdPackage[] {
  const versions = new Map<string, string>();
  for (const specifier of Object.values(imports)) {
    if (!/^jsr:\/?@std\//.test(specifier)) continue;
    const match = STD_SPECIFIER_REGEXP.exec(specifier);
    if (!match) {
      throw new TypeError(
        `Cannot read the version of "${specifier}": it is not of the form jsr:@std/name@^1.2.3, change it in deno.json`,
      );
    }
    const [, name = "", major = "0", minor = "0", patch = "0"] = match;
    versions.set(name, `${major}.${minor}.${patch}`);
  }
  return [...versions].map(([name, version]) => ({ name, version }))
    .sort((a, b) => a.name < b.name ? -1 : 1);
}

/** The folder of the npm package that holds a package: `media-types` is in `media_types`. */
export function folderOf(name: string): string {
  return name.replaceAll("-", "_");
}

/**
 * Lists what a package exports, by the rule of the standard library: each file without a leading underscore is an entry
 * point of its own, in kebab-case, and the `mod.js` of a folder is the folder's.
 *
 * @param folder The folder of the package, such as `path`.
 * @param files Every file of the npm package, with a leading slash, such as `/path/posix/mod.js`.
 * @returns The `exports` of the package's metadata.
 */
export function exportsOf(folder: string, files: Iterable<string>): Record<string, string> {
  const exports: Record<string, string> = {};
  for (const file of [...files].sort()) {
    if (!file.startsWith(`/${folder}/`) || !file.endsWith(".js")) continue;
    const path = file.slice(folder.length + 2, -".js".length);
    if (path.split("/").some((part) => part.startsWith("_") || part === "vendor")) continue;
    const entry = path.replace(/(^|\/)mod$/, "").replaceAll("_", "-");
    exports[entry === "" ? "." : `./${entry}`] = `.${file}`;
  }
  return exports;
}

/** The text of `@std/NAME/meta.json`: the versions of a package. */
export function packageMeta({ name, version }: StdPackage): string {
  return JSON.stringify({ scope: "std", name, latest: version, versions: { [version]: {} } });
}

/**
 * The text of `@std/NAME/VERSION_meta.json`: the files of one version and its entry points. The manifest holds the files
 * of every package, because each version links to the whole folder and the files import one another across packages.
 *
 * @param name Name of the package without its scope.
 * @param manifest Every file of the npm package.
 */
export function versionMeta(name: string, manifest: Readonly<Record<string, ManifestEntry>>): string {
  return JSON.stringify({ manifest, exports: exportsOf(folderOf(name), Object.keys(manifest)) });
}

const PARAM_TAG_REGEXP = /^(\s*\*\s*)@param\b/gm;

/**
 * Takes the mark off the `@param` lines of a JavaScript file. Where a function has one, TypeScript takes each of its
 * parameters for required, optional ones too, and correct calls would not pass the type check.
 */
export function relaxParameters(source: string): string {
  return source.replace(PARAM_TAG_REGEXP, "$1param");
}

/** One line that changes whenever the laid out registry would: which packages, and made from what. */
export function layoutStamp(packages: readonly StdPackage[]): string {
  const names = packages.map(({ name, version }) => `${name}@${version}`);
  return `${LAYOUT_FORMAT} ${STD_PACKAGE}@${STD_PACKAGE_VERSION} ${names.join(" ")}`;
}
