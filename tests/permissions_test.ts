import assert from "node:assert/strict";

const ENTRY_POINTS = ["mod.ts", "server/mod.ts", "client/mod.ts", "cli.ts"];

// Denied, not only not granted: a flag of deno.json or a default could grant something one day.
const DENIED = ["read", "write", "net", "env", "sys", "run", "ffi"].map((name) => `--deny-${name}`);

/** Makes everything that acts or asks write itself down in `touched`, and throw. */
const TRAPS = `
  globalThis.touched = [];
  const trap = (holder, name, shown) => {
    const original = holder[name];
    const value = () => {
      // Deno's own modules for Node, which a package may wake, ask when they like.
      if (/ \\(?(?:ext|node):/.test(new Error().stack.split("\\n")[2])) return original;
      touched.push(shown);
      throw new Error(shown + " was touched");
    };
    Object.defineProperty(holder, name, { configurable: true, get: value, set: value });
  };
  for (const name of Object.keys(Deno)) {
    // Classes, constants and errors are no deeds.
    if (/^[a-z]/.test(name) && (typeof Deno[name] === "function" || name === "env" || name === "permissions")) {
      trap(Deno, name, "Deno." + name);
    }
  }
  trap(Deno, "Command", "Deno.Command");
  for (const name of ["fetch", "Worker", "WebSocket", "setTimeout", "setInterval", "localStorage"]) trap(globalThis, name, name);
`;

/** Imports a module with every permission denied and every deed trapped, and tells what came of it. */
async function importTrapped(url: string): Promise<{ code: number; stdout: string; stderr: string }> {
  const dataUrl = (script: string) => `data:text/javascript,${encodeURIComponent(script)}`;
  // Modules are evaluated in the order of their imports. The specifier is a literal to Deno, so loading it needs no permission.
  const script = `
    const { log } = console;
    import ${JSON.stringify(dataUrl(TRAPS))};
    import * as module from ${JSON.stringify(url)};
    log(typeof module, touched.join());
  `;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", "--config", "deno.json", ...DENIED, dataUrl(script)],
    cwd: new URL("../", import.meta.url),
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

for (const entryPoint of ENTRY_POINTS) {
  Deno.test(`${entryPoint} is imported without any permission, and does nothing then`, async () => {
    const { code, stdout, stderr } = await importTrapped(new URL(`../${entryPoint}`, import.meta.url).href);
    assert.deepEqual([code, stdout, stderr], [0, "object \n", ""]);
  });
}

for (
  const deed of [
    'Deno.env.get("HOME")',
    'Deno.permissions.querySync({ name: "net" })',
    'Deno.statSync("/")',
    'fetch("/")',
  ]
) {
  Deno.test(`a module that does ${deed} when it is imported would be found`, async () => {
    const caught = await importTrapped(`data:text/javascript,${encodeURIComponent(`try { ${deed} } catch {}`)}`);
    assert.match(caught.stdout, /^object (?:Deno\.\w+|fetch)\n$/);
  });
}

Deno.test("a session needs --allow-net and nothing else: denied env, read and sys neither throw nor prompt", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    if (request.url.includes("/old?")) return new Response(null, { status: 302, headers: { location: "/new" } });
    return new Response(`${request.method} ${request.headers.get("authorization")}`, {
      headers: { "set-cookie": "seen=1", "content-type": "text/plain" },
    });
  });
  const script = `
    import { get, Session } from ${JSON.stringify(new URL("../client/mod.ts", import.meta.url).href)};
    const url = "http://127.0.0.1:${server.addr.port}";
    await using session = new Session();
    const response = await session.get(url + "/old", { timeout: 5, params: { a: 1 } });
    await session.post(url, { json: { a: 1 }, auth: ["user", "pass"] });
    await session.post(url, { files: { f: new Blob(["x"]) } });
    const plain = await get(url.replace("//", "//user:pass@"));
    console.log(response.text, response.history.length, session.cookies.get("seen"), response.apparentEncoding, plain.text);
  `;
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--config",
      "deno.json",
      "--allow-net=127.0.0.1",
      ...DENIED.filter((flag) => flag !== "--deny-net"),
      `data:text/typescript,${encodeURIComponent(script)}`,
    ],
    cwd: new URL("../", import.meta.url),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  assert.equal(decoder.decode(stderr), "");
  assert.equal(decoder.decode(stdout), "GET null 1 1 ascii GET Basic dXNlcjpwYXNz\n");
});

Deno.test("a session heeds permissions that come and go while it is open", async () => {
  const script = `
    import { BaseAdapter, Response, Session } from ${JSON.stringify(new URL("../client/mod.ts", import.meta.url).href)};
    class Telling extends BaseAdapter {
      send(request, options) {
        console.log(options.proxies.http, options.verify, request.headers.get("authorization"));
        return Promise.resolve(new Response({ statusCode: 200, request }));
      }
      close() {}
    }
    const session = new Session();
    session.mount("http://", new Telling());
    await session.get("http://h.test/");
    Deno.permissions.revokeSync({ name: "read" });
    await session.get("http://h.test/");
    Deno.permissions.revokeSync({ name: "env" });
    await session.get("http://h.test/");
  `;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/netrc`, "machine h.test login ann password pw");
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--config", "deno.json", "-A", `data:text/javascript,${encodeURIComponent(script)}`],
      cwd: new URL("../", import.meta.url),
      env: { NETRC: `${folder}/netrc`, HTTP_PROXY: "http://p.test", REQUESTS_CA_BUNDLE: `${folder}/ca.pem` },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    assert.equal(decoder.decode(stderr), "");
    assert.deepEqual(decoder.decode(stdout).trim().split("\n"), [
      `http://p.test ${folder}/ca.pem Basic ${btoa("ann:pw")}`,
      "http://p.test true null",
      "undefined true null",
    ]);
    assert.equal(code, 0);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
