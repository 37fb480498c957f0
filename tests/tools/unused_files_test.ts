import { assertEquals, assertMatch } from "@std/assert";
import { findUnused } from "../../tools/unused_files.ts";

/** The files among the given ones that nothing leads to; a line `import x` in a file is an import. */
function unused(files: Readonly<Record<string, string>>): string[] {
  const imports = Object.entries(files).flatMap(([from, text]) =>
    Array.from(text.matchAll(/^import (\S+)$/gm), ([, to = ""]) => ({ from, to, line: 1 }))
  );
  return findUnused(new Map(Object.entries(files)), imports).map((message) => message.slice(0, message.indexOf(":")));
}

Deno.test("findUnused() follows imports from what deno.json, tests and examples name", () => {
  const files = {
    "deno.json": '{ "exports": { ".": "./mod.ts" }, "tasks": { "x": { "command": "deno run tools/task.ts" } } }',
    "mod.ts": "import client/a.ts",
    "client/a.ts": "import client/b.ts",
    "client/b.ts": "",
    "client/left_over.ts": "import client/b.ts\nimport client/only_there.ts",
    "client/only_there.ts": "",
    "examples/small.ts": "",
    "tests/a_test.ts": "import tests/deep/shared.ts",
    "tests/deep/b_test.ts": "",
    "tests/deep/shared.ts": "",
    "tools/task.ts": "",
  };
  assertEquals(unused(files), ["client/left_over.ts", "client/only_there.ts"]);
});

Deno.test("findUnused() follows the paths in string literals, not those in comments", () => {
  const files = {
    "deno.json": "server/mod.ts",
    "server/mod.ts": 'new URL("./_worker.ts", import.meta.url); // see "server" and ./_old.ts',
    "server/_worker.ts": 'const page = "data/page.html"; const up = "../share/up.txt";',
    "server/_old.ts": "",
    "data/page.html": "",
    "share/up.txt": "",
    "elsewhere/up.txt": "",
  };
  assertEquals(unused(files), ["server/_old.ts", "elsewhere/up.txt"]);
});

Deno.test("findUnused() follows the paths in templates, and takes the rows of the measurements for used", () => {
  const files = {
    "bench/rows/a.ts": "const side = `${root}bench/clients/a.ts`;",
    "bench/clients/a.ts": "",
    "bench/clients/b.ts": "",
  };
  assertEquals(unused(files), ["bench/clients/b.ts"]);
});

Deno.test("findUnused() takes a folder that is named for read, and the documents that documents name", () => {
  const files = {
    "README.md": "See [the guide](docs/guide.md), or docs/more.md. There is client/a.ts.",
    "client/a.ts": "",
    "docs/guide.md": "[next](next.md)",
    "docs/more.md": "",
    "docs/next.md": "",
    "docs/orphan.md": "",
    "tests/cases_test.ts": 'read(new URL("cases/", import.meta.url))',
    "tests/cases/a.json": "",
    "tests/cases/deep/b.json": "",
    "tests/deep/README.md": "",
  };
  assertEquals(unused(files), ["client/a.ts", "docs/orphan.md", "tests/cases/deep/b.json"]);
});

Deno.test("findUnused() does not take the table of layers for a use", () => {
  const files = { "tests/a_test.ts": "import tools/layers.ts", "tools/layers.ts": '"client/a.ts"', "client/a.ts": "" };
  assertEquals(unused(files), ["client/a.ts"]);
});

Deno.test("findUnused() says what to do", () => {
  assertMatch(findUnused(new Map([["a.ts", ""]]), [])[0]!, /^a\.ts:1: Cannot reach "a\.ts" .*: use it or delete it$/);
});
