/**
 * The client half: Python's `requests` on Deno's `fetch`.
 *
 * {@linkcode get}, {@linkcode post} and the others send one request; {@linkcode Session} keeps settings, cookies and
 * connections for many. A {@linkcode Response} has its body in memory, unless `stream: true` was asked for. Everything that
 * goes wrong is a {@linkcode RequestException}. Times are in seconds.
 *
 * Importing it does nothing. Sending needs permission for the net; environment variables and files that are only looked for,
 * such as `HTTP_PROXY` and `~/.netrc`, are read where the program may, and nothing prompts.
 *
 * @example
 * ```ts
 * import { get, post, Session } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, async (request) => {
 *   const { searchParams } = new URL(request.url);
 *   return globalThis.Response.json({ page: searchParams.get("page"), body: await request.text() });
 * });
 * const url = `http://127.0.0.1:${server.addr.port}/`;
 *
 * const r = await get(url, { params: { page: 2 }, timeout: 5 });
 * assert.equal(r.statusCode, 200);
 * assert.deepEqual(r.json(), { page: "2", body: "" });
 * assert.deepEqual((await post(url, { data: { a: 1 } })).json(), { page: null, body: "a=1" });
 *
 * await using session = new Session({ auth: ["user", "pass"], headers: { "X-Test": "true" } });
 * (await session.get(url)).raiseForStatus();
 * ```
 *
 * @module
 */

export { VERSION } from "../version.ts";
export { superLen } from "./_body.ts";
export {
  checkHeaderValidity,
  type HeaderLink,
  parseDictHeader,
  parseHeaderLinks,
  parseListHeader,
  unquoteHeaderValue,
} from "./_header_fields.ts";
export { mergeSetting } from "./_merge.ts";
export { guessFilename } from "./_multipart.ts";
export { iterSlices } from "./_pieces.ts";
export { getEncodingFromHeaders, guessJsonUtf } from "./_text.ts";
export { getAuthFromUrl, prependSchemeIfNeeded, requoteUri, unquoteUnreserved, urldefragauth } from "./_url.ts";
export { BaseAdapter, checkTimeout, type SendOptions, type TimeoutInput, type TimeoutLimits } from "./adapter.ts";
export { del, delete, get, head, options, patch, post, put, request, session } from "./api.ts";
export { AuthBase, type AuthCallable, type AuthInput, type Credential, HTTPBasicAuth, HTTPProxyAuth } from "./auth.ts";
export type { BodySource } from "./body_source.ts";
export { CaseInsensitiveDict, type CaseInsensitiveDictInput, type HeadersInput } from "./case_insensitive_dict.ts";
export type { ConnectionInfo, PeerCertificate, TlsInfo } from "./connection_info.ts";
export {
  addDictToCookiejar,
  type Cookie,
  type CookieInit,
  cookiejarFromDict,
  type CookiejarFromDictOptions,
  type CookieOptions,
  type CookieRequest,
  type CookieScope,
  type CookiesInput,
  createCookie,
  dictFromCookiejar,
  extractCookies,
  extractCookiesToJar,
  getCookieHeader,
  mergeCookies,
  removeCookieByName,
  RequestsCookieJar,
} from "./cookies.ts";
export { HTTPDigestAuth } from "./digest_auth.ts";
export {
  ChunkedEncodingError,
  ConnectionError,
  ConnectTimeout,
  ContentDecodingError,
  CookieConflictError,
  HTTPError,
  InvalidHeader,
  InvalidJSONError,
  InvalidProxyURL,
  InvalidSchema,
  InvalidURL,
  JSONDecodeError,
  MissingSchema,
  NotSupportedError,
  type NotSupportedErrorOptions,
  ProxyError,
  type ProxyErrorOptions,
  ReadTimeout,
  RequestException,
  type RequestExceptionOptions,
  RetryError,
  SSLError,
  StreamConsumedError,
  Timeout,
  TooManyRedirects,
  UnrewindableBodyError,
  URLRequired,
} from "./errors.ts";
export { FetchAdapter, type FetchAdapterOptions } from "./fetch_adapter.ts";
export { HandlerAdapter, type RequestHandler } from "./handler_adapter.ts";
export {
  defaultHooks,
  deregisterHook,
  dispatchHook,
  type HookOptions,
  HOOKS,
  type Hooks,
  type HooksInput,
  mergeHooks,
  registerHook,
  type ResponseHook,
  toHooks,
} from "./hooks.ts";
export { HTTPAdapter, type HTTPAdapterOptions } from "./http_adapter.ts";
export { getNetrcAuth, type NetrcAuthOptions, type NetrcEntry, NetrcParseError, parseNetrc } from "./netrc.ts";
export {
  addressInNetwork,
  checkProxyUrl,
  dottedNetmask,
  getEnvironProxies,
  getProxyAuth,
  isIpv4Address,
  isValidCidr,
  type Proxies,
  readProxyEnvironment,
  resolveProxies,
  type ResolveProxiesOptions,
  selectProxy,
  shouldBypassProxies,
} from "./proxies.ts";
export {
  DEFAULT_REDIRECT_LIMIT,
  getRedirectTarget,
  headersToDrop,
  keepsBody,
  rebuildMethod,
  redirectUrl,
  SENSITIVE_HEADERS,
  shouldStripAuth,
} from "./redirects.ts";
export {
  type PreparedBody,
  PreparedRequest,
  type PreparedRequestJSON,
  type PrepareOptions,
  Request,
  type RequestParts,
} from "./request.ts";
export {
  ITER_CHUNK_SIZE,
  type IterContentOptions,
  type IterLinesOptions,
  REDIRECT_STATI,
  Response,
  type ResponseConnection,
  type ResponseJSON,
  type ResponseOptions,
} from "./response.ts";
export {
  type RequestHistory,
  Retry,
  type RetryAttempt,
  type RetryHeaders,
  type RetryKind,
  type RetryOptions,
} from "./retry.ts";
export { defaultHeaders, defaultUserAgent, Session } from "./session.ts";
export type {
  EnvironmentSettings,
  EnvironmentSettingsInput,
  RequestOptions,
  ResolveRedirectsOptions,
  SessionJSON,
  SessionOptions,
  SessionSendOptions,
} from "./session_options.ts";
export { codes, STATUS_NAMES, type StatusCodes, type StatusName } from "./status_codes.ts";
export type {
  CertInput,
  ChunksInput,
  DataInput,
  FieldPair,
  FieldsInput,
  FieldValue,
  FileContent,
  FilesInput,
  FileValue,
  ParamsInput,
  PartHeaders,
  PfxCert,
  RawContent,
  ScalarValue,
  SeekableFile,
  StreamBody,
  UrlInput,
} from "./types.ts";
