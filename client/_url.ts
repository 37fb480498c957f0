/** URLs and query parameters: how they are prepared, quoted and taken apart. */

import { remember } from "../remember.ts";
import { InvalidURL, MissingSchema, URLRequired } from "./errors.ts";
import { describe, encodeForm, percentEncode } from "./_form.ts";
import type { ParamsInput, UrlInput } from "./types.ts";

// RFC 3986 §2.3.
const UNRESERVED_REGEXP = /[A-Za-z0-9._~-]/;
// What each part of a URL may not hold (RFC 3986 §3.3 to §3.5); the URL standard forbids "'" in a query as well.
const PATH_UNSAFE_REGEXP = /[^A-Za-z0-9._~!$&'()*+,;=:@/%-]+/g;
const QUERY_UNSAFE_REGEXP = /[^A-Za-z0-9._~!$&()*+,;=:@/?%-]+/g;
const FRAGMENT_UNSAFE_REGEXP = /[^A-Za-z0-9._~!$&'()*+,;=:@/?%-]+/g;
// What Python's requote_uri escapes.
const URI_UNSAFE_REGEXP = /[^A-Za-z0-9._~!#$%&'()*+,/:;=?@[\]-]+/g;
const STRAY_PERCENT_REGEXP = /%(?![0-9A-Fa-f]{2})/;

/**
 * Undoes the escapes of unreserved characters (Python: `unquote_unreserved`); all other escapes stay as they are.
 *
 * @throws {InvalidURL} If a `%` is followed by two letters or digits that are no hexadecimal number.
 *
 * @example
 * ```ts
 * import { unquoteUnreserved } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(unquoteUnreserved("http://example.com/%7Efoo/%2F"), "http://example.com/~foo/%2F");
 * ```
 */
export function unquoteUnreserved(uri: string): string {
  return uri.replace(/%([A-Za-z0-9]{2})/g, (escape, digits: string) => {
    if (!/^[0-9A-Fa-f]{2}$/.test(digits)) {
      throw new InvalidURL(`Invalid percent-escape sequence: '${digits}'`);
    }
    const char = String.fromCharCode(parseInt(digits, 16));
    return UNRESERVED_REGEXP.test(char) ? char : escape;
  });
}

/**
 * Quotes a URI again, so that it is quoted fully and consistently (Python: `requote_uri`): escapes of unreserved
 * characters are undone, reserved ones and valid escapes kept, all else escaped. If one escape is not valid, every `%` is.
 *
 * @example
 * ```ts
 * import { requoteUri } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(requoteUri("http://example.com/a b/%7Efoo?q=ü"), "http://example.com/a%20b/~foo?q=%C3%BC");
 * ```
 */
export function requoteUri(uri: string): string {
  if (/%(?=[A-Za-z0-9]{2})(?![0-9A-Fa-f]{2})/.test(uri)) {
    return percentEncode(uri.replaceAll("%", "%25"), URI_UNSAFE_REGEXP);
  }
  return percentEncode(unquoteUnreserved(uri), URI_UNSAFE_REGEXP);
}

/** `url` without user name and password, to show it in a message. */
export function redactUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/|\/\/)?.*@/is, (_, scheme: string | undefined) => `${scheme ?? ""}***@`);
}

function textOf(url: UrlInput): string {
  if (typeof url === "string") return url;
  if (url instanceof URL) return url.href;
  if (url instanceof Uint8Array) return new TextDecoder().decode(url);
  if (url === null || url === undefined) {
    throw new URLRequired(
      "A valid URL is required to make a request: give an absolute one, such as https://example.com/",
    );
  }
  throw new TypeError(`Cannot use ${describe(url)} as a URL: give a string, a URL or bytes`);
}

// Scheme, authority and the rest. Only "//" opens an authority here: the URL standard would take "http:///a" for host "a".
const HTTP_URL_REGEXP = /^([a-z][a-z0-9+.-]*:)\/\/([^/\\?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/is;

/** URLs that have nothing to be quoted, not even an escape; whether they are canonical is left to the platform. */
const PLAIN_URL_REGEXP =
  /^https?:\/\/[a-z0-9][a-z0-9.-]*(?::\d+)?\/[A-Za-z0-9._~!$&()*+,;=:@/-]*(?:\?[A-Za-z0-9._~!$&()*+,;=:@/?-]+)?$/;

/**
 * Makes the URL of a request (Python: `PreparedRequest.prepare_url`): parsed by the platform's `URL`, `params` appended to its
 * query, then quoted as {@linkcode requoteUri} does. The result is one that `new URL()` leaves as it is, so that it is
 * also what is sent. URLs of schemes that do not begin with "http" are returned untouched, without `params`.
 *
 * The URL standard decides where it differs from requests: a default port is dropped, `\` in a path is a slash, tabs,
 * line breaks and blanks around the URL vanish, `'` in a query becomes `%27`, `http://1.2.3` is `http://1.2.0.3`.
 *
 * @throws {MissingSchema} Without a scheme.
 * @throws {InvalidURL} Without a host, or with a host or port that cannot be. Credentials are not in the message.
 * @throws {URLRequired} If there is no URL at all.
 */
export function prepareUrl(url: UrlInput, params: ParamsInput = null): string {
  const text = textOf(url);
  return isNothing(params) ? preparedText(text) : prepareText(text, params);
}

/** How many URLs each function remembers, and how long they may be, in characters. */
export const URL_MEMORY = { entries: 256, length: 2048 } as const;

/** Fast path: programs ask for the same few URLs again and again. */
const preparedText: (text: string) => string = remember((text) => prepareText(text, null), URL_MEMORY);

/** Whether there are no parameters, as far as that is quickly told: a session has an empty object. */
function isNothing(params: ParamsInput): boolean {
  if (params === null || params === "") return true;
  if (typeof params !== "object" || Object.getPrototypeOf(params) !== Object.prototype) return false;
  for (const _ in params) return false;
  return true;
}

function prepareText(given: string, params: ParamsInput): string {
  const text = given.trimStart();
  // Fast path: what the platform leaves as it is.
  if (params === null && PLAIN_URL_REGEXP.test(text) && URL.parse(text)?.href === text) return text;
  if (text.includes(":") && !/^http/i.test(text)) return text;
  // What the URL standard strips before it looks at a URL.
  const stripped = text.replace(/^[\0- ]+|[\0- ]+$/g, "").replace(/[\t\n\r]/g, "");
  const shown = redactUrl(text);
  if (!/^[a-z][a-z0-9+-]*:/i.test(stripped)) {
    throw new MissingSchema(
      `Invalid URL '${shown}': No scheme supplied. Perhaps you meant https://${shown}?`,
    );
  }
  const [, scheme = "", authority = "", path = "", query = "", fragment = ""] = HTTP_URL_REGEXP.exec(stripped) ?? [];
  if (authority.replace(/^.*@/s, "").replace(/:\d*$/, "") === "") {
    throw new InvalidURL(`Invalid URL '${shown}': No host supplied`);
  }
  const addition = encodeParams(params).replaceAll("#", "%23");
  const queries = [query.replace(/^\?/, ""), addition].filter((part) => part !== "").map(escapeStray);
  const parsed = parse(
    `${scheme}//${authority}${escapeStray(path)}?${queries.join("&")}${escapeStray(fragment)}`,
    shown,
  );
  if (/^[*.]/.test(parsed.hostname)) throw new InvalidURL("URL has an invalid label.");
  return parsed.protocol + "//" + userinfoOf(parsed, authority) + parsed.host +
    (quoteAgain(parsed.pathname, PATH_UNSAFE_REGEXP) || "/") +
    prefixed("?", quoteAgain(parsed.search.slice(1), QUERY_UNSAFE_REGEXP)) +
    prefixed("#", quoteAgain(parsed.hash.slice(1), FRAGMENT_UNSAFE_REGEXP));
}

function parse(url: string, shown: string): URL {
  try {
    return new URL(url);
  } catch {
    // The platform's message quotes the whole URL, with what credentials it has; so it is not kept as the cause.
    throw new InvalidURL(`Failed to parse: ${shown}`);
  }
}

// As requests: if one escape of a part is none, none of them is.
function escapeStray(part: string): string {
  return STRAY_PERCENT_REGEXP.test(part) ? part.replaceAll("%", "%25") : part;
}

function quoteAgain(part: string, unsafe: RegExp): string {
  const upper = part.replace(/%[0-9a-f]{2}/gi, (escape) => escape.toUpperCase());
  return percentEncode(unquoteUnreserved(upper), unsafe);
}

function prefixed(mark: string, part: string): string {
  return part === "" ? "" : mark + part;
}

// `URL` drops the colon of an empty password; requests sends credentials for "user:@" and none for "user@".
function userinfoOf({ username, password }: URL, authority: string): string {
  if (username === "" && password === "") return "";
  const hasColon = authority.slice(0, authority.lastIndexOf("@")).includes(":");
  return username + (hasColon ? `:${password}` : "") + "@";
}

/** The request target of a URL: path and query, never the fragment, at least `/` (Python: `PreparedRequest.path_url`). */
export function pathUrl(url: string): string {
  const rest = url.replace(/#.*$/s, "").replace(/^[a-z][a-z0-9+.-]*:/i, "").replace(/^\/\/[^/?]*/, "");
  return rest === "" || rest.startsWith("?") ? `/${rest}` : rest;
}

/**
 * User name and password in a URL, with their escapes undone (Python: `get_auth_from_url`).
 *
 * @returns `["", ""]` if the URL has no password part; `user:@` has an empty one.
 *
 * @example
 * ```ts
 * import { getAuthFromUrl } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(getAuthFromUrl("http://ann:p%20w@example.com/"), ["ann", "p w"]);
 * assert.deepEqual(getAuthFromUrl("http://example.com/"), ["", ""]);
 * ```
 */
export function getAuthFromUrl(url: string): [user: string, password: string] {
  if (!url.includes("@")) return ["", ""];
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/\\?#]*)@/i.exec(url)?.[1];
  const colon = authority?.indexOf(":") ?? -1;
  if (authority === undefined || colon < 0) return ["", ""];
  return [unquote(authority.slice(0, colon)), unquote(authority.slice(colon + 1))];
}

/** Undoes escapes. Unlike `decodeURIComponent` it takes any text: bad escapes stay, bad UTF-8 is replaced. */
export function unquote(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (escapes) => {
    const bytes = Uint8Array.from(escapes.slice(1).split("%"), (digits) => parseInt(digits, 16));
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
  });
}

/**
 * `url` without user name, password and fragment (Python: `urldefragauth`), as a proxy or a `Referer` gets it.
 *
 * @example
 * ```ts
 * import { urldefragauth } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(urldefragauth("http://ann:pw@example.com/path?q#part"), "http://example.com/path?q");
 * ```
 */
export function urldefragauth(url: string): string {
  const [, scheme = "", slashes = "", rest = ""] = /^([a-z][a-z0-9+.-]*:)?(\/\/)?([^#]*)/is.exec(url) ?? [];
  if (slashes === "" && scheme === "" && rest.startsWith("/")) return rest;
  const end = rest.search(/[/?]/);
  const authority = end < 0 ? rest : rest.slice(0, end);
  return `${scheme}//${authority.slice(authority.lastIndexOf("@") + 1)}${end < 0 ? "" : rest.slice(end)}`;
}

/**
 * Puts `scheme` in front of a URL that has none (Python: `prepend_scheme_if_needed`): `host:80` becomes `http://host:80`.
 *
 * @example
 * ```ts
 * import { prependSchemeIfNeeded } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(prependSchemeIfNeeded("proxy.example:3128", "http"), "http://proxy.example:3128");
 * assert.equal(prependSchemeIfNeeded("https://proxy.example", "http"), "https://proxy.example");
 * ```
 */
export function prependSchemeIfNeeded(url: string, scheme: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(url)) return url;
  return url.startsWith("//") ? `${scheme}:${url}` : `${scheme}://${url}`;
}

/**
 * Encodes query parameters (Python: `RequestEncodingMixin._encode_params`): fields as a form, text and bytes as they stand.
 *
 * @throws {TypeError} For what is neither fields nor text, and for values that are no text.
 */
export function encodeParams(params: ParamsInput): string {
  if (params === null || params === undefined) return "";
  if (typeof params === "string") return params;
  return params instanceof Uint8Array ? percentEncode(params, /[^\0-\x7f]+/g) : encodeForm(params);
}
