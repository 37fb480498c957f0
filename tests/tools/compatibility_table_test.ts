import assert from "node:assert/strict";
import { codes } from "../../client/mod.ts";
import { joinNames, type PythonSurface, renderPage } from "../../tools/compatibility_table.ts";
import type { ExportedNames } from "../../tools/exported_names.ts";
import surface from "../../tools/python_surface.json" with { type: "json" };

const names = (of: PythonSurface["names"]): PythonSurface => ({ sources: ["Python 3"], names: of, codes: {} });
const nothing = { classes: {}, names: {}, parameters: {} };
const exporting = (
  of: readonly string[],
  parameters: Record<string, { names: string[]; positional: number }> = {},
): ExportedNames => ({
  names: new Set(of),
  parameters: new Map(
    Object.entries(parameters).map(([name, { names, positional }]) => [name, { names: new Set(names), positional }]),
  ),
});

Deno.test("joinNames() finds names by the rule: camelCase, and classes, constants and do_GET as they are", () => {
  const python = names({
    "m.Handler": { kind: "class" },
    "m.Handler.do_GET": { kind: "method", parameters: [] },
    "m.Handler.send_header": { kind: "method", parameters: ["keyword"] },
    "m.Handler.__iter__": { kind: "method", parameters: [] },
    "m.MAX_SIZE": { kind: "constant" },
    "m.handle_expect_100": { kind: "function", parameters: [] },
  });
  const exported = exporting(
    ["Handler", "Handler.do_GET", "Handler.sendHeader", "Handler.[Symbol.iterator]", "MAX_SIZE", "handleExpect100"],
    { "Handler.sendHeader": { names: ["name"], positional: 1 } },
  );
  const { rows, problems } = joinNames(python, nothing, exported);
  assert.deepEqual(problems, []);
  assert.deepEqual(rows.get("m")!.map(({ python, status, here }) => [python, status, here]), [
    ["Handler", "present", "Handler"],
    ["Handler.do_GET", "present", "Handler.do_GET"],
    ["Handler.send_header", "present", "Handler.sendHeader()"],
    ["Handler.__iter__", "present", "Handler[Symbol.iterator]"],
    ["MAX_SIZE", "present", "MAX_SIZE"],
    ["handle_expect_100", "present", "handleExpect100"],
  ]);
});

Deno.test("joinNames() takes what it is told: renamed, left out, instead, and all members of a class", () => {
  const python = names({
    "m.Jar": { kind: "class" },
    "m.Jar.items": { kind: "method", parameters: [] },
    "m.Jar.magic_re": { kind: "attribute" },
    "m.where": { kind: "function", parameters: [] },
    "m.DEFAULT": { kind: "constant" },
  });
  const fates = {
    classes: { "m.Jar": "CookieJar" },
    names: {
      "m.Jar": { here: "CookieJar", note: "the same" },
      "m.Jar.*": { leftOut: "a detail" },
      "m.where": { leftOut: "nowhere" },
      "m.DEFAULT": { instead: "`new Jar()`" },
    },
    parameters: {},
  };
  const { rows, problems } = joinNames(python, fates, exporting(["CookieJar", "CookieJar.items"]));
  assert.deepEqual(problems, []);
  assert.deepEqual(rows.get("m"), [
    { python: "Jar", status: "renamed", here: "CookieJar", remark: "the same" },
    { python: "Jar.items", status: "present", here: "CookieJar.items", remark: "" },
    { python: "Jar.magic_re", status: "left out", here: "", remark: "a detail" },
    { python: "where", status: "left out", here: "", remark: "nowhere" },
    { python: "DEFAULT", status: "left out", here: "", remark: "instead: `new Jar()`" },
  ]);
});

Deno.test("joinNames() finds names without a row, rows without a name, and promises that are not kept", () => {
  const python = names({
    "m.lost": { kind: "function", parameters: [] },
    "m.moved": { kind: "function", parameters: [] },
    "m.get": { kind: "function", parameters: ["url", "params", "timeout"] },
  });
  const fates = {
    classes: { "m.NoClass": "X" },
    names: { "m.moved": { here: "gone" }, "m.unknown": { leftOut: "" } },
    parameters: { "m.get": { params: "never needed" } },
  };
  const exported = exporting(["get"], { get: { names: ["params"], positional: 1 } });
  assert.deepEqual(joinNames(python, fates, exported).problems, [
    "m.lost: has no row; lost is not exported",
    "m.moved: gone is not exported",
    "m.get: its parameter timeout has no counterpart in get",
    "m.NoClass: is no class of Python",
    "m.unknown: is no name of Python, or the rule does for it",
    "m.get: its parameter params needs no remark",
  ]);
});

Deno.test("joinNames() adds what is told of a parameter", () => {
  const python = names({ "m.get": { kind: "function", parameters: ["url", "default"] } });
  const fates = { ...nothing, parameters: { "m.get": { default: "`??`" } } };
  const { rows, problems } = joinNames(python, fates, exporting(["get"], { get: { names: ["url"], positional: 1 } }));
  assert.deepEqual(problems, []);
  assert.equal(rows.get("m")![0]!.remark, "`default`: `??`");
});

Deno.test("renderPage() counts, and escapes what would end a cell", () => {
  const row = { python: "a", status: "left out", here: "", remark: "x | y" } as const;
  const page = renderPage({ sources: ["Python 3"], names: {}, codes: { 200: ["ok"] } }, new Map([["m", [row]]]));
  assert.match(page, /0 are here .* 0 under another, 1 are left out/);
  assert.ok(page.includes("| `a` | left out |  | x \\| y |"));
  assert.ok(page.includes("| 200 | `ok` |"));
});

Deno.test("codes knows every name of requests.codes", () => {
  // Python has some names twice, and the later one wins.
  const expected = new Map(
    Object.entries(surface.codes).flatMap(([status, names]) => names.map((name) => [name, Number(status)])),
  );
  const known = codes as Readonly<Record<string, number | undefined>>;
  assert.deepEqual(new Map(Array.from(expected.keys(), (name) => [name, known[name]])), expected);
});
