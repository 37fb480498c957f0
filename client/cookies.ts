/**
 * The cookie jar: the surface of `requests.cookies`, with the rules of RFC 6265bis below it.
 *
 * @module
 */

import { remember } from "../remember.ts";
import { type Cookie, type CookieInit, type CookieOptions, createCookie, normalizeDomain } from "./_cookie.ts";
import {
  type CookieTarget,
  cookieTarget,
  isExpired,
  isSecureUrl,
  isSentTo,
  overlaysSecure,
  readSetCookie,
} from "./_cookie_policy.ts";
import { formatCookiesTxt, parseCookiesTxt } from "./_cookies_txt.ts";
import { describe } from "./_form.ts";
import { URL_MEMORY } from "./_url.ts";
import { CookieConflictError } from "./errors.ts";

export { type Cookie, type CookieInit, type CookieOptions, createCookie };

/**
 * Cookies as options and functions take them: a jar, an object or pairs of names and values, or a list of cookies. The value
 * `null` removes a cookie where cookies are merged.
 */
export type CookiesInput =
  | RequestsCookieJar
  | Iterable<CookieInit | readonly [name: string, value: string | null]>
  | Readonly<Record<string, string | null>>;

/** Limits a look-up to one domain, one path, or both. */
export interface CookieScope {
  /** The exact domain of the cookie; `""` for cookies that go to every host. Default: any. */
  domain?: string | null | undefined;
  /** The exact path of the cookie. Default: any. */
  path?: string | null | undefined;
}

/** What of a request decides about its cookies. A `Host` header of the caller's own stands in for the host of the URL. */
export interface CookieRequest {
  /** The URL; `null` is an error. */
  readonly url: string | null;
  /** The header fields, if any. */
  readonly headers?: { get(name: string): string | Uint8Array | null } | undefined;
}

/** Options of {@linkcode cookiejarFromDict}. */
export interface CookiejarFromDictOptions {
  /** The jar to add to. Default: a new one. */
  cookiejar?: RequestsCookieJar | null | undefined;
  /** Whether to replace cookies of the jar that have the same name. Default: true. */
  overwrite?: boolean | undefined;
}

/**
 * Cookies by domain, path and name (Python: `requests.cookies.RequestsCookieJar`).
 *
 * It decides what responses may set and what requests get, by RFC 6265bis: a cookie without `Domain` belongs to its host
 * alone, `Domain` may not be a public suffix (`co.uk`), the prefixes `__Secure-` and `__Host-` are enforced, and http can
 * neither set nor replace a `Secure` cookie, nor get one, be it on loopback. `SameSite` is kept without effect. A cookie set
 * by hand without a domain goes to **every host**, as in requests.
 *
 * Iteration gives the {@linkcode Cookie}s in the order in which they were first set. Expired cookies are never seen. All is
 * in memory; {@linkcode RequestsCookieJar.toJSON} and {@linkcode RequestsCookieJar.toNetscape} are for keeping it.
 *
 * @example
 * ```ts
 * import { RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = new RequestsCookieJar({ everywhere: "1" });
 * jar.set("theme", "dark", { domain: "shop.example", path: "/" });
 * jar.setCookie("sid=abc; Path=/cart; Secure", "https://shop.example/cart/add");
 *
 * assert.equal(jar.getCookieHeader("https://shop.example/cart"), "sid=abc; everywhere=1; theme=dark");
 * assert.equal(jar.getCookieHeader("http://www.shop.example/"), "everywhere=1; theme=dark");
 * assert.equal(jar.getCookieHeader("http://other.example/"), "everywhere=1");
 * assert.equal(jar.get("theme"), "dark");
 * ```
 */
export class RequestsCookieJar implements Iterable<Cookie> {
  // A Map keeps the place of a key that is set again, which is the order that RFC 6265bis §5.8.3 asks for.
  #cookies = NO_COOKIES;
  /**
   * Fast path: whether another jar uses the same map. Every request gets a copy of the session's jar, and hardly one of
   * them is changed; so it is copied when it is (copy on write).
   */
  #shared = true;

  /** A jar with the given cookies, or an empty one. */
  constructor(cookies: CookiesInput | null = null) {
    if (cookies !== null) this.update(cookies);
  }

  /** How many cookies there are. */
  get size(): number {
    if (this.#cookies.size === 0) return 0;
    let count = 0;
    for (const _ of this) count++;
    return count;
  }

  /**
   * Sets a cookie; `null` deletes those of this name, domain and path.
   *
   * Without `domain` the cookie goes to every host: give one for anything secret.
   *
   * @returns The cookie, or `null` when deleting.
   * @throws {TypeError} A name, value, domain or path that cannot be, or an unknown option.
   * @throws {RangeError} `expires` is not a number of seconds since 1970.
   */
  set(name: string, value: string | null, options: CookieOptions = {}): Cookie | null {
    if (value !== null) return this.#put(createCookie(name, value, options));
    this.delete(name, { domain: options.domain ?? null, path: options.path ?? null });
    return null;
  }

  /**
   * The value of a cookie, `null` if there is none.
   *
   * @throws {CookieConflictError} There are several of this name. `domain` and `path` choose between them.
   */
  get(name: string, scope: CookieScope = {}): string | null {
    const found = this.#find(name, scope);
    if (found.length > 1) {
      throw new CookieConflictError(
        `There are multiple cookies with name '${name}'. Say which one: get("${name}", { domain, path }).`,
      );
    }
    return found[0]?.value ?? null;
  }

  /** Whether there is a cookie of this name, or several. */
  has(name: string, scope: CookieScope = {}): boolean {
    return this.#find(name, scope).length > 0;
  }

  /** Deletes all cookies of this name (in the given domain and path). Returns whether there were any. */
  delete(name: string, scope: CookieScope = {}): boolean {
    const found = this.#find(name, scope);
    for (const cookie of found) this.#owned().delete(keyOf(cookie));
    return found.length > 0;
  }

  /** Deletes all cookies (of the given domain and path). */
  clear(scope: CookieScope = {}): void {
    for (const cookie of this.#within(scope)) this.#owned().delete(keyOf(cookie));
  }

  /** Deletes the cookies without an expiry date, as the end of a browser session does. */
  clearSessionCookies(): void {
    for (const cookie of [...this]) if (cookie.expires === null) this.#owned().delete(keyOf(cookie));
  }

  /** Adds cookies; those that are there already are replaced, and removed where the value is `null`. */
  update(cookies: CookiesInput | null): void {
    // Fast path: cookies of a jar have been checked. A subclass that looks at each of them goes on seeing each.
    if (cookies instanceof RequestsCookieJar && this.set === RequestsCookieJar.prototype.set) {
      this.#adopt(cookies);
      return;
    }
    for (const [name, value, options] of listCookies(cookies)) this.set(name, value, options ?? {});
  }

  #adopt(jar: RequestsCookieJar): void {
    if (jar.#cookies === this.#cookies) return;
    if (this.#cookies.size > 0) {
      for (const cookie of jar) this.#put(cookie);
    } else {
      this.#cookies = jar.#cookies;
      this.#shared = jar.#shared = true;
    }
  }

  /** Names and values (of the given domain and path). Of several cookies with one name, the last counts. */
  getDict(scope: CookieScope = {}): Record<string, string> {
    return Object.fromEntries(this.#within(scope).map(({ name, value }) => [name, value]));
  }

  /** The domains of the cookies, each once. */
  listDomains(): string[] {
    return [...new Set(Array.from(this, ({ domain }) => domain))];
  }

  /** The paths of the cookies, each once. */
  listPaths(): string[] {
    return [...new Set(Array.from(this, ({ path }) => path))];
  }

  /** Whether the cookies belong to more than one domain. */
  multipleDomains(): boolean {
    return this.listDomains().length > 1;
  }

  /** A jar with the same cookies, independent of this one. */
  copy(): RequestsCookieJar {
    const jar = new RequestsCookieJar();
    jar.#cookies = this.#cookies;
    jar.#shared = this.#shared = true;
    return jar;
  }

  /** The map, to be changed. */
  #owned(): Map<string, Cookie> {
    if (this.#shared) {
      this.#cookies = new Map(this.#cookies);
      this.#shared = false;
    }
    return this.#cookies;
  }

  /** The names, one for each cookie. */
  keys(): IterableIterator<string> {
    return Array.from(this, ({ name }) => name).values();
  }

  /** The values, one for each cookie. */
  values(): IterableIterator<string> {
    return Array.from(this, ({ value }) => value).values();
  }

  /** Pairs of name and value, one for each cookie (Python: `items()`). */
  entries(): IterableIterator<[name: string, value: string]> {
    return Array.from(this, ({ name, value }): [string, string] => [name, value]).values();
  }

  /** The cookies, in the order in which they were first set. */
  *[Symbol.iterator](): IterableIterator<Cookie> {
    const now = Date.now();
    for (const [key, cookie] of this.#cookies) {
      // A map that is shared loses nothing by it: what has expired is seen in no jar.
      if (isExpired(cookie, now)) this.#cookies.delete(key);
      else yield cookie;
    }
  }

  /**
   * Puts in a cookie as it is, as {@linkcode createCookie} makes it.
   *
   * @throws {TypeError} Some part of it cannot be.
   * @throws {RangeError} `expires` is not a number of seconds since 1970.
   */
  setCookie(cookie: CookieInit): Cookie;
  /**
   * Takes a `Set-Cookie` field from the response to `url`. An expired cookie deletes.
   *
   * @returns The cookie, or `null` if the field is malformed or RFC 6265bis refuses the cookie.
   */
  setCookie(field: string, url: string | URL): Cookie | null;
  setCookie(cookie: CookieInit | string, url?: string | URL): Cookie | null {
    if (typeof cookie !== "string") {
      const { name, value, ...options } = cookie;
      return this.#put(createCookie(name, value, options));
    }
    if (url === undefined) throw new TypeError("setCookie() needs the URL that a Set-Cookie field came from");
    const source = new URL(url);
    const read = readSetCookie(cookie, source, Date.now());
    if (read === null) return null;
    if (!isSecureUrl(source) && [...this].some((other) => overlaysSecure(read, other))) return null;
    return this.#put(read);
  }

  /** The value of the `Cookie` field of a request to `url`, longer paths first; `null` when no cookie goes there. */
  getCookieHeader(url: string | URL): string | null {
    const target = targetOf(typeof url === "string" ? url : url.href);
    const sent = Array.from(this).filter((cookie) => isSentTo(cookie, target))
      .sort((a, b) => b.path.length - a.path.length);
    return sent.length === 0 ? null : sent.map(({ name, value }) => `${name}=${value}`).join("; ");
  }

  /**
   * Everything in the jar, for `JSON.stringify()` and {@linkcode RequestsCookieJar.fromJSON}. It holds secrets.
   *
   * @example Keep a jar in a file
   * ```ts
   * import { RequestsCookieJar } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const path = await Deno.makeTempFile();
   * await Deno.writeTextFile(path, JSON.stringify(new RequestsCookieJar({ a: "1" })), { mode: 0o600 });
   * const jar = RequestsCookieJar.fromJSON(await Deno.readTextFile(path));
   * assert.equal(jar.get("a"), "1");
   * await Deno.remove(path);
   * ```
   */
  toJSON(): { cookies: Cookie[] } {
    return { cookies: Array.from(this, (cookie) => ({ ...cookie })) };
  }

  /**
   * A jar from what {@linkcode RequestsCookieJar.toJSON} gave, as text or parsed. Cookies that have expired are left out.
   *
   * @throws {SyntaxError} The text is not JSON.
   * @throws {TypeError} It is not a jar, or some part of a cookie cannot be.
   */
  static fromJSON(json: unknown): RequestsCookieJar {
    const parsed: unknown = typeof json === "string" ? JSON.parse(json) : json;
    const cookies: unknown = typeof parsed === "object" && parsed !== null && "cookies" in parsed && parsed.cookies;
    if (!Array.isArray(cookies)) throw new TypeError(`No jar of cookies: { "cookies": […] } is expected`);
    const jar = new RequestsCookieJar();
    for (const cookie of cookies) jar.setCookie(cookie);
    return jar;
  }

  /**
   * The jar as a cookies.txt file, which curl, wget and yt-dlp read as well. It holds secrets.
   *
   * The format has no place for `SameSite`. Cookies without a domain are written as Python's `MozillaCookieJar` does; only
   * Python and {@linkcode RequestsCookieJar.fromNetscape} read them again.
   *
   * @example
   * ```ts
   * import { RequestsCookieJar } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const jar = new RequestsCookieJar([{ name: "a", value: "1", domain: "shop.example", expires: 4102444800 }]);
   * const text = jar.toNetscape();
   * assert(text.endsWith(".shop.example\tTRUE\t/\tFALSE\t4102444800\ta\t1\n"));
   * assert.deepEqual([...RequestsCookieJar.fromNetscape(text)], [...jar]);
   * ```
   */
  toNetscape(): string {
    return formatCookiesTxt(this);
  }

  /**
   * A jar from the text of a cookies.txt file. Cookies that have expired are left out.
   *
   * @throws {SyntaxError} A line is malformed; it is named by its number.
   * @throws {TypeError} Some part of a cookie cannot be.
   */
  static fromNetscape(text: string): RequestsCookieJar {
    return new RequestsCookieJar(parseCookiesTxt(text));
  }

  #put(cookie: Cookie): Cookie {
    // As requests does: within quotes, escaped ones are dropped.
    const quoted = cookie.value.startsWith('"') && cookie.value.endsWith('"') && cookie.value.includes('\\"');
    const kept = quoted ? Object.freeze({ ...cookie, value: cookie.value.replaceAll('\\"', "") }) : cookie;
    if (isExpired(kept, Date.now())) this.#owned().delete(keyOf(kept));
    else this.#owned().set(keyOf(kept), kept);
    return kept;
  }

  #within(scope: CookieScope): Cookie[] {
    const { domain = null, path = null } = scope;
    const host = domain === null ? null : normalizeDomain(domain);
    return [...this].filter((cookie) =>
      (host === null || cookie.domain === host) && (path === null || cookie.path === path)
    );
  }

  #find(name: string, scope: CookieScope): Cookie[] {
    return this.#within(scope).filter((cookie) => cookie.name === name);
  }
}

/** What of a URL decides about cookies: programs ask for the same few URLs again and again. */
const targetOf: (url: string) => CookieTarget = remember((url) => cookieTarget(new URL(url)), URL_MEMORY);

/** What jars begin with. Nobody writes into a map that is shared. */
const NO_COOKIES: Map<string, Cookie> = new Map();

/** Neither part can hold a line break. */
const keyOf = ({ domain, path, name }: Cookie): string => `${domain}\n${path}\n${name}`;

/** All forms of input as one: name, value, and the other attributes; `null` for what came as a name and a value alone. */
function* listCookies(
  cookies: CookiesInput | null,
): Generator<readonly [name: string, value: string | null, options: CookieOptions | null]> {
  if (cookies === null || cookies === undefined) return;
  if (typeof cookies !== "object") {
    throw new TypeError(
      `Cannot take cookies from ${
        describe(cookies)
      }: give an object of names and values, pairs, or a RequestsCookieJar`,
    );
  }
  const list: Iterable<unknown> = Symbol.iterator in cookies ? cookies : Object.entries(cookies);
  for (const item of list) {
    if (Array.isArray(item)) yield [item[0], item[1], null];
    else if (typeof item === "object" && item !== null) {
      const { name, value, ...options } = item as CookieInit;
      yield [name, value, options];
    } else throw new TypeError(`Cannot use ${describe(item)} as a cookie: give [name, value] or { name, value, … }`);
  }
}

/**
 * A jar with cookies of an object, each for every host; or those added to a jar (Python: `cookiejar_from_dict`).
 *
 * @param cookies Names and values; every other {@linkcode CookiesInput} is taken as well.
 *
 * @example
 * ```ts
 * import { cookiejarFromDict } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = cookiejarFromDict({ a: "1" });
 * cookiejarFromDict({ a: "2", b: "2" }, { cookiejar: jar, overwrite: false });
 * assert.deepEqual(jar.getDict(), { a: "1", b: "2" });
 * ```
 */
export function cookiejarFromDict(
  cookies: CookiesInput | null,
  options: CookiejarFromDictOptions = {},
): RequestsCookieJar {
  const jar = options.cookiejar ?? new RequestsCookieJar();
  const present = options.overwrite === false ? new Set(jar.keys()) : new Set();
  for (const [name, value, attributes] of listCookies(cookies)) {
    if (!present.has(name)) jar.set(name, value, attributes ?? {});
  }
  return jar;
}

/**
 * Names and values of a jar (Python: `requests.utils.dict_from_cookiejar`). The same as `jar.getDict()`.
 *
 * @example
 * ```ts
 * import { dictFromCookiejar, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(dictFromCookiejar(new RequestsCookieJar({ a: "1" })), { a: "1" });
 * ```
 */
export function dictFromCookiejar(jar: RequestsCookieJar): Record<string, string> {
  return jar.getDict();
}

/**
 * Adds names and values to a jar, each for every host, and gives the jar (Python: `requests.utils.add_dict_to_cookiejar`).
 *
 * @example
 * ```ts
 * import { addDictToCookiejar, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = addDictToCookiejar(new RequestsCookieJar({ a: "1" }), { a: "2" });
 * assert.equal(jar.get("a"), "2");
 * ```
 */
export function addDictToCookiejar(jar: RequestsCookieJar, cookies: CookiesInput): RequestsCookieJar {
  return cookiejarFromDict(cookies, { cookiejar: jar });
}

/**
 * Adds cookies to a jar and gives the jar (Python: `requests.cookies.merge_cookies`).
 *
 * As in Python, an object of names and values (or pairs) leaves the names alone that the jar has already, while the cookies
 * of a jar (or a list of cookies) replace those of the same name, domain and path. `jar.update()` always replaces.
 *
 * @example
 * ```ts
 * import { mergeCookies, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = new RequestsCookieJar({ a: "1" });
 * assert.deepEqual(mergeCookies(jar, { a: "2", b: "2" }).getDict(), { a: "1", b: "2" });
 * assert.deepEqual(mergeCookies(jar, new RequestsCookieJar({ a: "3" })).getDict(), { a: "3", b: "2" });
 * ```
 */
export function mergeCookies(jar: RequestsCookieJar, cookies: CookiesInput | null): RequestsCookieJar {
  if (cookies instanceof RequestsCookieJar) {
    jar.update(cookies);
    return jar;
  }
  const present = new Set(jar.keys());
  for (const [name, value, options] of listCookies(cookies)) {
    if (options !== null || !present.has(name)) jar.set(name, value, options ?? {});
  }
  return jar;
}

/**
 * Deletes all cookies of a name, in the given domain and path or in all of them (Python: `remove_cookie_by_name`).
 *
 * @example
 * ```ts
 * import { removeCookieByName, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = new RequestsCookieJar({ a: "1", b: "2" });
 * removeCookieByName(jar, "a");
 * assert.deepEqual(jar.getDict(), { b: "2" });
 * ```
 */
export function removeCookieByName(jar: RequestsCookieJar, name: string, scope: CookieScope = {}): void {
  jar.delete(name, scope);
}

/**
 * Puts the cookies of a response into a jar, as far as RFC 6265bis allows; the others are left out silently.
 *
 * @param headers The header fields of the response. They have to be a `Headers`, which keeps `Set-Cookie` fields apart.
 * @param url The URL that was requested.
 *
 * @example
 * ```ts
 * import { extractCookies, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = new RequestsCookieJar();
 * const headers = new Headers([["Set-Cookie", "a=1"], ["Set-Cookie", "b=2; Domain=elsewhere.example"]]);
 * extractCookies(jar, headers, "https://shop.example/");
 * assert.deepEqual(jar.getDict(), { a: "1" });
 * ```
 */
export function extractCookies(jar: RequestsCookieJar, headers: Headers, url: string | URL): void {
  for (const field of headers.getSetCookie()) jar.setCookie(field, url);
}

/**
 * Puts the cookies of the response to a request into a jar (Python: `extract_cookies_to_jar`). A `Host` header of the request
 * stands in for the host of its URL.
 *
 * @throws {TypeError} The request has no URL.
 *
 * @example
 * ```ts
 * import { extractCookiesToJar, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = new RequestsCookieJar();
 * const request = { url: "http://127.0.0.1:8000/", headers: new Headers({ Host: "shop.example" }) };
 * extractCookiesToJar(jar, request, { headers: new Headers({ "Set-Cookie": "a=1" }) });
 * assert.deepEqual(jar.listDomains(), ["shop.example"]);
 * ```
 */
export function extractCookiesToJar(
  jar: RequestsCookieJar,
  request: CookieRequest,
  response: { readonly headers: Headers },
): void {
  if (request.url === null) throw new TypeError("The request has no URL: prepare it first");
  const fields = response.headers.getSetCookie();
  if (fields.length === 0) return;
  const url = cookieUrl(request);
  for (const field of fields) jar.setCookie(field, url);
}

/**
 * The value of the `Cookie` field for a request, `null` for none (Python: `requests.cookies.get_cookie_header`). A `Host`
 * header of the request stands in for the host of its URL.
 *
 * @throws {TypeError} The request has no URL.
 *
 * @example
 * ```ts
 * import { getCookieHeader, RequestsCookieJar } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const jar = new RequestsCookieJar([{ name: "a", value: "1", domain: "shop.example" }]);
 * assert.equal(getCookieHeader(jar, { url: "https://shop.example/cart" }), "a=1");
 * assert.equal(getCookieHeader(jar, { url: "https://other.example/" }), null);
 * ```
 */
export function getCookieHeader(jar: RequestsCookieJar, request: CookieRequest): string | null {
  const { url, headers } = request;
  // Fast path: without a Host of its own the URL says it all, and need not be taken apart again.
  return jar.getCookieHeader(url !== null && !headers?.get("Host") ? url : cookieUrl(request));
}

function cookieUrl(request: CookieRequest): URL {
  if (request.url === null) throw new TypeError("The request has no URL: prepare it first");
  const url = new URL(request.url);
  const host = request.headers?.get("Host") ?? "";
  const text = typeof host === "string" ? host : new TextDecoder().decode(host);
  if (text !== "") url.host = text;
  return url;
}
