/** From a path on disk to the file behind it, under the rule for symbolic links. */

import { isSameVersion } from "./_version_cache.ts";

/** A file or directory that was found. */
export interface Found {
  /** The path that was looked for. */
  readonly path: string;
  /** The path to open: where links are checked, none is left in it. */
  readonly realPath: string;
  readonly info: Deno.FileInfo;
  /** What was seen of the folder that it lies in, where that had to be looked at. */
  readonly folder?: Deno.FileInfo;
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
    // A path outside the root comes from an overridden translatePath(): where that leads is the program's own choice.
    if (followSymlinks || !isInside(root, path)) return { path, realPath: path, info: Deno.statSync(path) };
    return lookupInside(root, path);
  } catch (error) {
    if (isAbsence(error)) return null;
    throw error;
  }
}

function lookupInside(root: string, path: string): Found | null {
  let folder: Deno.FileInfo | undefined;
  let info: Deno.FileInfo | undefined;
  for (let from = root.length; from < path.length;) {
    if (isSeparator(path, from)) {
      from++;
      continue;
    }
    const to = endOfName(path, from);
    folder = info;
    info = Deno.lstatSync(to === path.length ? path : path.slice(0, to));
    if (info.isSymlink) return lookupLinked(root, path);
    from = to;
  }
  info ??= Deno.statSync(path);
  return folder === undefined ? { path, realPath: path, info } : { path, realPath: path, info, folder };
}

function isSeparator(path: string, index: number): boolean {
  const char = path.charCodeAt(index);
  return char === 0x2f || char === 0x5c;
}

function endOfName(path: string, from: number): number {
  let to = from + 1;
  while (to < path.length && !isSeparator(path, to)) to++;
  return to;
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
  if (!path.startsWith(root)) return false;
  return path.length === root.length || isSeparator(path, root.length) ||
    (root !== "" && isSeparator(root, root.length - 1));
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
  if (isSameVersion(info, found.info)) return file;
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

/** Whether there is certainly nothing of this name: not even a link that leads nowhere yet. */
export function isMissing(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
