import assert from "node:assert/strict";
import { loadFixtures } from "./case_files.ts";
import { ServerProcess } from "./server_process.ts";

const fixture = loadFixtures().get("cgi")!;

Deno.test("ServerProcess.start() serves the tree, and stop() ends it and removes the tree", async () => {
  const server = await ServerProcess.start({ fixture, args: [], dropPrivileges: false });
  const response = await fetch(`http://127.0.0.1:${server.port}/a.txt`);
  assert.equal(await response.text(), "alpha\n");
  await server.stop();
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: server.port }), Deno.errors.ConnectionRefused);
  await assert.rejects(Deno.stat(server.tree.root), Deno.errors.NotFound);
});

Deno.test("ServerProcess.start() fails with the server's own words", async () => {
  const starting = ServerProcess.start({ fixture, args: ["--no-such-option"], dropPrivileges: false });
  await assert.rejects(starting, /Cannot start the server: its first line is ""[^]*--no-such-option/);
});
