// The same table of behaviours as in base_handler_test.ts, each answer leaving in parts; and what only streams can do.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { fetchHandler, HTTPServer } from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { BEHAVIOURS, checkBehaviour } from "../helpers/handler_behaviours.ts";
import { ask, promiseJobs, SilentHandler } from "../helpers/silent_handler.ts";
import { patternBytes } from "../helpers/temp_tree.ts";

for (const behaviour of BEHAVIOURS) {
  Deno.test(`streaming: a handler that ${behaviour.name} answers as it does whole`, async () => {
    assert.deepEqual(await checkBehaviour(behaviour, true), await checkBehaviour(behaviour, false));
  });
}

const CHUNK = 64 * 1024;
const MIB = 1024 * 1024;

Deno.test("wfile.flush() sends the head while the handler goes on", async () => {
  const gate = Promise.withResolvers<void>();
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("first ");
      await this.wfile.flush();
      await gate.promise;
      await this.wfile.write("second");
    }
  }
  const { response } = await ask(Handler);
  assert.equal(response.headers.get("content-type"), "text/plain");
  gate.resolve();
  assert.equal(await response.text(), "first second");
});

Deno.test("wfile.write() leaves without flush() when the handler waits for something", async () => {
  const gate = Promise.withResolvers<void>();
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("first ");
      await gate.promise;
      await this.wfile.write("second");
    }
  }
  const { response } = await ask(Handler);
  gate.resolve();
  assert.equal(await response.text(), "first second");
});

Deno.test("wfile.flush() does no harm behind sendError()", async () => {
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.sendError(404);
      await this.wfile.flush();
    }
  }
  const { response, errors } = await ask(Handler);
  assert.deepEqual(errors, []);
  assert.equal(response.status, 404);
  assert.match(await response.text(), /Error code: 404/);
});

Deno.test("wfile.write() copies, so that a buffer can be used again", async () => {
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("");
      const buffer = new Uint8Array(1);
      for (const char of "abc") {
        buffer[0] = char.charCodeAt(0);
        await this.wfile.write(buffer);
        await this.wfile.flush();
      }
    }
  }
  assert.equal(await (await ask(Handler)).response.text(), "abc");
});

Deno.test("wfile.write() of 10 MiB is held up by a client that does not read, and goes on when it reads", async () => {
  const content = patternBytes(10 * MIB);
  let written = 0;
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("");
      for (let at = 0; at < content.length; at += CHUNK) {
        await this.wfile.write(content.subarray(at, at + CHUNK));
        written++;
      }
    }
  }
  const { response } = await ask(Handler);
  await promiseJobs();
  assert.ok(written <= 4, `${written} chunks were taken though nobody read`);
  const hash = createHash("sha256");
  for await (const chunk of response.body!) hash.update(chunk);
  assert.equal(written, 160);
  assert.equal(hash.digest("hex"), createHash("sha256").update(content).digest("hex"));
});

Deno.test("wfile.write() rejects with BrokenPipe when the client leaves, and handleError() is not called", async () => {
  const thrown = Promise.withResolvers<unknown>();
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("");
      try {
        for (let i = 0; i < 1000; i++) await this.wfile.write(new Uint8Array(CHUNK));
        thrown.resolve(null);
      } catch (error) {
        thrown.resolve(error);
        throw error;
      }
    }
  }
  const { response, errors } = await ask(Handler);
  const reader = response.body!.getReader();
  await reader.read();
  await reader.cancel();
  assert.ok(await thrown.promise instanceof Deno.errors.BrokenPipe);
  await promiseJobs();
  assert.deepEqual(errors, []);
});

Deno.test("wfile.write() rejects with BrokenPipe when the client closes its socket", async () => {
  const thrown = Promise.withResolvers<unknown>();
  const errors: unknown[] = [];
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("");
      try {
        for (let i = 0; i < 100_000; i++) await this.wfile.write(new Uint8Array(CHUNK));
        thrown.resolve(null);
      } catch (error) {
        thrown.resolve(error);
        throw error;
      }
    }
  }
  class Server extends HTTPServer {
    override handleError(_request: Request, _address: unknown, error: unknown): void {
      errors.push(error);
    }
  }
  await using server = new Server(["127.0.0.1", 0], Handler);
  const serving = server.serveForever();
  const connection = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  await connection.read(new Uint8Array(1024));
  connection.close();
  assert.ok(await thrown.promise instanceof Deno.errors.BrokenPipe);
  await server.shutdown();
  await serving;
  assert.deepEqual(errors, []);
});

Deno.test("wfile.write() that nobody awaits does not end the process when the client leaves", async () => {
  const started = Promise.withResolvers<void>();
  const gate = Promise.withResolvers<void>();
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("");
      for (let i = 0; i < 4; i++) this.wfile.write(new Uint8Array(CHUNK));
      await this.wfile.flush().catch(() => {});
      started.resolve();
      await gate.promise;
      this.wfile.write("late");
    }
  }
  const { response, errors } = await ask(Handler);
  await response.body!.cancel();
  await started.promise;
  gate.resolve();
  await promiseJobs();
  assert.deepEqual(errors, []);
});

Deno.test("respond() cuts the stream of a handler that throws after its head", async () => {
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("half");
      await this.wfile.flush();
      throw new Error("late");
    }
  }
  const { response, errors } = await ask(Handler);
  assert.equal(response.status, 200);
  await assert.rejects(response.text(), /late/);
  assert.equal((errors[0] as Error).message, "late");
  assert.equal(errors.length, 1);
});

Deno.test("respond() cuts the connection of a handler that throws after its head, with no last chunk", async () => {
  const gate = Promise.withResolvers<void>();
  using log = captureLog();
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("half");
      await this.wfile.flush();
      await gate.promise;
      throw new Error("late");
    }
  }
  class Server extends HTTPServer {
    override handleError(): void {}
  }
  await using server = new Server(["127.0.0.1", 0], Handler);
  const serving = server.serveForever();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  const decoder = new TextDecoder();
  const buffer = new Uint8Array(1024);
  let text = "";
  while (!text.includes("half")) text += decoder.decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  gate.resolve();
  const rest = await new Response(connection.readable).text().catch((error: unknown) => {
    assert.ok(error instanceof Deno.errors.ConnectionReset);
    return "";
  });
  assert.match(text, /^HTTP\/1\.1 200 OK\r\n[^]*half/);
  assert.ok(!(text + rest).endsWith("0\r\n\r\n"), text + rest);
  await server.shutdown();
  await serving;
  // handleError() was told; Deno hands the error back a second time, and that is no news.
  assert.equal(log.text(), "");
});

Deno.test("timeout cuts a stream that the client does not take", async () => {
  const thrown = Promise.withResolvers<unknown>();
  class Handler extends SilentHandler {
    override timeout = 0.01;
    async do_GET(): Promise<void> {
      this.answer("");
      try {
        for (let i = 0; i < 10; i++) await this.wfile.write(new Uint8Array(CHUNK));
        thrown.resolve(null);
      } catch (error) {
        thrown.resolve(error);
        throw error;
      }
    }
  }
  const { response, errors } = await ask(Handler);
  const error = await thrown.promise;
  assert.ok(error instanceof Deno.errors.TimedOut);
  assert.match(error.message, /the client took nothing for 0\.01 seconds/);
  await assert.rejects(response.text(), /took nothing/);
  assert.deepEqual(errors, []);
});

Deno.test("wfile.send() behind a flush pumps a stream, and the source is cancelled when the client leaves", async () => {
  const cancelled = Promise.withResolvers<void>();
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("head");
      await this.wfile.flush();
      await this.wfile.send(
        new ReadableStream({
          pull: (controller) => controller.enqueue(new Uint8Array(CHUNK)),
          cancel: () => cancelled.resolve(),
        }),
      );
    }
  }
  const handler = fetchHandler(Handler, { onError: (_request, error) => cancelled.reject(error) });
  const response = await handler(new Request("http://localhost/"));
  const reader = response.body!.getReader();
  await reader.read();
  await reader.read();
  await reader.cancel();
  await cancelled.promise;
});
