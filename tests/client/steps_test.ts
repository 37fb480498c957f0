import assert from "node:assert/strict";
import { StepIterator } from "../../client/_steps.ts";

/** Steps that are answered by hand. */
function steps() {
  const pending: ((value: string | null) => void)[] = [];
  const log: string[] = [];
  const iterator = new StepIterator<string>(() => {
    log.push("step");
    return new Promise((resolve) => pending.push(resolve));
  }, () => {
    log.push("stop");
    for (const resolve of pending.splice(0)) resolve(null);
    return Promise.resolve();
  });
  return { iterator, log, answer: (value: string | null) => pending.shift()!(value) };
}

const DONE = { done: true, value: undefined };

Deno.test("StepIterator.next() asks for one step at a time", async () => {
  const { iterator, log, answer } = steps();
  const [one, two, three] = [iterator.next(), iterator.next(), iterator.next()];
  assert.deepEqual(log, ["step"]);
  answer("a");
  assert.deepEqual(await one, { done: false, value: "a" });
  await Promise.resolve();
  assert.deepEqual(log, ["step", "step"]);
  answer(null);
  assert.deepEqual([await two, await three, await iterator.next()], [DONE, DONE, DONE]);
  assert.deepEqual(log, ["step", "step"]);
});

Deno.test("StepIterator.next() ends with an error, which only its call gets", async () => {
  let calls = 0;
  const iterator = new StepIterator<string>(() => {
    calls++;
    return Promise.reject(new RangeError("broken"));
  }, () => Promise.resolve());
  const [one, two] = [iterator.next(), iterator.next()];
  await assert.rejects(one, RangeError);
  assert.deepEqual([await two, await iterator.next()], [DONE, DONE]);
  assert.equal(calls, 1);
});

Deno.test("StepIterator.return() ends a step that waits", async () => {
  const { iterator, log } = steps();
  const waiting = [iterator.next(), iterator.next()];
  assert.deepEqual(await iterator.return(), DONE);
  assert.deepEqual(await Promise.all(waiting), [DONE, DONE]);
  assert.deepEqual(log, ["step", "stop"]);
});

Deno.test("StepIterator.throw() ends it with the error", async () => {
  const { iterator, log } = steps();
  await assert.rejects(iterator.throw(new RangeError("mine")), RangeError);
  assert.deepEqual(await iterator.next(), DONE);
  assert.deepEqual(log, ["stop"]);
});

Deno.test("StepIterator is ended by leaving a loop", async () => {
  const { iterator, log, answer } = steps();
  queueMicrotask(() => answer("a"));
  for await (const value of iterator) {
    assert.equal(value, "a");
    break;
  }
  assert.deepEqual(log, ["step", "stop"]);
});
