import assert from "node:assert/strict";
import { threadCount } from "../../server/_threads.ts";
import { importHandler, parseHandlerModule } from "../../server/_handler_module.ts";
import { HTTPServer, ThreadingHTTPServer } from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { SilentHandler } from "../helpers/silent_handler.ts";

const HANDLERS = new URL("../helpers/thread_handlers.ts", import.meta.url);
const LINUX = { os: "linux", hasWorkers: true, isSocketPath: false, hasUnstableNet: true };
const ignore = Deno.build.os !== "linux";

Deno.test("threadCount() gives one thread and the reason where a port cannot be shared", () => {
  assert.deepEqual(threadCount(4, LINUX), { count: 4, because: null });
  assert.deepEqual(threadCount(1, { ...LINUX, os: "darwin", hasWorkers: false }), { count: 1, because: null });
  const reasons: [Partial<typeof LINUX>, RegExp][] = [
    [{ os: "windows" }, /SO_REUSEPORT .* on windows/],
    [{ os: "darwin" }, /SO_REUSEPORT .* on darwin/],
    [{ hasWorkers: false }, /no threads/],
    [{ isSocketPath: true }, /Unix socket/],
    [{ hasUnstableNet: false }, /--unstable-net/],
  ];
  for (const [lack, reason] of reasons) {
    const { count, because } = threadCount(4, { ...LINUX, ...lack });
    assert.equal(count, 1);
    assert.match(because!, reason);
  }
});

Deno.test("threadCount() refuses what is no number of threads", () => {
  for (const wanted of [0, -1, 1.5, NaN, Infinity]) {
    assert.throws(() => threadCount(wanted, LINUX), { name: "RangeError" }, String(wanted));
  }
});

Deno.test("parseHandlerModule() takes absolute URLs, and the fragment as the name of the export", () => {
  assert.deepEqual(parseHandlerModule("file:///a/b.ts"), { url: "file:///a/b.ts", exportName: "default" });
  assert.deepEqual(parseHandlerModule(new URL("https://h/x.ts?v=1#Hello")), {
    url: "https://h/x.ts?v=1",
    exportName: "Hello",
  });
  assert.throws(() => parseHandlerModule("./handler.ts"), /"\.\/handler\.ts": give an absolute URL, such as new URL/);
});

Deno.test("importHandler() names the export that a module lacks", async () => {
  const missing = parseHandlerModule(new URL("#Missing", HANDLERS));
  await assert.rejects(importHandler(missing), /its export "Missing" is no handler class or function/);
});

Deno.test("ThreadingHTTPServer() says that workers need the handler by URL", () => {
  assert.throws(
    () => new ThreadingHTTPServer(["127.0.0.1", 0], SilentHandler, { workers: 2, bindAndActivate: false }),
    /give the handler as the URL of its module, such as new URL\("\.\/handler\.ts", import\.meta\.url\)/,
  );
  assert.throws(
    () => new HTTPServer(["127.0.0.1", 0], HANDLERS, { workers: 2, bindAndActivate: false }),
    /use ThreadingHTTPServer/,
  );
});

Deno.test("a handler that is named by URL answers without other threads, too", async () => {
  const server = new ThreadingHTTPServer(["", 0], new URL("#Greeting", HANDLERS), {
    bindAndActivate: false,
    handlerOptions: { greeting: "hello" },
  });
  assert.match(await (await server.fetch(new Request("http://h/"))).text(), /^hello from /);
});

Deno.test("a module that cannot be imported is reported and answered with 500", async () => {
  const server = new ThreadingHTTPServer(["", 0], "file:///no/such/module.ts", { bindAndActivate: false });
  const errors: unknown[] = [];
  server.handleError = (_request, _address, error) => errors.push(error);
  assert.equal((await server.fetch(new Request("http://h/"))).status, 500);
  assert.match(String(errors), /no\/such\/module\.ts/);
});

/** Asks over new connections until as many threads as `count` have answered, and gives their names. */
async function threadsThatAnswer(url: string, count: number): Promise<Set<string>> {
  const names = new Set<string>();
  while (names.size < count) {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    names.add((await (await fetch(url, { client })).text()).split(" from ")[1]!);
  }
  return names;
}

Deno.test({ name: "ThreadingHTTPServer answers by all of its threads, with one log", ignore }, async () => {
  using log = captureLog();
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], new URL("#Greeting", HANDLERS), {
    workers: 3,
    handlerOptions: { greeting: "hello", logs: true },
  });
  assert.equal(server.workers, 3);
  const serving = server.serveForever();
  const names = await threadsThatAnswer(`http://127.0.0.1:${server.serverPort}/`, 3);
  assert.equal(names.size, 3);
  await server.serverClose();
  await serving;
  for (const name of names) assert.ok(log.text().includes(`answered by ${name}\n`), name);
});

Deno.test({ name: "ThreadingHTTPServer lets the responses of all threads finish when it closes", ignore }, async () => {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], new URL("#Slow", HANDLERS), { workers: 3 });
  const serving = server.serveForever();
  const url = `http://127.0.0.1:${server.serverPort}/`;
  await threadsThatAnswer(`${url}quick`, 3);
  const clients = Array.from({ length: 12 }, () => Deno.createHttpClient({ poolMaxIdlePerHost: 0 }));
  const responses = await Promise.all(clients.map((client) => fetch(url, { client })));
  const closing = server.serverClose();
  // The port is given up at once, while the twelve go on.
  for (const response of responses) assert.equal((await response.text()).length, 300_000);
  await closing;
  await serving;
  await assert.rejects(fetch(url), { name: "TypeError" });
  for (const client of clients) client.close();
});

Deno.test({ name: "ThreadingHTTPServer waits no longer than its grace for other threads", ignore }, async () => {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], new URL("#Endless", HANDLERS), { workers: 2 });
  const serving = server.serveForever();
  const url = `http://127.0.0.1:${server.serverPort}/`;
  await threadsThatAnswer(`${url}quick`, 2);
  const clients = Array.from({ length: 8 }, () => Deno.createHttpClient({ poolMaxIdlePerHost: 0 }));
  const responses = await Promise.all(clients.map((client) => fetch(url, { client })));
  await server.serverClose({ grace: 0.1 });
  await serving;
  for (const response of responses) await response.body!.cancel();
  for (const client of clients) client.close();
});

Deno.test({ name: "serveForever() rejects when a thread cannot import the handler", ignore }, async () => {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], "file:///no/such/module.ts", { workers: 2 });
  await assert.rejects(server.serveForever(), /A thread cannot serve: .*no\/such\/module\.ts/);
});

Deno.test({ name: "serveForever() rejects when a thread dies", ignore }, async () => {
  using log = captureLog();
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], new URL("#Dying", HANDLERS), { workers: 2 });
  const serving = server.serveForever();
  const ended = assert.rejects(serving, /A thread has died: .*out of every handler/);
  let over = false;
  ended.then(() => over = true);
  while (!over) {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    // The connections of the thread that dies break.
    await fetch(`http://127.0.0.1:${server.serverPort}/`, { client }).then((response) => response.text(), () => {});
  }
  await ended;
  assert.match(log.text(), /A thread has died/);
});

Deno.test({ name: "ThreadingHTTPServer names handlerOptions that no other thread can have", ignore }, async () => {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], HANDLERS, {
    workers: 2,
    handlerOptions: { greeting: () => "hello" },
  });
  await assert.rejects(server.serveForever(), /Cannot copy handlerOptions to other threads/);
  await server.serverClose();
});
