/**
 * The `Deno.HttpClient`s of an adapter: one for each combination of settings that a connection depends on.
 *
 * @module
 */

import { canReadEnvironment, readEnvironment } from "./_environment.ts";
import { NotSupportedError, SSLError } from "./errors.ts";
import { getProxyAuth } from "./proxies.ts";
import { getAuthFromUrl } from "./_url.ts";
import { readCaCertificates, readClientCertificate } from "./tls_files.ts";
import type { CertInput } from "./types.ts";

/** What a connection depends on: requests that differ in any of this never share one. */
export interface ClientSettings {
  /** Path of certificates to trust besides the default ones, or `null`. */
  readonly verify: string | null;
  /** A client certificate, or `null`. */
  readonly cert: CertInput | null;
  /** The URL of the proxy, checked, or `null`. */
  readonly proxy: string | null;
  /** Whether the client gives the proxy the credentials in its URL. */
  readonly proxyAuth: boolean;
  /** Whether connections are kept for the next request. */
  readonly keep: boolean;
}

/** Options of {@linkcode FetchClients}. */
export interface FetchClientsOptions {
  /** How many clients to keep; the one that was not used for longest is closed first. */
  readonly limit: number;
  /** How many idle connections each client keeps for one host. */
  readonly idlePerHost: number;
  /** How long an idle connection is kept, in seconds; `null` is for ever. */
  readonly idleTimeout: number | null;
}

/** These are read by `fetch` itself whenever a client is made. */
const PROXY_VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]
  .flatMap((name) => [name, name.toUpperCase()]);

/** Makes, keeps and closes `Deno.HttpClient`s. */
export class FetchClients {
  readonly #options: FetchClientsOptions;
  readonly #clients = new Map<string, Promise<Deno.HttpClient>>();
  /** Fast path: what was asked for last. Most sessions never ask for anything else. */
  #last: { readonly settings: ClientSettings; readonly client: Deno.HttpClient } | null = null;

  /** Makes a store without any client. */
  constructor(options: FetchClientsOptions) {
    this.#options = options;
  }

  /**
   * The client for some settings.
   *
   * @throws {RequestException} a file that the settings name cannot be used.
   */
  get(settings: ClientSettings): Deno.HttpClient | Promise<Deno.HttpClient> {
    if (this.#last !== null && isSame(settings, this.#last.settings)) return this.#last.client;
    const key = JSON.stringify(Object.values(settings));
    const known = this.#clients.get(key);
    if (known !== undefined) {
      // A map lists the oldest entry first.
      this.#clients.delete(key);
      this.#clients.set(key, known);
      return this.#remember(settings, key, known);
    }
    const client = this.#make(settings);
    this.#clients.set(key, client);
    client.catch(() => {
      if (this.#clients.get(key) === client) this.#clients.delete(key);
    });
    for (const [oldest, dropped] of this.#clients) {
      if (this.#clients.size <= this.#options.limit) break;
      this.#clients.delete(oldest);
      this.#last = null;
      closeLater(dropped);
    }
    return this.#remember(settings, key, client);
  }

  async #remember(settings: ClientSettings, key: string, made: Promise<Deno.HttpClient>): Promise<Deno.HttpClient> {
    const client = await made;
    // It may have been closed meanwhile.
    if (this.#clients.get(key) === made) this.#last = { settings, client };
    return client;
  }

  /** Closes every client. Responses under way can be read to their end; new requests get new clients. */
  close(): void {
    this.#last = null;
    const clients = [...this.#clients.values()];
    this.#clients.clear();
    clients.forEach(closeLater);
  }

  async #make(settings: ClientSettings): Promise<Deno.HttpClient> {
    const options: Deno.CreateHttpClientOptions & Partial<Deno.TlsCertifiedKeyPem> = {
      allowHost: true,
      // requests speaks HTTP/1.1 only; over HTTP/2 a Host of one's own does not work.
      http2: false,
      poolMaxIdlePerHost: settings.keep ? this.#options.idlePerHost : 0,
      poolIdleTimeout: this.#options.idleTimeout === null ? false : this.#options.idleTimeout * 1000,
    };
    if (settings.verify !== null) options.caCerts = await readCaCertificates(settings.verify);
    if (settings.cert !== null) Object.assign(options, await readClientCertificate(settings.cert));
    if (settings.proxy !== null) options.proxy = proxyOption(settings.proxy, settings.proxyAuth);
    return createClient(options);
  }
}

/** Client certificates of two paths are compared by identity: to be asked for anew costs little. */
function isSame(a: ClientSettings, b: ClientSettings): boolean {
  return a.keep === b.keep && a.proxy === b.proxy && a.verify === b.verify && a.cert === b.cert &&
    a.proxyAuth === b.proxyAuth;
}

function closeLater(client: Promise<Deno.HttpClient>): void {
  // A client that could not be made has told so to those who asked for it.
  client.then((made) => made[Symbol.dispose](), () => {});
}

function proxyOption(proxy: string, withAuth: boolean): Deno.Proxy {
  const url = new URL(proxy);
  const [username, password] = getAuthFromUrl(proxy);
  url.username = "";
  url.password = "";
  const basicAuth = withAuth && getProxyAuth(proxy) !== null ? { basicAuth: { username, password } } : {};
  return { url: url.href, ...basicAuth };
}

/** Makes a client that knows only the proxy it is given. */
function createClient(options: Deno.CreateHttpClientOptions & Partial<Deno.TlsCertifiedKeyPem>): Deno.HttpClient {
  // There is no option for this. The variables are gone while this function runs, without a break, and then back; a
  // worker might see the gap. NO_PROXY of the environment would even switch a proxy off that was asked for.
  const hidden = Object.entries(readEnvironment(PROXY_VARIABLES));
  for (const [name] of hidden) Deno.env.delete(name);
  try {
    return Deno.createHttpClient(options);
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable || options.cert === undefined) throw cause;
    throw new SSLError(`cert: certificate and key cannot be used: ${(cause as Error).message}`, { cause });
  } finally {
    for (const [name, value] of hidden) Deno.env.set(name, value);
  }
}

/** Whether variables are set that `fetch` looks at by itself; `null` if the program may not know. */
export function hasProxyVariables(): boolean | null {
  return canReadEnvironment(PROXY_VARIABLES) ? Object.keys(readEnvironment(PROXY_VARIABLES)).length > 0 : null;
}

/** Whether this runtime has clients at all. Some edge runtimes have `fetch` alone. */
export function hasClients(): boolean {
  return typeof globalThis.Deno?.createHttpClient === "function";
}

/**
 * Refuses settings that need a client, for runtimes without.
 *
 * @throws {NotSupportedError} naming the first option that `fetch` alone cannot carry out.
 */
export function checkNoClientNeeded(settings: ClientSettings): void {
  for (const [option, value] of [["verify", settings.verify], ["cert", settings.cert], ["proxies", settings.proxy]]) {
    if (value !== null) {
      throw new NotSupportedError(`${option}: this runtime has no Deno.createHttpClient(), leave the option out.`, {
        option: option as string,
      });
    }
  }
}
