/** What a session and its requests can be told: the options of `Session` and of its methods. Types only. */

import type { BaseAdapter, SendOptions, TimeoutInput } from "./adapter.ts";
import type { AuthInput } from "./auth.ts";
import type { HeadersInput } from "./case_insensitive_dict.ts";
import type { CookiesInput, RequestsCookieJar } from "./cookies.ts";
import type { HooksInput } from "./hooks.ts";
import type { Proxies } from "./proxies.ts";
import type { CertInput, DataInput, FilesInput, ParamsInput } from "./types.ts";

/** What a request is made of, besides method and URL (Python: the keyword arguments of `requests.request`). */
export interface RequestOptions {
  /** Query parameters, added to those of the URL and laid over those of the session. */
  params?: ParamsInput | undefined;
  /** The body: fields become a form, everything else is sent as it is. */
  data?: DataInput | undefined;
  /** The body as JSON; not used when `data` or `files` is given. `null` is no body. */
  json?: unknown;
  /** Headers, laid over those of the session; `null` removes one. */
  headers?: HeadersInput | undefined;
  /** Cookies for this request only, besides those of the session. */
  cookies?: CookiesInput | null | undefined;
  /** Files to upload as multipart. */
  files?: FilesInput | undefined;
  /** Credentials; `null` for none at all, whatever session and netrc file say. */
  auth?: AuthInput | undefined;
  /** Time limit in seconds, or `[connect, read]`; `null` for none. Default: that of the session. */
  timeout?: TimeoutInput | undefined;
  /** Whether redirects are followed. Default: `true`, and `false` for `head()`. */
  allowRedirects?: boolean | undefined;
  /** URLs of proxies by what they serve, before those of session and environment; `null` in it for no proxy. */
  proxies?: Proxies | null | undefined;
  /** Hooks in place of those of the session. */
  hooks?: HooksInput;
  /** Whether the body is left to be read by the caller. Default: that of the session, `false`. */
  stream?: boolean | undefined;
  /** Whether certificates are checked, or a path of certificates to trust. Default: that of the session, `true`. */
  verify?: boolean | string | undefined;
  /** A client certificate; `null` for none. Default: that of the session. */
  cert?: CertInput | null | undefined;
  /** Gives the request up; the promise rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** The settings that a {@linkcode Session} can start with; each is also a property of it. */
export interface SessionOptions {
  /** Headers, on top of the default headers; `null` removes one. */
  headers?: HeadersInput | undefined;
  /** See {@linkcode Session.auth}. */
  auth?: AuthInput | undefined;
  /** See {@linkcode Session.proxies}. */
  proxies?: Proxies | null | undefined;
  /** See {@linkcode Session.hooks}. */
  hooks?: HooksInput;
  /** See {@linkcode Session.params}. */
  params?: ParamsInput | undefined;
  /** See {@linkcode Session.stream}. */
  stream?: boolean | undefined;
  /** See {@linkcode Session.verify}. */
  verify?: boolean | string | undefined;
  /** See {@linkcode Session.cert}. */
  cert?: CertInput | null | undefined;
  /** See {@linkcode Session.maxRedirects}. */
  maxRedirects?: number | undefined;
  /** See {@linkcode Session.trustEnv}. */
  trustEnv?: boolean | undefined;
  /** See {@linkcode Session.cookies}. */
  cookies?: CookiesInput | null | undefined;
  /** Adapters by prefix, mounted besides those for `https://` and `http://`. */
  adapters?: Readonly<Record<string, BaseAdapter>> | ReadonlyMap<string, BaseAdapter> | undefined;
  /** See {@linkcode Session.baseUrl}. */
  baseUrl?: string | URL | null | undefined;
  /** See {@linkcode Session.timeout}. */
  timeout?: TimeoutInput | undefined;
  /** See {@linkcode Session.sensitiveHeaders}. */
  sensitiveHeaders?: Iterable<string> | undefined;
}

/** Options of {@linkcode Session.send}. What is missing comes from the session. */
export interface SessionSendOptions extends Omit<SendOptions, "trustEnv"> {
  /** Whether redirects are followed. Default: `true`. Without, {@linkcode Response.next} has the next request. */
  allowRedirects?: boolean | undefined;
}

/** Options of {@linkcode Session.resolveRedirects}. */
export interface ResolveRedirectsOptions extends Omit<SendOptions, "trustEnv"> {
  /** Whether to give the next request instead of sending it. Default: `false`. */
  yieldRequests?: boolean | undefined;
}

/** What {@linkcode Session.mergeEnvironmentSettings} takes. */
export type EnvironmentSettingsInput = Pick<RequestOptions, "proxies" | "stream" | "verify" | "cert">;

/** What {@linkcode Session.mergeEnvironmentSettings} gives. */
export interface EnvironmentSettings {
  /** The proxies that serve the URL it was asked for. */
  proxies: Record<string, string | null>;
  /** Whether the body is left to the caller. */
  stream: boolean;
  /** Whether certificates are checked, or a path of certificates to trust. */
  verify: boolean | string;
  /** A client certificate, or `null`. */
  cert: CertInput | null;
}

/** The settings of one exchange, without gaps. */
export interface ExchangeSettings extends EnvironmentSettings {
  timeout: TimeoutInput;
  trustEnv: boolean;
  signal?: AbortSignal;
}

/** A session as {@linkcode Session.toJSON} gives it. */
export interface SessionJSON {
  /** The headers, bytes as Latin-1. */
  headers: [name: string, value: string][];
  /** User name and password of Basic credentials, or `null`. */
  auth: [username: string, password: string] | null;
  /** The proxies. */
  proxies: Record<string, string | null>;
  /** The query parameters: text as it stands, or names and values. */
  params: string | [name: string, value: string][] | null;
  /** Whether bodies are left to the caller. */
  stream: boolean;
  /** Whether certificates are checked, or a path of certificates to trust. */
  verify: boolean | string;
  /** A client certificate, with its password, or `null`. */
  cert: CertInput | null;
  /** How many redirects are followed. */
  maxRedirects: number;
  /** Whether the environment is looked at. */
  trustEnv: boolean;
  /** The cookies. */
  cookies: ReturnType<RequestsCookieJar["toJSON"]>;
  /** The base URL, or `null`. */
  baseUrl: string | null;
  /** The time limit in seconds. */
  timeout: TimeoutInput;
  /** More headers that another origin does not get. */
  sensitiveHeaders: string[];
}
