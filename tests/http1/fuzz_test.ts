import assert from "node:assert/strict";
import { fuzz } from "./fuzz.ts";

Deno.test("MessageReader holds to its rules with 20,000 mutated messages", async () => {
  const { messages, ends } = await fuzz(20_000, 20_260_110);
  assert.equal(messages, 20_000);
  const seen = Object.keys(ends).sort();
  assert.deepEqual(seen, [
    "bad-chunk",
    "bad-field",
    "bad-framing",
    "bad-length",
    "bad-start-line",
    "closed",
    "early-end",
    "end",
    "too-large",
  ]);
});
