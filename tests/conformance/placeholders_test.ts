import assert from "node:assert/strict";
import { fillDeep, fillText, namesOfCapture } from "./placeholders.ts";

const VALUES = new Map([["PORT", "80"], ["E", 'W/"x"']]);

Deno.test("fillText() fills known names in and leaves other braces alone", () => {
  assert.equal(fillText("{PORT}{PORT} {OTHER} {port} { PORT } {}", VALUES), "8080 {OTHER} {port} { PORT } {}");
});

Deno.test("fillText() does not fill in what a value brings along", () => {
  assert.equal(fillText("{A}", new Map([["A", "{B}$&"], ["B", "no"]])), "{B}$&");
});

Deno.test("fillDeep() fills in the texts of objects and lists", () => {
  const value = { a: ["{PORT}", 1, null], b: { c: "{E}" }, d: undefined };
  assert.deepEqual(fillDeep(value, VALUES), { a: ["80", 1, null], b: { c: 'W/"x"' }, d: undefined });
});

Deno.test("namesOfCapture() strips the weak mark and the quotes", () => {
  assert.deepEqual(namesOfCapture("E", 'W/"x"'), [["E", 'W/"x"'], ["E_OPAQUE", '"x"'], ["E_CORE", "x"]]);
  assert.deepEqual(namesOfCapture("D", "today"), [["D", "today"], ["D_OPAQUE", "today"], ["D_CORE", "today"]]);
});
