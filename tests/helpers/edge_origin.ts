/** The server behind examples/edge.ts. */

import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";

class Origin extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    if (this.path === "/login") this.sendHeader("Set-Cookie", "who=visitor");
    this.endHeaders();
    const who = /^who=(\w+)$/.exec(this.headers.get("cookie") ?? "")?.[1];
    this.wfile.write(`hello ${who} at ${new URL(this.path, "http://localhost").searchParams.get("path")}`);
  }
  override logMessage(): void {}
}

/** Starts it; it greets by the name in a cookie that it sets at `/login`. */
export function edgeOrigin(): { readonly url: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, fetchHandler(Origin));
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
