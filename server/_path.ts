/**
 * From a request target to a path below the served folder: the one decoding that routing, hiding and opening share.
 * Two readings of one target (one to check it, another to open it) are how most traversal holes came about.
 */

import { remember } from "../remember.ts";

/** A request target, cut and decoded once. */
export interface Target {
  /** The path as it came, without query and fragment, with one leading slash. */
  readonly rawPath: string;
  /** What follows the path: `?query`, `#fragment`, both or nothing. */
  readonly suffix: string;
  /** The decoded names from the root down, without `.`, `..` and empty ones. */
  readonly segments: readonly string[];
  /** Whether the decoded path ends with a slash, and so asks for a directory. */
  readonly trailingSlash: boolean;
  /** Whether the slash at the end is an encoded one, under which relative links would point beside the directory. */
  readonly encodedSlash: boolean;
  /** Why no file can answer this target, or `null`. */
  readonly refusal: string | null;
}

const LEADING_SLASHES_REGEXP = /^\/{2,}/;
// Device names, alternate streams, short (8.3) names, and the trailing dots and spaces that Windows drops silently.
const WINDOWS_NAME_REGEXP = /[:*?"<>|]|~\d|[. ]$|^(?:con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(?:\.|$)/i;

/** Several leading slashes count once: `//host/…` in a redirect would name another host (CVE-2021-28861). */
export function collapseLeadingSlashes(path: string): string {
  return path.startsWith("//") ? path.replace(LEADING_SLASHES_REGEXP, "/") : path;
}

/**
 * Cuts and decodes a request target. Segments are split after the one decoding, so that `%2F` separates as `/` does, and
 * `..` goes up inside the root only.
 */
export function parseTarget(target: string, windows = false): Target {
  return windows ? readTarget(target, true) : recentTarget(target);
}

const recentTarget = remember((target) => readTarget(target, false), { entries: 1024, length: 512 });

function readTarget(target: string, windows: boolean): Target {
  const path = collapseLeadingSlashes(target);
  const end = path.search(/[?#]/);
  const rawPath = end < 0 ? path : path.slice(0, end);
  const suffix = end < 0 ? "" : path.slice(end);
  const decoded = rawPath.includes("%") ? percentDecode(rawPath) : rawPath;
  const trailingSlash = decoded.endsWith("/");
  return {
    rawPath,
    suffix,
    segments: cleanSegments(decoded),
    trailingSlash,
    encodedSlash: trailingSlash && !rawPath.endsWith("/"),
    refusal: refusalOf(decoded, windows),
  };
}

function cleanSegments(decoded: string): string[] {
  const segments: string[] = [];
  for (const segment of decoded.split("/")) {
    if (segment === "" || segment === ".") continue;
    if (segment === "..") segments.pop();
    else segments.push(segment);
  }
  return segments;
}

/**
 * A backslash is refused on every system, not only where it separates: the same tree is served from both kinds, and this
 * is the hole that keeps coming back (CVE-2026-52844, CVE-2026-54286). U+FFFD stands for bytes that were no UTF-8: no file
 * name that Deno can open holds them.
 */
function refusalOf(decoded: string, windows: boolean): string | null {
  if (decoded.includes("\0")) return "a null byte";
  if (decoded.includes("\\")) return "a backslash";
  if (decoded.includes("\uFFFD")) return "bytes that are not UTF-8";
  if (windows && decoded.split("/").some((name) => name !== "." && name !== ".." && WINDOWS_NAME_REGEXP.test(name))) {
    return "a name that Windows reserves";
  }
  return null;
}

/** Names that start with a dot are hidden, but for `.well-known`, which RFC 8615 makes public. */
export function isDotfile(name: string): boolean {
  return name.startsWith(".") && name !== ".well-known";
}

/** A name that the listing must not show because {@linkcode parseTarget} would refuse it. */
export function isRefusedName(name: string): boolean {
  return refusalOf(name, false) !== null;
}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Decodes `%XX` as UTF-8; a stray `%` stays as it is, as in Python's `unquote`, because file names hold them. */
function percentDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Malformed escapes, or bytes that are no UTF-8: the slow way keeps the first and marks the others with U+FFFD.
    const bytes: number[] = [];
    for (let i = 0; i < text.length; i++) {
      const hex = text[i] === "%" ? text.slice(i + 1, i + 3) : "";
      if (/^[0-9a-f]{2}$/i.test(hex)) {
        bytes.push(parseInt(hex, 16));
        i += 2;
      } else {
        const code = text.codePointAt(i)!;
        if (code < 0x80) bytes.push(code);
        else bytes.push(...encoder.encode(String.fromCodePoint(code)));
        if (code > 0xFFFF) i++;
      }
    }
    return decoder.decode(new Uint8Array(bytes));
  }
}

/** Percent-encodes a name for a path segment or a relative link; letters, digits and `-._~` stay, as in Python's `quote`. */
export function quoteSegment(name: string): string {
  // encodeURIComponent throws on lone surrogates, which a lossy directory listing may hold.
  return encodeURIComponent(name.toWellFormed()).replace(
    /[!'()*]/g,
    (char) => "%" + char.charCodeAt(0).toString(16).toUpperCase(),
  );
}

/**
 * Where a directory without its slash is redirected: built anew from the decoded names, so that it is a path on this host
 * whatever the target was.
 */
export function directoryLocation(target: Target): string {
  const path = target.segments.map((name) => quoteSegment(name) + "/").join("");
  return "/" + path + target.suffix.replace(/[^\x21-\x7e]/gu, (char) => encodeURIComponent(char.toWellFormed()));
}
