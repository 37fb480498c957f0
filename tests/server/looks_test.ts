import assert from "node:assert/strict";
import { Looks } from "../../server/_looks.ts";
import { type Found, lookup } from "../../server/_lookup.ts";
import { COARSEST_CLOCK } from "../../server/_version_cache.ts";
import { tempTree } from "../helpers/temp_tree.ts";

/** What was found, noted as all that an answer from memory was made from. */
function noted(...found: (Found | null)[]): Looks {
  const looks = new Looks();
  for (const each of found) looks.note(each);
  looks.noteKept();
  return looks;
}

const later = () => Date.now() + COARSEST_CLOCK + 1000;

Deno.test("Looks.isWhole() asks for an answer from memory, with nothing missed and nothing that is young", async () => {
  await using tree = await tempTree({ "a": "", "d/b": "" });
  const found = lookup(tree.path, `${tree.path}/a`, false);
  assert.ok(noted(found).isWhole(later()));
  assert.ok(!noted(found).isWhole(Date.now() - 3_600_000));
  assert.ok(!noted(found, null).isWhole(later()));
  const unkept = new Looks();
  unkept.note(found);
  assert.ok(!unkept.isWhole(later()));
});

Deno.test("Looks.stillHold() sees a change of what was found, and of its folder where that counts", async () => {
  await using tree = await tempTree({ "a": "", "d/b": "" });
  // What changes from now on is sure to have another time.
  await Deno.utime(`${tree.path}/d`, 1_000_000_000, 1_000_000_000);
  const below = lookup(tree.path, `${tree.path}/d/b`, false)!;
  const looks = noted(below);
  const withFolder = noted(below);
  withFolder.noteFolder(below);
  assert.ok(looks.stillHold(tree.path, false));
  assert.ok(withFolder.stillHold(tree.path, false));
  await Deno.mkdir(`${tree.path}/d/new`);
  assert.ok(looks.stillHold(tree.path, false));
  assert.ok(!withFolder.stillHold(tree.path, false));
  await Deno.writeTextFile(`${tree.path}/d/b`, "longer");
  assert.ok(!looks.stillHold(tree.path, false));
});

Deno.test("Looks.stillHold() follows the rule for links", async () => {
  await using tree = await tempTree({ "www/a": "", "out/a": "" });
  await Deno.symlink("a", `${tree.path}/www/link`);
  const www = `${tree.path}/www`;
  const looks = noted(lookup(www, `${www}/link`, false));
  assert.ok(looks.stillHold(www, false));
  await Deno.remove(`${www}/link`);
  await Deno.symlink("../out/a", `${www}/link`);
  assert.ok(!looks.stillHold(www, false));
});
