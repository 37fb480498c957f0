/**
 * What the client holds, as the results of a case show it.
 *
 * @module
 */

import type { PreparedRequest, RequestsCookieJar } from "../../../client/mod.ts";
import { decodeLatin1 } from "../latin1.ts";
import type { Json } from "./json.ts";
import { showBody } from "./show_bytes.ts";

/**
 * A value as JSON.
 *
 * @throws {TypeError} If it is none, such as undefined.
 */
export function toJson(value: unknown): Json {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if (Array.isArray(value)) return value.map(toJson);
  if (typeof value !== "object") throw new TypeError(`Cannot show ${String(value)}: it is no JSON value`);
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, toJson(entry)]));
}

/** The body of a prepared request: text, bytes, null, or `"STREAM"`. */
export function showRequestBody(body: PreparedRequest["body"]): Json {
  if (body === null) return null;
  return body instanceof Uint8Array ? showBody(body) : "STREAM";
}

/** A header value, or null; one character of the text is one byte. */
export function showHeader(value: string | Uint8Array | null): Json {
  return value instanceof Uint8Array ? decodeLatin1(value) : value;
}

/** All cookies with where they belong, sorted by domain, path and name. */
export function showJar(jar: RequestsCookieJar): Json {
  const cookies = [...jar].map(({ name, value, domain, path, secure, expires }) => {
    return { name, value, domain, path, secure, session: expires === null };
  });
  cookies.sort((a, b) => compare(a.domain, b.domain) || compare(a.path, b.path) || compare(a.name, b.name));
  return toJson(cookies);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
