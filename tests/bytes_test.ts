import assert from "node:assert/strict";
import { concatBytes } from "../bytes.ts";

Deno.test("concatBytes() joins in order", () => {
  assert.deepEqual(concatBytes([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]), Uint8Array.of(1, 2, 3));
  assert.deepEqual(concatBytes([]), new Uint8Array(0));
});

Deno.test("concatBytes() copies nothing that stands alone", () => {
  const only = Uint8Array.of(1);
  assert.equal(concatBytes([only]), only);
});
