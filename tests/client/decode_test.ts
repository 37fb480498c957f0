import assert from "node:assert/strict";
import zlib from "node:zlib";
import { codingsToUndo, decodeBody, MAX_CODINGS } from "../../client/_decode.ts";
import { ContentDecodingError } from "../../client/errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const TEXT = "squeezed ".repeat(500);
const encode = (text: string): Bytes => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const joined = (...parts: readonly Uint8Array[]): Bytes => new Uint8Array(parts.flatMap((part) => [...part]));
const streamOf = (...pieces: readonly Bytes[]): ReadableStream<Bytes> => ReadableStream.from(pieces);
const bytewise = (bytes: Bytes): ReadableStream<Bytes> =>
  ReadableStream.from(Array.from(bytes, (_, index) => bytes.subarray(index, index + 1)));

async function contentOf(stream: ReadableStream<Bytes>): Promise<string> {
  const pieces: Bytes[] = [];
  for await (const piece of stream) pieces.push(piece);
  return decode(joined(...pieces));
}

const gzip = (text: string): Bytes => new Uint8Array(zlib.gzipSync(text));
const deflate = (text: string): Bytes => new Uint8Array(zlib.deflateSync(text));
const deflateRaw = (text: string): Bytes => new Uint8Array(zlib.deflateRawSync(text));
const brotli = (text: string): Bytes => new Uint8Array(zlib.brotliCompressSync(text));
const zstd = (text: string): Bytes => new Uint8Array(zlib.zstdCompressSync(text));

/** A gzip body whose header has every optional field. */
function gzipWithFields(text: string): Bytes {
  const plain = gzip(text);
  const header = joined(plain.subarray(0, 3), new Uint8Array([0x1e]), plain.subarray(4, 10));
  return joined(
    header,
    new Uint8Array([3, 0, 1, 2, 3]),
    encode("name\0"),
    encode("comment\0"),
    new Uint8Array([0, 0]),
    plain.subarray(10),
  );
}

const JUNK = encode("junk after the end");

const BODIES: readonly (readonly [about: string, contentEncoding: string, body: Bytes, expected: string])[] = [
  ["gzip", "gzip", gzip(TEXT), TEXT],
  ["the name in any case", " GZip ", gzip(TEXT), TEXT],
  ["x-gzip", "x-gzip", gzip(TEXT), TEXT],
  ["gzip of nothing", "gzip", gzip(""), ""],
  ["several gzip members", "gzip", joined(gzip("one,"), gzip("two,"), gzip(""), gzip("three")), "one,two,three"],
  ["gzip with every header field", "gzip", gzipWithFields("fields"), "fields"],
  ["gzip before junk", "gzip", joined(gzip(TEXT), JUNK), TEXT],
  ["gzip before zeros", "gzip", joined(gzip(TEXT), new Uint8Array(600)), TEXT],
  ["gzip before half a magic number", "gzip", joined(gzip(TEXT), new Uint8Array([0x1f])), TEXT],
  ["deflate with the zlib header", "deflate", deflate(TEXT), TEXT],
  ["deflate without the zlib header", "deflate", deflateRaw(TEXT), TEXT],
  ["deflate of nothing", "deflate", deflateRaw(""), ""],
  ["deflate before junk", "deflate", joined(deflate(TEXT), JUNK), TEXT],
  ["bare deflate before junk", "deflate", joined(deflateRaw(TEXT), JUNK), TEXT],
  ["br", "br", brotli(TEXT), TEXT],
  ["br of nothing", "br", brotli(""), ""],
  ["br before junk", "br", joined(brotli(TEXT), JUNK), TEXT],
  ["zstd", "zstd", zstd(TEXT), TEXT],
  ["zstd of nothing", "zstd", zstd(""), ""],
  ["several zstd frames", "zstd", joined(zstd("one,"), zstd("two,"), zstd("three")), "one,two,three"],
  ["stacked codings", "deflate, gzip", new Uint8Array(zlib.gzipSync(deflate(TEXT))), TEXT],
  ["identity among them", "identity, gzip,", gzip(TEXT), TEXT],
  ["no body under gzip", "gzip", new Uint8Array(), ""],
  ["no body under a stack", "zstd, br, deflate, gzip", new Uint8Array(), ""],
  ["an unknown coding", "martian", encode("as it is"), "as it is"],
  ["a known coding before an unknown one", "gzip, martian", encode("as it is"), "as it is"],
  ["an unknown coding before a known one", "martian, gzip", gzip("still martian"), "still martian"],
  ["identity", "identity", encode("as it is"), "as it is"],
  ["an empty field", "", encode("as it is"), "as it is"],
];

for (const [about, contentEncoding, body, expected] of BODIES) {
  Deno.test(`decodeBody() decodes ${about}`, async () => {
    assert.equal(await contentOf(decodeBody(streamOf(body), contentEncoding)), expected);
  });
  Deno.test(`decodeBody() decodes ${about}, byte by byte`, async () => {
    assert.equal(await contentOf(decodeBody(bytewise(body), contentEncoding)), expected);
  });
}

const without = (bytes: Bytes, index: number): Bytes => bytes.with(index, bytes.at(index)! ^ 0x55);

const BROKEN: readonly (readonly [about: string, contentEncoding: string, body: Bytes, problem: RegExp])[] = [
  ["text that is no gzip", "gzip", encode("not squeezed at all"), /incorrect header/],
  ["gzip with another method", "gzip", without(gzip(TEXT), 2), /incorrect header/],
  ["gzip with reserved flags", "gzip", gzip(TEXT).with(3, 0x80), /unknown flags/],
  ["gzip with a wrong checksum", "gzip", without(gzip(TEXT), -8), /incorrect checksum/],
  ["gzip with a wrong length", "gzip", without(gzip(TEXT), -4), /incorrect length/],
  ["gzip that breaks off after one byte", "gzip", gzip(TEXT).subarray(0, 1), /unexpected end/],
  ["gzip that breaks off in the header", "gzip", gzip(TEXT).subarray(0, 6), /unexpected end/],
  ["gzip that breaks off in a header field", "gzip", gzipWithFields(TEXT).subarray(0, 14), /unexpected end/],
  ["gzip that breaks off in a file name", "gzip", gzipWithFields(TEXT).subarray(0, 17), /unexpected end/],
  ["gzip that breaks off in the data", "gzip", gzip(TEXT).subarray(0, 15), /unexpected end/],
  ["gzip without its trailer", "gzip", gzip(TEXT).subarray(0, -8), /unexpected end/],
  ["gzip that breaks off in the trailer", "gzip", gzip(TEXT).subarray(0, -1), /unexpected end/],
  ["gzip whose second member breaks off", "gzip", joined(gzip("1"), gzip("2").subarray(0, -9)), /unexpected end/],
  ["text that is no deflate", "deflate", encode("not squeezed at all"), /invalid/],
  ["deflate with a wrong checksum", "deflate", without(deflate(TEXT), -1), /incorrect data check/],
  ["deflate that breaks off", "deflate", deflate(TEXT).subarray(0, -1), /unexpected end/],
  ["bare deflate that breaks off", "deflate", deflateRaw(TEXT).subarray(0, -1), /unexpected end/],
  ["one byte of deflate", "deflate", deflate(TEXT).subarray(0, 1), /unexpected end/],
  ["text that is no br", "br", encode("not squeezed at all"), /./],
  ["br that breaks off", "br", brotli(TEXT).subarray(0, -1), /unexpected end/],
  ["text that is no zstd", "zstd", encode("not squeezed at all"), /Unknown frame/],
  ["zstd that breaks off", "zstd", zstd(TEXT).subarray(0, -1), /unexpected end/],
  ["zstd that breaks off in the header", "zstd", zstd(TEXT).subarray(0, 5), /unexpected end/],
  ["zstd before junk", "zstd", joined(zstd(TEXT), JUNK), /Unknown frame/],
  ["the inner one of two codings", "br, gzip", new Uint8Array(zlib.gzipSync(brotli(TEXT).subarray(0, -1))), /: br"/],
];

for (const [about, contentEncoding, body, problem] of BROKEN) {
  for (const [how, stream] of [["", streamOf(body)], [", byte by byte", bytewise(body)]] as const) {
    Deno.test(`decodeBody() refuses ${about}${how}`, async () => {
      await assert.rejects(contentOf(decodeBody(stream, contentEncoding)), (error) => {
        assert(error instanceof ContentDecodingError);
        assert.match(error.message, problem);
        assert.match(error.message, /^Received a response with "Content-Encoding: /);
        return true;
      });
    });
  }
}

Deno.test("decodeBody() reports every place at which br and zstd can break off", async () => {
  for (
    const [coding, whole] of [["br", brotli("a b c d e f ".repeat(9))], ["zstd", zstd("a b c d ".repeat(9))]] as const
  ) {
    for (let length = 1; length < whole.length; length++) {
      const stream = decodeBody(streamOf(whole.subarray(0, length)), coding);
      await assert.rejects(contentOf(stream), ContentDecodingError, `${coding}, ${length} bytes`);
    }
  }
});

Deno.test("decodeBody() refuses a zstd window of more than 8 MiB", async () => {
  const noise = crypto.getRandomValues(new Uint8Array(60_000));
  const params = { [zlib.constants.ZSTD_c_windowLog]: 24, [zlib.constants.ZSTD_c_contentSizeFlag]: 0 };
  const body = new Uint8Array(zlib.zstdCompressSync(joined(noise, noise), { params }));
  await assert.rejects(contentOf(decodeBody(streamOf(body), "zstd")), ContentDecodingError);
});

Deno.test("decodeBody() gives what came before the break", async () => {
  const noise = joined(...Array.from({ length: 5 }, () => crypto.getRandomValues(new Uint8Array(60_000))));
  const body = new Uint8Array(zlib.gzipSync(noise)).subarray(0, 290_000);
  let length = 0;
  await assert.rejects(async () => {
    for await (const piece of decodeBody(streamOf(body), "gzip")) length += piece.length;
  }, ContentDecodingError);
  assert(length > 200_000, `${length} bytes came`);
});

Deno.test("decodeBody() leaves alone what the transport decoded", () => {
  const stream = streamOf(encode("plain"));
  assert.equal(decodeBody(stream, "gzip", true), stream);
  assert.equal(decodeBody(stream, null), stream);
});

Deno.test("decodeBody() keeps the errors of the transport", async () => {
  const broken = new TypeError("connection reset");
  const body = gzip(TEXT);
  let first = true;
  const source = new ReadableStream<Bytes>({
    pull(controller) {
      if (!first) return controller.error(broken);
      first = false;
      controller.enqueue(body.subarray(0, 20));
    },
  }, { highWaterMark: 0 });
  await assert.rejects(contentOf(decodeBody(source, "gzip")), (error) => error === broken);
});

/** A source that counts what is asked of it. */
function endless(piece: Bytes): { stream: ReadableStream<Bytes>; pulled: () => number; cancelled: () => unknown } {
  let pulls = 0;
  let reason: unknown;
  const stream = new ReadableStream<Bytes>({
    pull(controller) {
      pulls++;
      controller.enqueue(piece.slice());
    },
    cancel(why) {
      reason = why ?? "cancelled";
    },
  }, { highWaterMark: 0 });
  return { stream, pulled: () => pulls, cancelled: () => reason };
}

Deno.test("decodeBody() does not touch its source before it is read", async () => {
  const source = endless(gzip(TEXT));
  const decoded = decodeBody(source.stream, "gzip");
  await Promise.resolve();
  assert.equal(source.stream.locked, false);
  assert.equal(source.pulled(), 0);
  await decoded.cancel("not wanted");
  assert.equal(source.cancelled(), "not wanted");
});

for (const [coding, member] of [["gzip", gzip(TEXT)], ["zstd", zstd(TEXT)]] as const) {
  Deno.test(`decodeBody() reads ${coding} no faster than it is read, and cancels the source`, async () => {
    const source = endless(member);
    const decoded = decodeBody(source.stream, coding);
    let count = 0;
    for await (const _ of decoded) {
      if (++count === 5) break;
    }
    assert(source.pulled() <= 7, `${source.pulled()} pieces were read for 5`);
    assert.equal(source.cancelled(), "cancelled");
  });
}

Deno.test("decodeBody() can be cancelled while its source is silent", async () => {
  let cancelled: unknown;
  const source = new ReadableStream<Bytes>({
    pull: () => new Promise(() => {}),
    cancel: (reason) => void (cancelled = reason),
  }, { highWaterMark: 0 });
  const reader = decodeBody(source, "br").getReader();
  const pending = reader.read();
  await reader.cancel("enough");
  assert.equal(cancelled, "enough");
  assert.equal((await pending).done, true);
});

Deno.test("decodeBody() cancels a source that it cannot decode", async () => {
  const source = endless(encode("not squeezed at all"));
  await assert.rejects(contentOf(decodeBody(source.stream, "gzip")), ContentDecodingError);
  assert.equal(source.cancelled(), "cancelled");
});

Deno.test("decodeBody() needs no more memory for a body that grows a thousandfold", async () => {
  const million = new Uint8Array(1 << 20);
  const body = joined(...Array.from({ length: 64 }, () => zlib.gzipSync(million)));
  let largest = 0;
  let total = 0;
  for await (const piece of decodeBody(streamOf(body), "gzip")) {
    largest = Math.max(largest, piece.length);
    total += piece.length;
  }
  assert.equal(total, 64 << 20);
  assert(largest <= 128 * 1024, `a piece of ${largest} bytes`);
});

Deno.test("codingsToUndo() names the last coding first", () => {
  assert.deepEqual(codingsToUndo("deflate, GZIP"), ["gzip", "deflate"]);
  assert.deepEqual(codingsToUndo(null), []);
});

Deno.test("codingsToUndo() allows as many codings as the limit and not one more", () => {
  const stack = (count: number) => Array.from({ length: count }, () => "gzip").join(", ");
  assert.equal(codingsToUndo(stack(MAX_CODINGS)).length, MAX_CODINGS);
  assert.throws(() => codingsToUndo(stack(MAX_CODINGS + 1)), ContentDecodingError);
});
