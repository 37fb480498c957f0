import assert from "node:assert/strict";
import {
  CaseInsensitiveDict,
  type CaseInsensitiveDictInput,
  findingsOf,
  type HeadersInput,
} from "../../client/case_insensitive_dict.ts";

for (
  const [what, data] of [
    ["an object", { Accept: "a", "X-Id": "1" }],
    ["pairs", [["Accept", "a"], ["X-Id", "1"]]],
    ["a Map", new Map([["Accept", "a"], ["X-Id", "1"]])],
    ["a CaseInsensitiveDict", new CaseInsensitiveDict({ Accept: "a", "X-Id": "1" })],
    ["an object without prototype", Object.assign(Object.create(null), { Accept: "a", "X-Id": "1" })],
  ] as [string, CaseInsensitiveDictInput<string>][]
) {
  Deno.test(`CaseInsensitiveDict() takes ${what}`, () => {
    const dict = new CaseInsensitiveDict(data);
    assert.deepEqual([...dict], [["Accept", "a"], ["X-Id", "1"]]);
    assert.equal(dict.size, 2);
  });
}

Deno.test("CaseInsensitiveDict() takes nothing", () => {
  assert.deepEqual([...new CaseInsensitiveDict()], []);
  assert.deepEqual([...new CaseInsensitiveDict(null)], []);
});

Deno.test("CaseInsensitiveDict() takes every kind of HeadersInput", () => {
  const inputs: HeadersInput[] = [
    { a: "1", b: null, c: new Uint8Array([1]), d: undefined },
    [["a", "1"], ["b", null]],
    new Headers({ a: "1" }),
    new CaseInsensitiveDict({ a: "1" }),
    new CaseInsensitiveDict<string | Uint8Array | null>({ a: "1" }),
    new Map([["a", "1"]]),
  ];
  for (const input of inputs) assert.equal(new CaseInsensitiveDict<string | Uint8Array | null>(input).get("A"), "1");
});

Deno.test("CaseInsensitiveDict() joins the fields that Headers holds several times", () => {
  const headers = new Headers([["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"], ["Vary", "a"], ["Vary", "b"]]);
  const dict = new CaseInsensitiveDict(headers);
  assert.equal(dict.get("set-cookie"), "a=1, b=2");
  assert.equal(dict.get("vary"), "a, b");
});

Deno.test("CaseInsensitiveDict() leaves undefined out and keeps null", () => {
  const dict = new CaseInsensitiveDict<string | null>({ a: undefined, b: null });
  assert.equal(dict.has("a"), false);
  assert.equal(dict.has("b"), true);
  assert.equal(dict.get("b"), null);
});

for (
  const bad of ["a: b", 5, [["a"]], ["ab"], [["a", "b", "c"]], new Set(["x"]), [[1, "b"]], [["a", "1"], [null, "b"]]]
) {
  Deno.test(`CaseInsensitiveDict() refuses ${JSON.stringify(bad)}`, () => {
    assert.throws(() => new CaseInsensitiveDict(bad as never), TypeError);
  });
}

Deno.test("CaseInsensitiveDict() does not quote a value when it refuses it", () => {
  assert.throws(() => new CaseInsensitiveDict("Bearer s3cret" as never), (error: Error) => {
    assert.doesNotMatch(error.message, /s3cret/);
    return error instanceof TypeError;
  });
});

Deno.test("CaseInsensitiveDict.set() keeps the first place and the last case", () => {
  const dict = new CaseInsensitiveDict({ Accept: "1", "X-Id": "2" });
  dict.set("aCCEPT", "3");
  assert.deepEqual([...dict], [["aCCEPT", "3"], ["X-Id", "2"]]);
  assert.equal(dict.size, 2);
});

Deno.test("CaseInsensitiveDict.get() and has() find a name in any case", () => {
  const dict = new CaseInsensitiveDict({ "Content-Type": "a/b" });
  for (const name of ["content-type", "CONTENT-TYPE", "Content-Type"]) {
    assert.equal(dict.get(name), "a/b");
    assert.equal(dict.has(name), true);
  }
  assert.equal(dict.get("content"), null);
  assert.equal(dict.has("content"), false);
  assert.equal(dict.get("constructor"), null);
});

Deno.test("CaseInsensitiveDict.delete() says whether the name was there", () => {
  const dict = new CaseInsensitiveDict({ A: "1" });
  assert.equal(dict.delete("a"), true);
  assert.equal(dict.delete("a"), false);
  assert.equal(dict.size, 0);
});

Deno.test("CaseInsensitiveDict.delete() frees the place", () => {
  const dict = new CaseInsensitiveDict({ a: "1", b: "2" });
  dict.delete("A");
  dict.set("a", "3");
  assert.deepEqual([...dict.keys()], ["b", "a"]);
});

Deno.test("CaseInsensitiveDict.setdefault() sets only what is missing", () => {
  const dict = new CaseInsensitiveDict({ Accept: "a" });
  assert.equal(dict.setdefault("ACCEPT", "b"), "a");
  assert.equal(dict.setdefault("X", "c"), "c");
  assert.deepEqual([...dict], [["Accept", "a"], ["X", "c"]]);
  const holdsNull = new CaseInsensitiveDict<string | null>({ a: null });
  assert.equal(holdsNull.setdefault("A", "b"), null);
});

Deno.test("CaseInsensitiveDict.update() sets the new and keeps the others", () => {
  const dict = new CaseInsensitiveDict({ A: "1", B: "2" });
  dict.update({ b: "3", C: "4" });
  assert.deepEqual([...dict], [["A", "1"], ["b", "3"], ["C", "4"]]);
  dict.update(null);
  dict.update(dict);
  assert.equal(dict.size, 3);
});

Deno.test("CaseInsensitiveDict.update() sets nothing when a name is wrong", () => {
  const dict = new CaseInsensitiveDict({ A: "1" });
  assert.throws(() => dict.update([["B", "2"], [3 as unknown as string, "3"]]), TypeError);
  assert.deepEqual([...dict], [["A", "1"]]);
});

Deno.test("CaseInsensitiveDict is iterable as entries, keys, values and lowerItems", () => {
  const dict = new CaseInsensitiveDict({ Accept: "a", "X-ID": "1" });
  assert.deepEqual([...dict.entries()], [["Accept", "a"], ["X-ID", "1"]]);
  assert.deepEqual([...dict.keys()], ["Accept", "X-ID"]);
  assert.deepEqual([...dict.values()], ["a", "1"]);
  assert.deepEqual([...dict.lowerItems()], [["accept", "a"], ["x-id", "1"]]);
  const seen: unknown[] = [];
  dict.forEach((value, name) => seen.push([name, value]));
  assert.deepEqual(seen, [["Accept", "a"], ["X-ID", "1"]]);
});

Deno.test("CaseInsensitiveDict copies another one, and both go their ways", () => {
  const dict = new CaseInsensitiveDict({ Accept: "a", "X-ID": "1" });
  const copy = new CaseInsensitiveDict(dict);
  copy.set("accept", "b");
  dict.delete("X-ID");
  assert.deepEqual([...dict], [["Accept", "a"]]);
  assert.deepEqual([...copy], [["accept", "b"], ["X-ID", "1"]]);
});

Deno.test("CaseInsensitiveDict.entries() gives pairs that are the caller's", () => {
  const dict = new CaseInsensitiveDict({ a: "1" });
  for (const pair of dict.entries()) pair[1] = "changed";
  assert.equal(dict.get("a"), "1");
});

Deno.test("CaseInsensitiveDict is taken by Headers and fetch", () => {
  const init: HeadersInit = new CaseInsensitiveDict({ "X-Id": "1" });
  assert.equal(new Headers(init).get("x-id"), "1");
  assert.equal(new Request("http://localhost/", { headers: init }).headers.get("x-id"), "1");
});

Deno.test("CaseInsensitiveDict.copy() is independent", () => {
  const dict = new CaseInsensitiveDict({ A: "1" });
  const copy = dict.copy();
  copy.set("a", "2");
  copy.set("b", "3");
  assert.deepEqual([...dict], [["A", "1"]]);
  assert(dict.equals(dict.copy()));
});

for (
  const [other, isEqual] of [
    [{ "ACCEPT": "a", "x": "1" }, true],
    [{ "x": "1", "accept": "a" }, true],
    [[["accept", "a"], ["X", "1"]], true],
    [new Headers({ Accept: "a", X: "1" }), true],
    [new CaseInsensitiveDict({ aCCEPT: "a", X: "1" }), true],
    [{ Accept: "A", X: "1" }, false],
    [{ Accept: "a" }, false],
    [{ Accept: "a", Y: "1" }, false],
    [{}, false],
    [null, false],
    [undefined, false],
    ["Accept", false],
    [["Accept"], false],
  ] as const
) {
  Deno.test(`CaseInsensitiveDict.equals() is ${isEqual} for ${Deno.inspect(other)}`, () => {
    assert.equal(new CaseInsensitiveDict({ Accept: "a", X: "1" }).equals(other), isEqual);
  });
}

Deno.test("CaseInsensitiveDict.equals() compares bytes by content", () => {
  const dict = new CaseInsensitiveDict({ a: new Uint8Array([1, 2]) });
  assert.equal(dict.equals({ A: new Uint8Array([1, 2]) }), true);
  assert.equal(dict.equals({ A: new Uint8Array([1, 3]) }), false);
  assert.equal(dict.equals({ A: new Uint8Array([1]) }), false);
});

Deno.test("CaseInsensitiveDict.equals() tells null from a name that is missing", () => {
  assert.equal(new CaseInsensitiveDict<string | null>({ a: null }).equals({ b: null }), false);
});

Deno.test("CaseInsensitiveDict.toJSON() gives names and values", () => {
  assert.equal(JSON.stringify(new CaseInsensitiveDict({ A: "1", b: "2" })), '{"A":"1","b":"2"}');
});

Deno.test("CaseInsensitiveDict holds __proto__ like any other name", () => {
  const dict = new CaseInsensitiveDict([["__proto__", "1"]]);
  assert.equal(dict.get("__PROTO__"), "1");
  assert.deepEqual(Object.entries(dict.toJSON()), [["__proto__", "1"]]);
});

Deno.test("CaseInsensitiveDict.clear() removes everything", () => {
  const dict = new CaseInsensitiveDict({ A: "1" });
  dict.clear();
  assert.equal(dict.size, 0);
});

for (
  const [what, change] of [
    ["set()", (dict) => dict.set("Accept", "b")],
    ["set() of a new name", (dict) => dict.set("X-New", "1")],
    ["delete()", (dict) => dict.delete("accept")],
    ["clear()", (dict) => dict.clear()],
    ["update()", (dict) => dict.update({ Accept: "b" })],
    ["update() from another one", (dict) => dict.update(new CaseInsensitiveDict({ Accept: "b" }))],
    ["setdefault() of a new name", (dict) => dict.setdefault("X-New", "1")],
  ] as [string, (dict: CaseInsensitiveDict) => unknown][]
) {
  Deno.test(`CaseInsensitiveDict: ${what} shows neither in copies nor in the original`, () => {
    const fields = [["Accept", "a"], ["X-Id", "1"]] as const;
    for (const changeOriginal of [true, false]) {
      const original = new CaseInsensitiveDict(fields);
      const copies = [original.copy(), new CaseInsensitiveDict(original), original.copy().copy()];
      const changed = changeOriginal ? original : copies[1]!;
      change(changed);
      assert.notDeepEqual([...changed], fields);
      for (const other of [original, ...copies]) if (other !== changed) assert.deepEqual([...other], fields);
    }
  });

  Deno.test(`findingsOf() forgets what was found before ${what}`, () => {
    const dict = new CaseInsensitiveDict({ Accept: "a" });
    const copy = dict.copy();
    const findings = findingsOf(dict);
    assert.equal(findingsOf(copy), findings);
    change(dict);
    assert.notEqual(findingsOf(dict), findings);
    assert.equal(findingsOf(copy), findings);
    // Once more, now that the contents belong to one dictionary alone.
    const later = findingsOf(dict);
    dict.set("X-Last", "1");
    assert.notEqual(findingsOf(dict), later);
  });
}
