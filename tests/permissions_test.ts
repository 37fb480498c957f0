import assert from "node:assert/strict";

const ENTRY_POINTS = ["mod.ts", "server/mod.ts", "client/mod.ts", "cli.ts"];

// Denied, not only not granted: a flag of deno.json or a default could grant something one day.
const DENIED = ["read", "write", "net", "env", "sys", "run", "ffi"].map((name) => `--deny-${name}`);

for (const entryPoint of ENTRY_POINTS) {
  Deno.test(`${entryPoint} is imported without any permission, and does nothing then`, async () => {
    const url = new URL(`../${entryPoint}`, import.meta.url).href;
    // The specifier is a literal to Deno, so loading it is a static import that needs no permission itself.
    const script = `import * as module from ${JSON.stringify(url)}; console.log(typeof module);`;
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-prompt",
        "--config",
        "deno.json",
        ...DENIED,
        `data:text/typescript,${encodeURIComponent(script)}`,
      ],
      cwd: new URL("../", import.meta.url),
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.equal(decoder.decode(stderr), "");
    assert.equal(decoder.decode(stdout), "object\n");
    assert.equal(code, 0);
  });
}
