/** Validators and preconditions (RFC 9110 §8.8 and §13). */

import { ifMatch, ifNoneMatch } from "@std/http/etag";
import { formatHttpDate, parseHttpDate } from "./_http_date.ts";

/** What is known of the file behind a representation. */
export interface FileVersion {
  /** In bytes. */
  readonly size: number;
  readonly mtime: Date | null;
  /** The inode; 0 or `null` where the system has none. */
  readonly ino: number | null;
}

/** The validators of one representation; both are `null` when the file gives no reliable ones. */
export interface Validators {
  readonly etag: string | null;
  /** Seconds since 1970, without fraction. */
  readonly lastModified: number | null;
}

/** What the preconditions decide: go on, or answer with this status. */
export type PreconditionResult = "pass" | 304 | 412;

/**
 * The validators of a file, or of its representation in a content coding.
 *
 * The entity tag is strong: size, time of modification in milliseconds and inode, parted by `-` so that no two files can
 * run together into one tag, and the coding at the end, because a coded body is other bytes (RFC 9110 §8.8.3.3). Files of
 * reproducible builds all carry time 0 or 1, which tells nothing, so they get no validators at all.
 */
export function validatorsOf(file: FileVersion, coding: string | null, now: number = Date.now()): Validators {
  const time = file.mtime?.getTime() ?? 0;
  if (time < 2000) return { etag: null, lastModified: null };
  const version = `${(file.ino ?? 0).toString(36)}-${file.size.toString(36)}-${time.toString(36)}`;
  return {
    etag: `"${coding === null ? version : `${version}-${coding}`}"`,
    // A date in the future must not be sent (RFC 9110 §8.8.2.1).
    lastModified: Math.floor(Math.min(time, now) / 1000),
  };
}

/** The value of `Last-Modified`. */
export function formatLastModified(lastModified: number): string {
  return formatHttpDate(new Date(lastModified * 1000));
}

/** Evaluates the preconditions of a GET or HEAD request in the order of RFC 9110 §13.2.2. */
export function evaluatePreconditions(headers: Pick<Headers, "get">, validators: Validators): PreconditionResult {
  const { etag, lastModified } = validators;

  const match = headers.get("if-match");
  if (match !== null) {
    if (match.trim() !== "*" && !ifMatch(match, etag ?? undefined)) return 412;
  } else {
    const unmodifiedSince = dateField(headers, "if-unmodified-since");
    if (unmodifiedSince !== null && lastModified !== null && lastModified > unmodifiedSince) return 412;
  }

  const noneMatch = headers.get("if-none-match");
  if (noneMatch !== null) {
    // What a browser sends: the one tag that it was given.
    if (noneMatch === etag) return 304;
    if (noneMatch.trim() === "*" || !ifNoneMatch(noneMatch, etag ?? undefined)) return 304;
  } else {
    const modifiedSince = dateField(headers, "if-modified-since");
    if (modifiedSince !== null && lastModified !== null && lastModified <= modifiedSince) return 304;
  }
  return "pass";
}

/**
 * Whether a `Range` may be honoured under `If-Range` (RFC 9110 §13.1.5): a strong tag that matches strongly, or the very
 * date of the representation. Anything else asks for the whole.
 */
export function ifRangeAllows(headers: Pick<Headers, "get">, validators: Validators): boolean {
  const value = headers.get("if-range");
  if (value === null) return true;
  const text = value.trim();
  if (text.startsWith('"')) return text === validators.etag;
  const date = parseHttpDate(text);
  return date !== null && date === validators.lastModified;
}

/** A date that is none is ignored, not refused (RFC 9110 §13.1.3, §13.1.4). */
function dateField(headers: Pick<Headers, "get">, name: string): number | null {
  const value = headers.get(name);
  return value === null ? null : parseHttpDate(value.trim());
}
