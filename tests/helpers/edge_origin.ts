/** The server behind examples/edge.ts. */

import { fetchHandler } from "@x/httpkit/server";
import { SilentHandler } from "./silent_handler.ts";

class Origin extends SilentHandler {
  do_GET(): void {
    if (this.path === "/login") {
      this.sendResponse(204);
      this.sendHeader("Set-Cookie", "who=visitor");
      return this.endHeaders();
    }
    const who = /^who=(\w+)$/.exec(this.headers.get("cookie") ?? "")?.[1];
    this.answer(`hello ${who} at ${new URL(this.path, "http://localhost").searchParams.get("path")}`);
  }
}

/** Starts it; it greets by the name in a cookie that it sets at `/login`. */
export function edgeOrigin(): { readonly url: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, fetchHandler(Origin));
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
