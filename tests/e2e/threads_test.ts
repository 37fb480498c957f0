import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { run, testWith } from "./program.ts";

const ignore = Deno.build.os !== "linux";

function testOnLinux(name: string, fn: () => Promise<void>): void {
  if (ignore) Deno.test({ name: `${name}, ignored: needs Linux`, ignore, fn });
  else testWith("curl", name, fn);
}

/** The sockets that listen on a port. */
async function listeners(port: number): Promise<number> {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const lines = (await Deno.readTextFile("/proc/net/tcp")).split("\n");
  return lines.filter((line) => line.includes(`:${hex} 00000000:0000 0A`)).length;
}

for (const tls of [false, true]) {
  const name = `--workers 3 ${
    tls ? "with --tls " : ""
  }listens three times on one port, serves files, logs to one place and ends at Ctrl-C`;
  testOnLinux(name, async () => {
    await using files = await tempTree({ "a.txt": "alpha" });
    const args = ["--workers", "3", "--bind", "127.0.0.1", "-d", files.path, ...(tls ? ["--tls"] : [])];
    const cli = await startCli(args);
    while (await listeners(cli.port) < 3) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.equal(await listeners(cli.port), 3);
    const url = `${tls ? "https" : "http"}://127.0.0.1:${cli.port}/a.txt?[1-30]`;
    const texts = await Promise.all(
      [1, 2].map(async () => (await run("curl", "-sSk", "-H", "Connection: close", url)).text),
    );
    assert.deepEqual(texts, ["alpha".repeat(30), "alpha".repeat(30)]);
    const { code, stderr } = await cli.interrupt();
    assert.equal(code, 0);
    const lines = stderr.split("\n").filter((line) => line !== "");
    assert.equal(lines.length, 60, stderr);
    for (const line of lines) {
      assert.match(line, /^127\.0\.0\.1 - - \[[^\]]+\] "GET \/a\.txt\?\d+ HTTP\/[\d.]+" 200 -$/);
    }
  });
}

Deno.test(
  { name: "--workers without --unstable-net serves with one thread and says so in one line", ignore },
  async () => {
    await using files = await tempTree({ "a.txt": "alpha" });
    // The project's own deno.json switches it on; a user's program has no such file.
    const cli = await startCli(["--workers", "3", "--bind", "127.0.0.1", "-d", files.path], [
      "--allow-net",
      "--allow-read",
      "--config",
      await configWithoutUnstable(files.path),
    ]);
    assert.equal(await (await fetch(`${cli.url}/a.txt`)).text(), "alpha");
    const { code, stderr } = await cli.interrupt();
    assert.equal(code, 0);
    assert.match(
      stderr,
      /^Serving with 1 thread instead of 3: Deno shares a port only when run with --unstable-net\n127\.0\.0\.1 - - /,
    );
  },
);

async function configWithoutUnstable(folder: string): Promise<string> {
  const config = JSON.parse(await Deno.readTextFile(new URL("../../deno.json", import.meta.url)));
  const path = `${folder}/deno.json`;
  await Deno.writeTextFile(path, JSON.stringify({ imports: config.imports, lock: false, nodeModulesDir: "none" }));
  return path;
}
