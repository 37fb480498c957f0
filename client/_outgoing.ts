/** The parts of a request as they leave: its URL and its header fields, and the URL as error messages show it. */

import { isToken } from "../http1/fields.ts";
import { decodeLatin1 } from "../http1/latin1.ts";
import { remember } from "../remember.ts";
import { InvalidHeader, InvalidURL, URLRequired } from "./errors.ts";
import { getProxyAuth } from "./proxies.ts";
import { URL_MEMORY } from "./_url.ts";
import { type CaseInsensitiveDict, findingsOf } from "./case_insensitive_dict.ts";
import type { PreparedRequest } from "./request.ts";

const FOREIGN_REGEXP = /[^\0-\xff]/u;

/** Where a request goes: the parts of its URL without userinfo and fragment, as `URL` has them. */
export type Destination = Pick<URL, "protocol" | "host" | "hostname" | "port" | "pathname" | "search" | "href">;

/**
 * The URL to ask for: without userinfo, which has become the `Authorization` header, and without fragment. The same object
 * comes for the same URL, as long as it is remembered.
 *
 * @throws {URLRequired} The request has no URL.
 * @throws {InvalidURL} The URL, edited after the request was prepared, cannot be parsed.
 */
export function outgoingUrl(request: PreparedRequest): Destination {
  if (request.url === null) {
    throw new URLRequired("The request has no URL; prepare it with one before it is sent.", { request });
  }
  const destination = destinationOf(request.url);
  if (destination !== null) return destination;
  throw new InvalidURL(`Invalid URL ${JSON.stringify(shownUrl(request.url))}: it cannot be parsed.`, { request });
}

/** Fast path: programs ask for the same few URLs again and again, and parsing one costs as much as sending it. */
const destinationOf: (text: string) => Destination | null = remember((text) => {
  const url = URL.parse(text);
  if (url === null) return null;
  // fetch would add a second Authorization line for the userinfo. Setting a part parses the URL again.
  if (url.username !== "") url.username = "";
  if (url.password !== "") url.password = "";
  if (url.href.includes("#")) url.hash = "";
  const { protocol, host, hostname, port, pathname, search, href } = url;
  return { protocol, host, hostname, port, pathname, search, href };
}, URL_MEMORY);

/**
 * A URL for error messages and logs: without userinfo, query and fragment, which may hold secrets. Of what cannot be
 * parsed, only what follows the last `@` is shown.
 */
export function shownUrl(url: string | URL | null): string {
  const text = String(url ?? "");
  const [, start = "", query = ""] = /^([^?#]*)(\?)?/.exec(text)!;
  const parsed = URL.canParse(start) ? new URL(start) : null;
  if (parsed !== null && parsed.host !== "") {
    return `${parsed.protocol}//${parsed.host}${parsed.pathname}${query === "" ? "" : "?…"}`;
  }
  return text.slice(text.lastIndexOf("@") + 1).replace(/[?#].*$/s, "");
}

/**
 * The header fields in their order, with values as strings of bytes (ISO-8859-1), which is what `fetch` sends.
 *
 * @throws {InvalidHeader} A value has a character beyond ISO-8859-1.
 */
export function outgoingHeaders(request: PreparedRequest): readonly (readonly [name: string, value: string])[] {
  const headers: CaseInsensitiveDict<string | Uint8Array> = request.headers;
  const findings = findingsOf(headers);
  if (findings.outgoing !== undefined) return findings.outgoing;
  const fields: (readonly [string, string])[] = [];
  let isLasting = true;
  headers.forEach((value, name) => {
    // Bytes may be changed.
    if (typeof value !== "string") isLasting = false;
    const text = typeof value === "string" ? value : decodeLatin1(value);
    if (FOREIGN_REGEXP.test(text)) {
      throw new InvalidHeader(
        `Header ${name}: ${
          FOREIGN_REGEXP.exec(text)![0]
        } is beyond ISO-8859-1. Pass the value as bytes, for instance ` +
          "new TextEncoder().encode(value), if the server reads UTF-8.",
        { request },
      );
    }
    fields.push([name, text]);
  });
  if (isLasting) findings.outgoing = fields;
  return fields;
}

/**
 * The fields with credentials for the proxy where they belong: in the request if the proxy forwards it. Through a tunnel
 * the origin would get what is meant for the proxy.
 *
 * @param fields the fields of the request.
 * @param url the URL to ask for.
 * @param proxy the URL of the proxy, or `null`.
 */
export function forwardedFields(
  fields: readonly (readonly [name: string, value: string])[],
  url: Pick<URL, "protocol">,
  proxy: string | null,
): readonly (readonly [name: string, value: string])[] {
  const auth = proxy !== null && isForwarded(url, proxy) ? getProxyAuth(proxy) : null;
  const isDropped = auth !== null || url.protocol === "https:";
  const rest = isDropped ? fields.filter(([name]) => name.toLowerCase() !== "proxy-authorization") : fields;
  return auth === null ? rest : [...rest, ["Proxy-Authorization", auth]];
}

/**
 * Whether the proxy gets the request itself, whole URL, fields and all, and passes it on. Otherwise it opens a tunnel, or
 * speaks SOCKS, and knows nothing of the request.
 */
export function isForwarded(url: Pick<URL, "protocol">, proxy: string | null): boolean {
  return url.protocol === "http:" && proxy !== null && /^https?:/i.test(proxy);
}

/** Methods that have the same effect when they arrive twice (RFC 9110 §9.2.2). */
const IDEMPOTENT_METHODS: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"]);

/** Whether a request that may have arrived can be sent again without harm. */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT_METHODS.has(method.toUpperCase());
}

/**
 * Checks a method that may have been edited after the request was prepared.
 *
 * @throws {RangeError} It is no token (RFC 9110 §9.1): what holds a blank would start another request.
 */
export function checkMethod(method: string): void {
  if (isToken(method)) return;
  throw new RangeError(`${JSON.stringify(method)} is no method: use letters, digits and !#$%&'*+.^_\`|~-`);
}
