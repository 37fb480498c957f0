/**
 * A handler class as a plain function from `Request` to `Response`.
 *
 * @module
 */

import { type Handler, type RequestInfo, ThreadingHTTPServer } from "./http_server.ts";

/** Options of {@linkcode fetchHandler}. */
export interface FetchHandlerOptions {
  /**
   * Told of every error that a handler throws, instead of standard error.
   *
   * @default {undefined}
   */
  onError?: (request: Request, error: unknown) => void;
  /**
   * Given to each handler as fourth argument, such as the options of `SimpleHTTPRequestHandler`.
   *
   * @default {undefined}
   */
  handlerOptions?: unknown;
}

/**
 * Makes a handler class, or a factory of handlers, into the function that `deno serve`, Deno Deploy and `Deno.serve` call:
 * `export default { fetch: fetchHandler(MyHandler) }`.
 *
 * It opens no socket and needs no permission of its own. Requests are answered concurrently.
 *
 * @param Handler a handler class, a function that makes handlers, or the URL of a module with one.
 * @param options see {@linkcode FetchHandlerOptions}.
 * @throws {TypeError} when `Handler` is neither a function nor an absolute URL.
 *
 * @example An edge function
 * ```ts
 * import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.endHeaders();
 *     this.wfile.write("hello from the edge");
 *   }
 *   override logMessage(): void {}
 * }
 *
 * const edge = { fetch: fetchHandler(Hello) };
 * const response = await edge.fetch(new Request("https://example.com/"));
 * assert.equal(await response.text(), "hello from the edge");
 * ```
 */
export function fetchHandler(
  Handler: Handler,
  options: FetchHandlerOptions = {},
): (request: Request, info?: RequestInfo) => Response | Promise<Response> {
  const { onError, handlerOptions } = options;
  const server = new ThreadingHTTPServer(["", 0], Handler, { bindAndActivate: false, handlerOptions });
  if (onError !== undefined) server.handleError = (request, _clientAddress, error) => onError(request, error);
  return (request, info) => server.fetch(request, info);
}
