import { assertEquals, assertMatch } from "@std/assert";
import {
  findCycles,
  findInputOutput,
  findUnplaced,
  findWrongImports,
  isPolicyFile,
  patternRegExp,
} from "../../tools/layer_rules.ts";
import type { Group } from "../../tools/layers.ts";

const LAYERS: readonly Group[] = [
  { name: "entry", uses: ["left", "right"], rows: [["cli.ts"], ["mod.ts"]] },
  { name: "left", uses: ["wire"], rows: [["left/mod.ts"], ["left/a.ts", "left/b.ts"], ["left/types.ts"]] },
  { name: "right", uses: ["wire"], rows: [["right/mod.ts"], { peers: ["right/deep/**"] }] },
  { name: "wire", uses: [], rows: [["wire/*.ts"]] },
  { name: "tools", uses: [], rows: [{ peers: ["tools/*.ts"] }] },
  { name: "tests", uses: ["entry", "left", "right", "wire", "tools"], rows: [{ peers: ["tests/**"] }] },
];

function wrong(from: string, to: string): string[] {
  return findWrongImports([{ from, to, line: 3 }], LAYERS);
}

Deno.test("findWrongImports() lets imports go downward, to peers and into used groups", () => {
  const allowed: readonly (readonly [string, string])[] = [
    ["cli.ts", "mod.ts"],
    ["mod.ts", "left/mod.ts"],
    ["cli.ts", "right/deep/x.ts"],
    ["left/mod.ts", "left/types.ts"],
    ["left/a.ts", "left/types.ts"],
    ["left/types.ts", "wire/reader.ts"],
    ["right/deep/x.ts", "right/deep/y/z.ts"],
    ["tools/x.ts", "tools/y.ts"],
    ["tests/left/a_test.ts", "left/a.ts"],
    ["tests/left/a_test.ts", "tests/helpers/server.ts"],
    ["tests/tools/x_test.ts", "tools/x.ts"],
  ];
  for (const [from, to] of allowed) assertEquals(wrong(from, to), [], `${from} → ${to}`);
});

Deno.test("findWrongImports() refuses what breaks the order, with file, line and cure", () => {
  const refused: readonly (readonly [string, string, RegExp])[] = [
    ["left/types.ts", "left/a.ts", /higher layer/],
    ["mod.ts", "cli.ts", /higher layer/],
    ["left/a.ts", "left/b.ts", /same layer/],
    ["left/a.ts", "right/mod.ts", /"left" may use only wire/],
    ["right/mod.ts", "left/types.ts", /"right" may use only wire/],
    ["wire/reader.ts", "left/types.ts", /"wire" may use no other group/],
    ["left/a.ts", "mod.ts", /may use only wire/],
    ["left/a.ts", "tests/helpers/server.ts", /may use only wire/],
    ["mod.ts", "tools/x.ts", /may use only left, right/],
    ["tools/x.ts", "tests/helpers/server.ts", /no other group/],
  ];
  for (const [from, to, reason] of refused) {
    const [message = "", ...rest] = wrong(from, to);
    assertEquals(rest, []);
    assertEquals(message.startsWith(`${from}:3: Cannot import "${to}": `), true, message);
    assertMatch(message, reason);
  }
});

Deno.test("findUnplaced() names files that are in no row, or in two", () => {
  assertEquals(findUnplaced(["mod.ts", "left/a.ts", "tests/x/y_test.ts"], LAYERS), []);
  const [missing = "", twice = "", ...rest] = findUnplaced(
    ["left/new.ts", "wire/reader.ts"],
    [...LAYERS, { name: "again", uses: [], rows: [["wire/reader.ts"]] }],
  );
  assertEquals(rest, []);
  assertMatch(missing, /^left\/new\.ts:1: .*in no layer, enter it in tools\/layers\.ts$/);
  assertMatch(twice, /^wire\/reader\.ts:1: .*2 patterns match it/);
});

Deno.test("findCycles() names the import that closes a cycle, and only that", () => {
  const line = 1;
  assertEquals(
    findCycles([
      { from: "a.ts", to: "b.ts", line },
      { from: "a.ts", to: "c.ts", line },
      { from: "b.ts", to: "c.ts", line },
    ]),
    [],
  );
  const [message = "", ...rest] = findCycles([
    { from: "x.ts", to: "a.ts", line },
    { from: "a.ts", to: "b.ts", line },
    { from: "b.ts", to: "c.ts", line },
    { from: "c.ts", to: "a.ts", line: 9 },
  ]);
  assertEquals(rest, []);
  assertMatch(message, /^c\.ts:9: .* closes the cycle a\.ts → b\.ts → c\.ts → a\.ts/);
  assertEquals(findCycles([{ from: "self.ts", to: "self.ts", line }]).length, 1);
});

const MODELS: readonly Group[] = [{
  name: "models",
  uses: [],
  mutualTypes: ["m/a.ts", "m/b.ts", "m/errors.ts"],
  rows: [["m/top.ts"], ["m/a.ts"], ["m/b.ts"], ["m/low.ts"], ["m/errors.ts"]],
}];

Deno.test("mutualTypes lets files name each other's types across rows, and closes no cycle by it", () => {
  const imports = [
    { from: "m/a.ts", to: "m/b.ts", line: 1 },
    { from: "m/b.ts", to: "m/a.ts", line: 2, typeOnly: true },
    { from: "m/b.ts", to: "m/low.ts", line: 3 },
    { from: "m/low.ts", to: "m/errors.ts", line: 4 },
    { from: "m/errors.ts", to: "m/a.ts", line: 5, typeOnly: true },
  ];
  assertEquals(findWrongImports(imports, MODELS), []);
  assertEquals(findCycles(imports, MODELS), []);
  assertEquals(findCycles(imports).length, 2);
});

Deno.test("mutualTypes allows neither values nor files that are not named", () => {
  const value = [{ from: "m/a.ts", to: "m/b.ts", line: 1 }, { from: "m/b.ts", to: "m/a.ts", line: 2 }];
  assertMatch(findWrongImports(value, MODELS).join(), /^m\/b\.ts:2: .*higher layer/);
  assertMatch(findCycles(value, MODELS).join(), /^m\/b\.ts:2: .*closes the cycle m\/a\.ts → m\/b\.ts → m\/a\.ts/);
  const stranger = [
    { from: "m/a.ts", to: "m/low.ts", line: 1 },
    { from: "m/low.ts", to: "m/a.ts", line: 7, typeOnly: true },
  ];
  assertMatch(findWrongImports(stranger, MODELS).join(), /^m\/low\.ts:7: .*higher layer/);
  assertEquals(findCycles(stranger, MODELS).length, 1);
});

Deno.test("isPolicyFile() takes files off by a pattern with an exclamation mark", () => {
  const patterns = ["a/_*.ts", "!a/_env.ts", "a/b.ts"];
  assertEquals(["a/_x.ts", "a/_env.ts", "a/b.ts", "a/c.ts"].map((file) => isPolicyFile(file, patterns)), [
    true,
    false,
    true,
    false,
  ]);
});

Deno.test("findInputOutput() finds calls of Deno in policy, not types, errors and comments", () => {
  const clean = [
    "/** Like `Deno.readFile`. */",
    " * Deno.open() would be wrong here",
    "// Deno.env.get()",
    "function tag(info: Deno.FileInfo): string {",
    "  if (error instanceof Deno.errors.NotFound) return;",
    "  return x; // as Deno.stat does",
  ].join("\n");
  assertEquals(findInputOutput("a.ts", clean), []);
  const dirty = 'const a = 1;\nconst b = Deno.env.get("A");\nnew Deno.Command("x");\nawait Deno . readFile("x");';
  assertEquals(findInputOutput("a.ts", dirty).map((message) => message.split(": ")[0]), ["a.ts:2", "a.ts:3", "a.ts:4"]);
});

Deno.test("patternRegExp() matches whole paths, * within one folder, ** across", () => {
  assertEquals(patternRegExp("a/*.ts").test("a/b.ts"), true);
  assertEquals(patternRegExp("a/*.ts").test("a/b/c.ts"), false);
  assertEquals(patternRegExp("a/**").test("a/b/c.ts"), true);
  assertEquals(patternRegExp("mod.ts").test("client/mod.ts"), false);
  assertEquals(patternRegExp("mod.ts").test("modxts"), false);
});
