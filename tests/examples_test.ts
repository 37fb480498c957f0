import assert from "node:assert/strict";
import { denoServe } from "./e2e/deno_serve.ts";
import { edgeOrigin } from "./helpers/edge_origin.ts";
import { startListening } from "./helpers/listening_process.ts";
import { tempTree } from "./helpers/temp_tree.ts";

const PROJECT = new URL("../", import.meta.url);

/** The flags in the command that the comment of an example names, which are all that it gets. */
async function flagsOf(example: string): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`examples/${example}.ts`, PROJECT));
  const command = new RegExp(` {5}deno (run|serve) (.*)examples/${example}\\.ts`).exec(text);
  assert.ok(command !== null, `examples/${example}.ts says how to run it`);
  return command[2]!.split(" ").filter((flag) => flag !== "");
}

interface Ended {
  readonly code: number;
  readonly lines: readonly string[];
  readonly stderr: string;
}

/** Runs an example to its end. */
async function runExample(example: string, ...args: string[]): Promise<Ended> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...await flagsOf(example), `examples/${example}.ts`, ...args],
    cwd: PROJECT,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, lines: decoder.decode(stdout).trimEnd().split("\n"), stderr: decoder.decode(stderr) };
}

/** Starts an example that serves; its first line is its URL. */
async function startExample(example: string, ...args: string[]): Promise<{ url: string } & AsyncDisposable> {
  const server = await startListening({
    args: ["run", "--quiet", "--no-prompt", ...await flagsOf(example), `examples/${example}.ts`, ...args],
    cwd: PROJECT,
    output: "stdout",
    ready: /^(http:.*)\n/,
  });
  return { url: server.ready[1]!, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

type Answer = (request: Request, url: URL) => Response | Promise<Response>;

/** A server for an example to talk to. */
function serve(answer: Answer): { url: string } & AsyncDisposable {
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => answer(request, new URL(request.url)),
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function ask(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  return `${response.status} ${await response.text()}`;
}

/** One for each example. */
const EXAMPLES: Readonly<Record<string, () => Promise<void>>> = {
  async download() {
    const content = "0123456789".repeat(20_000);
    await using server = serve((request) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "bytes=0-")![1]);
      const size = content.length;
      if (start >= size) return new Response(null, { status: 416, headers: { "content-range": `bytes */${size}` } });
      const headers = { "content-range": `bytes ${start}-${size - 1}/${size}` };
      return start === 0 ? new Response(content) : new Response(content.slice(start), { status: 206, headers });
    });
    await using folder = await tempTree();
    const path = `${folder.path}/file`;
    const first = await runExample("download", server.url, path);
    assert.ok(await Deno.readTextFile(path) === content, first.stderr);
    assert.equal(first.lines.at(-2), "200000 of 200000 bytes, 100 %");
    await Deno.truncate(path, 150_000);
    const rest = await runExample("download", server.url, path);
    assert.ok(await Deno.readTextFile(path) === content, rest.stderr);
    assert.equal(rest.lines[0], "200000 of 200000 bytes, 100 %");
    assert.equal((await runExample("download", server.url, path)).lines.join(), "complete");
  },
  async upload() {
    await using server = serve(async (request) => {
      const form = await request.formData();
      const files = form.getAll("files") as File[];
      const texts = await Promise.all(files.map((file) => file.text()));
      return Response.json([form.get("count"), files.map(({ name }) => name), texts]);
    });
    await using folder = await tempTree({ "a b.txt": "alpha", "c.txt": "gamma" });
    const { lines, stderr } = await runExample("upload", server.url, `${folder.path}/a b.txt`, `${folder.path}/c.txt`);
    assert.deepEqual(lines, ['["2",["a b.txt","c.txt"],["alpha","gamma"]]'], stderr);
  },
  async login() {
    await using server = serve(async (request, { pathname }) => {
      if (pathname === "/account") {
        const known = request.headers.get("cookie") === "session=zoe";
        return new Response(known ? "hello zoe" : "who?", { status: known ? 200 : 401 });
      }
      const form = await request.formData();
      if (form.get("user") !== "zoe" || form.get("password") !== "secret") return new Response(null, { status: 403 });
      return new Response(null, { status: 204, headers: { "set-cookie": "session=zoe; Max-Age=3600; HttpOnly" } });
    });
    await using folder = await tempTree();
    const args = [server.url, "zoe", "secret", `${folder.path}/jar.txt`];
    const first = await runExample("login", ...args);
    assert.deepEqual(first.lines, ["logging in", "hello zoe"], first.stderr);
    assert.deepEqual((await runExample("login", ...args)).lines, ["hello zoe"]);
    const refused = await runExample("login", server.url, "zoe", "wrong", `${folder.path}/other.txt`);
    assert.match(refused.stderr, /HTTPError: 403/);
  },
  async retry() {
    let asked = 0;
    await using server = serve((_request, { pathname }) => {
      const busy = pathname === "/always" || ++asked < 3;
      return new Response(busy ? "busy" : `after ${asked}`, { status: busy ? 503 : 200 });
    });
    const { lines, stderr } = await runExample("retry", server.url);
    assert.deepEqual(lines, ["after 3"], stderr);
    const givenUp = await runExample("retry", `${server.url}/always`);
    assert.equal(givenUp.code, 1);
    assert.match(givenUp.stderr, /^given up: /);
  },
  async proxy() {
    // A proxy is asked for whole URLs: what Deno.serve makes of that shows that the request came this way.
    await using proxy = serve((request) => new Response(`asked for ${request.url}`));
    const { lines, stderr } = await runExample("proxy", "http://far.example/page", proxy.url);
    assert.deepEqual(lines, ["200 asked for http://far.example/page"], stderr);
    await using server = serve(() => new Response("direct"));
    const local = server.url.replace("127.0.0.1", "localhost");
    assert.deepEqual((await runExample("proxy", local, proxy.url)).lines, ["200 direct"]);
  },
  async paginate() {
    await using server = serve((_request, { searchParams }) => {
      const page = Number(searchParams.get("page") ?? 1);
      const headers = page < 3 ? { link: `</items?page=${page + 1}>; rel="next"` } : undefined;
      return Response.json([{ page }], headers === undefined ? {} : { headers });
    });
    const { lines, stderr } = await runExample("paginate", `${server.url}/items`);
    assert.deepEqual(lines, ['{"page":1}', '{"page":2}', '{"page":3}'], stderr);
  },
  async json_api() {
    await using server = await startExample("json_api", "0");
    assert.equal(await ask(server.url), "200 []");
    assert.equal(await ask(server.url, { method: "POST", body: '{"text":"milk"}' }), '201 {"id":1,"text":"milk"}');
    assert.equal(await ask(server.url), '200 [{"id":1,"text":"milk"}]');
    assert.match(await ask(server.url, { method: "POST", body: "milk" }), /^400 /);
    assert.match(await ask(server.url, { method: "POST", body: "null" }), /^422 /);
    assert.match(await ask(server.url, { method: "POST", body: `"${"x".repeat(10_000)}"` }), /^413 /);
    assert.equal(await ask(`${server.url}/1`, { method: "DELETE" }), "204 ");
    assert.match(await ask(`${server.url}/1`, { method: "DELETE" }), /^404 /);
  },
  async upload_server() {
    await using folder = await tempTree({ "there.txt": "old" });
    await using server = await startExample("upload_server", "0", folder.path);
    const body = new Uint8Array(300_000).fill(65);
    assert.equal(await ask(`${server.url}new.txt`, { method: "PUT", body }), "201 ");
    assert.ok(await ask(`${server.url}new.txt`) === `200 ${"A".repeat(300_000)}`);
    assert.equal(await ask(`${server.url}there.txt`, { method: "PUT", body: "new" }), "201 ");
    assert.equal(await Deno.readTextFile(`${folder.path}/there.txt`), "new");
    for (const name of [".hidden", "a%2Fb", "..%2Fout", ""]) {
      assert.match(await ask(server.url + name, { method: "PUT", body: "x" }), /^403 /);
    }
    assert.deepEqual(Array.from(Deno.readDirSync(folder.path), ({ name }) => name).sort(), ["new.txt", "there.txt"]);
  },
  async spa_server() {
    await using folder = await tempTree({ "index.html": "<title>app</title>", "app.js": "start()" });
    await using server = await startExample("spa_server", "0", folder.path);
    const page = { headers: { accept: "text/html" } };
    assert.equal(await ask(`${server.url}app.js`), "200 start()");
    assert.equal(await ask(`${server.url}users/7`, page), "200 <title>app</title>");
    assert.match(await ask(`${server.url}api/time`), /^200 \{"time":".* GMT"\}$/);
  },
  async edge() {
    await using origin = edgeOrigin();
    await using server = await denoServe("examples/edge.ts", await flagsOf("edge"), { env: { ORIGIN: origin.url } });
    assert.equal(await ask(`http://127.0.0.1:${server.port}/x`), "200 The origin says: hello visitor at /x");
  },
  async test_handler() {
    const { code, lines, stderr } = await runExample("test_handler");
    assert.deepEqual([code, lines], [0, ["passed"]], stderr);
  },
};

for (const [example, check] of Object.entries(EXAMPLES)) {
  Deno.test(`examples/${example}.ts does what it says, with the permissions it names`, check);
}

Deno.test("every example is tested", () => {
  const files = Array.from(Deno.readDirSync(new URL("examples/", PROJECT)), ({ name }) => name);
  assert.deepEqual(files.sort(), Object.keys(EXAMPLES).map((name) => `${name}.ts`).sort());
});
