/** From a path on disk to the file behind it, under the rule for symbolic links. */

/** Whether names follow the rules of Windows. */
export const WINDOWS: boolean = globalThis.Deno?.build?.os === "windows";

/** A file or directory that was found. */
export interface Found {
  /** The path that was looked for. */
  readonly path: string;
  /** The path to open: where links are checked, none is left in it. */
  readonly realPath: string;
  readonly info: Deno.FileInfo;
}

/**
 * Finds `path`, or gives `null` when there is nothing to serve: missing, unreadable, too long a name, a loop of links. They
 * are one answer on purpose, since which it was is nobody's business (and Python says 404 to all of them).
 *
 * Where `followSymlinks` is false a link counts only if its target lies inside `root`. Each component below the root is
 * looked at without following, which costs one call for a plain file and tells about links; the real paths are compared
 * only where there is one.
 */
export function lookup(root: string, path: string, followSymlinks: boolean): Found | null {
  try {
    const below = relativeTo(root, path);
    // A path outside the root comes from an overridden translatePath(): where that leads is the program's own choice.
    if (followSymlinks || below === null) return { path, realPath: path, info: Deno.statSync(path) };
    return lookupInside(root, path, below);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function lookupInside(root: string, path: string, below: readonly string[]): Found | null {
  let at = root;
  let info: Deno.FileInfo | undefined;
  for (const name of below) {
    at = at.endsWith("/") ? at + name : `${at}/${name}`;
    info = Deno.lstatSync(at);
    if (info.isSymlink) return lookupLinked(root, path);
  }
  return { path, realPath: path, info: info ?? Deno.statSync(path) };
}

function lookupLinked(root: string, path: string): Found | null {
  let realPath: string;
  try {
    realPath = Deno.realPathSync(path);
  } catch (error) {
    // Beyond what --allow-read permits is outside, too; missing permission for the root itself is an error and stays one.
    if (error instanceof Deno.errors.NotCapable) return null;
    throw error;
  }
  // "/srv/www-private" starts with "/srv/www" and is not inside it (CVE-2025-58751).
  if (!isInside(Deno.realPathSync(root), realPath)) return null;
  return { path, realPath, info: Deno.lstatSync(realPath) };
}

/** Whether `path` is `root` or below it; both are real paths. */
export function isInside(root: string, path: string): boolean {
  return relativeTo(root, path) !== null;
}

/** The components of `path` below `root`, or `null` when it is not below. */
function relativeTo(root: string, path: string): string[] | null {
  if (path === root) return [];
  const prefix = root.endsWith("/") || root.endsWith("\\") ? root : root + "/";
  if (path.startsWith(prefix) || path.startsWith(prefix.slice(0, -1) + "\\")) {
    return path.slice(prefix.length).split(/[/\\]/).filter((name) => name !== "");
  }
  return null;
}

/**
 * Opens a found file for reading. Gives `"absent"` when that fails, and `"changed"` when the name leads to another file, or
 * the file to other content, by now: it may have been replaced, or somebody put a link in its place after the look.
 */
export function openFound(found: Found): Deno.FsFile | "absent" | "changed" {
  let file: Deno.FsFile;
  try {
    file = Deno.openSync(found.realPath);
  } catch (error) {
    if (isAbsence(error)) return "absent";
    throw error;
  }
  const info = file.statSync();
  const same = info.dev === found.info.dev && info.ino === found.info.ino && info.size === found.info.size &&
    info.mtime?.getTime() === found.info.mtime?.getTime();
  if (same) return file;
  file.close();
  return "changed";
}

/** Whether an error of the file system means that there is nothing here for a client. */
export function isAbsence(error: unknown): boolean {
  if (
    error instanceof Deno.errors.NotFound || error instanceof Deno.errors.PermissionDenied ||
    error instanceof Deno.errors.NotADirectory || error instanceof Deno.errors.FilesystemLoop
  ) return true;
  // Names that are too long come as a plain Error with the code of the system.
  const code = (error as { code?: unknown }).code;
  return code === "ENAMETOOLONG" || code === "ENOTDIR" || code === "ELOOP" || code === "EINVAL";
}
