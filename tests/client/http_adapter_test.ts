import assert from "node:assert/strict";
import type { SendOptions } from "../../client/adapter.ts";
import {
  ConnectionError,
  NotSupportedError,
  ReadTimeout,
  RetryError,
  SSLError,
  UnrewindableBodyError,
} from "../../client/errors.ts";
import { HTTPAdapter, type HTTPAdapterOptions, sleep } from "../../client/http_adapter.ts";
import { type PreparedRequest, Request } from "../../client/request.ts";
import { Retry, type RetryOptions } from "../../client/retry.ts";
import { defaultHeaders } from "../../client/session.ts";
import { deadOrigin, ok, RawServer } from "./raw_server.ts";
import { SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

function open(options: HTTPAdapterOptions = {}): HTTPAdapter & Disposable {
  const adapter = new HTTPAdapter(options);
  return Object.assign(adapter, { [Symbol.dispose]: () => adapter.close() });
}

const status = (code: number, fields = "") => `HTTP/1.1 ${code} X\r\nContent-Length: 4\r\n${fields}\r\nbusy`;

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text));
}

Deno.test("send() is the connection of its response", async () => {
  await using server = new RawServer(() => ok("fine"));
  using adapter = open();
  const response = await adapter.send(new Request("GET", server.origin, { headers: defaultHeaders() }).prepare());
  assert.equal(new TextDecoder().decode(await response.read()), "fine");
  assert.equal(response.connection, adapter);
});

Deno.test("HTTPAdapter refuses an engine and counts that are none", () => {
  assert.throws(() => new HTTPAdapter({ engine: "steam" as "fetch" }), { name: "RangeError", message: /"steam"/ });
  assert.throws(() => new HTTPAdapter({ maxRetries: 1.5 }), RangeError);
  assert.throws(() => new HTTPAdapter({ poolMaxsize: 0 }), RangeError);
  assert.doesNotThrow(() => new HTTPAdapter({ engine: "fetch" }).close());
});

Deno.test("maxRetries: 0 retries nothing and a number counts", () => {
  const none = new HTTPAdapter();
  assert.equal(none.maxRetries.total, 0);
  assert.equal(none.maxRetries.read, false);
  assert.equal(new HTTPAdapter({ maxRetries: 3 }).maxRetries.total, 3);
  const retry = new Retry({ total: 2 });
  assert.equal(new HTTPAdapter({ maxRetries: retry }).maxRetries, retry);
});

Deno.test("addHeaders() may change the request just before it is sent", async () => {
  class Stamping extends HTTPAdapter {
    override addHeaders(request: PreparedRequest, options: SendOptions): void {
      request.headers.set("X-Stamp", String(options.timeout));
    }
  }
  await using server = new RawServer(() => ok());
  const adapter = new Stamping();
  await (await adapter.send(new Request("GET", server.origin).prepare(), { timeout: 5 })).read();
  adapter.close();
  assert.match(server.requests[0]!.head, /^x-stamp: 5$/im);
});

// Statuses

for (
  const [name, retry, method, answers, expected] of [
    ["a status of the list", { total: 3, statusForcelist: [502] }, "GET", [status(502), status(502)], 3],
    ["no other status", { total: 3, statusForcelist: [502] }, "GET", [status(500)], 1],
    ["503 with Retry-After", { total: 3 }, "GET", [status(503, "Retry-After: 0\r\n")], 2],
    ["no 503 without Retry-After", { total: 3 }, "GET", [status(503)], 1],
    ["no POST", { total: 3, statusForcelist: [502] }, "POST", [status(502)], 1],
    [
      "a POST that is allowed",
      { total: 3, statusForcelist: [502], allowedMethods: ["POST"] },
      "POST",
      [status(502)],
      2,
    ],
    ["PUT", { total: 3, statusForcelist: [502] }, "PUT", [status(502)], 2],
  ] as [string, RetryOptions, string, string[], number][]
) {
  Deno.test(`send() retries ${name}`, async () => {
    await using server = new RawServer((_, index) => answers[index] ?? ok("fine"));
    using adapter = open({ maxRetries: new Retry(retry) });
    const data = method === "GET" ? null : "body";
    const response = await adapter.send(new Request(method, server.origin, { data }).prepare());
    await response.read();
    assert.equal(server.requests.length, expected);
    assert.equal(response.statusCode, expected > answers.length ? 200 : Number(answers.at(-1)!.slice(9, 12)));
    assert.ok(server.requests.every(({ body }) => body === (data ?? "")));
  });
}

Deno.test("send() raises RetryError when the retries run out, or returns the last response", async () => {
  await using server = new RawServer(() => status(500));
  const retry = { total: 2, statusForcelist: [500] };
  const prepared = new Request("GET", server.origin).prepare();
  {
    using adapter = open({ maxRetries: new Retry(retry) });
    await assert.rejects(adapter.send(prepared), (error) => {
      assert.ok(error instanceof RetryError);
      assert.match(error.message, /too many 500 error responses/);
      assert.equal(error.request, prepared);
      return true;
    });
    assert.equal(server.requests.length, 3);
  }
  using adapter = open({ maxRetries: new Retry({ ...retry, raiseOnStatus: false }) });
  const response = await adapter.send(prepared);
  assert.equal(response.statusCode, 500);
  assert.equal(new TextDecoder().decode(await response.read()), "busy");
  assert.equal(response.connection, adapter);
  assert.equal(server.requests.length, 6);
});

Deno.test("send() raises UnrewindableBodyError rather than sending half a body again", async () => {
  await using server = new RawServer(() => status(502));
  using adapter = open({ maxRetries: new Retry({ total: 3, statusForcelist: [502] }) });
  const prepared = new Request("PUT", server.origin, { data: pieces("one", "two") }).prepare();
  await assert.rejects(adapter.send(prepared), (error) => {
    assert.ok(error instanceof UnrewindableBodyError);
    assert.equal(error.response?.statusCode, 502);
    return true;
  });
  assert.equal(server.requests.length, 1);
});

// Errors

for (
  const [name, options, method, expected] of [
    ["a GET that the server drops", { maxRetries: 2 }, "GET", 3],
    ["no POST that the server drops", { maxRetries: 2 }, "POST", 1],
    ["a POST that is allowed", { maxRetries: new Retry({ total: 2, allowedMethods: null }) }, "POST", 3],
    ["nothing by default", {}, "GET", 1],
    ["nothing when reads are not", { maxRetries: new Retry({ total: 2, read: false }) }, "GET", 1],
  ] as [string, HTTPAdapterOptions, string, number][]
) {
  Deno.test(`send() retries ${name}`, async () => {
    await using server = new RawServer(() => null);
    using adapter = open(options);
    const prepared = new Request(method, server.origin, { data: method === "POST" ? "x" : null }).prepare();
    await assert.rejects(adapter.send(prepared), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.equal(error.request, prepared);
      return true;
    });
    assert.equal(server.requests.length, expected);
  });
}

Deno.test("send() retries a read timeout, each attempt with the whole limit", async () => {
  await using server = new RawServer((_, index) => index === 0 ? async () => {} : ok("fine"));
  using adapter = open({ maxRetries: 1 });
  const prepared = new Request("GET", server.origin).prepare();
  assert.equal((await (await adapter.send(prepared, { timeout: 0.2 })).read()).length, 4);
  assert.equal(server.requests.length, 2);
  await using silent = new RawServer(() => async () => {});
  const again = new Request("GET", silent.origin).prepare();
  await assert.rejects(adapter.send(again, { timeout: 0.05 }), ReadTimeout);
  assert.equal(silent.requests.length, 2);
});

/** Counts the attempts that it is told of. */
class Counting extends Retry {
  static kinds: string[] = [];
  override increment(attempt: Parameters<Retry["increment"]>[0]): this {
    Counting.kinds.push(attempt.kind);
    return super.increment(attempt);
  }
}

Deno.test("send() retries a refused connection for every method: nothing was sent", async () => {
  Counting.kinds = [];
  using adapter = open({ maxRetries: new Counting({ total: 2 }) });
  const prepared = new Request("POST", deadOrigin(), { data: "x" }).prepare();
  await assert.rejects(adapter.send(prepared), ConnectionError);
  assert.deepEqual(Counting.kinds, ["connect", "connect", "connect"]);
});

Deno.test("send() retries no failure of TLS, no refused option, no error of the caller", async () => {
  await using server = new RawServer(() => ok(), { tls: { cert: SERVER_CERT, key: SERVER_KEY } });
  for (const engine of ["auto", "fetch", "wire"] as const) {
    using adapter = open({ maxRetries: 3, engine });
    const request = new Request("GET", server.origin, { headers: defaultHeaders() }).prepare();
    const before = server.connections;
    await assert.rejects(adapter.send(request), SSLError);
    assert.equal(server.connections, before + 1);
  }
  using fetching = open({ maxRetries: new Counting({ total: 3 }), engine: "fetch" });
  Counting.kinds = [];
  await assert.rejects(fetching.send(new Request("TRACE", server.origin).prepare()), NotSupportedError);
  assert.deepEqual(Counting.kinds, []);

  const mine = new Error("disk on fire");
  let opened = 0;
  await using plain = new RawServer(() => ok());
  using adapter = open({ maxRetries: 3 });
  const broken = new Request("PUT", plain.origin, { data: "x" }).prepare();
  broken.body = {
    length: 3,
    replayable: true,
    open() {
      opened++;
      throw mine;
    },
  };
  await assert.rejects(adapter.send(broken), (error) => error === mine);
  assert.equal(opened, 1);
});

Deno.test("send() reports the failure, not the body that cannot be sent again", async () => {
  await using server = new RawServer(() => null);
  using adapter = open({ maxRetries: 3 });
  const prepared = new Request("PUT", server.origin, { data: pieces("one") }).prepare();
  await assert.rejects(adapter.send(prepared), ConnectionError);
  assert.equal(server.requests.length, 1);
});

Deno.test("the signal ends the wait between two attempts", async () => {
  const controller = new AbortController();
  await using server = new RawServer(() => status(503, "Retry-After: 600\r\n"));
  using adapter = open({ maxRetries: 3 });
  const reason = new Error("enough");
  const timer = setTimeout(() => controller.abort(reason), 100);
  const sending = adapter.send(new Request("GET", server.origin).prepare(), { signal: controller.signal });
  await assert.rejects(sending, (error) => error === reason);
  clearTimeout(timer);
  assert.equal(server.requests.length, 1);
});

Deno.test("sleep() waits, and ends by the signal", async () => {
  const start = performance.now();
  await sleep(0.03);
  assert.ok(performance.now() - start >= 25);
  await sleep(0);
  const reason = new Error("enough");
  await assert.rejects(sleep(600, AbortSignal.abort(reason)), (error) => error === reason);
  const controller = new AbortController();
  const sleeping = sleep(600, controller.signal);
  controller.abort(reason);
  await assert.rejects(sleeping, (error) => error === reason);
});
