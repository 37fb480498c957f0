/**
 * Asks for streamed responses, and neither reads nor closes any of them. The pool has one place, so that each request has to
 * wait until the response before was collected as garbage. Prints how many connections the server saw closed.
 *
 *     deno run -A --v8-flags=--expose-gc tests/client/wire/forgotten_responses.ts
 *
 * @module
 */

import assert from "node:assert/strict";
import { HTTPAdapter, Session } from "../../../client/mod.ts";

const COUNT = 3;
const HEAD = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\nthe beginning";
const { gc } = globalThis as unknown as { gc(): void };

using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = listener.addr;

/** Sends the beginning of a response, and waits until the client closes the connection. */
async function serveOne(): Promise<void> {
  using connection = await listener.accept();
  const memory = new Uint8Array(4096);
  await connection.read(memory);
  await connection.write(new TextEncoder().encode(HEAD));
  assert.equal(await connection.read(memory), null);
}

const served = (async () => {
  for (let count = 0; count < COUNT; count++) await serveOne();
})();

await using session = new Session();
session.mount("http://", new HTTPAdapter({ engine: "wire", poolBlock: true, poolMaxsize: 1 }));

async function askAndForget(): Promise<void> {
  const response = await session.get(`http://127.0.0.1:${port}/`, { stream: true });
  assert.equal(response.statusCode, 200);
}

const collecting = setInterval(gc, 5);
for (let count = 0; count < COUNT; count++) await askAndForget();
await served;
clearInterval(collecting);
console.log(COUNT);
