import assert from "node:assert/strict";
import { patternBytes, tempTree } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { run, testWith } from "./program.ts";

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  "plain.txt": "plain\n",
  "empty.txt": "",
  "bytes.bin": patternBytes(200_000),
  "with space.txt": "space\n",
  "plus+and&amp.txt": "plus\n",
  "hash#tag.txt": "hash\n",
  "100%.txt": "percent\n",
  "what?.txt": "question\n",
  "a:b;c=d.txt": "colon\n",
  "deep/empty.bin": "",
  "quote's.txt": "quote\n",
  "umläut/straße.txt": "umlaut\n",
  "日本/語.txt": "kanji\n",
  "deep/er/and/deeper.txt": "deep\n",
  "<b>bold.txt": "markup\n",
};

testWith("wget", "wget mirrors a tree and the copy is byte-identical", async () => {
  await using files = await tempTree(FILES);
  await using copy = await tempTree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  await run(
    "wget",
    ...["--quiet", "--recursive", "--level=inf", "--no-parent", "--no-host-directories", "--no-verbose"],
    ...["--restrict-file-names=nocontrol", "--reject=index.html*", `--directory-prefix=${copy.path}`],
    `${cli.url}/`,
  );
  const copied: Record<string, Uint8Array> = {};
  await collect(copy.path, "", copied);
  const expected = Object.fromEntries(
    Object.entries(FILES).map(([name, content]) => [
      name,
      typeof content === "string" ? new TextEncoder().encode(content) : content,
    ]),
  );
  assert.deepEqual(Object.keys(copied).sort(), Object.keys(expected).sort());
  for (const [name, content] of Object.entries(expected)) assert.deepEqual(copied[name], content, name);
});

async function collect(root: string, folder: string, found: Record<string, Uint8Array>): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(`${root}/${folder}`)) {
    if (isDirectory) await collect(root, `${folder}${name}/`, found);
    else found[folder + name] = await Deno.readFile(`${root}/${folder}${name}`);
  }
}
