import assert from "node:assert/strict";
import { parseCases } from "./case_format.ts";

const SIMPLE = {
  id: "t/x",
  about: "x",
  fixture: "site",
  request: "GET / HTTP/1.1\r\n\r\n",
  check: ["status"],
  expect: { status: 200 },
};

Deno.test("parseCases() brings a simple case into the general form", () => {
  const [parsed] = parseCases([SIMPLE]);
  assert.equal(parsed!.steps.length, 1);
  assert.deepEqual(parsed!.steps[0]!.pieces, [{ pauseMs: 0, data: [SIMPLE.request] }]);
  assert.deepEqual(parsed!.steps[0]!.alternatives[0]!.check, ["status"]);
  assert.equal(parsed!.steps[0]!.alternatives[0]!.expect.status, 200);
  assert.deepEqual([parsed!.parallel, parsed!.reuse, parsed!.fromRfc, parsed!.policy], [1, false, false, undefined]);
});

Deno.test("parseCases() reads pieces, repetitions and base64", () => {
  const { request: _, ...rest } = SIMPLE;
  const [sent, encoded] = parseCases([
    { ...rest, send: [{ data: "a" }, { pause_ms: 5, data: ["b", { repeat: "c", times: 2 }] }] },
    { ...rest, request_b64: "AP8=" },
  ]);
  assert.deepEqual(sent!.steps[0]!.pieces, [
    { pauseMs: 0, data: ["a"] },
    { pauseMs: 5, data: ["b", { repeat: "c", times: 2 }] },
  ]);
  assert.deepEqual(encoded!.steps[0]!.pieces, [{ pauseMs: 0, data: new Uint8Array([0, 255]) }]);
});

const BAD_CASES: readonly (readonly [about: string, change: Record<string, unknown>])[] = [
  ["an unknown key", { retries: 3 }],
  ["an unknown key in expect", { expect: { reason: "OK" } }],
  ["an unknown check", { check: ["stattus"] }],
  ["an empty check list", { check: [] }],
  ["no check at all", { check: undefined }],
  ["an unknown need", { needs: ["network"] }],
  ["an unknown connection", { connection: "pipeline" }],
  ["an unknown source", { source: "rumour" }],
  ["two requests", { request_b64: "AA==" }],
  ["any_of beside check", { any_of: [{ check: ["status:200"] }] }],
  ["steps beside a request", { steps: [] }],
  ["a bad tree entry", { edit: { "www/a": {} } }],
];

for (const [about, change] of BAD_CASES) {
  Deno.test(`parseCases() refuses ${about}`, () => {
    assert.throws(() => parseCases([{ ...SIMPLE, ...change }]), /Cannot read (?:case "t\/x"|tree entry)/);
  });
}
