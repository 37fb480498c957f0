/**
 * A Deno-first HTTP toolkit: Python's `requests` and `http.server`, on `fetch` and `Deno.serve`.
 *
 * Importing it does nothing and needs no permission.
 *
 * @example Answer a request with a handler class
 * ```ts
 * import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit";
 * import assert from "node:assert/strict";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.endHeaders();
 *     this.wfile.write("hello");
 *   }
 *   override logMessage(): void {}
 * }
 * const response = await fetchHandler(Hello)(new Request("http://localhost/"));
 * assert.equal(await response.text(), "hello");
 * ```
 *
 * @module
 */

export * from "./server/mod.ts";
