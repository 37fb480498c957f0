/**
 * Which cookies a server may set and which a request gets: RFC 6265bis (draft-ietf-httpbis-rfc6265bis), as values in and
 * values out.
 *
 * tough-cookie parses `Set-Cookie` and knows domains, paths and the public suffix list. Its own jar is not used: there a
 * cookie with `Max-Age` lives longer each time it is sent, a request to `http://test/` throws, and an http response may
 * replace a cookie that https set as `Secure`.
 */

import * as toughCookie from "tough-cookie";
import { type Cookie, LATEST_SECOND, normalizeDomain } from "./_cookie.ts";

// RFC 6265bis §5.6: of the control characters only the tab may occur.
const CONTROL_REGEXP = /[^\t\x20-\x7E\x80-\uFFFF]/;
const SECURE_PROTOCOLS = ["https:", "wss:"];

/** Whether cookies marked `Secure` may pass. Loopback over http does not count: requests holds them back there as well. */
export function isSecureUrl(url: URL): boolean {
  return SECURE_PROTOCOLS.includes(url.protocol);
}

/** The host of a URL as a cookie's domain has it: an IPv6 address has no brackets. */
function hostOf(url: URL): string {
  return toughCookie.canonicalDomain(url.hostname) ?? "";
}

/**
 * Reads a `Set-Cookie` field of the response to `url`. `now` is in milliseconds since 1970.
 *
 * @returns The cookie, which may have expired already (so does a server delete one), or `null` if it has to be refused.
 */
export function readSetCookie(field: string, url: URL, now: number): Cookie | null {
  if (CONTROL_REGEXP.test(field)) return null;
  const parsed = toughCookie.parse(field);
  if (parsed === undefined || (parsed.secure && !isSecureUrl(url))) return null;

  const host = hostOf(url);
  const scope = scopeOf(parsed.domain, host);
  // Without a host the domain would be empty, which stands for every host.
  if (host === "" || scope === null) return null;
  const name = parsed.key;
  const path = parsed.path ?? toughCookie.defaultPath(url.pathname);
  if (path.includes("\t")) return null;
  if (!prefixHolds(name, parsed.secure, parsed.domain === null && parsed.path === "/")) return null;

  return Object.freeze({
    name,
    value: parsed.value,
    ...scope,
    path,
    secure: parsed.secure,
    httpOnly: parsed.httpOnly,
    sameSite: sameSiteOf(parsed.sameSite),
    expires: expiryOf(parsed.maxAge, parsed.expires, now),
  });
}

/** Where a cookie belongs (RFC 6265bis §5.7), or `null` if the host must not set it. */
function scopeOf(attribute: string | null, host: string): Pick<Cookie, "domain" | "hostOnly"> | null {
  if (attribute === null) return { domain: host, hostOnly: true };
  // A name that the URL parser refuses, such as "ü%", belongs to no host.
  const ascii = /^[\x21-\x7E]+$/.test(attribute) ? attribute : URL.parse(`http://${attribute}`)?.hostname;
  if (ascii === undefined) return null;
  const domain = normalizeDomain(ascii);
  const suffix = toughCookie.getPublicSuffix(domain, { allowSpecialUseDomain: true, ignoreError: true });
  // An address, or a public suffix that is a host itself: nothing below it may share the cookie.
  if (suffix === undefined) return domain === host ? { domain, hostOnly: true } : null;
  return toughCookie.domainMatch(host, domain, false) ? { domain, hostOnly: false } : null;
}

/** Whether the name keeps what its prefix promises (RFC 6265bis §5.4); the case of the prefix is free. */
function prefixHolds(name: string, secure: boolean, wholeHost: boolean): boolean {
  const lower = name.toLowerCase();
  if (lower.startsWith("__host-")) return secure && wholeHost;
  return !lower.startsWith("__secure-") || secure;
}

function sameSiteOf(value: string | undefined): Cookie["sameSite"] {
  return value === "strict" || value === "lax" || value === "none" ? value : null;
}

/** `Max-Age` wins over `Expires` (RFC 6265bis §5.6.2). It is counted from now on, once and for all. */
function expiryOf(maxAge: number | string | null, expires: Date | string | null, now: number): number | null {
  if (typeof maxAge === "number") return maxAge <= 0 ? 0 : Math.min(Math.floor(now / 1000) + maxAge, LATEST_SECOND);
  return expires instanceof Date ? Math.floor(expires.getTime() / 1000) : null;
}

/** Whether a cookie's time is over; `now` is in milliseconds since 1970. */
export function isExpired(cookie: Cookie, now: number): boolean {
  return cookie.expires !== null && cookie.expires * 1000 <= now;
}

/** What of the URL of a request decides about cookies. */
export interface CookieTarget {
  /** The host as a cookie's domain has it. */
  readonly host: string;
  /** The path. */
  readonly path: string;
  /** Whether cookies marked `Secure` may pass. */
  readonly secure: boolean;
}

/** Reads a URL once for all cookies. */
export function cookieTarget(url: URL): CookieTarget {
  return { host: hostOf(url), path: url.pathname || "/", secure: isSecureUrl(url) };
}

/** Whether a cookie goes with a request (RFC 6265bis §5.8.3). */
export function isSentTo(cookie: Cookie, { host, path, secure }: CookieTarget): boolean {
  // What does not even end in the domain need not be taken apart: a jar may have cookies of a thousand hosts.
  const reaches = cookie.domain === "" || cookie.domain === host ||
    (!cookie.hostOnly && host.endsWith(cookie.domain) && toughCookie.domainMatch(host, cookie.domain, false) === true);
  return reaches && (!cookie.secure || secure) && toughCookie.pathMatch(path, cookie.path);
}

/**
 * Whether `newcomer`, set over plain http, would stand in for a cookie that https has set (RFC 6265bis §5.7): who
 * can forge http responses could else plant a session of his own.
 */
export function overlaysSecure(newcomer: Cookie, cookie: Cookie): boolean {
  return cookie.secure && cookie.name === newcomer.name && cookie.domain !== "" &&
    (toughCookie.domainMatch(newcomer.domain, cookie.domain, false) === true ||
      toughCookie.domainMatch(cookie.domain, newcomer.domain, false) === true) &&
    toughCookie.pathMatch(newcomer.path, cookie.path);
}
