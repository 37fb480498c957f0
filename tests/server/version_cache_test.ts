import assert from "node:assert/strict";
import { COARSEST_CLOCK, type FileStamp, isSameVersion, isSettled, VersionCache } from "../../server/_version_cache.ts";

const THEN = new Date(1_700_000_000_000);
const stamp = (changes: Partial<FileStamp> = {}): FileStamp => ({
  dev: 1,
  ino: 2,
  size: 3,
  mtime: THEN,
  ctime: THEN,
  birthtime: null,
  ...changes,
});

Deno.test("isSameVersion() tells files apart by each part of the stamp", () => {
  assert.ok(isSameVersion(stamp(), stamp({ mtime: new Date(THEN) })));
  const later = new Date(THEN.getTime() + 1);
  for (
    const changes of [
      { dev: 9 },
      { ino: 9 },
      { ino: null },
      { size: 9 },
      { mtime: later },
      { mtime: null },
      { ctime: later },
      { birthtime: THEN },
    ]
  ) assert.ok(!isSameVersion(stamp(), stamp(changes)), JSON.stringify(changes));
});

Deno.test("isSettled() waits until the coarsest clock has moved on, by ctime where there is one", () => {
  const now = THEN.getTime() + COARSEST_CLOCK;
  assert.ok(!isSettled(stamp(), now));
  assert.ok(isSettled(stamp(), now + 1));
  assert.ok(!isSettled(stamp({ mtime: new Date(0) }), now));
  assert.ok(isSettled(stamp({ ctime: null }), now + 1));
  assert.ok(!isSettled(stamp({ ctime: null, mtime: null }), now + 1));
});

Deno.test("VersionCache.get() gives the value for its version only, and forgets it for another", () => {
  const cache = new VersionCache<string>({ bytes: 100, entries: 10 });
  cache.set("a", stamp(), "one", 10);
  assert.equal(cache.get("a", stamp()), "one");
  assert.equal(cache.get("b", stamp()), undefined);
  assert.equal(cache.get("a", stamp({ size: 4 })), undefined);
  assert.equal(cache.get("a", stamp()), undefined);
  assert.equal(cache.bytes, 0);
});

Deno.test("VersionCache stays within its limits, in bytes and in entries", () => {
  const cache = new VersionCache<number>({ bytes: 1000, entries: 50 });
  for (let i = 0; i < 10_000; i++) {
    cache.set(`${i % 300}`, stamp({ ino: i }), i, i % 7 === 0 ? 300 : 5);
    if (i % 3 === 0) cache.grow(`${i % 300}`, i, 40);
    assert.ok(cache.bytes <= 1000 && cache.size <= 50, `after ${i}: ${cache.bytes} bytes, ${cache.size} entries`);
  }
  assert.ok(cache.size > 0);
  cache.set("heavy", stamp(), 1, 1001);
  assert.equal(cache.get("heavy", stamp()), undefined);
  cache.clear();
  assert.equal(cache.bytes + cache.size, 0);
});

Deno.test("VersionCache drops what was not asked for before what was", () => {
  const cache = new VersionCache<string>({ bytes: 1000, entries: 3 });
  for (const key of ["a", "b", "c"]) cache.set(key, stamp(), key, 1);
  cache.get("a", stamp());
  cache.set("d", stamp(), "d", 1);
  assert.equal(cache.get("a", stamp()), "a");
  assert.equal(cache.get("b", stamp()), undefined);
});

Deno.test("VersionCache.grow() counts for the value that is held only", () => {
  const cache = new VersionCache<object>({ bytes: 100, entries: 3 });
  const value = {};
  cache.set("a", stamp(), value, 1);
  cache.grow("a", {}, 50);
  cache.grow("b", value, 50);
  assert.equal(cache.bytes, 1);
  cache.grow("a", value, 50);
  assert.equal(cache.bytes, 51);
  cache.grow("a", value, 50);
  assert.equal(cache.size, 0);
});
