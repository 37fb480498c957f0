/**
 * Tests a server without a socket: a session whose adapter calls the handler.
 *
 *     deno run examples/test_handler.ts
 */

import { HandlerAdapter, Session } from "@x/httpkit/client";
import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";
import assert from "node:assert/strict";

class Shop extends BaseHTTPRequestHandler {
  do_GET(): void {
    if (this.path === "/old") {
      this.sendResponse(301);
      this.sendHeader("Location", "/new");
      return this.endHeaders();
    }
    this.sendResponse(200);
    this.sendHeader("Set-Cookie", "seen=1");
    this.endHeaders();
    this.wfile.write(`cookies: ${this.headers.get("cookie")}`);
  }
  override logMessage(): void {}
}

await using session = new Session();
session.mount("http://shop.example/", new HandlerAdapter(fetchHandler(Shop)));
const first = await session.get("http://shop.example/old");
assert.deepEqual([first.url, first.history.length], ["http://shop.example/new", 1]);
assert.equal((await session.get("http://shop.example/")).text, "cookies: seen=1");
console.log("passed");
