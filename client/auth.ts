/**
 * Authentication: what a caller may give as `auth`, and the Basic scheme (RFC 7617).
 *
 * @module
 */

import { decodeLatin1, encodeLatin1 } from "../http1/latin1.ts";
import type { PreparedRequest } from "./request.ts";

/** A user name or password. Bytes are used as they are. */
export type Credential = string | Uint8Array;

/** A function that may change a request or return another one, where an {@linkcode AuthBase} is expected. */
export type AuthCallable = (request: PreparedRequest) => PreparedRequest | Promise<PreparedRequest>;

/**
 * What can be given as `auth`: a pair of user name and password (Basic), an {@linkcode AuthBase}, a function that changes
 * the request, or `null`.
 */
export type AuthInput = readonly [username: Credential, password: Credential] | AuthBase | AuthCallable | null;

/**
 * The base of all authentication (Python: `requests.auth.AuthBase`, whose `__call__` is {@linkcode AuthBase.apply} here).
 *
 * @example A scheme of your own
 * ```ts
 * import { AuthBase, type PreparedRequest, Session } from "@x/httpkit/client";
 * import { Request } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * class TokenAuth extends AuthBase {
 *   constructor(private readonly token: string) {
 *     super();
 *   }
 *   apply(request: PreparedRequest): PreparedRequest {
 *     request.headers.set("X-Token", this.token);
 *     return request;
 *   }
 * }
 *
 * await using session = new Session();
 * const prepared = session.prepareRequest(new Request("GET", "http://example.com/", { auth: new TokenAuth("abc") }));
 * assert.equal(prepared.headers.get("x-token"), "abc");
 * ```
 */
export abstract class AuthBase {
  /**
   * Adds credentials to a request. It is called when everything else of the request is there: method, URL, headers, cookies
   * and body.
   *
   * @param request the request, to be changed in place.
   * @returns `request`, or another request that is sent instead. A promise is awaited by `session.request()` and by the
   *   functions such as `get()`; `Request.prepare()` and `Session.prepareRequest()` cannot wait and throw.
   */
  abstract apply(request: PreparedRequest): PreparedRequest | Promise<PreparedRequest>;
}

/**
 * Basic authentication: sets the `Authorization` header (Python: `HTTPBasicAuth`; RFC 7617).
 *
 * A pair `["user", "pass"]` as `auth` means the same. Basic sends the password almost in the clear: use https.
 *
 * @example
 * ```ts
 * import { HTTPBasicAuth } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const auth = new HTTPBasicAuth("user", "pass");
 * assert(auth.equals(new HTTPBasicAuth("user", "pass")));
 * assert(!Deno.inspect(auth).includes("pass"));
 * ```
 */
export class HTTPBasicAuth extends AuthBase {
  /** The user name. */
  readonly username: Credential;
  readonly #password: Credential;

  /**
   * Takes a user name and a password.
   *
   * @throws {TypeError} when one of them is neither a string nor bytes.
   */
  constructor(username: Credential, password: Credential) {
    super();
    checkCredentials(username, password);
    this.username = username;
    this.#password = password;
  }

  /** The password. It does not show when the object is logged. */
  get password(): Credential {
    return this.#password;
  }

  /** Sets the `Authorization` header, over one that is there. */
  apply(request: PreparedRequest): PreparedRequest {
    request.headers.set("Authorization", basicAuthStr(this.username, this.password));
    return request;
  }

  /** Whether `other` is of the same class and holds the same credentials (Python: `==`). */
  equals(other: unknown): boolean {
    return other instanceof HTTPBasicAuth && other.constructor === this.constructor &&
      sameCredential(this.username, other.username) && sameCredential(this.password, other.password);
  }
}

/**
 * Basic authentication at a proxy: sets the `Proxy-Authorization` header (Python: `HTTPProxyAuth`).
 *
 * The request carries the header to whoever answers it. For a proxy, credentials in the URL of the proxy are better: only the
 * proxy gets them.
 *
 * @example
 * ```ts
 * import { HTTPProxyAuth, Request } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const prepared = new Request("GET", "http://example.com/", { auth: new HTTPProxyAuth("user", "pass") }).prepare();
 * assert.equal(prepared.headers.get("Proxy-Authorization"), "Basic dXNlcjpwYXNz");
 * ```
 */
export class HTTPProxyAuth extends HTTPBasicAuth {
  /** Sets the `Proxy-Authorization` header, over one that is there. */
  override apply(request: PreparedRequest): PreparedRequest {
    request.headers.set("Proxy-Authorization", basicAuthStr(this.username, this.password));
    return request;
  }
}

/** A function that takes the part of an {@linkcode AuthBase}. */
class CallableAuth extends AuthBase {
  readonly #call: AuthCallable;

  constructor(call: AuthCallable) {
    super();
    this.#call = call;
  }

  apply(request: PreparedRequest): PreparedRequest | Promise<PreparedRequest> {
    return this.#call(request);
  }
}

/**
 * The value of an `Authorization` header of the Basic scheme (Python: `requests.auth._basic_auth_str`).
 *
 * Strings are encoded as Latin-1, as servers have always read them; as UTF-8, both of them, when one holds a character that
 * Latin-1 lacks, where Python fails.
 *
 * @throws {TypeError} when one of them is neither a string nor bytes.
 */
export function basicAuthStr(username: Credential, password: Credential): string {
  checkCredentials(username, password);
  const strings = [username, password].filter((value) => typeof value === "string");
  const encode = strings.every(isLatin1) ? encodeLatin1 : utf8Bytes;
  const binary = [username, password].map((value) => decodeLatin1(typeof value === "string" ? encode(value) : value));
  return `Basic ${btoa(binary.join(":"))}`;
}

/**
 * Makes an {@linkcode AuthBase} of everything that is accepted as `auth`.
 *
 * @returns `null` when there is nothing to apply.
 * @throws {TypeError} for anything else, a list of another length than two among it.
 */
export function toAuth(input: AuthInput | undefined): AuthBase | null {
  if (input === null || input === undefined) return null;
  // Functions have a method `apply` of their own, which is another one.
  if (typeof input === "function") return new CallableAuth(input);
  const value: unknown = input;
  if (isPair(value)) {
    if (value.length === 2) return new HTTPBasicAuth(value[0], value[1]);
    throw new TypeError(`auth as an array is [username, password]; this one has ${value.length} elements`);
  }
  // By shape: the class may come from another copy of this module.
  if (typeof value === "object" && typeof (value as AuthBase).apply === "function") return value as AuthBase;
  throw new TypeError(
    `auth is [username, password], an object with a method apply(request), or a function; not ${describe(value)}`,
  );
}

/** Whether two credentials are the same; text and bytes never are. */
export function sameCredential(a: Credential, b: Credential): boolean {
  if (typeof a === "string" || typeof b === "string") return a === b;
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/**
 * Refuses what cannot be a user name or a password.
 *
 * @throws {TypeError} that names the kind of the value, never the value.
 */
export function checkCredentials(username: unknown, password: unknown): void {
  for (const [name, value] of [["user name", username], ["password", password]] as const) {
    if (typeof value === "string" || value instanceof Uint8Array) continue;
    throw new TypeError(`The ${name} is a string or bytes, not ${describe(value)}`);
  }
}

function isPair(value: unknown): value is readonly Credential[] & readonly [Credential, Credential] {
  return Array.isArray(value);
}

function isLatin1(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0xff) return false;
  return true;
}

function utf8Bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Names the kind only: the value may be a secret. */
function describe(value: unknown): string {
  if (value === null) return "null";
  return typeof value === "object" ? "an object" : typeof value;
}
