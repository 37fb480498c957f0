import assert from "node:assert/strict";
import {
  type FieldLine,
  formatChunk,
  formatLastChunk,
  formatRequestHead,
  formatResponseHead,
  writeAll,
} from "../../http1/mod.ts";
import { bytesOf, FragmentSource, textOf } from "./byte_source.ts";
import { converse } from "./conversation.ts";

const joinedText = (pieces: readonly Uint8Array[]): string => pieces.map(textOf).join("");

Deno.test("formatChunk() puts the size before the data", () => {
  assert.equal(joinedText(formatChunk(bytesOf("a\r\nb"))), "4\r\na\r\nb\r\n");
  assert.equal(joinedText(formatChunk(new Uint8Array(255))), `ff\r\n${"\0".repeat(255)}\r\n`);
  assert.equal(joinedText(formatChunk(new Uint8Array(100_000))), `186a0\r\n${"\0".repeat(100_000)}\r\n`);
});

Deno.test("formatChunk() gives no chunk for no data, because an empty chunk would end the body", () => {
  assert.deepEqual(formatChunk(new Uint8Array()), []);
});

Deno.test("formatChunk() copies small data into one piece and large data not at all", () => {
  assert.equal(formatChunk(new Uint8Array(1000)).length, 1);
  const large = new Uint8Array(100_000);
  assert.equal(formatChunk(large)[1], large);
});

Deno.test("formatLastChunk() ends a body, with or without trailers", () => {
  assert.equal(textOf(formatLastChunk()), "0\r\n\r\n");
  assert.equal(textOf(formatLastChunk([["Digest", "a\xe9"], ["B", ""]])), "0\r\nDigest: a\xe9\r\nB: \r\n\r\n");
});

const BAD_TRAILERS: readonly FieldLine[] = [["A", "b\r\nX: y"], ["A", "\n"], ["A\r\n", "b"], ["A ", "b"], ["", "b"], [
  "A",
  "\u010a",
]];

for (const trailer of BAD_TRAILERS) {
  Deno.test(`formatLastChunk() refuses the trailer ${JSON.stringify(trailer)}`, () => {
    assert.throws(() => formatLastChunk([trailer]), TypeError);
  });
}

Deno.test("writeAll() goes on until a sink that takes a little has taken everything", async () => {
  const written: string[] = [];
  const sink = {
    write(bytes: Uint8Array): Promise<number> {
      const count = Math.min(3, bytes.length);
      written.push(textOf(bytes.subarray(0, count)));
      return Promise.resolve(count);
    },
  };
  await writeAll(sink, bytesOf("abcdefgh"));
  assert.deepEqual(written, ["abc", "def", "gh"]);
});

Deno.test("writeAll() writes nothing for no bytes", async () => {
  await writeAll({ write: () => Promise.reject(new Error("written")) }, new Uint8Array());
});

Deno.test("writeAll() passes errors of the sink on as they are", async () => {
  const error = new Deno.errors.BrokenPipe("Broken pipe");
  await assert.rejects(
    () => writeAll({ write: () => Promise.reject(error) }, bytesOf("a")),
    (thrown) => thrown === error,
  );
});

Deno.test("writeAll() refuses a sink that takes nothing or too much", async () => {
  for (const count of [0, -1, NaN, 4]) {
    await assert.rejects(() => writeAll({ write: () => Promise.resolve(count) }, bytesOf("abc")), TypeError);
  }
});

const FIELDS: readonly FieldLine[] = [["Host", "x"], ["x-CASE", "\xe9 \t \xff"], ["A", ""], ["a", "1, 2"], ["A", "3"]];

Deno.test("MessageReader reads what formatRequestHead(), formatChunk() and formatLastChunk() write", async () => {
  const bodyless = formatRequestHead("DELETE", "/a?b=%20\xe9", FIELDS);
  const chunkedFields: FieldLine[] = [...FIELDS, ["Transfer-Encoding", "chunked"]];
  const content = "0123456789".repeat(5000);
  const text = textOf(bodyless) + textOf(formatRequestHead("POST", "*", chunkedFields)) +
    joinedText(["abc", content, "\r\n0\r\n\r\n"].flatMap((data) => formatChunk(bytesOf(data)))) +
    textOf(formatLastChunk(FIELDS)) + textOf(bodyless);
  const { messages, end } = await converse(new FragmentSource(text, () => 777), { side: "server" });
  const first = {
    head: { method: "DELETE", target: "/a?b=%20\xe9", version: "1.1", fields: FIELDS },
    framing: { kind: "none" },
    body: "",
    trailers: [],
  };
  assert.deepEqual(messages, [
    first,
    {
      head: { method: "POST", target: "*", version: "1.1", fields: chunkedFields },
      framing: { kind: "chunked" },
      body: `abc${content}\r\n0\r\n\r\n`,
      trailers: FIELDS,
    },
    first,
  ]);
  assert.equal(end, "end");
});

Deno.test("MessageReader reads what formatResponseHead() writes", async () => {
  const fields: FieldLine[] = [...FIELDS, ["Content-Length", "3"]];
  const text = `${textOf(formatResponseHead(299, "Caf\xe9", fields))}abc${textOf(formatResponseHead(204, "", FIELDS))}`;
  const { messages } = await converse(new FragmentSource(text), { side: "client" });
  assert.deepEqual(messages.map(({ head, body }) => [head, body]), [
    [{ version: "1.1", statusCode: 299, reason: "Caf\xe9", fields }, "abc"],
    [{ version: "1.1", statusCode: 204, reason: "", fields: FIELDS }, ""],
  ]);
});
