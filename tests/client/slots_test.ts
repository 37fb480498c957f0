import assert from "node:assert/strict";
import { Slots } from "../../client/_slots.ts";

Deno.test("acquire() hands out so many slots, then in the order asked for", async () => {
  const slots = new Slots(2);
  const order: string[] = [];
  const first = await slots.acquire("a");
  await slots.acquire("a");
  const third = slots.acquire("a").then((give) => (order.push("third"), give));
  const fourth = slots.acquire("a").then((give) => (order.push("fourth"), give));
  await Promise.resolve();
  assert.deepEqual(order, []);
  first();
  first(); // A second call gives nothing.
  const giveThird = await third;
  assert.deepEqual(order, ["third"]);
  giveThird();
  await fourth;
  assert.deepEqual(order, ["third", "fourth"]);
});

Deno.test("acquire() counts each key apart", async () => {
  const slots = new Slots(1);
  await slots.acquire("a");
  await slots.acquire("b");
  let waited = true;
  const again = slots.acquire("a").then(() => waited = false);
  await Promise.resolve();
  assert.ok(waited);
  assert.ok(again instanceof Promise);
});

Deno.test("acquire() ends its waiting by the signal and leaves the place to the next", async () => {
  const slots = new Slots(1);
  const give = await slots.acquire("a");
  const controller = new AbortController();
  const reason = new Error("tired");
  const tired = slots.acquire("a", controller.signal);
  const patient = slots.acquire("a");
  controller.abort(reason);
  await assert.rejects(tired, (error) => error === reason);
  give();
  await patient;
  await assert.rejects(slots.acquire("b", AbortSignal.abort(reason)), (error) => error === reason);
});
