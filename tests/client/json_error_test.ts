import assert from "node:assert/strict";
import { findJsonFlaw } from "../../client/_json_error.ts";

// What Python 3.11 says to these texts.
const FLAWS: readonly (readonly [text: string, msg: string, pos: number])[] = [
  ["", "Expecting value", 0],
  ["  ", "Expecting value", 2],
  ["hello", "Expecting value", 0],
  ["{broken", "Expecting property name enclosed in double quotes", 1],
  ["{", "Expecting property name enclosed in double quotes", 1],
  ["{'a': 1}", "Expecting property name enclosed in double quotes", 1],
  ['{"a": 1,}', "Expecting property name enclosed in double quotes", 8],
  ['{"a" 1}', "Expecting ':' delimiter", 5],
  ['{"a"', "Expecting ':' delimiter", 4],
  ['{"a":', "Expecting value", 5],
  ['{"a": 1', "Expecting ',' delimiter", 7],
  ['{"a": 1 "b": 2}', "Expecting ',' delimiter", 8],
  ["[1, 2", "Expecting ',' delimiter", 5],
  ["[1 2]", "Expecting ',' delimiter", 3],
  ["[1, ]", "Expecting value", 4],
  ["[", "Expecting value", 1],
  ["[1, oops]", "Expecting value", 4],
  ["1 2", "Extra data", 2],
  ["{} []", "Extra data", 3],
  ["[]]", "Extra data", 2],
  ["01", "Extra data", 1],
  ["1.", "Extra data", 1],
  ["-", "Expecting value", 0],
  ['"abc', "Unterminated string starting at", 0],
  ['["abc', "Unterminated string starting at", 1],
  ['"abc\\', "Unterminated string starting at", 0],
  ['"a\nb"', "Invalid control character at", 2],
  ['"a\\x"', "Invalid \\escape", 2],
  ['"a\\u12g4"', "Invalid \\uXXXX escape", 3],
  // About these Python disagrees: it has words for the first, and takes the others, which JSON does not know.
  ["\ufeff{}", "Expecting value", 0],
  ["NaN", "Expecting value", 0],
  ["[-Infinity]", "Expecting value", 1],
];

for (const [text, msg, pos] of FLAWS) {
  Deno.test(`findJsonFlaw() finds "${msg}" in ${JSON.stringify(text)}`, () => {
    assert.deepEqual(findJsonFlaw(text), { msg, pos });
  });
}

const SOUND = [
  '{"a": ["\\u00e9\\n", -2.5, 1e3, true, null, {}], "": {"b": []}}',
  " [ ] ",
  '"x"',
  "0",
  "-0.0E-7",
  "[[[]]]",
];

for (const text of SOUND) {
  Deno.test(`findJsonFlaw() finds nothing wrong with ${text}`, () => assert.equal(findJsonFlaw(text), null));
}

Deno.test("findJsonFlaw() agrees with JSON.parse about texts with one character changed", () => {
  const sound = '{"ab": [1.5, "c\\u00e9\\"", {"d": null}, true, -20e-3], "e": ""}';
  const agree = (text: string) => {
    let valid = true;
    try {
      JSON.parse(text);
    } catch {
      valid = false;
    }
    assert.equal(findJsonFlaw(text) === null, valid, text);
  };
  for (let index = 0; index < sound.length; index++) {
    agree(sound.slice(0, index));
    agree(sound.slice(0, index) + sound.slice(index + 1));
    for (const char of '{}[]:,"\\ \n0-.eutn/') {
      agree(sound.slice(0, index) + char + sound.slice(index + 1));
      agree(sound.slice(0, index) + char + sound.slice(index));
    }
  }
});

Deno.test("findJsonFlaw() reads deeply nested texts", () => {
  const depth = 100_000;
  assert.equal(findJsonFlaw("[".repeat(depth) + "]".repeat(depth)), null);
  assert.deepEqual(findJsonFlaw("[".repeat(depth)), { msg: "Expecting value", pos: depth });
});
