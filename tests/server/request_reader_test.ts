import assert from "node:assert/strict";
import { RequestReader } from "../../server/mod.ts";
import { ask, SilentHandler } from "../helpers/silent_handler.ts";

const TEXT = "one\n\ntwö\r\nthree";
const BYTES = new TextEncoder().encode(TEXT);
const LINES = ["one\n", "\n", "twö\r\n", "three"];

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** A body that arrives in the given pieces. */
function bodyOf(...pieces: Uint8Array[]): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces);
}

/** A reader for each way to cut the body in two, an empty piece in the middle; and one for single bytes. */
function* readers(): Generator<[string, RequestReader]> {
  for (let at = 0; at <= BYTES.length; at++) {
    const body = bodyOf(BYTES.slice(0, at), new Uint8Array(0), BYTES.slice(at));
    yield [`cut at ${at}`, new RequestReader(body)];
  }
  yield ["byte by byte", new RequestReader(bodyOf(...Array.from(BYTES, (byte) => Uint8Array.of(byte))))];
}

Deno.test("read() gives all of a body, wherever it is cut, and then nothing", async () => {
  for (const size of [undefined, null, -1]) {
    for (const [name, reader] of readers()) {
      assert.equal(text(await reader.read(size)), TEXT, name);
      assert.equal((await reader.read(size)).length, 0, name);
      assert.equal((await reader.readline()).length, 0, name);
    }
  }
});

Deno.test("read(n) waits for n bytes, wherever the body is cut, and gives fewer at the end only", async () => {
  for (let size = 1; size <= BYTES.length + 1; size++) {
    for (const [name, reader] of readers()) {
      for (let at = 0; at < BYTES.length; at += size) {
        assert.deepEqual(await reader.read(size), BYTES.slice(at, at + size), `${size} bytes ${name}`);
      }
      assert.equal((await reader.read(size)).length, 0);
    }
  }
});

Deno.test("read(0) reads nothing and waits for nothing", async () => {
  const reader = new RequestReader(new ReadableStream<Uint8Array>());
  assert.equal((await reader.read(0)).length, 0);
  assert.equal((await reader.readline(0)).length, 0);
  await reader.close();
});

Deno.test("readline() gives lines with their ends, wherever the body is cut", async () => {
  for (const [name, reader] of readers()) {
    for (const line of LINES) assert.equal(text(await reader.readline()), line, name);
    assert.equal((await reader.readline()).length, 0, name);
  }
});

Deno.test("readline(n) gives at most n bytes of a line", async () => {
  for (const [name, reader] of readers()) {
    const pieces: string[] = [];
    for (let piece = await reader.readline(2); piece.length > 0; piece = await reader.readline(2)) {
      pieces.push(new TextDecoder("latin1").decode(piece));
    }
    assert.deepEqual(pieces, ["on", "e\n", "\n", "tw", "Ã¶", "\r\n", "th", "re", "e"], name);
  }
});

Deno.test("readlines() and async iteration give all lines, wherever the body is cut", async () => {
  for (const [name, reader] of readers()) assert.deepEqual((await reader.readlines()).map(text), LINES, name);
  for (const [name, reader] of readers()) {
    assert.deepEqual((await Array.fromAsync(reader)).map(text), LINES, name);
  }
});

Deno.test("readlines(hint) stops after the line with which the hint is reached", async () => {
  for (const [hint, count] of [[1, 1], [4, 1], [5, 2], [6, 3], [1000, 4], [0, 4], [-1, 4]] as const) {
    for (const [name, reader] of readers()) {
      const lines = (await reader.readlines(hint)).map(text);
      assert.deepEqual(lines, LINES.slice(0, count), `hint ${hint} ${name}`);
      assert.equal(text(await reader.read()), LINES.slice(count).join(""), `rest after hint ${hint} ${name}`);
    }
  }
});

Deno.test("async iteration that is left early leaves the rest to be read", async () => {
  for (const [name, reader] of readers()) {
    for await (const line of reader) {
      assert.equal(text(line), "one\n", name);
      break;
    }
    assert.equal(text(await reader.read(1)), "\n", name);
    assert.equal(text(await reader.readline()), "twö\r\n", name);
    assert.equal(text(await reader.read()), "three", name);
  }
});

Deno.test("read() of a request without a body is empty", async () => {
  const reader = new RequestReader(null);
  assert.equal((await reader.read()).length, 0);
  assert.deepEqual(await reader.readlines(), []);
  await reader.close();
});

Deno.test("close() cancels what was not read, and nothing is read behind it", async () => {
  let cancels = 0;
  const reader = new RequestReader(
    new ReadableStream({
      start: (controller) => controller.enqueue(BYTES),
      cancel: () => void cancels++,
    }),
  );
  assert.equal(text(await reader.read(2)), "on");
  await reader.close();
  await reader.close();
  assert.equal(cancels, 1);
  assert.equal((await reader.read()).length, 0);
});

Deno.test("read() rejects when the body breaks off", async () => {
  const reader = new RequestReader(
    new ReadableStream({
      pull: (controller) => controller.error(new TypeError("the client is gone")),
    }),
  );
  await assert.rejects(reader.read(), { name: "TypeError", message: "the client is gone" });
});

Deno.test("read() rejects with TimedOut when nothing comes for the timeout", async () => {
  const reader = new RequestReader(new ReadableStream<Uint8Array>(), () => 0.01);
  await assert.rejects(reader.read(1), {
    name: "TimedOut",
    message: "Cannot read the request: the client sent nothing for 0.01 seconds",
  });
  await reader.close();
});

Deno.test("read() within the timeout leaves no timer behind", async () => {
  // The sanitizers would tell of the timer.
  const reader = new RequestReader(bodyOf(BYTES), () => 3600);
  assert.equal(text(await reader.read()), TEXT);
});

Deno.test("rfile is the body of the request, and what is not read of it is given up", async () => {
  class Handler extends SilentHandler {
    async do_POST(): Promise<void> {
      this.answer(text(await this.rfile.readline()));
    }
  }
  let cancelled = false;
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(BYTES),
    cancel() {
      cancelled = true;
    },
  });
  const { response } = await ask(Handler, { method: "POST", body });
  assert.equal(await response.text(), "one\n");
  assert.ok(cancelled);
});

Deno.test("rfile of a GET request is empty", async () => {
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer(`${(await this.rfile.read()).length} bytes`);
    }
  }
  assert.equal(await (await ask(Handler)).response.text(), "0 bytes");
});

Deno.test("read1() gives what is there without waiting for more, at most what was asked for", async () => {
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const writer = writable.getWriter();
  const reader = new RequestReader(readable);
  const written = writer.write(BYTES.slice(0, 5));
  assert.equal(text(await reader.read1(3)), TEXT.slice(0, 3));
  assert.equal(text(await reader.read1()), TEXT.slice(3, 5));
  assert.equal((await reader.read1(0)).length, 0);
  await written;
  await Promise.all([writer.write(BYTES.slice(5)), reader.read1(null)]);
  await Promise.all([writer.close(), reader.read1()]);
  assert.equal((await reader.read1()).length, 0);
});
