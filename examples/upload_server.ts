/**
 * A file server that takes files as well: `curl -T FILE http://127.0.0.1:PORT/`.
 *
 *     deno run --allow-net --allow-read --allow-write examples/upload_server.ts PORT DIRECTORY
 */

import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpkit/server";

class Uploads extends SimpleHTTPRequestHandler {
  async do_PUT(): Promise<void> {
    const name = /^\/([A-Za-z0-9_-][A-Za-z0-9._-]*)$/.exec(this.path)?.[1];
    if (name === undefined) return this.sendError(403, "A plain file name, please");
    // Under another name until it is complete, and hidden: dotfiles are not served.
    const partial = `${this.directory}/.${name}.${crypto.randomUUID()}`;
    const file = await Deno.open(partial, { createNew: true, write: true });
    try {
      await ReadableStream.from(this.rfile).pipeTo(file.writable);
      await Deno.rename(partial, `${this.directory}/${name}`);
    } catch (error) {
      await Deno.remove(partial);
      throw error;
    }
    this.sendResponse(201);
    this.sendHeader("Location", `/${name}`);
    this.endHeaders();
  }
}

const [port = "8000", directory = "."] = Deno.args;
await using server = new ThreadingHTTPServer(["127.0.0.1", Number(port)], Uploads, { handlerOptions: { directory } });
console.log(`http://127.0.0.1:${server.serverPort}/`);
await server.serveForever();
