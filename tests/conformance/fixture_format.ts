/**
 * The entries of `server/fixtures.json`: which files, links and folders a tree is made of.
 *
 * @module
 */

/** A file, with its permission bits and its time in seconds since 1970 (the tree's default if undefined). */
export interface FileEntry {
  /** Tells the kinds of entries apart. */
  readonly kind: "file";
  /** The content. */
  readonly bytes: Uint8Array;
  /** The permission bits. */
  readonly mode: number;
  /** Seconds since 1970, with fractions. */
  readonly mtime: number | undefined;
}

/** A symbolic link; the target is relative to the link's own folder. */
export interface LinkEntry {
  /** Tells the kinds of entries apart. */
  readonly kind: "link";
  /** Where the link leads to. */
  readonly target: string;
}

/** A folder of its own, as against one that exists because of what is in it. */
export interface FolderEntry {
  /** Tells the kinds of entries apart. */
  readonly kind: "folder";
  /** The permission bits. */
  readonly mode: number;
}

/** Anything that a tree can hold. */
export type TreeEntry = FileEntry | LinkEntry | FolderEntry;

/** A whole tree. */
export interface Fixture {
  /** The folder that is served, relative to the tree's own. */
  readonly root: string;
  /** Seconds since 1970 for files that name no time. */
  readonly defaultMtime: number;
  /** The entries by path; a folder's path has no slash at the end. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
}

const ENTRY_KEYS = ["text", "lines", "b64", "repeat", "times", "generate", "symlink", "dir", "mode", "mtime"];
const CONTENT_KEYS = ["text", "lines", "b64", "repeat", "generate", "symlink", "dir"];

/**
 * Reads the parsed JSON of `fixtures.json`.
 *
 * @throws {TypeError} If an entry is not as the format says.
 */
export function parseFixtures(json: Record<string, unknown>): Map<string, Fixture> {
  return new Map(
    Object.entries(json).map(([name, value]) => {
      const { root, default_mtime, entries } = value as Record<string, unknown>;
      if (typeof root !== "string" || typeof default_mtime !== "number" || typeof entries !== "object" || !entries) {
        throw new TypeError(`Cannot read fixture "${name}": root, default_mtime or entries is missing`);
      }
      const parsed = Object.entries(entries).map(([path, entry]) => {
        return [path.replace(/\/$/, ""), parseTreeEntry(path, entry)] as const;
      });
      return [name, { root, defaultMtime: default_mtime, entries: new Map(parsed) }];
    }),
  );
}

/**
 * Reads one entry of a tree.
 *
 * @throws {TypeError} If the entry has no content, more than one, or an unknown key.
 */
export function parseTreeEntry(path: string, json: unknown): TreeEntry {
  const fields = json as Record<string, unknown>;
  const contents = CONTENT_KEYS.filter((key) => key in fields);
  const unknown = Object.keys(fields).filter((key) => !ENTRY_KEYS.includes(key));
  if (contents.length !== 1 || unknown.length > 0) {
    throw new TypeError(`Cannot read tree entry "${path}": contents [${contents}], unknown keys [${unknown}]`);
  }
  if (("dir" in fields) !== path.endsWith("/")) {
    throw new TypeError(`Cannot read tree entry "${path}": a folder, and only a folder, ends with a slash`);
  }
  if (typeof fields.symlink === "string") return { kind: "link", target: fields.symlink };
  if ("dir" in fields) return { kind: "folder", mode: parseMode(path, fields.mode ?? "755") };
  return {
    kind: "file",
    bytes: parseContent(path, fields),
    mode: parseMode(path, fields.mode ?? "644"),
    mtime: typeof fields.mtime === "number" ? fields.mtime : undefined,
  };
}

function parseMode(path: string, mode: unknown): number {
  if (typeof mode !== "string" || !/^[0-7]{3,4}$/.test(mode)) {
    throw new TypeError(`Cannot read tree entry "${path}": mode "${mode}" is not octal`);
  }
  return parseInt(mode, 8);
}

function parseContent(path: string, fields: Record<string, unknown>): Uint8Array {
  const encoder = new TextEncoder();
  if (typeof fields.text === "string") return encoder.encode(fields.text);
  if (Array.isArray(fields.lines)) return encoder.encode(fields.lines.map((line) => `${line}\n`).join(""));
  if (typeof fields.b64 === "string") return Uint8Array.fromBase64(fields.b64);
  if (typeof fields.generate === "number") return generatePattern(fields.generate);
  if (typeof fields.repeat === "string" && typeof fields.times === "number") {
    return encoder.encode(fields.repeat.repeat(fields.times));
  }
  throw new TypeError(`Cannot read tree entry "${path}": its content has the wrong type`);
}

/** Makes that many bytes without a short period, so that a block which is lost or doubled shows. */
export function generatePattern(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i ^ (i >> 8) ^ (i >> 16)) & 0xff);
}
