// What the documentation of requests says about transport adapters, blocking and timeouts, sentence by sentence. Where this
// port differs on purpose the test holds it to what it does here, and says so.
import assert from "node:assert/strict";
import { createServer } from "node:tls";
import {
  BaseAdapter,
  ConnectionError,
  ConnectTimeout,
  get,
  HTTPAdapter,
  type PreparedRequest,
  ReadTimeout,
  Response,
  type SendOptions,
  Session,
  SSLError,
  Timeout,
} from "../../client/mod.ts";
import { FakeAdapter } from "./fake_adapter.ts";
import { httpbin, type Seen } from "./httpbin.ts";
import { bytesOf, ok, RawServer } from "./raw_server.ts";
import { SERVER_CERT, SERVER_KEY } from "./tls_material.ts";
import { FullPeer } from "./wire/peers.ts";

const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? undefined);

/** Answers with its own name. */
class MyAdapter extends BaseAdapter {
  override send(request: PreparedRequest): Promise<Response> {
    const body = new TextEncoder().encode(`mine: ${request.url}`);
    return Promise.resolve(new Response({ statusCode: 200, url: request.url ?? "", body, request }));
  }
  override close(): void {}
}

// Transport Adapters

Deno.test("whenever a Session is initialized, one HTTPAdapter is attached for HTTP, and one for HTTPS", async () => {
  await using s = new Session();
  assert.deepEqual([...s.adapters.keys()], ["https://", "http://"]);
  const [forHttp, forHttps] = [s.getAdapter("http://example.com/"), s.getAdapter("https://example.com/")];
  assert.ok(forHttp instanceof HTTPAdapter && forHttps instanceof HTTPAdapter);
  assert.notEqual(forHttp, forHttps);
});

Deno.test("this adapter provides the default Requests interaction with HTTP", async () => {
  await using server = httpbin();
  const r = await get(`${server.origin}/get`);
  assert.ok(r.connection instanceof HTTPAdapter);
  // urllib3 does this in Python.
  assert.equal(r.engine, "fetch");
});

Deno.test("users can create and use their own Transport Adapters: s.mount('https://github.com/', MyAdapter())", async () => {
  await using s = new Session();
  s.mount("https://github.com/", new MyAdapter());
  assert.equal((await s.get("https://github.com/psf/requests")).text, "mine: https://github.com/psf/requests");
});

Deno.test("any HTTP request made using that session whose URL starts with the given prefix will use the given Adapter", async () => {
  const [site, part, rest] = [new FakeAdapter(() => ({})), new FakeAdapter(() => ({})), new FakeAdapter(() => ({}))];
  await using s = new Session();
  s.mount("http://", rest);
  s.mount("http://github.com/api/", part);
  s.mount("http://github.com/", site);
  for (const path of ["github.com/", "github.com/psf", "github.com/api/x", "github.org/", "GITHUB.com/y"]) {
    await s.get(`http://${path}`);
  }
  const urls = ({ sent }: FakeAdapter) => sent.map(({ url }) => url);
  assert.deepEqual(urls(part), ["http://github.com/api/x"]);
  assert.deepEqual(urls(site), ["http://github.com/", "http://github.com/psf", "http://github.com/y"]);
  assert.deepEqual(urls(rest), ["http://github.org/"]);
  await using other = new Session();
  assert.ok(other.getAdapter("http://github.com/") instanceof HTTPAdapter);
});

Deno.test("in particular, they allow you to apply per-service configuration", async () => {
  class PerService extends HTTPAdapter {
    override addHeaders(request: PreparedRequest, _options: SendOptions): void {
      request.headers.set("X-Service", "one");
    }
  }
  await using one = httpbin();
  await using two = httpbin();
  await using s = new Session();
  s.mount(one.origin, new PerService());
  assert.equal((await s.get(one.origin)).json<Seen>().headers["x-service"], "one");
  assert.equal((await s.get(two.origin)).json<Seen>().headers["x-service"], undefined);
});

// Example: Specific SSL Version

Deno.test("a Transport Adapter that instructs the library to use SSLv3: nobody speaks it any more", async () => {
  // Python overrides init_poolmanager(), which has no counterpart here, as there is no pool of urllib3.
  assert.equal("initPoolmanager" in HTTPAdapter.prototype, false);
  // A server that knows SSLv3 alone answers with the alert protocol_version.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = listener.accept().then(async (connection) => {
    await connection.read(new Uint8Array(4096));
    await connection.write(Uint8Array.of(0x15, 3, 0, 0, 2, 2, 70));
    connection.close();
  });
  const { port } = listener.addr as Deno.NetAddr;
  await assert.rejects(get(`https://127.0.0.1:${port}/`), SSLError);
  await answered;
  listener.close();
});

Deno.test("Transport Adapter: choose your TLS version", async () => {
  const server = createServer({ cert: SERVER_CERT, key: SERVER_KEY, maxVersion: "TLSv1.2" }, (socket) => {
    socket.on("error", () => {});
    socket.once("data", () => socket.end(ok("secure", "Connection: close\r\n")));
  });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as { port: number }).port}/`;
  {
    await using s = new Session({ verify: false });
    s.mount("https://", new HTTPAdapter({ sslMinimumVersion: "TLSv1.2" }));
    const r = await s.get(url);
    assert.equal(r.text, "secure");
    assert.equal(r.connectionInfo?.tls?.protocol, "TLSv1.2");
    s.mount("https://", new HTTPAdapter({ sslMinimumVersion: "TLSv1.3" }));
    await assert.rejects(s.get(url), SSLError);
    assert.throws(() => new HTTPAdapter({ sslMinimumVersion: "SSLv3" as "TLSv1.2" }), RangeError);
  }
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

// Blocking Or Non-Blocking?

Deno.test("Requests does not provide any kind of non-blocking IO: here nothing blocks, several requests run at once", async () => {
  const both = Promise.withResolvers<void>();
  let waiting = 0;
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async () => {
    if (++waiting === 2) both.resolve();
    await both.promise;
    return new globalThis.Response("met");
  });
  await using s = new Session();
  const url = `http://127.0.0.1:${server.addr.port}/`;
  const responses = await Promise.all([s.get(url), s.get(url)]);
  assert.deepEqual(responses.map((r) => r.text), ["met", "met"]);
});

Deno.test("the streaming features allow you to retrieve smaller quantities of the response at a time", async () => {
  const gate = Promise.withResolvers<void>();
  await using server = new RawServer(() => async (connection) => {
    await connection.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none"));
    await gate.promise;
    await connection.write(bytesOf("two"));
  });
  const r = await get(server.origin, { stream: true });
  const pieces = r.iterContent(3);
  assert.equal(text((await pieces.next()).value ?? undefined), "one");
  // These calls do not block here either: what they wait for may happen in the same program.
  const next = pieces.next();
  gate.resolve();
  assert.equal(text((await next).value ?? undefined), "two");
  assert.equal((await pieces.next()).done, true);
});

// Timeouts

Deno.test("by default, requests do not time out unless a timeout value is set explicitly", async () => {
  const adapter = new FakeAdapter([{}]);
  await using s = new Session({ adapters: { "http://": adapter } });
  assert.equal(s.timeout, null);
  await s.get("http://example.com/");
  assert.equal(adapter.sent[0]!.options.timeout, null);
});

Deno.test("the connect timeout is the number of seconds Requests will wait to establish a connection", async () => {
  using listener = await FullPeer.start();
  for (const timeout of [[0.1, 27], [0.1, null]] as const) {
    await assert.rejects(get(`http://127.0.0.1:${listener.port}/`, { timeout }), (error) => {
      assert.ok(error instanceof ConnectTimeout && error instanceof ConnectionError && error instanceof Timeout);
      assert.match(error.message, /Connection to 127\.0\.0\.1:\d+ timed out\. \(connect timeout=0\.1\)/);
      return true;
    });
  }
});

Deno.test("the read timeout is the number of seconds the client will wait for the server to send a response", async () => {
  await using server = new RawServer(() => async () => {});
  await assert.rejects(get(server.origin, { timeout: [null, 0.05] }), (error) => {
    assert.ok(error instanceof ReadTimeout && error instanceof Timeout);
    assert.match(error.message, /Read timed out\. \(read timeout=0\.05\)/);
    return true;
  });
});

Deno.test("specifically, it's the number of seconds that the client will wait between bytes sent from the server", async () => {
  const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  await using server = new RawServer(() => async (connection) => {
    await connection.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
    for (const byte of "01234") {
      await pause(100);
      await connection.write(bytesOf(byte));
    }
  });
  assert.equal((await get(server.origin, { timeout: 0.4 })).text, "01234");
  await using stalled = new RawServer(() => "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n0");
  // As in Python, where a body that stops raises ConnectionError.
  await assert.rejects(get(stalled.origin, { timeout: 0.05 }), ConnectionError);
});

Deno.test("the timeout value will be applied to both the connect and the read timeouts: timeout=5", async () => {
  await using server = new RawServer(({ head }) => head.startsWith("GET /quick ") ? ok("quick") : async () => {});
  assert.equal((await get(`${server.origin}/quick`, { timeout: 5 })).text, "quick");
  await assert.rejects(get(`${server.origin}/slow`, { timeout: 0.05 }), Timeout);
  // Connecting, too: the server never says hello. Python tells the two apart, fetch does not.
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const accepted = listener.accept();
  await assert.rejects(get(`https://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, { timeout: 0.05 }), Timeout);
  (await accepted).close();
  listener.close();
});

Deno.test("specify a tuple if you would like to set the values separately", async () => {
  await using server = new RawServer(({ head }) => head.startsWith("GET /quick ") ? ok("hello") : async () => {});
  for (const timeout of [[3.05, 27], [null, 27], [3.05, null]] as const) {
    assert.equal((await get(`${server.origin}/quick`, { timeout })).text, "hello");
  }
  await assert.rejects(get(`${server.origin}/slow`, { timeout: [3.05, 0.05] }), (error) => {
    assert.ok(error instanceof ReadTimeout);
    assert.match(error.message, /read timeout=0\.05/);
    return true;
  });
});

Deno.test("tell Requests to wait forever for a response, by passing None as a timeout value", async () => {
  const coffee = Promise.withResolvers<void>();
  await using server = new RawServer(() => async (connection) => {
    await coffee.promise;
    await connection.write(bytesOf(ok("at last")));
  });
  await using s = new Session({ timeout: 0.05 });
  const getting = s.get(server.origin, { timeout: null });
  // Much longer than the limit of the session.
  setTimeout(coffee.resolve, 200);
  assert.equal((await getting).text, "at last");
});
