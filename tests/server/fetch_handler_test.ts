import assert from "node:assert/strict";
import { fetchHandler, type HandlerFactory } from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { SilentHandler } from "../helpers/silent_handler.ts";

class Echo extends SilentHandler {
  do_GET(): void {
    this.answer(`${this.path} for ${this.clientAddress.join(":")}`);
  }
}

Deno.test("fetchHandler() answers as a function, with a client address of its own when it knows none", async () => {
  const handler = fetchHandler(Echo);
  assert.equal(await (await handler(new Request("https://example.com/a?b"))).text(), "/a?b for 127.0.0.1:0");
  const remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 5 } as const;
  const response = await handler(new Request("https://example.com/"), { remoteAddr });
  assert.equal(await response.text(), "/ for 192.0.2.1:5");
});

Deno.test("fetchHandler() shows an IPv4 client of a dual-stack socket as IPv4, and one of a Unix socket as none", async () => {
  const handler = fetchHandler(Echo);
  const mapped = { transport: "tcp", hostname: "::ffff:192.0.2.1", port: 5 } as const;
  assert.equal(await (await handler(new Request("http://h/"), { remoteAddr: mapped })).text(), "/ for 192.0.2.1:5");
  const unix = { transport: "unix", path: "/run/x" } as const;
  assert.equal(await (await handler(new Request("http://h/"), { remoteAddr: unix })).text(), "/ for :0");
});

Deno.test("fetchHandler() takes a factory, arrow or function", async () => {
  class Greeter extends SilentHandler {
    greeting = "";
    do_GET(): void {
      this.answer(this.greeting);
    }
  }
  const make = (...args: Parameters<HandlerFactory>) => Object.assign(new Greeter(...args), { greeting: "hello" });
  function makeToo(...args: Parameters<HandlerFactory>): Greeter {
    return make(...args);
  }
  for (const factory of [make, makeToo]) {
    assert.equal(await (await fetchHandler(factory)(new Request("http://h/"))).text(), "hello");
  }
});

Deno.test("fetchHandler() throws for what is no function", () => {
  for (const wrong of [undefined, null, {}, "Handler", 1]) {
    assert.throws(() => fetchHandler(wrong as unknown as HandlerFactory), { name: "TypeError" });
  }
});

Deno.test("fetchHandler() answers 500 when a factory throws, and tells onError", async () => {
  const errors: unknown[] = [];
  const broken = () => {
    throw new Error("no handler");
  };
  const handler = fetchHandler(broken, { onError: (_request, error) => errors.push(error) });
  assert.equal((await handler(new Request("http://h/"))).status, 500);
  assert.equal((errors[0] as Error).message, "no handler");
});

Deno.test("fetchHandler() reports errors to standard error without onError", async () => {
  class Broken extends SilentHandler {
    do_GET(): void {
      throw new Error("to the log");
    }
  }
  using log = captureLog();
  assert.equal((await fetchHandler(Broken)(new Request("http://h/"))).status, 500);
  assert.match(log.text(), /^-{40}\nException occurred [^]*Error: to the log\n[^]*\n-{40}\n$/);
});

Deno.test("fetchHandler() answers concurrently", async () => {
  const second = Promise.withResolvers<void>();
  class Pair extends SilentHandler {
    async do_GET(): Promise<void> {
      if (this.path === "/first") await second.promise;
      else second.resolve();
      this.answer(this.path);
    }
  }
  const handler = fetchHandler(Pair);
  const answers = [handler(new Request("http://h/first")), handler(new Request("http://h/second"))];
  const texts = await Promise.all(answers.map(async (answer) => await (await answer).text()));
  assert.deepEqual(texts, ["/first", "/second"]);
});
