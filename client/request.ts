/**
 * Requests: what a caller asks for, and what is sent.
 *
 * @module
 */

import { isToken } from "../http1/fields.ts";
import { decodeLatin1 } from "../http1/latin1.ts";
import { encodeBody, type PreparedBody } from "./_body.ts";
import { decodeBase64, encodeBase64 } from "./_bytes.ts";
import { isStreamBody, sizedBody } from "./_content.ts";
import { formatCurl } from "./_curl.ts";
import { describe } from "./_form.ts";
import { checkHeaderValidity } from "./_header_fields.ts";
import { getAuthFromUrl, pathUrl, prepareUrl, urldefragauth } from "./_url.ts";
import { type AuthInput, toAuth } from "./auth.ts";
import { CaseInsensitiveDict, findingsOf, type HeadersInput } from "./case_insensitive_dict.ts";
import { type CookiesInput, getCookieHeader, RequestsCookieJar } from "./cookies.ts";
import { InvalidHeader, URLRequired } from "./errors.ts";
import { openFileUrl } from "./file_source.ts";
import {
  defaultHooks,
  deregisterHook,
  HOOKS,
  type Hooks,
  type HooksInput,
  registerHook,
  type ResponseHook,
  toHooks,
} from "./hooks.ts";
import type { DataInput, FilesInput, ParamsInput, UrlInput } from "./types.ts";

export type { PreparedBody };

/** What a request is made of besides method and URL (Python: the keyword arguments of `Request`). */
export interface RequestParts {
  /** Header fields; bytes go out as they are. */
  readonly headers?: HeadersInput | undefined;
  /** Files to upload as `multipart/form-data`. */
  readonly files?: FilesInput | undefined;
  /** The body: fields for a form, or content that is sent as it stands. */
  readonly data?: DataInput | undefined;
  /** Query parameters, appended to the URL. */
  readonly params?: ParamsInput | undefined;
  /** Credentials: a pair for Basic, an `AuthBase`, or a function. */
  readonly auth?: AuthInput | undefined;
  /** Cookies for this request. */
  readonly cookies?: CookiesInput | null | undefined;
  /** Functions that see the response. */
  readonly hooks?: HooksInput;
  /** A value to send as JSON, if there are neither data nor files; `null` is none. */
  readonly json?: unknown;
}

/** What {@linkcode PreparedRequest.prepare} takes. */
export interface PrepareOptions extends RequestParts {
  /** The method, in any case. */
  readonly method?: string | null | undefined;
  /** The absolute URL. */
  readonly url?: UrlInput | null | undefined;
}

/** A {@linkcode PreparedRequest} as JSON. */
export interface PreparedRequestJSON {
  /** The method, in capitals. */
  readonly method: string | null;
  /** The URL, userinfo included. */
  readonly url: string | null;
  /** The header fields in order, credentials included. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The bytes of the body in base64. */
  readonly body: string | null;
  /** The cookies that came with the request, as `RequestsCookieJar.toJSON` writes them. */
  readonly cookies: ReturnType<RequestsCookieJar["toJSON"]> | null;
}

/**
 * A request as a caller describes it (Python: `requests.Request`). It is prepared before it is sent: by itself with
 * {@linkcode Request.prepare}, or together with the settings of a session by `session.prepareRequest()`.
 *
 * @example
 * ```ts
 * import { Request } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const request = new Request("post", "http://example.com/", { params: { page: 2 }, data: { name: "Zoë" } });
 * const prepared = request.prepare();
 * assert.equal(prepared.method, "POST");
 * assert.equal(prepared.url, "http://example.com/?page=2");
 * assert.equal(prepared.headers.get("content-type"), "application/x-www-form-urlencoded");
 * ```
 */
export class Request {
  /** The method, in any case. */
  method: string | null;
  /** The absolute URL. */
  url: UrlInput | null;
  /** Files to upload. */
  files: FilesInput;
  /** The body. */
  data: DataInput;
  /** Query parameters. */
  params: ParamsInput;
  /** Credentials. */
  auth: AuthInput;
  /** Cookies for this request. */
  cookies: CookiesInput | null;
  /** Functions that see the response. */
  hooks: Hooks;
  /** A value to send as JSON; `null` is none. */
  json: unknown;
  #headers: CaseInsensitiveDict<string | Uint8Array | null>;

  /**
   * Describes a request; nothing is checked or read before it is prepared, except the shape of `headers` and `hooks`.
   *
   * @throws {TypeError} If headers or hooks are none.
   * @throws {RangeError} If there is no such event for a hook.
   */
  constructor(method: string | null, url: UrlInput | null, options: RequestParts = {}) {
    this.method = method;
    this.url = url;
    this.#headers = new CaseInsensitiveDict<string | Uint8Array | null>(options.headers);
    this.files = options.files ?? null;
    this.data = options.data ?? null;
    this.params = options.params ?? null;
    this.auth = options.auth ?? null;
    this.cookies = options.cookies ?? null;
    this.hooks = toHooks(options.hooks);
    this.json = options.json ?? null;
  }

  /** Header fields. Anything that can be given as `headers` can be assigned. */
  get headers(): CaseInsensitiveDict<string | Uint8Array | null> {
    return this.#headers;
  }

  set headers(headers: HeadersInput) {
    this.#headers = new CaseInsensitiveDict<string | Uint8Array | null>(headers);
  }

  /**
   * Makes what is sent, without the settings of a session (Python: `Request.prepare`).
   *
   * @throws {TypeError} If the credentials need time; use {@linkcode Request.prepareAsync} then.
   * @throws {RequestException} If URL, headers or body are not valid, see {@linkcode PreparedRequest.prepare}.
   */
  prepare(): PreparedRequest {
    return new PreparedRequest().prepare(this);
  }

  /** As {@linkcode Request.prepare}, for credentials that need time, such as a token that is fetched first. */
  prepareAsync(): Promise<PreparedRequest> {
    return new PreparedRequest().prepareAsync(this);
  }

  /**
   * Adds one hook or several (Python: `register_hook`).
   *
   * @throws {RangeError} If there is no such event; the only one is `response`.
   * @throws {TypeError} If a hook is not a function.
   */
  registerHook(event: string, hook: ResponseHook | Iterable<ResponseHook>): void {
    registerHook(this.hooks, event, hook);
  }

  /**
   * Removes a hook; `false` if it was not there (Python: `deregister_hook`).
   *
   * @throws {RangeError} If there is no such event.
   */
  deregisterHook(event: string, hook: ResponseHook): boolean {
    return deregisterHook(this.hooks, event, hook);
  }
}

/**
 * As {@linkcode PreparedRequest.prepareAsync}, without a wait where none is needed: a request is then prepared and handed to
 * its adapter in one job.
 */
export let prepareAtOnce: (
  prepared: PreparedRequest,
  options: PrepareOptions,
) => PreparedRequest | Promise<PreparedRequest>;

/**
 * A request as it is sent (Python: `requests.PreparedRequest`). Every part may still be changed; the adapter sends what is
 * there then.
 *
 * @example Change a request before it is sent
 * ```ts
 * import { PreparedRequest } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const prepared = new PreparedRequest().prepare({ method: "PUT", url: "http://example.com/a", data: "hello" });
 * prepared.headers.set("X-Signature", "5d41402a");
 * assert.equal(prepared.headers.get("content-length"), "5");
 * assert.equal(prepared.pathUrl, "/a");
 * ```
 */
export class PreparedRequest {
  /** The method, in capitals; `null` before it is prepared. */
  method: string | null = null;
  /** The URL with query and fragment, and with userinfo if it came with some; `null` before it is prepared. */
  url: string | null = null;
  /** The header fields, in the order and case in which they were set. Each character of a value is one byte (Latin-1). */
  headers: CaseInsensitiveDict = new CaseInsensitiveDict();
  /** The body. After changing it call {@linkcode PreparedRequest.prepareContentLength}. */
  body: PreparedBody = null;
  /** Functions that see the response; credentials may add some. */
  hooks: Hooks = defaultHooks();
  /** The cookies that the `Cookie` header was made of, and that a redirect takes along. */
  cookies: RequestsCookieJar | null = null;

  /**
   * Prepares all parts in the order method, URL, headers, cookies, body, credentials, hooks: credentials see the whole
   * request, and may add hooks that run before the caller's (Python: `PreparedRequest.prepare`).
   *
   * @returns This request.
   * @throws {MissingSchema} If the URL has no scheme.
   * @throws {InvalidURL} If the URL cannot be parsed or has no host.
   * @throws {InvalidHeader} If a header may not be sent.
   * @throws {InvalidJSONError} If `json` has no form in JSON.
   * @throws {RangeError} If the method is no token (RFC 9110 §9.1).
   * @throws {TypeError} For arguments of a wrong kind, and if the credentials need time: use
   * {@linkcode PreparedRequest.prepareAsync} then.
   */
  prepare(options: PrepareOptions): this {
    this.#prepareParts(options);
    this.prepareAuth(options.auth);
    this.prepareHooks(options.hooks);
    return this;
  }

  /** As {@linkcode PreparedRequest.prepare}, for credentials that need time. */
  async prepareAsync(options: PrepareOptions): Promise<this> {
    this.#prepareParts(options);
    await this.prepareAuthAsync(options.auth);
    this.prepareHooks(options.hooks);
    return this;
  }

  static {
    prepareAtOnce = (prepared, options) => {
      prepared.#prepareParts(options);
      const finish = (applied: unknown) => {
        prepared.#takeOver(applied);
        prepared.prepareHooks(options.hooks);
        return prepared;
      };
      const applied = prepared.#applyAuth(options.auth);
      return applied instanceof Promise ? applied.then(finish) : finish(applied);
    };
  }

  #prepareParts({ method, url, headers, files, data, params, cookies, json }: PrepareOptions): void {
    this.prepareMethod(method);
    this.prepareUrl(url, params);
    this.prepareHeaders(headers);
    this.prepareCookies(cookies);
    this.prepareBody(data, files, json);
  }

  /**
   * Sets the method, in capitals.
   *
   * @throws {RangeError} If it is no token: what holds a blank or a line break would start another request.
   */
  prepareMethod(method?: string | null): void {
    if (method !== null && method !== undefined && !isToken(method)) {
      throw new RangeError(`Cannot use ${JSON.stringify(method)} as a method: give letters, such as GET`);
    }
    this.method = method?.toUpperCase() ?? null;
  }

  /**
   * Sets the URL, with `params` appended to its query.
   *
   * @throws {URLRequired} Without a URL.
   * @throws {MissingSchema} If the URL has no scheme.
   * @throws {InvalidURL} If the URL cannot be parsed or has no host.
   * @throws {TypeError} If `params` are neither fields nor text.
   */
  prepareUrl(url?: UrlInput | null, params?: ParamsInput): void {
    if (url === null || url === undefined) {
      throw new URLRequired("A valid URL is required to make a request: give one such as https://example.com/");
    }
    this.url = prepareUrl(url, params ?? null);
  }

  /**
   * Sets the headers, in place of all that were there.
   *
   * @throws {InvalidHeader} If a name is no token, or a value has a line break, a leading blank or a wrong type.
   */
  prepareHeaders(headers?: HeadersInput): void {
    const fields = new CaseInsensitiveDict<string | Uint8Array | null>(headers);
    this.headers = new CaseInsensitiveDict();
    if (!findingsOf(fields).areValid) {
      fields.forEach((value, name) => {
        checkHeaderValidity(name, value);
        if (typeof value !== "string") fields.set(name, decodeLatin1(value));
      });
      findingsOf(fields).areValid = true;
    }
    this.headers = fields as CaseInsensitiveDict;
  }

  /** Keeps the cookies, and sets the `Cookie` header of those that fit the URL, unless there is one. */
  prepareCookies(cookies?: CookiesInput | null): void {
    this.cookies = cookies instanceof RequestsCookieJar ? cookies : new RequestsCookieJar(cookies ?? null);
    // URLs of other schemes need not be URLs at all, and no cookie fits them.
    if (this.cookies.size === 0 || this.headers.has("Cookie") || this.url === null || !URL.canParse(this.url)) return;
    const value = getCookieHeader(this.cookies, this);
    if (value !== null) this.headers.set("Cookie", value);
  }

  /**
   * Sets the body, with `Content-Type`, `Content-Length` or `Transfer-Encoding` as it needs them.
   *
   * A body of unknown length is sent in chunks, unless a `Content-Length` header promises one; then its stream fails if it
   * turns out longer or shorter.
   *
   * @throws {InvalidJSONError} If `json` has no form in JSON.
   * @throws {InvalidHeader} If the promised `Content-Length` is no number.
   * @throws {TypeError} For what cannot be sent.
   */
  prepareBody(data?: DataInput, files?: FilesInput, json?: unknown): void {
    const given = this.headers.get("Content-Type");
    const { body, contentType } = encodeBody({ data, files, json, contentType: given, openFile: openFileUrl });
    this.body = body;
    if (contentType !== null) this.headers.set("Content-Type", contentType);
    if (isStreamBody(body) && body.length === null && !this.headers.has("Transfer-Encoding")) {
      const promised = this.headers.get("Content-Length");
      if (promised === null) this.headers.set("Transfer-Encoding", "chunked");
      else this.body = sizedBody(body, promisedLength(promised));
    }
    this.prepareContentLength(this.body);
  }

  /**
   * Sets `Content-Length` to the length of `body` (Python: `prepare_content_length`). Without a body it is 0, unless the method
   * is GET or HEAD or the header is there. With `Transfer-Encoding` it is removed (RFC 9112 §6.2).
   */
  prepareContentLength(body: PreparedBody = this.body): void {
    if (body === null) {
      const needsNone = this.method === "GET" || this.method === "HEAD" || this.headers.has("Content-Length");
      if (!needsNone) this.headers.set("Content-Length", "0");
    } else if (this.headers.has("Transfer-Encoding")) {
      this.headers.delete("Content-Length");
    } else if (body.length !== null) {
      this.headers.set("Content-Length", String(body.length));
    }
  }

  /**
   * Applies credentials; without any, those in the URL, unless there is an `Authorization` header. They may return another
   * request, whose parts are taken over; then `Content-Length` is set anew.
   *
   * @throws {TypeError} If the credentials need time: use {@linkcode PreparedRequest.prepareAuthAsync} then.
   */
  prepareAuth(auth?: AuthInput): void {
    const applied = this.#applyAuth(auth);
    if (applied instanceof Promise) {
      // It is dropped for the error below; a rejection that nobody can see must not end the program.
      applied.catch(() => {});
      throw new TypeError(
        "Cannot prepare the request at once: its auth is asynchronous, use prepareAsync(), session.request() or get()",
      );
    }
    this.#takeOver(applied);
  }

  /** As {@linkcode PreparedRequest.prepareAuth}, for credentials that need time. */
  async prepareAuthAsync(auth?: AuthInput): Promise<void> {
    this.#takeOver(await this.#applyAuth(auth));
  }

  #applyAuth(auth?: AuthInput): PreparedRequest | Promise<PreparedRequest> {
    let chosen = toAuth(auth);
    if (chosen === null && this.url !== null && !this.headers.has("Authorization")) {
      const credentials = getAuthFromUrl(this.url);
      if (credentials.some((part) => part !== "")) chosen = toAuth(credentials);
    }
    return chosen === null ? this : chosen.apply(this);
  }

  #takeOver(other: unknown): void {
    if (other === this) {
      this.prepareContentLength(this.body);
      return;
    }
    // By shape: the class may come from another copy of this module.
    if (typeof other !== "object" || other === null || !("headers" in other)) {
      throw new TypeError(`Cannot use what auth returned, ${describe(other)}: return the request`);
    }
    const { method, url, headers, body, hooks, cookies } = other as PreparedRequest;
    Object.assign(this, { method, url, headers, body, hooks, cookies });
    this.prepareContentLength(this.body);
  }

  /**
   * Adds hooks behind those that are there.
   *
   * @throws {RangeError} If there is no such event.
   */
  prepareHooks(hooks?: HooksInput): void {
    const added = toHooks(hooks);
    for (const event of HOOKS) registerHook(this.hooks, event, added[event]);
  }

  /**
   * Adds one hook or several (Python: `register_hook`).
   *
   * @throws {RangeError} If there is no such event; the only one is `response`.
   * @throws {TypeError} If a hook is not a function.
   */
  registerHook(event: string, hook: ResponseHook | Iterable<ResponseHook>): void {
    registerHook(this.hooks, event, hook);
  }

  /**
   * Removes a hook; `false` if it was not there (Python: `deregister_hook`).
   *
   * @throws {RangeError} If there is no such event.
   */
  deregisterHook(event: string, hook: ResponseHook): boolean {
    return deregisterHook(this.hooks, event, hook);
  }

  /** Path and query of the URL, never its fragment, at least `/` (Python: `path_url`); `/` before there is a URL. */
  get pathUrl(): string {
    return pathUrl(this.url ?? "");
  }

  /** An independent copy; only the body is shared, so that one that can be read once can be sent once. */
  copy(): PreparedRequest {
    const copy = new PreparedRequest();
    copy.method = this.method;
    copy.url = this.url;
    copy.headers = this.headers.copy();
    copy.body = this.body;
    copy.hooks = toHooks(this.hooks);
    copy.cookies = this.cookies?.copy() ?? null;
    return copy;
  }

  /**
   * The same request as a command for curl and a POSIX shell. A body that is a stream is read from standard input.
   *
   * **It contains the credentials of the request**: `Authorization`, cookies and the body are written out in full.
   *
   * @throws {URLRequired} If the request is not prepared.
   *
   * @example
   * ```ts
   * import { Request } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const prepared = new Request("POST", "http://example.com/?q=a b", {
   *   headers: { "Content-Type": "text/plain", "User-Agent": "me", Accept: "text/html" },
   *   data: "it's",
   * }).prepare();
   * assert.equal(
   *   prepared.toCurl(),
   *   "curl -X POST -H 'Content-Type: text/plain' -H 'User-Agent: me' -H 'Accept: text/html' " +
   *     String.raw`--data-raw 'it'\''s' 'http://example.com/?q=a%20b'`,
   * );
   * ```
   */
  toCurl(): string {
    if (this.url === null) {
      throw new URLRequired("Cannot write a curl command: the request has no URL, prepare it first");
    }
    return formatCurl({
      method: this.method ?? "GET",
      // Userinfo is in the Authorization header already, and a fragment is not sent.
      url: urldefragauth(this.url),
      headers: [...this.headers],
      body: this.body,
    });
  }

  /**
   * The request as a JSON value, for `JSON.stringify`; {@linkcode PreparedRequest.fromJSON} reads it. Hooks are left out, since
   * functions have no form in JSON. **It contains the credentials of the request.**
   *
   * @throws {TypeError} If the body is a stream.
   */
  toJSON(): PreparedRequestJSON {
    if (isStreamBody(this.body)) {
      throw new TypeError("Cannot write the request as JSON: its body is a stream, give bytes or text instead");
    }
    return {
      method: this.method,
      url: this.url,
      headers: [...this.headers],
      body: this.body === null ? null : encodeBase64(this.body),
      cookies: this.cookies?.toJSON() ?? null,
    };
  }

  /**
   * Makes a request of what {@linkcode PreparedRequest.toJSON} returned. Its headers are checked again.
   *
   * @throws {InvalidHeader} If a header may not be sent.
   * @throws {TypeError} If it is no prepared request.
   */
  static fromJSON(json: PreparedRequestJSON): PreparedRequest {
    if (typeof json !== "object" || json === null || !Array.isArray(json.headers)) {
      throw new TypeError(`Cannot make a request of ${describe(json)}: give what PreparedRequest.toJSON() returned`);
    }
    const request = new PreparedRequest();
    request.prepareMethod(json.method);
    request.url = json.url;
    request.prepareHeaders(json.headers);
    request.body = json.body === null ? null : decodeBase64(json.body);
    request.cookies = json.cookies === null ? null : RequestsCookieJar.fromJSON(json.cookies);
    return request;
  }
}

function promisedLength(value: string): number {
  if (/^\d+$/.test(value) && Number.isSafeInteger(Number(value))) return Number(value);
  throw new InvalidHeader(
    `Cannot use ${JSON.stringify(value)} as the Content-Length of a stream: give a number of bytes`,
  );
}
