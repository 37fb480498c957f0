import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import type { SendOptions } from "../../client/adapter.ts";
import {
  ConnectionError,
  ContentDecodingError,
  NotSupportedError,
  ReadTimeout,
  RequestException,
} from "../../client/errors.ts";
import { HandlerAdapter, type RequestHandler } from "../../client/handler_adapter.ts";
import { Request } from "../../client/request.ts";
import type { Response as ClientResponse } from "../../client/response.ts";

type Options = ConstructorParameters<typeof Request>[2];
const URL_ = "http://app.test/items?q=1";

function send(handler: RequestHandler, method = "GET", options: Options = {}, sending: SendOptions = {}) {
  return new HandlerAdapter(handler).send(new Request(method, URL_, options).prepare(), sending);
}

async function text(response: Promise<ClientResponse> | ClientResponse): Promise<string> {
  return new TextDecoder().decode(await (await response).read());
}

async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array> {
  for (const piece of texts) yield await Promise.resolve(new TextEncoder().encode(piece));
}

Deno.test("send() gives the handler method, URL, fields and body", async () => {
  const response = send(
    async (request) => {
      const { method, url, headers } = request;
      const seen = [method, url, headers.get("host"), headers.get("x-bytes"), headers.get("content-length")];
      return Response.json([...seen, await request.text()]);
    },
    "POST",
    { data: { a: "b c" }, headers: { "X-Bytes": new Uint8Array([0xe9]) } },
  );
  assert.deepEqual(JSON.parse(await text(response)), ["POST", URL_, "app.test", "\xe9", "5", "a=b+c"]);
});

Deno.test("send() takes userinfo and fragment off the URL", async () => {
  const adapter = new HandlerAdapter((request) =>
    new Response(`${request.url} ${request.headers.get("authorization")}`)
  );
  const prepared = new Request("GET", "http://ann:pw@app.test/a#b").prepare();
  assert.equal(await text(adapter.send(prepared)), `http://app.test/a Basic ${btoa("ann:pw")}`);
});

Deno.test("send() gives status, phrase, fields, cookies and where the response came from", async () => {
  const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["location", "/b"]]);
  const adapter = new HandlerAdapter(() => new Response("moved", { status: 302, headers, statusText: "Own Words" }));
  const prepared = new Request("GET", URL_).prepare();
  const response = await adapter.send(prepared);
  assert.equal(response.statusCode, 302);
  assert.equal(response.reason, "Found");
  assert.equal(response.url, URL_);
  assert.deepEqual(response.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(response.request, prepared);
  assert.equal(response.connection, adapter);
  assert.equal(response.engine, "handler");
  assert.ok(response.isRedirect);
  assert.equal(await text(response), "moved");
  adapter.close();
});

Deno.test("send() decodes the coding of the body, and raises if it does not fit", async () => {
  const headers = { "content-encoding": "gzip" };
  const body = new Uint8Array(gzipSync("squeezed"));
  assert.equal(await text(send(() => new Response(body, { headers }))), "squeezed");
  await assert.rejects(text(send(() => new Response(body.subarray(0, 15), { headers }))), ContentDecodingError);
});

Deno.test("send() gives no body for HEAD, and cancels the one that the handler made", async () => {
  let cancelled = false;
  const body = () => new ReadableStream({ cancel: () => void (cancelled = true) });
  assert.equal(await text(send(() => new Response(body()), "HEAD")), "");
  assert.ok(cancelled);
  assert.equal(await text(send(() => new Response(null, { status: 204 }))), "");
});

Deno.test("send() streams both ways", async () => {
  const log: string[] = [];
  async function* source(): AsyncGenerator<Uint8Array> {
    for (const piece of ["one", "two"]) {
      log.push(`made ${piece}`);
      yield await Promise.resolve(new TextEncoder().encode(piece));
    }
  }
  const response = await send((request) => new Response(request.body), "POST", { data: source() });
  for await (const piece of response.iterContent(3)) log.push(`got ${new TextDecoder().decode(piece)}`);
  assert.deepEqual(log.filter((line) => line.startsWith("got")), ["got one", "got two"]);
  assert.ok(log.indexOf("got one") < log.indexOf("got two"));
});

Deno.test("closing the response cancels the handler's body", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const body = new ReadableStream({
    pull: (controller) => controller.enqueue(new Uint8Array(1000)),
    cancel: () => resolve(),
  });
  const response = await send(() => new Response(body));
  for await (const piece of response.iterContent(10)) {
    assert.equal(piece.length, 10);
    break;
  }
  await cancelled;
});

for (const name of ["read", "closed", "failed", "refused"]) {
  Deno.test(`the source of a body that the handler does not take is closed: ${name}`, async () => {
    const { promise: cancelled, resolve } = Promise.withResolvers<void>();
    const source = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull: (controller) => controller.enqueue(new Uint8Array(10)),
      cancel: () => resolve(),
    });
    const prepared = new Request("POST", URL_, { data: pieces("x") }).prepare();
    prepared.body = { length: null, replayable: false, open: () => source };
    const handler: RequestHandler = async (request) => {
      await request.body!.getReader().read();
      if (name === "failed") throw new Error("handler broke");
      return name === "refused" ? Response.error() : new Response("fine");
    };
    const sending = new HandlerAdapter(handler).send(prepared);
    if (name === "read") assert.equal(await text(sending), "fine");
    else if (name === "closed") await (await sending).close();
    else await assert.rejects(sending);
    await cancelled;
  });
}

Deno.test("send() throws what the handler throws", async () => {
  const mine = new Error("handler broke");
  for (
    const handler of [() => Promise.reject(mine), () => {
      throw mine;
    }]
  ) await assert.rejects(send(handler), (error) => error === mine);
});

Deno.test("the handler sees the error of the source, and a length that does not fit", async () => {
  const mine = new Error("disk on fire");
  async function* broken(): AsyncGenerator<Uint8Array> {
    yield await Promise.resolve(new Uint8Array(1));
    throw mine;
  }
  const read: RequestHandler = async (request) => new Response(await request.text());
  await assert.rejects(send(read, "POST", { data: broken() }), (error) => error === mine);
  const prepared = new Request("POST", URL_, { data: "x" }).prepare();
  prepared.body = { length: 9, replayable: true, open: () => new Blob(["12345"]).stream() };
  await assert.rejects(new HandlerAdapter(read).send(prepared), (error) => error instanceof RequestException);
});

for (
  const [name, answer] of [
    ["Response.error()", () => Response.error()],
    ["nothing", () => undefined],
    ["a body that was read", async () => {
      const response = new Response("x");
      await response.text();
      return response;
    }],
  ] as [string, () => unknown][]
) {
  Deno.test(`send() raises ConnectionError for ${name}`, async () => {
    await assert.rejects(send(answer as RequestHandler), (error) => {
      assert.ok(error instanceof ConnectionError);
      assert.match(error.message, /^GET http:\/\/app\.test\/items\?…: the handler returned/);
      return true;
    });
  });
}

Deno.test("send() raises ReadTimeout, aborts the handler's signal and throws its late answer away", async () => {
  const { promise: cancelled, resolve } = Promise.withResolvers<void>();
  const { promise: goOn, resolve: release } = Promise.withResolvers<void>();
  let aborted = false;
  const handler: RequestHandler = async (request) => {
    request.signal.addEventListener("abort", () => aborted = true);
    await goOn;
    return new Response(new ReadableStream({ cancel: () => resolve() }));
  };
  await assert.rejects(send(handler, "GET", {}, { timeout: 0.03 }), ReadTimeout);
  assert.ok(aborted);
  release();
  await cancelled;
});

Deno.test("the read limit holds between the pieces of a body, too", async () => {
  const body = () => new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const response = await send(() => new Response(body()), "GET", {}, { timeout: 0.03 });
  await assert.rejects(response.read(), (error) => {
    assert.ok(error instanceof ConnectionError);
    assert.ok(error.cause instanceof ReadTimeout);
    return true;
  });
});

Deno.test("send() rejects with the reason of the signal", async () => {
  const reason = new Error("enough");
  const is = (error: unknown) => error === reason;
  await assert.rejects(send(() => new Response(), "GET", {}, { signal: AbortSignal.abort(reason) }), is);
  const first = new AbortController();
  const never = () => {
    queueMicrotask(() => first.abort(reason));
    return new Promise<globalThis.Response>(() => {});
  };
  await assert.rejects(send(never, "GET", {}, { signal: first.signal }), is);
  const second = new AbortController();
  const body = new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) });
  const response = await send(() => new Response(body), "GET", {}, { signal: second.signal });
  const reading = response.read();
  second.abort(reason);
  await assert.rejects(reading, is);
});

for (
  const [method, data, option] of [["GET", "x", "data"], ["HEAD", "x", "data"], ["TRACE", null, "method"]] as const
) {
  Deno.test(`send() refuses ${method}${data === null ? "" : " with a body"} and names the option`, async () => {
    await assert.rejects(send(() => new Response(), method, { data }), (error) => {
      assert.ok(error instanceof NotSupportedError);
      assert.equal(error.option, option);
      return true;
    });
  });
}

Deno.test("HandlerAdapter takes only a function", () => {
  assert.throws(() => new HandlerAdapter({} as RequestHandler), TypeError);
});

Deno.test("send() refuses a wrong timeout", async () => {
  await assert.rejects(send(() => new Response(), "GET", {}, { timeout: -1 }), RangeError);
});
