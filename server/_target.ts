/** What a client asked for, cut from `Request.url` by hand. */

import { remember } from "../remember.ts";

const RECENT_HOSTS = { entries: 64, length: 256 };

// reg-name, IPv4 or IPv6 literal, and a port (RFC 9110 §7.2); the empty value is allowed.
const HOST_REGEXP = /^(?:\[[0-9a-f:.]+\]|[\w.~!$&'()*+,;=%-]*)(?::\d*)?$/i;

/**
 * Whether a `Host` value can be one.
 *
 * `Deno.serve` puts `Host` in front of the target to make `Request.url`, unchecked: with `Host: evil/foo?` the URL of
 * `GET /z` reads `http://evil/foo?/z`, and its path is no longer what was asked for. A value like that is refused.
 */
export const isValidHost: (host: string) => boolean = remember((host) => HOST_REGEXP.test(host), RECENT_HOSTS);

/**
 * The request target behind the authority of `url`: path, query and fragment as they came, or the authority itself for
 * CONNECT. `new URL()` would fold `..`, `\` and `%2e` before anyone could look at them. The `Host` must have been checked.
 */
export function requestTarget(url: string): string {
  const authority = url.indexOf("://") + 3;
  for (let i = authority; i < url.length; i++) {
    const char = url.charCodeAt(i);
    if (char === 0x2f) return url.slice(i);
    if (char === 0x3f || char === 0x23) return "/" + url.slice(i);
  }
  return url.slice(authority);
}

const HOST_PARTS_REGEXP = /^(\[[^\]]*\]|[^:]*)(?::\d*)?$/;
const IPV4_REGEXP = /^\d{1,3}(?:\.\d{1,3}){3}$/;
// Names that no public DNS server can answer for: RFC 6761, RFC 6762, RFC 8375, and the reserved "internal".
const PRIVATE_NAME_REGEXP = /(?:^|\.)(?:localhost|local|test|home\.arpa|internal)$/;

/** The name in a `Host` that public DNS could answer for; `""` when there is none. */
const publicName: (host: string) => string = remember((host) => {
  const name = HOST_PARTS_REGEXP.exec(host)?.[1]?.toLowerCase().replace(/\.$/, "") ?? "";
  const isPrivate = !name.includes(".") || name.startsWith("[") || IPV4_REGEXP.test(name) ||
    PRIVATE_NAME_REGEXP.test(name);
  return isPrivate ? "" : name;
}, RECENT_HOSTS);

/**
 * Whether a `Host` may reach a server that answers to `allowed` names only.
 *
 * This is the defence against DNS rebinding, where a page of another site lets its own name point at this machine. Such a
 * name is always a public one, so addresses, names without a dot and the names reserved for private use always pass.
 * An entry that starts with a dot stands for all names below it.
 */
export function isAllowedHost(host: string, allowed: readonly string[]): boolean {
  const name = publicName(host);
  if (name === "") return true;
  return allowed.some((entry) => {
    const wanted = entry.toLowerCase();
    return wanted.startsWith(".") ? name.endsWith(wanted) : name === wanted;
  });
}
