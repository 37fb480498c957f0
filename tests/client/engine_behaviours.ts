/** What every engine does with a request: the tests of one are those of the other. */

import assert from "node:assert/strict";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import type { BaseAdapter, SendOptions } from "../../client/adapter.ts";
import {
  ChunkedEncodingError,
  ConnectionError,
  ContentDecodingError,
  InvalidHeader,
  InvalidProxyURL,
  ProxyError,
  ReadTimeout,
  RequestException,
  StreamConsumedError,
  UnrewindableBodyError,
  URLRequired,
} from "../../client/errors.ts";
import type { FetchAdapterOptions } from "../../client/fetch_adapter.ts";
import { PreparedRequest, Request } from "../../client/request.ts";
import type { Response } from "../../client/response.ts";
import type { StreamBody } from "../../client/types.ts";
import { bytesOf, deadOrigin, ok, RawServer } from "./raw_server.ts";
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

type Options = ConstructorParameters<typeof Request>[2];
const TLS = { tls: { cert: SERVER_CERT, key: SERVER_KEY } };
const SOMEWHERE = "https://127.0.0.1:9/";

/** The value of a field, in any case of its name. */
export const header = (head: string, name: string): string | null =>
  new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1]?.trim() ?? null;

/** A folder with files, for the time of a test. */
export async function folder(
  files: Record<string, string | Uint8Array>,
): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  for (const [name, content] of Object.entries(files)) {
    await Deno.writeFile(`${path}/${name}`, typeof content === "string" ? new TextEncoder().encode(content) : content);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** A proxy that opens a tunnel to an origin, wherever it is asked to, and answers what it is to forward by itself. */
export function tunnelTo(origin: RawServer, options: { tls?: { cert: string; key: string } } = {}): RawServer {
  return new RawServer(({ head }) => {
    if (!head.startsWith("CONNECT ")) return ok("", "Connection: close\r\n");
    return async (connection) => {
      using upstream = await Deno.connect({ hostname: "127.0.0.1", port: origin.port });
      await connection.write(bytesOf("HTTP/1.1 200 OK\r\n\r\n"));
      await Promise.allSettled([
        connection.readable.pipeTo(upstream.writable),
        upstream.readable.pipeTo(connection.writable),
      ]);
      return null;
    };
  }, options);
}

/**
 * Registers the tests.
 *
 * @param engine the name of the engine.
 * @param open makes an adapter that is closed at the end of the test.
 */
export function testEngine(
  engine: "fetch" | "wire",
  open: (options?: FetchAdapterOptions) => BaseAdapter & Disposable,
): void {
  /** Sends one request with an adapter of its own, and reads the response. */
  async function ask(method: string, url: string, options: Options = {}, sending: SendOptions = {}): Promise<Response> {
    using adapter = open();
    const response = await adapter.send(new Request(method, url, options).prepare(), sending);
    await response.read();
    return response;
  }

  // Responses

  Deno.test(`send() gives status, reason, fields, body and where it came from (${engine})`, async () => {
    await using server = new RawServer(() =>
      "HTTP/1.1 404 Nope\r\nContent-Length: 4\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\n\r\ngone"
    );
    using adapter = open();
    const prepared = new Request("get", `${server.origin}/x?y#z`).prepare();
    const response = await adapter.send(prepared);
    assert.equal(response.statusCode, 404);
    assert.equal(response.reason, engine === "fetch" ? "Not Found" : "Nope");
    assert.equal(response.url, `${server.origin}/x?y#z`);
    assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
    assert.equal(response.request, prepared);
    assert.equal(response.connection, adapter);
    assert.equal(response.engine, engine);
    assert.equal(new TextDecoder().decode(await response.read()), "gone");
    assert.match(server.requests[0]!.head, /^GET \/x\?y HTTP\/1\.1\r\n/);
  });

  Deno.test(`send() follows no redirect (${engine})`, async () => {
    await using server = new RawServer(() => "HTTP/1.1 302 Found\r\nLocation: /b\r\nContent-Length: 3\r\n\r\nsee");
    const response = await ask("GET", `${server.origin}/a`);
    assert.equal(response.statusCode, 302);
    assert.equal(response.headers.get("location"), "/b");
    assert.equal(server.requests.length, 1);
  });

  for (
    const [method, answer] of [
      ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 30\r\nContent-Encoding: gzip\r\n\r\n"],
      ["GET", "HTTP/1.1 204 No Content\r\nContent-Encoding: gzip\r\n\r\n"],
      ["GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 30\r\nContent-Encoding: gzip\r\n\r\n"],
      ["GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nContent-Encoding: gzip\r\n\r\n"],
    ] as const
  ) {
    Deno.test(`send() gives no body for ${method} and ${answer.slice(9, 12)} ${/Length: (\d+)/.exec(answer)?.[1]} (${engine})`, async () => {
      await using server = new RawServer(() => answer);
      const response = await ask(method, server.origin, { headers: { "Accept-Encoding": "gzip" } });
      assert.equal(response.content.length, 0);
    });
  }

  const TEXT = "squeezed ".repeat(40);
  for (
    const [coding, bytes] of [
      ["gzip", gzipSync(TEXT)],
      ["GZIP", gzipSync(TEXT)],
      ["x-gzip", gzipSync(TEXT)],
      ["deflate", deflateSync(TEXT)],
      ["br", brotliCompressSync(TEXT)],
      ["zstd", zstdCompressSync(TEXT)],
      ["gzip, br", brotliCompressSync(gzipSync(TEXT))],
      ["martian", bytesOf(TEXT)],
    ] as const
  ) {
    for (
      const [asked, sending] of [
        ["gzip, deflate, br, zstd", {}],
        ["identity", {}],
        [null, {}],
        ["gzip", { timeout: 5 }],
      ] as [string | null, SendOptions][]
    ) {
      Deno.test(`send() decodes ${coding} when ${asked} was asked for, ${JSON.stringify(sending)} (${engine})`, async () => {
        const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\nContent-Encoding: ${coding}\r\n\r\n`;
        const answer = await new Blob([head, new Uint8Array(bytes)]).bytes();
        await using server = new RawServer(() => answer);
        const headers = asked === null ? {} : { "Accept-Encoding": asked };
        const response = await ask("GET", server.origin, { headers }, sending);
        assert.equal(new TextDecoder().decode(response.content), TEXT);
        assert.equal(response.headers.get("content-encoding"), coding);
      });
    }
  }

  Deno.test(`send() decodes what comes back for a Range, which fetch leaves as it is (${engine})`, async () => {
    const bytes = gzipSync(TEXT);
    const head = `HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\nContent-Encoding: gzip\r\n\r\n`;
    const answer = await new Blob([head, new Uint8Array(bytes)]).bytes();
    await using server = new RawServer(() => answer);
    const response = await ask("GET", server.origin, { headers: { "Accept-Encoding": "gzip", Range: "bytes=0-" } });
    assert.equal(new TextDecoder().decode(response.content), TEXT);
  });

  const gzipped = gzipSync(TEXT);
  for (
    const [name, fields, body, Class] of [
      [
        "garbage for gzip",
        "Content-Encoding: gzip\r\nContent-Length: 19\r\n",
        bytesOf("not squeezed at all"),
        ContentDecodingError,
      ],
      [
        "gzip cut short",
        "Content-Encoding: gzip\r\nContent-Length: 20\r\n",
        gzipped.subarray(0, 20),
        ContentDecodingError,
      ],
      [
        "a wrong checksum",
        "Content-Encoding: gzip\r\nConnection: close\r\n",
        new Uint8Array([...gzipped.subarray(0, -8), 0, 0, 0, 0, 0, 0, 0, 0]),
        ContentDecodingError,
      ],
      ["garbage for br", "Content-Encoding: br\r\nContent-Length: 5\r\n", bytesOf("hello"), ContentDecodingError],
      ["garbage for zstd", "Content-Encoding: zstd\r\nContent-Length: 5\r\n", bytesOf("hello"), ContentDecodingError],
      [
        "six codings",
        "Content-Encoding: br, br, br, br, br, br\r\nContent-Length: 5\r\n",
        bytesOf("hello"),
        ContentDecodingError,
      ],
      ["a short body", "Content-Length: 10\r\nConnection: close\r\n", bytesOf("0123"), ChunkedEncodingError],
      [
        "a cut chunk",
        "Transfer-Encoding: chunked\r\nConnection: close\r\n",
        bytesOf("a\r\n0123"),
        ChunkedEncodingError,
      ],
      [
        "a missing last chunk",
        "Transfer-Encoding: chunked\r\nConnection: close\r\n",
        bytesOf("4\r\n0123\r\n"),
        ChunkedEncodingError,
      ],
      [
        "a chunk size that is no number",
        "Transfer-Encoding: chunked\r\nConnection: close\r\n",
        bytesOf("4\r\n0123\r\nzz\r\nrest\r\n0\r\n\r\n"),
        ChunkedEncodingError,
      ],
    ] as const
  ) {
    for (const sending of [{}, { timeout: 5 }]) {
      Deno.test(`send() raises ${Class.name} for ${name} ${JSON.stringify(sending)} (${engine})`, async () => {
        const answer = await new Blob([`HTTP/1.1 200 OK\r\n${fields}\r\n`, new Uint8Array(body)]).bytes();
        await using server = new RawServer(() => answer);
        const url = `${server.origin}/x`;
        await assert.rejects(ask("GET", url, { headers: { "Accept-Encoding": "gzip, br" } }, sending), (error) => {
          assert.ok(error instanceof RequestException);
          assert.equal(error.name, Class.name);
          assert.equal(error.request?.url, url);
          return true;
        });
      });
    }
  }

  for (
    const [name, answer, Class] of [
      ["closes", null, ConnectionError],
      ["does not speak HTTP", "SSH-2.0-OpenSSH_9.0\r\nwelcome\r\nConnection: close\r\n", ConnectionError],
      [
        "gives two lengths",
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabc",
        InvalidHeader,
      ],
    ] as const
  ) {
    Deno.test(`send() raises ${Class.name} when the server ${name} (${engine})`, async () => {
      await using server = new RawServer(() => answer);
      await assert.rejects(ask("GET", `${server.origin}/x?secret=1`), (error) => {
        assert.ok(error instanceof RequestException);
        assert.equal(error.name, Class.name);
        assert.match(error.message, /^GET http:\/\/127\.0\.0\.1:\d+\/x/);
        assert.doesNotMatch(error.message, /secret/);
        return true;
      });
    });
  }

  Deno.test(`send() raises ConnectionError where nobody listens, without credentials in its message (${engine})`, async () => {
    const url = deadOrigin().replace("//", "//ann:pass@");
    await assert.rejects(ask("GET", url, {}, { timeout: 5 }), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.name, "ConnectionError");
      assert.doesNotMatch(Deno.inspect(error), /ann|pass/);
      return true;
    });
  });

  Deno.test(`send() refuses a request without a URL (${engine})`, async () => {
    using adapter = open();
    await assert.rejects(adapter.send(new PreparedRequest()), URLRequired);
  });

  // Requests

  Deno.test(`send() takes userinfo and fragment off the URL and sends one Authorization (${engine})`, async () => {
    await using server = new RawServer(() => ok());
    await ask("GET", server.origin.replace("//", "//ann:p%40ss@") + "/a#b");
    const { head } = server.requests[0]!;
    assert.deepEqual(
      head.match(/^authorization: .*$/gim)?.map((line) => line.replace(/^authorization/i, "authorization")),
      [`authorization: Basic ${btoa("ann:p@ss")}`],
    );
    assert.match(head, /^GET \/a HTTP/);
  });

  Deno.test(`send() asks for identity unless told otherwise, as urllib3 does (${engine})`, async () => {
    await using server = new RawServer(() => ok());
    await ask("GET", server.origin);
    assert.equal(header(server.requests[0]!.head, "accept-encoding"), "identity");
  });

  Deno.test(`send() sends Host, bytes and ISO-8859-1 as they are given (${engine})`, async () => {
    await using server = new RawServer(() => ok());
    const prepared = new Request("GET", server.origin, {
      headers: { Host: "other.test", "X-Name": "Zoë", "X-Bytes": new Uint8Array([0xc3, 0xa9]) },
    }).prepare();
    using adapter = open();
    await (await adapter.send(prepared)).read();
    const { head } = server.requests[0]!;
    assert.deepEqual(head.toLowerCase().match(/^host: .*$/gm), ["host: other.test"]);
    assert.equal(header(head, "x-name"), "Zo\xeb");
    assert.equal(header(head, "x-bytes"), "\xc3\xa9");
  });

  Deno.test(`send() refuses a header value beyond ISO-8859-1 and says what to do (${engine})`, async () => {
    const prepared = new Request("GET", "http://127.0.0.1:9/").prepare();
    prepared.headers.set("X-Snow", "☃");
    using adapter = open();
    await assert.rejects(adapter.send(prepared), { name: "InvalidHeader", message: /X-Snow.*☃.*TextEncoder/ });
  });

  for (const method of ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE", "patch"]) {
    Deno.test(`send() says Content-Length: 0 for ${method} without a body (${engine})`, async () => {
      await using server = new RawServer(() => ok());
      await ask(method, server.origin);
      const { head } = server.requests[0]!;
      assert.equal(head.split(" ")[0], method.toUpperCase());
      assert.deepEqual(head.toLowerCase().match(/^content-length: .*$/gm), ["content-length: 0"]);
      assert.equal(header(head, "transfer-encoding"), null);
    });
  }

  for (const method of ["GET", "HEAD"]) {
    Deno.test(`send() says no length for ${method} (${engine})`, async () => {
      await using server = new RawServer(() => ok());
      await ask(method, server.origin);
      assert.equal(header(server.requests[0]!.head, "content-length"), null);
    });
  }

  async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
    for (const text of texts) yield await Promise.resolve(bytesOf(text));
  }

  Deno.test(`send() sends bytes with their length, a stream without one in chunks (${engine})`, async () => {
    await using server = new RawServer(() => ok());
    await ask("POST", server.origin, { data: "na\xefve" });
    await ask("POST", server.origin, { data: pieces("first,", "second") });
    await ask("PUT", server.origin, {
      data: new Blob(["01234"]).stream(),
      headers: { "Transfer-Encoding": "chunked" },
    });
    const [bytes, stream] = server.requests;
    assert.equal(header(bytes!.head, "content-length"), "6");
    assert.equal(header(bytes!.head, "content-type"), null);
    assert.equal(bytes!.body, "na\xc3\xafve");
    assert.deepEqual(stream!.head.toLowerCase().match(/^transfer-encoding: .*$/gm), ["transfer-encoding: chunked"]);
    assert.equal(header(stream!.head, "content-length"), null);
    assert.match(stream!.body, /^[6C]\r\nfirst,.*second\r\n0\r\n\r\n$/s);
    assert.equal(server.requests[2]!.body, "5\r\n01234\r\n0\r\n\r\n");
  });

  Deno.test(`send() sends a large body in full, from memory and from a file (${engine})`, async () => {
    const content = "0123456789abcdef".repeat(20_000);
    await using place = await folder({ "large.txt": content });
    using file = await Deno.open(`${place.path}/large.txt`);
    await using server = new RawServer(() => ok());
    await ask("POST", server.origin, { data: content });
    await ask("POST", server.origin, { data: file });
    for (const { head, body } of server.requests) {
      assert.equal(header(head, "content-length"), String(content.length));
      assert.ok(body === content);
    }
    assert.equal(server.requests.length, 2);
  });

  Deno.test(`send() sends chunks of a stream while the server answers already (${engine})`, async () => {
    await using server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) => new globalThis.Response(request.body),
    );
    const sent: string[] = [];
    const { promise: firstArrived, resolve } = Promise.withResolvers<void>();
    async function* conversation(): AsyncGenerator<Uint8Array> {
      sent.push("one");
      yield bytesOf("one");
      await firstArrived;
      sent.push("two");
      yield bytesOf("two");
    }
    using adapter = open();
    const request = new Request("POST", `http://127.0.0.1:${server.addr.port}/`, { data: conversation() }).prepare();
    const response = await adapter.send(request, { timeout: 5 });
    const received: string[] = [];
    for await (const piece of response.iterContent(3)) {
      received.push(new TextDecoder().decode(piece));
      resolve();
    }
    assert.deepEqual(received, ["one", "two"]);
    assert.deepEqual(sent, ["one", "two"]);
  });

  Deno.test(`send() throws the very error that reading the body threw, and closes the source (${engine})`, async () => {
    await using server = new RawServer(() => ok());
    const mine = new Error("disk on fire");
    let closed = false;
    async function* broken(): AsyncGenerator<Uint8Array> {
      try {
        yield await Promise.resolve(bytesOf("one"));
        throw mine;
      } finally {
        closed = true;
      }
    }
    await assert.rejects(ask("POST", server.origin, { data: broken() }), (error) => error === mine);
    assert.ok(closed);
  });

  for (const [length, message] of [[3, /more than 3 bytes/], [9, /only 5 bytes/]] as const) {
    Deno.test(`send() raises when 5 bytes come for a Content-Length of ${length} (${engine})`, async () => {
      await using server = new RawServer(() => ok());
      using adapter = open();
      const prepared = new Request("POST", server.origin, { data: "x" }).prepare();
      prepared.body = { length, replayable: true, open: () => new Blob(["12345"]).stream() };
      await assert.rejects(adapter.send(prepared, { timeout: 5 }), (error) => {
        assert.ok(error instanceof RequestException);
        assert.match(error.message, message);
        return true;
      });
      assert.equal(server.requests.filter(({ body }) => body.length === length).length, 0);
    });
  }

  Deno.test(`a body that is given up while it is sent never looks whole, and the signal's reason is the error (${engine})`, async () => {
    const controller = new AbortController();
    const reason = new Error("enough");
    const { promise: ended, resolve } = Promise.withResolvers<string>();
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const serving = listener.accept().then(async (connection) => {
      let text = "";
      try {
        for await (const bytes of connection.readable) text += new TextDecoder().decode(bytes);
      } catch (error) {
        if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
      }
      resolve(text);
    });
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield bytesOf("one");
      setTimeout(() => controller.abort(reason), 20);
      await new Promise((resolve) => controller.signal.addEventListener("abort", resolve));
    }
    const url = `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`;
    const sending = ask("POST", url, { data: endless() }, { signal: controller.signal, timeout: 5 });
    await assert.rejects(sending, (error) => error === reason);
    assert.doesNotMatch(await ended, /0\r\n\r\n$/);
    await serving;
    listener.close();
  });

  Deno.test(`send() cannot send a stream twice (${engine})`, async () => {
    await using server = new RawServer(() => ok());
    using adapter = open();
    const prepared = new Request("POST", server.origin, { data: pieces("once") }).prepare();
    await (await adapter.send(prepared)).read();
    await assert.rejects(adapter.send(prepared), UnrewindableBodyError);
  });

  Deno.test(`send() closes the source of a body when nobody listens (${engine})`, async () => {
    let cancelled = 0;
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(1000)),
      cancel: () => void cancelled++,
    });
    let opened = 0;
    using adapter = open();
    const prepared = new Request("POST", deadOrigin(), { data: pieces("x") }).prepare();
    prepared.body = { length: null, replayable: false, open: () => (opened++, source) };
    await assert.rejects(adapter.send(prepared), ConnectionError);
    assert.equal(cancelled, opened);
  });

  for (
    const [name, options] of [
      ["no body", {}],
      ["bytes", { data: "pay 10" }],
      ["a form", { data: { pay: "10" } }],
      ["json", { json: { pay: 10 } }],
      ["a blob", { data: new Blob(["pay 10"]) }],
      ["a stream", { data: "stream" }],
    ] as [string, NonNullable<Options>][]
  ) {
    Deno.test(`send() sends a POST with ${name} once, even if a kept connection dies (${engine})`, async () => {
      // The second request of a connection is read and never answered.
      const seen = new Map<number, number>();
      await using server = new RawServer(({ connection }) => {
        seen.set(connection, (seen.get(connection) ?? 0) + 1);
        return seen.get(connection) === 1 ? ok("fine") : null;
      });
      using adapter = open();
      const request = () =>
        new Request("POST", `${server.origin}/pay`, options.data === "stream" ? { data: pieces("pay 10") } : options)
          .prepare();
      await (await adapter.send(new Request("GET", `${server.origin}/warm`).prepare())).read();
      const outcome = await adapter.send(request()).then((response) => response.read(), (error) => error as Error);
      const payments = server.requests.filter(({ head }) => head.startsWith("POST")).length;
      assert.equal(payments, 1, Deno.inspect(server.requests));
      if (outcome instanceof Error) assert.ok(outcome instanceof ConnectionError);
    });
  }

  Deno.test(`send() uses a connection again (${engine})`, async () => {
    await using server = new RawServer(() => ok("fine"));
    using adapter = open();
    for (const sending of [{}, {}, { timeout: 5 }, { timeout: 5 }, {}]) {
      for (const options of [{}, { data: "body" }]) {
        const method = "data" in options ? "POST" : "GET";
        await (await adapter.send(new Request(method, server.origin, options).prepare(), sending)).read();
      }
    }
    assert.equal(server.requests.length, 10);
    assert.equal(server.connections, 1);
  });

  /** Answers with a head and one byte, and then stays silent. */
  const stalling = () => new RawServer(() => "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0");

  Deno.test(`send() raises ReadTimeout when no head comes in time (${engine})`, async () => {
    await using server = new RawServer(() => async () => {});
    const url = `${server.origin}/slow?secret`;
    await assert.rejects(ask("GET", url, {}, { timeout: 0.05 }), (error) => {
      assert.ok(error instanceof ReadTimeout);
      assert.equal(error.message, `GET ${server.origin}/slow?…: Read timed out. (read timeout=0.05)`);
      assert.equal(error.request?.url, url);
      return true;
    });
  });

  Deno.test(`send() raises ReadTimeout when a body has been sent and no head comes in time (${engine})`, async () => {
    await using server = new RawServer(() => async () => {});
    await assert.rejects(
      ask("POST", server.origin, { data: pieces("a", "b") }, { timeout: [null, 0.05] }),
      ReadTimeout,
    );
  });

  for (const read of ["read", "iterContent"] as const) {
    Deno.test(`${read}() raises ConnectionError when the body stops for longer than the read limit (${engine})`, async () => {
      await using server = stalling();
      using adapter = open();
      const response = await adapter.send(new Request("GET", server.origin).prepare(), { timeout: 0.05 });
      const reading = read === "read" ? response.read() : Array.fromAsync(response.iterContent(1));
      await assert.rejects(reading, (error) => {
        assert.ok(error instanceof ConnectionError);
        assert.match(error.message, /Read timed out\. \(read timeout=0\.05\)$/);
        assert.ok(error.cause instanceof ReadTimeout);
        return true;
      });
    });
  }

  Deno.test(`the read limit runs from byte to byte, not over the whole response (${engine})`, async () => {
    await using server = new RawServer(() => async (connection) => {
      await connection.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"));
      for (const byte of "012345") {
        await new Promise((resolve) => setTimeout(resolve, 40));
        await connection.write(bytesOf(byte));
      }
    });
    const response = await ask("GET", server.origin, {}, { timeout: 0.15 });
    assert.equal(new TextDecoder().decode(response.content), "012345");
  });

  Deno.test(`the read limit does not run while the body to send is being made (${engine})`, async () => {
    await using server = new RawServer(() => ok("fine"));
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield bytesOf("a");
      await new Promise((resolve) => setTimeout(resolve, 150));
      yield bytesOf("b");
    }
    const response = await ask("POST", server.origin, { data: slow() }, { timeout: 0.1 });
    assert.equal(response.statusCode, 200);
  });

  Deno.test(`the read limit does not run while nobody reads the body (${engine})`, async () => {
    await using server = new RawServer(() => ok("0123456789"));
    using adapter = open();
    const response = await adapter.send(new Request("GET", server.origin).prepare(), { timeout: 0.05 });
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal((await response.read()).length, 10);
  });

  Deno.test(`send() rejects with the reason of the signal: before, while waiting for the head, and in the body (${engine})`, async () => {
    for (const reason of [new Error("enough"), new TypeError("enough"), "enough"]) {
      const is = (error: unknown) => error === reason;
      await assert.rejects(ask("GET", "http://127.0.0.1:9/", {}, { signal: AbortSignal.abort(reason) }), is);

      const first = new AbortController();
      await using silent = new RawServer(() => () => Promise.resolve(first.abort(reason)));
      await assert.rejects(ask("POST", silent.origin, { data: "x" }, { signal: first.signal, timeout: 5 }), is);

      for (const timeout of [null, 5]) {
        await using server = stalling();
        using adapter = open();
        const second = new AbortController();
        const request = new Request("GET", server.origin).prepare();
        const response = await adapter.send(request, { signal: second.signal, timeout });
        const reading = response.read();
        second.abort(reason);
        await assert.rejects(reading, (error) => error === reason || (error as Error).cause === reason);
      }
    }
  });

  Deno.test(`a signal that is aborted after the response does no harm to the connection (${engine})`, async () => {
    await using server = new RawServer(() => ok("fine"));
    using adapter = open();
    for (let i = 0; i < 3; i++) {
      const controller = new AbortController();
      const response = await adapter.send(new Request("GET", server.origin).prepare(), { signal: controller.signal });
      await response.read();
      controller.abort();
    }
    assert.equal(server.connections, 1);
  });

  for (const timeout of [null, 5]) {
    Deno.test(`close() gives a body up that has not been read (timeout ${timeout}) (${engine})`, async () => {
      await using server = stalling();
      using adapter = open();
      const request = new Request("GET", server.origin).prepare();
      const unread = await adapter.send(request, { timeout });
      await unread.close();
      const begun = await adapter.send(request, { timeout });
      const reading = begun.read();
      await begun.close();
      await assert.rejects(reading, (error) => {
        return error instanceof StreamConsumedError || (error as Error).name === "AbortError";
      });
      for await (const piece of (await adapter.send(request, { timeout })).iterContent(1)) {
        assert.equal(piece.length, 1);
        break;
      }
    });
  }

  // Pieces of a large body, each in memory of its own or all in the same

  const LARGE = Uint8Array.from({ length: 700_001 }, (_, index) => index * 7 ^ index >> 8);
  const LENGTH = `Content-Length: ${LARGE.length}\r\n`;

  /** Sends a large body in a framing or coding. */
  async function sendLarge(connection: Deno.Conn, kind: string): Promise<null> {
    const coded = kind === "deflate" ? deflateSync(LARGE) : kind === "gzip" ? gzipSync(LARGE) : LARGE;
    const fields = kind === "chunked"
      ? "Transfer-Encoding: chunked\r\n"
      : kind === "length"
      ? LENGTH
      : `Content-Encoding: ${kind}\r\nContent-Length: ${coded.length}\r\n`;
    const writer = connection.writable.getWriter();
    await writer.write(bytesOf(`HTTP/1.1 200 OK\r\n${fields}Connection: close\r\n\r\n`));
    if (kind !== "chunked") await writer.write(coded);
    else {
      for (let at = 0; at < coded.length; at += 50_021) {
        const part = coded.subarray(at, at + 50_021);
        await writer.write(bytesOf(`${part.length.toString(16)}\r\n`));
        await writer.write(part);
        await writer.write(bytesOf("\r\n"));
      }
      await writer.write(bytesOf("0\r\n\r\n"));
    }
    await writer.close();
    return null;
  }

  for (const kind of ["length", "chunked", "gzip", "deflate"]) {
    for (const reuse of [false, true]) {
      for (const timeout of [null, 5]) {
        const how = `${kind}, reuse ${reuse}, timeout ${timeout}, ${engine}`;
        Deno.test(`iterContent() gives each byte of a large body, in pieces of the size (${how})`, async () => {
          await using server = new RawServer(() => (connection) => sendLarge(connection, kind));
          using adapter = open();
          for (const size of [997, 65_536, 300_000, 1_000_000, null]) {
            const headers = { "Accept-Encoding": "gzip, deflate" };
            const response = await adapter.send(new Request("GET", server.origin, { headers }).prepare(), { timeout });
            const whole = new Uint8Array(LARGE.length);
            const lengths: number[] = [];
            let at = 0;
            for await (const piece of response.iterContent(size, { reuse })) {
              whole.set(piece, at);
              at += piece.length;
              lengths.push(piece.length);
            }
            assert.equal(at, LARGE.length);
            assert.deepEqual(whole, LARGE);
            if (size === null) continue;
            assert.equal(lengths.pop(), LARGE.length % size || size);
            assert(lengths.every((length) => length === size));
          }
        });
      }
    }
  }

  for (const timeout of [null, 0.2]) {
    Deno.test(`iterContent() with reuse ends as the body does (timeout ${timeout}) (${engine})`, async () => {
      const head = `HTTP/1.1 200 OK\r\n${LENGTH}\r\n`;
      await using server = new RawServer(({ head: asked }) => async (connection) => {
        await connection.write(bytesOf(`${head}${"x".repeat(10_000)}`));
        if (!asked.startsWith("GET /cut")) await connection.read(new Uint8Array(1));
        return null;
      });
      using adapter = open();
      const ask = (path: string) => adapter.send(new Request("GET", server.origin + path).prepare(), { timeout });

      const left = await ask("/left");
      for await (const piece of left.iterContent(4096, { reuse: true })) {
        assert.equal(piece.length, 4096);
        break;
      }
      assert.throws(() => left.iterContent(4096, { reuse: true }), StreamConsumedError);

      await assert.rejects(async () => {
        for await (const _ of (await ask("/cut")).iterContent(4096, { reuse: true }));
      }, ChunkedEncodingError);

      const closed = await ask("/closed");
      const pieces = closed.iterContent(8192, { reuse: true });
      await pieces.next();
      const waiting = pieces.next();
      await closed.close();
      await assert.rejects(waiting, StreamConsumedError);

      if (timeout === null) return;
      await assert.rejects(async () => {
        for await (const _ of (await ask("/silent")).iterContent(4096, { reuse: true }));
      }, (error) => error instanceof ConnectionError && /Read timed out/.test(error.message));
    });
  }

  Deno.test(`send() sends a file and parts of one as they are (${engine})`, async () => {
    await using files = await folder({ "large.bin": LARGE });
    await using server = new RawServer(() => ok());
    const file = new URL(`file://${files.path}/large.bin`);
    const text = Array.from(LARGE, (byte) => String.fromCharCode(byte)).join("");

    await ask("POST", server.origin, { data: file });
    assert.equal(server.requests[0]!.body, text);
    assert.equal(header(server.requests[0]!.head, "content-length"), String(LARGE.length));

    using opened = await Deno.open(file);
    await opened.seek(600_000, Deno.SeekMode.Start);
    await ask("POST", server.origin, { data: opened });
    assert.equal(server.requests[1]!.body, text.slice(600_000));

    await ask("POST", server.origin, { files: { a: file, b: file }, data: { field: "value" } });
    const { head, body } = server.requests[2]!;
    assert.equal(header(head, "content-length"), String(body.length));
    assert.equal(body.split(text).length, 3);
    assert.match(body, /name="field"\r\n\r\nvalue\r\n/);

    await ask("POST", server.origin, { data: file, headers: { "Transfer-Encoding": "chunked" } });
    assert.match(server.requests[3]!.body, /^[0-9a-f]+\r\n/);
    assert.match(server.requests[3]!.body, /\r\n0\r\n\r\n$/);
  });

  Deno.test(`send() counts the open() that a body has been given (${engine})`, async () => {
    await using files = await folder({ "a.txt": "abc" });
    await using server = new RawServer(() => ok());
    const request = new Request("POST", server.origin, { data: new URL(`file://${files.path}/a.txt`) }).prepare();
    (request.body as StreamBody).open = () => new Blob(["xyz"]).stream();
    using adapter = open();
    await (await adapter.send(request)).read();
    assert.equal(server.requests[0]!.body, "xyz");
  });

  Deno.test(`send() refuses a wrong timeout, method and proxy (${engine})`, async () => {
    await assert.rejects(ask("GET", SOMEWHERE, {}, { timeout: 0 }), RangeError);
    await assert.rejects(ask("GET", SOMEWHERE, {}, { proxies: { https: "http://:8080" } }), InvalidProxyURL);
    const prepared = new Request("GET", SOMEWHERE).prepare();
    prepared.method = "G T";
    using adapter = open();
    await assert.rejects(adapter.send(prepared), RangeError);
  });

  Deno.test(`send() shows a client certificate, from two files and from one (${engine})`, async () => {
    const { createServer } = await import("node:tls");
    const server = createServer(
      { cert: SERVER_CERT, key: SERVER_KEY, ca: CA, requestCert: true, rejectUnauthorized: false },
      (socket) => {
        socket.on("error", () => {});
        socket.once("data", () => {
          const name = String((socket.getPeerCertificate() as { subject?: { CN?: string } })?.subject?.CN ?? "nobody");
          socket.end(`HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\nConnection: close\r\n\r\n${name}`);
        });
      },
    );
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `https://127.0.0.1:${(server.address() as { port: number }).port}/`;
    try {
      await using place = await folder({
        "ca.pem": CA,
        "client.pem": CLIENT_CERT,
        "client.key": CLIENT_KEY,
        "both.pem": CLIENT_CERT + CLIENT_KEY,
      });
      const verify = `${place.path}/ca.pem`;
      for (
        const cert of [[`${place.path}/client.pem`, `${place.path}/client.key`] as const, `${place.path}/both.pem`]
      ) {
        const response = await ask("GET", url, {}, { verify, cert });
        assert.equal(new TextDecoder().decode(response.content), "httpkit test client");
      }
      assert.equal(new TextDecoder().decode((await ask("GET", url, {}, { verify })).content), "nobody");
    } finally {
      await new Promise((resolve) => server.close(resolve));
    }
  });

  // Proxies

  Deno.test(`send() gives an http proxy the whole URL, and its credentials to it alone (${engine})`, async () => {
    await using proxy = new RawServer(() => ok("via proxy"));
    const withAuth = proxy.origin.replace("//", "//joe:p%40ss@");
    const url = "http://ann:pw@shop.test/a%20b?c=d#frag";
    const response = await ask("GET", url, {}, { proxies: { http: withAuth } });
    assert.equal(new TextDecoder().decode(response.content), "via proxy");
    const { head } = proxy.requests[0]!;
    assert.match(head, /^GET http:\/\/shop\.test\/a%20b\?c=d HTTP\/1\.1\r\n/);
    assert.equal(header(head, "proxy-authorization"), `Basic ${btoa("joe:p@ss")}`);
    assert.equal(header(head, "authorization"), `Basic ${btoa("ann:pw")}`);
    assert.equal(header(head, "host"), "shop.test");
  });

  Deno.test(`send() lets the caller's Proxy-Authorization pass to a proxy without credentials (${engine})`, async () => {
    await using proxy = new RawServer(() => ok());
    const headers = { "Proxy-Authorization": "Bearer x" };
    await ask("GET", "http://shop.test/", { headers }, { proxies: { http: proxy.origin.replace("http://", "") } });
    assert.equal(header(proxy.requests[0]!.head, "proxy-authorization"), "Bearer x");
  });

  Deno.test(`send() gives an https proxy its credentials for an http URL, too (${engine})`, async () => {
    await using place = await folder({ "ca.pem": CA });
    await using proxy = new RawServer(() => ok("via proxy"), TLS);
    const proxies = { http: proxy.origin.replace("//", "//joe:pw@") };
    await ask("GET", "http://shop.test/", {}, { proxies, verify: `${place.path}/ca.pem` });
    assert.equal(header(proxy.requests[0]!.head, "proxy-authorization"), `Basic ${btoa("joe:pw")}`);
  });

  Deno.test(`send() tunnels https, and keeps Proxy-Authorization away from the origin (${engine})`, async () => {
    await using place = await folder({ "ca.pem": CA });
    const verify = `${place.path}/ca.pem`;
    await using origin = new RawServer(() => ok("secure", "Connection: close\r\n"), TLS);
    await using plain = tunnelTo(origin);
    await using secure = tunnelTo(origin, TLS);
    const headers = { "Proxy-Authorization": "Bearer x" };
    for (const [proxy, url] of [[plain, plain.origin], [secure, secure.origin.replace("//", "//joe:pw@")]] as const) {
      const response = await ask("GET", origin.origin, { headers }, { proxies: { https: url }, verify });
      assert.equal(new TextDecoder().decode(response.content), "secure");
      assert.match(proxy.requests[0]!.head, /^CONNECT 127\.0\.0\.1:\d+ /);
      const expected = proxy === secure ? `Basic ${btoa("joe:pw")}` : null;
      assert.equal(header(proxy.requests[0]!.head, "proxy-authorization"), expected);
    }
    assert.equal(origin.requests.length, 2);
    for (const { head } of origin.requests) assert.equal(header(head, "proxy-authorization"), null);
  });

  for (
    const [name, answer, message] of [
      ["407", "HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n", /user and password/],
      ["403", "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", /unsuccessful tunnel|403 Forbidden/],
      ["nothing", null, /tunnel/],
    ] as const
  ) {
    Deno.test(`send() raises ProxyError when a proxy answers CONNECT with ${name} (${engine})`, async () => {
      await using proxy = new RawServer(() => answer);
      const url = deadOrigin().replace("http:", "https:");
      await assert.rejects(ask("GET", url, {}, { proxies: { https: proxy.origin } }), (error) => {
        assert.ok(error instanceof ProxyError);
        assert.match(error.message, message);
        assert.match(error.message, new RegExp(`proxy 127\\.0\\.0\\.1:${proxy.port}`));
        return true;
      });
    });
  }

  for (const scheme of ["http", "socks5", "socks5h"]) {
    Deno.test(`send() raises ProxyError when nobody listens for a ${scheme} proxy, without its password (${engine})`, async () => {
      const proxy = deadOrigin().replace("http://", `${scheme}://joe:pass@`);
      await assert.rejects(ask("GET", "http://127.0.0.1:9999/", {}, { proxies: { all: proxy } }), (error) => {
        assert.ok(error instanceof ProxyError);
        assert.doesNotMatch(Deno.inspect(error), /joe|pass/);
        return true;
      });
    });
  }

  // The pool

  Deno.test(`poolBlock limits how many requests to one host are under way (${engine})`, async () => {
    let running = 0;
    let most = 0;
    await using server = new RawServer(() => async (connection) => {
      most = Math.max(most, ++running);
      await new Promise((resolve) => setTimeout(resolve, 20));
      running--;
      await connection.write(bytesOf(ok("fine")));
    });
    using adapter = open({ poolMaxsize: 2, poolBlock: true });
    const one = async () => {
      await (await adapter.send(new Request("GET", server.origin).prepare(), { timeout: 5 })).read();
    };
    await Promise.all(Array.from({ length: 8 }, one));
    assert.equal(most, 2);
    assert.equal(server.requests.length, 8);
  });

  Deno.test(`poolBlock frees the place of a response that failed or was closed, and the signal ends the waiting (${engine})`, async () => {
    await using server = new RawServer(({ head }) =>
      head.startsWith("GET /null") ? null : head.startsWith("GET /stall") ? ok("0123456789").slice(0, -5) : ok("fine")
    );
    using adapter = open({ poolMaxsize: 1, poolBlock: true });
    const send = (path: string, sending: SendOptions = {}) =>
      adapter.send(new Request("GET", server.origin + path).prepare(), sending);
    await assert.rejects(send("/null"), ConnectionError);
    await assert.rejects(send("/x", { proxies: { http: "http://:8080" } }), InvalidProxyURL);
    const stalled = await send("/stall");
    const controller = new AbortController();
    const waiting = send("/x", { signal: controller.signal });
    controller.abort(new Error("tired"));
    await assert.rejects(waiting, /tired/);
    const next = send("/x");
    await stalled.close();
    assert.equal((await (await next).read()).length, 4);
  });

  Deno.test(`responses under way can be read to their end after close() (${engine})`, async () => {
    await using server = new RawServer(() => async (connection) => {
      await connection.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfi"));
      await new Promise((resolve) => setTimeout(resolve, 20));
      await connection.write(bytesOf("ne"));
    });
    const adapter = open();
    const response = await adapter.send(new Request("GET", server.origin).prepare());
    adapter.close();
    assert.equal(new TextDecoder().decode(await response.read()), "fine");
  });

  Deno.test(`send() notices a body that is too long, also where the surplus is a piece of its own (${engine})`, async () => {
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
      try {
        return new globalThis.Response(await request.text());
      } catch {
        return new globalThis.Response("cut");
      }
    });
    async function* pieces() {
      yield "ab";
      yield "c";
    }
    const prepared = new Request("POST", `http://127.0.0.1:${server.addr.port}/`, {
      data: pieces(),
      headers: { "Content-Length": "2" },
    }).prepare();
    const adapter = open();
    await assert.rejects(adapter.send(prepared), /more than the 2 bytes of its Content-Length/);
    adapter.close();
  });
}
