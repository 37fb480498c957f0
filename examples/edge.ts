/**
 * An edge function: a handler class that asks another server with a session. It runs on Deno Deploy and
 *
 *     deno serve --allow-net --allow-env=ORIGIN examples/edge.ts
 *
 * ORIGIN is the server to ask. Nothing here needs a socket of its own, a file, or more than `fetch`.
 */

import { Session } from "@x/httpkit/client";
import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";

class Front extends BaseHTTPRequestHandler {
  async do_GET(): Promise<void> {
    // One for each request: what one visitor gets set as a cookie must not go along for another.
    await using session = new Session({ baseUrl: Deno.env.get("ORIGIN")!, timeout: 5, trustEnv: false });
    await session.get("/login");
    const response = await session.get("/greeting", { params: { path: this.path } });
    if (!response.ok) return this.sendError(502, `The origin answered ${response.statusCode}`);
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain; charset=utf-8");
    this.endHeaders();
    await this.wfile.write(`The origin says: ${response.text}`);
  }
}

export default { fetch: fetchHandler(Front) } satisfies Deno.ServeDefaultExport;
