import assert from "node:assert/strict";
import { nodeProject } from "./npm_package.ts";
import { run, testWith } from "./program.ts";

const SMOKE = new URL("node_smoke.ts", import.meta.url);

Deno.test("the client runs under Deno as far as plain fetch goes", async () => {
  const args = ["run", "--quiet", "--config=deno.json", "-A", SMOKE.href];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: new URL("../../", import.meta.url),
    stdin: "null",
  }).output();
  assert.ok(success, new TextDecoder().decode(stderr));
  assert.match(new TextDecoder().decode(stdout), /^done$/m);
});

testWith("node", "the client runs under Node as JavaScript, as JSR gives it to npm", async () => {
  await using project = await nodeProject();
  const file = await project.add(SMOKE);
  const { text } = await run("node", `${project.path}/${file}`);
  assert.match(text, /^done$/m);
});
