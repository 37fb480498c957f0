import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { startCliCommand } from "./cli_process.ts";
import { denoServe } from "./deno_serve.ts";
import { type JsrRegistry, jsrRegistry, serveRegistry } from "./jsr_registry.ts";

let registry: JsrRegistry;

Deno.test.beforeAll(async () => {
  registry = await jsrRegistry();
});
Deno.test.afterAll(async () => await registry[Symbol.asyncDispose]());

// What deno has in its cache cannot stand in for the package: the registry has a new URL each time.
const environment = () => ({ JSR_URL: registry.url, DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" });

async function deno(cwd: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd,
    env: environment(),
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  if (!success) throw new Error(`deno ${args.join(" ")} failed: ${decoder.decode(stderr)}${decoder.decode(stdout)}`);
  return decoder.decode(stdout).trim();
}

/** Starts a file server in a folder that has one file, asks for it and interrupts the server. */
async function serveOneFile(program: string, args: readonly string[]): Promise<void> {
  await using files = await tempTree({ "hello.txt": "hello" });
  await using server = await startCliCommand({ program, args, cwd: files.path, env: environment() });
  assert.match(server.firstLine, /^Serving HTTP on 0\.0\.0\.0 port \d+ /);
  const response = await fetch(`${server.url}/hello.txt`);
  assert.deepEqual([response.status, await response.text()], [200, "hello"]);
  assert.equal((await server.interrupt()).code, 0);
}

Deno.test("deno run jsr:@x/httpkit/cli serves a file from a folder that has nothing else, and ends with 0 on SIGINT", async () => {
  await serveOneFile(Deno.execPath(), ["run", "-A", "jsr:@x/httpkit/cli", "0"]);
});

Deno.test("deno run jsr:@x/httpkit/cli needs the permissions of the README, no more", async () => {
  await serveOneFile(Deno.execPath(), ["run", "--no-prompt", "--allow-net", "--allow-read", "jsr:@x/httpkit/cli", "0"]);
});

Deno.test("deno install makes jsr:@x/httpkit/cli a command", async () => {
  await using home = await tempTree();
  await deno(home.path, "install", "--global", "-A", "--root", home.path, "--name", "httpkit", "jsr:@x/httpkit/cli");
  await serveOneFile(`${home.path}/bin/httpkit${Deno.build.os === "windows" ? ".cmd" : ""}`, ["0"]);
});

Deno.test({
  name: "deno run jsr:@x/httpkit/cli serves with several threads, which load the package over http again",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    // As on JSR: the threads' modules are named by the URL of the package, which is none of this machine's files.
    await using remote = serveRegistry(registry);
    await using files = await tempTree({ "www/hello.txt": "hello" });
    await using server = await startCliCommand({
      program: Deno.execPath(),
      args: ["run", "-A", "--unstable-net", "jsr:@x/httpkit/cli", "0", "--workers", "2", "--bind", "127.0.0.1"],
      cwd: `${files.path}/www`,
      // With a cache of its own: the port of the registry may have served something else before.
      env: { ...environment(), JSR_URL: remote.url, DENO_DIR: `${files.path}/cache` },
    });
    for (let i = 0; i < 20; i++) {
      using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
      assert.equal(await (await fetch(`${server.url}/hello.txt`, { client })).text(), "hello");
    }
    const { code, stderr } = await server.interrupt();
    assert.equal(code, 0);
    assert.doesNotMatch(stderr, /1 thread instead/);
  },
});

Deno.test("a script that imports jsr:@x/httpkit/client sends a request with --allow-net alone", async () => {
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    return Response.json({ body: await request.json(), agent: request.headers.get("user-agent") });
  });
  await using files = await tempTree({
    "main.ts": `
      import { post } from "jsr:@x/httpkit/client";
      const r = await post("http://127.0.0.1:${server.addr.port}/", { json: { a: 1 }, timeout: 5 });
      console.log(r.statusCode, r.text, r.apparentEncoding);
    `,
  });
  const output = await deno(files.path, "run", "--no-prompt", "--allow-net", "main.ts");
  assert.match(output, /^200 \{"body":\{"a":1\},"agent":"[^"]+"\} ascii$/);
});

Deno.test("an edge handler that imports jsr:@x/httpkit/server runs under deno serve", async () => {
  await using files = await tempTree({
    "edge.ts": `
      import { BaseHTTPRequestHandler, fetchHandler } from "jsr:@x/httpkit/server";
      class Hello extends BaseHTTPRequestHandler {
        do_GET(): void {
          this.sendResponse(200);
          this.endHeaders();
          this.wfile.write("hello " + this.path);
        }
      }
      export default { fetch: fetchHandler(Hello) };
    `,
  });
  await using server = await denoServe("edge.ts", [], { cwd: files.path, env: environment() });
  assert.equal(await (await fetch(`http://127.0.0.1:${server.port}/edge`)).text(), "hello /edge");
});

/** The part of the output of `deno doc --json` that tells what a module exports. */
interface Documentation {
  /** What its page begins with. */
  readonly module_doc?: { readonly doc?: string; readonly tags?: readonly { readonly kind: string }[] };
  readonly symbols: readonly DocumentedSymbol[];
}

interface DocumentedSymbol {
  readonly name: string;
  readonly declarations: readonly {
    readonly kind: string;
    readonly declarationKind: string;
    readonly def: { readonly typeParams?: readonly { readonly default?: unknown }[] };
  }[];
}

/** What deno documents of an entry point, such as `./client`, when it loads it from the registry. */
async function documentation(entry: string): Promise<Documentation> {
  const { nodes }: { nodes: Record<string, Documentation> } = JSON.parse(
    await deno(registry.path, "doc", "--json", specifierOf(entry)),
  );
  const [documented] = Object.values(nodes);
  return documented!;
}

function specifierOf(entry: string): string {
  return `jsr:@x/httpkit${entry.slice(1)}`;
}

Deno.test("each entry point has a page with a text and an example", async () => {
  const entries = Object.keys(registry.exports);
  assert.deepEqual(entries, [".", "./client", "./server", "./cli"]);
  for (const entry of entries) {
    const { module_doc: page } = await documentation(entry);
    assert.ok((page?.doc ?? "").length > 100, `${entry} has a text`);
    assert.ok(page?.tags?.some(({ kind }) => kind === "example"), `${entry} has an example`);
  }
});

const TYPE_KINDS = ["class", "interface", "typeAlias", "enum"];

/** Statements that use each export of a module: values as values, types as types that must not be `any`. */
function usesOf(namespace: string, symbols: readonly DocumentedSymbol[]): string[] {
  return symbols.flatMap(({ name, declarations }) => {
    const type = declarations.find(({ kind }) => TYPE_KINDS.includes(kind));
    const uses: string[] = [];
    if (type !== undefined) {
      const needed = (type.def.typeParams ?? []).filter((param) => param.default === undefined).map(() => "never");
      const reference = `${namespace}.${name}${needed.length > 0 ? `<${needed.join(", ")}>` : ""}`;
      uses.push(`false satisfies IsAny<${reference}>;`);
    }
    if (declarations.some(({ kind }) => !["interface", "typeAlias"].includes(kind))) {
      uses.push(`false satisfies IsAny<typeof ${namespace}.${name}>;`);
    }
    return uses;
  });
}

Deno.test("deno check accepts a program that uses every public type, and none of them is any", async () => {
  const program = ["type IsAny<T> = 0 extends 1 & T ? true : false;"];
  const used: number[] = [];
  for (const [index, entry] of Object.keys(registry.exports).entries()) {
    const { symbols } = await documentation(entry);
    const uses = usesOf(`entry${index}`, symbols);
    program.push(`import * as entry${index} from "${specifierOf(entry)}";`, ...uses);
    used.push(uses.length);
  }
  assert.ok(used[0]! > 150, `the main entry point has many types and values, not ${used[0]}`);
  await using files = await tempTree({ "consumer.ts": program.join("\n") });
  await deno(files.path, "check", "consumer.ts");

  // The check can fail.
  await Deno.writeTextFile(`${files.path}/wrong.ts`, `${program.join("\n")}\nfalse satisfies IsAny<any>;\n`);
  await assert.rejects(deno(files.path, "check", "wrong.ts"), /TS1360/);
});
