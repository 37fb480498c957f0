// The known holes of file servers, one test each; the numbers are those of the project's list of them.
import assert from "node:assert/strict";
import { validatorsOf } from "../../server/_conditional.ts";
import { escapeLog } from "../../server/_log_line.ts";
import { parseTarget } from "../../server/_path.ts";
import { MAX_PARTS, resolveRange } from "../../server/_range.ts";
import { BaseHTTPRequestHandler, fetchHandler, ThreadingHTTPServer } from "../../server/mod.ts";
import { fileServer, rawFileServer, rawRequest } from "../helpers/served.ts";
import { scriptServer, scriptTree, shell, SilentScripts } from "../helpers/scripts.ts";
import { tempTree } from "../helpers/temp_tree.ts";

const locationOf = (head: string) => /^location: (.*)$/im.exec(head)?.[1] ?? "";

Deno.test("security 1: a redirect never leads to another host", async () => {
  await using files = await tempTree({ "evil.com/": "", "sub/dir/": "" });
  await using server = rawFileServer(files.path);
  for (
    const target of [
      "//evil.com",
      "///evil.com",
      "//evil.com/..%2f..%2fsub",
      "/%2fevil.com",
      "//sub/../evil.com",
      "/.//evil.com",
    ]
  ) {
    const { status, head } = await server.ask(target);
    assert.equal(status, 301, target);
    assert.match(locationOf(head), /^\/(evil\.com|sub)\/$/, target);
  }
  for (const target of ["/\\evil.com", "/%5cevil.com", "/\\/evil.com/..", "/%5C%5Cevil.com"]) {
    assert.equal((await server.ask(target)).status, 404, target);
  }
});

Deno.test("security 2: a hostile Host neither moves the path nor gets into a redirect", async () => {
  await using files = await tempTree({ "foo": "foo", "z": "zed", "sub/a": "" });
  await using server = rawFileServer(files.path);
  for (const host of ["evil.com/foo?", "evil.com/foo#", "a b", "evil.com\\foo", "user@evil", "[::1", "a,b/"]) {
    assert.equal((await server.ask("/z", host)).status, 400, host);
  }
  for (const host of ["evil.com", "[::1]:80", "127.0.0.1:1", ""]) {
    assert.equal((await server.ask("/z", host)).body, "zed", host);
  }
  assert.equal(locationOf((await server.ask("/sub", "evil.com")).head), "/sub/");
});

Deno.test("security 3: no encoding of .. leads out of the folder", async () => {
  await using files = await tempTree({ "secret.txt": "SECRET", "www/a.txt": "alpha" });
  await using server = rawFileServer(`${files.path}/www`);
  for (
    const target of [
      ...["/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", "/.%2e/secret.txt"],
      ...["/a/../../secret.txt", "/%252e%252e/secret.txt", "/..;/secret.txt", "/..%00/secret.txt", "/....//secret.txt"],
      ...["/%c0%ae%c0%ae/secret.txt", "/%uff0e%uff0e/secret.txt", `/${files.path}/secret.txt`, "/..%5csecret.txt"],
    ]
  ) {
    const { status, body } = await server.ask(target);
    assert.equal(status, 404, target);
    assert.ok(!body.includes("SECRET"), target);
  }
  assert.equal((await server.ask("/../../a.txt")).body, "alpha");
});

Deno.test("security 4: backslashes are refused on every system, the names that Windows bends on Windows", () => {
  for (const target of ["/a%5c..%5cb", "/a\\b", "/%5c%5chost%5cshare"]) {
    assert.notEqual(parseTarget(target, false).refusal, null, target);
    assert.notEqual(parseTarget(target, true).refusal, null, target);
  }
  for (const name of ["a.txt::$DATA", "c:", "PROGRA~1", "a.txt.", "a.txt%20", "CON", "nul.txt", "com1", "a%3Ab"]) {
    assert.notEqual(parseTarget(`/dir/${name}`, true).refusal, null, name);
    assert.equal(parseTarget(`/dir/${name}`, false).refusal, null, name);
  }
});

Deno.test("security 5: a neighbour whose name starts like the folder's is outside", async () => {
  await using files = await tempTree({ "www/a": "", "www-private/key": "KEY" });
  await Deno.symlink("../www-private/key", `${files.path}/www/link`);
  const get = fileServer(`${files.path}/www`);
  for (const path of ["/link", "/../www-private/key"]) {
    const response = await get(path);
    assert.equal(response.status, 404);
    assert.ok(!(await response.text()).includes("KEY"));
  }
});

Deno.test("security 6: repeated and encoded slashes reach the same rules", async () => {
  await using files = await tempTree({ ".git/config": "SECRET", "a/b.txt": "beta" });
  await using server = rawFileServer(files.path);
  for (
    const target of [
      "//.git/config",
      "/.git//config",
      "/%2egit/config",
      "/.git%2fconfig",
      "/a/../.git/config",
      "/a/..%2f.git/config",
    ]
  ) {
    assert.equal((await server.ask(target)).status, 404, target);
  }
  for (const target of ["/a//b.txt", "//a///b.txt", "/a%2fb.txt", "/./a/./b.txt"]) {
    assert.equal((await server.ask(target)).body, "beta", target);
  }
});

Deno.test("security 7: symbolic links lead nowhere outside: as file, folder, index page, sidecar or listing", async () => {
  await using files = await tempTree({
    "out/secret.txt": "SECRET ".repeat(400),
    "out/index.html": "SECRET",
    "www/a.txt": "alpha ".repeat(400),
    "www/sub/inside.txt": "inside",
    "www/indexed/": "",
  });
  const www = `${files.path}/www`;
  await Deno.symlink("../out/secret.txt", `${www}/file`);
  await Deno.symlink("../out", `${www}/folder`);
  await Deno.symlink("../../out/index.html", `${www}/indexed/index.html`);
  await Deno.symlink("indexed", `${www}/linked-index`);
  await Deno.symlink("../out/secret.txt", `${www}/a.txt.gz`);
  await Deno.symlink("sub", `${www}/within`);
  await Deno.symlink("loop", `${www}/loop`);
  const get = fileServer(www);
  for (const path of ["/file", "/folder", "/folder/", "/folder/secret.txt", "/loop", "/loop/x"]) {
    const response = await get(path);
    assert.equal(response.status, 404, path);
    assert.ok(!(await response.text()).includes("SECRET"), path);
  }
  for (const path of ["/indexed/", "/linked-index/"]) {
    const text = await (await get(path)).text();
    assert.match(text, /Directory listing/);
    assert.ok(!text.includes("SECRET") && !text.includes("index.html"), path);
  }
  const coded = await get("/a.txt", { "Accept-Encoding": "gzip" });
  const stream = coded.body!.pipeThrough(new DecompressionStream("gzip"));
  assert.match(await new Response(stream).text(), /^alpha/);
  assert.equal(await (await get("/within/inside.txt")).text(), "inside");
  const listing = await (await get("/")).text();
  assert.ok(!listing.includes("folder") && !listing.includes('"file"') && listing.includes("within@"));

  const follow = fileServer(www, { followSymlinks: true });
  assert.match(await (await follow("/folder/secret.txt")).text(), /SECRET/);
});

Deno.test("security 8: names and errors cannot put markup into a page", async () => {
  await using files = await tempTree({
    "<script>alert(1)<.txt": "",
    '"onload="x': "",
    "'x'": "",
    "javascript:x": "",
    "d/<b>/x": "",
  });
  const get = fileServer(files.path);
  const listing = await get("/");
  assert.match(listing.headers.get("content-security-policy")!, /^default-src 'none'/);
  assert.equal(listing.headers.get("x-content-type-options"), "nosniff");
  const page = await listing.text();
  assert.ok(!/<script|"onload|href="javascript:/.test(page), page);
  assert.ok(!(await (await get("/d/%3Cb%3E/")).text()).includes("<b>"));
  const missing = await get("/%3Cscript%3E", {}, "<X>".slice(1, 2));
  assert.equal(missing.headers.get("x-content-type-options"), "nosniff");
  assert.match(missing.headers.get("content-security-policy")!, /^default-src 'none'/);
  assert.ok(!(await missing.text()).includes("<script"));
});

Deno.test("security 9: nothing can be uploaded that would run in this origin", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const get = fileServer(files.path);
  for (const method of ["PUT", "POST", "PATCH"]) {
    assert.equal((await drained(get("/x.html", {}, method))).status, 501, method);
  }
});

Deno.test("security 10: CR, LF and NUL in a header field are refused and nothing is sent", async () => {
  for (
    const [name, value] of [
      ["X-A", "1\r\nX-B: 2"],
      ["X-A", "a\nb"],
      ["X-A", "a\0"],
      ["X-A\r\nX-B", "1"],
      ["X A", "1"],
      ["", "1"],
      ["X-A", "€"],
    ]
  ) {
    class Splitting extends BaseHTTPRequestHandler {
      do_GET(): void {
        this.sendResponse(200);
        this.sendHeader(name!, value!);
        this.endHeaders();
      }
      override logMessage(): void {}
    }
    const errors: unknown[] = [];
    const handler = fetchHandler(Splitting, { onError: (_request, error) => errors.push(error) });
    const response = await handler(new Request("http://localhost/"));
    assert.equal(response.status, 500);
    assert.equal(response.headers.get("x-b"), null);
    await response.body?.cancel();
    assert.ok(errors[0] instanceof TypeError);
  }
});

Deno.test("security 11: control and direction characters cannot forge log lines", async () => {
  assert.equal(escapeLog("a\x1b[31m\r\n\x7f\x9f\u202e\\x1b"), String.raw`a\x1b[31m\x0d\x0a\x7f\x9f\u202e\\x1b`);
  const lines: string[] = [];
  class Logging extends BaseHTTPRequestHandler {
    override logMessage(format: string, ...args: unknown[]): void {
      lines.push([format, ...args].join("|"));
    }
  }
  await drained(fetchHandler(Logging)(new Request("http://localhost/%1b", { headers: { Host: "x" } })));
  assert.ok(lines.every((line) => !line.includes("\x1b")));
});

Deno.test("security 12: a body that does not come is given up after the handler's timeout", async () => {
  class Patient extends BaseHTTPRequestHandler {
    override timeout = 0.05;
    async do_POST(): Promise<void> {
      await this.rfile.read();
      this.sendResponse(200);
      this.endHeaders();
    }
    override logMessage(): void {}
  }
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Patient);
  const serving = server.serveForever();
  // Deno keeps the socket open for the rest of the body, so only the answer is awaited, not the end of the connection.
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  await connection.write(new TextEncoder().encode("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nabc"));
  const answer = new Uint8Array(64);
  await connection.read(answer);
  assert.match(new TextDecoder().decode(answer), /^HTTP\/1\.1 408 /);
  connection.close();
  await server.shutdown();
  await serving;
});

Deno.test("security 13: many or overlapping ranges do not multiply what is sent", () => {
  const many = Array.from({ length: MAX_PARTS + 1 }, (_, i) => `${i * 10}-${i * 10}`).join(",");
  assert.equal(resolveRange(`bytes=${many}`, 10_000), "whole");
  assert.deepEqual(resolveRange("bytes=" + Array(500).fill("0-").join(","), 100), [{ first: 0, last: 99 }]);
  assert.deepEqual(resolveRange("bytes=0-50,40-99,-1", 100), [{ first: 0, last: 99 }]);
});

Deno.test("security 14: different versions of files have different entity tags", () => {
  const tag = (size: number, milliseconds: number, ino: number) =>
    validatorsOf({ size, mtime: new Date(milliseconds), ino }, null).etag;
  const tags = [
    tag(75, 2000, 1),
    tag(7, 52000, 1),
    tag(3, 72000, 1),
    tag(75, 2000, 11),
    tag(751, 2000, 1),
    tag(75, 2001, 1),
  ];
  assert.equal(new Set(tags).size, tags.length);
  assert.equal(validatorsOf({ size: 1, mtime: new Date(1000), ino: 1 }, null).etag, null);
});

Deno.test("security 15: there is no password to guess: an Authorization field changes nothing", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const response = await fileServer(files.path)("/a.txt", { Authorization: "Basic AAAA" });
  assert.equal(await response.text(), "alpha");
});

const onPosix = Deno.build.os !== "windows";

Deno.test({ name: "security 16: a Proxy field reaches no script (httpoxy)", ignore: !onPosix }, async () => {
  await using files = await scriptTree({ "cgi-bin/env.sh": shell("echo Content-Type: text/plain", "echo", "env") });
  const headers = { "Proxy": "http://evil.example", "Proxy-Connection": "evil.example", "X-A": "kept" };
  const text = await (await scriptServer(files.path)("/cgi-bin/env.sh", { headers })).text();
  assert.match(text, /^HTTP_X_A=kept$/m);
  assert.doesNotMatch(text, /evil\.example|HTTP_PROXY/);
});

Deno.test({
  name: "security 17: fields that differ from another only by _ or . reach no script",
  ignore: !onPosix,
}, async () => {
  await using files = await scriptTree({ "cgi-bin/env.sh": shell("echo Content-Type: text/plain", "echo", "env") });
  const headers = { "X-Forwarded-For": "192.0.2.1", "X_Forwarded_For": "forged", "X.Forwarded.For": "forged" };
  const text = await (await scriptServer(files.path)("/cgi-bin/env.sh", { headers })).text();
  assert.match(text, /^HTTP_X_FORWARDED_FOR=192\.0\.2\.1$/m);
  assert.doesNotMatch(text, /forged/);
});

Deno.test(
  { name: "security 18: no spelling, link or folder shows the source of a script", ignore: !onPosix },
  async () => {
    await using files = await scriptTree({
      "cgi-bin/x.py": "#!/bin/sh\n# SOURCE\nprintf 'Content-Type: text/plain\\n\\nran'\n",
      "cgi-bin/index.html": "SOURCE",
      "cgi-bin/notes.txt": "SOURCE",
      "other/a.txt": "alpha",
    });
    await Deno.symlink("../cgi-bin/x.py", `${files.path}/other/link.py`);
    await Deno.symlink("../cgi-bin", `${files.path}/other/scripts`);
    await Deno.symlink("../cgi-bin/x.py", `${files.path}/other/index.html`);
    await Deno.symlink("../cgi-bin/notes.txt", `${files.path}/other/a.txt.gz`);
    const errors: unknown[] = [];
    await using server = new ThreadingHTTPServer(["127.0.0.1", 0], SilentScripts, {
      handlerOptions: { directory: files.path },
    });
    server.handleError = (_request, _address, error) => errors.push(error);
    const serving = server.serveForever();
    const targets = [
      ...["/cgi-bin/x.py/", "/cgi-bin/x.py/..%2fx.py", "/X:/cgi-bin/x.py", "/cgi-bin%5Cx.py", "/cgi-bin%2fx.py"],
      ...["/cgi-bin//x.py", "/./cgi-bin/x.py", "//cgi-bin/x.py", "/%2e/cgi-bin/x.py", "/other/../cgi-bin/x.py"],
      ...[
        "/%63gi-bin/x.py",
        "/cgi-bin/x.py%00",
        "/cgi-bin/x.py.",
        "/cgi-bin/notes.txt",
        "/cgi-bin/",
        "/cgi-bin/index.html",
      ],
      ...[
        "/other/link.py",
        "/other/scripts/x.py",
        "/other/scripts/",
        "/other/scripts/notes.txt",
        "/other/",
        "/CGI-BIN/x.py",
      ],
      ...[
        "/cgi-bin/../cgi-bin/x.py",
        "/nocgi/../cgi-bin/x.py",
        "/cgi-bin",
        "/cgi-bin/.",
        "/cgi-bin/x.py?a",
        "/cgi-bin/%2e",
      ],
    ];
    for (const target of targets) {
      const request = `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
      const { body, status } = await rawRequest(server.serverPort, request);
      assert.ok(!body.includes("SOURCE") && !body.includes("notes.txt</a>"), `${target}: ${status} ${body}`);
      assert.ok([200, 301, 403, 404].includes(status), `${target}: ${status}`);
    }
    const gzip = `GET /other/a.txt HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n`;
    assert.equal((await rawRequest(server.serverPort, gzip)).body, "alpha");
    assert.deepEqual(errors, []);
    await server.serverClose();
    await serving;
  },
);

Deno.test("security 18: without scripts the path of a file under it does not exist", async () => {
  await using files = await tempTree({ "cgi-bin/x.py": "SOURCE" });
  const get = fileServer(files.path);
  for (const path of ["/cgi-bin/x.py/", "/cgi-bin/x.py/info", "/X:/cgi-bin/x.py", "/cgi-bin%5Cx.py"]) {
    assert.equal((await drained(get(path))).status, 404, path);
  }
});

Deno.test({
  name: "security 19: the script is the first name that is no folder, whatever its extension looks like",
  ignore: !onPosix,
}, async () => {
  const show = shell("echo Content-Type: text/plain", "echo", 'echo "$SCRIPT_NAME $PATH_INFO"');
  await using files = await scriptTree({ "cgi-bin/a.sh/b.sh": show, "cgi-bin/c": show, "cgi-bin/upload.jpg": "JPEG" });
  const ask = async (path: string) => (await scriptServer(files.path)(path)).text();
  assert.equal(await ask("/cgi-bin/a.sh/b.sh/c.php"), "/cgi-bin/a.sh/b.sh /c.php\n");
  assert.equal(await ask("/cgi-bin/c/b.sh"), "/cgi-bin/c /b.sh\n");
  // What was uploaded does not run because something like a script's name follows.
  assert.equal((await drained(scriptServer(files.path)("/cgi-bin/upload.jpg/x.sh"))).status, 403);
  assert.equal((await drained(scriptServer(files.path)("/cgi-bin/a.%C5%BFh"))).status, 404);
});

Deno.test("security 19: media types are decided by ASCII extensions only", async () => {
  await using files = await tempTree({ "a.HTML": "", "a.ｈtml": "" });
  const get = fileServer(files.path);
  assert.equal((await drained(get("/a.HTML"))).headers.get("content-type"), "text/html; charset=utf-8");
  assert.equal((await drained(get("/a.%EF%BD%88tml"))).headers.get("content-type"), "application/octet-stream");
});

Deno.test({
  name: "security 20: the query gives a script no arguments, and its environment no secret of the server",
  ignore: !onPosix,
}, async () => {
  await using files = await scriptTree({
    "cgi-bin/args.sh": shell("echo Content-Type: text/plain", "echo", 'echo "$#:$*"', "env"),
  });
  Deno.env.set("HTTPKIT_TEST_TOKEN", "the-token");
  try {
    for (const query of ["-s", "--help+-x", "a+b", "%2ds", "-d+allow_url_include%3d1"]) {
      const headers = { "X-Shellshock": "() { :;}; echo HACKED", "Authorization": "Basic c2VjcmV0" };
      const text = await (await scriptServer(files.path)(`/cgi-bin/args.sh?${query}`, { headers })).text();
      assert.match(text, /^0:\n/, query);
      assert.doesNotMatch(text, /the-token|c2VjcmV0|^HACKED/m, query);
    }
  } finally {
    Deno.env.delete("HTTPKIT_TEST_TOKEN");
  }
});

Deno.test({
  name: "security 21: a Content-Length that is not kept takes no memory, and its script ends in time",
  ignore: !onPosix,
}, async () => {
  await using files = await scriptTree({
    "cgi-bin/cat.sh": shell("echo Content-Type: text/plain", "echo", "exec cat"),
  });
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], SilentScripts, {
    handlerOptions: { directory: files.path, cgiTimeout: 0.3 },
  });
  const failure = Promise.withResolvers<unknown>();
  server.handleError = (_request, _address, error) => failure.resolve(error);
  const serving = server.serveForever();
  const before = Deno.memoryUsage().rss;
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  // A terabyte is announced, and three bytes come.
  const head = "POST /cgi-bin/cat.sh HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000000000\r\n\r\nabc";
  await connection.write(new TextEncoder().encode(head));
  assert.match(String(await failure.promise), /still running after 0\.3 seconds/);
  assert.ok(Deno.memoryUsage().rss - before < 100_000_000);
  connection.close();
  await server.serverClose();
  await serving;
});

Deno.test("security 21: a method of any length is refused without being echoed unescaped", async () => {
  const response = await fetchHandler(
    class extends BaseHTTPRequestHandler {
      override logMessage(): void {}
    },
  )(new Request("http://localhost/", { method: "A".repeat(5000) }));
  assert.equal(response.status, 501);
  assert.ok((await response.text()).length < 6000);
});

Deno.test("security 22: framing that smuggles requests is refused, and handlers cannot frame", async () => {
  class Framing extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Transfer-Encoding", "chunked");
      this.sendHeader("Connection", "keep-alive");
      this.endHeaders();
      this.wfile.write("5\r\nhello\r\n0\r\n\r\n");
    }
    override logMessage(): void {}
  }
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Framing);
  const serving = server.serveForever();
  const { head } = await rawRequest(server.serverPort, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.equal(head.match(/^connection:/gim)?.length, 1);
  assert.doesNotMatch(head, /transfer-encoding/i);
  const smuggled = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  assert.equal((await rawRequest(server.serverPort, smuggled)).status, 400);
  await server.shutdown();
  await serving;
});

Deno.test("security 23: with a list of hosts another site's name does not get in by DNS rebinding", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  await using server = rawFileServer(files.path, { allowedHosts: ["files.example", ".example.org"] });
  for (
    const host of [
      "evil.com",
      "evil.com:80",
      "files.example.evil.com",
      "example.org",
      "1.2.3.4.evil.com",
      "localhost.evil.com",
    ]
  ) {
    assert.equal((await server.ask("/a.txt", host)).status, 421, host);
  }
  for (
    const host of [
      "files.example",
      "FILES.example.:80",
      "x.example.org",
      "localhost",
      "a.localhost",
      "127.0.0.1:80",
      "[::1]",
      "box",
      "box.local",
    ]
  ) {
    assert.equal((await server.ask("/a.txt", host)).status, 200, host);
  }
});

Deno.test("security 24: pages of other origins cannot read responses unless cors is on", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const headers = { Origin: "https://evil.example", "Access-Control-Request-Method": "GET" };
  const get = fileServer(files.path);
  assert.equal((await drained(get("/a.txt", headers))).headers.get("access-control-allow-origin"), null);
  assert.equal((await drained(get("/a.txt", headers, "OPTIONS"))).status, 501);
  assert.equal(
    (await drained(fileServer(files.path, { cors: true })("/a.txt", headers))).headers.get(
      "access-control-allow-origin",
    ),
    "*",
  );
});

Deno.test("security 25: dotfiles are neither served nor listed, except .well-known", async () => {
  await using files = await tempTree({
    ".env": "SECRET",
    ".git/config": "SECRET",
    "a/.b/c": "SECRET",
    ".well-known/x": "known",
  });
  const get = fileServer(files.path);
  for (const path of ["/.env", "/.git", "/.git/", "/.git/config", "/a/.b/c", "/%2eenv"]) {
    assert.equal((await drained(get(path))).status, 404, path);
  }
  assert.equal(await (await get("/.well-known/x")).text(), "known");
  const listing = await (await get("/")).text();
  assert.ok(!listing.includes(".env") && !listing.includes(".git") && listing.includes(".well-known/"));
  assert.equal(await (await fileServer(files.path, { dotfiles: true })("/.env")).text(), "SECRET");
});

Deno.test("security 26: a null byte in a path is 404", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const get = fileServer(files.path);
  for (const path of ["/a.txt%00", "/a.txt%00.html", "/%00", "/a.txt/%00/.."]) {
    assert.equal((await drained(get(path))).status, 404, path);
  }
});

Deno.test("security 27: no method writes to, renames or deletes a file", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const get = fileServer(files.path);
  for (const method of ["PUT", "POST", "DELETE", "PATCH", "MOVE", "COPY", "MKCOL"]) {
    assert.equal((await drained(get("/a.txt", { Destination: "/b.txt" }, method))).status, 501, method);
  }
  assert.deepEqual([...Deno.readDirSync(files.path)].map(({ name }) => name), ["a.txt"]);
  assert.equal(await Deno.readTextFile(`${files.path}/a.txt`), "alpha");
});

Deno.test("security 28: nothing is kept by a browser without asking, redirects included, and errors are not cached", async () => {
  await using files = await tempTree({ "a.txt": "alpha", "sub/b": "" });
  const get = fileServer(files.path, { extraResponseHeaders: [["Cache-Control", "max-age=9, immutable"]] });
  const plain = fileServer(files.path);
  for (const path of ["/a.txt", "/sub", "/sub/"]) {
    assert.equal((await drained(plain(path))).headers.get("cache-control"), "no-cache", path);
  }
  assert.equal((await drained(get("/a.txt"))).headers.get("cache-control"), "max-age=9, immutable");
  assert.equal((await drained(get("/missing"))).headers.get("cache-control"), null);
  assert.equal((await drained(get("/sub"))).headers.get("cache-control"), "no-cache");
});

Deno.test("security 29: a body that is written without end is held up by a client that does not read", async () => {
  let written = 0;
  class Endless extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      this.sendResponse(200);
      this.endHeaders();
      for (;;) {
        await this.wfile.write(new Uint8Array(65536));
        written++;
      }
    }
    override logMessage(): void {}
  }
  const response = await fetchHandler(Endless)(new Request("http://localhost/"));
  for (let jobs = 0; jobs < 1000; jobs++) await Promise.resolve();
  assert.ok(written < 5, `${written} chunks wait in memory`);
  await response.body!.cancel();
});

Deno.test("security: names that are no UTF-8, too long, special files and locked ones are 404 and hang nobody", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  await new Deno.Command("mkfifo", { args: [`${files.path}/fifo`] }).output();
  const get = fileServer(files.path);
  for (const path of ["/%ff", "/%C3%28", `/${"x".repeat(300)}`, "/a.txt/b", "/a.txt/", "/fifo", "/dev/null"]) {
    assert.equal((await drained(get(path))).status, 404, path);
  }
});

async function drained(response: Response | Promise<Response>): Promise<Response> {
  const answer = await response;
  await answer.body?.cancel();
  return answer;
}
