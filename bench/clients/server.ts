/** What the clients ask: hello at `/`, the large body at `/large`, and the number of bytes that a PUT brought. */

import { LARGE, largeStream } from "./work.ts";

const [cert, key] = Deno.args;

async function answer(request: Request): Promise<Response> {
  if (request.method === "PUT") {
    let received = 0;
    for await (const chunk of request.body!) received += chunk.length;
    return new Response(String(received));
  }
  if (request.url.endsWith("/large")) {
    return new Response(largeStream(), { headers: { "content-length": String(LARGE) } });
  }
  return new Response("hello");
}

const tls = cert === undefined || key === undefined
  ? {}
  : { cert: await Deno.readTextFile(cert), key: await Deno.readTextFile(key) };
const hello = () => new Response("hello");
Deno.serve({
  hostname: "127.0.0.1",
  port: 0,
  ...tls,
  onListen: ({ port }) => console.log(`port ${port}`),
}, (request) => request.method === "GET" && !request.url.endsWith("/large") ? hello() : answer(request));
