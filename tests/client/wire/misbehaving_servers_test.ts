/** Servers that do what they must not, or what few do: the error class of each engine, row by row. */

import assert from "node:assert/strict";
import * as errors from "../../../client/errors.ts";
import { HTTPAdapter } from "../../../client/http_adapter.ts";
import { Request } from "../../../client/request.ts";
import { bytesOf, deadOrigin, RawServer } from "../raw_server.ts";
import { SERVER_CERT, SERVER_KEY } from "../tls_material.ts";

type ErrorName = keyof typeof errors;

/** What a request comes to: the class of its error, or the text of the body. */
type Outcome = ErrorName | { readonly text: string };

interface Row {
  readonly name: string;
  /** What the server sends, before it closes the connection. */
  readonly answer: string;
  /** With the wire engine. */
  readonly wire: Outcome;
  /** With `fetch`; the same unless it is said. */
  readonly fetch?: Outcome;
  /** Whether the connection stays open behind the answer. */
  readonly open?: boolean;
}

const OK = "HTTP/1.1 200 OK\r\n";
const LENGTH = "Content-Length: 2\r\n\r\n";
const CHUNKED = `${OK}Transfer-Encoding: chunked\r\n\r\n`;
const hi: Outcome = { text: "hi" };

const ROWS: readonly Row[] = [
  // Before there is a response
  { name: "closes without a word", answer: "", wire: "ConnectionError" },
  { name: "closes in the status line", answer: "HTTP/1.1 20", wire: "ConnectionError" },
  { name: "closes in the fields", answer: `${OK}Content-Le`, wire: "ConnectionError" },
  { name: "sends garbage", answer: "\x16\x03\x01garbage\r\n\r\n", wire: "ConnectionError" },
  { name: "is an SSH server", answer: "SSH-2.0-OpenSSH_9.2\r\n", wire: "ConnectionError" },
  { name: "speaks HTTP/0.9", answer: "<html>hi</html>\n", wire: "ConnectionError" },
  { name: "speaks HTTP/2", answer: "HTTP/2 200 OK\r\n\r\n", wire: "ConnectionError" },
  { name: "sends a status of two digits", answer: `HTTP/1.1 20 OK\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "sends status 099", answer: `HTTP/1.1 099 X\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "sends status 1000", answer: `HTTP/1.1 1000 X\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "sends a line without a colon", answer: `${OK}no colon here\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "folds a line", answer: `${OK}X-A: a\r\n b\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "puts a blank before a colon", answer: `${OK}X-A : a\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "puts NUL into a value", answer: `${OK}X-A: a\0b\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "puts a bare CR into a value", answer: `${OK}X-A: a\rX-B: b\r\n${LENGTH}hi`, wire: "ConnectionError" },
  { name: "sends 101 fields", answer: `${OK}${"X-A: a\r\n".repeat(101)}${LENGTH}hi`, wire: "ConnectionError" },
  {
    name: "sends a head of a megabyte",
    answer: `${OK}X-A: ${"a".repeat(1 << 20)}\r\n${LENGTH}hi`,
    wire: "ConnectionError",
  },
  { name: "sends two lengths that differ", answer: `${OK}Content-Length: 3\r\n${LENGTH}hi`, wire: "InvalidHeader" },
  { name: "sends a length that is no number", answer: `${OK}Content-Length: two\r\n\r\nhi`, wire: "InvalidHeader" },
  { name: "sends a negative length", answer: `${OK}Content-Length: -2\r\n\r\nhi`, wire: "InvalidHeader" },
  {
    name: "sends a length and chunks",
    answer: `${OK}Transfer-Encoding: chunked\r\n${LENGTH}2\r\nhi\r\n0\r\n\r\n`,
    wire: "InvalidHeader",
    fetch: hi,
  },
  {
    name: "names a transfer coding that nobody knows",
    answer: `${OK}Transfer-Encoding: x-zip\r\n\r\nhi`,
    wire: "InvalidHeader",
    fetch: hi,
  },
  // What is odd and allowed
  { name: "leaves the phrase out", answer: `HTTP/1.1 200\r\n${LENGTH}hi`, wire: hi },
  { name: "ends lines with LF", answer: "HTTP/1.1 200 OK\nContent-Length: 2\n\nhi", wire: hi },
  { name: "repeats the same length", answer: `${OK}Content-Length: 2\r\n${LENGTH}hi`, wire: hi },
  { name: "ends the body by closing", answer: `${OK}\r\nhi`, wire: hi },
  { name: "speaks HTTP/1.0", answer: "HTTP/1.0 200 OK\r\n\r\nhi", wire: hi },
  { name: "sends more than its length", answer: `${OK}${LENGTH}hi there`, wire: hi },
  { name: "sends a body with 204", answer: `HTTP/1.1 204 No Content\r\n${LENGTH}hi`, wire: { text: "" } },
  { name: "sends 103 first", answer: `HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n${OK}${LENGTH}hi`, wire: hi },
  {
    name: "sends chunks with extensions and trailers",
    answer: `${CHUNKED}2;a=b\r\nhi\r\n0\r\nX-A: a\r\n\r\n`,
    wire: hi,
  },
  // In the body
  {
    name: "closes before the length is reached",
    answer: `${OK}Content-Length: 9\r\n\r\nhi`,
    wire: "ChunkedEncodingError",
  },
  { name: "closes in a chunk", answer: `${CHUNKED}9\r\nhi`, wire: "ChunkedEncodingError" },
  { name: "closes before the last chunk", answer: `${CHUNKED}2\r\nhi\r\n`, wire: "ChunkedEncodingError" },
  {
    name: "sends a size of a chunk that is none",
    answer: `${CHUNKED}zz\r\nhi\r\n0\r\n\r\n`,
    wire: "ChunkedEncodingError",
  },
  { name: "sends a negative size of a chunk", answer: `${CHUNKED}-2\r\nhi\r\n0\r\n\r\n`, wire: "ChunkedEncodingError" },
  {
    name: "sends a chunk that is too long",
    answer: `${CHUNKED}2\r\nhi there\r\n0\r\n\r\n`,
    wire: "ChunkedEncodingError",
  },
  {
    name: "sends a size of a chunk beyond all numbers",
    answer: `${CHUNKED}${"f".repeat(20)}\r\nhi`,
    wire: "ChunkedEncodingError",
  },
  {
    name: "sends a body that is no gzip",
    answer: `${OK}Content-Encoding: gzip\r\n${LENGTH}hi`,
    wire: "ContentDecodingError",
  },
  // What does not end
  { name: "never answers", answer: "", open: true, wire: "ReadTimeout" },
  { name: "stops in the fields", answer: `${OK}X-A: a\r\n`, open: true, wire: "ReadTimeout" },
  { name: "stops in the body", answer: `${OK}Content-Length: 9\r\n\r\nhi`, open: true, wire: "ConnectionError" },
  {
    name: "sends interim responses only",
    answer: "HTTP/1.1 102 Processing\r\n\r\n".repeat(101),
    open: true,
    wire: "ConnectionError",
    fetch: "ReadTimeout",
  },
];

/** @param timeout short where it is to run out, else long enough for a busy machine, in seconds. */
async function ask(engine: "wire" | "fetch", url: string, timeout = 10): Promise<Outcome> {
  const adapter = new HTTPAdapter({ engine });
  const headers = { "User-Agent": "test", Accept: "*/*", "Accept-Encoding": "gzip" };
  try {
    const response = await adapter.send(new Request("GET", url, { headers }).prepare(), { timeout });
    assert.equal(response.engine, engine);
    return { text: new TextDecoder().decode(await response.read()) };
  } catch (error) {
    if (!(error instanceof errors.RequestException)) throw error;
    assert.notEqual(error.request, null);
    assert.doesNotMatch(error.message, /secret/);
    return error.name as ErrorName;
  } finally {
    adapter.close();
  }
}

for (const { name, answer, open = false, ...expected } of ROWS) {
  for (const engine of ["wire", "fetch"] as const) {
    const outcome = expected[engine] ?? expected.wire;
    const what = typeof outcome === "string" ? outcome : "a response";
    Deno.test(`send() comes to ${what} with ${engine} when a server ${name}`, async () => {
      await using server = new RawServer(() => async (connection) => {
        for (let bytes = bytesOf(answer); bytes.length > 0;) bytes = bytes.subarray(await connection.write(bytes));
        // Until the client gives up.
        if (open) await connection.read(new Uint8Array(1));
        return null;
      });
      const url = `${server.origin.replace("//", "//ann:secret@")}/?secret`;
      assert.deepEqual(await ask(engine, url, open ? 0.2 : 10), outcome);
    });
  }
}

for (const engine of ["wire", "fetch"] as const) {
  Deno.test(`send() comes to ConnectionError with ${engine} when nobody listens`, async () => {
    assert.equal(await ask(engine, deadOrigin()), "ConnectionError");
  });

  Deno.test(`send() comes to ConnectionError with ${engine} when a name is not known`, async () => {
    assert.equal(await ask(engine, "http://no-such-host.invalid/"), "ConnectionError");
  });

  Deno.test(`send() comes to ConnectionError with ${engine} when a server resets the connection`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    // What has arrived and was not read makes the system send a reset.
    const resetting = listener.accept().then(async (connection) => {
      await connection.read(new Uint8Array(1));
      connection.close();
    });
    assert.equal(await ask(engine, `http://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`), "ConnectionError");
    await resetting;
  });

  Deno.test(`send() comes to SSLError with ${engine} when a server shows a certificate that nobody trusts`, async () => {
    await using server = new RawServer(() => null, { tls: { cert: SERVER_CERT, key: SERVER_KEY } });
    assert.equal(await ask(engine, server.origin), "SSLError");
  });

  Deno.test(`send() comes to SSLError with ${engine} when a server speaks no TLS`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const answering = listener.accept().then(async (connection) => {
      using _ = connection;
      await connection.read(new Uint8Array(4096));
      await connection.write(bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    assert.equal(await ask(engine, `https://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`), "SSLError");
    await answering;
  });

  Deno.test(`send() comes to ReadTimeout with ${engine} when a TLS handshake stalls`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const silent = listener.accept();
    assert.equal(await ask(engine, `https://127.0.0.1:${(listener.addr as Deno.NetAddr).port}/`, 0.2), "ReadTimeout");
    (await silent).close();
  });
}
