import assert from "node:assert/strict";

const REQUESTS = 100_000;
const MIB = 1024 * 1024;

const LARGE = new Uint8Array(200_000);

/** Answers what the soak client asks for; `/silent` is answered when the client has gone. */
function answer(request: Request): Response | Promise<Response> {
  const path = request.url.slice(request.url.indexOf("/", 8));
  switch (path) {
    case "/json":
      return new Response('{"hello":"world"}', { headers: { "content-type": "application/json" } });
    case "/echo":
      return request.text().then((text) => new Response(text));
    case "/redirect":
      return new Response("moved", { status: 302, headers: { location: "/json" } });
    case "/loop":
      return new Response(null, { status: 302, headers: { location: "/loop" } });
    case "/large":
      return new Response(LARGE);
    case "/corrupt":
      return new Response("this is no gzip", { headers: { "content-encoding": "gzip" } });
    case "/silent":
      return new Promise((resolve) => request.signal.addEventListener("abort", () => resolve(new Response())));
    default:
      return new Response("not here", { status: 404 });
  }
}

/** Sends half a body and closes. */
async function serveCut(listener: Deno.Listener): Promise<void> {
  for await (const connection of listener) {
    (async () => {
      using _ = connection;
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nhalf"));
    })().catch(() => {}); // The client may close first.
  }
}

async function soak(engine: "fetch" | "wire"): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  const cutting = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const cut = serveCut(cutting);
  const dead = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const urls = [server.addr.port, cutting.addr.port, dead.addr.port].map((port) => `http://127.0.0.1:${port}`);
  dead.close();
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--v8-flags=--expose-gc", "tests/e2e/soak_client.ts", ...urls, String(REQUESTS), engine],
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
  }).output();
  cutting.close();
  await cut;
  await server.shutdown();
  const decoder = new TextDecoder();
  assert.ok(success, decoder.decode(stderr));
  const [before, after] = decoder.decode(stdout).trim().split("\n").map((line) => JSON.parse(line));
  assert.equal(after.sockets, before.sockets);
  assert.ok(after.rss - before.rss < 20 * MIB, JSON.stringify({ before, after }));
}

for (const engine of ["fetch", "wire"] as const) {
  Deno.test({
    name:
      `Session (${engine}) ends ${REQUESTS} requests of every outcome with the same sockets and no more than 20 MiB of growth`,
    ignore: Deno.build.os !== "linux",
  }, () => soak(engine));
}
