import assert from "node:assert/strict";
import type { SendOptions } from "../../../client/adapter.ts";
import type { CaseInsensitiveDict } from "../../../client/case_insensitive_dict.ts";
import { ConnectionError, NotSupportedError } from "../../../client/errors.ts";
import type { FetchAdapterOptions } from "../../../client/fetch_adapter.ts";
import { Request } from "../../../client/request.ts";
import type { Response } from "../../../client/response.ts";
import { WireAdapter } from "../../../client/wire/wire_adapter.ts";
import { header, testEngine } from "../engine_behaviours.ts";
import { bytesOf, ok, RawServer } from "../raw_server.ts";

type Options = ConstructorParameters<typeof Request>[2];

/** An adapter that is closed at the end of the test. */
function open(options: FetchAdapterOptions = {}): WireAdapter & Disposable {
  const { poolConnections = 10, poolMaxsize = 10, poolBlock = false, poolIdleTimeout = null } = options;
  const adapter = new WireAdapter({
    poolConnections,
    poolMaxsize,
    poolBlock,
    poolIdleTimeout,
    sslMinimumVersion: null,
    peerCertificate: false,
  });
  return Object.assign(adapter, { [Symbol.dispose]: () => adapter.close() });
}

/** Sends one request with an adapter of its own, and reads the response. */
async function ask(method: string, url: string, options: Options = {}, sending: SendOptions = {}): Promise<Response> {
  using adapter = open();
  const response = await adapter.send(new Request(method, url, options).prepare(), sending);
  await response.read();
  return response;
}

const textOf = (response: Response) => new TextDecoder().decode(response.content);

testEngine("wire", open);

// What fetch cannot do

Deno.test("send() sends the fields in the order and case in which they were set, and adds none of its own", async () => {
  await using server = new RawServer(() => ok());
  await ask("GET", server.origin, { headers: { "x-Two": "2", "X-ONE": "1" } });
  const { head } = server.requests[0]!;
  assert.equal(
    head,
    `GET / HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAccept-Encoding: identity\r\nx-Two: 2\r\nX-ONE: 1`,
  );
});

Deno.test("send() sends what has changed since the same URL was asked for", async () => {
  await using server = new RawServer(() => ok());
  using adapter = open();
  const prepared = new Request("GET", server.origin, { headers: { "X-A": "1" } }).prepare();
  const value = new Uint8Array([0x61]);
  const send = async () => await (await adapter.send(prepared)).read();
  await send();
  await send();
  prepared.headers.set("X-A", "2");
  await send();
  prepared.method = "PUT";
  await send();
  prepared.body = new TextEncoder().encode("body");
  await send();
  prepared.body = null;
  prepared.method = "GET";
  (prepared.headers as CaseInsensitiveDict<string | Uint8Array>).set("X-B", value);
  await send();
  value[0] = 0x62;
  await send();
  assert.deepEqual(
    server.requests.map(({ head, body }) => [
      head.split(" ", 1)[0],
      header(head, "x-a"),
      header(head, "x-b"),
      header(head, "content-length"),
      body,
    ]),
    [
      ["GET", "1", null, null, ""],
      ["GET", "1", null, null, ""],
      ["GET", "2", null, null, ""],
      ["PUT", "2", null, null, ""],
      ["PUT", "2", null, "4", "body"],
      ["GET", "2", "a", null, ""],
      ["GET", "2", "b", null, ""],
    ],
  );
});

for (const method of ["GET", "HEAD", "TRACE", "DELETE"]) {
  Deno.test(`send() sends a body with ${method}`, async () => {
    await using server = new RawServer(() => "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
    await ask(method, server.origin, { data: "hello" });
    const { head, body } = server.requests[0]!;
    assert.match(head, new RegExp(`^${method} / HTTP/1\\.1\r\n`));
    assert.equal(header(head, "content-length"), "5");
    assert.equal(body, "hello");
  });
}

Deno.test("send() gives fields as they came, and trailers once the body is read", async () => {
  await using server = new RawServer(() =>
    "HTTP/1.1 200 OK\r\nX-b: 1\r\nTransfer-Encoding: chunked\r\nX-A: 2\r\nX-b: 3\r\n\r\n" +
    "2\r\nhi\r\n0\r\nServer-Timing: a\r\nX-b: late\r\n\r\n"
  );
  using adapter = open();
  const response = await adapter.send(new Request("GET", server.origin).prepare());
  assert.deepEqual(response.rawHeaders, [["X-b", "1"], ["Transfer-Encoding", "chunked"], ["X-A", "2"], ["X-b", "3"]]);
  assert.equal(response.trailers.get("server-timing"), null);
  await response.read();
  assert.equal(response.trailers.get("server-timing"), "a");
  assert.equal(response.headers.get("x-b"), "1, 3");
});

Deno.test("send() gives the phrase as the server wrote it: UTF-8, else ISO-8859-1, or none", async () => {
  const phrases = ["Alles gut", "Übel", "\xdcbel", ""];
  const written = ["Alles gut", String.fromCharCode(...new TextEncoder().encode("Übel")), "\xdcbel", ""];
  for (const [index, phrase] of phrases.entries()) {
    await using server = new RawServer(() => `HTTP/1.1 200 ${written[index]}\r\nContent-Length: 0\r\n\r\n`);
    assert.equal((await ask("GET", server.origin)).reason, phrase);
  }
});

Deno.test("raw is what came over the wire, with its content coding", async () => {
  const squeezed = new Uint8Array(
    await new globalThis.Response(new Blob(["squeezed"]).stream().pipeThrough(new CompressionStream("gzip"))).bytes(),
  );
  const answer = await new Blob([
    `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${squeezed.length}\r\n\r\n`,
    squeezed,
  ]).bytes();
  await using server = new RawServer(() => answer);
  using adapter = open();
  const request = new Request("GET", server.origin, { headers: { "Accept-Encoding": "gzip" } }).prepare();
  const raw = await adapter.send(request);
  assert.deepEqual(await new globalThis.Response(raw.raw).bytes(), squeezed);
  assert.equal(textOf(await ask("GET", server.origin)), "squeezed");
});

Deno.test("connectionInfo tells addresses, and whether the connection was used before", async () => {
  await using server = new RawServer(() => ok("fine"));
  using adapter = open();
  const infos = [];
  for (let i = 0; i < 2; i++) {
    const response = await adapter.send(new Request("GET", server.origin).prepare());
    await response.read();
    infos.push(response.connectionInfo!);
  }
  assert.deepEqual(infos.map(({ reused }) => reused), [false, true]);
  assert.equal(infos[0]!.remoteAddress, `127.0.0.1:${server.port}`);
  assert.match(infos[0]!.localAddress!, /^127\.0\.0\.1:\d+$/);
  assert.equal(infos[0]!.localAddress, infos[1]!.localAddress);
  assert.equal(infos[0]!.tls, null);
  assert.equal(infos[0]!.proxy, null);
});

Deno.test("send() speaks over a Unix socket", { ignore: Deno.build.os === "windows" }, async () => {
  const path = `${await Deno.makeTempDir()}/a b.sock`;
  await using server = Deno.serve({ path, onListen() {} }, (request) => {
    const { pathname, search } = new URL(request.url.replace(/^http\+unix:\/\/[^/]*/, "http://x"));
    return new globalThis.Response(`${pathname}${search} ${request.headers.get("host")}`);
  });
  const response = await ask("GET", `http+unix://${encodeURIComponent(path)}/x?y=1`);
  assert.equal(textOf(response), "/x?y=1 localhost");
  assert.equal(response.connectionInfo!.remoteAddress, path);
  await server.shutdown();
});

Deno.test("send() refuses CONNECT and names the option", async () => {
  await assert.rejects(ask("CONNECT", "http://127.0.0.1:9/"), (error) => {
    assert.ok(error instanceof NotSupportedError);
    assert.equal(error.option, "method");
    return true;
  });
});

for (const [name, value] of [["CR and LF", "a\r\nX-Evil: 1"], ["NUL", "a\0b"]] as const) {
  Deno.test(`send() refuses a header value with ${name} that was put in behind its back`, async () => {
    await using server = new RawServer(() => ok());
    const prepared = new Request("GET", server.origin).prepare();
    prepared.headers.set("X-A", value);
    using adapter = open();
    await assert.rejects(adapter.send(prepared), { name: "InvalidHeader", message: /X-A/ });
    assert.equal(server.requests.length, 0);
  });
}

// Expect: 100-continue

const EXPECT = { headers: { Expect: "100-continue" }, data: "hello" };

Deno.test("send() waits with the body until the server agrees", async () => {
  let early = "";
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = listener.accept().then(async (connection) => {
    using _ = connection;
    const buffer = new Uint8Array(4096);
    early = String.fromCharCode(...buffer.subarray(0, await connection.read(buffer) ?? 0));
    await connection.write(bytesOf("HTTP/1.1 100 Continue\r\n\r\n"));
    const body = String.fromCharCode(...buffer.subarray(0, await connection.read(buffer) ?? 0));
    await connection.write(bytesOf(ok(body)));
  });
  const response = await ask("PUT", `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, EXPECT);
  assert.equal(textOf(response), "hello");
  assert.match(early, /Expect: 100-continue.*\r\n\r\n$/s);
  await serving;
});

Deno.test("send() does not send the body when the server refuses it, and closes the connection", async () => {
  const received: string[] = [];
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = listener.accept().then(async (connection) => {
    using _ = connection;
    const buffer = new Uint8Array(4096);
    await connection.read(buffer);
    await connection.write(bytesOf("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 2\r\n\r\nno"));
    for (let count; (count = await connection.read(buffer)) !== null;) {
      received.push(String.fromCharCode(...buffer.subarray(0, count)));
    }
  });
  const response = await ask("PUT", `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, EXPECT);
  assert.equal(response.statusCode, 417);
  assert.equal(textOf(response), "no");
  await serving;
  assert.deepEqual(received, []);
});

Deno.test("send() sends the body after a while to a server that does not know Expect", async () => {
  await using server = new RawServer(({ body }) => ok(body));
  assert.equal(textOf(await ask("PUT", server.origin, EXPECT)), "hello");
});

// Connections

Deno.test("send() notices a connection that the server has closed meanwhile", async () => {
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using server = new RawServer(({ connection }) =>
    connection === 1
      ? async (conn) => {
        await conn.write(bytesOf(ok("fine")));
        conn.close();
        resolve();
      }
      : ok("again")
  );
  using adapter = open();
  const post = () => adapter.send(new Request("POST", server.origin, { data: "pay" }).prepare());
  assert.equal(new TextDecoder().decode(await (await post()).read()), "fine");
  await closed;
  // The end of the connection is on its way over loopback.
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(new TextDecoder().decode(await (await post()).read()), "again");
  assert.equal(server.requests.length, 2);
});

for (const [method, times] of [["GET", 2], ["PUT", 2], ["POST", 1], ["PATCH", 1]] as const) {
  Deno.test(`send() sends a ${method} ${times === 1 ? "never twice" : "again"} when a kept connection dies`, async () => {
    // The second request of the first connection is read and never answered.
    const seen = new Map<number, number>();
    await using server = new RawServer(({ connection }) => {
      seen.set(connection, (seen.get(connection) ?? 0) + 1);
      return connection === 1 && seen.get(connection) === 2 ? null : ok("fine");
    });
    using adapter = open();
    await (await adapter.send(new Request("GET", server.origin).prepare())).read();
    const request = new Request(method, `${server.origin}/again`, { data: method === "GET" ? null : "x" }).prepare();
    const outcome = await adapter.send(request).then((response) => response.read(), (error) => error);
    assert.equal(server.requests.filter(({ head }) => head.includes("/again")).length, times);
    assert.equal(outcome instanceof ConnectionError, times === 1);
  });
}

Deno.test("send() sends nothing again once a byte of the response is there", async () => {
  let count = 0;
  await using server = new RawServer(() => {
    if (++count === 1) return ok("fine");
    return async (connection) => {
      await connection.write(bytesOf("HTTP/1.1 2"));
      return null;
    };
  });
  using adapter = open();
  await (await adapter.send(new Request("GET", server.origin).prepare())).read();
  await assert.rejects(adapter.send(new Request("GET", server.origin).prepare()), ConnectionError);
  assert.equal(server.requests.length, 2);
});

for (
  const [name, answer] of [
    ["Connection: close", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nhi"],
    ["bytes behind the body", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi!"],
    ["HTTP/1.0", "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi"],
    ["101", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"],
  ] as const
) {
  Deno.test(`send() does not use a connection again after ${name}`, async () => {
    await using server = new RawServer(() => answer);
    using adapter = open();
    for (let i = 0; i < 2; i++) await (await adapter.send(new Request("GET", server.origin).prepare())).read();
    assert.equal(server.connections, 2);
  });
}

Deno.test("send() takes a response that comes before the body is sent, and closes the connection", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = listener.accept().then(async (connection) => {
    using _ = connection;
    await connection.read(new Uint8Array(100));
    await connection.write(bytesOf("HTTP/1.1 413 Content Too Large\r\nContent-Length: 4\r\n\r\nlots"));
    // Until the client gives up: what it sends beyond the buffers of the system is never read.
    await new Promise((resolve) => setTimeout(resolve, 50));
  });
  let closed = 0;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull: (controller) => controller.enqueue(new Uint8Array(65_536)),
    cancel: () => void closed++,
  });
  const response = await ask("POST", `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, { data: body });
  assert.equal(response.statusCode, 413);
  assert.equal(textOf(response), "lots");
  await serving;
  assert.equal(closed, 1);
});

Deno.test("close() of a streamed response closes its connection, reading it to the end keeps it", async () => {
  await using server = new RawServer(() => ok("0123456789"));
  using adapter = open();
  const request = new Request("GET", server.origin).prepare();
  await (await adapter.send(request)).close();
  await (await adapter.send(request)).read();
  for await (const _ of (await adapter.send(request)).iterContent(4));
  assert.equal(server.connections, 2);
});
