import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { jsrRegistry, serveRegistry } from "./jsr_registry.ts";

const PROJECT = new URL("../../", import.meta.url);
const BROWSER = ["dom", "dom.iterable", "dom.asynciterable", "esnext"];

/** What `deno check` says of a file with a configuration; empty if nothing. */
async function check(file: string, config: string, env: Record<string, string> = {}): Promise<string> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "--config", config, file],
    env: { ...env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
  }).output();
  return success ? "" : new TextDecoder().decode(stderr);
}

Deno.test("the client takes its types from a browser library and the Deno namespace, which it asks for first", async () => {
  const { imports, compilerOptions } = JSON.parse(await Deno.readTextFile(new URL("deno.json", PROJECT)));
  await using folder = await tempTree({
    "deno.json": JSON.stringify({
      imports,
      lock: false,
      compilerOptions: { ...compilerOptions, lib: [...BROWSER, "deno.ns"] },
    }),
  });
  const client = new URL("client/mod.ts", PROJECT).href;
  assert.equal(await check(client, `${folder.path}/deno.json`), "");
});

Deno.test("no public signature of the client names a type of Deno, which would be any without Deno's library", async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "client/mod.ts"],
    cwd: PROJECT,
    stderr: "null",
  }).output();
  const types = Array.from(new TextDecoder().decode(stdout).matchAll(/"typeName":\s*"([^"]+)"/g), ([, name]) => name!);
  assert.ok(types.includes("ReadableStream"));
  assert.deepEqual(types.filter((name) => name.startsWith("Deno.")), []);
});

Deno.test("a program for browsers uses the client with the types of a browser library alone", async () => {
  await using registry = await jsrRegistry();
  // Over http, as from JSR: of a package in a file: URL, deno would report what is the package's own affair.
  await using remote = serveRegistry(registry);
  const program = `
    import { get, type RequestOptions, Session } from "jsr:@x/httpkit/client";
    const options: RequestOptions = { params: { page: [1, 2] }, data: new Blob(["x"]), signal: AbortSignal.timeout(1) };
    const response = await get("https://example.com/", options);
    const headers: Headers = response.headers;
    const stream: ReadableStream<Uint8Array<ArrayBuffer>> | null = response.raw;
    const session = new Session({ auth: ["user", "pass"] });
    document.body.append(response.text, String(headers), String(stream), session.cookies.get("a") ?? "");
  `;
  await using folder = await tempTree({
    "deno.json": JSON.stringify({ compilerOptions: { lib: BROWSER } }),
    "main.ts": program,
    "wrong.ts": `${program}\nconst wrong: number = response.text; Deno.version;`,
  });
  // With a cache of its own: the port of the registry may have served something else before.
  const env = { JSR_URL: remote.url, DENO_DIR: `${folder.path}/cache` };
  assert.equal(await check(`${folder.path}/main.ts`, `${folder.path}/deno.json`, env), "");
  const complaint = await check(`${folder.path}/wrong.ts`, `${folder.path}/deno.json`, env);
  assert.match(complaint, /TS2322.*'string' is not assignable to type 'number'/);
  assert.match(complaint, /TS2304.*Cannot find name 'Deno'/);
});
