import assert from "node:assert/strict";
import { HTTPMessage } from "../../server/http_message.ts";

Deno.test("HTTPMessage reads fields without regard to case, and can be copied", () => {
  const message = new HTTPMessage(new Headers([["X-A", "1"], ["x-a", "2"], ["B", "3"]]));
  assert.equal(message.get("X-a"), "1, 2");
  assert.deepEqual(message.getAll("x-a"), ["1, 2"]);
  assert.deepEqual(message.getAll("missing"), []);
  assert.equal(message.get("missing"), null);
  assert.ok(message.has("b") && !message.has("c"));
  assert.deepEqual([...message.keys()], ["b", "x-a"]);
  assert.deepEqual([...message.values()], ["3", "1, 2"]);
  assert.deepEqual([...message.entries()], [["b", "3"], ["x-a", "1, 2"]]);
  assert.equal(new Headers(message as unknown as HeadersInit).get("x-a"), "1, 2");
});

for (
  const [field, type, charset] of [
    [null, "text/plain", null],
    ["Text/HTML; Charset=UTF-8", "text/html", "utf-8"],
    ['text/html; charset="ISO-8859-1"; x=y', "text/html", "iso-8859-1"],
    ["nonsense", "text/plain", null],
    ["a/b/c", "text/plain", null],
  ] as const
) {
  Deno.test(`HTTPMessage tells type and charset of ${JSON.stringify(field)}`, () => {
    const message = new HTTPMessage(new Headers(field === null ? {} : { "content-type": field }));
    assert.equal(message.getContentType(), type);
    assert.equal(`${message.getContentMaintype()}/${message.getContentSubtype()}`, type);
    assert.equal(message.getContentCharset(), charset);
  });
}
