/**
 * The engine that sends requests with `fetch`.
 *
 * @module
 */

import { codingsToUndo, decodeBody } from "./_decode.ts";
import { Upload, type UploadProgress } from "./_upload.ts";
import { bodyFailure, type FailureContext, fetchFailure } from "./_fetch_errors.ts";
import { checkFetchSupport } from "./_fetch_support.ts";
import {
  type Destination,
  forwardedFields,
  isForwarded,
  isIdempotent,
  outgoingHeaders,
  outgoingUrl,
  shownUrl,
} from "./_outgoing.ts";
import { Slots } from "./_slots.ts";
import { delayOf } from "./_delay.ts";
import { WatchedSource } from "./_watched_source.ts";
import { BaseAdapter, checkTimeout, type SendOptions } from "./adapter.ts";
import { streamOf } from "./body_source.ts";
import { ConnectionError, NotSupportedError, ReadTimeout, RequestException } from "./errors.ts";
import { checkNoClientNeeded, type ClientSettings, FetchClients, hasClients } from "./fetch_clients.ts";
import { checkProxyUrl, selectProxy } from "./proxies.ts";
import type { PreparedRequest } from "./request.ts";
import { Response } from "./response.ts";

/** Fields that describe the framing or the hop. `fetch` makes its own. */
const FRAMING_FIELDS: readonly string[] = ["content-length", "transfer-encoding"];

/** Whether `fetch` is Deno's, whose ways differ from other runtimes'. */
const IS_DENO = typeof globalThis.Deno?.version?.deno === "string";

/** Options of {@linkcode FetchAdapter}: the pool of connections. */
export interface FetchAdapterOptions {
  /**
   * For how many combinations of `verify`, `cert` and proxy connections are kept; the combination that was not used for
   * longest goes first. (Python counts hosts here; `fetch` keeps connections to any number of hosts.)
   *
   * @default {10}
   */
  poolConnections?: number | undefined;
  /**
   * How many idle connections are kept for each host.
   *
   * @default {10}
   */
  poolMaxsize?: number | undefined;
  /**
   * Whether `poolMaxsize` also limits how many requests to one host are under way at a time; more wait. A streamed response
   * counts until its body has been read or closed.
   *
   * @default {false}
   */
  poolBlock?: boolean | undefined;
  /**
   * How long an idle connection is kept, in seconds; `null` keeps it until the server closes it.
   *
   * @default {90}
   */
  poolIdleTimeout?: number | null | undefined;
}

/**
 * Sends requests with `fetch`: HTTP/1.1, without redirects, one `Deno.HttpClient` for each combination of `verify`, `cert`
 * and proxy. Where there is no `Deno.createHttpClient`, on some edge runtimes, `fetch` alone does what it can.
 *
 * What `fetch` cannot express throws {@linkcode NotSupportedError}: `verify: false`, an encrypted key, a limit for
 * connecting alone, GET and HEAD with a body, TRACE, SOCKS 4, the ports that `fetch` blocks, and an https URL through an
 * http proxy with a password, which `fetch` would show to the server. And some things it does its own way:
 *
 * - `verify: PATH` trusts the certificates in `PATH` **besides** the default ones, where Python trusts them alone.
 * - One number as `timeout` limits connecting and the wait for the response together. It cannot be told which of the two
 *   took too long, so both throw {@linkcode ReadTimeout}.
 * - Names are looked up locally even if a proxy connects, `socks5h` too. `socks5` leaves the lookup that counts to the proxy.
 * - Header names are sent in small letters, `accept-language: *`, `accept` and `user-agent` are added where they are missing.
 * - `reason` is the standard phrase of the status, whatever the server wrote.
 * - A request whose method is not idempotent, and that has no body, opens a connection of its own: on a kept one `fetch`
 *   might send it twice.
 * - Of a gzip body with several members only the first is decoded.
 * - `fetch` would take proxies from the environment by itself. It is kept from that, if the program may read and write the
 *   proxy variables (`--allow-env`).
 *
 * Permissions: net for the host; net for a proxy; read for the files of `verify` and `cert`.
 *
 * @example
 * ```ts
 * import { FetchAdapter, Request } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => new Response(request.method));
 * const adapter = new FetchAdapter();
 * const response = await adapter.send(new Request("PUT", `http://127.0.0.1:${server.addr.port}/`).prepare());
 * await response.read();
 * assert.equal(response.text, "PUT");
 * adapter.close();
 * ```
 */
export class FetchAdapter extends BaseAdapter {
  readonly #clients: FetchClients;
  readonly #slots: Slots | null;

  /**
   * Makes an adapter that holds no connection yet.
   *
   * @param options see {@linkcode FetchAdapterOptions}.
   * @throws {RangeError} when a number is not a whole one above zero.
   */
  constructor(options: FetchAdapterOptions = {}) {
    super();
    const { poolConnections = 10, poolMaxsize = 10, poolBlock = false, poolIdleTimeout = 90 } = options;
    checkSize("poolConnections", poolConnections);
    checkSize("poolMaxsize", poolMaxsize);
    if (poolIdleTimeout !== null && !(poolIdleTimeout > 0)) {
      throw new RangeError(`poolIdleTimeout: ${poolIdleTimeout} is no number of seconds above zero, nor null`);
    }
    this.#clients = new FetchClients({
      limit: poolConnections,
      idlePerHost: poolMaxsize,
      idleTimeout: poolIdleTimeout,
    });
    this.#slots = poolBlock ? new Slots(poolMaxsize) : null;
  }

  /**
   * Sends a request once. A request whose method is not idempotent is never sent twice, not even when a kept connection
   * turns out to be dead.
   *
   * @param request the request to send.
   * @param options see {@linkcode SendOptions}.
   * @returns the response as soon as its head is there; its body is still on the connection.
   * @throws {NotSupportedError} `fetch` cannot express an option.
   * @throws {RangeError} the timeout or the method is none.
   * @throws {ConnectionError} no connection, or it broke; {@linkcode SSLError} and {@linkcode ProxyError} tell more.
   * @throws {ReadTimeout} nothing came back in time.
   * @throws {InvalidHeader} a header field of the request or of the response is not valid.
   * @throws {InvalidProxyURL} the URL of the proxy is none.
   */
  override async send(request: PreparedRequest, options: SendOptions = {}): Promise<Response> {
    const { signal } = options;
    signal?.throwIfAborted();
    let exchange: Exchange | null = null;
    let answer: globalThis.Response | null = null;
    let release: (() => void) | undefined;
    try {
      const limits = checkTimeout(options.timeout);
      exchange = new Exchange(this, request, options, limits.read);
      checkFetchSupport(request, options, limits, exchange.url, exchange.proxy);
      if (this.#slots !== null) release = await this.#slots.acquire(exchange.url.host, signal);
      const client = this.#client(exchange.settings);
      answer = await exchange.start(client instanceof Promise ? await client : client);
      const isEmpty = exchange.isEmpty(answer);
      if (isEmpty) await answer.body?.cancel();
      return exchange.response(answer, isEmpty, release);
    } catch (reason) {
      release?.();
      await answer?.body?.cancel(reason);
      const error = exchange === null ? reason : exchange.failure(reason);
      if (error instanceof RequestException) error.request ??= request;
      throw error;
    } finally {
      exchange?.end();
    }
  }

  /** Closes idle connections. Responses under way can be read to their end, and the adapter can be used again. */
  override close(): void {
    this.#clients.close();
  }

  #client(settings: ClientSettings): Deno.HttpClient | Promise<Deno.HttpClient> | undefined {
    if (hasClients()) return this.#clients.get(settings);
    checkNoClientNeeded(settings);
    return undefined;
  }
}

function checkSize(name: string, size: number): void {
  if (Number.isInteger(size) && size > 0) return;
  throw new RangeError(`${name}: ${size} is not a whole number above zero`);
}

/** One request and its response. */
class Exchange {
  readonly proxy: string | null;
  readonly url: Destination;
  readonly settings: ClientSettings;
  readonly #adapter: FetchAdapter;
  readonly #request: PreparedRequest;
  readonly #signal: AbortSignal | undefined;
  readonly #limit: number | null;
  /** Whether nobody but the session has the response before its body is read, and could close it meanwhile. */
  readonly #isPrivate: boolean;
  readonly #headers: [string, string][];
  readonly #proxyUrl: URL | null;
  /** `null` until the request is sent. */
  #wait: Wait | null = null;
  #upload: Upload | null = null;

  constructor(adapter: FetchAdapter, request: PreparedRequest, options: SendOptions, limit: number | null) {
    this.#adapter = adapter;
    this.#request = request;
    this.#signal = options.signal;
    this.#limit = limit;
    this.#isPrivate = options.stream === false && request.hooks.response.length === 0;
    this.url = outgoingUrl(request);
    const proxy = selectProxy(this.url.href, options.proxies ?? null);
    this.proxy = proxy === null ? null : checkProxyUrl(proxy);
    const proxyUrl = this.#proxyUrl = this.proxy === null ? null : new URL(this.proxy);
    const method = request.method ?? "GET";
    this.#headers = this.#headersFor();
    const secure = this.url.protocol === "https:" || proxyUrl?.protocol === "https:";
    this.settings = {
      verify: secure && typeof options.verify === "string" ? options.verify : null,
      cert: options.cert ?? null,
      proxy: this.proxy,
      proxyAuth: !isForwarded(this.url, this.proxy),
      // Without a body there is nothing to keep fetch from sending the request again on another connection.
      keep: isIdempotent(method) || this.#hasBody,
    };
  }

  /** Made when something has failed. */
  get #context(): FailureContext {
    return {
      what: `${this.#request.method ?? "GET"} ${shownUrl(this.url.href)}`,
      proxyScheme: this.#proxyUrl?.protocol.slice(0, -1) ?? null,
      proxyHost: this.#proxyUrl?.host ?? "",
      request: this.#request,
    };
  }

  /**
   * Sends the request.
   *
   * @param client what to send it with.
   */
  start(client: Deno.HttpClient | undefined): Promise<globalThis.Response> {
    const wait = this.#wait = new Wait(this.#limit, this.#signal, () => this.#timeout(), this.#isPrivate);
    const body = this.#body(wait);
    if (body instanceof Upload) this.#upload = body;
    const init: RequestInit & { client?: Deno.HttpClient; duplex?: "half" } = {
      method: (this.#request.method ?? "GET").toUpperCase(),
      headers: this.#headers,
      body: body instanceof Upload ? body.init : body,
      redirect: "manual",
    };
    if (wait.signal !== undefined) init.signal = wait.signal;
    if (client !== undefined) init.client = client;
    if (!IS_DENO && this.#upload !== null) init.duplex = "half";
    return fetch(this.url.href, init);
  }

  /** What a caller gets of an error. Until the request is sent errors are our own, and say what they mean. */
  failure(error: unknown): unknown {
    if (this.#wait === null) return error;
    if (this.#upload === null) return fetchFailure(error, this.#context);
    const failure = this.#upload.failure?.error ?? fetchFailure(error, this.#context);
    // Not waited for, and its own error is of no interest next to the one reported.
    this.#upload.cancel(failure).catch(() => {});
    return failure;
  }

  /** The head of the response is there, or never comes. */
  end(): void {
    this.#wait?.end();
  }

  get #hasBody(): boolean {
    const { body } = this.#request;
    return body instanceof Uint8Array ? body.length > 0 : body !== null && body.length !== 0;
  }

  #body(progress: UploadProgress): Upload | Uint8Array<ArrayBuffer> | null {
    const { body, headers } = this.#request;
    if (body === null || !this.#hasBody) {
      // An array, though empty, makes fetch send the length; without one only POST and PUT have it.
      return headers.has("content-length") && !/^(?:GET|HEAD)$/i.test(this.#request.method ?? "GET")
        ? new Uint8Array(0)
        : null;
    }
    const chunked = /\bchunked\b/i.test(String(headers.get("transfer-encoding") ?? ""));
    const given = String(headers.get("content-length") ?? "");
    const length = body.length ?? (/^[1-9]\d{0,14}$/.test(given) ? Number(given) : null);
    return new Upload(body, chunked ? null : length, progress, IS_DENO);
  }

  #headersFor(): [string, string][] {
    const { headers } = this.#request;
    const all = outgoingHeaders(this.#request);
    const framed = FRAMING_FIELDS.some((name) => headers.has(name));
    const own = framed ? all.filter(([name]) => !FRAMING_FIELDS.includes(name.toLowerCase())) : all;
    // As urllib3 does. fetch would ask for gzip and br.
    const fields = headers.has("accept-encoding") ? own : [...own, ["accept-encoding", "identity"] as const];
    if (headers.has("host") && !hasClients()) {
      throw new NotSupportedError("headers: this runtime cannot send a Host of one's own; leave it out.", {
        option: "headers",
        request: this.#request,
      });
    }
    // The type of what fetch takes does not know that it only reads.
    return forwardedFields(fields, this.url, this.proxy) as [string, string][];
  }

  /** Whether a response has no body, whatever `fetch` gives as one. */
  isEmpty({ status }: globalThis.Response): boolean {
    return status === 204 || status === 304 || /^HEAD$/i.test(this.#request.method ?? "");
  }

  /**
   * The response.
   *
   * @param isEmpty whether the body has been dropped.
   * @param onClose called when all of it has been read, or given up.
   */
  response(answer: globalThis.Response, isEmpty: boolean, onClose: (() => void) | undefined): Response {
    const { headers } = answer;
    // fetch gives a stream of bytes in buffers of their own.
    const body = isEmpty ? null : answer.body as ReadableStream<Uint8Array<ArrayBuffer>> | null;
    const coding = headers.get("content-encoding");
    const codings = coding === null || this.#isDecoded(headers, coding) ? [] : codingsToUndo(coding);
    const source = body === null || this.#limit === null
      ? body
      : new WatchedSource(body, { limit: this.#limit, onStall: () => this.#bodyTimeout() });
    // What is to be decoded has to be a stream.
    const raw = codings.length > 0 && source instanceof WatchedSource ? streamOf(source) : source;
    let reading = false;
    const readAll = async () => {
      reading = true;
      const bytes = await answer.bytes();
      reading = false;
      return bytes;
    };
    return new Response({
      statusCode: answer.status,
      reason: answer.statusText,
      url: this.#request.url ?? this.url.href,
      headers,
      body: raw instanceof ReadableStream && codings.length > 0 ? decodeBody(raw, coding) : raw,
      raw: raw instanceof WatchedSource ? undefined : raw,
      // Twice as quick as the stream, for what needs no look at its pieces.
      readAll: raw !== body || codings.length > 0
        ? undefined
        // Nobody is going to close it meanwhile.
        : this.#isPrivate
        ? () => answer.bytes()
        : readAll,
      request: this.#request,
      connection: this.#adapter,
      engine: "fetch",
      mapError: (error) => this.#bodyFailure(error),
      onClose: () => {
        if (reading) this.#wait?.abort(new DOMException("The response was closed", "AbortError"));
        onClose?.();
      },
    });
  }

  #bodyFailure(error: unknown): Error {
    const given = this.#signal?.aborted === true && error === this.#signal.reason;
    return (given ? error : bodyFailure(error, this.#context)) as Error;
  }

  /** Whether `fetch` has undone the coding. It leaves the header fields as they came, so its rule has to be known. */
  #isDecoded(headers: Headers, coding: string): boolean {
    // Elsewhere fetch follows its standard, and decodes whatever it knows.
    if (!IS_DENO) return true;
    const asked = new Headers(this.#headers);
    return /^(?:gzip|br)$/i.test(coding) &&
      asked.get("accept-encoding") !== "identity" && !asked.has("range") && headers.get("content-length") !== "0";
  }

  #timeout(): ReadTimeout {
    return new ReadTimeout(`${this.#context.what}: Read timed out. (read timeout=${this.#limit})`, this.#context);
  }

  /** While a body is read Python raises a ConnectionError. */
  #bodyTimeout(): ConnectionError {
    const cause = this.#timeout();
    return new ConnectionError(cause.message, { request: this.#request, cause });
  }
}

/** The wait for the head of a response: it ends by the user's signal, or when nothing moves for too long. */
class Wait implements UploadProgress {
  /** `undefined` if nothing can end the wait. */
  readonly signal: AbortSignal | undefined;
  readonly #controller: AbortController | null;
  readonly #limit: number | null;
  readonly #onTimeout: () => Error;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #ended = false;

  /**
   * Starts waiting.
   *
   * @param limit how long nothing may move, in seconds; `null` for ever.
   * @param signal the user's.
   * @param onTimeout makes the error of the time limit.
   * @param unabortable whether {@linkcode Wait.abort} is not going to be called. Fast path: a signal makes `fetch` dearer.
   */
  constructor(limit: number | null, signal: AbortSignal | undefined, onTimeout: () => Error, unabortable: boolean) {
    this.#limit = limit;
    this.#onTimeout = onTimeout;
    this.#controller = limit === null && unabortable ? null : new AbortController();
    const own = this.#controller?.signal;
    this.signal = own !== undefined && signal !== undefined ? AbortSignal.any([own, signal]) : own ?? signal;
    this.restart();
  }

  /** Gives up what is under way, at any time. */
  abort(reason: unknown): void {
    this.#controller?.abort(reason);
  }

  /** Something moved: the limit runs anew. */
  restart(): void {
    if (this.#limit === null || this.#ended) return;
    this.pause();
    this.#timer = setTimeout(() => this.abort(this.#onTimeout()), delayOf(this.#limit));
  }

  /** The limit stops running. */
  pause(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
  }

  /** The wait is over. Pieces of the request may still be on their way; they no longer count. */
  end(): void {
    this.#ended = true;
    this.pause();
  }
}
