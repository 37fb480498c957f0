/**
 * Redirects (RFC 9110 §15.4): where one leads, and what of the request goes along. Values in, values out; following
 * them is the session's part.
 *
 * @module
 */

import { prepareUrl, redactUrl } from "./_url.ts";
import { InvalidSchema, InvalidURL } from "./errors.ts";
import { REDIRECT_STATI } from "./response.ts";

/** How many redirects a session follows, unless told otherwise (Python: `DEFAULT_REDIRECT_LIMIT`). */
export const DEFAULT_REDIRECT_LIMIT = 30;

/**
 * The header fields that a redirect to another origin must not take along: they hold credentials, or, as `Host` does,
 * are about the old origin. `Cookie` is made anew for each request, so this is about the field that a caller wrote by
 * hand.
 */
export const SENSITIVE_HEADERS: readonly string[] = [
  "Authorization",
  "Cookie",
  "Cookie2",
  "Host",
  "Proxy-Authorization",
];

/** What describes a body, and goes with it (RFC 9110 §15.4, RFC 9530 §2). */
const BODY_HEADERS: readonly string[] = [
  "Content-Digest",
  "Content-Encoding",
  "Content-Language",
  "Content-Length",
  "Content-Location",
  "Content-Type",
  "Digest",
  "Expect",
  "Last-Modified",
  "Repr-Digest",
  "Trailer",
  "Transfer-Encoding",
];

/**
 * Where a response redirects to (Python: `SessionRedirectMixin.get_redirect_target`).
 *
 * Header fields arrive as Latin-1. Most servers mean UTF-8, so a `Location` that is valid UTF-8 is read as that;
 * otherwise its bytes beyond ASCII are percent-encoded.
 *
 * @param status the status of the response; only 301, 302, 303, 307 and 308 redirect.
 * @param headers the header fields of the response.
 * @returns the `Location`, which may be relative; `null` if there is none, or an empty one.
 *
 * @example
 * ```ts
 * import { getRedirectTarget } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const headers = new Headers({ location: "/next" });
 * assert.equal(getRedirectTarget(302, headers), "/next");
 * assert.equal(getRedirectTarget(200, headers), null);
 * ```
 */
export function getRedirectTarget(status: number, headers: Headers): string | null {
  const location = REDIRECT_STATI.includes(status) ? headers.get("location") : null;
  return location === null || location === "" ? null : fromLatin1(location);
}

function fromLatin1(field: string): string {
  // deno-lint-ignore no-control-regex
  if (!/[^\x00-\x7f]/.test(field)) return field;
  const bytes = Uint8Array.from(field, (char) => char.charCodeAt(0));
  const text = new TextDecoder().decode(bytes);
  if (!text.includes("\ufffd")) return text;
  return Array.from(bytes, (byte) => byte < 0x80 ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase()}`)
    .join("");
}

/**
 * The URL of the next request: the target resolved against the URL of the response, and quoted as every other URL.
 *
 * Without a fragment of its own it inherits that of the old URL (RFC 9110 §10.2.2). User name and password in the
 * target stay in the URL, but are not meant to be sent. A scheme that no adapter is mounted for is not refused here. A Unix
 * socket is: only what came from the same socket may lead there, or every server could reach what listens on this machine.
 *
 * @param oldUrl the URL of the response.
 * @param location what {@linkcode getRedirectTarget} found.
 * @throws {InvalidURL} The target cannot be parsed. Its credentials are not in the message.
 * @throws {InvalidSchema} The target is a Unix socket, and the response did not come from it.
 *
 * @example
 * ```ts
 * import { redirectUrl } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(redirectUrl("http://a.example/b/c?d#part", "../e f"), "http://a.example/e%20f#part");
 * assert.equal(redirectUrl("https://a.example/", "//b.example/"), "https://b.example/");
 * ```
 */
export function redirectUrl(oldUrl: string, location: string): string {
  const resolved = URL.parse(location, oldUrl);
  if (resolved === null) {
    throw new InvalidURL(`Failed to parse: ${redactUrl(location)}, to which ${redactUrl(oldUrl)} redirects`);
  }
  if (resolved.protocol === "http+unix:" && !isSameSocket(new URL(oldUrl), resolved)) {
    throw new InvalidSchema(`${redactUrl(oldUrl)} redirects to a Unix socket: a redirect must not lead there`);
  }
  // An empty fragment is one, and is not replaced.
  if (!location.includes("#")) resolved.hash = oldUrl.includes("#") ? oldUrl.slice(oldUrl.indexOf("#")) : "";
  return prepareUrl(resolved);
}

function isSameSocket(from: URL, to: URL): boolean {
  return from.protocol === to.protocol && from.host === to.host;
}

/**
 * Whether credentials must not go from one URL to another (Python: `SessionRedirectMixin.should_strip_auth`).
 *
 * They stay on the same scheme, host and port, and go from http to https of the same host when both use their default
 * port. A URL that cannot be parsed gets none.
 *
 * @example
 * ```ts
 * import { shouldStripAuth } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(shouldStripAuth("http://a.example/", "https://a.example/"), false);
 * assert.equal(shouldStripAuth("https://a.example/", "http://a.example/"), true);
 * assert.equal(shouldStripAuth("https://a.example/", "https://b.example/"), true);
 * ```
 */
export function shouldStripAuth(oldUrl: string | URL, newUrl: string | URL): boolean {
  const from = URL.parse(oldUrl);
  const to = URL.parse(newUrl);
  if (from === null || to === null || from.hostname !== to.hostname) return true;
  if (from.protocol === "http:" && to.protocol === "https:" && from.port === "" && to.port === "") return false;
  return from.protocol !== to.protocol || from.port !== to.port;
}

/**
 * The method of the next request (Python: `SessionRedirectMixin.rebuild_method`).
 *
 * | status | GET, HEAD | POST | others |
 * |---|---|---|---|
 * | 301 | same | GET | same |
 * | 302, 303 | same | GET | GET |
 * | 307, 308 | same | same | same |
 *
 * @example
 * ```ts
 * import { rebuildMethod } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(rebuildMethod("POST", 302), "GET");
 * assert.equal(rebuildMethod("POST", 307), "POST");
 * assert.equal(rebuildMethod("DELETE", 301), "DELETE");
 * ```
 */
export function rebuildMethod(method: string, status: number): string {
  if ((status === 302 || status === 303) && method !== "HEAD") return "GET";
  return status === 301 && method === "POST" ? "GET" : method;
}

/**
 * Whether the body of the request is sent again: whenever the method stays, except after 303, which asks for a
 * retrieval. requests also drops the bodies of PUT, PATCH and DELETE after 301, which loses data without a word.
 *
 * @param status the status of the redirect.
 * @param method the method of the request that was redirected.
 *
 * @example
 * ```ts
 * import { keepsBody } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(keepsBody(307, "POST"), true);
 * assert.equal(keepsBody(301, "PUT"), true);
 * assert.equal(keepsBody(301, "POST"), false);
 * ```
 */
export function keepsBody(status: number, method: string): boolean {
  return status !== 303 && rebuildMethod(method, status) === method;
}

/**
 * The header fields that the next request must not have because its body is gone; none if {@linkcode keepsBody}.
 *
 * @param status the status of the redirect.
 * @param method the method of the request that was redirected.
 *
 * @example
 * ```ts
 * import { headersToDrop } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert(headersToDrop(303, "POST").includes("Content-Length"));
 * assert.deepEqual(headersToDrop(307, "POST"), []);
 * ```
 */
export function headersToDrop(status: number, method: string): readonly string[] {
  return keepsBody(status, method) ? [] : BODY_HEADERS;
}
