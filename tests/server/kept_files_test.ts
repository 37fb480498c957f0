/** What the file server keeps in memory must never show: every test here asks twice before something changes. */

import assert from "node:assert/strict";
import { keptMemory } from "../../server/_kept_files.ts";
import {
  type ClientAddress,
  type FileBody,
  type HandlerServer,
  type ResponseWriter,
  ThreadingHTTPServer,
} from "../../server/mod.ts";
import { earlier, later, tick } from "../helpers/clock.ts";
import { fileServer, SilentFiles } from "../helpers/served.ts";
import { type TempTree, tempTree } from "../helpers/temp_tree.ts";

const TEXT = "a line of quite ordinary text\n".repeat(100);

type Get = (path: string, headers?: Record<string, string>, method?: string) => Promise<Response>;

/** Asks three times, so that whatever can be kept is. */
async function warm(get: Get, path: string, headers: Record<string, string> = {}): Promise<string> {
  await tick();
  const texts = new Set<string>();
  for (let i = 0; i < 3; i++) texts.add(await (await get(path, headers)).text());
  assert.equal(texts.size, 1);
  return [...texts][0]!;
}

/** A file server on a socket, where responses are prepared. */
function served(
  Handler: typeof SilentFiles,
  directory: string,
  options: Record<string, unknown> = {},
): { get: Get } & AsyncDisposable {
  const server = new ThreadingHTTPServer(
    ["127.0.0.1", 0],
    (request, clientAddress, owner) => new Handler(request, clientAddress, owner, { directory, ...options }),
  );
  const serving = server.serveForever();
  return {
    get: (path, headers = {}, method = "GET") =>
      fetch(`http://127.0.0.1:${server.serverPort}${path}`, {
        method,
        headers: { "Accept-Encoding": "identity", ...headers },
        redirect: "manual",
      }),
    async [Symbol.asyncDispose]() {
      await server.serverClose();
      await serving;
    },
  };
}

/** What each test does, once as a function and once over a socket. */
function bothWays(
  name: string,
  files: Record<string, string>,
  test: (get: Get, tree: TempTree) => Promise<void>,
  options: Record<string, unknown> = {},
): void {
  Deno.test(`${name}, as a function`, async () => {
    using _clock = later();
    await using tree = await tempTree(files);
    await test(fileServer(`${tree.path}/www`, options), tree);
  });
  Deno.test(`${name}, over a socket`, async () => {
    using _clock = later();
    await using tree = await tempTree(files);
    await using server = served(SilentFiles, `${tree.path}/www`, options);
    await test(server.get, tree);
  });
}

bothWays(
  "an edit shows at once, even with the size and the time of before",
  { "www/a.txt": "one" },
  async (get, tree) => {
    const path = `${tree.path}/www/a.txt`;
    assert.equal(await warm(get, "/a.txt"), "one");
    const { mtime } = await Deno.stat(path);
    await tick("ctime"); // Deno tells it in whole seconds.
    await Deno.writeTextFile(path, "two");
    await Deno.utime(path, mtime!, mtime!);
    assert.equal(await warm(get, "/a.txt"), "two");
    await Deno.writeTextFile(`${path}.new`, "six");
    await Deno.rename(`${path}.new`, path);
    assert.equal(await warm(get, "/a.txt"), "six");
  },
);

bothWays("a file that becomes a link out of the folder is gone", {
  "www/a.txt": "public",
  "secret": "secret",
}, async (get, tree) => {
  assert.equal(await warm(get, "/a.txt"), "public");
  await Deno.remove(`${tree.path}/www/a.txt`);
  await Deno.symlink("../secret", `${tree.path}/www/a.txt`);
  assert.equal((await drained(get("/a.txt"))).status, 404);
});

bothWays("a folder on the way that becomes a link out is gone", {
  "www/sub/a.txt": "public",
  "out/a.txt": "secret",
}, async (get, tree) => {
  assert.equal(await warm(get, "/sub/a.txt"), "public");
  await Deno.rename(`${tree.path}/www/sub`, `${tree.path}/www/old`);
  await Deno.symlink("../out", `${tree.path}/www/sub`);
  assert.equal((await drained(get("/sub/a.txt"))).status, 404);
});

bothWays("a removed file, and one that may not be read any more, are gone", {
  "www/a.txt": "one",
  "www/sub/b.txt": "two",
}, async (get, tree) => {
  await warm(get, "/a.txt");
  await warm(get, "/sub/b.txt");
  await Deno.remove(`${tree.path}/www/a.txt`);
  await Deno.remove(`${tree.path}/www/sub`, { recursive: true });
  assert.equal((await drained(get("/a.txt"))).status, 404);
  assert.equal((await drained(get("/sub/b.txt"))).status, 404);
});

bothWays("a listing shows entries that come, go, and change their kind", { "www/d/a": "", "www/d/b": "" }, async (
  get,
  tree,
) => {
  assert.match(await warm(get, "/d/"), />a<.*>b</s);
  await Deno.writeTextFile(`${tree.path}/www/d/c`, "");
  assert.match(await warm(get, "/d/"), />a<.*>b<.*>c</s);
  await Deno.remove(`${tree.path}/www/d/a`);
  assert.doesNotMatch(await warm(get, "/d/"), />a</);
  await Deno.remove(`${tree.path}/www/d/b`);
  await Deno.mkdir(`${tree.path}/www/d/b`);
  assert.match(await warm(get, "/d/"), />b\/</);
});

bothWays("a listing shows where a link leads now", { "www/d/a": "", "www/file": "" }, async (get, tree) => {
  await Deno.symlink("../target", `${tree.path}/www/d/link`);
  assert.doesNotMatch(await warm(get, "/d/"), /link/);
  await Deno.mkdir(`${tree.path}/www/target`);
  assert.match(await warm(get, "/d/"), /href="link\/"/);
  await Deno.remove(`${tree.path}/www/target`);
  await Deno.writeTextFile(`${tree.path}/www/target`, "");
  assert.match(await warm(get, "/d/"), /href="link"/);
});

bothWays("an index page counts as soon as it is there, and as long", { "www/d/a": "" }, async (get, tree) => {
  assert.match(await warm(get, "/d/"), /Directory listing/);
  await Deno.writeTextFile(`${tree.path}/www/d/index.html`, "index");
  assert.equal(await warm(get, "/d/"), "index");
  await Deno.remove(`${tree.path}/www/d/index.html`);
  assert.match(await warm(get, "/d/"), /Directory listing/);
});

bothWays("an index page that is a link counts as soon as there is a file behind it", { "www/d/a": "" }, async (
  get,
  tree,
) => {
  await Deno.symlink("../page", `${tree.path}/www/d/index.html`);
  assert.match(await warm(get, "/d/"), /Directory listing/);
  await Deno.writeTextFile(`${tree.path}/www/page`, "index");
  assert.equal(await warm(get, "/d/"), "index");
});

bothWays("a sidecar counts as soon as it is there, and as long", { "www/d/a.css": "small" }, async (get, tree) => {
  const headers = { "Accept-Encoding": "br" };
  const coding = async () => (await drained(get("/d/a.css", headers))).headers.get("content-encoding");
  await tick();
  for (let i = 0; i < 3; i++) assert.equal(await coding(), null);
  await Deno.writeTextFile(`${tree.path}/www/d/a.css.br`, "no real brotli");
  await tick();
  for (let i = 0; i < 3; i++) assert.equal(await coding(), "br");
  await Deno.remove(`${tree.path}/www/d/a.css.br`);
  for (let i = 0; i < 3; i++) assert.equal(await coding(), null);
});

bothWays("a coded form is that of the file as it is now", { "www/long.txt": TEXT }, async (get, tree) => {
  const headers = { "Accept-Encoding": "gzip" };
  const decoded = async () => {
    const response = await get("/long.txt", headers);
    // fetch() decodes by itself and takes the field away; a function does not.
    if (response.headers.get("content-encoding") === null) return await response.text();
    if (response.url !== "") return await response.text();
    return await new Response(response.body!.pipeThrough(new DecompressionStream("gzip"))).text();
  };
  await tick();
  const all = await Promise.all([decoded(), decoded(), decoded()]);
  assert.deepEqual(all, [TEXT, TEXT, TEXT]);
  assert.equal(await decoded(), TEXT);
  await Deno.writeTextFile(`${tree.path}/www/long.txt`, TEXT.toUpperCase());
  for (let i = 0; i < 3; i++) assert.equal(await decoded(), TEXT.toUpperCase());
});

bothWays("ranges of a kept file are those of the file", { "www/a.txt": "0123456789" }, async (get) => {
  await warm(get, "/a.txt");
  for (let i = 0; i < 2; i++) {
    assert.equal(await (await get("/a.txt", { Range: "bytes=2-4" })).text(), "234");
    const several = await (await get("/a.txt", { Range: "bytes=0-1, 8-9" })).text();
    assert.match(several, /bytes 0-1\/10\r\n\r\n01\r\n--.*bytes 8-9\/10\r\n\r\n89\r\n--/s);
    const outside = await drained(get("/a.txt", { Range: "bytes=10-" }));
    assert.equal(outside.status, 416);
  }
});

bothWays(
  "HEAD and preconditions are answered as before from what is kept",
  { "www/a.txt": "0123456789" },
  async (get) => {
    const etag = (await drained(get("/a.txt"))).headers.get("etag")!;
    await warm(get, "/a.txt");
    for (let i = 0; i < 3; i++) {
      const head = await get("/a.txt", {}, "HEAD");
      assert.equal(head.headers.get("content-length"), "10");
      assert.equal(await head.text(), "");
      const notModified = await drained(get("/a.txt", { "If-None-Match": etag }));
      assert.equal(notModified.status, 304);
      assert.equal(notModified.headers.get("etag"), etag);
      assert.equal((await drained(get("/a.txt", { "If-Match": '"other"' }))).status, 412);
      assert.ok(notModified.headers.get("date") !== null);
    }
  },
);

async function drained(response: Promise<Response>): Promise<Response> {
  const answer = await response;
  await answer.body?.cancel();
  return answer;
}

Deno.test("a listing with dotfiles and one without are told apart", async () => {
  using _clock = later();
  await using tree = await tempTree({ "www/d/.hidden": "", "www/d/shown": "" });
  const all = fileServer(`${tree.path}/www`, { dotfiles: true });
  const some = fileServer(`${tree.path}/www`);
  assert.match(await warm(all, "/d/"), /hidden/);
  assert.doesNotMatch(await warm(some, "/d/"), /hidden/);
  assert.match(await warm(all, "/d/"), /hidden/);
});

Deno.test("one folder under two paths has two listings", async () => {
  using _clock = later();
  await using tree = await tempTree({ "www/d/x": "" });
  assert.match(await warm(fileServer(`${tree.path}/www`), "/d/"), /listing for \/d\//);
  assert.match(await warm(fileServer(tree.path), "/www/d/"), /listing for \/www\/d\//);
});

Deno.test("what a client does to a response that it got as a function spoils no other", async () => {
  using _clock = later();
  await using tree = await tempTree({ "a.txt": "one", "d/x": "" });
  const get = fileServer(tree.path);
  for (const path of ["/a.txt", "/d/"]) {
    const before = await warm(get, path);
    const response = await get(path);
    response.headers.set("etag", '"spoilt"');
    (await response.bytes()).fill(0);
    assert.equal(await warm(get, path), before);
    assert.notEqual((await drained(get(path))).headers.get("etag"), '"spoilt"');
  }
});

/** Changes the bytes that it is given, as an overridden copyfile() may. */
class Shouting extends SilentFiles {
  override copyfile(source: FileBody, outputfile: ResponseWriter): void | Promise<void> {
    if (source instanceof Uint8Array) { for (let i = 0; i < source.length; i++) source[i]! -= 32; }
    return outputfile.send(source);
  }
}

Deno.test("copyfile() of a subclass may change what it is given", async () => {
  using _clock = later();
  await using tree = await tempTree({ "www/a.txt": "abc" });
  await using plain = served(SilentFiles, `${tree.path}/www`);
  await using shouting = served(Shouting, `${tree.path}/www`);
  assert.equal(await warm(plain.get, "/a.txt"), "abc");
  assert.equal(await warm(shouting.get, "/a.txt"), "ABC");
  assert.equal(await warm(plain.get, "/a.txt"), "abc");
});

/** Overrides what a prepared response could leave out. */
class Varying extends SilentFiles {
  static count = 0;
  override sendHeader(keyword: string, value: string | number): void {
    super.sendHeader(keyword, keyword === "ETag" ? `"tag-${Varying.count}"` : value);
  }
  override endHeaders(): void {
    this.sendHeader("X-Count", ++Varying.count);
    super.endHeaders();
  }
  override guessType(): string {
    return `text/x-${Varying.count}`;
  }
  override dateTimeString(): string {
    return "Sun, 06 Nov 1994 08:49:37 GMT";
  }
}

Deno.test("what a subclass overrides counts for each response", async () => {
  using _clock = later();
  await using tree = await tempTree({ "www/a.txt": "abc" });
  await using server = served(Varying, `${tree.path}/www`);
  for (let i = 0; i < 4; i++) {
    const { headers } = await drained(server.get("/a.txt"));
    assert.equal(headers.get("x-count"), `${i + 1}`);
    assert.equal(headers.get("etag"), `"tag-${i}"`);
    assert.equal(headers.get("content-type"), `text/x-${i}; charset=utf-8`);
    assert.equal(headers.get("date"), "Sun, 06 Nov 1994 08:49:37 GMT");
  }
});

/** Decides anew for each request. */
class Closing extends SilentFiles {
  static open = true;
  override isServed(): boolean {
    return Closing.open;
  }
}

Deno.test("isServed() is asked for what is kept, too", async () => {
  using _clock = later();
  await using tree = await tempTree({ "www/a.txt": "abc", "www/d/x": "" });
  await using server = served(Closing, `${tree.path}/www`);
  await warm(server.get, "/a.txt");
  await warm(server.get, "/d/");
  Closing.open = false;
  assert.equal((await drained(server.get("/a.txt"))).status, 404);
  assert.equal((await drained(server.get("/d/"))).status, 404);
});

Deno.test("finishRequest() of a server may change the response that it was given", async () => {
  using _clock = later();
  await using tree = await tempTree({ "a.txt": "abc" });
  class Stamping extends ThreadingHTTPServer {
    override finishRequest(request: Request, clientAddress: ClientAddress): Response | Promise<Response> {
      const options = { directory: tree.path };
      const response = new SilentFiles(request, clientAddress, this as HandlerServer, options).respond() as Response;
      response.headers.append("X-Stamp", "1");
      return response;
    }
  }
  await using server = new Stamping(["127.0.0.1", 0], SilentFiles);
  const serving = server.serveForever();
  for (let i = 0; i < 4; i++) {
    const response = await drained(fetch(`http://127.0.0.1:${server.serverPort}/a.txt`));
    assert.equal(response.headers.get("x-stamp"), "1");
  }
  await server.shutdown();
  await serving;
});

Deno.test("cache: false keeps nothing, and a young file is not kept either", async () => {
  await using tree = await tempTree({ "a.txt": "abc", "d/x": "" });
  const before = keptMemory().entries;
  {
    using _clock = earlier();
    await warm(fileServer(tree.path), "/a.txt");
    await warm(fileServer(tree.path), "/d/");
    assert.equal(keptMemory().entries, before);
  }
  using _clock = later();
  await warm(fileServer(tree.path, { cache: false }), "/a.txt");
  await warm(fileServer(tree.path, { cache: false }), "/d/");
  assert.equal(keptMemory().entries, before);
  await warm(fileServer(tree.path), "/a.txt");
  assert.equal(keptMemory().entries, before + 1);
});

Deno.test("what is kept stays within its limits, whatever is asked for", async () => {
  using _clock = later();
  await using tree = await tempTree();
  const large = new Uint8Array(250_000);
  for (let i = 0; i < 80; i++) await Deno.writeFile(`${tree.path}/${i}.bin`, large);
  await Deno.mkdir(`${tree.path}/many`);
  for (let i = 0; i < 5000; i++) Deno.writeTextFileSync(`${tree.path}/many/${i}.txt`, "x");
  const get = fileServer(tree.path);
  const { limits } = keptMemory();
  for (let i = 0; i < 80; i++) await drained(get(`/${i}.bin`));
  for (let i = 0; i < 5000; i++) await drained(get(`/many/${i}.txt`));
  const { bytes, entries } = keptMemory();
  assert.ok(bytes <= limits.bytes && entries <= limits.entries, `${bytes} bytes, ${entries} entries`);
  assert.ok(entries > 100);
});
