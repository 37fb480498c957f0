import assert from "node:assert/strict";
import { ThreadingHTTPServer } from "../../server/mod.ts";
import { ask, SilentHandler } from "../helpers/silent_handler.ts";

Deno.test("signal is aborted when the client leaves before anything was sent, and nothing is reported", async () => {
  const client = new AbortController();
  class Waiting extends SilentHandler {
    async do_GET(): Promise<void> {
      const gone = Promise.withResolvers<void>();
      this.signal.addEventListener("abort", () => gone.resolve());
      client.abort();
      await gone.promise;
      throw this.signal.reason;
    }
  }
  const { errors } = await ask(Waiting, { signal: client.signal });
  assert.deepEqual(errors, []);
});

Deno.test("signal is aborted at once where the client has left already", async () => {
  class Late extends SilentHandler {
    do_GET(): void {
      this.answer(String(this.signal.aborted));
    }
  }
  const { response } = await ask(Late, { signal: AbortSignal.abort() });
  assert.equal(response.status, 200);
});

Deno.test("signal is aborted when the client leaves in the middle of a stream", async () => {
  const reason = Promise.withResolvers<unknown>();
  class Streaming extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("begun");
      await this.wfile.flush();
      this.signal.addEventListener("abort", () => reason.resolve(this.signal.reason));
      await reason.promise;
    }
  }
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Streaming);
  const serving = server.serveForever();
  const response = await fetch(`http://127.0.0.1:${server.serverPort}/`);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  assert.ok(await reason.promise instanceof Deno.errors.BrokenPipe);
  await server.shutdown();
  await serving;
});

Deno.test("signal is not aborted by a response that was delivered, though Deno aborts the one of the request", async () => {
  let signal: AbortSignal | undefined;
  class Handler extends SilentHandler {
    do_GET(): void {
      signal = this.signal;
      this.answer("hello");
    }
  }
  const warn = console.warn;
  console.warn = () => {}; // Deno warns of exactly this.
  try {
    await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
    const serving = server.serveForever();
    assert.equal(await (await fetch(`http://127.0.0.1:${server.serverPort}/`)).text(), "hello");
    await server.shutdown();
    await serving;
  } finally {
    console.warn = warn;
  }
  assert.equal(signal!.aborted, false);
});
