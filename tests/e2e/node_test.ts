import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { nodeProject } from "./npm_package.ts";
import { freePort } from "./peer.ts";
import { startPlainServer } from "./plain_server.ts";
import { run, testWith } from "./program.ts";

const PLAIN_FETCH = new URL("plain_fetch.ts", import.meta.url);

/** Runs plain_fetch.ts by a program, with its arguments behind the given ones. */
async function runPlainFetch(program: string, ...args: string[]): Promise<void> {
  await using server = startPlainServer();
  const { text } = await run(program, ...args, server.url, `http://127.0.0.1:${freePort()}/`);
  assert.match(text, /^done$/m);
}

const DENO_ARGS = ["run", "--quiet", "-A", `--config=${new URL("../../deno.json", import.meta.url).pathname}`];

Deno.test("the client runs under Deno as far as plain fetch goes", async () => {
  await runPlainFetch(Deno.execPath(), ...DENO_ARGS, PLAIN_FETCH.href);
});

Deno.test("the client runs without globalThis.Deno", async () => {
  await using folder = await tempTree({
    "main.ts": `
      // Deno's own modules for Node look for Deno when they are loaded.
      import "node:process";
      import "node:crypto";
      delete (globalThis as { Deno?: unknown }).Deno;
      await import(${JSON.stringify(PLAIN_FETCH.href)});
    `,
  });
  await runPlainFetch(Deno.execPath(), ...DENO_ARGS, `${folder.path}/main.ts`);
});

testWith("node", "the client runs under Node as JavaScript, as JSR gives it to npm", async () => {
  await using project = await nodeProject();
  await runPlainFetch("node", `${project.path}/${await project.add(PLAIN_FETCH)}`);
});
