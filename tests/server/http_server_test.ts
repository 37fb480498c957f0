import assert from "node:assert/strict";
import {
  type BaseHTTPRequestHandler,
  type ClientAddress,
  HTTPServer,
  type ServerAddress,
  ThreadingHTTPServer,
} from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { SilentHandler } from "../helpers/silent_handler.ts";
import { tempTree } from "../helpers/temp_tree.ts";

const LOOPBACK: ServerAddress = ["127.0.0.1", 0];

class Hello extends SilentHandler {
  do_GET(): void {
    this.answer(`hello ${this.clientAddress[0]}`);
  }
}

const ask = async (server: HTTPServer, path = "/") =>
  await (await fetch(`http://127.0.0.1:${server.serverPort}${path}`)).text();

Deno.test("handleRequest() answers exactly one request; the next waits for the next call", async () => {
  await using server = new HTTPServer(LOOPBACK, Hello);
  const [first, second] = [ask(server), ask(server)];
  await server.handleRequest();
  assert.match(await Promise.race([first, second]), /^hello/);
  await server.handleRequest();
  assert.deepEqual(await Promise.all([first, second]), ["hello 127.0.0.1", "hello 127.0.0.1"]);
});

Deno.test("handleRequest() calls handleTimeout() when no request comes within timeout", async () => {
  let timeouts = 0;
  class Timed extends HTTPServer {
    override handleTimeout(): void {
      timeouts++;
    }
  }
  await using server = new Timed(LOOPBACK, Hello, { timeout: 0.01 });
  await server.handleRequest();
  assert.equal(timeouts, 1);
});

Deno.test("serveForever() answers requests that came before it, and ends with shutdown()", async () => {
  await using server = new ThreadingHTTPServer(LOOPBACK, Hello);
  const early = ask(server);
  const serving = server.serveForever();
  assert.equal(await early, "hello 127.0.0.1");
  await assert.rejects(server.serveForever(), /the server is serving already/);
  await server.shutdown();
  await serving;
});

Deno.test("shutdown() lets a running response finish and waits for no idle connection", async () => {
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  class Slow extends SilentHandler {
    async do_GET(): Promise<void> {
      started.resolve();
      await finish.promise;
      this.answer("finished");
    }
    do_HEAD(): void {
      this.answer("");
    }
  }
  await using server = new ThreadingHTTPServer(LOOPBACK, Slow);
  const serving = server.serveForever();
  const idle = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  await idle.write(new TextEncoder().encode("HEAD / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await idle.read(new Uint8Array(1024));
  const running = ask(server);
  await started.promise;
  const down = server.shutdown();
  finish.resolve();
  assert.equal(await running, "finished");
  await down;
  await serving;
  idle.close();
});

Deno.test("serveForever() after shutdown() serves at the same port again", async () => {
  await using server = new ThreadingHTTPServer(LOOPBACK, Hello);
  const port = server.serverPort;
  for (let i = 0; i < 2; i++) {
    const serving = server.serveForever();
    assert.equal(await ask(server), "hello 127.0.0.1");
    assert.equal(server.serverPort, port);
    await server.shutdown();
    await serving;
  }
});

Deno.test("serverClose() answers 503 to requests that nobody took up", async () => {
  const server = new HTTPServer(LOOPBACK, Hello);
  const waiting = fetch(`http://127.0.0.1:${server.serverPort}/`);
  // A second request that is answered shows that the first has arrived.
  await server.handleRequest();
  assert.equal(await (await waiting).text(), "hello 127.0.0.1");
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const closed = server.serverClose();
  const text = await new Response(connection.readable).text();
  // Whether the request or the close came first is the network's choice.
  assert.ok(text === "" || text.startsWith("HTTP/1.1 503 "), text);
  await closed;
});

/** Answers in turn when the test lets it. */
function gatedHandler(): {
  Handler: typeof SilentHandler;
  log: string[];
  gates: Map<string, PromiseWithResolvers<void>>;
} {
  const log: string[] = [];
  const gates = new Map(["/a", "/b"].map((path) => [path, Promise.withResolvers<void>()]));
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      log.push(`${this.path} begins`);
      await gates.get(this.path)!.promise;
      log.push(`${this.path} ends`);
      this.answer(this.path);
    }
  }
  return { Handler, log, gates };
}

Deno.test("HTTPServer answers one request at a time, ThreadingHTTPServer several", async () => {
  for (
    const [Server, expected] of [
      [HTTPServer, ["/a begins", "/a ends", "/b begins", "/b ends"]],
      [ThreadingHTTPServer, ["/a begins", "/b begins", "/b ends", "/a ends"]],
    ] as const
  ) {
    const { Handler, log, gates } = gatedHandler();
    const server = new Server(LOOPBACK, Handler, { bindAndActivate: false });
    const answers = ["/a", "/b"].map((path) => Promise.resolve(server.fetch(new Request(`http://localhost${path}`))));
    gates.get("/b")!.resolve();
    if (Server === ThreadingHTTPServer) await answers[1];
    gates.get("/a")!.resolve();
    for (const answer of answers) await (await answer).body?.cancel();
    assert.deepEqual(log, expected);
  }
});

Deno.test("HTTPServer waits for the end of a stream before the next request", async () => {
  const gate = Promise.withResolvers<void>();
  const log: string[] = [];
  class Streaming extends SilentHandler {
    async do_GET(): Promise<void> {
      log.push(this.path);
      this.sendResponse(200);
      this.endHeaders();
      await this.wfile.flush();
      if (this.path === "/a") await gate.promise;
      await this.wfile.write(this.path);
    }
  }
  const server = new HTTPServer(LOOPBACK, Streaming, { bindAndActivate: false });
  const first = await server.fetch(new Request("http://localhost/a"));
  const second = Promise.resolve(server.fetch(new Request("http://localhost/b")));
  assert.deepEqual(log, ["/a"]);
  gate.resolve();
  assert.equal(await first.text(), "/a");
  assert.equal(await (await second).text(), "/b");
});

Deno.test("verifyRequest() that gives false answers 403 without a handler", async () => {
  class Picky extends ThreadingHTTPServer {
    override verifyRequest(request: Request, _clientAddress: ClientAddress): boolean {
      return !request.url.includes("no");
    }
  }
  const server = new Picky(LOOPBACK, Hello, { bindAndActivate: false });
  assert.equal((await server.fetch(new Request("http://localhost/no"))).status, 403);
  assert.equal(await (await server.fetch(new Request("http://localhost/yes"))).text(), "hello 127.0.0.1");
});

Deno.test("handleError() prints request and stack between dashes, control characters escaped, and serving goes on", async () => {
  class Failing extends SilentHandler {
    do_GET(): void {
      throw new Error("bad \x1b[31m input");
    }
  }
  using log = captureLog();
  const server = new HTTPServer(LOOPBACK, Failing, { bindAndActivate: false });
  for (let i = 0; i < 2; i++) {
    const response = await server.fetch(new Request("http://localhost/"));
    assert.equal(response.status, 500);
    await response.body?.cancel();
  }
  const text = log.text();
  assert.match(
    text,
    /^-{40}\nException occurred during processing of request from \('127\.0\.0\.1', 0\)\nError: bad \\x1b\[31m input\n/,
  );
  assert.ok(text.endsWith(`\n${"-".repeat(40)}\n`) && !text.includes("\x1b"));
});

for (const host of ["127.0.0.1", "::1", "localhost"]) {
  Deno.test(`HTTPServer listens on ${host} and learns its port`, async () => {
    await using server = new ThreadingHTTPServer([host, 0], Hello);
    const serving = server.serveForever();
    assert.ok(server.serverPort > 0);
    assert.equal((server.serverAddress as readonly [string, number])[1], server.serverPort);
    const name = server.serverName.includes(":") ? `[${server.serverName}]` : server.serverName;
    assert.equal(await (await fetch(`http://${name}:${server.serverPort}/`)).text(), `hello ${server.serverName}`);
    await server.shutdown();
    await serving;
  });
}

Deno.test('HTTPServer on "::" takes both families and shows IPv4 clients as IPv4', async () => {
  await using server = new ThreadingHTTPServer(["::", 0], Hello);
  const serving = server.serveForever();
  assert.equal(await ask(server), "hello 127.0.0.1");
  assert.equal(await (await fetch(`http://[::1]:${server.serverPort}/`)).text(), "hello ::1");
  await server.shutdown();
  await serving;
});

Deno.test("HTTPServer listens on a Unix socket", async () => {
  await using folder = await tempTree();
  const path = `${folder.path}/server.sock`;
  await using server = new ThreadingHTTPServer(path, Hello);
  const serving = server.serveForever();
  assert.equal(server.serverPort, 0);
  const connection = await Deno.connect({ transport: "unix", path });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  assert.match(await new Response(connection.readable).text(), /^HTTP\/1\.1 200 OK\r\n[^]*hello $/);
  await server.shutdown();
  await serving;
});

Deno.test("new HTTPServer() lets many connections wait, and others share the address only when asked", () => {
  const options = { bindAndActivate: false };
  const server = new HTTPServer(LOOPBACK, Hello, options);
  assert.deepEqual([server.requestQueueSize, server.allowReusePort, server.timeout], [511, false, null]);
  const other = new HTTPServer(LOOPBACK, Hello, { ...options, requestQueueSize: 5, allowReusePort: true, timeout: 2 });
  assert.deepEqual([other.requestQueueSize, other.allowReusePort, other.timeout], [5, true, 2]);
});

Deno.test("new HTTPServer() refuses an address in use, a port that is none, and a handler that is none", async () => {
  await using server = new HTTPServer(LOOPBACK, Hello);
  assert.throws(() => new HTTPServer(["127.0.0.1", server.serverPort], Hello), Deno.errors.AddrInUse);
  for (const port of [-1, 65536, 1.5, NaN]) {
    assert.throws(() => new HTTPServer(["127.0.0.1", port], Hello), {
      name: "RangeError",
      message: /a port is an integer/,
    });
  }
  assert.throws(() => new HTTPServer(LOOPBACK, {} as unknown as typeof Hello), {
    name: "TypeError",
    message: /give a handler class/,
  });
});

Deno.test("serviceActions() is called while serving", async () => {
  const called = Promise.withResolvers<void>();
  class Busy extends HTTPServer {
    override serviceActions(): void {
      called.resolve();
    }
  }
  await using server = new Busy(LOOPBACK, Hello);
  const serving = server.serveForever(0.005);
  await called.promise;
  await server.shutdown();
  await serving;
});

Deno.test("finishRequest() may make handlers with more arguments, and so may a factory", async () => {
  class Greeting extends SilentHandler {
    readonly #word: string;
    constructor(request: Request, address: ClientAddress, server: HTTPServer, word = "default") {
      super(request, address, server);
      this.#word = word;
    }
    do_GET(): void {
      this.answer(this.#word);
    }
  }
  class Overridden extends HTTPServer {
    override finishRequest(request: Request, address: ClientAddress): Response | Promise<Response> {
      return new Greeting(request, address, this, "overridden").respond();
    }
  }
  const say = async (server: HTTPServer) => await (await server.fetch(new Request("http://localhost/"))).text();
  const options = { bindAndActivate: false };
  assert.equal(await say(new HTTPServer(LOOPBACK, Greeting, options)), "default");
  assert.equal(await say(new Overridden(LOOPBACK, Greeting, options)), "overridden");
  const factory = (request: Request, address: ClientAddress, server: HTTPServer): BaseHTTPRequestHandler =>
    new Greeting(request, address, server, "factory");
  assert.equal(await say(new HTTPServer(LOOPBACK, factory, options)), "factory");
});

Deno.test("a handler that cannot be made answers 500 and is reported", async () => {
  const errors: unknown[] = [];
  const server = new HTTPServer(LOOPBACK, () => {
    throw new Error("no handler");
  }, { bindAndActivate: false });
  server.handleError = (_request, _address, error) => void errors.push(error);
  assert.equal((await server.fetch(new Request("http://localhost/"))).status, 500);
  assert.match(String(errors[0]), /no handler/);
});

Deno.test("serverClose({ grace }) does not wait for a response without end", async () => {
  const left = Promise.withResolvers<void>();
  class Endless extends SilentHandler {
    async do_GET(): Promise<void> {
      this.sendResponse(200);
      this.endHeaders();
      try {
        for (;;) await this.wfile.write(new Uint8Array(1024));
      } finally {
        left.resolve();
      }
    }
  }
  const server = new ThreadingHTTPServer(LOOPBACK, Endless);
  const serving = server.serveForever();
  const response = await fetch(`http://127.0.0.1:${server.serverPort}/`);
  await server.serverClose({ grace: 0.01 });
  await serving;
  await response.body!.cancel();
  await left.promise;
});
