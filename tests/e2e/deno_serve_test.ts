import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { denoServe } from "./deno_serve.ts";

const PROJECT = new URL("../../", import.meta.url);
const SERVER = new URL("server/mod.ts", PROJECT).href;

for (const parallel of [false, true]) {
  Deno.test(`fetchHandler() serves files under deno serve${parallel ? " --parallel" : ""} with read access to one folder only`, async () => {
    await using files = await tempTree({ "www/a.txt": "alpha", "secret.txt": "SECRET" });
    const module = `${files.path}/main.ts`;
    await Deno.writeTextFile(
      module,
      `import { fetchHandler, SimpleHTTPRequestHandler } from ${JSON.stringify(SERVER)};
       export default { fetch: fetchHandler(SimpleHTTPRequestHandler, { handlerOptions: { directory: ${
        JSON.stringify(`${files.path}/www`)
      }, followSymlinks: true } }) };`,
    );
    await Deno.symlink("../secret.txt", `${files.path}/www/link.txt`);
    const flags = ["--allow-net", `--allow-read=${files.path}/www`, ...(parallel ? ["--parallel"] : [])];
    await using server = await denoServe(module, flags, { env: { DENO_JOBS: "2" } });
    if (parallel) assert.match(server.banner, /with 2 threads/);
    const url = `http://127.0.0.1:${server.port}`;
    for (let i = 0; i < 20; i++) {
      using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
      assert.equal(await (await fetch(`${url}/a.txt`, { client })).text(), "alpha");
    }
    const ranged = await fetch(`${url}/a.txt`, { headers: { Range: "bytes=1-2" } });
    assert.equal(`${ranged.status} ${await ranged.text()}`, "206 lp");
    const outside = await fetch(`${url}/link.txt`);
    assert.ok(outside.status >= 400, "beyond the permission there is nothing to serve");
    assert.doesNotMatch(await outside.text(), /SECRET/);
  });
}

Deno.test("fetchHandler() needs no Deno.Command, Deno.listen or Deno.createHttpClient", async () => {
  await using files = await tempTree({ "www/a.txt": "alpha", "www/cgi-bin/x.sh": "#!/bin/sh\n" });
  await Deno.chmod(`${files.path}/www/cgi-bin/x.sh`, 0o755);
  const module = `${files.path}/main.ts`;
  // The names go before anything of the toolkit is loaded, as on a platform that never had them.
  await Deno.writeTextFile(
    module,
    `for (const name of ["Command", "listen", "listenTls", "connect", "connectTls", "createHttpClient", "run", "kill"]) {
       delete (Deno as unknown as Record<string, unknown>)[name];
     }
     delete (globalThis as unknown as Record<string, unknown>)["Worker"];
     const { CGIHTTPRequestHandler, fetchHandler } = await import(${JSON.stringify(SERVER)});
     await import(${JSON.stringify(new URL("mod.ts", PROJECT).href)});
     class Hello extends CGIHTTPRequestHandler {
       override directory = ${JSON.stringify(`${files.path}/www`)};
       do_PUT(): void {
         this.sendResponse(200);
         this.endHeaders();
         this.wfile.write([typeof Deno.Command, typeof Deno.listen, typeof Deno.createHttpClient].join());
       }
     }
     export default { fetch: fetchHandler(Hello) };`,
  );
  await using server = await denoServe(module, ["--allow-net", "--allow-read"]);
  const url = `http://127.0.0.1:${server.port}`;
  assert.equal(await (await fetch(`${url}/`, { method: "PUT" })).text(), "undefined,undefined,undefined");
  assert.equal(await (await fetch(`${url}/a.txt`)).text(), "alpha");
  const script = await fetch(`${url}/cgi-bin/x.sh`);
  assert.equal(script.status, 500);
  await script.body?.cancel();
});
