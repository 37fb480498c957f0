/** What a cookie is, and which ones a program may make. */

import * as toughCookie from "tough-cookie";
import { describe } from "./_form.ts";

/** A cookie as the jar holds it. It cannot be changed; set it anew. */
export interface Cookie {
  /** The name; case matters. */
  readonly name: string;
  /** The value as it is sent, with the quotes that it may have. */
  readonly value: string;
  /** The host in small letters, without a leading dot; `""` for a cookie that goes to every host. */
  readonly domain: string;
  /** The path below which the cookie is sent; it begins with `/`. */
  readonly path: string;
  /** Whether it is sent over https and wss only. */
  readonly secure: boolean;
  /** Whether the server asked browsers to hide it from scripts. Kept, without effect here. */
  readonly httpOnly: boolean;
  /** The `SameSite` attribute, `null` without one. Kept, without effect here: no site stands behind a request. */
  readonly sameSite: "strict" | "lax" | "none" | null;
  /** When it ends, in seconds since 1970; `null` for a session cookie, which is kept as long as the jar. */
  readonly expires: number | null;
  /** Whether it is sent to this host alone and not to the hosts below it. */
  readonly hostOnly: boolean;
}

/** Attributes of a cookie that is set by hand. */
export interface CookieOptions {
  /** The host that gets the cookie, and the hosts below it; `""` (default) is every host. No scheme, no port. */
  domain?: string | null | undefined;
  /** The path below which it is sent. Default: `/`, everywhere. */
  path?: string | null | undefined;
  /** Whether it is sent over https only. Default: false. */
  secure?: boolean | undefined;
  /** When it ends, in seconds since 1970. Default: `null`, a session cookie. */
  expires?: number | null | undefined;
  /** Whether it is marked `HttpOnly`, which has no effect here. Default: false. */
  httpOnly?: boolean | undefined;
  /** Its `SameSite` attribute, which has no effect here. Default: `null`. */
  sameSite?: Cookie["sameSite"] | undefined;
  /** Whether the hosts below `domain` do not get it. Default: false. */
  hostOnly?: boolean | undefined;
}

/** A cookie with its name, for lists of cookies. A {@linkcode Cookie} is one. */
export interface CookieInit extends CookieOptions {
  /** The name. */
  name: string;
  /** The value. */
  value: string;
}

/** The last second that a `Date` can express. */
export const LATEST_SECOND = 8.64e12;

const OPTION_TYPES: Readonly<Record<string, string>> = {
  domain: "string",
  path: "string",
  secure: "boolean",
  expires: "number",
  httpOnly: "boolean",
  sameSite: "string",
  hostOnly: "boolean",
};
// A line break would end the header field. Bytes from 0x80 up are no control characters here but may be UTF-8.
const CONTROL_REGEXP = /[^\x20-\x7E\x80-\uFFFF]/;

/** A domain of the caller's in the form that {@linkcode Cookie.domain} has. */
export function normalizeDomain(domain: string): string {
  return toughCookie.canonicalDomain(domain) ?? "";
}

/**
 * Makes a cookie without putting it anywhere (Python: `requests.cookies.create_cookie`).
 *
 * @throws {TypeError} A name, value, domain or path that cannot be, or an unknown option. The value is never shown.
 * @throws {RangeError} `expires` is not a number of seconds since 1970.
 *
 * @example
 * ```ts
 * import { createCookie } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const cookie = createCookie("sid", "abc", { domain: ".Shop.example", secure: true });
 * assert.equal(cookie.domain, "shop.example");
 * assert.equal(cookie.path, "/");
 * assert.equal(cookie.expires, null);
 * assert.throws(() => createCookie("sid", "abc; admin=1"), TypeError);
 * ```
 */
export function createCookie(name: string, value: string, options: CookieOptions = {}): Cookie {
  if (typeof name !== "string" || name.trim() !== name || /^$|[=;]/.test(name) || CONTROL_REGEXP.test(name)) {
    // What follows "=" is the value of someone who passed both in one, and secret.
    const shown = typeof name === "string" ? JSON.stringify(name.split(/[=;]/, 1)[0]) : describe(name);
    throw new TypeError(
      `Cannot use ${shown} as the name of a cookie: it needs a character, and none of "=", ";" and controls`,
    );
  }
  if (typeof value !== "string") {
    throw new TypeError(`Cannot use ${describe(value)} as the value of cookie "${name}": convert it to a string`);
  }
  if (value.includes(";") || CONTROL_REGEXP.test(value)) {
    throw new TypeError(
      `The value of cookie "${name}" holds ";" or a control character. Encode it, for example with encodeURIComponent().`,
    );
  }
  checkOptions(name, options);
  const path = options.path || "/";
  if (!path.startsWith("/") || CONTROL_REGEXP.test(path)) {
    throw new TypeError(`Cannot use ${JSON.stringify(path)} as the path of cookie "${name}": begin it with "/"`);
  }
  const expires = options.expires ?? null;
  if (expires !== null && !(Math.abs(expires) <= LATEST_SECOND)) {
    throw new RangeError(`The expiry ${expires} of cookie "${name}" is not a number of seconds since 1970`);
  }
  const domain = checkDomain(name, options.domain ?? "");
  const hostOnly = options.hostOnly ?? false;
  if (hostOnly && domain === "") throw new TypeError(`Cookie "${name}" has hostOnly without a domain: give it one`);
  return Object.freeze({
    name,
    value,
    domain,
    path,
    secure: options.secure ?? false,
    httpOnly: options.httpOnly ?? false,
    sameSite: options.sameSite ?? null,
    expires,
    hostOnly,
  });
}

function checkOptions(name: string, options: CookieOptions): void {
  for (const [option, value] of Object.entries(options)) {
    const type = Object.hasOwn(OPTION_TYPES, option) ? OPTION_TYPES[option] : undefined;
    if (type === undefined) {
      const known = Object.keys(OPTION_TYPES).join(", ");
      throw new TypeError(`Cookie "${name}" has the unknown option "${option}"; the options are ${known}`);
    }
    if (value !== null && value !== undefined && typeof value !== type) {
      throw new TypeError(`The option "${option}" of cookie "${name}" is ${describe(value)}: give a ${type}`);
    }
  }
}

function checkDomain(name: string, domain: string): string {
  const host = domain.replace(/^\./, "");
  const address = host.includes(":") && URL.canParse(`http://[${host.replace(/^\[|\]$/g, "")}]/`);
  if (host !== "" && !address && (/[\s:/?#@\\;,]/.test(host) || !URL.canParse(`http://${host}/`))) {
    const shown = JSON.stringify(domain);
    throw new TypeError(`Cannot use ${shown} as the domain of cookie "${name}": give a host without scheme and port`);
  }
  return normalizeDomain(host);
}
