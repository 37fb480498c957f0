/**
 * The functions for single requests: each makes a session, sends, and closes the session.
 *
 * @module
 */

import type { Response } from "./response.ts";
import { Session } from "./session.ts";
import type { RequestOptions, SessionOptions } from "./session_options.ts";
import type { UrlInput } from "./types.ts";

/**
 * Sends one request (Python: `requests.request`). Nothing is kept afterwards, neither cookies nor connections: use a
 * {@linkcode Session} for more than one request to a server.
 *
 * With `stream: true` the body is still on its connection, which closes when it is read to its end or given up.
 *
 * Needs permission for the net, unless an adapter of your own sends.
 *
 * @param method the method, in any case.
 * @param url an absolute URL of http or https.
 * @param options see {@linkcode RequestOptions}.
 * @throws {RequestException} when the request fails. Statuses such as 404 are no failures: see `raiseForStatus()`.
 *
 * @example
 * ```ts
 * import { request } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, ({ method }) => new Response(method));
 * const response = await request("PURGE", `http://127.0.0.1:${server.addr.port}/`, { timeout: 5 });
 * assert.equal(response.text, "PURGE");
 * ```
 */
export async function request(method: string, url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  // No `await using` in the client: Node gets this syntax as it is, and version 20 cannot read it.
  const session = new Session();
  try {
    return await session.request(method, url, options);
  } finally {
    await session.close();
  }
}

/**
 * Sends a GET request and follows redirects (Python: `requests.get`).
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import { get } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => Response.json({ url: request.url }));
 * const r = await get(`http://127.0.0.1:${server.addr.port}/items`, { params: { page: [1, 2] } });
 * assert.equal(r.raiseForStatus().json<{ url: string }>().url, r.url);
 * assert(r.url.endsWith("/items?page=1&page=2"));
 * ```
 */
export async function get(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("GET", url, options);
}

/**
 * Sends an OPTIONS request and follows redirects (Python: `requests.options`).
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import { options } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const allow = { headers: { allow: "GET, HEAD" } };
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => new Response(null, allow));
 * const response = await options(`http://127.0.0.1:${server.addr.port}/`);
 * assert.equal(response.headers.get("allow"), "GET, HEAD");
 * ```
 */
export async function options(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("OPTIONS", url, options);
}

/**
 * Sends a HEAD request. Unlike the others it follows no redirects, unless `allowRedirects` is `true`
 * (Python: `requests.head`).
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import { head } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, () => Response.redirect("http://example.com/"));
 * const response = await head(`http://127.0.0.1:${server.addr.port}/`);
 * assert.equal(response.statusCode, 302);
 * assert.equal(response.next?.url, "http://example.com/");
 * ```
 */
export async function head(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("HEAD", url, { ...options, allowRedirects: options.allowRedirects ?? false });
}

/**
 * Sends a POST request and follows redirects (Python: `requests.post`).
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import { post } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => new Response(request.body));
 * const url = `http://127.0.0.1:${server.addr.port}/`;
 * assert.equal((await post(url, { data: { name: "Ann Lee" } })).text, "name=Ann+Lee");
 * assert.deepEqual((await post(url, { json: { ok: true } })).json(), { ok: true });
 * ```
 */
export async function post(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("POST", url, options);
}

/**
 * Sends a PUT request and follows redirects (Python: `requests.put`).
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import { put } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => new Response(request.body));
 * const response = await put(`http://127.0.0.1:${server.addr.port}/`, { data: "text" });
 * assert.equal(response.text, "text");
 * ```
 */
export async function put(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("PUT", url, options);
}

/**
 * Sends a PATCH request and follows redirects (Python: `requests.patch`).
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import { patch } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, (request) => new Response(request.body));
 * const response = await patch(`http://127.0.0.1:${server.addr.port}/`, { json: [1] });
 * assert.deepEqual(response.json(), [1]);
 * ```
 */
export async function patch(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("PATCH", url, options);
}

/**
 * Sends a DELETE request and follows redirects (Python: `requests.delete`). It is exported as `delete` too, which only a
 * namespace can spell: `import * as requests`.
 *
 * @throws {RequestException} when the request fails.
 *
 * @example
 * ```ts
 * import * as requests from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using server = Deno.serve({ port: 0, onListen() {} }, ({ method }) => new Response(method));
 * const url = `http://127.0.0.1:${server.addr.port}/`;
 * assert.equal((await requests.delete(url)).text, "DELETE");
 * assert.equal((await requests.del(url)).text, "DELETE");
 * ```
 */
export async function del(url: UrlInput, options: RequestOptions = {}): Promise<Response> {
  return await request("DELETE", url, options);
}

export { del as delete };

/**
 * Makes a {@linkcode Session} (Python: `requests.session`).
 *
 * @deprecated Write `new Session()`. It is here for code that comes from Python.
 *
 * @example
 * ```ts
 * import { Session, session } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using s = session();
 * assert(s instanceof Session);
 * ```
 */
export function session(options: SessionOptions = {}): Session {
  return new Session(options);
}
