import { assertEquals, assertMatch } from "@std/assert";
import { findCycles, findInputOutput, findUnplaced, findWrongImports, patternRegExp } from "../../tools/layer_rules.ts";
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
