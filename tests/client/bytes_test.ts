import assert from "node:assert/strict";
import { bytesOf, decodeBase64, encodeBase64 } from "../../client/_bytes.ts";

Deno.test("bytesOf() shows what the view shows", () => {
  const { buffer } = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(bytesOf(new DataView(buffer, 1, 2)), Uint8Array.of(2, 3));
  assert.equal(bytesOf(new Uint16Array(buffer)).buffer, buffer);
});

Deno.test("bytesOf() copies shared memory", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(1));
  const bytes = bytesOf(shared);
  shared[0] = 1;
  assert.deepEqual(bytes, Uint8Array.of(0));
});

Deno.test("encodeBase64() and decodeBase64() are each other's reverse, for every byte", () => {
  assert.equal(encodeBase64(new TextEncoder().encode("Zoë?>")), "Wm/Dqz8+");
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  assert.deepEqual(decodeBase64(encodeBase64(bytes)), bytes);
  assert.deepEqual(decodeBase64(""), new Uint8Array(0));
});
