import assert from "node:assert/strict";
import { decodeLatin1 } from "../latin1.ts";
import type { JsonFields } from "./json.ts";
import { buildAnswer } from "./server_answer.ts";
import { parseServerRule } from "./server_rule.ts";

function answer(json: JsonFields, method = "GET"): { text: string; pieces: number; close: boolean } {
  const { pieces, close } = buildAnswer(parseServerRule({ path: "*", ...json }), method);
  return { text: pieces.map(decodeLatin1).join(""), pieces: pieces.length, close };
}

Deno.test("buildAnswer() writes the usual reason, the fields in order, and the length", () => {
  const { text, close } = answer({ status: 410, headers: [["X-B", "é"], ["x-a", { b64: "/w==" }]], body: "ö" });
  assert.equal(text, "HTTP/1.1 410 Gone\r\nX-B: Ã©\r\nx-a: ÿ\r\nContent-Length: 2\r\n\r\nÃ¶");
  assert.equal(close, false);
});

Deno.test("buildAnswer() adds no length where the rule has one", () => {
  const { text } = answer({ headers: [["content-length", "9"]], body: "x" });
  assert.equal(text, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx");
});

Deno.test("buildAnswer() takes the reason as it is, empty or in bytes", () => {
  assert.match(answer({ reason: "" }).text, /^HTTP\/1\.1 200 \r\n/);
  assert.match(answer({ reason: { b64: "6Q==" } }).text, /^HTTP\/1\.1 200 é\r\n/);
});

Deno.test("buildAnswer() sends neither length nor body with 1xx, 204 and 304", () => {
  for (const status of [103, 204, 304]) {
    const { text, close } = answer({ status, reason: "R", body: "x", no_length: true });
    assert.deepEqual({ text, close }, { text: `HTTP/1.1 ${status} R\r\n\r\n`, close: false });
  }
});

Deno.test("buildAnswer() answers HEAD with the same head and no body", () => {
  assert.equal(answer({ body: "abc" }, "HEAD").text, "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
  assert.equal(
    answer({ body: "abc", chunked: true }, "HEAD").text,
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  );
});

Deno.test("buildAnswer() writes one chunk a piece and skips an empty one", () => {
  const { text, pieces } = answer({ chunked: true, pieces: ["a", "", { b64: "YmM=" }], repeat: 2 });
  assert.equal(text, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\naa\r\n4\r\nbcbc\r\n0\r\n\r\n");
  assert.equal(pieces, 4);
});

Deno.test("buildAnswer() repeats the body and counts it so", () => {
  assert.match(answer({ body: "ab", repeat: 3 }).text, /Content-Length: 6\r\n\r\nababab$/);
});

Deno.test("buildAnswer() closes after the body without a length", () => {
  assert.deepEqual(answer({ body: "x", no_length: true }), {
    text: "HTTP/1.1 200 OK\r\n\r\nx",
    pieces: 2,
    close: true,
  });
});

Deno.test("buildAnswer() cuts the body off after so many bytes of content", () => {
  const plain = answer({ body: "0123456789", close_after: 4 });
  assert.equal(plain.text, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123");
  assert.equal(plain.close, true);
  const chunked = answer({ pieces: ["012", "345"], chunked: true, close_after: 4 });
  assert.match(chunked.text, /\r\n\r\n3\r\n012\r\n3\r\n3$/);
  assert.match(answer({ pieces: ["012", "345"], chunked: true, close_after: 3 }).text, /\r\n\r\n3\r\n012\r\n$/);
});

Deno.test("buildAnswer() sends raw bytes, or nothing, and closes", () => {
  assert.deepEqual(answer({ raw: "é" }), { text: "Ã©", pieces: 1, close: true });
  assert.deepEqual(answer({ raw_b64: "/w==" }), { text: "ÿ", pieces: 1, close: true });
  assert.deepEqual(answer({ drop: true, body: "x" }), { text: "", pieces: 0, close: true });
});

Deno.test("parseServerRule() refuses what it does not know", () => {
  assert.throws(() => parseServerRule({ path: "*", color: "red" }), /unknown key: "color"/);
  assert.throws(() => parseServerRule({ path: "*", on: "C" }), /no server: "C"/);
  assert.throws(() => parseServerRule({ path: "*", body: "x", pieces: [] }), /more than one/);
  assert.throws(() => parseServerRule({ path: "*", times: -1 }), /no number/);
  assert.throws(() => parseServerRule({}), /path is no text/);
});
