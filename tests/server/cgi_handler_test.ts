import assert from "node:assert/strict";
import { CGIHTTPRequestHandler, ThreadingHTTPServer } from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { isRunning, scriptServer, scriptTree, shell, SilentScripts, until } from "../helpers/scripts.ts";
import { patternBytes } from "../helpers/temp_tree.ts";

// Scripts are files that the system runs by their mode and their first line.
const ignore = Deno.build.os === "windows";
const test = (name: string, fn: () => Promise<void>) => Deno.test({ name, ignore, fn });

const HEAD = `printf 'Content-Type: text/plain\\n\\n'`;

class Logging extends CGIHTTPRequestHandler {
  override logDateTimeString(): string {
    return "now";
  }
}

test("runCgi() streams the body in and the output out, byte for byte", async () => {
  await using files = await scriptTree({ "cgi-bin/cat.sh": shell(HEAD, "exec cat") });
  const ask = scriptServer(files.path);
  const body = patternBytes(3_000_000);
  const response = await ask("/cgi-bin/cat.sh", { method: "POST", body, headers: { "Content-Length": "3000000" } });
  assert.deepEqual(new Uint8Array(await response.arrayBuffer()), body);
});

test("runCgi() tells the length of a body that came without one", async () => {
  await using files = await scriptTree({
    "cgi-bin/length.sh": shell(HEAD, 'printf "%s:" "$CONTENT_LENGTH"', "exec cat"),
  });
  const ask = scriptServer(files.path);
  const body = ReadableStream.from(["one ", "two"].map((text) => new TextEncoder().encode(text)));
  assert.equal(await (await ask("/cgi-bin/length.sh", { method: "POST", body })).text(), "7:one two");
  assert.equal(await (await ask("/cgi-bin/length.sh")).text(), ":");
});

test("runCgi() refuses a large body without a length with 411, and gives up the rest", async () => {
  await using files = await scriptTree({ "cgi-bin/cat.sh": shell(HEAD, "exec cat") });
  let sent = 0;
  let cancelled = false;
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    pull(controller) {
      controller.enqueue(new Uint8Array(1024 * 1024));
      sent++;
    },
    cancel() {
      cancelled = true;
    },
  });
  const response = await scriptServer(files.path)("/cgi-bin/cat.sh", { method: "POST", body });
  assert.equal(response.status, 411);
  assert.match(await response.text(), /needs a Content-Length/);
  assert.ok(sent < 20 && cancelled);
});

test("runCgi() gives no more than Content-Length to the script", async () => {
  await using files = await scriptTree({ "cgi-bin/cat.sh": shell(HEAD, "exec cat") });
  const init = { method: "POST", body: "0123456789", headers: { "Content-Length": "4" } };
  assert.equal(await (await scriptServer(files.path)("/cgi-bin/cat.sh", init)).text(), "0123");
});

test("runCgi() needs no script to read the body", async () => {
  await using files = await scriptTree({ "cgi-bin/deaf.sh": shell(HEAD, "exec <&-", "echo done") });
  const body = new Uint8Array(5_000_000);
  const response = await scriptServer(files.path)("/cgi-bin/deaf.sh", {
    method: "POST",
    body,
    headers: { "Content-Length": String(body.length) },
  });
  assert.equal(await response.text(), "done\n");
});

test("runCgi() sends output while the script goes on", async () => {
  await using files = await scriptTree({
    "cgi-bin/slow.sh": shell(HEAD, "echo first", `while [ ! -e go ]; do sleep 0.02; done`, "echo second"),
  });
  const response = await scriptServer(files.path)("/cgi-bin/slow.sh");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, "first\n");
  await Deno.writeTextFile(`${files.path}/cgi-bin/go`, "");
  assert.equal((await reader.read()).value, "second\n");
  assert.ok((await reader.read()).done);
});

test("runCgi() holds a script up that prints faster than the client reads", async () => {
  await using files = await scriptTree({
    "cgi-bin/yes.sh": shell(
      HEAD,
      `i=0; while [ $i -lt 5000 ]; do echo $i > count.txt; head -c 65536 /dev/zero; i=$((i+1)); done`,
    ),
  });
  await Deno.writeTextFile(`${files.path}/cgi-bin/count.txt`, "");
  await Deno.chmod(`${files.path}/cgi-bin/count.txt`, 0o666);
  const response = await scriptServer(files.path)("/cgi-bin/yes.sh");
  const reader = response.body!.getReader();
  await reader.read();
  const count = async () => Number(await Deno.readTextFile(`${files.path}/cgi-bin/count.txt`));
  // It stops when all pipes and buffers between are full, long before it has printed its 300 MB.
  let last = -1;
  await until(async () => {
    const before = last;
    last = await count();
    await new Promise((resolve) => setTimeout(resolve, 100));
    return before === last && last > 0;
  });
  assert.ok(last < 1000, String(last));
  await reader.cancel();
  await until(async () => (await pidsOf(files.path)).length === 0);
});

/** The processes whose current directory is below a folder. */
async function pidsOf(folder: string): Promise<number[]> {
  const pids: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      if ((await Deno.readLink(`/proc/${name}/cwd`)).startsWith(folder) && isRunning(Number(name))) {
        pids.push(Number(name));
      }
    } catch (error) {
      // It ended meanwhile, or is none of ours.
      if (!(error instanceof Deno.errors.NotFound) && !(error instanceof Deno.errors.PermissionDenied)) throw error;
    }
  }
  return pids;
}

test("runCgi() answers 504 for a script that never ends, and kills all that it started", async () => {
  await using files = await scriptTree({
    "cgi-bin/never.sh": shell("sleep 1000 &", "trap '' TERM", "while :; do sleep 1000; done"),
  });
  using log = captureLog();
  const response = await scriptServer(files.path, { cgiTimeout: 0.2 }, Logging)("/cgi-bin/never.sh");
  assert.equal(response.status, 504);
  assert.match(log.text(), /CGI script \/cgi-bin\/never\.sh: still running after 0\.2 seconds \(cgiTimeout\), killed/);
  assert.deepEqual(await pidsOf(files.path), []);
});

test("runCgi() cuts the response when the time is over after the head", async () => {
  await using files = await scriptTree({ "cgi-bin/never.sh": shell(HEAD, "echo begun", "exec sleep 1000") });
  const errors: unknown[] = [];
  const server = new ThreadingHTTPServer(["", 0], SilentScripts, {
    bindAndActivate: false,
    handlerOptions: { directory: files.path, cgiTimeout: 0.3 },
  });
  server.handleError = (_request, _address, error) => errors.push(error);
  const response = await server.fetch(new Request("http://localhost/cgi-bin/never.sh"));
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), /still running after 0\.3 seconds/);
  assert.equal(errors.length, 1);
  assert.deepEqual(await pidsOf(files.path), []);
});

test("runCgi() kills the script when the client goes away, before and after the head", async () => {
  await using files = await scriptTree({
    "cgi-bin/silent.sh": shell("sleep 1000 &", "exec sleep 1000"),
    "cgi-bin/begun.sh": shell(HEAD, "echo begun", "sleep 1000 &", "exec sleep 1000"),
  });
  const ask = scriptServer(files.path);
  const client = new AbortController();
  const answer = ask("/cgi-bin/silent.sh", { signal: client.signal });
  await until(async () => (await pidsOf(files.path)).length === 2);
  client.abort();
  await answer;
  assert.deepEqual(await pidsOf(files.path), []);

  const response = await ask("/cgi-bin/begun.sh");
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  await until(async () => (await pidsOf(files.path)).length === 0);
});

test("runCgi() logs standard error line by line and escaped, and the exit status", async () => {
  await using files = await scriptTree({
    "cgi-bin/err.sh": shell(HEAD, `printf 'one\\033[31m\\ntwo' >&2`, "echo body", "exit 3"),
  });
  using log = captureLog();
  const response = await scriptServer(files.path, {}, Logging)("/cgi-bin/err.sh");
  assert.equal(await response.text(), "body\n");
  const lines = log.text().split("\n").map((line) => line.replace("127.0.0.1 - - [now] ", "")).sort();
  assert.deepEqual(lines, [
    "",
    '"GET /cgi-bin/err.sh HTTP/1.1" 200 -',
    "CGI script /cgi-bin/err.sh ended with exit status 3",
    "CGI script /cgi-bin/err.sh: one\\x1b[31m",
    "CGI script /cgi-bin/err.sh: two",
  ]);
});

const MALFORMED: Readonly<Record<string, readonly [script: string, why: RegExp]>> = {
  "nothing": ["exit 0", /there is no output/],
  "no header section": ["echo text", /there is no empty line after the header/],
  "a body without Content-Type": [`printf 'Status: 200\\n\\nbody'`, /there is a body and no Content-Type/],
  "a field of no use alone": [`printf 'X-A: 1\\n\\n'`, /there is no Content-Type, Location or Status field/],
  "a head that never ends": ["yes X-A: 1", /the header section is longer than 65536 bytes/],
};

for (const [what, [script, why]] of Object.entries(MALFORMED)) {
  test(`runCgi() answers 500 to ${what}, and logs why`, async () => {
    await using files = await scriptTree({ "cgi-bin/bad.sh": shell(script) });
    using log = captureLog();
    const response = await scriptServer(files.path, {}, Logging)("/cgi-bin/bad.sh");
    assert.equal(response.status, 500);
    assert.match(log.text(), why);
    assert.doesNotMatch(await response.text(), why);
  });
}

test("runCgi() passes a Status without a body on", async () => {
  await using files = await scriptTree({ "cgi-bin/none.sh": shell(`printf 'Status: 204 None\\nX-A: 1\\n\\n'`) });
  const response = await scriptServer(files.path)("/cgi-bin/none.sh");
  assert.equal(response.status, 204);
  assert.equal(response.headers.get("x-a"), "1");
  assert.equal(response.body, null);
});

test("runCgi() reads the status line of an nph- script", async () => {
  await using files = await scriptTree({
    "cgi-bin/nph-tea.sh": shell(`printf 'HTTP/1.1 418 Teapot\\r\\nX-A: 1\\r\\n\\r\\nshort and stout'`),
    "cgi-bin/nph-bad.sh": shell(`printf 'Content-Type: text/plain\\r\\n\\r\\nx'`),
  });
  const ask = scriptServer(files.path);
  const response = await ask("/cgi-bin/nph-tea.sh");
  assert.equal(response.status, 418);
  assert.equal(response.statusText, "Teapot");
  assert.equal(await response.text(), "short and stout");
  assert.equal((await ask("/cgi-bin/nph-bad.sh")).status, 500);
});

test("runCgi() serves a local redirect itself: a file, a script, a missing one, with GET, and not for ever", async () => {
  const redirectTo = (path: string) => shell(`printf 'Location: ${path}\\n\\n'`);
  await using files = await scriptTree({
    "a.txt": "alpha\n",
    "cgi-bin/file.sh": redirectTo("/a.txt?x"),
    "cgi-bin/script.sh": redirectTo("/cgi-bin/env.sh/more?q=1"),
    "cgi-bin/missing.sh": redirectTo("/missing"),
    "cgi-bin/slashes.sh": redirectTo("//a.txt"),
    "cgi-bin/loop.sh": redirectTo("/cgi-bin/loop.sh"),
    "cgi-bin/env.sh": shell(HEAD, 'echo "$REQUEST_METHOD $PATH_INFO $QUERY_STRING [$CONTENT_LENGTH]"'),
  });
  const ask = scriptServer(files.path);
  assert.equal(await (await ask("/cgi-bin/file.sh")).text(), "alpha\n");
  assert.equal(await (await ask("/cgi-bin/slashes.sh")).text(), "alpha\n");
  const posted = await ask("/cgi-bin/script.sh", { method: "POST", body: "x", headers: { "Content-Length": "1" } });
  assert.equal(await posted.text(), "GET /more q=1 []\n");
  assert.equal((await ask("/cgi-bin/missing.sh")).status, 404);
  assert.equal((await ask("/cgi-bin/loop.sh")).status, 500);
  const head = await ask("/cgi-bin/file.sh", { method: "HEAD" });
  assert.equal(head.headers.get("content-length"), "6");
  assert.equal(await head.text(), "");
});

test("runCgi() runs a .ts script by Deno with the permissions that are given, whatever its first line says", async () => {
  const script = `#!/usr/bin/env -S deno run -A
try {
  console.log(\`Content-Type: text/plain\\n\\n\${Deno.env.get("REQUEST_METHOD")} \${Deno.readTextFileSync(import.meta.filename!).length > 0}\`);
} catch (error) {
  console.log(\`Content-Type: text/plain\\n\\n\${(error as Error).name}\`);
}
`;
  await using files = await scriptTree({ "cgi-bin/hello.ts": script });
  const ask = async (cgiPermissions?: readonly string[]) =>
    (await scriptServer(files.path, cgiPermissions === undefined ? {} : { cgiPermissions })("/cgi-bin/hello.ts"))
      .text();
  assert.equal(await ask(), "NotCapable\n");
  assert.equal(await ask([]), "NotCapable\n");
  assert.equal(await ask(["--allow-env", "--allow-read"]), "GET true\n");
});

test("runCgi() finds the interpreter by extension where a script names none", async () => {
  await using files = await scriptTree({ "cgi-bin/plain.sh": "", "cgi-bin/other.up": "" });
  await Deno.writeTextFile(`${files.path}/cgi-bin/plain.sh`, `${HEAD}\necho "by sh: $0"\n`);
  await Deno.writeTextFile(`${files.path}/cgi-bin/other.up`, "lower case\n");
  for (const name of ["plain.sh", "other.up"]) await Deno.chmod(`${files.path}/cgi-bin/${name}`, 0o755);
  assert.equal(
    await (await scriptServer(files.path)("/cgi-bin/plain.sh")).text(),
    `by sh: ${files.path}/cgi-bin/plain.sh\n`,
  );
  const cgiInterpreters = { ".up": ["sh", "-c", `${HEAD}; tr a-z A-Z < "$0"`] };
  assert.equal(await (await scriptServer(files.path, { cgiInterpreters })("/cgi-bin/other.up")).text(), "LOWER CASE\n");
});

test("runCgi() gives a script its folder, PATH, the variables of cgiEnvironment, and nothing else of this program's", async () => {
  await using files = await scriptTree({
    "cgi-bin/sub/dump.sh": shell(HEAD, "pwd", "env"),
  });
  Deno.env.set("HTTPKIT_TEST_SECRET", "do-not-pass-on");
  try {
    const response = await scriptServer(files.path, { cgiEnvironment: { EXTRA: "yes" } })("/cgi-bin/sub/dump.sh");
    const lines = (await response.text()).split("\n");
    assert.equal(lines[0], `${files.path}/cgi-bin/sub`);
    assert.ok(lines.includes("EXTRA=yes") && lines.includes(`PATH=${Deno.env.get("PATH")}`), lines.join("\n"));
    assert.ok(!lines.some((line) => line.includes("do-not-pass-on")));
    // The shell adds PWD, OLDPWD, SHLVL and _ by itself.
    const known = /^(?:PATH|EXTRA|PWD|OLDPWD|SHLVL|_|[A-Z]+_[A-Z_]+)=|^$|^\//;
    assert.deepEqual(lines.filter((line) => !known.test(line)), []);
  } finally {
    Deno.env.delete("HTTPKIT_TEST_SECRET");
  }
});

test("runCgi() runs scripts as nobody when started as root", async () => {
  await using files = await scriptTree({ "cgi-bin/id.sh": shell(HEAD, "id -u; id -g; id -G") });
  const text = await (await scriptServer(files.path)("/cgi-bin/id.sh")).text();
  const own = Deno.uid()!;
  const expected = own === 0 ? "65534\n65534\n65534\n" : new RegExp(`^${own}\n${Deno.gid()}\n`);
  if (typeof expected === "string") assert.equal(text, expected);
  else assert.match(text, expected);
});

test("runCgi() answers 403 where the system refuses to run a script, and logs why", async () => {
  await using files = await scriptTree({ "cgi-bin/odd.bin": "#!/no/such/interpreter\n" });
  using log = captureLog();
  assert.equal((await scriptServer(files.path, {}, Logging)("/cgi-bin/odd.bin")).status, 403);
  assert.match(log.text(), /CGI script \/cgi-bin\/odd\.bin does not start: /);
});

test("runCgi() runs 64 scripts at once and leaves no process behind", async () => {
  await using files = await scriptTree({
    "cgi-bin/meet.sh": shell(
      `: > "met/$QUERY_STRING"`,
      `while [ "$(ls met | wc -l)" -lt 64 ]; do sleep 0.05; done`,
      HEAD,
      'echo "$QUERY_STRING"',
    ),
    "cgi-bin/met/": "",
  });
  await Deno.chmod(`${files.path}/cgi-bin/met`, 0o777);
  const ask = scriptServer(files.path);
  // No script ends before all 64 have begun.
  const texts = await Promise.all(
    Array.from({ length: 64 }, async (_, i) => (await ask(`/cgi-bin/meet.sh?${i}`)).text()),
  );
  assert.deepEqual(texts, Array.from({ length: 64 }, (_, i) => `${i}\n`));
  assert.deepEqual(await pidsOf(files.path), []);
});

test("runCgi() answers when the script has ended, whoever holds its standard error open", async () => {
  await using files = await scriptTree({
    "cgi-bin/daemon.sh": shell(HEAD, "echo done", "sleep 1000 < /dev/null > /dev/null &", "echo $! > pid.txt"),
  });
  await Deno.writeTextFile(`${files.path}/cgi-bin/pid.txt`, "");
  await Deno.chmod(`${files.path}/cgi-bin/pid.txt`, 0o666);
  assert.equal(await (await scriptServer(files.path)("/cgi-bin/daemon.sh")).text(), "done\n");
  Deno.kill(Number(await Deno.readTextFile(`${files.path}/cgi-bin/pid.txt`)), "SIGKILL");
});

test("isCgi() goes by cgiDirectories and sets cgiInfo", async () => {
  await using files = await scriptTree({ "sub/dir/bin/x.sh": shell(HEAD, "echo ran") });
  class Probe extends SilentScripts {
    override cgiDirectories = ["/sub/dir/bin"];
    override do_GET(): void {
      const found = this.isCgi();
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write(JSON.stringify(found ? this.cgiInfo : null));
    }
  }
  const ask = async (path: string) => (await scriptServer(files.path, {}, Probe)(path)).json();
  assert.deepEqual(await ask("/sub/dir/bin/x.sh"), ["/sub/dir/bin", "x.sh"]);
  assert.deepEqual(await ask("/sub/dir/bin/a/b?c=/sub"), ["/sub/dir/bin", "a/b"]);
  assert.deepEqual(await ask("/sub%2Fdir/./bin/x/"), ["/sub/dir/bin", "x/"]);
  assert.deepEqual(await ask("/sub/dir/bin/"), ["/sub/dir/bin", ""]);
  for (const path of ["/sub/dir/bin", "/sub/dir/bin2/x", "/cgi-bin/x", "/", "/a/sub/dir/bin/x"]) {
    assert.equal(await ask(path), null, path);
  }
  const run = scriptServer(files.path, { cgiDirectories: ["/sub/dir/bin"] });
  assert.equal(await (await run("/sub/dir/bin/x.sh")).text(), "ran\n");
});

test("isPython() and isExecutable() say what Python's do", async () => {
  await using files = await scriptTree({ "x.py": "#!", "plain.txt": "text" });
  const handler = new SilentScripts(new Request("http://h/"), ["127.0.0.1", 1], {
    serverName: "h",
    serverPort: 80,
    handleError() {},
  });
  assert.ok(handler.isPython("/a/X.PY") && handler.isPython("b.pyw") && !handler.isPython("b.pyc"));
  assert.ok(handler.isExecutable(`${files.path}/x.py`) && !handler.isExecutable(`${files.path}/plain.txt`));
});

test("do_POST() is 501 outside of the folders of scripts", async () => {
  await using files = await scriptTree({ "a.txt": "a" });
  const response = await scriptServer(files.path)("/a.txt", { method: "POST", body: "x" });
  assert.equal(response.status, 501);
  assert.match(await response.text(), /Can only POST to CGI scripts/);
});

test("the running scripts end with the program", async () => {
  await using files = await scriptTree({ "cgi-bin/never.sh": shell("exec sleep 1000") });
  const module = new URL("../../server/mod.ts", import.meta.url).href;
  const program = `
    import { CGIHTTPRequestHandler, fetchHandler } from ${JSON.stringify(module)};
    class Scripts extends CGIHTTPRequestHandler { directory = ${JSON.stringify(files.path)}; }
    const answer = fetchHandler(Scripts)(new Request("http://localhost/cgi-bin/never.sh"));
    await Deno.stdin.read(new Uint8Array(1));
    Deno.exit(7);
  `;
  await using child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", "deno.json", `data:text/typescript,${encodeURIComponent(program)}`],
    cwd: new URL("../../", import.meta.url),
    stdin: "piped",
    stdout: "null",
    stderr: "null",
  }).spawn();
  await until(async () => (await pidsOf(files.path)).length === 1);
  await child.stdin.close();
  assert.equal((await child.status).code, 7);
  await until(async () => (await pidsOf(files.path)).length === 0);
});
