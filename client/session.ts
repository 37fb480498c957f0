/**
 * `Session`: settings, cookies and connections that last over many requests.
 *
 * @module
 */

import { decodeLatin1 } from "../http1/latin1.ts";
import { VERSION } from "../version.ts";
import { joinBaseUrl } from "./_base_url.ts";
import { isStreamBody } from "./_content.ts";
import { drain } from "./_drain.ts";
import { readFirst } from "./_environment.ts";
import { mayReadFile } from "./_granted.ts";
import { mergeHeaders, mergeSetting } from "./_merge.ts";
import { coversUrl, insertMount } from "./_mounts.ts";
import { encodeParams, getAuthFromUrl, redactUrl } from "./_url.ts";
import type { BaseAdapter, SendOptions, TimeoutInput } from "./adapter.ts";
import { type AuthInput, HTTPBasicAuth } from "./auth.ts";
import { CaseInsensitiveDict, type HeadersInput } from "./case_insensitive_dict.ts";
import { type CookiesInput, extractCookiesToJar, mergeCookies, RequestsCookieJar } from "./cookies.ts";
import { InvalidSchema, RequestException, TooManyRedirects, UnrewindableBodyError, URLRequired } from "./errors.ts";
import { dispatchHook, type Hooks, type HooksInput, mergeHooks, toHooks } from "./hooks.ts";
import { HTTPAdapter } from "./http_adapter.ts";
import { getNetrcAuth } from "./netrc.ts";
import { type Proxies, resolveProxies, selectProxy } from "./proxies.ts";
import {
  DEFAULT_REDIRECT_LIMIT,
  getRedirectTarget,
  headersToDrop,
  keepsBody,
  rebuildMethod,
  redirectUrl,
  SENSITIVE_HEADERS,
  shouldStripAuth,
} from "./redirects.ts";
import { prepareAtOnce, PreparedRequest, type PrepareOptions, Request, type RequestParts } from "./request.ts";
import { getField, isPassedOn, REDIRECT_STATI, type Response } from "./response.ts";
import type {
  EnvironmentSettings,
  EnvironmentSettingsInput,
  ExchangeSettings,
  RequestOptions,
  ResolveRedirectsOptions,
  SessionJSON,
  SessionOptions,
  SessionSendOptions,
} from "./session_options.ts";
import type { CertInput, ParamsInput, UrlInput } from "./types.ts";

/**
 * The variables that name certificates to trust; the first that is set counts. The documentation of requests promises the
 * last one, its code does not know it.
 */
const CA_BUNDLE_VARIABLES = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "curl_ca_bundle"];

/**
 * The name and version that requests carry (Python: `requests.utils.default_user_agent`).
 *
 * @example
 * ```ts
 * import { defaultUserAgent } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.match(defaultUserAgent(), /^httpkit\/\d+\.\d+\.\d+/);
 * ```
 */
export function defaultUserAgent(name = "httpkit"): string {
  return `${name}/${VERSION}`;
}

/**
 * The headers that a new session starts with (Python: `requests.utils.default_headers`).
 *
 * @example
 * ```ts
 * import { defaultHeaders } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual([...defaultHeaders().keys()], ["User-Agent", "Accept-Encoding", "Accept", "Connection"]);
 * ```
 */
export function defaultHeaders(): CaseInsensitiveDict<string> {
  return new CaseInsensitiveDict({
    "User-Agent": defaultUserAgent(),
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept": "*/*",
    "Connection": "keep-alive",
  });
}

/** Stands for `auth: null`: it also keeps session, URL and netrc file from adding credentials. */
const noAuth = (request: PreparedRequest): PreparedRequest => request;

/**
 * Settings, cookies and connections that last over many requests (Python: `requests.Session`).
 *
 * What a request says wins over the session, and the session over the environment. All settings may be changed at any time;
 * requests that are made afterwards see the change. Several requests may run at once.
 *
 * Close it when done, by `await using` or {@linkcode Session.close}.
 *
 * @example
 * ```ts
 * import { HandlerAdapter, Session } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using session = new Session({ headers: { "X-Test": "true" }, auth: ["user", "pass"] });
 * session.params = { lang: "en" };
 * session.mount(
 *   "http://api.example/",
 *   new HandlerAdapter((request) => {
 *     const { search } = new URL(request.url);
 *     return new Response(search, { headers: { "set-cookie": "seen=1" } });
 *   }),
 * );
 *
 * const response = await session.get("http://api.example/items", { params: { page: 2 } });
 * assert.equal(response.text, "?lang=en&page=2");
 * assert.equal(response.request?.headers.get("x-test"), "true");
 * assert.equal(session.cookies.get("seen"), "1");
 * ```
 */
export class Session {
  #headers: CaseInsensitiveDict<string | Uint8Array>;
  #hooks: Hooks;
  #cookies: RequestsCookieJar;
  /** Requests that are to have no credentials, which a redirect must not add either. */
  readonly #bare = new WeakSet<PreparedRequest>();
  /** Options that come from following redirects, where nobody looks at `next`. */
  readonly #following = new WeakSet<object>();

  /** Credentials of every request. Default: `null`. */
  auth: AuthInput;
  /** URLs of proxies by what they serve: `https://host`, `https`, `all`; `no_proxy` lists hosts. Default: `{}`. */
  proxies: Record<string, string | null>;
  /** Query parameters of every request. Default: `{}`. */
  params: ParamsInput;
  /** Whether bodies are left to be read by the caller. Default: `false`. */
  stream: boolean;
  /** Whether certificates are checked, or a path of certificates to trust. Default: `true`. */
  verify: boolean | string;
  /** A client certificate. Default: `null`. */
  cert: CertInput | null;
  /** How many redirects are followed for one request. Default: 30. */
  maxRedirects: number;
  /**
   * Whether proxies (`HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY`), certificates (`REQUESTS_CA_BUNDLE`,
   * `CURL_CA_BUNDLE`, `curl_ca_bundle`) and a netrc file are taken from the environment, as far as the program may read them.
   * Nothing prompts.
   * Default: `true`.
   */
  trustEnv: boolean;
  /** Adapters by prefix, longer prefixes first. {@linkcode Session.mount} keeps the order. */
  readonly adapters: Map<string, BaseAdapter> = new Map();
  /**
   * Where relative URLs start. URLs of requests are laid below it, with one slash between: `"items"` and `"/items"` at
   * `https://api.example/v1` are `https://api.example/v1/items`. No request leaves its origin, but for redirects.
   * Default: `null`.
   */
  baseUrl: string | URL | null;
  /** Time limit of every request in seconds, or `[connect, read]`; `null` for none, as in requests. Default: `null`. */
  timeout: TimeoutInput;
  /**
   * Names of headers that a redirect to another origin does not take along, such as one with an API key. Those of
   * `SENSITIVE_HEADERS` never go along. Default: `[]`.
   */
  sensitiveHeaders: string[];

  /** Makes a session. Nothing is opened before the first request. */
  constructor(options: SessionOptions = {}) {
    this.#headers = mergeHeaders(options.headers, defaultHeaders());
    this.#hooks = toHooks(options.hooks);
    this.#cookies = new RequestsCookieJar(options.cookies ?? null);
    this.auth = options.auth ?? null;
    this.proxies = { ...options.proxies };
    this.params = options.params ?? {};
    this.stream = options.stream ?? false;
    this.verify = options.verify ?? true;
    this.cert = options.cert ?? null;
    this.maxRedirects = options.maxRedirects ?? DEFAULT_REDIRECT_LIMIT;
    this.trustEnv = options.trustEnv ?? true;
    this.baseUrl = options.baseUrl ?? null;
    this.timeout = options.timeout ?? null;
    this.sensitiveHeaders = [...options.sensitiveHeaders ?? []];
    this.mount("https://", new HTTPAdapter());
    this.mount("http://", new HTTPAdapter());
    const adapters = options.adapters ?? {};
    for (const [prefix, adapter] of adapters instanceof Map ? adapters : Object.entries(adapters)) {
      this.mount(prefix, adapter);
    }
  }

  /** Headers of every request, in the order in which they are sent. What is assigned is copied. */
  get headers(): CaseInsensitiveDict<string | Uint8Array> {
    return this.#headers;
  }

  set headers(headers: HeadersInput) {
    this.#headers = mergeHeaders(headers, null);
  }

  /** Hooks of every request that has none of its own. What is assigned is copied. */
  get hooks(): Hooks {
    return this.#hooks;
  }

  set hooks(hooks: HooksInput) {
    this.#hooks = toHooks(hooks);
  }

  /** The cookies of all responses, and those set by hand. A jar that is assigned is used, anything else becomes a new jar. */
  get cookies(): RequestsCookieJar {
    return this.#cookies;
  }

  set cookies(cookies: CookiesInput | null) {
    this.#cookies = cookies instanceof RequestsCookieJar ? cookies : new RequestsCookieJar(cookies);
  }

  /**
   * Makes a request ready to be sent, with the settings of this session (Python: `prepare_request`).
   *
   * Credentials come from the request, else from the session, else from the URL, else from a netrc file; the last never
   * replaces an `Authorization` header.
   *
   * @throws {RequestException} when URL, headers or body cannot be sent.
   * @throws {TypeError} when the authentication needs to wait: call `await session.prepareRequestAsync(request)`.
   */
  prepareRequest(request: Request): PreparedRequest {
    const prepared = new PreparedRequest();
    prepared.prepare(this.#merged(request.method, request.url, request));
    return prepared;
  }

  /** Does the same as {@linkcode Session.prepareRequest}, and waits for authentication that takes its time. */
  async prepareRequestAsync(request: Request): Promise<PreparedRequest> {
    const prepared = new PreparedRequest();
    await prepared.prepareAsync(this.#merged(request.method, request.url, request));
    return prepared;
  }

  /** Prepares a request by the method that a subclass overrides, if there is one. */
  #prepare(method: string, url: UrlInput, parts: RequestParts): PreparedRequest | Promise<PreparedRequest> {
    const { prepareRequest, prepareRequestAsync } = Session.prototype;
    if (this.prepareRequest !== prepareRequest) return this.prepareRequest(new Request(method, url, parts));
    if (this.prepareRequestAsync !== prepareRequestAsync) {
      return this.prepareRequestAsync(new Request(method, url, parts));
    }
    return prepareAtOnce(new PreparedRequest(), this.#merged(method, url, parts));
  }

  #merged(method: string | null, givenUrl: UrlInput | null, parts: RequestParts): PrepareOptions {
    const url = this.baseUrl === null ? givenUrl : joinBaseUrl(this.baseUrl, urlText(givenUrl));
    const headers = mergeHeaders(parts.headers, this.headers);
    const explicit = parts.auth ?? this.auth;
    const cookies = this.cookies.copy();
    // Not mergeCookies(), which would let the session's cookies win over those given by name and value.
    if (parts.cookies !== null && parts.cookies !== undefined) cookies.update(parts.cookies);
    const trusted = this.trustEnv && explicit === null && !headers.has("Authorization");
    return {
      method,
      url,
      headers,
      files: parts.files,
      data: parts.data,
      json: parts.json,
      params: mergeSetting(parts.params, this.params),
      auth: trusted ? netrcAuth(urlText(url)) : explicit,
      cookies,
      hooks: mergeHooks(parts.hooks, this.hooks),
    };
  }

  /**
   * Prepares a request, sends it and follows redirects (Python: `Session.request`).
   *
   * A subclass that overrides {@linkcode Session.prepareRequest} is asked to prepare.
   *
   * @param method the method, in any case.
   * @param url the URL; relative to {@linkcode Session.baseUrl} if there is one.
   * @param options see {@linkcode RequestOptions}.
   * @throws {RequestException} when it fails. Statuses such as 404 are no failures: see `raiseForStatus()`.
   */
  async request(method: string, url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    const preparing = this.#prepare(method, url, options.auth === null ? { ...options, auth: noAuth } : options);
    const prepared = preparing instanceof Promise ? await preparing : preparing;
    if (options.auth === null) this.#bare.add(prepared);
    const { allowRedirects, timeout, signal } = options;
    const settings = this.mergeEnvironmentSettings(prepared.url ?? "", options);
    return await this.send(prepared, { ...settings, allowRedirects, timeout, signal });
  }

  /** Sends a GET request; follows redirects. */
  get(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("GET", url, options);
  }

  /** Sends an OPTIONS request; follows redirects. */
  options(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("OPTIONS", url, options);
  }

  /** Sends a HEAD request; follows no redirects unless `allowRedirects` is `true`. */
  head(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("HEAD", url, { ...options, allowRedirects: options.allowRedirects ?? false });
  }

  /** Sends a POST request; follows redirects. */
  post(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("POST", url, options);
  }

  /** Sends a PUT request; follows redirects. */
  put(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("PUT", url, options);
  }

  /** Sends a PATCH request; follows redirects. */
  patch(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("PATCH", url, options);
  }

  /** Sends a DELETE request; follows redirects. */
  delete(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
    return this.request("DELETE", url, options);
  }

  /**
   * Sends a prepared request (Python: `Session.send`).
   *
   * The adapter for the URL sends it; then the response hooks run, cookies are kept, redirects are followed, and, without
   * `stream`, the body is read. If anything fails on the way, no response is left open.
   *
   * Certificates that the environment names are not looked for here, as in Python; proxies are, unless `proxies` is given.
   *
   * @throws {TypeError} when the request is not prepared.
   * @throws {InvalidSchema} when no adapter is mounted for the URL.
   * @throws {TooManyRedirects} when {@linkcode Session.maxRedirects} is exceeded; the error has the last response.
   * @throws {RequestException} when the exchange fails. An aborted `signal` rejects with its reason.
   */
  async send(request: PreparedRequest, options: SessionSendOptions = {}): Promise<Response> {
    if (request instanceof Request || typeof request?.prepareHeaders !== "function") {
      throw new TypeError("You can only send PreparedRequests: call session.prepareRequest(request) first");
    }
    const settings = this.#exchangeSettings(request, options);
    settings.signal?.throwIfAborted();
    const isFollowing = this.#following.has(options);
    const hooks = [...request.hooks.response];
    if (request.url === null) {
      throw new URLRequired("The request has no URL: prepare it with one", { request });
    }
    let response: Response;
    try {
      const adapter = this.getAdapter(request.url);
      const start = performance.now();
      response = await adapter.send(request, settings);
      response.elapsed = (performance.now() - start) / 1000;
    } catch (error) {
      if (error instanceof RequestException) error.request ??= request;
      throw error;
    }
    const replaced: Response[] = [];
    try {
      for (const hook of hooks) {
        const replacement = await dispatchHook("response", { response: [hook] }, response, settings);
        if (replacement !== response) replaced.push(response);
        response = replacement;
      }
      settings.signal?.throwIfAborted();
      for (const earlier of response.history) this.#keepCookies(earlier, request);
      this.#keepCookies(response, request);

      if (options.allowRedirects ?? true) {
        if (this.#mayRedirect(response)) {
          const hops = [response];
          for await (const hop of this.resolveRedirects(response, request, settings)) hops.push(response = hop);
          if (hops.length > 1) response.history = hops.slice(0, -1);
        }
      } else if (!isFollowing) {
        response.next = this.#nextRequest(response, request, settings);
      }
      if (!settings.stream) {
        const isHop = isFollowing && this.getRedirectTarget(response) !== null;
        await readUnlessAborted(response, isHop ? drain : read, settings.signal);
      }
      // Only now: a hook may have passed the body of the old response on in the new one.
      for (const old of replaced) if (!settings.stream || !isPassedOn(old, response)) await old.close();
      return response;
    } catch (error) {
      for (const open of [response, ...replaced]) await open.close();
      throw error;
    }
  }

  #exchangeSettings(request: PreparedRequest, options: SessionSendOptions): ExchangeSettings {
    const { signal } = options;
    const settings = {
      stream: options.stream ?? this.stream,
      timeout: options.timeout === undefined ? this.timeout : options.timeout,
      verify: options.verify ?? this.verify,
      cert: options.cert === undefined ? this.cert : options.cert,
      proxies: options.proxies ?? this.#proxiesFor(request.url ?? "", {}),
      trustEnv: this.trustEnv,
    };
    return signal ? { ...settings, signal } : settings;
  }

  #keepCookies(response: Response, request: PreparedRequest): void {
    if (getField(response, "set-cookie") === null) return;
    const sent = response.request ?? request;
    if (sent.url !== null && URL.canParse(sent.url)) extractCookiesToJar(this.cookies, sent, response);
  }

  /**
   * Follows the redirects of a response (Python: `resolve_redirects`): reads each response to its end, sends the next request,
   * and gives its response. Override one of the steps that it calls, rather than this.
   *
   * With `yieldRequests` it gives the next request instead, and ends.
   *
   * @param response the response that may redirect.
   * @param request the request that it answers.
   * @param options how to send; what is missing comes from the session.
   * @throws {TooManyRedirects} when {@linkcode Session.maxRedirects} is exceeded.
   * @throws {UnrewindableBodyError} when the body has to be sent again, and can be read only once.
   *
   * @example Follow redirects one by one
   * ```ts
   * import { HandlerAdapter, Session } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * await using session = new Session();
   * session.mount(
   *   "http://api.example/",
   *   new HandlerAdapter(({ url }) =>
   *     url.endsWith("/old") ? Response.redirect("http://api.example/new") : new Response("here")
   *   ),
   * );
   * const first = await session.get("http://api.example/old", { allowRedirects: false });
   * for await (const response of session.resolveRedirects(first, first.request!)) assert.equal(response.text, "here");
   * ```
   */
  resolveRedirects(
    response: Response,
    request: PreparedRequest,
    options: ResolveRedirectsOptions & { readonly yieldRequests: true },
  ): AsyncGenerator<PreparedRequest, void, undefined>;
  /** Gives the responses, see above. */
  resolveRedirects(
    response: Response,
    request: PreparedRequest,
    options?: SendOptions & { readonly yieldRequests?: false | undefined },
  ): AsyncGenerator<Response, void, undefined>;
  async *resolveRedirects(
    response: Response,
    request: PreparedRequest,
    options: ResolveRedirectsOptions = {},
  ): AsyncGenerator<Response | PreparedRequest, void, undefined> {
    const { yieldRequests, ...given } = options;
    const settings = this.#exchangeSettings(request, given);
    const hops: Response[] = [];
    while (true) {
      let next: PreparedRequest;
      try {
        const target = this.getRedirectTarget(response);
        if (target === null) return;
        if (yieldRequests) {
          yield this.#redirected(response, request, target, settings);
          return;
        }
        await readUnlessAborted(response, drain, settings.signal);
        const challenges = response.history;
        if (hops.length > 0) response.history = [...hops];
        if (hops.length >= this.maxRedirects) {
          throw new TooManyRedirects(`Exceeded ${this.maxRedirects} redirects.`, { response });
        }
        hops.push(response);
        next = this.#redirected(response, request, target, settings, challenges);
      } catch (error) {
        await response.close();
        throw error;
      }
      request = next;
      const how: SessionSendOptions = { ...settings, allowRedirects: false };
      this.#following.add(how);
      response = await this.send(request, how);
      yield response;
    }
  }

  /** Fast path: a response that cannot redirect needs no generator that finds that out. */
  #mayRedirect(response: Response): boolean {
    const { getRedirectTarget, resolveRedirects } = Session.prototype;
    return this.getRedirectTarget !== getRedirectTarget || this.resolveRedirects !== resolveRedirects ||
      getRedirectTarget.call(this, response) !== null;
  }

  /** The next request. Its proxies are put into `settings`. */
  #redirected(
    response: Response,
    request: PreparedRequest,
    target: string,
    settings: ExchangeSettings,
    challenges: readonly Response[] = [],
  ): PreparedRequest {
    const next = request.copy();
    if (this.#bare.has(request)) this.#bare.add(next);
    const { statusCode } = response;
    const method = request.method ?? "GET";
    next.url = redirectUrl(response.url || (request.url ?? ""), target);
    this.rebuildMethod(next, response);
    if (!keepsBody(statusCode, method)) {
      for (const name of headersToDrop(statusCode, method)) next.headers.delete(name);
      next.body = null;
    } else if (isStreamBody(next.body) && !next.body.replayable) {
      throw new UnrewindableBodyError(
        "Unable to rewind request body for redirect: it can be read only once. Send bytes or a file, or pass " +
          "allowRedirects: false and send the body again yourself.",
        { request, response },
      );
    }
    next.headers.delete("Cookie");
    this.rebuildAuth(next, response);

    // The request's own cookies come last, so that they go on hiding those of the session.
    const own = next.cookies ?? new RequestsCookieJar();
    for (const earlier of [...challenges, response]) extractCookiesToJar(own, earlier.request ?? request, earlier);
    next.prepareCookies(mergeCookies(this.cookies.copy(), own));
    settings.proxies = this.rebuildProxies(next, settings.proxies);
    return next;
  }

  /** The request that a response redirects to; `null` if there is none, or if its URL is not valid. */
  #nextRequest(response: Response, request: PreparedRequest, settings: ExchangeSettings): PreparedRequest | null {
    const target = this.getRedirectTarget(response);
    if (target === null) return null;
    try {
      return this.#redirected(response, request, target, { ...settings });
    } catch (error) {
      // Nobody asked for the redirect to be followed, so it must not spoil the response.
      if (error instanceof RequestException) return null;
      throw error;
    }
  }

  /**
   * Where a response redirects to (Python: `get_redirect_target`). Override it to follow other redirects, or fewer.
   *
   * @returns the target, which may be relative; `null` if the response is the final one.
   */
  getRedirectTarget(response: Response): string | null {
    const { statusCode } = response;
    // Most responses are none of these, and need no Headers to tell.
    return REDIRECT_STATI.includes(statusCode) ? getRedirectTarget(statusCode, response.headers) : null;
  }

  /** Whether credentials must not go from one URL to another (Python: `should_strip_auth`). */
  shouldStripAuth(oldUrl: string, newUrl: string): boolean {
    return shouldStripAuth(oldUrl, newUrl);
  }

  /** Sets the method of the next request (Python: `rebuild_method`). */
  rebuildMethod(prepared: PreparedRequest, response: Response): void {
    prepared.method = rebuildMethod(prepared.method ?? "GET", response.statusCode);
  }

  /**
   * Takes credentials off a request that goes to another origin, and looks for those of the new host in a netrc file
   * (Python: `rebuild_auth`). {@linkcode Session.sensitiveHeaders} adds to what is taken off.
   *
   * A Digest answer is taken off always: it holds the URL. The server's next challenge will be answered.
   */
  rebuildAuth(prepared: PreparedRequest, response: Response): void {
    const { headers } = prepared;
    const oldUrl = response.request?.url ?? response.url;
    const url = prepared.url ?? "";
    if (/^digest /i.test(headerText(headers.get("Authorization")))) headers.delete("Authorization");
    if (!this.shouldStripAuth(oldUrl, url)) return;
    for (const name of [...SENSITIVE_HEADERS, ...this.sensitiveHeaders]) headers.delete(name);
    if (this.trustEnv && !this.#bare.has(prepared)) netrcAuth(url)?.apply(prepared);
  }

  /**
   * The proxies for the next request (Python: `rebuild_proxies`). A `Proxy-Authorization` header of the caller's goes: adapters
   * make one from the URL of the proxy.
   *
   * @param proxies those of the request before.
   */
  rebuildProxies(prepared: PreparedRequest, proxies: Proxies | null): Record<string, string | null> {
    prepared.headers.delete("Proxy-Authorization");
    const url = prepared.url ?? "";
    const asked = proxies === null ? {} : ProxiesForUrl.askedFor(proxies);
    if (asked !== undefined) return this.#proxiesFor(url, asked);
    return resolveProxies(url, proxies, { trustEnv: this.trustEnv });
  }

  /** Lays request over session over environment, for one URL. */
  #proxiesFor(url: string, asked: Proxies): Record<string, string | null> {
    const layered = servesUrl(asked, url) ? asked : { ...this.proxies, ...asked };
    const resolved = resolveProxies(url, layered, { trustEnv: this.trustEnv });
    return new ProxiesForUrl(resolved, asked);
  }

  /**
   * Fills the settings of a request up with those of the session and of the environment
   * (Python: `merge_environment_settings`).
   *
   * Unlike Python, session settings win over the environment: its proxies are used where neither request nor session name any,
   * and its certificates where `verify` is `true`.
   */
  mergeEnvironmentSettings(url: string, options: EnvironmentSettingsInput): EnvironmentSettings {
    const verify = options.verify ?? this.verify;
    return {
      proxies: this.#proxiesFor(url, options.proxies ?? {}),
      stream: options.stream ?? this.stream,
      verify: verify === true && this.trustEnv ? environmentCaBundle() ?? true : verify,
      cert: options.cert === undefined ? this.cert : options.cert,
    };
  }

  /**
   * The adapter with the longest prefix that covers a URL (Python: `get_adapter`).
   *
   * A prefix with a host covers that host only: `https://a.example` does not cover `https://a.example.evil.test`. The one for
   * `http://` also serves Unix sockets, as `http+unix://%2Frun%2Fapp.sock/path` names them.
   *
   * @throws {InvalidSchema} when there is none.
   */
  getAdapter(url: string): BaseAdapter {
    for (const [prefix, adapter] of this.adapters) if (coversUrl(prefix, url)) return adapter;
    // A Unix socket is another way to speak http.
    const http = /^http\+unix:/i.test(url) ? this.adapters.get("http://") : undefined;
    if (http !== undefined) return http;
    throw new InvalidSchema(`No connection adapters were found for '${redactUrl(url)}'`);
  }

  /** Has an adapter serve all URLs that start with a prefix; the longest prefix counts (Python: `mount`). */
  mount(prefix: string, adapter: BaseAdapter): void {
    insertMount(this.adapters, prefix, adapter);
  }

  /**
   * Closes all adapters, and with them idle connections. The session can be used again afterwards.
   *
   * @throws what the first adapter that fails throws, when all have been asked.
   */
  async close(): Promise<void> {
    const adapters = new Set(this.adapters.values());
    const results = await Promise.allSettled(Array.from(adapters, async (adapter) => await adapter.close()));
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /** Does the same as {@linkcode Session.close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Closes the adapters without waiting for them, for `using`. */
  [Symbol.dispose](): void {
    // A failure goes unhandled, and so is seen.
    void this.close();
  }

  /**
   * The settings and cookies, for `JSON.stringify()` and {@linkcode Session.fromJSON} (Python: pickling). It holds secrets.
   *
   * Hooks, adapters, and credentials other than a pair of texts or `HTTPBasicAuth` have no JSON form and are left out.
   *
   * @example
   * ```ts
   * import { Session } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * await using session = new Session({ cookies: { sid: "abc" }, timeout: 5 });
   * await using copy = Session.fromJSON(JSON.parse(JSON.stringify(session)));
   * assert.equal(copy.cookies.get("sid"), "abc");
   * assert.equal(copy.timeout, 5);
   * ```
   */
  toJSON(): SessionJSON {
    return {
      headers: Array.from(this.headers, ([name, value]) => [name, headerText(value)]),
      auth: credentialPair(this.auth),
      proxies: { ...this.proxies },
      params: paramPairs(this.params),
      stream: this.stream,
      verify: this.verify,
      cert: this.cert,
      maxRedirects: this.maxRedirects,
      trustEnv: this.trustEnv,
      cookies: this.cookies.toJSON(),
      baseUrl: this.baseUrl === null ? null : String(this.baseUrl),
      timeout: this.timeout,
      sensitiveHeaders: [...this.sensitiveHeaders],
    };
  }

  /** A session from what {@linkcode Session.toJSON} gave. */
  static fromJSON(json: SessionJSON): Session {
    const { headers, cookies, ...options } = json;
    const session = new Session({ ...options, cookies: RequestsCookieJar.fromJSON(cookies) });
    session.headers = headers;
    return session;
  }
}

function read(response: Response): Promise<unknown> {
  return response.read();
}

/** Reads a body in one of two ways. Adapters heed the signal too, but one that does not must not hang. */
function readUnlessAborted(
  response: Response,
  how: (response: Response) => Promise<unknown>,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  return signal === undefined ? how(response) : readUntilAborted(response, how, signal);
}

async function readUntilAborted(
  response: Response,
  how: (response: Response) => Promise<unknown>,
  signal: AbortSignal,
): Promise<void> {
  const onAbort = () => void response.close();
  signal.addEventListener("abort", onAbort);
  try {
    await how(response);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
  signal.throwIfAborted();
}

/** A constructor that makes nothing: a class that extends it puts its private fields into the object that it is given. */
const Itself = function (object: object) {
  return object;
} as unknown as new <T extends object>(object: T) => T;

/**
 * A mapping of proxies that was made for one URL, and what was asked for: in a private field, which nobody else sees. A
 * property that is hidden would be a slow call for each request, an entry in a `WeakMap` a fifth of the request in the
 * collection of garbage.
 */
class ProxiesForUrl extends Itself<Record<string, string | null>> {
  readonly #asked: Proxies;

  constructor(proxies: Record<string, string | null>, asked: Proxies) {
    super(proxies);
    this.#asked = asked;
  }

  /** What was asked for where `proxies` was made; `undefined` if it was made elsewhere. */
  static askedFor(proxies: Proxies): Proxies | undefined {
    return #asked in proxies ? proxies.#asked : undefined;
  }
}

/** Whether a mapping of proxies says anything about a URL, be it `null`. */
function servesUrl(proxies: Proxies, url: string): boolean {
  if (Object.keys(proxies).length === 0) return false;
  const none = "none:";
  return proxies["all"] !== undefined || selectProxy(url, { ...proxies, all: none }) !== none;
}

/** What a netrc file says about a host, unless the URL has credentials of its own. */
function netrcAuth(url: string): HTTPBasicAuth | null {
  const [username, password] = getAuthFromUrl(url);
  const found = username === "" && password === "" ? getNetrcAuth(url) : null;
  return found === null ? null : new HTTPBasicAuth(...found);
}

/** The path of the certificates that the environment names, if the program may read variable and path. */
function environmentCaBundle(): string | null {
  const path = readFirst(CA_BUNDLE_VARIABLES);
  if (path === undefined) return null;
  return mayReadFile(path) ? path : null;
}

function urlText(url: UrlInput | null): string {
  return url instanceof Uint8Array ? new TextDecoder().decode(url) : String(url ?? "");
}

/** A header value with one character per byte. */
function headerText(value: string | Uint8Array | null): string {
  return typeof value === "string" ? value : decodeLatin1(value ?? new Uint8Array());
}

function credentialPair(auth: AuthInput): [username: string, password: string] | null {
  const { constructor } = auth ?? {};
  const pair = constructor === HTTPBasicAuth
    ? [(auth as HTTPBasicAuth).username, (auth as HTTPBasicAuth).password]
    : auth;
  if (!Array.isArray(pair)) return null;
  const [username, password] = pair;
  return typeof username === "string" && typeof password === "string" ? [username, password] : null;
}

function paramPairs(params: ParamsInput): SessionJSON["params"] {
  if (params === null || typeof params === "string") return params;
  const encoded = encodeParams(params);
  return params instanceof Uint8Array ? encoded : [...new URLSearchParams(encoded)];
}
