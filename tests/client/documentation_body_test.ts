// What the documentation of requests says about bodies: reading and streaming them, uploads, connections. One test for each
// sentence; where this port differs on purpose the test holds it to what it does here, and says so.
import assert from "node:assert/strict";
import { get, HTTPAdapter, post, Session, StreamConsumedError } from "../../client/mod.ts";
import { patternBytes, tempTree } from "../helpers/temp_tree.ts";
import { httpbin, type Seen } from "./httpbin.ts";
import { bytesOf, ok, type RawAnswer, RawServer } from "./raw_server.ts";

const TOO_LONG = 100;
const PNG = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const text = (bytes: Uint8Array | null | undefined) => new TextDecoder().decode(bytes ?? undefined);
const headOf = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`;

/** Sends the head and the first half at once, and the rest when it is told to. */
function halves(first: string, second: string): { answer: RawAnswer; goOn: () => void } {
  const gate = Promise.withResolvers<void>();
  return {
    answer: async (connection) => {
      await connection.write(bytesOf(headOf(first.length + second.length) + first));
      await gate.promise;
      await connection.write(bytesOf(second));
    },
    goOn: gate.resolve,
  };
}

const compressed = (body: string, format: CompressionFormat) =>
  new Response(new Blob([body]).stream().pipeThrough(new CompressionStream(format))).bytes();

/** A server whose answer is compressed, whatever it is asked for. */
async function compressing(coding: "gzip" | "deflate", body: string): Promise<[RawServer, Uint8Array]> {
  const bytes = await compressed(body, coding);
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: ${coding}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return [new RawServer(() => new Uint8Array([...bytesOf(head), ...bytes])), bytes];
}

// Body Content Workflow

Deno.test("by default, when you make a request, the body of the response is downloaded immediately", async () => {
  const { answer, goOn } = halves("hello ", "world");
  await using server = new RawServer(({ head }) => head.startsWith("GET /other ") ? ok() : answer);
  let done = false;
  const getting = get(server.origin).finally(() => done = true);
  // The head of the first response is there long before that of the second.
  for (let i = 0; i < 5; i++) await get(`${server.origin}/other`);
  assert.equal(done, false);
  goOn();
  const r = await getting;
  assert.equal(r.text, "hello world");
});

Deno.test("you can defer downloading the response body with the stream parameter", async () => {
  const { answer, goOn } = halves("", "the tarball");
  await using server = new RawServer(() => answer);
  const tarballUrl = `${server.origin}/psf/requests/tarball/main`;
  await using r = await get(tarballUrl, { stream: true });
  // At this point only the response headers have been downloaded and the connection remains open.
  assert.equal(r.headers.get("content-length"), "11");
  assert.throws(() => r.content, /await response\.read\(\)/);
  goOn();
  // Accessing `content` does not download here, since that takes its time: `read()` does.
  assert.ok(Number(r.headers.get("content-length")) < TOO_LONG);
  assert.equal(text(await r.read()), "the tarball");
  assert.equal(text(r.content), "the tarball");
});

Deno.test("hence allowing us to make content retrieval conditional", async () => {
  // The rest never comes.
  await using server = new RawServer(() => async (connection) => void await connection.write(bytesOf(headOf(101))));
  await using r = await get(server.origin, { stream: true });
  const content = Number(r.headers.get("content-length")) < TOO_LONG ? await r.read() : null;
  assert.equal(content, null);
});

Deno.test("you can further control the workflow by use of the iter_content() and iter_lines() methods", async () => {
  await using server = new RawServer(() => ok("one\ntwo\nthree"));
  const r = await get(server.origin, { stream: true });
  assert.deepEqual((await Array.fromAsync(r.iterContent(5))).map(text), ["one\nt", "wo\nth", "ree"]);
  const lines = await get(server.origin, { stream: true });
  assert.deepEqual((await Array.fromAsync(lines.iterLines())).map(text), ["one", "two", "three"]);
});

Deno.test("alternatively, you can read the undecoded body from Response.raw", async () => {
  const [server, bytes] = await compressing("deflate", "plain text");
  await using _ = server;
  const r = await get(server.origin, { stream: true });
  assert.deepEqual(await new Response(r.raw).bytes(), bytes);
  assert.equal((await get(server.origin)).text, "plain text");
});

Deno.test("Response.raw of gzip is decoded here, because fetch does it, unless identity was asked for", async () => {
  const [server, bytes] = await compressing("gzip", "plain text");
  await using _ = server;
  const r = await get(server.origin, { stream: true });
  assert.equal(r.engine, "fetch");
  assert.equal(await new Response(r.raw).text(), "plain text");
  const headers = { "Accept-Encoding": "identity" };
  const raw = await get(server.origin, { stream: true, headers });
  assert.deepEqual(await new Response(raw.raw).bytes(), bytes);
  assert.equal((await get(server.origin, { headers })).text, "plain text");
});

Deno.test("the raw stream of bytes does not transform the response content: of gzip neither with the wire engine", async () => {
  const [server, bytes] = await compressing("gzip", "plain text");
  await using _ = server;
  await using s = new Session();
  s.mount("http://", new HTTPAdapter({ engine: "wire" }));
  const r = await s.get(server.origin, { stream: true });
  assert.deepEqual(await new Response(r.raw).bytes(), bytes);
  assert.equal((await s.get(server.origin)).text, "plain text");
});

Deno.test("with stream, Requests cannot release the connection back to the pool unless you consume all the data", async () => {
  const { answer, goOn } = halves("hello ", "world");
  await using server = new RawServer((_, index) => index === 0 ? answer : ok());
  await using s = new Session();
  const r = await s.get(server.origin, { stream: true });
  // This can lead to inefficiency with connections.
  await s.get(server.origin);
  assert.deepEqual(server.requests.map(({ connection }) => connection), [1, 2]);
  goOn();
  await r.read();
  for (let i = 0; i < 3; i++) await s.get(server.origin);
  assert.equal(server.connections, 2);
});

Deno.test("or call Response.close", async () => {
  const { answer, goOn } = halves("hello ", "world");
  await using server = new RawServer((_, index) => index === 0 ? answer : ok("next"));
  await using s = new Session();
  s.mount("http://", new HTTPAdapter({ poolMaxsize: 1, poolBlock: true }));
  const r = await s.get(server.origin, { stream: true });
  let answered = false;
  const next = s.get(server.origin).finally(() => answered = true);
  // A round trip of another session takes as long as that of this one would.
  await get(server.origin);
  assert.equal(answered, false);
  await r.close();
  assert.equal((await next).text, "next");
  goOn();
});

Deno.test("make the request within a with statement to ensure it's always closed", async () => {
  await using server = new RawServer(() => async (connection) =>
    void await connection.write(bytesOf(headOf(9) + "part"))
  );
  let piece: Uint8Array | undefined;
  let left;
  {
    await using r = await get(server.origin, { stream: true });
    // Do things with the response here.
    piece = (await r.iterContent(4).next()).value ?? undefined;
    left = r;
  }
  assert.equal(text(piece), "part");
  await assert.rejects(left.read(), StreamConsumedError);
});

// Keep-Alive

Deno.test("keep-alive is 100% automatic within a session", async () => {
  await using server = new RawServer(() => ok("hello"));
  await using s = new Session();
  for (const method of ["get", "post", "put", "delete", "head"] as const) {
    // A POST without a body would get a connection of its own here, because fetch might send it twice on a kept one.
    await s[method](server.origin, method === "post" ? { data: "x" } : {});
  }
  assert.equal(server.connections, 1);
});

for (
  const [how, stream] of [["set stream to False", false], [
    "read the content property of the Response object",
    true,
  ]] as const
) {
  Deno.test(`connections are only released back to the pool once all body data has been read: ${how}`, async () => {
    await using server = new RawServer(() => ok("hello"));
    await using s = new Session();
    for (let i = 0; i < 3; i++) {
      const r = await s.get(server.origin, { stream });
      if (stream) await r.read();
      assert.equal(text(r.content), "hello");
    }
    assert.equal(server.connections, 1);
  });
}

// Streaming Uploads

Deno.test("to stream and upload, simply provide a file-like object for your body", async () => {
  const massive = patternBytes(3_000_000);
  await using place = await tempTree({ "massive-body": massive });
  const arrived = Promise.withResolvers<[string | null, Uint8Array]>();
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    arrived.resolve([request.headers.get("content-length"), await request.bytes()]);
    return new Response();
  });
  using f = await Deno.open(`${place.path}/massive-body`);
  const r = await post(`http://127.0.0.1:${server.addr.port}/some/url`, { data: f });
  assert.equal(r.statusCode, 200);
  const [length, bytes] = await arrived.promise;
  assert.equal(length, "3000000");
  assert.deepEqual(bytes, massive);
});

Deno.test("Content-Length will be set to the number of bytes in the file: there is no text mode here", async () => {
  await using place = await tempTree({ "größe.txt": "größe\r\n" });
  await using server = httpbin();
  using f = await Deno.open(`${place.path}/größe.txt`);
  const seen = (await post(`${server.origin}/post`, { data: f })).json<Seen>();
  assert.equal(seen.headers["content-length"], "9");
  assert.equal(seen.data, "größe\r\n");
});

// Chunk-Encoded Requests

Deno.test("to send a chunk-encoded request, simply provide a generator for your body", async () => {
  function* gen() {
    yield "hi";
    yield "there";
  }
  await using server = new RawServer(() => ok());
  await post(`${server.origin}/some/url`, { data: gen() });
  const { head, body } = server.requests[0]!;
  assert.match(head, /^transfer-encoding: chunked$/im);
  assert.doesNotMatch(head, /content-length/i);
  // Python makes a chunk of each piece. fetch puts those together that are there at once, which means the same (RFC 9112 §7.1).
  assert.equal(body.replaceAll(/[1-9a-f]+\r\n(.+)\r\n/g, "$1"), "hithere0\r\n\r\n");
});

Deno.test("or any iterator without a length", async () => {
  async function* slowly() {
    yield "hi";
    await Promise.resolve();
    yield bytesOf("there");
  }
  await using server = httpbin();
  for (const data of [slowly(), new Set(["hi", "there"]).values(), new Blob(["hi", "there"]).stream()]) {
    const seen = (await post(`${server.origin}/post`, { data })).json<Seen>();
    assert.equal(seen.data, "hithere");
    assert.equal(seen.headers["transfer-encoding"], "chunked");
  }
});

/** Sends each chunk when the one before has been received. */
function chunked(...chunks: string[]): { answer: RawAnswer; received: () => void } {
  let next = Promise.withResolvers<void>();
  return {
    answer: async (connection) => {
      await connection.write(bytesOf("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
      for (const chunk of chunks) {
        await connection.write(bytesOf(`${chunk.length.toString(16)}\r\n${chunk}\r\n`));
        await next.promise;
        next = Promise.withResolvers();
      }
      await connection.write(bytesOf("0\r\n\r\n"));
    },
    received: () => next.resolve(),
  };
}

Deno.test("you can iterate chunk-by-chunk by calling iter_content with a chunk_size parameter of None", async () => {
  const { answer, received } = chunked("first", "second", "third");
  await using server = new RawServer(() => answer);
  const r = await get(server.origin, { stream: true });
  const chunks: string[] = [];
  for await (const chunk of r.iterContent(null)) {
    chunks.push(text(chunk));
    received();
  }
  assert.deepEqual(chunks, ["first", "second", "third"]);
});

Deno.test("to set a maximum size of the chunk, you can set a chunk_size parameter to any integer", async () => {
  const body = "4\r\n0123\r\n7\r\n4567890\r\n0\r\n\r\n";
  await using server = new RawServer(() => `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${body}`);
  const pieces = async (size: number) =>
    (await Array.fromAsync((await get(server.origin, { stream: true })).iterContent(size))).map(text);
  assert.deepEqual(await pieces(4), ["0123", "4567", "890"]);
  assert.deepEqual(await pieces(6), ["012345", "67890"]);
  assert.deepEqual(await pieces(100), ["01234567890"]);
});

// POST Multiple Multipart-Encoded Files

Deno.test("you can send multiple files in one request: set files to a list of tuples of (form_field_name, file_info)", async () => {
  await using place = await tempTree({ "foo.png": PNG, "bar.png": new Uint8Array([...PNG, 1]) });
  await using server = httpbin();
  using foo = await Deno.open(`${place.path}/foo.png`);
  using bar = await Deno.open(`${place.path}/bar.png`);
  const multipleFiles = [
    ["images", ["foo.png", foo, "image/png"]],
    ["images", ["bar.png", bar, "image/png"]],
  ] as const;
  const r = await post(`${server.origin}/post`, { files: multipleFiles });
  const { files, headers } = r.json<Seen>();
  const images = [PNG, new Uint8Array([...PNG, 1])].map((bytes) => `data:image/png;base64,${bytes.toBase64()}`);
  assert.deepEqual(files, { images: images.join("\n") });
  assert.match(images[0]!, /^data:image\/png;base64,iVBORw/);
  assert.match(headers["content-type"]!, /^multipart\/form-data; boundary=[0-9a-f]{32}$/);
});

Deno.test("each file of a multiple upload keeps its name, type and field", async () => {
  await using server = new RawServer(() => ok());
  const multipleFiles = [["images", ["foo.png", PNG, "image/png"]], ["images", ["bar.png", PNG, "image/png"]]] as const;
  await post(server.origin, { files: multipleFiles });
  const { body } = server.requests[0]!;
  const parts = body.match(/Content-Disposition.*\r\nContent-Type.*\r\n/g);
  assert.deepEqual(parts, [
    'Content-Disposition: form-data; name="images"; filename="foo.png"\r\nContent-Type: image/png\r\n',
    'Content-Disposition: form-data; name="images"; filename="bar.png"\r\nContent-Type: image/png\r\n',
  ]);
});

// Streaming Requests

Deno.test("set stream to True and iterate over the response with iter_lines", async () => {
  await using server = httpbin();
  const r = await get(`${server.origin}/stream/20`, { stream: true });
  const decoded: unknown[] = [];
  for await (const line of r.iterLines()) {
    // filter out keep-alive new lines
    if (line.length > 0) decoded.push(JSON.parse(new TextDecoder().decode(line)));
  }
  assert.deepEqual(decoded, Array(20).fill({ url: "/stream/20" }));
});

Deno.test("filter out keep-alive new lines; each line comes as soon as it is there", async () => {
  const { answer, received } = chunked('{"a":1}\r\n', "\r\n", '{"b":2}\r\n');
  await using server = new RawServer(() => answer);
  const r = await get(server.origin, { stream: true });
  const lines: string[] = [];
  for await (const line of r.iterLines()) {
    lines.push(text(line));
    received();
  }
  assert.deepEqual(lines, ['{"a":1}', "", '{"b":2}']);
});

Deno.test("when using decode_unicode=True, you'll want to provide a fallback encoding", async () => {
  const body = '{"a":"ü"}\n{"b":2}\n';
  await using server = new RawServer(() => ok(String.fromCharCode(...new TextEncoder().encode(body))));
  const r = await get(server.origin, { stream: true });
  assert.equal(r.encoding, null);
  if (r.encoding === null) r.encoding = "utf-8";
  const values: unknown[] = [];
  for await (const line of r.iterLines(512, { decodeUnicode: true })) {
    assert.ok(typeof line === "string");
    if (line !== "") values.push(JSON.parse(line));
  }
  assert.deepEqual(values, [{ a: "ü" }, { b: 2 }]);
  const pieces = await get(server.origin, { stream: true });
  pieces.encoding ??= "utf-8";
  assert.equal((await Array.fromAsync(pieces.iterContent(1, { decodeUnicode: true }))).join(""), body);
  // Without an encoding nothing is decoded.
  const bytes = await get(server.origin, { stream: true });
  for await (const line of bytes.iterLines(512, { decodeUnicode: true })) assert.ok(line instanceof Uint8Array);
});

Deno.test("iter_lines is not reentrant safe: here a second call throws, where Python loses data", async () => {
  await using server = new RawServer(() => ok("first\nsecond\nthird\n"));
  await using r = await get(server.origin, { stream: true });
  await r.iterLines().next();
  assert.throws(() => r.iterLines(), StreamConsumedError);
});

Deno.test("in case you need to call it from multiple places, use the resulting iterator object instead", async () => {
  await using server = new RawServer(() => ok("first\nsecond\nthird\n"));
  const r = await get(server.origin, { stream: true });
  const lines = r.iterLines();
  // Save the first line for later or just skip it
  const firstLine = (await lines.next()).value;
  const rest: string[] = [];
  for await (const line of lines) rest.push(text(line));
  assert.equal(text(firstLine ?? undefined), "first");
  assert.deepEqual(rest, ["second", "third"]);
});
