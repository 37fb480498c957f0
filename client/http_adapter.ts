/**
 * The adapter that a session has for http and https.
 *
 * @module
 */

import { failureKind } from "./_fetch_errors.ts";
import { shownUrl } from "./_outgoing.ts";
import { delayOf } from "./_watched_body.ts";
import { BaseAdapter, type SendOptions } from "./adapter.ts";
import { RequestException, RetryError, UnrewindableBodyError } from "./errors.ts";
import { FetchAdapter, type FetchAdapterOptions } from "./fetch_adapter.ts";
import type { PreparedRequest } from "./request.ts";
import type { Response } from "./response.ts";
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
   * What carries the requests. `"auto"` is `"fetch"`.
   *
   * @default {"auto"}
   */
  engine?: "auto" | "fetch" | undefined;
}

/**
 * Sends requests over HTTP, again if need be (Python: `requests.adapters.HTTPAdapter`). A session has one for `http://`
 * and one for `https://`; mount another to set retries or the pool of connections for some URLs.
 *
 * What may have reached the server is sent again only if its method is idempotent, or among the
 * {@linkcode Retry.allowedMethods}. A failure of TLS is never retried. What the engine can and cannot do is said at
 * {@linkcode FetchAdapter}.
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
  readonly #engine: FetchAdapter;

  /**
   * Makes an adapter that holds no connection yet.
   *
   * @param options see {@linkcode HTTPAdapterOptions}.
   * @throws {RangeError} a number is not a whole one, or the engine is none.
   */
  constructor(options: HTTPAdapterOptions = {}) {
    super();
    const { maxRetries = 0, engine = "auto" } = options;
    if (engine !== "auto" && engine !== "fetch") {
      throw new RangeError(`engine: ${JSON.stringify(engine)} is not known; use "auto" or "fetch"`);
    }
    // With 0 an error comes out as it is, and is not taken for a retry that ran out.
    this.maxRetries = maxRetries === 0 ? new Retry({ total: 0, read: false }) : Retry.fromInt(maxRetries);
    this.#engine = new FetchAdapter(options);
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
        response = await this.#engine.send(request, options);
        const { statusCode } = response;
        const hasRetryAfter = statusCode >= 400 && response.headers.has("retry-after");
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
    this.#engine.close();
  }
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
