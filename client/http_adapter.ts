/**
 * The adapter that a session has for http and https.
 *
 * @module
 */

import { prefersWire } from "./_engine_choice.ts";
import { failureKind } from "./_failure_kind.ts";
import { shownUrl } from "./_outgoing.ts";
import { delayOf } from "./_delay.ts";
import { BaseAdapter, checkTimeout, type SendOptions } from "./adapter.ts";
import { NotSupportedError, RequestException, RetryError, UnrewindableBodyError } from "./errors.ts";
import { FetchAdapter, type FetchAdapterOptions } from "./fetch_adapter.ts";
import { hasProxyVariables } from "./fetch_clients.ts";
import { selectProxy } from "./proxies.ts";
import type { PreparedRequest } from "./request.ts";
import { getField, type Response } from "./response.ts";
import { Retry } from "./retry.ts";

/** Options of {@linkcode HTTPAdapter}. */
export interface HTTPAdapterOptions extends FetchAdapterOptions {
  /**
   * How often a request is sent again, and after what. A number counts what failed before the server got anything, and for
   * idempotent methods also what failed later; statuses only with `Retry-After`. 0 is no retry.
   *
   * @default {0}
   */
  maxRetries?: number | Retry | undefined;
  /**
   * What carries the requests: `"fetch"`, `"wire"`, or whichever can do what is asked for, see {@linkcode HTTPAdapter}.
   *
   * @default {"auto"}
   */
  engine?: "auto" | "fetch" | "wire" | undefined;
  /**
   * The oldest version of TLS to accept. With another value than `null` requests go over the wire engine.
   *
   * @default {null}
   */
  sslMinimumVersion?: "TLSv1.2" | "TLSv1.3" | null | undefined;
  /**
   * Whether {@linkcode Response.connectionInfo} has the certificate of the server, and the version of TLS. Requests go over
   * the wire engine then.
   *
   * @default {false}
   */
  peerCertificate?: boolean | undefined;
}

/**
 * Sends requests over HTTP, again if need be (Python: `requests.adapters.HTTPAdapter`). A session has one for `http://`
 * and one for `https://`; mount another to set retries, the engine, or the pool of connections for some URLs.
 *
 * What may have reached the server is sent again only if its method is idempotent, or among the
 * {@linkcode Retry.allowedMethods}. A failure of TLS is never retried.
 *
 * There are two engines, and {@linkcode Response.engine} tells which one ran. `fetch` carries what it can do as it is
 * asked for. The wire engine speaks HTTP/1.1 over connections of its own, which also do what `fetch` does not:
 *
 * - `verify: false`; `verify: PATH`, which trusts the certificates in it alone; encrypted keys and PKCS #12 files in
 *   `cert`; a minimum version of TLS; the certificate of the server;
 * - `timeout: [connect, read]`, with a {@linkcode ConnectTimeout} of its own;
 * - proxies of every kind, with `socks5h` and `socks4a` leaving the look-up of names to them;
 * - GET and HEAD with a body, TRACE, every port, `Expect: 100-continue`, requests without `Accept` or `User-Agent`;
 * - Unix sockets: `http+unix://%2Frun%2Fapp.sock/path`;
 * - with `engine: "wire"`, which is also faster: the order and case of header fields as they were set, the
 *   reason phrase, fields and trailers as the server sent them, and {@linkcode Response.raw} with its content codings.
 *
 * A runtime without `Deno.connect` has `fetch` alone, and what it cannot do throws {@linkcode NotSupportedError}.
 *
 * Permissions: net for the host, and for a proxy; read for files of `verify` and `cert`; read and write for a Unix socket.
 *
 * @example Retry when the server is busy
 * ```ts
 * import { HTTPAdapter, Retry, Session } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * let asked = 0;
 * await using server = Deno.serve(
 *   { port: 0, onListen() {} },
 *   () => ++asked < 3 ? new Response("busy", { status: 503 }) : new Response("at last"),
 * );
 *
 * await using session = new Session();
 * session.mount("http://", new HTTPAdapter({ maxRetries: new Retry({ total: 3, statusForcelist: [503] }) }));
 * const response = await session.get(`http://127.0.0.1:${server.addr.port}/`);
 * assert.equal(response.text, "at last");
 * assert.equal(asked, 3);
 * ```
 */
export class HTTPAdapter extends BaseAdapter {
  /** How often a request is sent again, and after what (Python: `max_retries`). */
  maxRetries: Retry;
  readonly #fetch: FetchAdapter;
  readonly #options: HTTPAdapterOptions;
  #wire: BaseAdapter | null = null;
  /** The option of this adapter that only the wire engine has, or `null`. */
  readonly #wireOption: "sslMinimumVersion" | "peerCertificate" | null;
  #hasProxyVariables: boolean | null | undefined;

  /**
   * Makes an adapter that holds no connection yet.
   *
   * @param options see {@linkcode HTTPAdapterOptions}.
   * @throws {RangeError} a number is not a whole one, or the engine is none.
   */
  constructor(options: HTTPAdapterOptions = {}) {
    super();
    const { maxRetries = 0, engine = "auto" } = options;
    if (engine !== "auto" && engine !== "fetch" && engine !== "wire") {
      throw new RangeError(`engine: ${JSON.stringify(engine)} is not known; use "auto", "fetch" or "wire"`);
    }
    checkMinimumVersion(options.sslMinimumVersion);
    // With 0 an error comes out as it is, and is not taken for a retry that ran out.
    this.maxRetries = maxRetries === 0 ? new Retry({ total: 0, read: false }) : Retry.fromInt(maxRetries);
    this.#options = options;
    const { sslMinimumVersion = null, peerCertificate = false } = options;
    this.#wireOption = sslMinimumVersion !== null ? "sslMinimumVersion" : peerCertificate ? "peerCertificate" : null;
    this.#fetch = new FetchAdapter(options);
  }

  /**
   * Changes header fields just before a request is sent, for subclasses; it does nothing by itself (Python: `add_headers`).
   *
   * @param _request the request, whose headers may be changed.
   * @param _options how it is going to be sent.
   */
  addHeaders(_request: PreparedRequest, _options: SendOptions): void {}

  /**
   * Sends a request, and again as {@linkcode maxRetries} says. Redirects are not followed.
   *
   * @param request the request to send.
   * @param options see {@linkcode SendOptions}. The time limit holds for each attempt; the signal ends them all.
   * @returns the response as soon as its head is there.
   * @throws {RetryError} each attempt was answered with a status that asks for another.
   * @throws {UnrewindableBodyError} the request would have to be sent again, and its body can be read only once.
   * @throws {RequestException} the error of the last attempt, as {@linkcode FetchAdapter.send} has it.
   */
  override async send(request: PreparedRequest, options: SendOptions = {}): Promise<Response> {
    this.addHeaders(request, options);
    const method = request.method ?? "GET";
    for (let retries = this.maxRetries;;) {
      let response: Response | null = null;
      try {
        response = await this.#attempt(request, options);
        const { statusCode } = response;
        const hasRetryAfter = statusCode >= 400 && getField(response, "retry-after") !== null;
        if (!retries.isRetry(method, statusCode, hasRetryAfter)) {
          response.connection = this;
          return response;
        }
        retries = retries.increment({ kind: "status", method, url: urlOf(request), status: statusCode });
        if (!isReplayable(request)) throw unrewindable(request, response);
      } catch (error) {
        if (response === null) {
          retries = afterFailure(retries, error, request);
        } else if (error instanceof RetryError && !retries.raiseOnStatus) {
          response.connection = this;
          return response;
        } else {
          await response.close();
          if (error instanceof RequestException) error.request ??= request;
          throw error;
        }
      }
      await response?.close();
      await sleep(retries.getSleepTime(response?.headers ?? null), options.signal);
    }
  }

  /** Closes idle connections. Responses under way can be read to their end, and the adapter can be used again. */
  override close(): void {
    this.#fetch.close();
    this.#wire?.close();
  }

  /** Sends a request once, by the engine for it. */
  #attempt(request: PreparedRequest, options: SendOptions): Promise<Response> {
    const { engine = "auto" } = this.#options;
    if (engine === "wire" || (engine === "auto" && this.#prefersWire(request, options))) {
      return this.#overWire(request, options);
    }
    this.#checkFetchOptions();
    const sending = this.#fetch.send(request, options);
    if (engine === "fetch" || !hasConnect()) return sending;
    return sending.catch((error) => {
      // It is refused before anything is sent, and before the body is opened.
      if (error instanceof NotSupportedError) return this.#overWire(request, options);
      throw error;
    });
  }

  #overWire(request: PreparedRequest, options: SendOptions): Promise<Response> {
    if (this.#wire !== null) return this.#wire.send(request, options);
    return this.#wireEngine().then((wire) => wire.send(request, options));
  }

  #prefersWire(request: PreparedRequest, options: SendOptions): boolean {
    if (!hasConnect()) return false;
    if (this.#wireOption !== null) return true;
    if (this.#hasProxyVariables === undefined) this.#hasProxyVariables = hasProxyVariables();
    return prefersWire(request, options, {
      limits: checkTimeout(options.timeout),
      proxy: selectProxy(request.url ?? "", options.proxies ?? null),
      hasProxyVariables: this.#hasProxyVariables,
    });
  }

  /** Refuses options of the adapter that need the wire engine, where `fetch` is all there is, or is insisted on. */
  #checkFetchOptions(): void {
    const option = this.#wireOption;
    if (option === null) return;
    throw new NotSupportedError(
      `${option}: fetch has nothing like it. Leave it out, or use engine: "auto" where there is Deno.connect().`,
      { option },
    );
  }

  async #wireEngine(): Promise<BaseAdapter> {
    if (this.#wire !== null) return this.#wire;
    if (!hasConnect()) {
      throw new NotSupportedError('engine: this runtime has no Deno.connect(), which "wire" needs; use "fetch".', {
        option: "engine",
      });
    }
    // Most programs never need it, and start sooner without.
    const { WireAdapter } = await import("./wire/wire_adapter.ts");
    const { poolConnections = 10, poolMaxsize = 10, poolBlock = false, poolIdleTimeout = 90 } = this.#options;
    const { sslMinimumVersion = null, peerCertificate = false } = this.#options;
    // Another request may have come first while the module was loaded.
    return this.#wire ??= new WireAdapter({
      poolConnections,
      poolMaxsize,
      poolBlock,
      poolIdleTimeout,
      sslMinimumVersion,
      peerCertificate,
    });
  }
}

function checkMinimumVersion(version: unknown): void {
  if (version === undefined || version === null || version === "TLSv1.2" || version === "TLSv1.3") return;
  throw new RangeError(
    `sslMinimumVersion: ${JSON.stringify(version)} is no version to choose; use "TLSv1.2" or "TLSv1.3"`,
  );
}

/** Whether this runtime has sockets. Some edge runtimes have `fetch` alone. */
function hasConnect(): boolean {
  return typeof globalThis.Deno?.connect === "function";
}

/** The retries that are left after an error; throws it if there are none. */
function afterFailure(retries: Retry, error: unknown, request: PreparedRequest): Retry {
  const kind = failureKind(error);
  // The failure says more than that the body cannot be sent again.
  if (kind === null || !isReplayable(request)) throw error;
  return retries.increment({ kind, method: request.method ?? "GET", url: urlOf(request), error: error as Error });
}

function urlOf(request: PreparedRequest): string | null {
  return request.url === null ? null : shownUrl(request.url);
}

function isReplayable(request: PreparedRequest): boolean {
  const { body } = request;
  return body === null || body instanceof Uint8Array || body.replayable;
}

function unrewindable(request: PreparedRequest, response: Response): UnrewindableBodyError {
  return new UnrewindableBodyError(
    `Unable to send the body again after status ${response.statusCode}: it can be read only once. ` +
      "Pass bytes, a Blob or a file.",
    { request, response },
  );
}

/**
 * Waits.
 *
 * @param seconds how long.
 * @param signal ends the wait; the promise rejects with its reason.
 */
export function sleep(seconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    if (seconds <= 0) return resolve();
    const onAbort = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    }, delayOf(seconds));
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}
