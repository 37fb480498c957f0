/** Header fields: which may be sent, and how those with an inner structure are read (RFC 9110 §5.6). */

import { isToken } from "../http1/fields.ts";
import { decodeLatin1 } from "../http1/latin1.ts";
import { InvalidHeader } from "./errors.ts";

// What ends a field early, or lets two readers see two different ones (RFC 9110 §5.5).
const FORBIDDEN_REGEXP = /^[ \t\v\f]|[\r\n\0]/;

/**
 * Checks that a header field may be sent (Python: `check_header_validity`).
 *
 * A name is a token (RFC 9110 §5.6.2). A value is text or bytes; it does not start with a blank and holds no CR, LF or
 * NUL. Text holds Latin-1 characters only, because one character goes out as one byte. Messages do not quote the value,
 * which may be a secret.
 *
 * @throws {InvalidHeader} if it may not
 *
 * @example
 * ```ts
 * import { checkHeaderValidity, InvalidHeader } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * checkHeaderValidity("X-Name", "value");
 * assert.throws(() => checkHeaderValidity("X-Name", "a\r\nb"), InvalidHeader);
 * assert.throws(() => checkHeaderValidity("X Name", "value"), InvalidHeader);
 * ```
 */
export function checkHeaderValidity(name: unknown, value: unknown): asserts value is string | Uint8Array {
  if (typeof name !== "string") {
    throw new InvalidHeader(`The name of a header must be a string, not ${typeName(name)}`);
  }
  if (!isToken(name)) {
    throw new InvalidHeader(
      `Invalid leading whitespace, reserved character(s), or return character(s) in header name: ${
        JSON.stringify(name)
      }`,
    );
  }
  if (typeof value !== "string" && !(value instanceof Uint8Array)) {
    throw new InvalidHeader(`The value of header "${name}" must be a string or Uint8Array, not ${typeName(value)}`);
  }
  const text = typeof value === "string" ? value : decodeLatin1(value);
  if (FORBIDDEN_REGEXP.test(text)) {
    throw new InvalidHeader(
      `Invalid leading whitespace, reserved character(s), or return character(s) in the value of header "${name}"`,
    );
  }
  if (/[^\0-\xff]/.test(text)) {
    throw new InvalidHeader(
      `The value of header "${name}" holds characters outside Latin-1; pass bytes: new TextEncoder().encode(value)`,
    );
  }
}

function typeName(value: unknown): string {
  if (value === null || typeof value !== "object") return value === null ? "null" : typeof value;
  return value.constructor?.name ?? "object";
}

const BLANKS_AND_QUOTES = " '\"";

/** One link of a `Link` field: its URL and its parameters, whose names are in small letters. */
export interface HeaderLink {
  /** Where the link leads, as it was written. */
  url: string;
  /** How the linked page relates to this one, such as `next`. */
  rel?: string;
  /** Any other parameter. */
  [parameter: string]: string | undefined;
}

/**
 * Reads a `Link` field (RFC 8288 §3; Python: `parse_header_links`).
 *
 * Quotes may be double, single or missing. Of a parameter that is repeated the first one counts. A parameter without
 * `=` ends the reading of its link, as in Python.
 *
 * @returns the links in order; none for an empty field
 *
 * @example
 * ```ts
 * import { parseHeaderLinks } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const links = parseHeaderLinks('</2>; rel="next", <https://example.com/9>; rel=last');
 * assert.deepEqual(links, [{ url: "/2", rel: "next" }, { url: "https://example.com/9", rel: "last" }]);
 * ```
 */
export function parseHeaderLinks(value: string): HeaderLink[] {
  const links: HeaderLink[] = [];
  for (const item of splitLinks(strip(value, BLANKS_AND_QUOTES))) {
    const [target = "", ...parameters] = splitOutside(item, ";", true);
    const link = new Map([["url", strip(target, "<> '\"")]]);
    for (const parameter of parameters) {
      const equals = parameter.indexOf("=");
      if (equals === -1) break;
      const name = strip(parameter.slice(0, equals), BLANKS_AND_QUOTES).toLowerCase();
      if (!link.has(name)) link.set(name, readParameter(parameter.slice(equals + 1)));
    }
    // Not by assignment: a parameter may be called "__proto__".
    links.push(Object.fromEntries(link) as HeaderLink);
  }
  return links;
}

/** A comma separates links only in front of `<`; URLs and titles may hold others. */
function splitLinks(value: string): string[] {
  const links: string[] = [];
  for (const piece of splitOutside(value, ",", true)) {
    if (links.length === 0 || /^\s*</.test(piece)) links.push(piece);
    else links[links.length - 1] += `,${piece}`;
  }
  return links.filter((link) => link.trim() !== "");
}

function readParameter(text: string): string {
  const trimmed = text.trim();
  return isQuoted(trimmed) ? unquote(trimmed.slice(1, -1)) : strip(trimmed, BLANKS_AND_QUOTES);
}

/** Takes characters off both ends. A loop, because a regular expression takes quadratic time for long runs inside. */
function strip(text: string, characters: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && characters.includes(text[start]!)) start++;
  while (end > start && characters.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/**
 * Splits at a character that does not stand in a quoted string, nor in `<…>` with `brackets`. A quote or bracket that is
 * never closed is an ordinary character.
 */
function splitOutside(text: string, separator: string, brackets = false): string[] {
  const pieces: string[] = [];
  let start = 0;
  // Without a closing mark from here on there is none further on: a second look would cost quadratic time.
  let quotesClose = true;
  let bracketsClose = brackets;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"' && quotesClose) {
      const close = closingQuote(text, at);
      quotesClose = close !== -1;
      if (quotesClose) at = close;
    } else if (character === "<" && bracketsClose) {
      const close = text.indexOf(">", at);
      bracketsClose = close !== -1;
      if (bracketsClose) at = close;
    } else if (character === separator) {
      pieces.push(text.slice(start, at));
      start = at + 1;
    }
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Where the quoted string that opens at `open` ends, or -1. */
function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] === "\\") at++;
    else if (text[at] === '"') return at;
  }
  return -1;
}

function isQuoted(text: string): boolean {
  return text.length > 1 && text.startsWith('"') && text.endsWith('"');
}

/** Undoes the escapes of a quoted string; `\` in front of any other character than `"` and `\` stays, for Windows paths. */
function unquote(text: string): string {
  return text.replace(/\\(["\\])/g, "$1");
}

/**
 * Takes the quotes off a value, and undoes its escapes (Python: `unquote_header_value`).
 *
 * With `isFilename` a value that starts with two backslashes, a UNC path that some browsers send without escapes, keeps
 * all of them.
 *
 * @example
 * ```ts
 * import { unquoteHeaderValue } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(unquoteHeaderValue('"a \\"b\\""'), 'a "b"');
 * assert.equal(unquoteHeaderValue("token"), "token");
 * ```
 */
export function unquoteHeaderValue(value: string, isFilename = false): string {
  if (!isQuoted(value)) return value;
  const inner = value.slice(1, -1);
  return isFilename && inner.startsWith("\\\\") ? inner : unquote(inner);
}

/**
 * Reads a list such as `token, "quoted, value"`; empty elements are left out (RFC 9110 §5.6.1;
 * Python: `parse_list_header`).
 *
 * @example
 * ```ts
 * import { parseListHeader } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseListHeader('token, "quoted, value"'), ["token", "quoted, value"]);
 * ```
 */
export function parseListHeader(value: string): string[] {
  return splitList(value).map((item) => unquoteHeaderValue(item));
}

/**
 * Reads a list of names and values such as `foo="a, b", bar`; a name without a value gives `null`
 * (Python: `parse_dict_header`).
 *
 * @example
 * ```ts
 * import { parseDictHeader } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(parseDictHeader('foo="is a, fish", bar'), { foo: "is a, fish", bar: null });
 * ```
 */
export function parseDictHeader(value: string): Record<string, string | null> {
  return Object.fromEntries(
    splitList(value).map((item): [string, string | null] => {
      const equals = item.indexOf("=");
      if (equals === -1) return [item, null];
      return [item.slice(0, equals).trimEnd(), unquoteHeaderValue(item.slice(equals + 1).trimStart())];
    }),
  );
}

function splitList(value: string): string[] {
  return splitOutside(value, ",").map((item) => item.trim()).filter((item) => item !== "");
}

/**
 * Reads a `Content-Type` field: the type in small letters, and its parameters by name in small letters (RFC 9110 §8.3).
 *
 * Single quotes are taken off too, because servers send them. Of a parameter that is repeated the last one counts; one
 * without `=` is left out.
 */
export function parseContentType(value: string): [essence: string, params: Record<string, string>] {
  const [essence = "", ...parameters] = splitOutside(value, ";");
  const params: [string, string][] = [];
  for (const parameter of parameters) {
    const equals = parameter.indexOf("=");
    if (equals === -1) continue;
    params.push([
      strip(parameter.slice(0, equals), BLANKS_AND_QUOTES).toLowerCase(),
      readParameter(parameter.slice(equals + 1)),
    ]);
  }
  return [essence.trim().toLowerCase(), Object.fromEntries(params)];
}

/** One challenge of `WWW-Authenticate` or `Proxy-Authenticate` (RFC 9110 §11.3). */
export interface Challenge {
  /** The scheme in small letters, such as `digest`. */
  scheme: string;
  /** The parameters by name in small letters, without quotes and escapes. */
  params: Record<string, string>;
  /** What stands in place of parameters, such as the token of `Negotiate`, or `null`. */
  token68: string | null;
}

const TOKEN_AT_REGEXP = /[!#$%&'*+\-.^_`|~0-9A-Za-z]+/y;
const TOKEN68_AT_REGEXP = /([A-Za-z0-9\-._~+/]+=*)[ \t]*(?=,|$)/y;
const EQUALS_AT_REGEXP = /[ \t]*=[ \t]*/y;
const BLANKS_AT_REGEXP = /[ \t]+/y;
const SEPARATORS_AT_REGEXP = /[ \t,]+/y;
const UNTIL_COMMA_AT_REGEXP = /[^,]*/y;
const QUOTED_AT_REGEXP = /"((?:[^"\\]|\\[^])*)(?:"|\\?$)/y;

/**
 * Reads all challenges of a `WWW-Authenticate` or `Proxy-Authenticate` field, several fields joined with commas included
 * (RFC 9110 §11.6.1).
 *
 * What no challenge can be made of is skipped up to the next comma. A value without quotes may hold any character but a
 * comma or a blank, as many servers send it. Of a parameter that is repeated the last one counts.
 */
export function parseChallenges(value: string): Challenge[] {
  const challenges: { scheme: string; params: [string, string][]; token68: string | null }[] = [];
  let at = 0;
  /** Takes what `regexp` finds right here. */
  const take = (regexp: RegExp): RegExpExecArray | null => {
    regexp.lastIndex = at;
    const match = regexp.exec(value);
    if (match !== null) at += match[0].length;
    return match;
  };

  while (at < value.length) {
    take(SEPARATORS_AT_REGEXP);
    const token = take(TOKEN_AT_REGEXP)?.[0];
    if (token === undefined) {
      // A stray quoted string may hold commas of its own.
      if (take(QUOTED_AT_REGEXP) === null) take(UNTIL_COMMA_AT_REGEXP);
      continue;
    }
    if (take(EQUALS_AT_REGEXP) !== null) {
      const quoted = take(QUOTED_AT_REGEXP)?.[1];
      const text = quoted === undefined ? take(/[^\s,]*/y)![0] : quoted.replace(/\\([^])/g, "$1");
      challenges.at(-1)?.params.push([token.toLowerCase(), text]);
      continue;
    }
    const hasBlank = take(BLANKS_AT_REGEXP) !== null;
    challenges.push({
      scheme: token.toLowerCase(),
      params: [],
      token68: hasBlank ? take(TOKEN68_AT_REGEXP)?.[1] ?? null : null,
    });
  }
  return challenges.map((challenge) => ({ ...challenge, params: Object.fromEntries(challenge.params) }));
}
