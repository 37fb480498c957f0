import assert from "node:assert/strict";
import { type FieldLine, fieldValues, MessageReader, ProtocolError } from "../../http1/mod.ts";
import { FragmentSource } from "./byte_source.ts";

async function readFields(lines: string): Promise<readonly FieldLine[]> {
  const response = await new MessageReader(new FragmentSource(`HTTP/1.1 200 OK\r\n${lines}\r\n`)).readResponseHead();
  const request = await new MessageReader(new FragmentSource(`GET / HTTP/1.1\r\n${lines}\r\n`)).readRequestHead();
  assert.deepEqual(request?.fields, response.fields);
  return response.fields;
}

async function readTrailers(lines: string): Promise<readonly FieldLine[]> {
  const body = new MessageReader(new FragmentSource(`0\r\n${lines}\r\n`)).body({ kind: "chunked" });
  assert.equal(await body.read(), null);
  return body.trailers;
}

const FIELDS: readonly (readonly [lines: string, expected: readonly FieldLine[]])[] = [
  ["", []],
  ["A: b\r\n", [["A", "b"]]],
  ["A:b\r\n", [["A", "b"]]],
  ["A:\r\n", [["A", ""]]],
  ["A: \t \r\n", [["A", ""]]],
  ["A: \t b c \t\r\n", [["A", "b c"]]],
  ["A: b\n", [["A", "b"]]],
  ["A: b\nC: d\r\nE: f\n", [["A", "b"], ["C", "d"], ["E", "f"]]],
  ["b: 1\r\nA: 2\r\nB: 3\r\na: 4\r\n", [["b", "1"], ["A", "2"], ["B", "3"], ["a", "4"]]],
  ["A: b: c\r\n", [["A", "b: c"]]],
  ["A: :\r\n", [["A", ":"]]],
  ["!#$%&'*+-.^_`|~09azAZ: x\r\n", [["!#$%&'*+-.^_`|~09azAZ", "x"]]],
  ["A: \x80\x9f\xa0\xe9\xff\r\n", [["A", "\x80\x9f\xa0\xe9\xff"]]],
  ["A: caf\xc3\xa9\r\n", [["A", "caf\xc3\xa9"]]],
  ["A: \xef\xbb\xbfx\r\n", [["A", "\xef\xbb\xbfx"]]],
  ["A: \xa0x\xa0\r\n", [["A", "\xa0x\xa0"]]],
  ["A: \x01\x0b\x1b\x7f\r\n", [["A", "\x01\x0b\x1b\x7f"]]],
  ["__proto__: a\r\nconstructor: b\r\n", [["__proto__", "a"], ["constructor", "b"]]],
  [`A: ${"\xe9".repeat(9000)}\r\n`, [["A", "\xe9".repeat(9000)]]],
];

for (const [lines, expected] of FIELDS) {
  Deno.test(`readResponseHead() and readRequestHead() read the fields ${JSON.stringify(lines).slice(0, 60)}`, async () => {
    assert.deepEqual(await readFields(lines), expected);
  });
  Deno.test(`BodyReader.trailers are the fields ${JSON.stringify(lines).slice(0, 60)}`, async () => {
    assert.deepEqual(await readTrailers(lines), expected);
  });
}

const BAD_FIELDS: readonly (readonly [lines: string, message: RegExp])[] = [
  ["A\r\n", /Received "A" instead of a field: no colon/],
  ["A b\r\n", /no colon/],
  [": b\r\n", /without a name: ": b"/],
  ["A : b\r\n", /white space before the colon of the field "A : b"/],
  ["A\t: b\r\n", /white space before the colon/],
  ["A: b\r\n c\r\n", /folded line, " c"/],
  ["A: b\r\n\tc: d\r\n", /folded line, "\\tc: d"/],
  [" A: b\r\n", /folded line/],
  [" \r\n", /folded line/],
  ["A: b\0c\r\n", /NUL or a bare CR in the field "A: b\\x00c"/],
  ["A: b\rc\r\n", /NUL or a bare CR in the field "A: b\\rc"/],
  ["A: b\rX: c\r\n", /bare CR/],
  ["A: b\r\r\n", /bare CR/],
  ["A: \r\r\n", /bare CR/],
  ["A\0: b\r\n", /name is no token: "A\\x00: b"/],
  ["A\rB: b\r\n", /name is no token/],
  ["\rA: b\r\n", /name is no token/],
  ["A: b\n\rC: d\r\n", /name is no token/],
  ["A b: c\r\n", /name is no token/],
  ["A(b): c\r\n", /name is no token/],
  ["A\xe9: c\r\n", /name is no token: "A\\xe9: c"/],
  ["A\x0b: c\r\n", /name is no token/],
  ['"A": c\r\n', /name is no token: "\\"A\\": c"/],
];

for (const [lines, message] of BAD_FIELDS) {
  const matches = (error: unknown) => {
    assert(error instanceof ProtocolError);
    assert.equal(error.code, "bad-field");
    assert.match(error.message, message);
    return true;
  };
  Deno.test(`readResponseHead() and readRequestHead() refuse the fields ${JSON.stringify(lines)}`, async () => {
    const response = new MessageReader(new FragmentSource(`HTTP/1.1 200 OK\r\n${lines}X: y\r\n\r\n`));
    await assert.rejects(() => response.readResponseHead(), matches);
    const request = new MessageReader(new FragmentSource(`GET / HTTP/1.1\r\n${lines}X: y\r\n\r\n`));
    await assert.rejects(() => request.readRequestHead(), matches);
  });
  Deno.test(`BodyReader.read() refuses the trailers ${JSON.stringify(lines)}`, async () => {
    await assert.rejects(() => readTrailers(`${lines}X: y\r\n`), matches);
  });
}

Deno.test("fieldValues() gives all values of a name in any case, in order", () => {
  const fields: readonly FieldLine[] = [["Set-Cookie", "a"], ["X", "b"], ["set-cookie", "c"], ["SET-COOKIE", ""], [
    "x",
    "d",
  ]];
  assert.deepEqual(fieldValues(fields, "Set-Cookie"), ["a", "c", ""]);
  assert.deepEqual(fieldValues(fields, "set-cookie"), ["a", "c", ""]);
  assert.deepEqual(fieldValues(fields, "X"), ["b", "d"]);
  assert.deepEqual(fieldValues(fields, "Y"), []);
});
