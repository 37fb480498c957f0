/**
 * An adapter that asks a function instead of a server.
 *
 * @module
 */

import { STATUS_TEXT } from "@std/http/status";
import { codingsToUndo, decodeBody } from "./_decode.ts";
import { delayOf } from "./_delay.ts";
import { outgoingHeaders, outgoingUrl, shownUrl } from "./_outgoing.ts";
import { Upload } from "./_upload.ts";
import { WatchedSource } from "./_watched_source.ts";
import { BaseAdapter, checkTimeout, type SendOptions } from "./adapter.ts";
import { streamOf } from "./body_source.ts";
import { ConnectionError, NotSupportedError, ReadTimeout } from "./errors.ts";
import type { PreparedRequest } from "./request.ts";
import { Response } from "./response.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What answers the requests: the function that `Deno.serve`, `deno serve` and Deno Deploy take as well. */
export type RequestHandler = (
  request: globalThis.Request,
) => globalThis.Response | Promise<globalThis.Response>;

/**
 * Sends requests to a function, without a socket and without permissions: to test a server, or to call one from within.
 * Bodies are streamed both ways; cookies, redirects, content codings and time limits work as they do over a socket. `verify`,
 * `cert` and `proxies` have no meaning here.
 *
 * What the function throws comes out of `send()` as it is. A web `Request` takes no body with GET and HEAD, and no method
 * TRACE or CONNECT; such a request throws {@linkcode NotSupportedError}.
 *
 * @example
 * ```ts
 * import { HandlerAdapter, Session } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const handler = async (request: Request) => Response.json({ path: new URL(request.url).pathname, body: await request.text() });
 * await using session = new Session();
 * session.mount("http://app.test/", new HandlerAdapter(handler));
 * const response = await session.post("http://app.test/items", { data: "hello" });
 * assert.deepEqual(response.json(), { path: "/items", body: "hello" });
 * ```
 */
export class HandlerAdapter extends BaseAdapter {
  readonly #handler: RequestHandler;

  /**
   * Makes an adapter for a function.
   *
   * @throws {TypeError} `handler` is no function.
   */
  constructor(handler: RequestHandler) {
    super();
    if (typeof handler !== "function") {
      throw new TypeError("HandlerAdapter: the handler is no function from Request to Response");
    }
    this.#handler = handler;
  }

  /**
   * Calls the function.
   *
   * @param request the request to send.
   * @param options of these, `timeout` and `signal` count. The function sees the signal of its request aborted when one of
   * them ends the wait.
   * @throws {ReadTimeout} the function took longer than the read limit.
   * @throws {ConnectionError} it returned `Response.error()`, or no response.
   * @throws {NotSupportedError} a web `Request` cannot express the request.
   */
  override async send(request: PreparedRequest, options: SendOptions = {}): Promise<Response> {
    const { signal } = options;
    signal?.throwIfAborted();
    const { read: limit } = checkTimeout(options.timeout);
    const what = `${request.method ?? "GET"} ${shownUrl(request.url)}`;
    const timedOut = () => new ReadTimeout(`${what}: Read timed out. (read timeout=${limit})`, { request });

    const controller = new AbortController();
    const upload = uploadOf(request, what);
    const wire = webRequest(request, upload, controller.signal);
    // What the handler did not take of a body is closed with the response, as it is when a connection closes. Not waited
    // for: a source that cannot be closed must not hold the response up.
    const finish = () => void upload?.cancel(undefined).catch(() => {});
    try {
      const answer = await this.#call(wire, controller, signal, limit, timedOut);
      checkAnswer(answer, what, request);
      const isEmpty = answer.body === null || [204, 304].includes(answer.status) || wire.method === "HEAD";
      if (isEmpty) await answer.body?.cancel();
      const source = isEmpty ? null : new WatchedSource(answer.body as ReadableStream<Bytes>, {
        limit,
        onStall: () => {
          const cause = timedOut();
          return new ConnectionError(cause.message, { request, cause });
        },
        signal,
        holds: true,
      });
      const coding = answer.headers.get("content-encoding");
      // What is to be decoded has to be a stream.
      const raw = source !== null && codingsToUndo(coding).length > 0 ? streamOf(source) : null;
      return new Response({
        statusCode: answer.status,
        // A server does not send the text of a Response, but the usual one of the status.
        reason: phraseOf(answer.status),
        url: request.url ?? wire.url,
        headers: answer.headers,
        body: raw === null ? source : decodeBody(raw, coding),
        raw: raw ?? undefined,
        request,
        connection: this,
        engine: "handler",
        onClose: finish,
      });
    } catch (error) {
      finish();
      throw error;
    }
  }

  /** Does nothing: there is no connection. */
  override close(): void {}

  /** What the handler answers, or the error that ends the wait first. */
  async #call(
    wire: globalThis.Request,
    controller: AbortController,
    signal: AbortSignal | undefined,
    limit: number | null,
    timedOut: () => Error,
  ): Promise<globalThis.Response> {
    let onAbort = () => {};
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ended = new Promise<never>((_, reject) => {
      const end = (reason: unknown) => {
        controller.abort(reason);
        reject(reason);
      };
      onAbort = () => end(signal!.reason);
      signal?.addEventListener("abort", onAbort);
      if (limit !== null) timer = setTimeout(() => end(timedOut()), delayOf(limit));
    });
    // The handler runs even if nobody waits any more; then its answer is thrown away.
    const answer = (async () => await this.#handler(wire))();
    try {
      return await Promise.race([answer, ended]);
    } catch (error) {
      answer.then((late) => late?.body?.cancel(error)).catch(() => {});
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", onAbort);
    }
  }
}

function phraseOf(status: number): string {
  const phrases: Record<number, string | undefined> = STATUS_TEXT;
  return phrases[status] ?? "";
}

/** The body to send, `null` for none. */
function uploadOf(request: PreparedRequest, what: string): Upload | null {
  const { body } = request;
  const method = request.method ?? "GET";
  if (/^(?:TRACE|TRACK|CONNECT)$/i.test(method)) {
    throw new NotSupportedError(`${what}: method: a web Request cannot be ${method}.`, { option: "method", request });
  }
  if (body === null || body.length === 0) return null;
  if (/^(?:GET|HEAD)$/i.test(method)) {
    const message = `${what}: data: a web Request takes no body with ${method}.`;
    throw new NotSupportedError(message, { option: "data", request });
  }
  return new Upload(body, body.length, { pause() {}, restart() {} }, false);
}

function webRequest(request: PreparedRequest, upload: Upload | null, signal: AbortSignal): globalThis.Request {
  const url = outgoingUrl(request);
  const headers = new Headers([...outgoingHeaders(request)] as [string, string][]);
  // A server sees this field in every request.
  if (!headers.has("host")) headers.set("host", url.host);
  return new globalThis.Request(url.href, {
    method: (request.method ?? "GET").toUpperCase(),
    headers,
    body: upload?.init ?? null,
    signal,
    redirect: "manual",
    ...(upload?.init instanceof ReadableStream ? { duplex: "half" } : {}),
  });
}

function checkAnswer(answer: unknown, what: string, request: PreparedRequest): asserts answer is globalThis.Response {
  if (!(answer instanceof globalThis.Response)) {
    throw new ConnectionError(`${what}: the handler returned no Response, but ${typeof answer}`, { request });
  }
  if (answer.type === "error") throw new ConnectionError(`${what}: the handler returned Response.error()`, { request });
  if (answer.bodyUsed || answer.body?.locked) {
    throw new ConnectionError(`${what}: the handler returned a Response whose body has been read`, { request });
  }
}
