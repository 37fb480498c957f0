import assert from "node:assert/strict";
import { remember } from "../remember.ts";

Deno.test("remember() computes once for a text, and again when it had to forget", () => {
  const asked: string[] = [];
  const double = remember((text) => {
    asked.push(text);
    return text + text;
  }, { entries: 2, length: 3 });
  assert.deepEqual(["a", "a", "b", "a"].map(double), ["aa", "aa", "bb", "aa"]);
  assert.deepEqual(asked, ["a", "b"]);
  double("c");
  assert.equal(double("a"), "aa");
  assert.deepEqual(asked, ["a", "b", "c", "a"]);
});

Deno.test("remember() does not keep what is too long", () => {
  let count = 0;
  const length = remember((text) => {
    count++;
    return text.length;
  }, { entries: 2, length: 3 });
  assert.deepEqual([length("1234"), length("1234")], [4, 4]);
  assert.equal(count, 2);
});
