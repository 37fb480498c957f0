/** From a route to an open stream of bytes: connect, ask the proxy, start TLS. */

import { delayOf } from "../_delay.ts";
import { ConnectionError, ConnectTimeout, ProxyError, ReadTimeout, RequestException } from "../errors.ts";
import { isIpv4Address } from "../proxies.ts";
import { DenoTransport } from "./deno_transport.ts";
import { openTunnel } from "./proxy_tunnel.ts";
import { connectBySocks, looksUpLocally } from "./socks.ts";
import { type LoadedTls, loadTls, startTls, type TlsSettings } from "./tls.ts";
import type { Transport } from "./transport.ts";

/** The way to a server. Connections with equal routes can stand in for each other. */
export interface Route {
  readonly scheme: "http" | "https";
  /** A name or an address; an IPv6 address with or without brackets. */
  readonly host: string;
  readonly port: number;
  /** The path of a Unix socket to connect to instead of host and port, or `null`. */
  readonly unixPath: string | null;
  /** The URL of the proxy as `checkProxyUrl()` gives it, or `null`. It does not count for a Unix socket. */
  readonly proxy: string | null;
  readonly tls: TlsSettings;
}

/** Options of {@linkcode dial}. */
export interface DialOptions {
  /** Limit in seconds for connecting, and for each later wait: for a proxy, for a TLS handshake. `null` for none. */
  readonly connectTimeout: number | null;
  /** Gives up at once, in every phase; the promise rejects with its reason. */
  readonly signal?: AbortSignal | undefined;
  /** Method and URL for messages, without anything secret. */
  readonly what: string;
}

/** The ports that the schemes of proxies imply. */
const PROXY_PORTS: Readonly<Record<string, number>> = {
  "http:": 80,
  "https:": 443,
  "socks4:": 1080,
  "socks4a:": 1080,
  "socks5:": 1080,
  "socks5h:": 1080,
};

/**
 * Connects to a server, or for plain http through an http or https proxy to that proxy. Nothing of a request has been sent
 * when this fails, and no connection is left open.
 *
 * Permissions: net for the host and port that is connected to; with `socks4` and `socks5` also net for the name (without a
 * port) that is looked up; for a Unix socket read and write for its path, and net for `unix:PATH`; read for files of `tls`.
 *
 * @throws {ConnectTimeout} no connection within the limit.
 * @throws {ReadTimeout} the peer stalled after that: a proxy with its answer, or somebody in a TLS handshake.
 * @throws {SSLError} TLS failed, with the server or with the proxy.
 * @throws {ProxyError} the proxy cannot be reached, or refuses.
 * @throws {ConnectionError} the server cannot be reached.
 * @throws {NotSupportedError} this version of Deno cannot do what is asked for.
 */
export async function dial(route: Route, options: DialOptions): Promise<Transport> {
  options.signal?.throwIfAborted();
  const attempt = new Attempt(options);
  try {
    const tls = route.scheme === "http" ? null : await attempt.load(route.tls);
    const transport = route.unixPath !== null
      ? await connectUnix(route.unixPath, attempt)
      : route.proxy !== null
      ? await connectByProxy(bareHost(route.host), route, route.proxy, attempt)
      : await connect(bareHost(route.host), route.port, attempt, ConnectionError);
    if (tls === null) return transport;
    const host = bareHost(route.host);
    attempt.reached(host);
    return await attempt.wait(startTls(transport, host, tls, options.what), `TLS handshake with ${host}`);
  } catch (error) {
    attempt.close();
    throw error instanceof RequestException ? error : attempt.failure(error);
  }
}

/** Hosts of URLs have an IPv6 address in brackets, sockets take it without. */
function bareHost(host: string): string {
  return host.replace(/^\[(.*)\]$/, "$1");
}

async function connectUnix(path: string, attempt: Attempt): Promise<Transport> {
  const connecting = DenoTransport.connectUnix(path);
  return await attempt.connect(connecting, path, ConnectionError);
}

async function connect(
  host: string,
  port: number,
  attempt: Attempt,
  kind: typeof ConnectionError,
): Promise<Transport> {
  const connecting = DenoTransport.connect(host, port, attempt.signal);
  return await attempt.connect(connecting, host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`, kind);
}

async function connectByProxy(host: string, route: Route, proxy: string, attempt: Attempt): Promise<Transport> {
  const { scheme, port } = route;
  const { what } = attempt;
  const url = new URL(proxy);
  const proxyHost = bareHost(url.hostname);
  const proxyName = `proxy ${url.host}`;
  const isSocks = url.protocol.startsWith("socks");
  // Before connecting, so that a name that does not exist costs the proxy nothing.
  const address = isSocks && looksUpLocally(proxy, host) ? await attempt.lookUp(host, /^socks4:/i.test(proxy)) : host;
  // As in urllib3 the settings hold for the proxy as well, but the client certificate is for the server alone.
  const tls = url.protocol === "https:"
    ? await attempt.load({ ...route.tls, cert: null, peerCertificate: false })
    : null;
  const first = await connect(proxyHost, Number(url.port || PROXY_PORTS[url.protocol]), attempt, ProxyError);
  if (isSocks) {
    await attempt.wait(connectBySocks(first, address, { proxy, host, port, what }), proxyName);
    return first;
  }
  const second = tls === null ? first : await attempt.wait(
    startTls(first, proxyHost, tls, `${what}: ${proxyName}`),
    `TLS handshake with ${proxyName}`,
  );
  if (scheme === "https") await attempt.wait(openTunnel(second, { proxy, host, port, what }), proxyName);
  return second;
}

/** What is open so far, and how long to wait for the next step. */
class Attempt {
  readonly what: string;
  readonly #limit: number | null;
  readonly #outer: AbortSignal | undefined;
  readonly #inner = new AbortController();
  #open: Transport | null = null;
  #where = "";
  #kind: typeof ConnectionError = ConnectionError;

  constructor({ connectTimeout, signal, what }: DialOptions) {
    this.what = what;
    this.#limit = connectTimeout;
    this.#outer = signal;
  }

  /** Aborted when the attempt is given up. */
  get signal(): AbortSignal {
    return this.#inner.signal;
  }

  /** Closes what is open, and gives up what is not open yet. */
  close(): void {
    this.#inner.abort();
    this.#open?.close();
  }

  /** Reads the files of TLS settings. This takes as long as it takes, unless it is given up. */
  load(settings: TlsSettings): Promise<LoadedTls> {
    return this.#within(loadTls(settings), null);
  }

  /** Waits for the socket. One that comes too late is closed. */
  async connect(connecting: Promise<Transport>, where: string, kind: typeof ConnectionError): Promise<Transport> {
    this.#where = where;
    this.#kind = kind;
    const watched = connecting.then((transport) => {
      if (this.#inner.signal.aborted) transport.close();
      return this.#open = transport;
    });
    return await this.#within(watched, () =>
      new ConnectTimeout(
        `${this.what}: Connection to ${where} timed out. (connect timeout=${this.#limit})`,
      ));
  }

  /** From here on a broken connection is one to the server, not one to the proxy. */
  reached(host: string): void {
    this.#where = host;
    this.#kind = ConnectionError;
  }

  /** Waits for a step on the open connection. */
  wait<T>(step: Promise<T>, where: string): Promise<T> {
    return this.#within(
      step,
      () => new ReadTimeout(`${this.what}: ${where}: Read timed out. (read timeout=${this.#limit})`),
    );
  }

  /** The first address of a name, by the resolver of the system (`/etc/hosts` included). */
  async lookUp(host: string, onlyIpv4: boolean): Promise<string> {
    const { promises } = await import("node:dns");
    const looking = promises.lookup(host, { all: true }).catch((cause: Error & { code?: string }) => {
      if (cause.code === "EPERM") {
        throw new Deno.errors.NotCapable(
          `Requires net access to "${host}" to look the name up; run with --allow-net=${host}, or use socks5h`,
          { cause },
        );
      }
      throw new ConnectionError(
        `${this.what}: Failed to resolve '${host}' (${cause.message}). With socks4a and socks5h the proxy resolves it.`,
        { cause },
      );
    });
    const found = await this.#within(looking, () =>
      new ConnectTimeout(
        `${this.what}: Resolving ${host} timed out. (connect timeout=${this.#limit})`,
      ));
    const address = found.map(({ address }) => address).find((text) => !onlyIpv4 || isIpv4Address(text));
    if (address !== undefined) return address;
    throw new ConnectionError(`${this.what}: ${host} has no IPv4 address, and SOCKS 4 knows no other. Use socks5.`);
  }

  /** The error of the client for one of the operating system. What says something else comes back as it is. */
  failure(error: unknown): unknown {
    if (!(error instanceof Error) || error === this.#outer?.reason) return error;
    if (error instanceof Deno.errors.NotCapable || error instanceof TypeError || error instanceof RangeError) {
      return error;
    }
    const phase = this.#open === null ? "Failed to establish a new connection to" : "Connection broken to";
    return new this.#kind(`${this.what}: ${phase} ${this.#where}: ${error.message}`, { cause: error });
  }

  async #within<T>(step: Promise<T>, onLimit: (() => Error) | null): Promise<T> {
    const { promise: givenUp, reject } = Promise.withResolvers<never>();
    const onAbort = () => reject(this.#outer!.reason);
    const timer = this.#limit === null || onLimit === null
      ? undefined
      : setTimeout(() => reject(onLimit()), delayOf(this.#limit));
    this.#outer?.addEventListener("abort", onAbort, { once: true });
    if (this.#outer?.aborted) onAbort();
    // Once given up, its own failure is of no interest.
    step.catch(() => {});
    try {
      return await Promise.race([step, givenUp]);
    } finally {
      clearTimeout(timer);
      this.#outer?.removeEventListener("abort", onAbort);
    }
  }
}
