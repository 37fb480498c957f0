import assert from "node:assert/strict";
import { mergeHeaders, mergeSetting } from "../../client/_merge.ts";
import { encodeParams } from "../../client/_url.ts";
import type { HeadersInput } from "../../client/case_insensitive_dict.ts";
import type { ParamsInput } from "../../client/types.ts";

type Case<T> = readonly [name: string, request: T | undefined, session: T | undefined, expected: string];

const PARAMS: readonly Case<ParamsInput>[] = [
  ["takes the session's where the request has none", undefined, { a: 1 }, "a=1"],
  ["takes the request's where the session has none", { a: 1 }, null, "a=1"],
  ["is empty where nobody says anything", null, undefined, ""],
  ["adds new names after those of the session", { c: 3 }, { a: 1, b: 2 }, "a=1&b=2&c=3"],
  ["lets the request win in the place of the session", { a: 9, c: 3 }, { a: 1, b: 2 }, "a=9&b=2&c=3"],
  ["tells capitals from small letters", { A: 9 }, { a: 1 }, "a=1&A=9"],
  ["removes a name that the request sets to null", { a: null }, { a: 1, b: 2 }, "b=2"],
  ["removes a name that the session sets to null", { b: 2 }, { a: null }, "b=2"],
  ["replaces a whole list", { a: [3] }, { a: [1, 2] }, "a=3"],
  ["repeats a name that the request repeats", [["a", "2"], ["a", "3"]], { a: 1, b: 1 }, "b=1&a=2&a=3"],
  ["keeps the order of pairs", [["z", "1"], ["a", "2"], ["z", "3"]], {}, "z=1&a=2&z=3"],
  ["keeps the order of pairs behind the session's", [["z", "1"], ["a", "2"], ["z", "3"]], { b: 0 }, "b=0&z=1&a=2&z=3"],
  ["keeps a name that the session repeats", { b: 1 }, [["a", "1"], ["a", "2"]], "a=1&a=2&b=1"],
  ["merges a Map with URLSearchParams", new Map([["a", "9"]]), new URLSearchParams("a=1&b=2"), "a=9&b=2"],
  ["knows a name given as bytes", [[new TextEncoder().encode("a"), "9"]], { a: 1 }, "a=9"],
  ["does not merge text of the request", "x=1", { a: 1 }, "x=1"],
  ["does not merge text of the session", { a: 1 }, "x=1", "a=1"],
  ["does not merge bytes", new TextEncoder().encode("x=1"), { a: 1 }, "x=1"],
  ["knows the name __proto__", [["__proto__", "1"]], { a: 1 }, "a=1&__proto__=1"],
];

for (const [name, request, session, expected] of PARAMS) {
  Deno.test(`mergeSetting() ${name}`, () => assert.equal(encodeParams(mergeSetting(request, session)), expected));
}

Deno.test("mergeSetting() changes neither side", () => {
  const request = { a: null };
  const session = { a: 1, b: 2 };
  mergeSetting(request, session);
  assert.deepEqual([request, session], [{ a: null }, { a: 1, b: 2 }]);
});

const HEADERS: readonly Case<HeadersInput>[] = [
  ["takes the session's where the request has none", undefined, { A: "1" }, '{"A":"1"}'],
  ["takes the request's where the session has none", { A: "1" }, undefined, '{"A":"1"}'],
  [
    "keeps the place of the session and the case of the request",
    { b: "9", c: "3" },
    { A: "1", B: "2" },
    '{"A":"1","b":"9","c":"3"}',
  ],
  ["removes a name in any case", { a: null }, { A: "1", B: "2" }, '{"B":"2"}'],
  ["removes a name that the session sets to null", { B: "2" }, { A: null }, '{"B":"2"}'],
  ["leaves out undefined", { A: undefined }, { A: "1" }, '{"A":"1"}'],
  ["takes pairs and Headers", [["X", "1"]], new Headers({ y: "2" }), '{"y":"2","X":"1"}'],
  ["keeps empty values", { A: "" }, { A: "1" }, '{"A":""}'],
];

for (const [name, request, session, expected] of HEADERS) {
  Deno.test(`mergeHeaders() ${name}`, () => assert.equal(JSON.stringify(mergeHeaders(request, session)), expected));
}

Deno.test("mergeHeaders() leaves values that cannot be sent to the check of the request", () => {
  assert.equal(mergeHeaders({ A: 5 } as unknown as HeadersInput, null).get("A") as unknown, 5);
});
