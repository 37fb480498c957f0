/**
 * A small JSON API: notes that can be listed, added and deleted.
 *
 *     deno run --allow-net examples/json_api.ts PORT
 */

import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpkit/server";

const notes = new Map<number, string>();
let lastId = 0;

class Notes extends BaseHTTPRequestHandler {
  do_GET(): void {
    if (this.path !== "/notes") return this.sendError(404);
    this.#answer(200, Array.from(notes, ([id, text]) => ({ id, text })));
  }

  async do_POST(): Promise<void> {
    if (this.path !== "/notes") return this.sendError(404);
    if (Number(this.headers.get("content-length") ?? Infinity) > 10_000) return this.sendError(413);
    let note: { text?: unknown } | null;
    try {
      note = JSON.parse(new TextDecoder().decode(await this.rfile.read()));
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      return this.sendError(400, "Not JSON");
    }
    if (typeof note?.text !== "string") return this.sendError(422, 'Expected {"text": "..."}');
    notes.set(++lastId, note.text);
    this.#answer(201, { id: lastId, text: note.text });
  }

  do_DELETE(): void {
    const id = Number(/^\/notes\/(\d+)$/.exec(this.path)?.[1]);
    if (!notes.delete(id)) return this.sendError(404);
    this.sendResponse(204);
    this.endHeaders();
  }

  #answer(status: number, value: unknown): void {
    this.sendResponse(status);
    this.sendHeader("Content-Type", "application/json");
    this.endHeaders();
    this.wfile.write(JSON.stringify(value));
  }
}

await using server = new ThreadingHTTPServer(["127.0.0.1", Number(Deno.args[0] ?? 8000)], Notes);
console.log(`http://127.0.0.1:${server.serverPort}/notes`);
await server.serveForever();
