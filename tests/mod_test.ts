import assert from "node:assert/strict";

const SERVER = [
  "BaseHTTPRequestHandler",
  "DEFAULT_ERROR_CONTENT_TYPE",
  "DEFAULT_ERROR_MESSAGE",
  "HTTPMessage",
  "HTTPServer",
  "RequestReader",
  "ResponseWriter",
  "SimpleHTTPRequestHandler",
  "ThreadingHTTPServer",
  "fetchHandler",
  "responses",
];

const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  "../mod.ts": SERVER,
  "../server/mod.ts": SERVER,
  "../client/mod.ts": [],
  "../cli.ts": ["main"],
};

for (const [path, names] of Object.entries(EXPORTS)) {
  Deno.test(`${path.slice(3)} exports exactly what it should`, async () => {
    const module: Record<string, unknown> = await import(import.meta.resolve(path));
    assert.deepEqual(Object.keys(module).sort(), [...names].sort());
  });

  Deno.test(`${path.slice(3)} needs no permission to be imported`, async () => {
    const { code, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--deny-env",
        "--deny-read",
        "--deny-net",
        "--deny-sys",
        new URL(path, import.meta.url).href,
      ],
      // The command line serves when it is run; asked for help it only loads.
      ...(path === "../cli.ts" ? { args: ["run", "--quiet", "--no-prompt", "cli.ts", "--help"] } : {}),
      cwd: new URL("../", import.meta.url),
      stdin: "null",
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.equal(code, 0);
  });
}
