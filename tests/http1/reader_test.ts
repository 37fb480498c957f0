import assert from "node:assert/strict";
import { DEFAULT_LIMITS, type Limits, MessageReader, ProtocolError, type ProtocolErrorCode } from "../../http1/mod.ts";
import { bytesOf, FragmentSource, textOf } from "./byte_source.ts";

const RESPONSE = "HTTP/1.1 200 OK\r\n\r\n";
const hasCode = (code: ProtocolErrorCode) => (error: unknown) => error instanceof ProtocolError && error.code === code;

/** A source whose reads the test settles. */
class HeldSource {
  readonly reads: { target: Uint8Array; resolve(count: number | null): void; reject(error: unknown): void }[] = [];

  read(target: Uint8Array): Promise<number | null> {
    const { promise, resolve, reject } = Promise.withResolvers<number | null>();
    this.reads.push({ target, resolve, reject });
    return promise;
  }

  give(text: string): void {
    const { target, resolve } = this.reads.at(-1)!;
    target.set(bytesOf(text));
    resolve(text.length);
  }
}

Deno.test("MessageReader does not read before it is asked to", () => {
  const source = new HeldSource();
  new MessageReader(source);
  assert.equal(source.reads.length, 0);
});

Deno.test("readResponseHead() reads a head that waits in the buffer without a read", async () => {
  const source = new FragmentSource(RESPONSE.repeat(3));
  const reader = new MessageReader(source);
  for (let time = 0; time < 3; time++) await reader.readResponseHead();
  assert.equal(source.reads, 1);
  assert.equal(reader.buffered, 0);
});

Deno.test("readResponseHead() refuses another protocol at its first bytes, without waiting for more", async () => {
  for (const text of ["S", "HTTP/2", "\x15", "<html>", "HTTX", "\n\n"]) {
    const source = new HeldSource();
    const head = new MessageReader(source).readResponseHead();
    source.give(text);
    await assert.rejects(head, hasCode("bad-start-line"));
    assert.equal(source.reads.length, 1);
  }
});

Deno.test("readResponseHead() refuses a status line before the rest of the head has come", async () => {
  const source = new HeldSource();
  const head = new MessageReader(source).readResponseHead();
  source.give("HTTP/1.1 99 x\n");
  await assert.rejects(head, hasCode("bad-start-line"));
});

Deno.test("readRequestHead() refuses another protocol at its first bytes, without waiting for more", async () => {
  for (const text of ["\x16\x03\x01", "GET\0", "(", "\r\n ", "GET\n"]) {
    const source = new HeldSource();
    const head = new MessageReader(source).readRequestHead();
    source.give(text);
    await assert.rejects(head, hasCode("bad-start-line"));
  }
});

const ENDS: readonly (readonly [text: string, response: ProtocolErrorCode, request: ProtocolErrorCode | null])[] = [
  ["", "closed", null],
  ["\r\n", "closed", null],
  ["\n", "closed", null],
  ["\r", "early-end", "early-end"],
];

for (const [text, response, request] of ENDS) {
  Deno.test(`readResponseHead() and readRequestHead() tell ${JSON.stringify(text)} and an end`, async () => {
    await assert.rejects(() => new MessageReader(new FragmentSource(text)).readResponseHead(), hasCode(response));
    const head = new MessageReader(new FragmentSource(text)).readRequestHead();
    if (request === null) assert.equal(await head, null);
    else await assert.rejects(head, hasCode(request));
  });
}

Deno.test("readResponseHead() and readRequestHead() refuse a connection that ends anywhere within a head", async () => {
  for (const head of ["HTTP/1.1 200 OK\r\nA: b\r\n\r\n", "GET / HTTP/1.1\r\nA: b\r\n\r\n"]) {
    for (let length = 1; length < head.length; length++) {
      const reader = new MessageReader(new FragmentSource(head.slice(0, length)));
      await assert.rejects(
        () => head.startsWith("HTTP") ? reader.readResponseHead() : reader.readRequestHead(),
        hasCode("early-end"),
      );
    }
  }
});

const LIMITS: readonly (readonly [limits: Partial<Limits>, fits: string, exceeds: string])[] = [
  [{ maxStartLine: 20 }, `HTTP/1.1 200 ${"x".repeat(7)}\r\n\r\n`, `HTTP/1.1 200 ${"x".repeat(8)}\r\n\r\n`],
  [{ maxStartLine: 20 }, `HTTP/1.1 200 ${"x".repeat(7)}\n\n`, `HTTP/1.1 200 ${"x".repeat(8)}\n\n`],
  [
    { maxHeadSize: 30 },
    `${RESPONSE.slice(0, -2)}A: ${"b".repeat(6)}\r\n\r\n`,
    `${RESPONSE.slice(0, -2)}A: ${"b".repeat(7)}\r\n\r\n`,
  ],
  [{ maxFields: 2 }, "HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\n\r\n", "HTTP/1.1 200 OK\r\nA: 1\r\nA: 2\r\nA: 3\r\n\r\n"],
  [{}, `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(100)}\r\n`, `HTTP/1.1 200 OK\r\n${"A: b\r\n".repeat(101)}\r\n`],
  [{}, `HTTP/1.1 200 ${"x".repeat(65_523)}\r\n\r\n`, `HTTP/1.1 200 ${"x".repeat(65_524)}\r\n\r\n`],
  [
    {},
    `${RESPONSE.slice(0, -2)}A: ${"b".repeat(262_120)}\r\n\r\n`,
    `${RESPONSE.slice(0, -2)}A: ${"b".repeat(262_121)}\r\n\r\n`,
  ],
];

for (const [limits, fits, exceeds] of LIMITS) {
  Deno.test(`readResponseHead() keeps to ${JSON.stringify(limits)} with ${fits.length} bytes`, async () => {
    for (const size of [Infinity, 4096, 1 + fits.length % 7]) {
      const reader = (text: string) => new MessageReader(new FragmentSource(text, () => size), { limits });
      assert.equal((await reader(fits).readResponseHead()).statusCode, 200);
      await assert.rejects(() => reader(exceeds).readResponseHead(), hasCode("too-large"));
    }
  });
}

Deno.test("readResponseHead() and readRequestHead() stop reading a head that never ends", async () => {
  const endless = (begin: string, filler: string) => {
    let given = 0;
    return {
      get given() {
        return given;
      },
      read(target: Uint8Array): Promise<number | null> {
        const text = given === 0 ? begin : filler;
        const count = Math.min(target.length, text.length);
        target.set(bytesOf(text).subarray(0, count));
        given += count;
        return Promise.resolve(count);
      },
    };
  };
  for (
    const [begin, filler] of [
      ["HTTP/1.1 200 ", "x".repeat(1000)],
      [RESPONSE.slice(0, -2), "A: b\r\n"],
      [RESPONSE.slice(0, -2), "a".repeat(1000)],
      ["GET /", "x".repeat(1000)],
      ["G", "G".repeat(1000)],
      ["GET / HTTP/1.1\r\n", "A: b\r\n".repeat(100)],
    ] as const
  ) {
    const source = endless(begin, filler);
    const reader = new MessageReader(source);
    await assert.rejects(
      () => begin.startsWith("HTTP") ? reader.readResponseHead() : reader.readRequestHead(),
      hasCode("too-large"),
    );
    assert(source.given < 2 * DEFAULT_LIMITS.maxHeadSize, `${source.given} bytes read`);
  }
});

Deno.test("readResponseHead() looks at each byte of a head once, although the head arrives byte by byte", async () => {
  const head = `${RESPONSE.slice(0, -2)}A: ${"b".repeat(200_000)}\r\n\r\n`;
  const time = async (size: number) => {
    const reader = new MessageReader(new FragmentSource(head, () => size));
    const start = performance.now();
    await reader.readResponseHead();
    return performance.now() - start;
  };
  await time(1);
  // 20 G steps if each read began again at the start of the head: many seconds instead of a fraction of one.
  assert(await time(1) < 6000);
});

Deno.test("readResponseHead() passes errors of the source on as they are, each time", async () => {
  const error = new Deno.errors.ConnectionReset("Connection reset by peer");
  let reads = 0;
  const reader = new MessageReader({
    read() {
      reads++;
      return Promise.reject(error);
    },
  });
  for (let time = 0; time < 2; time++) {
    await assert.rejects(() => reader.readResponseHead(), (thrown) => thrown === error);
  }
  assert.equal(reads, 1);
});

Deno.test("MessageReader refuses a source that gives nothing and does not end", async () => {
  const reader = new MessageReader({ read: () => Promise.resolve(0) });
  await assert.rejects(() => reader.readResponseHead(), /no bytes 100 times in a row/);
});

Deno.test("MessageReader refuses a source that counts wrongly", async () => {
  for (const count of [-1, NaN, 1e9]) {
    const reader = new MessageReader({ read: () => Promise.resolve(count) });
    await assert.rejects(() => reader.readResponseHead(), RangeError);
  }
});

Deno.test("MessageReader refuses sizes and limits that are no positive integers", () => {
  const source = new FragmentSource("");
  for (const value of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => new MessageReader(source, { bufferSize: value }), /bufferSize/);
    assert.throws(() => new MessageReader(source, { limits: { maxFields: value } }), /maxFields/);
  }
});

Deno.test("prefetch() reads once, and who needs bytes next waits for that read", async () => {
  const source = new HeldSource();
  const reader = new MessageReader(source);
  const prefetched = reader.prefetch();
  assert.equal(reader.prefetch(), prefetched);
  const head = reader.readResponseHead();
  assert.equal(source.reads.length, 1);
  source.give(RESPONSE);
  assert(await prefetched);
  assert.equal((await head).statusCode, 200);
  assert.equal(source.reads.length, 1);
});

Deno.test("prefetch() has nothing to do where bytes wait", async () => {
  const source = new FragmentSource(RESPONSE + "x");
  const reader = new MessageReader(source);
  await reader.readResponseHead();
  assert(await reader.prefetch());
  assert.deepEqual([source.reads, reader.buffered], [1, 1]);
});

Deno.test("prefetch() tells that the peer has closed, and so does the next head", async () => {
  const source = new FragmentSource("");
  const reader = new MessageReader(source);
  assert.equal(await reader.prefetch(), null);
  assert.equal(await reader.prefetch(), null);
  await assert.rejects(() => reader.readResponseHead(), hasCode("closed"));
  assert.equal(source.reads, 1);
});

Deno.test("prefetch() that nobody waits for keeps its error for who comes next", async () => {
  const error = new Error("reset");
  const reader = new MessageReader({ read: () => Promise.reject(error) });
  reader.prefetch();
  // An error that nobody handles would have ended the test run by now.
  await new Promise((resolve) => setTimeout(resolve));
  await assert.rejects(() => reader.readResponseHead(), (thrown) => thrown === error);
});

Deno.test("prefetch() before a body gives its bytes to readInto()", async () => {
  const source = new HeldSource();
  const reader = new MessageReader(source);
  const body = reader.body({ kind: "length", length: 100_000 });
  reader.prefetch();
  const target = new Uint8Array(100_000);
  const count = body.readInto(target);
  source.give("abc");
  assert.equal(await count, 3);
  assert.equal(textOf(target.subarray(0, 3)), "abc");
  assert.equal(source.reads.length, 1);
});

Deno.test("prefetch() while readInto() reads waits for the same read", async () => {
  const source = new HeldSource();
  const reader = new MessageReader(source);
  const count = reader.body({ kind: "close" }).readInto(new Uint8Array(100_000));
  const prefetched = reader.prefetch();
  assert.equal(source.reads.length, 1);
  source.give("abc");
  assert.deepEqual([await count, await prefetched], [3, 3]);
});

Deno.test("MessageReader refuses the next message while a body is not done", async () => {
  const reader = new MessageReader(new FragmentSource(`abc${RESPONSE}`));
  const body = reader.body({ kind: "length", length: 3 });
  await assert.rejects(() => reader.readResponseHead(), TypeError);
  await assert.rejects(() => reader.readRequestHead(), TypeError);
  assert.throws(() => reader.body({ kind: "none" }), TypeError);
  await body.readAll();
  assert.equal((await reader.readResponseHead()).statusCode, 200);
});

Deno.test("MessageReader leaves bytes behind a message to be counted", async () => {
  const reader = new MessageReader(new FragmentSource("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabXYZ"));
  await reader.readResponseHead();
  await reader.body({ kind: "length", length: 2 }).readAll();
  assert.equal(reader.buffered, 3);
});

Deno.test("MessageReader gives the memory of a large head back", async () => {
  const large = `HTTP/1.1 200 OK\r\nA: ${"b".repeat(200_000)}\r\n\r\n`;
  const source: FragmentSource = new FragmentSource(large + RESPONSE, () => large.length - source.given || Infinity);
  const reader = new MessageReader(source, { bufferSize: 1024 });
  await reader.readResponseHead();
  source.largestTarget = 0;
  await reader.readResponseHead();
  assert.equal(source.largestTarget, 1024);
});
