import assert from "node:assert/strict";
import { Ballast } from "../../client/_ballast.ts";

Deno.test("Ballast weighs a quarter of what is handed out", () => {
  const ballast = new Ballast();
  ballast.add(65_536);
  assert.equal(ballast.slots * 8, 65_536 / 4);
});

Deno.test("Ballast counts small pieces together", () => {
  const ballast = new Ballast();
  for (let count = 0; count < 15; count++) ballast.add(512);
  assert.equal(ballast.slots, 0);
  ballast.add(512);
  assert.equal(ballast.slots, 256);
});

Deno.test("Ballast of a large piece stays small", () => {
  const ballast = new Ballast();
  ballast.add(2 ** 30);
  assert.equal(ballast.slots, 8192);
});
