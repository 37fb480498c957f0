// What the pages of documentation point to is there.
import assert from "node:assert/strict";

const ROOT = new URL("../../", import.meta.url);

async function pages(): Promise<string[]> {
  const found: string[] = [];
  for (const folder of ["", "docs/"]) {
    for await (const { name } of Deno.readDir(new URL(folder, ROOT))) {
      if (name.endsWith(".md")) found.push(folder + name);
    }
  }
  return found.sort();
}

async function exists(path: string): Promise<boolean> {
  try {
    await Deno.stat(new URL(path, ROOT));
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** The anchors of a page, as GitHub makes them of headings. */
const anchors = (markdown: string): string[] =>
  [...markdown.matchAll(/^#+ (.*)$/gm)].map((match) =>
    match[1]!.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "").replaceAll(" ", "-")
  );

for (const page of await pages()) {
  Deno.test(`${page} links to files and headings that are there`, async () => {
    const markdown = await Deno.readTextFile(new URL(page, ROOT));
    for (const [, target] of markdown.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path, anchor] = target!.split("#");
      const file = path === "" ? page : new URL(path!, new URL(page, "file:///")).pathname.slice(1);
      assert.ok(await exists(file), `${target} is missing`);
      if (anchor === undefined) continue;
      assert.ok(anchors(await Deno.readTextFile(new URL(file, ROOT))).includes(anchor), `${target} is no heading`);
    }
  });

  Deno.test(`${page} names tests that are there`, async () => {
    const markdown = await Deno.readTextFile(new URL(page, ROOT));
    for (const [path] of markdown.matchAll(/(?<=`)tests\/[\w/.-]+/g)) {
      assert.ok(await exists(path), `${path} is missing`);
    }
  });
}

Deno.test("COMPATIBILITY.md names a test for each difference", async () => {
  const differences = (await Deno.readTextFile(new URL("COMPATIBILITY.md", ROOT))).match(/^\*\*(?:.+\n)+/gm)!;
  assert.deepEqual(differences.filter((paragraph) => !paragraph.includes("`tests/")), []);
  assert.ok(differences.length > 50);
});

Deno.test("ARCHITECTURE.md shows every source file, and none that is not there", async () => {
  const shown = new Set((await Deno.readTextFile(new URL("ARCHITECTURE.md", ROOT))).match(/\b\w+\.ts\b/g));
  const walk = async (folder: string, names: string[]) => {
    for await (const { name, isDirectory } of Deno.readDir(new URL(folder, ROOT))) {
      if (isDirectory) await walk(`${folder}${name}/`, names);
      else if (name.endsWith(".ts")) names.push(name);
    }
  };
  const files: string[] = [];
  for (const folder of ["cli/", "client/", "http1/", "server/"]) await walk(folder, files);
  assert.deepEqual(files.filter((name) => !shown.has(name)), []);
  const others = (await Array.fromAsync(Deno.readDir(ROOT))).map(({ name }) => name);
  for (const folder of ["tests/", "tools/"]) await walk(folder, others);
  assert.deepEqual([...shown].filter((name) => !files.includes(name) && !others.includes(name)), []);
});
