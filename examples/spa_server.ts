/**
 * Serves a single-page application: files that exist, `index.html` for every other path, `/api/` by a function of one's own.
 *
 *     deno run --allow-net --allow-read examples/spa_server.ts PORT DIRECTORY
 */

import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpkit/server";

class App extends SimpleHTTPRequestHandler {
  override do_GET(): void | Promise<void> {
    if (this.path !== "/api/time") return super.do_GET();
    this.sendResponse(200);
    this.sendHeader("Content-Type", "application/json");
    this.endHeaders();
    this.wfile.write(JSON.stringify({ time: this.dateTimeString() }));
  }
}

const [port = "8000", directory = "."] = Deno.args;
await using server = new ThreadingHTTPServer(["127.0.0.1", Number(port)], App, {
  handlerOptions: { directory, spa: true },
});
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
