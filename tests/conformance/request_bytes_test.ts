import assert from "node:assert/strict";
import { requestLineOf, toWirePieces } from "./request_bytes.ts";

Deno.test("toWirePieces() sends every character as one byte", () => {
  const [piece] = toWirePieces([{ pauseMs: 7, data: ["ü{N}", { repeat: "{N}x", times: 2 }] }], new Map([["N", "1"]]));
  assert.deepEqual(piece, { pauseMs: 7, bytes: new Uint8Array([0xfc, 0x31, 0x31, 0x78, 0x31, 0x78]) });
});

Deno.test("toWirePieces() refuses a character that is no byte", () => {
  assert.throws(() => toWirePieces([{ pauseMs: 0, data: ["日"] }], new Map()), RangeError);
});

Deno.test("toWirePieces() puts nothing into bytes", () => {
  const data = new TextEncoder().encode("{N}");
  assert.deepEqual(toWirePieces([{ pauseMs: 0, data }], new Map([["N", "1"]])), [{ pauseMs: 0, bytes: data }]);
});

Deno.test("requestLineOf() finds method and target across pieces", () => {
  const pieces = toWirePieces(
    [{ pauseMs: 0, data: ["HE"] }, { pauseMs: 1, data: ["AD /a?b HTTP/1.1\r\n"] }],
    new Map(),
  );
  assert.deepEqual(requestLineOf(pieces), { method: "HEAD", target: "/a?b" });
});
