import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import { fetchHandler, type FileBody, type ResponseWriter } from "../../server/mod.ts";
import { fileServer, SilentFiles } from "../helpers/served.ts";
import { patternBytes, tempTree } from "../helpers/temp_tree.ts";

const TEXT = "a line of quite ordinary text\n".repeat(200);
const LARGE = patternBytes(400_000);

async function drained(response: Promise<Response>): Promise<Response> {
  const answer = await response;
  await answer.body?.cancel();
  return answer;
}

async function decode(response: Response): Promise<string> {
  const bytes = await response.bytes();
  switch (response.headers.get("content-encoding")) {
    case "zstd":
      return new TextDecoder().decode(zstdDecompressSync(bytes));
    case "br":
    case "gzip": {
      const format = response.headers.get("content-encoding") === "br" ? "brotli" : "gzip";
      return await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream(format))).text();
    }
    default:
      return new TextDecoder().decode(bytes);
  }
}

for (const coding of ["zstd", "br", "gzip"]) {
  Deno.test(`sendHead() codes text in ${coding} on demand, with a tag of its own that revalidates`, async () => {
    await using files = await tempTree({ "long.txt": TEXT });
    const get = fileServer(files.path);
    const plain = await drained(get("/long.txt"));
    const headers = { "Accept-Encoding": coding };
    const coded = await get("/long.txt", headers);
    assert.equal(coded.headers.get("content-encoding"), coding);
    assert.equal(coded.headers.get("vary"), "Accept-Encoding");
    assert.equal(plain.headers.get("vary"), "Accept-Encoding");
    assert.equal(coded.headers.get("content-length"), null);
    const etag = coded.headers.get("etag")!;
    assert.notEqual(etag, plain.headers.get("etag"));
    assert.equal(await decode(coded), TEXT);
    const again = await get("/long.txt", { ...headers, "If-None-Match": etag });
    assert.equal(again.status, 304);
    assert.equal(again.headers.get("etag"), etag);
    assert.equal(again.headers.get("vary"), "Accept-Encoding");
    const head = await get("/long.txt", headers, "HEAD");
    assert.equal(head.headers.get("content-encoding"), coding);
    assert.equal(await head.text(), "");
  });
}

Deno.test("sendHead() codes nothing that is packed, small, asked for by range, or switched off", async () => {
  await using files = await tempTree({
    "small.txt": "small",
    "long.txt": TEXT,
    "a.png": TEXT,
    "a.gz": TEXT,
    "plain": TEXT,
  });
  const get = fileServer(files.path);
  const headers = { "Accept-Encoding": "gzip, br, zstd" };
  for (const path of ["/small.txt", "/a.png", "/a.gz", "/plain"]) {
    assert.equal((await drained(get(path, headers))).headers.get("content-encoding"), null, path);
  }
  const part = await get("/long.txt", { ...headers, Range: "bytes=0-5" });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-encoding"), null);
  assert.equal(await part.text(), TEXT.slice(0, 6));
  const off = await drained(fileServer(files.path, { compress: false })("/long.txt", headers));
  assert.equal(off.headers.get("content-encoding"), null);
  assert.equal(off.headers.get("vary"), null);
});

Deno.test("sendHead() prefers sidecars, with their own length, tag and ranges, and ignores stale ones", async () => {
  await using files = await tempTree({ "a.txt": TEXT, "a.txt.br": "BR", "a.txt.zst": "ZSTD", "a.txt.gz": "GZIP" });
  const get = fileServer(files.path);
  const bodies: Record<string, string> = { br: "BR", zstd: "ZSTD", gzip: "GZIP" };
  const tags = new Set<string | null>();
  for (const [coding, body] of Object.entries(bodies)) {
    const response = await get("/a.txt", { "Accept-Encoding": coding });
    assert.equal(response.headers.get("content-encoding"), coding);
    assert.equal(response.headers.get("content-length"), String(body.length));
    assert.equal(response.headers.get("content-type"), "text/plain; charset=utf-8");
    tags.add(response.headers.get("etag"));
    assert.equal(await response.text(), body);
  }
  assert.equal(tags.size, 3);
  assert.equal(await (await get("/a.txt", { "Accept-Encoding": "gzip, br, zstd" })).text(), "BR");
  const part = await get("/a.txt", { "Accept-Encoding": "zstd", Range: "bytes=1-2" });
  assert.equal(part.status, 206);
  assert.equal(part.headers.get("content-range"), "bytes 1-2/4");
  assert.equal(part.headers.get("content-encoding"), "zstd");
  assert.equal(await part.text(), "ST");
  await Deno.utime(`${files.path}/a.txt.gz`, 1_000_000_000, 1_000_000_000);
  assert.equal(await decode(await get("/a.txt", { "Accept-Encoding": "gzip" })), TEXT);
});

Deno.test("sendHead() answers small, large, open-ended and middle ranges of a large file", async () => {
  await using files = await tempTree({ "large.bin": LARGE });
  const get = fileServer(files.path);
  for (
    const [range, first, last] of [
      ["bytes=5-9", 5, 9],
      ["bytes=1000-300999", 1000, 300_999],
      ["bytes=100000-", 100_000, 399_999],
      ["bytes=-200000", 200_000, 399_999],
    ] as const
  ) {
    const response = await get("/large.bin", { Range: range });
    assert.equal(response.status, 206, range);
    assert.equal(response.headers.get("content-range"), `bytes ${first}-${last}/400000`);
    assert.equal(response.headers.get("content-length"), String(last - first + 1));
    assert.deepEqual(await response.bytes(), LARGE.slice(first, last + 1), range);
  }
});

Deno.test("sendHead() answers several ranges as multipart/byteranges with an exact length", async () => {
  await using files = await tempTree({ "large.bin": LARGE });
  const response = await fileServer(files.path)("/large.bin", { Range: "bytes=0-9,100000-299999,-3" });
  assert.equal(response.status, 206);
  const boundary = /^multipart\/byteranges; boundary=(.+)$/.exec(response.headers.get("content-type")!)![1]!;
  const bytes = await response.bytes();
  assert.equal(bytes.length, Number(response.headers.get("content-length")));
  const text = new TextDecoder("latin1").decode(bytes);
  const heads = [...text.matchAll(/Content-Range: (bytes \d+-\d+\/\d+)\r\n\r\n/g)];
  assert.deepEqual(heads.map(([, range]) => range), [
    "bytes 0-9/400000",
    "bytes 100000-299999/400000",
    "bytes 399997-399999/400000",
  ]);
  const middle = heads[1]!.index + heads[1]![0].length;
  assert.deepEqual(bytes.slice(middle, middle + 200_000), LARGE.slice(100_000, 300_000));
  assert.ok(text.startsWith(`--${boundary}\r\n`) && text.endsWith(`\r\n--${boundary}--\r\n`));
});

Deno.test("sendHead() closes its file when a body is given up", async () => {
  await using files = await tempTree({ "large.bin": LARGE });
  const get = fileServer(files.path);
  for (const range of [null, "bytes=0-300000", "bytes=0-100000,200000-300000"]) {
    for (const chunks of [0, 1]) {
      const response = await get("/large.bin", range === null ? {} : { Range: range });
      const reader = response.body!.getReader();
      if (chunks === 1) await reader.read();
      await reader.cancel();
    }
  }
  await drained(get("/large.bin", {}, "HEAD"));
  await drained(get("/large.bin", { Range: "bytes=999999-" }));
});

Deno.test("sendHead() puts preconditions before ranges, on GET and HEAD", async () => {
  await using files = await tempTree({ "a.txt": "alphabet" });
  const get = fileServer(files.path);
  const etag = (await drained(get("/a.txt"))).headers.get("etag")!;
  for (const method of ["GET", "HEAD"]) {
    const status = async (headers: Record<string, string>) => (await drained(get("/a.txt", headers, method))).status;
    assert.equal(await status({ "If-Match": '"other"', "If-None-Match": etag }), 412);
    assert.equal(await status({ "If-None-Match": etag, Range: "bytes=0-1" }), 304);
    assert.equal(await status({ "If-Match": etag }), 200);
    assert.equal(await status({ Range: "bytes=0-1" }), method === "GET" ? 206 : 200);
  }
  assert.equal((await drained(get("/a.txt", { Range: "bytes=0-1", "If-Range": etag }))).status, 206);
  assert.equal((await drained(get("/a.txt", { Range: "bytes=0-1", "If-Range": '"other"' }))).status, 200);
  const bad = await get("/a.txt", { Range: "bytes=99-" });
  assert.deepEqual([bad.status, bad.headers.get("content-range"), await bad.text()], [416, "bytes */8", ""]);
});

Deno.test("sendHead() sees an edit at once, also in the validators", async () => {
  await using files = await tempTree({ "a.txt": "first" });
  const get = fileServer(files.path);
  const first = await get("/a.txt");
  assert.equal(await first.text(), "first");
  await Deno.writeTextFile(`${files.path}/a.txt`, "second version");
  const second = await get("/a.txt", { "If-None-Match": first.headers.get("etag")! });
  assert.equal(second.status, 200);
  assert.equal(await second.text(), "second version");
  await Deno.utime(`${files.path}/a.txt`, 0, 0);
  const old = await drained(get("/a.txt"));
  assert.deepEqual([old.headers.get("etag"), old.headers.get("last-modified")], [null, null]);
});

Deno.test("sendHead() sends a charset with text, none with XML, JSON and the rest", async () => {
  const types: Record<string, RegExp> = {
    "a.html": /^text\/html; charset=utf-8$/,
    "a.js": /^text\/javascript; charset=utf-8$/,
    "a.md": /^text\/markdown; charset=utf-8$/,
    "a.xml": /^(text|application)\/xml$/,
    "a.json": /^application\/json$/,
    "a.png": /^image\/png$/,
    "a": /^application\/octet-stream$/,
  };
  await using files = await tempTree(Object.fromEntries(Object.keys(types).map((name) => [name, "x"])));
  const get = fileServer(files.path);
  for (const [name, type] of Object.entries(types)) {
    assert.match((await drained(get(`/${name}`))).headers.get("content-type")!, type, name);
  }
});

Deno.test("sendHead() redirects a folder without its slash, and one whose slash is encoded", async () => {
  await using files = await tempTree({ "a b/c.txt": "", "sub/x": "" });
  const get = fileServer(files.path);
  for (
    const [path, location] of [["/sub?a=b", "/sub/?a=b"], ["/a%20b", "/a%20b/"], ["/sub%2F", "/sub/"], [
      "/sub%2f?x",
      "/sub/?x",
    ]]
  ) {
    const response = await get(path!);
    assert.deepEqual([response.status, response.headers.get("location"), response.headers.get("content-length")], [
      301,
      location,
      "0",
    ]);
  }
});

Deno.test("extraResponseHeaders go with 200, 206 and 304, and replace nothing of the server's", async () => {
  await using files = await tempTree({ "a.txt": "alpha", "sub/b": "" });
  const get = fileServer(files.path, {
    extraResponseHeaders: [["X-Extra", "1"], ["X-Extra", "2"], ["content-type", "x/y"], ["ETag", '"x"']],
  });
  const first = await drained(get("/a.txt"));
  assert.equal(first.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.notEqual(first.headers.get("etag"), '"x"');
  const etag = first.headers.get("etag")!;
  for (
    const [path, headers, expected] of [
      ["/a.txt", {}, "1, 2"],
      ["/", {}, "1, 2"],
      ["/a.txt", { Range: "bytes=0-1" }, "1, 2"],
      ["/a.txt", { "If-None-Match": etag }, "1, 2"],
      ["/missing", {}, null],
      ["/sub", {}, null],
      ["/a.txt", { "If-Match": '"other"' }, null],
    ] as const
  ) assert.equal((await drained(get(path, headers))).headers.get("x-extra"), expected, path);
});

Deno.test("spa answers missing paths without an extension with the index page", async () => {
  await using files = await tempTree({ "index.html": "the app", "a.txt": "alpha" });
  const get = fileServer(files.path, { spa: true });
  assert.equal(await (await get("/users/7")).text(), "the app");
  assert.equal(await (await get("/a.txt")).text(), "alpha");
  assert.equal((await drained(get("/missing.js"))).status, 404);
  assert.equal((await drained(get("/a%00"))).status, 404);
});

Deno.test("cors marks every response and answers preflights", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  const get = fileServer(files.path, { cors: true });
  for (const path of ["/a.txt", "/missing", "/"]) {
    assert.equal((await drained(get(path))).headers.get("access-control-allow-origin"), "*", path);
  }
  const preflight = await get("/a.txt", {}, "OPTIONS");
  assert.equal(preflight.status, 204);
  assert.equal(preflight.headers.get("access-control-allow-methods"), "GET, HEAD, OPTIONS");
});

Deno.test("a subclass overrides index pages, types, paths and the copying of bodies", async () => {
  await using files = await tempTree({ "home.html": "home", "x.data": "abc", "other/y.txt": "why" });
  class Mine extends SilentFiles {
    override directory = files.path;
    override indexPages = ["home.html"];
    override extensionsMap = { ".data": "text/x-data; charset=latin1" };
    override translatePath(path: string): string {
      return super.translatePath(path.replace("/moved/", "/other/"));
    }
    override async copyfile(source: FileBody, outputfile: ResponseWriter): Promise<void> {
      for await (const chunk of new Response(source).body!) {
        await outputfile.write(new TextDecoder().decode(chunk).toUpperCase());
      }
    }
  }
  const handler = fetchHandler(Mine);
  const get = async (path: string) => await handler(new Request(`http://localhost${path}`));
  assert.equal(await (await get("/")).text(), "HOME");
  const data = await get("/x.data");
  assert.equal(data.headers.get("content-type"), "text/x-data; charset=latin1");
  assert.equal(await data.text(), "ABC");
  assert.equal(await (await get("/moved/y.txt")).text(), "WHY");
});

Deno.test("guessType() asks extensionsMap, then the table, then defaultContentType", async () => {
  await using files = await tempTree({ "x": "" });
  let handler: SilentFiles | undefined;
  await fetchHandler((request, address, server) =>
    handler = new SilentFiles(request, address, server, { directory: files.path, defaultContentType: "x/default" })
  )(
    new Request("http://localhost/x"),
  );
  const guesses: Record<string, string> = {
    "a.GZ": "application/gzip",
    "a.tar.gz": "application/gzip",
    "a.Z": "application/octet-stream",
    "a.html": "text/html",
    "a.unknownext": "x/default",
    ".bashrc": "x/default",
    "noextension": "x/default",
  };
  for (const [name, type] of Object.entries(guesses)) assert.equal(handler!.guessType(`/dir.d/${name}`), type, name);
});

Deno.test("translatePath() stays below the directory whatever it is given", async () => {
  let handler: SilentFiles | undefined;
  await fetchHandler((request, address, server) =>
    handler = new SilentFiles(request, address, server, { directory: "/srv" })
  )(
    new Request("http://localhost/x"),
  );
  const paths: Record<string, string> = {
    "/a/b.txt?c#d": "/srv/a/b.txt",
    "/": "/srv",
    "/a/": "/srv/a/",
    "/../../etc/passwd": "/srv/etc/passwd",
    "/a%2f..%2f..%2fb": "/srv/b",
    "/a/b%00c/d%5Ce": "/srv/a",
    "//host/x": "/srv/host/x",
  };
  for (const [path, translated] of Object.entries(paths)) assert.equal(handler!.translatePath(path), translated, path);
});

Deno.test("isServed() keeps files, sidecars, links, index pages and listings to oneself", async () => {
  await using files = await tempTree({
    "a.txt": "alpha",
    "b.txt": "beta",
    "b.txt.gz": "private sidecar",
    "private/x.txt": "private",
    "site/private/index.html": "private page",
    "other/": "",
  });
  await Deno.symlink("../private/x.txt", `${files.path}/other/link.txt`);
  class Careful extends SilentFiles {
    override isServed(path: string): boolean {
      return !/private|\.gz$/.test(path);
    }
  }
  const handler = fetchHandler(Careful, { handlerOptions: { directory: files.path } });
  const get = async (path: string) => {
    const response = await handler(new Request(`http://h${path}`, { headers: { "Accept-Encoding": "gzip" } }));
    return `${response.status} ${await response.text()}`;
  };
  assert.equal(await get("/a.txt"), "200 alpha");
  assert.equal(await get("/b.txt"), "200 beta");
  for (const path of ["/private/x.txt", "/private/", "/other/link.txt", "/site/private/", "/b.txt.gz"]) {
    assert.match(await get(path), /^404 /, path);
  }
  assert.doesNotMatch(await get("/other/"), /link\.txt/);
});
