import assert from "node:assert/strict";
import { parsePythonLiteral, toJavaScript } from "./python_literal.ts";

for (
  const [text, expected] of [
    ["{}", {}],
    ["{'a': [1, None, 2.5], \"b\": {'c': True}}", { a: [1, null, 2.5], b: { c: true } }],
    ["[('z', 1), ('a', 'x\\r\\n')]", [["z", 1], ["a", "x\r\n"]]],
    ["{'a': \"it's ~!*'()\"}", { a: "it's ~!*'()" }],
    ["b'raw=2'", new TextEncoder().encode("raw=2")],
    ["{b'k': b'v'}", [[new TextEncoder().encode("k"), new TextEncoder().encode("v")]]],
    ["nan", NaN],
    ["-5", -5],
  ] as const
) {
  Deno.test(`parsePythonLiteral() reads ${text}`, () => {
    assert.deepEqual(toJavaScript(parsePythonLiteral(text)), expected);
  });
}

Deno.test("parsePythonLiteral() refuses what is no value", () => {
  for (const text of ["", "x", "{'a'}", "[1 2]", "'a' 'b'", "<object>", "[1"]) {
    assert.throws(() => parsePythonLiteral(text), SyntaxError, text);
  }
});
