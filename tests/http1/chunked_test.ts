import assert from "node:assert/strict";
import { type BodyReader, type Limits, MessageReader, ProtocolError, type ProtocolErrorCode } from "../../http1/mod.ts";
import { bytesOf, fragments, FragmentSource, textOf } from "./byte_source.ts";

/** The body behind a head, of a response (`"client"`) or of a request (`"server"`). */
async function chunkedBody(text: string, side: "client" | "server", limits: Partial<Limits> = {}): Promise<BodyReader> {
  const head = side === "client" ? "HTTP/1.1 200 OK\r\n\r\n" : "PUT / HTTP/1.1\r\n\r\n";
  const reader = new MessageReader(new FragmentSource(head + text), { limits });
  await (side === "client" ? reader.readResponseHead() : reader.readRequestHead());
  return reader.body({ kind: "chunked" });
}

/** What comes of a body: its content, or the code of its error. */
type Expected = { readonly content: string } | ProtocolErrorCode;
const content = (content: string): Expected => ({ content });

const BODIES: readonly (readonly [text: string, client: Expected, server?: Expected])[] = [
  ["0\r\n\r\n", content("")],
  ["000\r\n\r\n", content("")],
  ["3\r\nabc\r\n0\r\n\r\n", content("abc")],
  ["a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n", content("01234567890123456789")],
  ["0000000000000000000003\r\nabc\r\n0\r\n\r\n", content("abc")],
  ["3;\r\nabc\r\n0;\r\n\r\n", content("abc")],
  ['3;a=b;c="d e"\r\nabc\r\n0;x\r\n\r\n', content("abc")],
  ["3 ;a\r\nabc\r\n0\t;a\r\n\r\n", content("abc")],
  ["3;a\t\xe9\r\nabc\r\n0\r\n\r\n", content("abc")],
  ["2\r\n\r\n\r\n0\r\n\r\n", content("\r\n")],
  // A bare LF is for clients only: it has smuggled requests.
  ["3\nabc\n0\n\n", content("abc"), "bad-chunk"],
  ["3\r\nabc\n0\r\n\r\n", content("abc"), "bad-chunk"],
  ["3;a\nabc\r\n0\r\n\r\n", content("abc"), "bad-chunk"],
  ["3\r\nabc\r\n0\n\r\n", content("abc"), "bad-chunk"],
  ["\r\n", "bad-chunk"],
  ["3\r\nabc\r\n\r\n0\r\n\r\n", "bad-chunk"],
  ["+3\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["-3\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["-0\r\n\r\n", "bad-chunk"],
  ["0x3\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3h\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3_0\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3.0\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["g\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  [" 3\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3 \r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3 3\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3\x0b\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3\0\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  [";a\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["\xb2\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3\rabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3\r\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3;a\rb\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3;a\x7f\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["3;a\0\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["20000000000000\r\n", "bad-chunk"],
  ["ffffffffffffffff\r\n", "bad-chunk"],
  ["10000000000000003\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["1fffffffffffff\r\nabc", "early-end"],
  ["3\r\nabcX\r\n0\r\n\r\n", "bad-chunk"],
  ["3\r\nabc\rX0\r\n\r\n", "bad-chunk"],
  ["3\r\nabc0\r\n\r\n", "bad-chunk"],
  ["4\r\nabc\r\n0\r\n\r\n", content("abc\r"), "bad-chunk"],
  ["5\r\nabc\r\n0\r\n\r\n", "bad-chunk"],
  ["", "early-end"],
  ["3", "early-end"],
  ["3\r", "early-end"],
  ["3\r\n", "early-end"],
  ["3\r\nab", "early-end"],
  ["3\r\nabc", "early-end"],
  ["3\r\nabc\r", "early-end"],
  ["3\r\nabc\r\n", "early-end"],
  ["3\r\nabc\r\n0", "early-end"],
  ["3\r\nabc\r\n0\r\n", "early-end"],
  ["3\r\nabc\r\n0\r\n\r", "early-end"],
  ["3\r\nabc\r\n0\r\nA: b\r\n", "early-end"],
  [`3;${"a".repeat(4090)}\r\nabc\r\n0\r\n\r\n`, content("abc")],
  [`3;${"a".repeat(4093)}\r\nabc\r\n0\r\n\r\n`, "too-large"],
  [`${"0".repeat(5000)}3\r\nabc\r\n0\r\n\r\n`, "too-large"],
  [`0\r\nA: ${"b".repeat(65_527)}\r\n\r\n`, content("")],
  [`0\r\nA: ${"b".repeat(65_530)}\r\n\r\n`, "too-large"],
  [`0\r\n${"A: b\r\n".repeat(100)}\r\n`, content("")],
  [`0\r\n${"A: b\r\n".repeat(101)}\r\n`, "too-large"],
];

for (const [text, client, server = client] of BODIES) {
  for (const [side, expected] of [["client", client], ["server", server]] as const) {
    const outcome = typeof expected === "string" ? `refuses with "${expected}"` : "reads";
    const shown = JSON.stringify(text.length > 60 ? `${text.slice(0, 30)}… (${text.length} bytes)` : text);
    Deno.test(`BodyReader.readAll() of a ${side} ${outcome} ${shown}`, async () => {
      const body = await chunkedBody(text, side);
      if (typeof expected === "string") {
        await assert.rejects(
          () => body.readAll(),
          (error) => error instanceof ProtocolError && error.code === expected,
        );
        assert.equal(body.done, false);
      } else {
        assert.equal(textOf(await body.readAll()), expected.content);
        assert.equal(body.done, true);
      }
    });
  }
}

Deno.test("BodyReader.read() refuses a chunk size that cannot become valid before its line has ended", async () => {
  for (const text of ["x", "3x", "20000000000000", "3 x", "-"]) {
    const never = new Promise<number | null>(() => {});
    const bytes = bytesOf(text);
    let reads = 0;
    const source = {
      read(target: Uint8Array): Promise<number | null> {
        if (reads++ > 0) return never;
        target.set(bytes);
        return Promise.resolve(bytes.length);
      },
    };
    const body = new MessageReader(source).body({ kind: "chunked" });
    await assert.rejects(() => body.read(), { code: "bad-chunk" });
  }
});

Deno.test("BodyReader.read() gives the content before a bad chunk first, and the error each time after it", async () => {
  const body = await chunkedBody("3\r\nabc\r\nx\r\n", "client");
  assert.equal(textOf((await body.read())!), "abc");
  for (let time = 0; time < 2; time++) await assert.rejects(() => body.read(), { code: "bad-chunk" });
});

Deno.test("BodyReader.readInto() gives the content before a bad chunk first, and the error each time after it", async () => {
  const body = await chunkedBody("3\r\nabc\r\nx\r\n", "client");
  const target = new Uint8Array(10);
  assert.equal(await body.readInto(target), 3);
  for (let time = 0; time < 2; time++) await assert.rejects(() => body.readInto(target), { code: "bad-chunk" });
});

Deno.test("BodyReader.readInto() fills memory from several chunks", async () => {
  const body = await chunkedBody("3\r\nabc\r\n1\r\nd\r\n5\r\nefghi\r\n0\r\n\r\n", "client");
  const target = new Uint8Array(6);
  assert.equal(await body.readInto(target), 6);
  assert.equal(textOf(target), "abcdef");
  assert.equal(await body.readInto(target), 3);
  assert.equal(await body.readInto(target), null);
});

Deno.test("BodyReader.trailers are empty before the end", async () => {
  const body = new MessageReader(fragments("3\r\nabc\r\n", "0\r\nA: b\r\n\r\n")).body({ kind: "chunked" });
  await body.read();
  assert.deepEqual([body.done, body.trailers], [false, []]);
  assert.equal(await body.read(), null);
  assert.deepEqual([body.done, body.trailers], [true, [["A", "b"]]]);
});

Deno.test("BodyReader.read() names the chunk line that it refuses", async () => {
  await assert.rejects(async () => (await chunkedBody("0x3;a\r\nabc", "client")).read(), /Received .*"0x3;a"/);
  await assert.rejects(async () => (await chunkedBody("\x1b[2J\r\n", "client")).read(), /"\\x1b\[2J"/);
});
