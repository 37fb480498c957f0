import assert from "node:assert/strict";
import { Exchange, streamEnd } from "../../server/_exchange.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const NO_TIMEOUT = () => null;

Deno.test("Exchange.finish() gives one whole body when nothing had to leave before", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", ["X-A", "1"]);
  exchange.write(bytes("ab"));
  exchange.write(bytes("cd"));
  const response = exchange.finish();
  assert.equal(streamEnd(response), undefined);
  assert.equal(response.headers.get("x-a"), "1");
  assert.equal(await response.text(), "abcd");
});

Deno.test("Exchange.finish() throws when no head was given", () => {
  assert.throws(() => new Exchange(false, NO_TIMEOUT).finish(), /the handler sent no response/);
});

Deno.test("Exchange.settle() makes a stream of an answer whose handler waits for something outside", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  const gate = Promise.withResolvers<void>();
  exchange.begin(200, "", []);
  exchange.write(bytes("first "));
  const response = await exchange.settle(gate.promise.then(() => exchange.finish()));
  assert.notEqual(streamEnd(response), undefined);
  const reader = response.body!.getReader();
  assert.deepEqual((await reader.read()).value, bytes("first "));
  await exchange.write(bytes("second"));
  gate.resolve();
  assert.deepEqual((await reader.read()).value, bytes("second"));
  assert.equal((await reader.read()).done, true);
  await streamEnd(response);
});

Deno.test("Exchange.settle() keeps an answer whole when its handler only awaits what is there", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", []);
  const done = (async () => {
    for (let i = 0; i < 5; i++) await exchange.write(bytes("x"));
    return exchange.finish();
  })();
  const response = await exchange.settle(done);
  assert.equal(streamEnd(response), undefined);
  assert.equal(await response.text(), "xxxxx");
});

Deno.test("Exchange.write() holds the writer up when the client does not read, and goes on when it does", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", []);
  let written = 0;
  const handler = (async () => {
    for (; written < 40; written++) await exchange.write(new Uint8Array(32 * 1024));
    return exchange.finish();
  })();
  const response = await exchange.settle(handler);
  for (let jobs = 0; jobs < 1000; jobs++) await Promise.resolve();
  assert.ok(written < 10, `${written} chunks were taken though nobody read`);
  assert.equal((await response.arrayBuffer()).byteLength, 40 * 32 * 1024);
  assert.equal(written, 40);
});

Deno.test("Exchange.write() rejects with BrokenPipe once the client is gone", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", []);
  await Promise.all([exchange.flush(), exchange.settle(Promise.withResolvers<Response>().promise)]).then(
    async ([, response]) => await response.body!.cancel(),
  );
  const error = await exchange.write(bytes("x")).then(() => null, (error: unknown) => error);
  assert.ok(error instanceof Deno.errors.BrokenPipe);
  assert.ok(exchange.isDisconnect(error));
});

Deno.test("Exchange.abort() breaks a body off instead of ending it", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", []);
  exchange.write(bytes("half"));
  exchange.commit();
  const response = exchange.abort(new Error("broken"));
  await assert.rejects(response.text(), /broken/);
});

Deno.test("Exchange.send() passes a stream on as it is, and cancels one that may not be sent", async () => {
  const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(bytes("whole"));
      controller.close();
    },
  });
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", []);
  assert.equal(exchange.send(stream), undefined);
  assert.equal(await exchange.finish().text(), "whole");

  let cancelled = false;
  const unsent = new ReadableStream<Uint8Array<ArrayBuffer>>({
    cancel() {
      cancelled = true;
    },
  });
  const head = new Exchange(true, NO_TIMEOUT);
  head.begin(200, "", ["Content-Length", "5"]);
  await head.send(unsent);
  assert.ok(cancelled);
  await assert.rejects(async () => await head.send(bytes("again")), /it was sent whole before/);
  assert.equal(head.finish().body, null);
});

Deno.test("Exchange.send() after the first bytes pumps the stream behind them", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(200, "", []);
  exchange.write(bytes("head "));
  const done = (async () => {
    await exchange.send(new Blob(["tail"]).stream());
    return exchange.finish();
  })();
  assert.equal(await (await exchange.settle(done)).text(), "head tail");
});

Deno.test("Exchange.write() refuses to write before the head and behind a whole body", async () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  await assert.rejects(exchange.write(bytes("x")), /call endHeaders\(\) first/);
  exchange.begin(200, "", []);
  exchange.send(bytes("all"));
  await assert.rejects(exchange.write(bytes("more")), /it was sent whole before/);
  assert.equal(await exchange.finish().text(), "all");
});

Deno.test("Exchange.begin() drops interim answers and refuses a second head", () => {
  const exchange = new Exchange(false, NO_TIMEOUT);
  exchange.begin(100, "", []);
  assert.equal(exchange.begun, false);
  exchange.begin(204, "", []);
  assert.throws(() => exchange.begin(200, "", []), /a head with 204 was sent/);
  assert.equal(exchange.finish().status, 204);
});
