import assert from "node:assert/strict";
import { type Fixture, generatePattern, parseFixtures, parseTreeEntry } from "./fixture_format.ts";
import { FixtureTree } from "./fixture_tree.ts";

const POSIX = Deno.build.os !== "windows";

function fixtureOf(entries: Record<string, unknown>): Fixture {
  return parseFixtures({ t: { root: "www", default_mtime: 1_704_164_645, entries } }).get("t")!;
}

Deno.test("FixtureTree.create() makes every kind of content", async () => {
  await using tree = await FixtureTree.create(fixtureOf({
    "www/text": { text: "ü\n" },
    "www/a/b/lines": { lines: ["one", "two"] },
    "www/b64": { b64: "AP8=" },
    "www/repeat": { repeat: "ab", times: 3 },
    "www/generate": { generate: 70_000 },
    "www/empty/": { dir: true },
    "beside.txt": { text: "out of reach" },
  }));
  const read = (path: string) => Deno.readFile(`${tree.root}/${path}`);
  assert.deepEqual(await read("text"), new Uint8Array([0xc3, 0xbc, 0x0a]));
  assert.equal(new TextDecoder().decode(await read("a/b/lines")), "one\ntwo\n");
  assert.deepEqual(await read("b64"), new Uint8Array([0, 255]));
  assert.equal(new TextDecoder().decode(await read("repeat")), "ababab");
  assert.deepEqual(await read("generate"), generatePattern(70_000));
  assert.equal((await Deno.stat(`${tree.root}/empty`)).isDirectory, true);
  assert.equal(await Deno.readTextFile(`${tree.root}/../beside.txt`), "out of reach");
});

Deno.test("FixtureTree.create() sets times with fractions", async () => {
  await using tree = await FixtureTree.create(fixtureOf({
    "www/default": { text: "" },
    "www/half": { text: "", mtime: 1_700_000_000.5 },
  }));
  assert.equal((await Deno.stat(`${tree.root}/default`)).mtime?.getTime(), 1_704_164_645_000);
  assert.equal((await Deno.stat(`${tree.root}/half`)).mtime?.getTime(), 1_700_000_000_500);
});

Deno.test({
  name: "FixtureTree.create() sets modes and links",
  ignore: !POSIX,
  fn: async () => {
    await using tree = await FixtureTree.create(fixtureOf({
      "www/script": { text: "", mode: "755" },
      "www/locked": { text: "", mode: "000" },
      "www/plain": { text: "" },
      "www/shut/": { dir: true, mode: "000" },
      "www/link": { symlink: "../beside" },
    }));
    const modeOf = async (path: string) => (await Deno.lstat(`${tree.root}/${path}`)).mode! & 0o777;
    assert.equal(await modeOf("script"), 0o755);
    assert.equal(await modeOf("locked"), 0);
    assert.equal(await modeOf("plain"), 0o644);
    assert.equal(await modeOf("shut"), 0);
    assert.equal(await modeOf("."), 0o755);
    assert.equal(await Deno.readLink(`${tree.root}/link`), "../beside");
  },
});

Deno.test("FixtureTree.edit() replaces, adds and deletes", async () => {
  await using tree = await FixtureTree.create(fixtureOf({ "www/a": { text: "old" }, "www/b": { text: "gone" } }));
  await tree.edit(
    new Map([
      ["www/a", parseTreeEntry("www/a", { text: "new", mtime: 1 })],
      ["www/c", parseTreeEntry("www/c", { text: "added" })],
      ["www/b", null],
      ["www/never-there", null],
    ]),
  );
  const names = (await Array.fromAsync(Deno.readDir(tree.root))).map(({ name }) => name).sort();
  assert.deepEqual(names, ["a", "c"]);
  assert.equal(await Deno.readTextFile(`${tree.root}/a`), "new");
  assert.equal((await Deno.stat(`${tree.root}/a`)).mtime?.getTime(), 1000);
});

Deno.test("FixtureTree.remove() leaves nothing behind", async () => {
  const tree = await FixtureTree.create(fixtureOf({ "www/shut/": { dir: true, mode: "000" }, "x": { text: "" } }));
  await tree.remove();
  await assert.rejects(Deno.stat(`${tree.root}/..`), Deno.errors.NotFound);
});

Deno.test("parseTreeEntry() refuses what it does not know", () => {
  for (const json of [{}, { text: "", b64: "" }, { text: "", owner: "me" }, { text: 1 }, { text: "", mode: "rwx" }]) {
    assert.throws(() => parseTreeEntry("a", json), TypeError);
  }
  assert.throws(() => parseTreeEntry("a/", { text: "" }), TypeError);
  assert.throws(() => parseTreeEntry("a", { dir: true }), TypeError);
});

Deno.test("generatePattern() mixes the bytes of the index", () => {
  const bytes = generatePattern(0x1_0102);
  assert.deepEqual([bytes[0], bytes[255], bytes[0x0102], bytes[0x1_0101]], [0, 255, 3, 1]);
});
