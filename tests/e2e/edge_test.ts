import assert from "node:assert/strict";
import { edgeOrigin } from "../helpers/edge_origin.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { denoServe } from "./deno_serve.ts";

const PROJECT = new URL("../../", import.meta.url);
const EDGE = new URL("examples/edge.ts", PROJECT);

const PERMISSIONS = ["--allow-net", "--allow-env=ORIGIN"];

/** Asks examples/edge.ts, or a module around it, by several connections. */
async function askEdge(module: string, flags: readonly string[], env: Record<string, string> = {}): Promise<void> {
  await using origin = edgeOrigin();
  await using server = await denoServe(module, [...PERMISSIONS, ...flags], { env: { ...env, ORIGIN: origin.url } });
  for (const path of ["/a", "/b", "/c", "/d"]) {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { client });
    assert.equal(`${response.status} ${await response.text()}`, `200 The origin says: hello visitor at ${path}`);
  }
}

Deno.test("a session inside a handler runs under deno serve --parallel", async () => {
  await askEdge(EDGE.href, ["--parallel"], { DENO_JOBS: "2" });
});

Deno.test("a session inside a handler needs none of the functions of Deno that edge runtimes lack", async () => {
  // The names go before anything of the toolkit is loaded, as on a platform that never had them.
  await using folder = await tempTree({
    "edge.ts": `
      // Deno's own modules for Node look for Deno when they are loaded.
      import "node:process";
      import "node:module";
      const namespace = Deno as unknown as Record<string, unknown>;
      const kept = ["build", "env", "errors", "serve", "stderr"];
      for (const name of Object.keys(namespace)) if (!kept.includes(name)) delete namespace[name];
      if (Object.keys(Deno).sort().join() !== kept.join()) throw new Error(Object.keys(Deno).join());
      for (const name of ["Worker", "WebSocket"]) delete (globalThis as unknown as Record<string, unknown>)[name];
      const { default: edge } = await import(${JSON.stringify(EDGE.href)});
      export default edge;
    `,
  });
  await askEdge(`${folder.path}/edge.ts`, []);
});
