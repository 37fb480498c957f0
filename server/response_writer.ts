/**
 * The body of a response as a Python-like output stream.
 *
 * @module
 */

import type { Exchange, WholeBody } from "./_exchange.ts";

/**
 * What a handler's `wfile` is: the body of the response, written in pieces or handed over whole.
 *
 * Write after `endHeaders()`. `Deno.serve` frames the body: with the `Content-Length` that the handler sent, or chunked.
 * Nothing is written for HEAD and for the statuses that have no body; writing there does no harm.
 *
 * @example A handler that streams
 * ```ts
 * import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Count extends BaseHTTPRequestHandler {
 *   async do_GET(): Promise<void> {
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Type", "text/plain");
 *     this.endHeaders();
 *     for (const n of [1, 2, 3]) await this.wfile.write(`${n}\n`);
 *   }
 *   override logMessage(): void {}
 * }
 *
 * const response = await fetchHandler(Count)(new Request("http://localhost/"));
 * assert.equal(await response.text(), "1\n2\n3\n");
 * ```
 */
export class ResponseWriter {
  readonly #exchange: Exchange;

  /** @ignore Made by the handler. */
  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /**
   * Adds bytes, or text as UTF-8, to the body.
   *
   * The promise resolves when there is room for more: await it to go no faster than the client takes. The bytes are
   * copied, so the array may be used again.
   *
   * @throws {Error} when `endHeaders()` was not called yet, or the body was handed over by {@linkcode send}.
   * @throws {Deno.errors.BrokenPipe} when the client is gone.
   * @throws {Deno.errors.TimedOut} when the client takes nothing for the handler's `timeout`.
   */
  write(data: Uint8Array | string): Promise<void> {
    return this.#exchange.write(typeof data === "string" ? data : data.slice());
  }

  /**
   * Hands over the rest of the body and ends it. Bytes are not copied and must not be changed afterwards; a stream that is
   * the whole body is passed to the client as it is, which is the fastest way to send a file. There is a promise to await
   * only where something has to be waited for.
   *
   * @throws {Error} when `endHeaders()` was not called yet, or a body was handed over before.
   * @throws {Deno.errors.BrokenPipe} when the client is gone.
   */
  send(body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>): void | Promise<void> {
    return this.#exchange.send(body satisfies WholeBody);
  }

  /**
   * Sends the head and what was written so far now, and goes on as a stream; without it they leave when the handler ends
   * or waits for something outside.
   *
   * @throws {Error} when `endHeaders()` was not called yet.
   * @throws {Deno.errors.BrokenPipe} when the client is gone.
   */
  flush(): Promise<void> {
    return this.#exchange.flush();
  }
}
