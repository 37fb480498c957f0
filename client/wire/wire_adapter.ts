/**
 * The engine that speaks HTTP/1.1 over connections of its own.
 *
 * @module
 */

import { fieldValues, formatRequestHead, isPersistent, responseFraming, type ResponseHead } from "../../http1/mod.ts";
import { codingsToUndo, decodeBody } from "../_decode.ts";
import { checkMethod, type Destination, isForwarded, isIdempotent, outgoingUrl, shownUrl } from "../_outgoing.ts";
import { markUnsent } from "../_failure_kind.ts";
import { BaseAdapter, checkTimeout, type SendOptions, type TimeoutLimits } from "../adapter.ts";
import { streamOf } from "../body_source.ts";
import { type Findings, findingsOf } from "../case_insensitive_dict.ts";
import type { ConnectionInfo } from "../connection_info.ts";
import { ConnectionError, InvalidHeader, NotSupportedError, ReadTimeout, RequestException } from "../errors.ts";
import { checkProxyUrl, selectProxy } from "../proxies.ts";
import type { PreparedRequest } from "../request.ts";
import { Response } from "../response.ts";
import { WireConnection } from "./connection.ts";
import { dial, type Route } from "./dial.ts";
import { ConnectionPool } from "./pool.ts";
import { type RequestStart, requestStart } from "./request_head.ts";
import type { TlsSettings } from "./tls.ts";
import { RequestWriter, type WireMessage } from "./request_writer.ts";
import { WireBody } from "./wire_body.ts";
import { bodyFailure, isClosedConnection, sendFailure, type WireContext } from "./wire_errors.ts";

/** More interim responses than this to one request are not waited for. */
const MAX_INTERIM_RESPONSES = 100;

/** Options of {@linkcode WireAdapter}. */
export interface WireAdapterOptions {
  /** For how many hosts idle connections are kept. */
  readonly poolConnections: number;
  /** How many idle connections are kept for each host. */
  readonly poolMaxsize: number;
  /** Whether `poolMaxsize` also limits how many requests to one host are under way. */
  readonly poolBlock: boolean;
  /** How long an idle connection is kept, in seconds. */
  readonly poolIdleTimeout: number | null;
  /** The oldest version of TLS to accept. */
  readonly sslMinimumVersion: TlsSettings["minimumVersion"];
  /** Whether the certificate of the server is kept. */
  readonly peerCertificate: boolean;
}

/**
 * Sends requests over TCP, TLS and Unix sockets, directly or through a proxy: what `fetch` cannot do, and faster. See
 * `HTTPAdapter`.
 */
export class WireAdapter extends BaseAdapter {
  readonly #pool: ConnectionPool;
  readonly #messages: Messages = new WeakMap();
  readonly #options: WireAdapterOptions;

  /** Makes an adapter that holds no connection yet. */
  constructor(options: WireAdapterOptions) {
    super();
    this.#options = options;
    this.#pool = new ConnectionPool({
      keys: options.poolConnections,
      maxsize: options.poolMaxsize,
      block: options.poolBlock,
      idleTimeout: options.poolIdleTimeout,
    });
  }

  /**
   * Sends a request once. If a kept connection turns out to be dead before the first byte of the response, a request that is
   * idempotent is sent again over a new one; no other ever is.
   *
   * @returns the response as soon as its head is there; its body is still on the connection.
   */
  override async send(request: PreparedRequest, options: SendOptions = {}): Promise<Response> {
    const { signal } = options;
    signal?.throwIfAborted();
    const pool = this.#pool;
    let release: (() => void) | undefined;
    try {
      const exchange = new Exchange(this, pool, this.#options, this.#messages, request, options);
      const { key } = exchange;
      const acquiring = pool.acquire(key, signal);
      if (acquiring !== undefined) release = await acquiring;
      for (let isFresh = false;; isFresh = true) {
        const { era } = pool;
        const connection = (isFresh ? null : pool.take(key)) ?? await exchange.connect();
        const isKept = connection.reused;
        try {
          return await exchange.run(connection, era, release);
        } catch (error) {
          connection.close();
          // The server had closed it already, and has seen nothing: it only could not be noticed in time.
          if (!isKept || !isClosedConnection(error) || !exchange.isRepeatable) throw exchange.failure(error);
        }
      }
    } catch (error) {
      release?.();
      if (error instanceof RequestException) error.request ??= request;
      throw error;
    }
  }

  /** Closes idle connections. Responses under way can be read to their end, and the adapter can be used again. */
  override close(): void {
    this.#pool.close();
  }
}

/** One request and its response. */
class Exchange {
  readonly #adapter: WireAdapter;
  readonly #pool: ConnectionPool;
  readonly #request: PreparedRequest;
  readonly #method: string;
  readonly #signal: AbortSignal | undefined;
  readonly #limits: TimeoutLimits;
  readonly #url: Destination;
  readonly #proxy: string | null;
  /** Whether the body may be left to the caller. */
  readonly #isStreamed: boolean;
  readonly #tls: TlsSettings;
  /** All that a connection depends on: requests that differ in any of it never share one. */
  readonly key: string;
  readonly #message: WireMessage;
  #hasHead = false;

  constructor(
    adapter: WireAdapter,
    pool: ConnectionPool,
    settings: WireAdapterOptions,
    messages: Messages,
    request: PreparedRequest,
    options: SendOptions,
  ) {
    this.#adapter = adapter;
    this.#pool = pool;
    this.#request = request;
    this.#method = request.method ?? "GET";
    this.#signal = options.signal;
    this.#isStreamed = options.stream !== false;
    this.#limits = checkTimeout(options.timeout);
    const url = this.#url = outgoingUrl(request);
    checkMethod(this.#method);
    if (this.#method === "CONNECT") {
      throw new NotSupportedError(`${this.#context.what}: method: CONNECT is for proxies; set the option proxies.`, {
        option: "method",
        request,
      });
    }
    const isUnix = this.#url.protocol === "http+unix:";
    const proxy = isUnix || !options.proxies ? null : selectProxy(url.href, options.proxies);
    this.#proxy = proxy === null ? null : checkProxyUrl(proxy);
    this.#tls = {
      verify: options.verify ?? true,
      cert: options.cert ?? null,
      minimumVersion: settings.sslMinimumVersion,
      peerCertificate: settings.peerCertificate,
    };
    this.key = keyOf(url, this.#proxy, this.#tls);
    const isPlain = request.body === null && this.#proxy === null && !isUnix;
    this.#message = isPlain
      ? plainMessage(request, this.#method, url, messages)
      : messageOf(request, requestStart(request, url, this.#proxy, isUnix));
  }

  /** Made when something has failed, or is opened. */
  get #context(): WireContext {
    return { what: `${this.#method} ${shownUrl(this.#url.href)}`, host: this.#url.host, request: this.#request };
  }

  /** Whether the request can be sent again when the connection fails: nothing has come back, and it does no harm. */
  get isRepeatable(): boolean {
    const { body } = this.#request;
    return !this.#hasHead && isIdempotent(this.#method) &&
      (body === null || body instanceof Uint8Array || body.replayable);
  }

  /** What a caller gets of an error. */
  failure(error: unknown): unknown {
    return sendFailure(error, this.#context);
  }

  /** Opens a connection. */
  async connect(): Promise<WireConnection> {
    const { connect } = this.#limits;
    try {
      return new WireConnection(
        await dial(routeOf(this.#url, this.#proxy, this.#tls), {
          connectTimeout: connect,
          signal: this.#signal,
          what: this.#context.what,
        }),
      );
    } catch (error) {
      markUnsent(error);
      throw error;
    }
  }

  /**
   * Carries the request over a connection.
   *
   * @param era that of the pool when the connection was chosen.
   * @param release called when all of the response has been read, or given up.
   */
  async run(connection: WireConnection, era: number, release: (() => void) | undefined): Promise<Response> {
    const { reader } = connection;
    const writer = new RequestWriter(connection, this.#message);
    connection.begin({ limit: this.#limits.read, onStall: () => this.#stalled(), signal: this.#signal });
    try {
      const sending = writer.send();
      let head = await reader.readResponseHead();
      for (let count = 1; head.statusCode < 200 && head.statusCode !== 101; count++) {
        if (count >= MAX_INTERIM_RESPONSES) throw this.#tooManyInterim();
        if (head.statusCode === 100) writer.proceed();
        head = await reader.readResponseHead();
      }
      writer.answered();
      this.#hasHead = true;
      connection.pauseLimit();
      // A request without a body is whole by now, but for the turn of the loop that tells so.
      if (this.#message.framing.kind === "none" && !writer.done) await sending;
      return this.#response(connection, head, writer, era, release);
    } catch (error) {
      writer.cancel();
      throw connection.failure === null ? error : connection.failure.error;
    }
  }

  #tooManyInterim(): ConnectionError {
    const message = `${this.#context.what}: ${MAX_INTERIM_RESPONSES} interim responses came, and no final one`;
    return new ConnectionError(message, { request: this.#request });
  }

  #response(
    connection: WireConnection,
    head: ResponseHead,
    writer: RequestWriter,
    era: number,
    release: (() => void) | undefined,
  ): Response {
    const { statusCode, reason, fields } = head;
    // Before the response is read: then the connection may be gone, or in use for another.
    const info = this.#info(connection);
    // A 101 hands the connection over to another protocol, which nobody here speaks.
    const framing = statusCode === 101 ? { kind: "none" as const } : responseFraming(this.#method, head);
    const isKept = statusCode !== 101 && framing.kind !== "close" && isPersistent(head) && !this.#asksToClose();
    const body = connection.reader.body(framing);
    const onEnd = (whole: boolean) => {
      connection.end();
      writer.cancel();
      if (whole && isKept && writer.done && connection.reader.buffered === 0) {
        this.#pool.put(this.key, connection, era);
      } else connection.close();
      release?.();
    };
    const isEmpty = framing.kind === "none" || (framing.kind === "length" && framing.length === 0);
    const coding = isEmpty ? null : valueOf(fields, "content-encoding");
    const codings = coding === null ? [] : codingsToUndo(coding);
    const source = isEmpty ? null : new WireBody(connection, body, {
      mapError: (error) => bodyFailure(error, this.#context),
      onEnd,
    });
    if (this.#isStreamed) source?.closeWhenForgotten();
    const response = new Response({
      statusCode,
      reason: decodeReason(reason),
      url: this.#request.url ?? this.#url.href,
      headers: () => new Headers(fields as [string, string][]),
      rawHeaders: fields,
      trailers: () => new Headers(body.trailers as [string, string][]),
      connectionInfo: info,
      request: this.#request,
      connection: this.#adapter,
      engine: "wire",
      ...(source === null ? {} : codings.length === 0 ? { body: source } : decoded(source, coding)),
    });
    if (source === null) onEnd(true);
    return response;
  }

  #asksToClose(): boolean {
    return /\bclose\b/i.test(String(this.#request.headers.get("connection") ?? ""));
  }

  #info({ transport, reused }: WireConnection): ConnectionInfo {
    return {
      localAddress: transport.localAddress,
      remoteAddress: transport.remoteAddress,
      proxy: this.#proxy === null ? null : shownUrl(this.#proxy),
      reused,
      tls: transport.tls,
    };
  }

  #stalled(): Error {
    const message = `${this.#context.what}: Read timed out. (read timeout=${this.#limits.read})`;
    const timeout = new ReadTimeout(message, this.#context);
    // While a body is read Python raises a ConnectionError.
    return this.#hasHead ? new ConnectionError(message, { request: this.#request, cause: timeout }) : timeout;
  }
}

/** Messages that were sent before, one for each destination. */
type Messages = WeakMap<Destination, {
  readonly method: string;
  readonly findings: Findings;
  readonly message: WireMessage;
}>;

/** Fast path: the same method, URL and fields again, without a body, make the same message. */
function plainMessage(request: PreparedRequest, method: string, url: Destination, messages: Messages): WireMessage {
  const findings = findingsOf(request.headers);
  const known = messages.get(url);
  if (known !== undefined && known.findings === findings && known.method === method) return known.message;
  const message = messageOf(request, requestStart(request, url, null));
  // Without them the fields may change unseen.
  if (findings.outgoing !== undefined) messages.set(url, { method, findings, message });
  return message;
}

/** @throws {InvalidHeader} A field that was put in after the request was prepared would split the message. */
function messageOf(request: PreparedRequest, start: RequestStart): WireMessage {
  const { method, target, fields, framing, expectsContinue } = start;
  try {
    return { head: formatRequestHead(method, target, fields), body: request.body, framing, expectsContinue };
  } catch (cause) {
    if (!(cause instanceof TypeError)) throw cause;
    throw new InvalidHeader(`${method}: ${cause.message}`, { request, cause });
  }
}

/** The body in both forms: as it came, and without its codings. */
function decoded(
  source: WireBody,
  coding: string | null,
): { body: ReadableStream<Uint8Array<ArrayBuffer>>; raw: ReadableStream<Uint8Array<ArrayBuffer>> } {
  const raw = streamOf(source);
  return { raw, body: decodeBody(raw, coding) };
}

function valueOf(fields: ResponseHead["fields"], name: string): string | null {
  const values = fieldValues(fields, name);
  return values.length === 0 ? null : values.join(", ");
}

/** A reason phrase that is UTF-8 is read as such, as in requests; else its bytes stand for themselves. */
function decodeReason(reason: string): string {
  if (!/[\x80-\xff]/.test(reason)) return reason;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Uint8Array.from(reason, (char) => char.charCodeAt(0)));
  } catch (error) {
    if (error instanceof TypeError) return reason;
    throw error;
  }
}

const DEFAULT_PORTS: Readonly<Record<string, number>> = { "http:": 80, "https:": 443 };

function routeOf(url: Destination, proxy: string | null, tls: TlsSettings): Route {
  const unixPath = url.protocol === "http+unix:" ? decodeURIComponent(url.hostname) : null;
  return {
    scheme: url.protocol === "https:" ? "https" : "http",
    host: unixPath === null ? url.hostname.replace(/^\[(.*)\]$/, "$1") : "localhost",
    port: url.port === "" ? DEFAULT_PORTS[url.protocol] ?? 0 : Number(url.port),
    unixPath,
    proxy,
    tls,
  };
}

function keyOf(url: Destination, proxy: string | null, tls: TlsSettings): string {
  const { protocol, host } = url;
  if (proxy === null && protocol !== "https:") return `${protocol}//${host}`;
  // A proxy that forwards requests gets those to every host over the same connection.
  const isSecure = protocol === "https:" || /^https:/i.test(proxy!);
  return JSON.stringify([
    isForwarded(url, proxy) ? "*" : `${protocol}//${host}`,
    proxy,
    isSecure ? Object.values(tls) : null,
  ]);
}
