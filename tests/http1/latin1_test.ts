import assert from "node:assert/strict";
import { decodeAscii, decodeLatin1, encodeLatin1 } from "../../http1/latin1.ts";

const EVERY_BYTE = Uint8Array.from({ length: 20_000 }, (_, index) => index % 256);

Deno.test("decodeLatin1() and encodeLatin1() map each byte to the character of its number, and back", () => {
  const text = decodeLatin1(EVERY_BYTE);
  assert.equal(text.length, EVERY_BYTE.length);
  for (let index = 0; index < text.length; index++) assert.equal(text.charCodeAt(index), EVERY_BYTE[index]);
  assert.deepEqual(encodeLatin1(text), EVERY_BYTE);
});

Deno.test("decodeAscii() reads ASCII as decodeLatin1() does", () => {
  const ascii = EVERY_BYTE.filter((byte) => byte < 128);
  assert.equal(decodeAscii(ascii), decodeLatin1(ascii));
});

Deno.test("encodeLatin1() refuses a character that fits into no byte", () => {
  for (const text of ["\u0100", "a\u010d\u010a", "\ud83d\ude00"]) assert.throws(() => encodeLatin1(text), TypeError);
});
