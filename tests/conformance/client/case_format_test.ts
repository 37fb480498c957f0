import assert from "node:assert/strict";
import { parseAction } from "./action_format.ts";
import { parseCases } from "./case_format.ts";

const STEP = { method: "GET", url: "{A}/" };
const CASE = { id: "t/x", about: "x", steps: [STEP], expect: { steps: [{}] } };

Deno.test("parseCases() fills the defaults in", () => {
  const [parsed] = parseCases([CASE]);
  assert.deepEqual(parsed, {
    id: "t/x",
    about: "x",
    server: [],
    session: {},
    env: {},
    netrc: undefined,
    steps: [{ ...STEP, call: "request", options: {}, edit: {}, actions: [], observe: ["status_code"] }],
    errorIs: undefined,
    wire: undefined,
    mayDiffer: false,
    expect: { steps: [{}], wire: undefined },
  });
});

Deno.test("parseCases() lets a step observe something else than the case", () => {
  const [parsed] = parseCases([{ ...CASE, observe: ["text", "headers:x"], steps: [STEP, { ...STEP, observe: [] }] }]);
  assert.deepEqual(parsed!.steps.map(({ observe }) => observe), [["text", "headers:x"], []]);
});

Deno.test("parseCases() refuses what it does not know, and names the case", () => {
  const wire = { headers: [] };
  const unknown: [Record<string, unknown>, RegExp][] = [
    [{ color: 1 }, /Cannot read case "t\/x": a case has an unknown key: "color"/],
    [{ session: { verify: false } }, /session has an unknown key/],
    [{ server: [{ path: "*", tls: true }] }, /a rule has an unknown key/],
    [{ observe: ["mood"] }, /no such observation: "mood"/],
    [{ observe: ["headers:"] }, /no such observation/],
    [{ differs: "taste" }, /differs has an unknown value/],
    [{ steps: [{ ...STEP, call: "dance" }] }, /no such call/],
    [{ steps: [{ ...STEP, options: { verify: false } }] }, /options has an unknown key/],
    [{ steps: [{ ...STEP, edit: { auth: [] } }] }, /edit has an unknown key/],
    [{ steps: [{ ...STEP, then: ["dance"] }] }, /no such action: "dance"/],
    [{ wire: { ...wire, trailers: [] }, expect: { steps: [], wire: [] } }, /wire has an unknown key/],
    [{ wire }, /wire stands in only one/],
    [{ expect: { steps: [], log: [] } }, /expect has an unknown key/],
  ];
  for (const [fields, message] of unknown) assert.throws(() => parseCases([{ ...CASE, ...fields }]), message);
});

Deno.test("parseAction() reads the short and the long form", () => {
  const iteration = {
    chunkSize: undefined,
    decodeUnicode: undefined,
    delimiter: undefined,
    take: Infinity,
    join: false,
  };
  const actions = [
    ["text", { name: "text" }],
    ["iter_content", { name: "iter_content", iteration }],
    [{ iter_content: 4 }, { name: "iter_content", iteration: { ...iteration, chunkSize: 4 } }],
    [{ iter_content: { chunk_size: null } }, { name: "iter_content", iteration: { ...iteration, chunkSize: null } }],
    [
      { iter_lines: { delimiter: "|", decode_unicode: true, take: 2, join: true } },
      { name: "iter_lines", iteration: { ...iteration, delimiter: "|", decodeUnicode: true, take: 2, join: true } },
    ],
    ["next", { name: "next", headers: [] }],
    [{ next: ["a"] }, { name: "next", headers: ["a"] }],
    [{ set_encoding: null }, { name: "set_encoding", encoding: null }],
  ] as const;
  for (const [json, action] of actions) assert.deepEqual(parseAction(json), action);
});

Deno.test("parseAction() refuses what it does not know", () => {
  for (const json of ["set_encoding", { text: 1 }, {}, { next: [], close: 1 }, null]) {
    assert.throws(() => parseAction(json), /no such action/);
  }
  assert.throws(() => parseAction({ iter_content: { delimiter: "|" } }), /unknown key: "delimiter"/);
});
