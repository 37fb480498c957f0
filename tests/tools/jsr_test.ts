import { assertEquals, assertMatch } from "@std/assert";
import { fromFileUrl } from "@std/path";

const JSR = fromFileUrl(new URL("../../tools/jsr.ts", import.meta.url));

// Where JSR answers, nothing is laid out, and there is nothing to see.
const standIn = (Deno.env.get("JSR_URL") ?? "").startsWith("file:");

// With JSR_URL set, the tool passes everything through and asks nobody.
const PASSED = { JSR_URL: Deno.env.get("JSR_URL") || "file:///nowhere/" };

function jsr(args: string[], options: Omit<Deno.CommandOptions, "args"> = {}): Deno.Command {
  return new Deno.Command(Deno.execPath(), { env: PASSED, ...options, args: ["run", "-A", JSR, ...args] });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes).trim();
}

Deno.test("jsr.ts passes arguments, output and the exit code through", async () => {
  const program = "console.log(Deno.args.join('|'), Deno.env.get('JSR_URL')); console.error('told'); Deno.exit(7)";
  const { code, stdout, stderr } = await jsr(["eval", program, "a b", "--flag"], { env: { JSR_URL: "file:///x/" } })
    .output();
  assertEquals([code, text(stdout), text(stderr)], [7, "a b|--flag file:///x/", "told"]);
});

Deno.test("jsr.ts passes input through", async () => {
  const child = jsr(["eval", "console.log(await new Response(Deno.stdin.readable).text())"], {
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode("from above"));
  await writer.close();
  assertEquals(text((await child.output()).stdout), "from above");
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.test({
    name: `jsr.ts tells its child of ${signal} and takes over its code`,
    ignore: Deno.build.os === "windows",
    fn: async () => {
      const program = `Deno.addSignalListener("${signal}", () => Deno.exit(5)); console.log("ready");` +
        "setTimeout(() => Deno.exit(6), 60_000)";
      const child = jsr(["eval", program], { stdin: "null", stdout: "piped" }).spawn();
      const reader = child.stdout.getReader();
      assertEquals(text((await reader.read()).value ?? new Uint8Array()), "ready");
      child.kill(signal);
      assertEquals((await child.status).code, 5);
      await reader.cancel();
    },
  });
}

Deno.test({
  name: "jsr.ts reports a child that a signal ended",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const { code } = await jsr(["eval", "Deno.kill(Deno.pid, 'SIGKILL')"]).output();
    assertEquals(code, 128 + 9);
  },
});

/** A project of its own, in a folder whose name has to be escaped in a URL. */
async function makeProject(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "jsr project % " });
  await Deno.mkdir(`${folder}/tools`);
  const imports = { "@std/http": "jsr:@std/http@^1.1.0", "@std/path": "jsr:@std/path@^1.1.4" };
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports, lock: false }));
  for (const name of ["jsr", "jsr_layout", "jsr_manifest", "pass_through", "quiet_run"]) {
    await Deno.copyFile(new URL(`../../tools/${name}.ts`, import.meta.url), `${folder}/tools/${name}.ts`);
  }
  return folder;
}

function runIn(folder: string, env: Record<string, string>): Promise<Deno.CommandOutput> {
  const program = 'import { join } from "@std/path/posix"; import { STATUS_CODE } from "@std/http/status";' +
    'console.log(join("a", "b"), STATUS_CODE.Teapot, Deno.env.get("JSR_URL"))';
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "tools/jsr.ts", "eval", program],
    cwd: folder,
    env: { JSR_URL: "", ...env },
    stdin: "null",
  }).output();
}

Deno.test({
  name: `jsr.ts lays a registry out once for processes that start together${standIn ? "" : " (ignored: JSR answers)"}`,
  ignore: !standIn,
  fn: async () => {
    const folder = await makeProject();
    try {
      const results = await Promise.all([runIn(folder, {}), runIn(folder, {}), runIn(folder, {})]);
      for (const { code, stdout, stderr } of results) {
        assertEquals(code, 0, text(stderr));
        assertMatch(text(stdout), /^a\/b 418 file:\/\/\/.*jsr%20project%20%25%20.*\/\.jsr\/$/);
      }
      const names = Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
      assertEquals(names, [".jsr", "deno.json", "tools"]);

      const stamp = `${folder}/.jsr/complete.txt`;
      const before = (await Deno.stat(stamp)).mtime;
      assertEquals((await runIn(folder, {})).code, 0);
      assertEquals((await Deno.stat(stamp)).mtime, before);

      // A registry that was never finished, or made for other packages, is replaced.
      await Deno.writeTextFile(stamp, "something else");
      assertEquals((await runIn(folder, {})).code, 0);
      assertMatch(await Deno.readTextFile(stamp), /http@1\.1\.0 path@1\.1\.4/);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name: `jsr.ts ends with one line where nothing answers${standIn ? "" : " (ignored: JSR answers)"}`,
  ignore: !standIn,
  fn: async () => {
    const folder = await makeProject();
    try {
      const nobody = "http://127.0.0.1:1/";
      const env = { NPM_CONFIG_REGISTRY: nobody, DENO_DIR: `${folder}/cache`, DENO_NO_UPDATE_CHECK: "1" };
      const { code, stdout, stderr } = await runIn(folder, env);
      assertEquals([code, text(stdout)], [1, ""]);
      assertMatch(text(stderr), /^Cannot load the standard library: neither JSR nor npm answers, .*$/);
      assertEquals(text(stderr).split("\n").length, 1);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
