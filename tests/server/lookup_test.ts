import assert from "node:assert/strict";
import { lookup, openFound } from "../../server/_lookup.ts";
import { tempTree } from "../helpers/temp_tree.ts";

Deno.test("lookup() finds files and folders, and nothing for what cannot be served", async () => {
  await using files = await tempTree({ "a.txt": "alpha", "sub/b": "" });
  const find = (path: string) => lookup(files.path, files.path + path, false);
  assert.ok(find("/a.txt")?.info.isFile);
  assert.ok(find("/sub")?.info.isDirectory);
  assert.ok(find("")?.info.isDirectory);
  for (const path of ["/missing", "/a.txt/x", `/${"x".repeat(300)}`, "/sub/missing/x"]) {
    assert.equal(find(path), null, path);
  }
});

Deno.test("lookup() follows a link inside the folder, and out of it only when told so", async () => {
  await using files = await tempTree({ "www/sub/b": "", "out/secret": "" });
  const root = `${files.path}/www`;
  await Deno.symlink("sub/b", `${root}/inside`);
  await Deno.symlink("../out", `${root}/outside`);
  await Deno.symlink("nowhere", `${root}/broken`);
  assert.equal(lookup(root, `${root}/inside`, false)?.realPath, `${root}/sub/b`);
  assert.equal(lookup(root, `${root}/outside/secret`, false), null);
  assert.ok(lookup(root, `${root}/outside/secret`, true)?.info.isFile);
  assert.equal(lookup(root, `${root}/broken`, false), null);
  assert.equal(lookup(root, `${root}/broken`, true), null);
});

Deno.test("openFound() notices a file that was replaced, changed or removed since the look", async () => {
  await using files = await tempTree({ "a": "1", "b": "2", "c": "3", "secret": "S" });
  const look = (name: string) => lookup(files.path, `${files.path}/${name}`, false)!;

  const replaced = look("a");
  await Deno.remove(replaced.path);
  await Deno.symlink("secret", replaced.path);
  assert.equal(openFound(replaced), "changed");

  const edited = look("b");
  await Deno.writeTextFile(edited.path, "longer");
  assert.equal(openFound(edited), "changed");

  const removed = look("c");
  await Deno.remove(removed.path);
  assert.equal(openFound(removed), "absent");

  const file = openFound(look("secret"));
  assert.ok(file instanceof Deno.FsFile);
  file.close();
});
