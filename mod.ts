/**
 * A Deno-first HTTP toolkit: Python's `requests` and `http.server`, on `fetch` and `Deno.serve`.
 *
 * Importing it does nothing and needs no permission. `Request` and `Response` from here are those of the client, named as in
 * Python; those of the platform are `globalThis.Request` and `globalThis.Response` in a file that imports them.
 *
 * @example Send a request
 * ```ts
 * import { get } from "@x/httpkit";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => globalThis.Response.json({ name: "Zoë" }));
 * const r = await get(`http://127.0.0.1:${server.addr.port}/`, { timeout: 5 });
 * assert.deepEqual(r.raiseForStatus().json(), { name: "Zoë" });
 * ```
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
 * const response = await fetchHandler(Hello)(new globalThis.Request("http://localhost/"));
 * assert.equal(await response.text(), "hello");
 * ```
 *
 * @module
 */

export * from "./client/mod.ts";
export * from "./server/mod.ts";
