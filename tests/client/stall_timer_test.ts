import assert from "node:assert/strict";
import { StallTimer } from "../../client/_stall_timer.ts";

/** A timer, and a promise of its going off. */
function watch(limit: number): { timer: StallTimer; stalled: Promise<string>; count: () => number } {
  let count = 0;
  const { promise: stalled, resolve } = Promise.withResolvers<string>();
  const timer = new StallTimer(limit, () => {
    count++;
    resolve("stalled");
  });
  return { timer, stalled, count: () => count };
}

const pause = (seconds: number) => new Promise<string>((resolve) => setTimeout(() => resolve("time"), seconds * 1000));

Deno.test("StallTimer goes off once when nothing moves for the limit", async () => {
  const { timer, stalled, count } = watch(0.02);
  timer.resume();
  assert.equal(await stalled, "stalled");
  assert.equal(count(), 1);
  timer.end();
});

Deno.test("StallTimer.touch() begins the limit anew", async () => {
  const { timer, stalled } = watch(0.2);
  timer.resume();
  const start = performance.now();
  await pause(0.1);
  timer.touch();
  await stalled;
  assert.ok(performance.now() - start > 290);
});

Deno.test("StallTimer.pause() keeps it from going off, and resume() begins anew", async () => {
  const { timer, stalled, count } = watch(0.02);
  timer.resume();
  timer.pause();
  assert.equal(await Promise.race([stalled, pause(0.08)]), "time");
  timer.resume();
  await stalled;
  assert.equal(count(), 1);
});

Deno.test("StallTimer.end() leaves no timer behind", async () => {
  const { timer, count } = watch(0.01);
  timer.resume();
  timer.end();
  timer.end();
  await pause(0.03);
  assert.equal(count(), 0);
});
