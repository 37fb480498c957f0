// "hello" from a handler class, with its log.
import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "../../server/mod.ts";

class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.wfile.write("hello");
  }
}

await new ThreadingHTTPServer(["127.0.0.1", Number(Deno.args[0])], Hello).serveForever();
