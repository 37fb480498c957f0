// The pages in docs/ show every example of Python's documentation, with a twin below it that runs.
import assert from "node:assert/strict";
import { startCli } from "../e2e/cli_process.ts";
import { codeBlocks } from "./code_blocks.ts";
import { PYTHON_EXAMPLES } from "./python_examples.ts";

const read = async (page: string) => codeBlocks(await Deno.readTextFile(new URL(`../../${page}`, import.meta.url)));

Deno.test("codeBlocks() gives the language, the code and the heading", () => {
  assert.deepEqual(codeBlocks("# A\n\n```ts ignore\n# b\nc\n```\n\n## D\n\n```\n```\n"), [
    { heading: "A", language: "ts ignore", code: "# b\nc" },
    { heading: "D", language: "", code: "" },
  ]);
  assert.throws(() => codeBlocks("# A\n```ts\n"), SyntaxError);
});

for (const [page, examples] of Object.entries(PYTHON_EXAMPLES)) {
  Deno.test(`${page} shows every example of Python's documentation`, async () => {
    const python = (await read(page)).filter(({ language }) => language === "python");
    const lines = new Set(python.flatMap(({ code }) => code.split("\n").map((line) => line.trim())));
    assert.deepEqual(examples.filter((line) => !lines.has(line)), []);
  });

  Deno.test(`${page} has a twin below each example, which runs`, async () => {
    const blocks = await read(page);
    const alone = blocks.filter(({ language, heading }, i) =>
      language === "python" &&
      !(/^(?:ts|sh)\b/.test(blocks[i + 1]?.language ?? "") && blocks[i + 1]!.heading === heading)
    );
    assert.deepEqual(alone.map(({ heading }) => heading), []);
    const known = new Set(["python", "ts", "sh"]);
    const notRun = blocks.filter(({ language }) => !known.has(language));
    assert.deepEqual(notRun.map(({ heading, language }) => `${heading}: ${language}`), []);
  });
}

Deno.test("docs/from-http-server.md gives commands that serve", async (t) => {
  const commands = (await read("docs/from-http-server.md")).filter(({ language }) => language === "sh");
  assert.equal(commands.length, 4);
  for (const { code, heading } of commands) {
    await t.step(heading, async () => {
      const match = /^deno run ((?:--allow\S+ )+)jsr:@x\/httpkit\/cli (.*)$/.exec(code);
      assert.ok(match, code);
      const args = match[2]!.split(" ");
      // Any free port in place of the usual one, which may be taken.
      await using cli = await startCli(args.filter((arg) => arg !== "8000"), match[1]!.trim().split(" "));
      assert.match(cli.firstLine, /^Serving HTTP on /);
      const response = await fetch(`${cli.url}/no-such-file`);
      assert.equal(response.status, 404);
      await response.body?.cancel();
    });
  }
});
