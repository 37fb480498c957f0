import assert from "node:assert/strict";
import { describe, encodeForm, fieldPairs, percentEncode } from "../../client/_form.ts";
import type { FieldsInput } from "../../client/types.ts";

Deno.test("percentEncode() escapes the bytes of text and of bytes", () => {
  assert.equal(percentEncode("a ü😀", /[^a-z]+/g), "a%20%C3%BC%F0%9F%98%80");
  assert.equal(percentEncode(Uint8Array.of(0x61, 0xff, 0), /[^a-z]+/g), "a%FF%00");
});

Deno.test("percentEncode() writes U+FFFD for a lone surrogate", () => {
  assert.equal(percentEncode("\ud800", /[^a-z]+/g), "%EF%BF%BD");
});

Deno.test("fieldPairs() expands lists and leaves null out", () => {
  const bytes = Uint8Array.of(0xff);
  assert.deepEqual(fieldPairs({ a: [1, null, undefined, 2n], b: undefined, c: new Set(["x", false]), d: bytes }), [
    ["a", "1"],
    ["a", "2"],
    ["c", "x"],
    ["c", "false"],
    ["d", bytes],
  ]);
});

Deno.test("fieldPairs() keeps order and repetition of pairs", () => {
  const pairs = [["z", "1"], ["a", "2"], ["z", "3"]] as const;
  assert.deepEqual(fieldPairs(pairs), pairs);
  assert.deepEqual(fieldPairs(new URLSearchParams("z=1&a=2&z=3")), pairs);
});

for (
  const fields of [5, "x", null, ["ab"], [["a", "b", "c"]], { a: {} }, { a: [[1]] }, [[null, "b"]], new Uint8Array(2)]
) {
  Deno.test(`fieldPairs() refuses ${Deno.inspect(fields)}`, () => {
    assert.throws(() => fieldPairs(fields as unknown as FieldsInput), TypeError);
  });
}

Deno.test("fieldPairs() does not quote values in its errors", () => {
  const secret = { toString: () => "secret" };
  assert.throws(
    () => fieldPairs({ a: secret } as unknown as FieldsInput),
    { message: "Cannot use an Object as a field value: give text, a number, a boolean or bytes" },
  );
});

Deno.test("encodeForm() writes what URLSearchParams reads", () => {
  const text = Array.from({ length: 0x250 }, (_, code) => String.fromCharCode(code)).join("") + "☃😀";
  const form = encodeForm({ [text]: text });
  assert.match(form, /^[A-Za-z0-9._~+%-]+=[A-Za-z0-9._~+%-]+$/);
  assert.deepEqual([...new URLSearchParams(form)], [[text, text]]);
});

for (
  const [value, name] of [
    [null, "null"],
    [undefined, "undefined"],
    ["x", "a string"],
    [{}, "an Object"],
    [[], "an Array"],
    [new Date(), "a Date"],
    [Object.create(null), "an object"],
    [() => {}, "a function"],
  ] as const
) Deno.test(`describe() calls it ${name}`, () => assert.equal(describe(value), name));
