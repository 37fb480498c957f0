/**
 * The server half: Python's `http.server` on `Deno.serve`.
 *
 * {@linkcode SimpleHTTPRequestHandler} serves files, {@linkcode BaseHTTPRequestHandler} is what your own handlers extend,
 * {@linkcode HTTPServer} and {@linkcode ThreadingHTTPServer} listen, and {@linkcode fetchHandler} makes a handler into a
 * plain function for `deno serve` and Deno Deploy.
 *
 * @example A server of your own
 * ```ts
 * import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Type", "text/plain");
 *     this.endHeaders();
 *     this.wfile.write("hello");
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Hello);
 * const serving = server.serveForever();
 * const response = await fetch(`http://127.0.0.1:${server.serverPort}/`);
 * assert.equal(await response.text(), "hello");
 * await server.shutdown();
 * await serving;
 * ```
 *
 * @module
 */

export {
  BaseHTTPRequestHandler,
  type ClientAddress,
  DEFAULT_ERROR_CONTENT_TYPE,
  DEFAULT_ERROR_MESSAGE,
  type HandlerServer,
} from "./base_handler.ts";
export { CGIHTTPRequestHandler, type CGIHTTPRequestHandlerOptions } from "./cgi_handler.ts";
export { fetchHandler, type FetchHandlerOptions } from "./fetch_handler.ts";
export { HTTPMessage } from "./http_message.ts";
export {
  type Handler,
  type HandlerClass,
  type HandlerFactory,
  HTTPServer,
  type HTTPServerOptions,
  type RequestInfo,
  type ServerAddress,
  type ServerCloseOptions,
  ThreadingHTTPServer,
} from "./http_server.ts";
export { HTTPSServer, type HTTPSServerOptions, ThreadingHTTPSServer } from "./https_server.ts";
export { RequestReader } from "./request_reader.ts";
export { ResponseWriter } from "./response_writer.ts";
export { responses, type ResponsesTable } from "./responses.ts";
export { type SelfSignedCertificate, selfSignedCertificate, type SelfSignedCertificateOptions } from "./self_signed.ts";
export { type FileBody, SimpleHTTPRequestHandler, type SimpleHTTPRequestHandlerOptions } from "./simple_handler.ts";
