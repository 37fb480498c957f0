import assert from "node:assert/strict";
import { type BodyMode, converse } from "./conversation.ts";
import { CORPUS } from "./corpus.ts";
import { FragmentSource } from "./byte_source.ts";

const MODES: readonly BodyMode[] = ["read", "readInto", "readAll"];

for (const { name, side, method = "GET", text, expected } of CORPUS) {
  // What readAll() has read is lost with the error.
  const modes = expected.end.startsWith("early") || expected.end.startsWith("bad") ? MODES.slice(0, 2) : MODES;

  Deno.test(`MessageReader reads ${name}, split at every offset`, async () => {
    for (const mode of modes) {
      for (let offset = 0; offset <= text.length; offset++) {
        const sizes = offset === 0 ? [] : [offset];
        const source = new FragmentSource(text, () => sizes.shift() ?? Infinity);
        assert.deepEqual(await converse(source, { side, method, mode }), expected, `${mode}, split at ${offset}`);
      }
    }
  });

  Deno.test(`MessageReader reads ${name}, in pieces of every size and with buffers of every size`, async () => {
    for (const mode of modes) {
      for (const size of [1, 2, 3, 5, 7, 16, 64]) {
        for (const bufferSize of [1, 2, 3, 7, 16, 100, 65_536]) {
          const source = new FragmentSource(text, () => size);
          const conversation = await converse(source, { side, method, mode, bufferSize });
          assert.deepEqual(conversation, expected, `${mode}, pieces of ${size}, a buffer of ${bufferSize}`);
        }
      }
    }
  });
}
