import assert from "node:assert/strict";
import { preparedResponse, shareBody } from "../../server/_prepared.ts";

const body = () => new TextEncoder().encode("content");

/** Makes responses, and counts them. */
function factory(bytes: Uint8Array<ArrayBuffer> | null, status = 200) {
  const make = () => {
    make.count++;
    return new Response(bytes, { status });
  };
  make.count = 0;
  return make;
}

Deno.test("preparedResponse() makes a response at the second request, and clones it from then on", async () => {
  const bytes = body();
  shareBody(bytes);
  const make = factory(bytes);
  const fields = ["Content-Type", "text/plain"];
  assert.equal(preparedResponse(bytes, 200, fields, make), undefined);
  for (let i = 0; i < 3; i++) {
    assert.equal(await preparedResponse(bytes, 200, [...fields], make)!.text(), "content");
  }
  assert.equal(make.count, 1);
});

Deno.test("preparedResponse() takes no response with another status, field or value", () => {
  const bytes = body();
  shareBody(bytes);
  const make = factory(bytes);
  preparedResponse(bytes, 200, ["A", "1"], make);
  preparedResponse(bytes, 200, ["A", "1"], make);
  for (const [status, fields] of [[203, ["A", "1"]], [200, ["A", "2"]], [200, ["B", "2"]], [200, []]] as const) {
    assert.equal(preparedResponse(bytes, status, fields, make), undefined);
  }
});

Deno.test("preparedResponse() leaves bodies alone that were not shared", () => {
  const bytes = body();
  const make = factory(bytes);
  assert.equal(preparedResponse(bytes, 200, [], make), undefined);
  assert.equal(preparedResponse(bytes, 200, [], make), undefined);
  assert.equal(preparedResponse(null, 200, [], make), undefined);
});

Deno.test("preparedResponse() gives one 304 for the same fields", () => {
  const make = factory(null, 304);
  const first = preparedResponse(null, 304, ["ETag", '"prepared-1"'], make);
  assert.equal(preparedResponse(null, 304, ["ETag", '"prepared-1"'], make), first);
  assert.notEqual(preparedResponse(null, 304, ["ETag", '"prepared-2"'], make), first);
  assert.equal(make.count, 2);
});
