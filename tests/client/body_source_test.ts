import assert from "node:assert/strict";
import { type BodySource, streamOf, StreamSource } from "../../client/body_source.ts";
import type { ConnectionInfo } from "../../client/connection_info.ts";
import { StreamConsumedError } from "../../client/errors.ts";
import { isPassedOn, Response, type ResponseOptions } from "../../client/response.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encode = (text: string): Bytes => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** A source of some pieces that tells what is asked of it; after the last piece it waits if it is endless. */
class FakeSource implements BodySource {
  readonly log: string[] = [];
  readonly #pieces: string[];
  readonly #endless: boolean;
  readonly #end: "null" | "error";
  #finish: () => void = () => {};
  #cancelled = false;

  constructor(pieces: readonly string[], { endless = false, end = "null" as "null" | "error" } = {}) {
    this.#pieces = [...pieces];
    this.#endless = endless;
    this.#end = end;
  }

  async read(): Promise<Bytes | null> {
    this.log.push("read");
    const piece = this.#pieces.shift();
    if (piece !== undefined && !this.#cancelled) return encode(piece);
    if (this.#endless && !this.#cancelled) await new Promise<void>((resolve) => this.#finish = resolve);
    if (this.#cancelled && this.#end === "error") throw new Error("cancelled");
    return null;
  }

  cancel(): Promise<void> {
    this.log.push("cancel");
    this.#cancelled = true;
    this.#finish();
    return Promise.resolve();
  }
}

function sourced(
  pieces: readonly string[],
  options: ResponseOptions = {},
): { response: Response; source: FakeSource; log: string[] } {
  const source = new FakeSource(pieces);
  const response = new Response({ body: source, onClose: () => source.log.push("onClose"), ...options });
  return { response, source, log: source.log };
}

Deno.test("Response.read() reads a source piece by piece, and nothing before", async () => {
  const { response, log } = sourced(["ab", "cd"]);
  assert.deepEqual(log, []);
  assert.equal(decode(await response.read()), "abcd");
  assert.equal(response.text, "abcd");
  assert.deepEqual(log, ["read", "read", "read", "cancel", "onClose"]);
});

Deno.test("Response.read() asks a source for all at once if it can", async () => {
  const { source, log } = sourced(["slow"]);
  const body: BodySource = {
    read: () => source.read(),
    readAll: () => Promise.resolve(encode("quick")),
    cancel: () => source.cancel(),
  };
  const response = new Response({ body });
  assert.equal(decode(await response.read()), "quick");
  assert.deepEqual(log, []);
});

Deno.test("Response.iterContent() and iterLines() read a source", async () => {
  const pieces = await Array.fromAsync(sourced(["abc", "de"]).response.iterContent(2));
  assert.deepEqual(pieces.map(decode), ["ab", "cd", "e"]);
  const lines = await Array.fromAsync(sourced(["a\nb", "c\n"]).response.iterLines());
  assert.deepEqual(lines.map(decode), ["a", "bc"]);
});

Deno.test("Response gives a source up when a loop is left, and once", async () => {
  const { response, log } = sourced(["abc", "def"]);
  for await (const _ of response.iterContent(2)) break;
  await response.close();
  assert.deepEqual(log, ["read", "cancel", "onClose"]);
  await assert.rejects(response.read(), StreamConsumedError);
});

for (const end of ["null", "error"] as const) {
  Deno.test(`close() ends a read() of a source that waits, whose pending read ends with ${end}`, async () => {
    const source = new FakeSource(["a"], { endless: true, end });
    const response = new Response({ body: source });
    const waiting = assert.rejects(response.read(), StreamConsumedError);
    await response.close();
    await waiting;
  });

  Deno.test(`return() ends an iteration over a source that waits, whose pending read ends with ${end}`, async () => {
    const source = new FakeSource([], { endless: true, end });
    const iterator = new Response({ body: source }).iterContent(2);
    const waiting = iterator.next();
    await iterator.return();
    assert.deepEqual(await waiting, { done: true, value: undefined });
    assert(source.log.includes("cancel"));
  });
}

Deno.test("an error of a source is mapped, and stays", async () => {
  const cause = new Error("reset");
  const body: BodySource = { read: () => Promise.reject(cause), cancel: () => Promise.resolve() };
  const mapped = new Error("mapped");
  const response = new Response({ body, mapError: (error) => (assert.equal(error, cause), mapped) });
  for (const _ of [1, 2]) await assert.rejects(response.read(), (error) => error === mapped);
});

// raw

Deno.test("raw makes a stream of a source when it is first asked for, without reading ahead", async () => {
  const { response, log } = sourced(["ab", "cd"]);
  const { raw } = response;
  assert.equal(response.raw, raw);
  assert.deepEqual(log, []);
  assert.equal(await new globalThis.Response(raw).text(), "abcd");
  assert.deepEqual(log, ["read", "read", "read"]);
});

Deno.test("raw that nobody reads leaves the body to the methods", async () => {
  const { response } = sourced(["ab", "cd"]);
  assert.equal(response.raw!.locked, false);
  assert.equal(decode(await response.read()), "abcd");
});

Deno.test("raw that somebody reads leaves nothing for the methods", async () => {
  const { response } = sourced(["ab", "cd"]);
  const reader = response.raw!.getReader();
  assert.throws(() => response.iterContent(), StreamConsumedError);
  await reader.cancel();
});

Deno.test("raw is locked while a source is read, and ended afterwards", async () => {
  const { response } = sourced(["ab", "cd"]);
  const pieces = response.iterContent(null);
  await pieces.next();
  assert.equal(response.raw!.locked, true);
  await pieces.return();
  const closed = sourced(["ab"]).response;
  await closed.close();
  assert.deepEqual(await Array.fromAsync(closed.raw!), []);
});

Deno.test("raw of a source cancels it", async () => {
  const { response, log } = sourced(["ab", "cd"]);
  await response.raw!.cancel();
  assert.deepEqual(log, ["cancel"]);
});

Deno.test("raw may be set", () => {
  const { response } = sourced(["ab"]);
  const raw = new ReadableStream<Bytes>();
  response.raw = raw;
  assert.equal(response.raw, raw);
  response.raw = null;
  assert.equal(response.raw, null);
});

Deno.test("isPassedOn() knows a body that went on in another response, and makes no stream", async () => {
  const one = sourced(["ab"]);
  assert.equal(isPassedOn(one.response, sourced([]).response), false);
  assert.equal(isPassedOn(one.response, new Response({ body: one.response.raw })), true);
  const two = sourced(["cd"]);
  const piped = two.response.raw!.pipeThrough(new TransformStream<Bytes, Bytes>());
  assert.equal(isPassedOn(two.response, new Response({ body: piped })), true);
  await piped.cancel();
  const three = sourced(["ab", "cd"]);
  assert.equal(isPassedOn(three.response, three.response), false);
  // A stream in between would ask for each piece from within its own read.
  assert.equal(decode(await three.response.read()), "abcd");
});

// StreamSource, streamOf()

Deno.test("StreamSource skips empty pieces, and lets the stream go at the end", async () => {
  const stream = ReadableStream.from(["", "ab", "", "c"].map(encode)) as ReadableStream<Bytes>;
  const source = new StreamSource(stream);
  assert.equal(stream.locked, false);
  assert.equal(decode((await source.read())!), "ab");
  assert.equal(stream.locked, true);
  assert.equal(decode((await source.read())!), "c");
  assert.equal(await source.read(), null);
  assert.equal(stream.locked, false);
  assert.equal(await source.read(), null);
  await source.cancel();
});

Deno.test("StreamSource.cancel() ends a pending read", async () => {
  const reasons: unknown[] = [];
  const source = new StreamSource(new ReadableStream<Bytes>({ cancel: (reason) => void reasons.push(reason) }));
  const pending = source.read();
  await source.cancel("enough");
  assert.equal(await pending, null);
  assert.deepEqual(reasons, ["enough"]);
});

for (const type of ["bytes", undefined] as const) {
  Deno.test(`StreamSource.readInto() of a stream ${type === undefined ? "in its own memory" : "of bytes"}`, async () => {
    const pieces = ["abcde", "fg"].map(encode);
    const pull = (controller: ReadableByteStreamController | ReadableStreamDefaultController<Bytes>) => {
      const piece = pieces.shift();
      if (piece !== undefined) return controller.enqueue(piece);
      controller.close();
      if (controller instanceof ReadableByteStreamController) controller.byobRequest?.respond(0);
    };
    const stream = type === undefined ? new ReadableStream<Bytes>({ pull }) : new ReadableStream<Bytes>({ type, pull });
    const source = new StreamSource(stream);
    let memory = new Uint8Array(4);
    let text = "";
    for (;;) {
      const part = await source.readInto(memory);
      assert.equal(part.byteOffset, 0);
      if (part.length === 0) break;
      text += decode(part);
      memory = new Uint8Array(part.buffer);
      assert.equal(memory.length, 4);
    }
    assert.equal(text, "abcdefg");
    assert.equal((await source.readInto(new Uint8Array(4))).length, 0);
  });
}

Deno.test("StreamSource.cancel() ends a pending readInto()", async () => {
  const source = new StreamSource(new ReadableStream<Bytes>({ type: "bytes" }));
  const pending = source.readInto(new Uint8Array(4));
  await source.cancel("enough");
  assert.equal((await pending).length, 0);
});

Deno.test("iterContent() with reuse gives pieces to keep where the source has no other", async () => {
  const { response } = sourced(["abc", "de"]);
  const pieces = await Array.fromAsync(response.iterContent(2, { reuse: true }));
  assert.deepEqual(pieces.map(decode), ["ab", "cd", "e"]);
  const memory = new Response({ body: encode("abc") });
  assert.deepEqual((await Array.fromAsync(memory.iterContent(2, { reuse: true }))).map(decode), ["ab", "c"]);
});

Deno.test("streamOf() fails as its source does", async () => {
  const stream = streamOf({ read: () => Promise.reject(new RangeError("broken")), cancel: () => Promise.resolve() });
  await assert.rejects(() => Array.fromAsync(stream), RangeError);
});

// Head and trailers

Deno.test("headers are made when they are first asked for, once", () => {
  let made = 0;
  const response = new Response({ headers: () => new Headers({ "x-made": String(++made) }) });
  assert.equal(made, 0);
  assert.equal(response.headers.get("x-made"), "1");
  assert.equal(response.headers, response.headers);
  response.headers = new Headers({ "x-set": "1" });
  assert.equal(response.headers.get("x-made"), null);
  assert.equal(made, 1);
});

Deno.test("rawHeaders are the fields as they came, or else those of headers", () => {
  const rawHeaders = [["X-B", "1"], ["x-a", "2"], ["X-B", "3"]] as const;
  assert.deepEqual(
    new Response({ rawHeaders, headers: new Headers(rawHeaders.map(([...pair]) => pair)) }).rawHeaders,
    rawHeaders,
  );
  const headers = new Headers([["X-B", "1"], ["x-a", "2"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
  assert.deepEqual(new Response({ headers }).rawHeaders, [
    ["set-cookie", "a=1"],
    ["set-cookie", "b=2"],
    ["x-a", "2"],
    ["x-b", "1"],
  ]);
});

const trailers = () => new Headers({ "x-sum": "42" });

const ENDS: readonly (readonly [how: string, read: (response: Response) => Promise<unknown>])[] = [
  ["read()", (response) => response.read()],
  ["iterContent()", (response) => Array.fromAsync(response.iterContent(3))],
  ["iterLines()", (response) => Array.fromAsync(response.iterLines())],
  ["raw", (response) => new globalThis.Response(response.raw).bytes()],
];

for (const [how, read] of ENDS) {
  Deno.test(`trailers are there when ${how} has come to the end`, async () => {
    const { response } = sourced(["ab", "cd"], { trailers });
    assert.deepEqual([...response.trailers], []);
    await read(response);
    assert.deepEqual([...response.trailers], [["x-sum", "42"]]);
    assert.equal(response.trailers, response.trailers);
  });
}

Deno.test("trailers are there at once for a body in memory, and empty without any", async () => {
  assert.equal(new Response({ body: encode("a"), trailers }).trailers.get("x-sum"), "42");
  const { response } = sourced(["a"]);
  await response.read();
  assert.deepEqual([...response.trailers], []);
});

Deno.test("trailers of a body that is given up stay empty", async () => {
  const left = sourced(["ab", "cd"], { trailers }).response;
  for await (const _ of left.iterContent(1)) break;
  const closed = sourced(["ab", "cd"], { trailers }).response;
  await closed.close();
  for (const response of [left, closed]) assert.deepEqual([...response.trailers], []);
});

Deno.test("connectionInfo is what the engine tells", () => {
  const connectionInfo: ConnectionInfo = {
    localAddress: "127.0.0.1:50312",
    remoteAddress: "127.0.0.1:80",
    proxy: null,
    reused: false,
    tls: null,
  };
  assert.equal(new Response({ connectionInfo }).connectionInfo, connectionInfo);
  assert.equal(new Response().connectionInfo, null);
});
