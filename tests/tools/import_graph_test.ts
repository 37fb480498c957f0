import { assertEquals } from "@std/assert";
import { importsWithin, readImports, sourceFiles } from "../../tools/import_graph.ts";

Deno.test("importsWithin() keeps imports between files of the project, as paths and lines from 1", () => {
  const specifier = "as it is written";
  const at = (line: number) => ({ start: { line, character: 0 } });
  const modules = [
    {
      specifier: "file:///my%20project/a.ts",
      dependencies: [
        { specifier, code: { specifier: "file:///my%20project/b%20c.ts", span: at(0) } },
        { specifier, type: { specifier: "file:///my%20project/d.ts", span: at(4) } },
        { specifier, code: { specifier: "npm:tough-cookie@5", span: at(5) } },
        { specifier, code: { span: at(6) } },
        {
          specifier,
          code: { specifier: "file:///my%20project/f.ts", span: at(8) },
          type: { specifier: "", span: at(7) },
        },
      ],
    },
    {
      specifier: "file:///elsewhere/e.ts",
      dependencies: [{ specifier, code: { specifier: "file:///my%20project/a.ts", span: at(0) } }],
    },
    { specifier: "file:///my%20project/d.ts" },
  ];
  assertEquals(importsWithin(modules, "file:///my%20project/"), [
    { from: "a.ts", to: "b c.ts", line: 1, typeOnly: false },
    { from: "a.ts", to: "d.ts", line: 5, typeOnly: true },
    { from: "a.ts", to: "f.ts", line: 9, typeOnly: false },
  ]);
});

Deno.test("readImports() sees static, dynamic and type imports and re-exports, not comments and strings", async () => {
  const folder = await Deno.makeTempDir({ prefix: "import graph " });
  try {
    const source = [
      'import { b } from "./b.ts";',
      'export * from "./sub/c.ts";',
      'import type { D } from "./d.ts";',
      'const e = await import("./e.ts");',
      'export const f: import("./f.ts").F = 1;',
      '// import "./g.ts";',
      "const text = 'import \"./g.ts\"';",
      "export { b, e, text, type D };",
    ];
    await Deno.mkdir(`${folder}/sub`);
    await Deno.mkdir(`${folder}/.hidden`);
    await Deno.writeTextFile(`${folder}/deno.json`, '{ "lock": false }');
    await Deno.writeTextFile(`${folder}/a.ts`, source.join("\n"));
    for (const name of ["b", "sub/c", "d", "e", "f", "g", ".hidden/h"]) {
      await Deno.writeTextFile(`${folder}/${name}.ts`, "export const b = 1; export type D = 1; export type F = 1;\n");
    }
    const root = new URL(`file://${encodeURI(await Deno.realPath(folder))}/`);
    const files = await sourceFiles(root);
    assertEquals(files, ["a.ts", "b.ts", "d.ts", "e.ts", "f.ts", "g.ts", "sub/c.ts"]);
    const seen = await readImports(files, root);
    assertEquals(seen.map(({ from, to, line, typeOnly }) => `${from}:${line} ${to}${typeOnly ? " type" : ""}`), [
      "a.ts:1 b.ts",
      "a.ts:2 sub/c.ts",
      "a.ts:3 d.ts type",
      "a.ts:4 e.ts",
      "a.ts:5 f.ts type",
    ]);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
