/** Whoever is answered from memory must not notice: each test compares with a handler that goes its own way. */

import assert from "node:assert/strict";
import { knownAnswers } from "../../server/_known_answers.ts";
import {
  type FileBody,
  type HandlerFactory,
  ResponseWriter,
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
  ThreadingHTTPServer,
} from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { earlier, later, tick } from "../helpers/clock.ts";
import { rawRequest } from "../helpers/served.ts";
import { tempTree } from "../helpers/temp_tree.ts";

interface Asked {
  /** Status line, fields and body, without the date. */
  readonly text: string;
  readonly status: number;
  readonly body: string;
  /** Whether the handler was spared: none of its methods ran. */
  readonly wasKnown: boolean;
}

/** A file server on a socket, and whether it knew its answers. */
function served(make: HandlerFactory): {
  readonly port: number;
  ask(target: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Asked>;
  /** Asks until all that can be remembered is, and gives the last answer. */
  warm(target: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Asked>;
} & AsyncDisposable {
  let last: SimpleHTTPRequestHandler;
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], (request, clientAddress, owner) => {
    return last = make(request, clientAddress, owner) as SimpleHTTPRequestHandler;
  });
  const serving = server.serveForever();
  const ask = async (target: string, headers: Readonly<Record<string, string>> = {}, method = "GET") => {
    const fields = Object.entries({ Host: "localhost", Connection: "close", ...headers });
    const head = fields.map(([name, value]) => `${name}: ${value}\r\n`).join("");
    const answer = await rawRequest(server.serverPort, `${method} ${target} HTTP/1.1\r\n${head}\r\n`);
    // parseRequest() sets it first of all.
    const wasKnown = last.command === "";
    // The boundary is another one each time.
    const whole = `${answer.head}\r\n\r\n${answer.body}`.replace(/^date: .*\r\n/im, "").replace(
      /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g,
      "BOUNDARY",
    );
    return { text: whole, status: answer.status, body: answer.body, wasKnown };
  };
  return {
    port: server.serverPort,
    ask,
    async warm(target, headers, method) {
      for (let i = 0; i < 3; i++) await ask(target, headers, method);
      return await ask(target, headers, method);
    },
    async [Symbol.asyncDispose]() {
      await server.serverClose();
      await serving;
    },
  };
}

type FilesClass = new (
  ...args: ConstructorParameters<typeof SimpleHTTPRequestHandler>
) => SimpleHTTPRequestHandler;

function files(
  directory: string,
  options: SimpleHTTPRequestHandlerOptions = {},
  Handler: FilesClass = SimpleHTTPRequestHandler,
): HandlerFactory {
  return (request, clientAddress, owner) => new Handler(request, clientAddress, owner, { directory, ...options });
}

/** Goes its own way, for no reason. */
class Itself extends SimpleHTTPRequestHandler {
  override setup(): void {}
}

/** The same numbers each time. */
function* numbers(seed: number): Generator<number, never> {
  for (let state = seed;;) {
    state = (state * 1103515245 + 12345) % 2 ** 31;
    yield state / 2 ** 31;
  }
}

const LONG = "a line of quite ordinary text\n".repeat(100);

Deno.test("answerDirectly() answers and logs every combination of header fields as the handler does", async () => {
  using _clock = later();
  using log = captureLog();
  await using tree = await tempTree({
    "www/a.txt": "0123456789",
    "www/long.txt": LONG,
    "www/empty.txt": "",
    "www/image.png": "no picture",
    "www/side.css": LONG,
    "www/side.css.gz": "no real gzip",
    "www/old.css.br": "no real brotli",
    "www/old.css": "p { color: red }",
    "www/d/index.html": "<p>index",
    "www/list/x": "",
    "www/sub/deep/b.js": "let b;",
    "www/.hidden": "",
  });
  await Deno.symlink("a.txt", `${tree.path}/www/link.txt`);
  await Deno.utime(`${tree.path}/www/old.css.br`, 1_000_000_000, 1_000_000_000);
  await tick("ctime");
  const options: SimpleHTTPRequestHandlerOptions = {
    extraResponseHeaders: [["X-Extra", "1"]],
    allowedHosts: ["www.example.com"],
    cors: true,
  };
  const directory = `${tree.path}/www`;
  await using quick = served(files(directory, options));
  await using slow = served(files(directory, options, Itself));
  await using fresh = served(files(directory, { ...options, cache: false }));

  const random = numbers(7);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random.next().value * values.length)]!;
  const targets = [
    ...["/a.txt", "/a.txt?q", "//a.txt", "/%61.txt", "/long.txt", "/empty.txt", "/image.png", "/side.css", "/old.css"],
    ...["/d/", "/d", "/list/", "/sub/deep/b.js", "/link.txt", "/.hidden", "/missing", "/a.txt/"],
  ];
  let known = 0;
  for (let i = 0; i < 400; i++) {
    const target = pick(targets);
    const { text } = await fresh.ask(target);
    const etag = /^etag: (.*)$/im.exec(text)?.[1]?.trim() ?? '"none"';
    const date = /^last-modified: (.*)$/im.exec(text)?.[1]?.trim() ?? "Sun, 06 Nov 1994 08:49:37 GMT";
    const past = "Sun, 06 Nov 1994 08:49:37 GMT";
    const headers: Record<string, string> = {};
    const maybe = (name: string, values: readonly string[], chance = 0.3) => {
      if (random.next().value < chance) headers[name] = pick(values);
    };
    maybe("Range", ["bytes=0-1", "bytes=3-", "bytes=-2", "bytes=0-0,2-3", "bytes=99999-", "lines=1-2"]);
    maybe("If-Range", [etag, '"other"', date, past]);
    maybe("If-Match", [etag, "*", '"other"'], 0.1);
    maybe("If-None-Match", [etag, "*", '"other"', `W/${etag}`]);
    maybe("If-Modified-Since", [date, past, "nonsense"]);
    maybe("If-Unmodified-Since", [date, past], 0.1);
    maybe("Accept-Encoding", ["br", "gzip", "zstd, br;q=0.5", "identity", "gzip, deflate, br, zstd"], 0.5);
    maybe("Host", ["www.example.com", "other.example.com", "a/b?", "[::1]:8000"], 0.1);
    maybe("Expect", ["100-continue"], 0.05);
    const method = pick(["GET", "GET", "GET", "HEAD", "OPTIONS", "BREW"]);
    const about = `${method} ${target} ${JSON.stringify(headers)}`;

    log.text();
    const before = log.text().length;
    const answer = await quick.warm(target, headers, method);
    const between = log.text().length;
    const own = await slow.warm(target, headers, method);
    assert.equal(answer.text, own.text, about);
    assert.equal(own.wasKnown, false);
    const stamp = /\[[^\]]*\] /g;
    const line = log.text().slice(before, between).replace(stamp, "");
    assert.equal(line, log.text().slice(between).replace(stamp, ""), about);
    // A coding that is made on demand comes in other pieces where it is not kept.
    const anew = await fresh.ask(target, headers, method);
    if (!/^(?:content-encoding|transfer-encoding):/im.test(anew.text)) assert.equal(answer.text, anew.text, about);
    assert.equal(anew.wasKnown, false);
    if (answer.wasKnown) known++;
  }
  assert.ok(known > 100, `${known} of 400 were known`);
});

Deno.test("answerDirectly() knows files, ranges, 304, coded forms, sidecars, index pages and listings", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({
    "a.txt": "0123456789",
    "long.txt": LONG,
    "s.css": "text",
    "s.css.br": "coded",
    "d/index.htm": "index",
    "l/x": "",
  });
  await tick("ctime");
  await using server = served(files(tree.path));
  const etag = /^etag: (.*)$/im.exec((await server.ask("/a.txt")).text)![1]!.trim();
  for (
    const [target, headers, status, body] of [
      ["/a.txt", {}, 200, "0123456789"],
      ["/a.txt", { Range: "bytes=2-3" }, 206, "23"],
      ["/a.txt", { Range: "bytes=2-4" }, 206, "234"],
      ["/a.txt", { "If-None-Match": etag }, 304, ""],
      ["/long.txt", { "Accept-Encoding": "gzip" }, 200, undefined],
      ["/s.css", { "Accept-Encoding": "br" }, 200, "coded"],
      ["/d/", {}, 200, "index"],
      ["/l/", {}, 200, undefined],
    ] as const
  ) {
    const answer = await server.warm(target, headers);
    assert.ok(answer.wasKnown, `${target} ${JSON.stringify(headers)}`);
    assert.equal(answer.status, status);
    if (body !== undefined) assert.equal(answer.body, body);
    const head = await server.warm(target, headers, "HEAD");
    assert.equal(head.body, "");
  }
});

Deno.test("answerDirectly() answers anew as soon as one header field that counts is another one", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "0123456789", "a.txt.br": "coded" });
  await tick("ctime");
  await using server = served(files(tree.path, { allowedHosts: ["good.example.com"] }));
  const head = (await server.ask("/a.txt")).text;
  const etag = /^etag: (.*)$/im.exec(head)![1]!.trim();
  const date = /^last-modified: (.*)$/im.exec(head)![1]!.trim();
  const past = "Sun, 06 Nov 1994 08:49:37 GMT";
  const range = { Range: "bytes=0-1" };
  for (
    const [before, change, status] of [
      [{}, range, 206],
      [range, { Range: "bytes=20-" }, 416],
      [range, { "If-Range": '"other"' }, 200],
      [{ ...range, "If-Range": etag }, { "If-Range": past }, 200],
      [{}, { "If-None-Match": etag }, 304],
      [{}, { "If-Modified-Since": date }, 304],
      [{ "If-Modified-Since": date }, { "If-Modified-Since": past }, 200],
      [{ "If-Modified-Since": date }, { "If-None-Match": '"other"' }, 200],
      [{}, { "If-Match": '"other"' }, 412],
      [{ "If-Match": etag }, { "If-Match": '"other"' }, 412],
      [{}, { "If-Unmodified-Since": past }, 412],
      [{ "If-Unmodified-Since": past, "If-Match": "*" }, { "If-Match": '"other"' }, 412],
      [{}, { Host: "bad.example.com" }, 421],
      [{ Host: "good.example.com" }, { Host: "a/b" }, 400],
    ] as const
  ) {
    const about = `${JSON.stringify(before)} and then ${JSON.stringify(change)}`;
    assert.ok((await server.warm("/a.txt", before)).wasKnown, about);
    const answer = await server.ask("/a.txt", { ...before, ...change });
    assert.equal(answer.status, status, about);
    assert.ok((await server.ask("/a.txt", before)).wasKnown, about);
  }
  assert.equal((await server.warm("/a.txt", { "Accept-Encoding": "br" })).body, "coded");
  assert.equal((await server.ask("/a.txt", { "Accept-Encoding": "gzip" })).body, "0123456789");
  assert.equal((await server.ask("/a.txt", {}, "HEAD")).body, "");
});

Deno.test("answerDirectly() sees an edit, a rename, a link in place of a file or a folder, and a lost permission", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({
    "www/a.txt": "one",
    "www/sub/b.txt": "two",
    "out/b.txt": "secret",
    "www/d/x": "",
  });
  await tick("ctime");
  const www = `${tree.path}/www`;
  await using server = served(files(www));
  assert.ok((await server.warm("/a.txt")).wasKnown);
  await Deno.writeTextFile(`${www}/a.txt`, "six");
  assert.equal((await server.ask("/a.txt")).body, "six");
  await tick("ctime");
  assert.ok((await server.warm("/a.txt")).wasKnown);
  await Deno.writeTextFile(`${www}/new`, "ten");
  await Deno.rename(`${www}/new`, `${www}/a.txt`);
  assert.equal((await server.ask("/a.txt")).body, "ten");
  await tick("ctime");
  assert.ok((await server.warm("/a.txt")).wasKnown);
  await Deno.remove(`${www}/a.txt`);
  await Deno.symlink("../out/b.txt", `${www}/a.txt`);
  assert.equal((await server.ask("/a.txt")).status, 404);

  assert.ok((await server.warm("/sub/b.txt")).wasKnown);
  // What comes and goes beside a file is nothing to it.
  await Deno.writeTextFile(`${www}/sub/other.txt`, "");
  assert.ok((await server.ask("/sub/b.txt")).wasKnown);
  await Deno.rename(`${www}/sub`, `${www}/old`);
  await Deno.symlink("../out", `${www}/sub`);
  assert.equal((await server.ask("/sub/b.txt")).status, 404);

  assert.ok((await server.warm("/d/")).wasKnown);
  await Deno.writeTextFile(`${www}/d/index.html`, "index");
  assert.equal((await server.ask("/d/")).body, "index");
  await tick("ctime");
  assert.ok((await server.warm("/d/")).wasKnown);
  // Where the superuser runs the tests a permission keeps nobody out, and shows as a change all the same.
  await Deno.chmod(`${www}/d/index.html`, 0);
  assert.equal((await server.ask("/d/")).wasKnown, false);
});

Deno.test("answerDirectly() sees a sidecar that comes, in the folder itself and in one below", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.css": "plain", "d/b.css": "plain" });
  await tick("ctime");
  await using server = served(files(tree.path));
  for (const name of ["a.css", "d/b.css"]) {
    const headers = { "Accept-Encoding": "br" };
    assert.ok((await server.warm(`/${name}`, headers)).wasKnown, name);
    await Deno.writeTextFile(`${tree.path}/${name}.br`, "coded");
    assert.equal((await server.ask(`/${name}`, headers)).body, "coded");
  }
});

Deno.test("answerDirectly() tells settings apart, lists that were changed in place included", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "abc", "b/a.txt": "other", "b/i.htm": "index", "x.foo": "foo" });
  await tick("ctime");
  const extra: [string, string][] = [["X-Extra", "1"]];
  const options: SimpleHTTPRequestHandlerOptions = { directory: tree.path, extraResponseHeaders: extra };
  const indexPages = ["none.htm"];
  const extensionsMap: Record<string, string> = {};
  const settings = {} as Partial<SimpleHTTPRequestHandler>;
  await using server = served((request, clientAddress, owner) =>
    Object.assign(new SimpleHTTPRequestHandler(request, clientAddress, owner, options), {
      indexPages,
      extensionsMap,
      ...settings,
    })
  );
  const knows = async (target: string, wanted: RegExp) => {
    const first = await server.ask(target);
    assert.match(first.text, wanted);
    assert.match((await server.warm(target)).text, wanted);
  };
  assert.ok((await server.warm("/a.txt")).wasKnown);
  await knows("/a.txt", /x-extra: 1/i);
  extra[0]![1] = "2";
  await knows("/a.txt", /x-extra: 2/i);
  extra.push(["X-More", "3"]);
  await knows("/a.txt", /x-more: 3/i);
  await knows("/b/", /Directory listing/);
  indexPages[0] = "i.htm";
  await knows("/b/", /index$/);
  await knows("/x.foo", /content-type: application\/octet-stream/i);
  settings.defaultContentType = "text/x-default";
  await knows("/x.foo", /content-type: text\/x-default/i);
  extensionsMap[".foo"] = "text/x-foo";
  await knows("/x.foo", /content-type: text\/x-foo/i);
  for (
    const [name, value, wanted] of [
      ["cacheControl", "max-age=9", /cache-control: max-age=9/i],
      ["serverVersion", "Mine/1", /server: Mine\/1/i],
      ["sysVersion", "", /server: Mine\/1\r/i],
      ["cors", true, /access-control-allow-origin: \*/i],
      ["protocolVersion", "HTTP/1.0", /connection: close/i],
      ["directory", `${tree.path}/b`, /other$/],
      ["allowedHosts", [], /other$/],
    ] as const
  ) {
    Object.assign(settings, { [name]: value });
    await knows("/a.txt", wanted);
  }
});

Deno.test("answerDirectly() leaves a handler alone whose class, or that itself, replaces anything", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "abc" });
  await tick("ctime");
  await using plain = served(files(tree.path));
  assert.ok((await plain.warm("/a.txt")).wasKnown);
  const methods = [
    ...["respond", "setup", "handle", "finish", "handleOneRequest", "parseRequest", "do_GET", "sendHead"],
    ...["translatePath", "isServed", "guessType", "copyfile", "sendResponse", "sendResponseOnly", "sendHeader"],
    ...["endHeaders", "flushHeaders", "versionString", "dateTimeString", "logRequest", "logMessage"],
    ...["logDateTimeString", "addressString", "listDirectory", "do_HEAD"],
  ];
  type Methods = Record<string, (...args: unknown[]) => unknown>;
  for (const name of methods) {
    let calls = 0;
    class Changed extends SimpleHTTPRequestHandler {}
    const original = (SimpleHTTPRequestHandler.prototype as unknown as Methods)[name]!;
    (Changed.prototype as unknown as Methods)[name] = function (...args) {
      calls++;
      return original.apply(this, args);
    };
    await using changed = served(files(tree.path, {}, Changed));
    const own = served((request, clientAddress, owner) =>
      Object.assign(new SimpleHTTPRequestHandler(request, clientAddress, owner, { directory: tree.path }), {
        [name]: (Changed.prototype as unknown as Methods)[name],
      })
    );
    await using alone = own;
    for (const server of [changed, alone]) {
      calls = 0;
      const answer = await server.warm("/a.txt");
      assert.equal(answer.wasKnown, false, name);
      assert.equal(answer.body, "abc");
      // All but these two take part in a GET of a file.
      if (name !== "listDirectory" && name !== "do_HEAD") assert.ok(calls >= 4, `${name} was called ${calls} times`);
    }
  }
});

Deno.test("answerDirectly() leaves a handler alone with a writer of its own, or whose response was begun before", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "abc" });
  await tick("ctime");
  class Shouting extends SimpleHTTPRequestHandler {
    override get wfile(): ResponseWriter {
      const writer = super.wfile;
      const send = (body: FileBody) => writer.send(body instanceof Uint8Array ? body.map((byte) => byte - 32) : body);
      return Object.assign(Object.create(ResponseWriter.prototype), { send });
    }
  }
  await using shouting = served(files(tree.path, {}, Shouting));
  assert.equal((await shouting.warm("/a.txt")).body, "ABC");
  await using stand = served((request, clientAddress, owner) =>
    new Proxy(new SimpleHTTPRequestHandler(request, clientAddress, owner, { directory: tree.path }), {
      get: (handler, name) => name === "respond" ? () => new Response("stand-in") : Reflect.get(handler, name),
    })
  );
  assert.equal((await stand.warm("/a.txt")).body, "stand-in");
  await using begun = served((request, clientAddress, owner) => {
    const handler = new SimpleHTTPRequestHandler(request, clientAddress, owner, { directory: tree.path });
    handler.sendResponseOnly(203);
    return handler;
  });
  assert.equal((await begun.warm("/a.txt")).wasKnown, false);
});

Deno.test("answerDirectly() knows answers of a subclass that sets fields only, and of one with other methods", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "abc" });
  await tick("ctime");
  class Files extends SimpleHTTPRequestHandler {
    override directory = tree.path;
    override cacheControl = "max-age=60";
    override indexPages = ["home.html"];
    do_PUT(): void {
      this.sendError(405);
    }
  }
  await using server = served((request, clientAddress, owner) => new Files(request, clientAddress, owner));
  const answer = await server.warm("/a.txt");
  assert.ok(answer.wasKnown);
  assert.match(answer.text, /cache-control: max-age=60/i);
});

Deno.test("answerDirectly() remembers nothing under cache: false, of young files, and of a stranger's Host", async () => {
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "abc" });
  await using uncached = served(files(tree.path, { cache: false }));
  await using server = served(files(tree.path));
  {
    using _clock = earlier();
    assert.equal((await server.warm("/a.txt")).wasKnown, false);
  }
  using _clock = later();
  await tick("ctime");
  const before = knownAnswers().entries;
  assert.equal((await uncached.warm("/a.txt")).wasKnown, false);
  assert.equal(knownAnswers().entries, before);
  assert.ok((await server.warm("/foo?/a.txt", { Host: "localhost" })).status === 404);
  assert.ok((await server.warm("/a.txt")).wasKnown);
  // Deno.serve makes the same URL of both.
  assert.ok((await server.warm("/a.txt?/z", { Host: "localhost" })).wasKnown);
  assert.equal((await server.ask("/z", { Host: "localhost/a.txt?" })).status, 400);
});

Deno.test("answerDirectly() stays within its limits, whatever is asked for", async () => {
  using _clock = later();
  using _log = captureLog();
  await using tree = await tempTree({ "a.txt": "abc", "big.bin": new Uint8Array(1_000_000) });
  await tick("ctime");
  const { limits } = knownAnswers();
  await using server = served(files(tree.path));
  const check = () => {
    const { bytes, entries } = knownAnswers();
    assert.ok(bytes <= limits.bytes && entries <= limits.entries && bytes >= 0, `${bytes} bytes, ${entries} entries`);
  };
  await server.warm("/a.txt");
  await server.warm("/big.bin");
  for (let i = 0; i < limits.entries + 200; i++) await server.ask(`/a.txt?${i}`);
  check();
  for (let i = 0; i < 100; i++) await server.ask("/big.bin", { Range: `bytes=${i}-` });
  check();
  for (let i = 0; i < 12; i++) await server.ask(`/big.bin?${i}`);
  check();
  // A client that sends a new field each time gains a place for a few of them.
  for (let i = 0; i < 100; i++) await server.ask("/a.txt?many", { Range: `bytes=0-${i}` });
  check();
  assert.equal((await server.warm(`/a.txt?${"x".repeat(3000)}`)).wasKnown, false);
});
