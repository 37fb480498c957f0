import assert from "node:assert/strict";
import { BoundedCache } from "../../server/_bounded_cache.ts";

Deno.test("BoundedCache.get() gives what is held, and delete() drops it with its weight", () => {
  const cache = new BoundedCache<string>({ bytes: 100, entries: 10 });
  cache.set("a", "one", 10);
  cache.set("a", "two", 20);
  assert.equal(cache.get("a"), "two");
  assert.equal(cache.bytes, 20);
  cache.delete("a");
  cache.delete("a");
  assert.equal(cache.get("a"), undefined);
  assert.equal(cache.bytes + cache.size, 0);
});

Deno.test("BoundedCache.peek() does not count as a use", () => {
  const cache = new BoundedCache<string>({ bytes: 100, entries: 2 });
  cache.set("a", "a", 1);
  cache.set("b", "b", 1);
  assert.equal(cache.peek("a"), "a");
  cache.set("c", "c", 1);
  assert.equal(cache.peek("a"), undefined);
  cache.get("b");
  cache.set("d", "d", 1);
  assert.equal(cache.peek("b"), "b");
  assert.equal(cache.peek("c"), undefined);
});

Deno.test("BoundedCache.grow() makes a value heavier or lighter, as long as it is the one that is held", () => {
  const cache = new BoundedCache<object>({ bytes: 100, entries: 3 });
  const value = {};
  cache.set("a", value, 10);
  cache.grow("a", {}, 50);
  assert.equal(cache.bytes, 10);
  cache.grow("a", value, 40);
  cache.grow("a", value, -20);
  assert.equal(cache.bytes, 30);
  cache.grow("a", value, 71);
  assert.equal(cache.bytes + cache.size, 0);
});
