import assert from "node:assert/strict";
import { type Framing, MessageReader, ProtocolError } from "../../http1/mod.ts";
import { bytesOf, fragments, FragmentSource, textOf } from "./byte_source.ts";

/** Bytes that differ from their neighbours. */
function pattern(length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  for (let index = 0; index < length; index++) bytes[index] = (index * 31) ^ (index >> 8);
  return bytes;
}

/** `content` as it travels in `kind`, with chunks of `chunkSize`. */
function framed(content: Uint8Array, kind: Framing["kind"], chunkSize = 10_000): Uint8Array<ArrayBuffer> {
  if (kind !== "chunked") return new Uint8Array(content);
  const parts: Uint8Array[] = [];
  for (let offset = 0; offset < content.length; offset += chunkSize) {
    const chunk = content.subarray(offset, offset + chunkSize);
    parts.push(bytesOf(`${chunk.length.toString(16)}\r\n`), chunk, bytesOf("\r\n"));
  }
  parts.push(bytesOf("0\r\n\r\n"));
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

const framingOf = (kind: Framing["kind"], length: number): Framing => kind === "length" ? { kind, length } : { kind };
const bodyOf = (source: FragmentSource, framing: Framing, bufferSize = 65_536) =>
  new MessageReader(source, { bufferSize }).body(framing);

const KINDS = ["length", "chunked", "close"] as const;
const LARGE = pattern(5_000_001);

for (const kind of KINDS) {
  for (const size of [100, 5000, 30_000, 65_536, Infinity]) {
    Deno.test(`read() gives a large body (${kind}) in fragments of ${size}, to keep`, async () => {
      const content = size < 1000 ? LARGE.subarray(0, 300_000) : LARGE;
      const body = bodyOf(new FragmentSource(framed(content, kind), () => size), framingOf(kind, content.length));
      const pieces: Uint8Array[] = [];
      for (let piece; (piece = await body.read()) !== null;) pieces.push(piece);
      // Compared only now: a piece that was written over shows.
      let offset = 0;
      for (const piece of pieces) {
        assert(piece.length > 0);
        assert.equal(sameBytes(piece, content.subarray(offset, offset + piece.length)), true, `at ${offset}`);
        offset += piece.length;
      }
      assert.equal(offset, content.length);
      assert.equal(body.done, true);
    });
  }

  Deno.test(`readInto() fills the caller's memory with a large body (${kind})`, async () => {
    for (const memory of [1000, 16_384, 100_000]) {
      const body = bodyOf(new FragmentSource(framed(LARGE, kind), () => 40_000), framingOf(kind, LARGE.length));
      const target = new Uint8Array(memory);
      let offset = 0;
      for (let count; (count = await body.readInto(target)) !== null; offset += count) {
        assert.equal(sameBytes(target.subarray(0, count), LARGE.subarray(offset, offset + count)), true);
      }
      assert.equal(offset, LARGE.length);
    }
  });

  Deno.test(`readAll() gives bodies of every size (${kind})`, async () => {
    for (const length of [0, 1, 100, 8191, 8192, 65_535, 65_536, 65_537, 1_048_576, 1_048_577, 5_000_001]) {
      const content = LARGE.subarray(0, length);
      for (const size of [3000, 65_536, Infinity]) {
        const body = bodyOf(new FragmentSource(framed(content, kind), () => size), framingOf(kind, length));
        const all = await body.readAll();
        assert.equal(sameBytes(all, content), true, `${length} bytes in fragments of ${size}`);
        assert.equal(all.byteOffset, 0);
        assert.equal(all.buffer.byteLength, length, "memory beyond the content");
        assert.equal(body.done, true);
      }
    }
  });

  Deno.test(`readAll() gives what read() has left (${kind})`, async () => {
    const body = bodyOf(new FragmentSource(framed(LARGE, kind), () => 9000), framingOf(kind, LARGE.length));
    const first = (await body.read())!;
    const rest = await body.readAll();
    assert.equal(sameBytes(first, LARGE.subarray(0, first.length)), true);
    assert.equal(sameBytes(rest, LARGE.subarray(first.length)), true);
    assert.equal((await body.readAll()).length, 0);
    assert.equal(await body.read(), null);
  });

  Deno.test(`read() of pieces that callers write to does not change the rest (${kind})`, async () => {
    const content = LARGE.subarray(0, 200_000);
    const body = bodyOf(new FragmentSource(framed(content, kind), () => 50_000), framingOf(kind, content.length));
    let offset = 0;
    for (let piece; (piece = await body.read()) !== null; offset += piece.length) {
      assert.equal(sameBytes(piece, content.subarray(offset, offset + piece.length)), true);
      piece.fill(0);
    }
    assert.equal(offset, content.length);
  });
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

Deno.test("readAll() gives a body that waits in the buffer without a read", async () => {
  for (
    const [text, framing] of [["abcdef", { kind: "length", length: 6 }], ["6\r\nabcdef\r\n0\r\n\r\n", {
      kind: "chunked",
    }]] as const
  ) {
    const source = new FragmentSource(`HTTP/1.1 200 OK\r\n\r\n${text}`);
    const reader = new MessageReader(source);
    await reader.readResponseHead();
    assert.equal(textOf(await reader.body(framing).readAll()), "abcdef");
    assert.equal(source.reads, 1);
  }
});

Deno.test("readAll() of a length that never comes takes little memory", async () => {
  for (const length of [2 ** 31, Number.MAX_SAFE_INTEGER]) {
    const source = new FragmentSource("abc");
    await assert.rejects(
      () => bodyOf(source, { kind: "length", length }).readAll(),
      (error) =>
        error instanceof ProtocolError && error.code === "early-end" && error.message.includes(`3 of ${length}`),
    );
    assert(source.largestTarget <= 1_048_576);
  }
});

Deno.test("read() and readInto() leave the next message alone", async () => {
  for (const direct of [false, true]) {
    const text = `HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n${"x".repeat(100_000)}HTTP/1.1 201 Next\r\n\r\n`;
    const reader = new MessageReader(new FragmentSource(text));
    await reader.readResponseHead();
    const body = reader.body({ kind: "length", length: 100_000 });
    const target = new Uint8Array(200_000);
    while (direct ? await body.readInto(target) !== null : await body.read() !== null);
    assert.equal((await reader.readResponseHead()).statusCode, 201);
  }
});

Deno.test("BodyReader is done at once where there is no content", async () => {
  for (const framing of [{ kind: "none" }, { kind: "length", length: 0 }] as const) {
    const source = new FragmentSource("HTTP");
    const body = bodyOf(source, framing);
    assert.equal(body.done, true);
    assert.deepEqual([await body.read(), await body.readInto(new Uint8Array(1)), (await body.readAll()).length], [
      null,
      null,
      0,
    ]);
    assert.deepEqual([source.reads, body.trailers.length], [0, 0]);
  }
});

Deno.test("BodyReader is done with the last byte of a known length", async () => {
  const body = bodyOf(fragments("ab", "c"), { kind: "length", length: 3 });
  assert.equal(textOf((await body.read())!), "ab");
  assert.equal(body.done, false);
  assert.equal(textOf((await body.read())!), "c");
  assert.equal(body.done, true);
});

Deno.test("readInto() gives nothing for no memory, and still tells the end", async () => {
  const source = new FragmentSource("abc");
  const body = bodyOf(source, { kind: "length", length: 3 });
  assert.equal(await body.readInto(new Uint8Array(0)), 0);
  assert.equal(source.reads, 0);
  await body.readAll();
  assert.equal(await body.readInto(new Uint8Array(0)), null);
});

Deno.test("readInto() writes no further than the body goes", async () => {
  const target = new Uint8Array(40_000).fill(0xee);
  const body = bodyOf(new FragmentSource(new Uint8Array(40_000)), { kind: "length", length: 20_000 }, 16);
  let filled = 0;
  for (let count; (count = await body.readInto(target.subarray(filled))) !== null;) filled += count;
  assert.equal(filled, 20_000);
  assert(target.subarray(20_000).every((byte) => byte === 0xee));
});

Deno.test("read(), readInto() and readAll() pass errors of the source on, each time", async () => {
  const error = new Deno.errors.ConnectionReset("Connection reset by peer");
  for (const kind of KINDS) {
    const calls = [
      (body: ReturnType<typeof bodyOf>) => body.read(),
      (body: ReturnType<typeof bodyOf>) => body.readInto(new Uint8Array(10)),
      (body: ReturnType<typeof bodyOf>) => body.readInto(new Uint8Array(100_000)),
      (body: ReturnType<typeof bodyOf>) => body.readAll(),
    ];
    for (const call of calls) {
      const body = new MessageReader({ read: () => Promise.reject(error) }).body(framingOf(kind, 200_000));
      for (let time = 0; time < 2; time++) await assert.rejects(() => call(body), (thrown) => thrown === error);
      assert.equal(body.done, false);
    }
  }
});

Deno.test("read() of small pieces holds no large memory", async () => {
  const body = bodyOf(new FragmentSource("abc".repeat(100), () => 3), { kind: "close" });
  for (let piece; (piece = await body.read()) !== null;) assert.equal(piece.buffer.byteLength, 3);
});

Deno.test("read() offers a source bounded memory, whatever is announced", async () => {
  const source = new FragmentSource(framed(LARGE, "chunked", 3_000_000));
  const body = bodyOf(source, { kind: "chunked" });
  while (await body.read() !== null);
  assert(source.largestTarget <= 262_144);
});
