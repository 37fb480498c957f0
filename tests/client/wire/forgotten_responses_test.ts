import assert from "node:assert/strict";

const SCRIPT = new URL("forgotten_responses.ts", import.meta.url);

Deno.test("WireAdapter closes the connection of a streamed response that was collected unread", async () => {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--allow-net=127.0.0.1", "--v8-flags=--expose-gc", SCRIPT.pathname],
    // It would wait for ever.
    signal: AbortSignal.timeout(60_000),
  }).output();
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(stdout), "3\n", decoder.decode(stderr));
});
