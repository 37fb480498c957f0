// What a handler answers when all of it leaves at once; streaming_test.ts runs the same table in parts.
import assert from "node:assert/strict";
import {
  BaseHTTPRequestHandler,
  type ClientAddress,
  fetchHandler,
  HTTPMessage,
  ThreadingHTTPServer,
} from "../../server/mod.ts";
import { captureLog } from "../helpers/captured_log.ts";
import { BEHAVIOURS, checkBehaviour } from "../helpers/handler_behaviours.ts";
import { rawRequest } from "../helpers/served.ts";
import { ask, SilentHandler } from "../helpers/silent_handler.ts";

for (const behaviour of BEHAVIOURS) {
  Deno.test(`respond(): a handler that ${behaviour.name}`, async () => {
    await checkBehaviour(behaviour, false);
  });
}

/** A handler without a server around it, to call single methods of. */
function lone(Handler: typeof BaseHTTPRequestHandler = SilentHandler, init: RequestInit = {}): BaseHTTPRequestHandler {
  const server = { serverName: "test", serverPort: 0, handleError() {} };
  return new Handler(new Request("http://localhost/a?b=1#c", init), ["192.0.2.7", 4711], server);
}

Deno.test("respond() gives a sync handler's response without a promise", () => {
  class Handler extends SilentHandler {
    do_GET(): void {
      this.answer("at once");
    }
  }
  assert.ok(fetchHandler(Handler)(new Request("http://localhost/")) instanceof Response);
});

Deno.test("respond() awaits async handlers, setup before and finish after, also when they throw", async () => {
  const calls: string[] = [];
  class Handler extends SilentHandler {
    override setup(): void {
      calls.push("setup");
    }
    async do_GET(): Promise<void> {
      await Promise.resolve();
      calls.push("do_GET");
      throw new Error("broken");
    }
    override finish(): void | Promise<void> {
      calls.push("finish");
      return super.finish();
    }
  }
  const { response, errors } = await ask(Handler);
  assert.equal(response.status, 500);
  assert.equal((errors[0] as Error).message, "broken");
  assert.deepEqual(calls, ["setup", "do_GET", "finish"]);
});

Deno.test("respond() tells handleError() of request, client and error, once", async () => {
  const told: unknown[][] = [];
  class Handler extends SilentHandler {
    do_GET(): void {
      throw new Error("broken");
    }
  }
  class Server extends ThreadingHTTPServer {
    override handleError(request: Request, clientAddress: ClientAddress, error: unknown): void {
      told.push([request.url, clientAddress, (error as Error).message]);
    }
  }
  const server = new Server(["", 0], Handler, { bindAndActivate: false });
  const remoteAddr = { transport: "tcp", hostname: "192.0.2.1", port: 5 } as const;
  assert.equal((await server.fetch(new Request("http://localhost/x"), { remoteAddr })).status, 500);
  assert.deepEqual(told, [["http://localhost/x", ["192.0.2.1", 5], "broken"]]);
});

Deno.test("respond() reports a handler that sends nothing", async () => {
  class Handler extends SilentHandler {
    do_GET(): void {}
  }
  const { errors } = await ask(Handler);
  assert.match(String(errors[0]), /the handler sent no response/);
});

Deno.test("respond() answers a plain 500 when sendError() itself throws, and reports both errors", async () => {
  class Handler extends SilentHandler {
    override sendError(): void {
      throw new Error("second");
    }
    do_GET(): void {
      throw new Error("first");
    }
  }
  const { response, errors } = await ask(Handler);
  assert.equal(response.status, 500);
  assert.equal(await response.text(), "");
  assert.deepEqual(errors.map((error) => (error as Error).message), ["first", "second"]);
});

Deno.test("sendHeader() refuses names and values that would split the response", () => {
  const handler = lone();
  handler.sendResponse(200);
  for (const name of ["", "A B", "A:", "A\r\nB", "A\0", "Ä", "A\n", "(a)"]) {
    assert.throws(
      () => handler.sendHeader(name, "x"),
      { name: "TypeError", message: /the name must be a token$/ },
      name,
    );
  }
  for (const value of ["a\r\nSet-Cookie: x=1", "a\nb", "a\rb", "a\0b", "Ā", "€", "\u{1f600}"]) {
    assert.throws(() => handler.sendHeader("X-A", value), {
      name: "TypeError",
      message: 'Cannot send the header "X-A": its value must be one line of ISO-8859-1',
    });
  }
});

Deno.test("sendHeader() shows neither the value nor control characters in its errors", () => {
  const handler = lone();
  handler.sendResponse(200);
  assert.throws(() => handler.sendHeader("X-A", "secret\n"), (error: Error) => !error.message.includes("secret"));
  assert.throws(() => handler.sendHeader("A\x1b[2J", "x"), (error: Error) => error.message.includes('"A\\x1b[2J"'));
});

Deno.test("sendHeader() that throws answers 500 and nothing of what was smuggled in", async () => {
  class Handler extends SilentHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Location", this.path + "\r\nSet-Cookie: admin=1");
      this.endHeaders();
    }
  }
  const { response, errors } = await ask(Handler);
  assert.equal(response.status, 500);
  assert.equal(response.headers.get("set-cookie"), null);
  assert.ok(errors[0] instanceof TypeError);
});

Deno.test("sendHeader() keeps Set-Cookie fields apart", async () => {
  class Handler extends SilentHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Set-Cookie", "a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT");
      this.sendHeader("set-cookie", "b=2");
      this.endHeaders();
    }
  }
  const cookies = (await ask(Handler)).response.headers.getSetCookie();
  assert.deepEqual(cookies, ["a=1; Expires=Wed, 21 Oct 2026 07:28:00 GMT", "b=2"]);
});

Deno.test("sendHeader() with Connection sets closeConnection", () => {
  const handler = lone();
  handler.sendHeader("Connection", "keep-alive");
  assert.equal(handler.closeConnection, false);
  handler.sendHeader("connection", " Close ");
  assert.equal(handler.closeConnection, true);
  handler.sendHeader("Connection", "upgrade");
  assert.equal(handler.closeConnection, true);
});

Deno.test("sendResponse() refuses statuses and reason phrases that cannot be sent", () => {
  const handler = lone();
  for (const code of [0, 99, 600, 999, 200.5, NaN, -200]) {
    assert.throws(() => handler.sendResponse(code), {
      name: "RangeError",
      message: /Deno\.serve sends 100 to 599 only$/,
    });
  }
  for (const reason of ["a\r\nX: y", "a\0", "€"]) {
    assert.throws(() => handler.sendResponse(200, reason), {
      name: "TypeError",
      message: /^Cannot send the reason phrase/,
    });
  }
});

Deno.test("sendResponse() gives its reason phrase as statusText, and sends Deno's on the wire", async () => {
  class Handler extends SilentHandler {
    do_GET(): void {
      this.sendResponse(200, "Fine");
      this.endHeaders();
    }
  }
  assert.equal((await ask(Handler)).response.statusText, "Fine");
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
  const served = server.handleRequest();
  const { head } = await rawRequest(server.serverPort, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  await served;
});

Deno.test("sendResponseOnly() drops an interim response", async () => {
  class Handler extends SilentHandler {
    do_GET(): void {
      this.sendResponseOnly(103);
      this.sendHeader("Link", "</a.css>; rel=preload");
      this.endHeaders();
      this.answer("final");
    }
  }
  const { response } = await ask(Handler);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("link"), null);
  assert.equal(await response.text(), "final");
});

Deno.test("endHeaders() throws without a response, and for a second one", () => {
  const handler = lone();
  assert.throws(() => handler.endHeaders(), /call sendResponse\(\) first$/);
  handler.sendResponse(200);
  handler.endHeaders();
  assert.throws(() => handler.endHeaders(), /no response was begun/);
  handler.sendResponse(201);
  assert.throws(() => handler.endHeaders(), /a head with 200 was sent$/);
});

for (const [streaming, mode] of [[false, "whole"], [true, "as a stream"]] as const) {
  Deno.test(`sendResponse() sends Server and Date once on the wire, ${mode}`, async () => {
    class Handler extends SilentHandler {
      async do_GET(): Promise<void> {
        this.answer("body");
        if (streaming) await this.wfile.flush();
      }
    }
    await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
    const served = server.handleRequest();
    const { head } = await rawRequest(server.serverPort, "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    await served;
    for (const name of ["server", "date", "connection", "content-type"]) {
      assert.equal(head.match(new RegExp(`^${name}:`, "gim"))?.length, 1, `${name} in ${head}`);
    }
    assert.match(head, streaming ? /transfer-encoding: chunked/i : /content-length: 4/i);
  });
}

Deno.test("closeConnection sends Connection: close once on the wire", async () => {
  class Handler extends SilentHandler {
    do_GET(): void {
      this.closeConnection = true;
      this.answer("");
    }
  }
  await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Handler);
  const served = server.handleRequest();
  using connection = await Deno.connect({ hostname: "127.0.0.1", port: server.serverPort });
  await connection.write(new TextEncoder().encode("GET / HTTP/1.1\r\nHost: a\r\n\r\n"));
  const buffer = new Uint8Array(1024);
  const head = new TextDecoder().decode(buffer.subarray(0, await connection.read(buffer) ?? 0));
  await served;
  assert.equal(head.match(/^connection: close\r$/gim)?.length, 1, head);
});

Deno.test("handleExpect100() that sends 417 and gives false keeps the method from being called", async () => {
  let called = false;
  class Handler extends SilentHandler {
    override handleExpect100(): boolean {
      this.sendError(417);
      return false;
    }
    do_PUT(): void {
      called = true;
    }
  }
  const { response } = await ask(Handler, { method: "PUT", headers: { Expect: "100-continue" }, body: "x" });
  assert.equal(response.status, 417);
  assert.equal(response.headers.get("connection"), "close");
  assert.match(await response.text(), /417 - Expect condition could not be satisfied/);
  assert.ok(!called);
});

Deno.test("parseRequest() refuses a Host that can be none", async () => {
  const { response } = await ask(SilentHandler, { headers: { Host: "evil/foo?" } });
  assert.equal(response.status, 400);
  assert.match(await response.text(), /Message: Bad Host header/);
});

Deno.test("parseRequest() makes several leading slashes one and keeps query and fragment", () => {
  for (
    const [url, path] of [
      ["http://h/a?b=1#c", "/a?b=1#c"],
      ["http://h//evil.com/x", "/evil.com/x"],
      ["http://h///x//y", "/x//y"],
      ["http://h/", "/"],
    ] as const
  ) {
    const handler = new SilentHandler(new Request(url), ["", 0], { serverName: "", serverPort: 0, handleError() {} });
    handler.parseRequest();
    assert.equal(handler.path, path, url);
  }
});

Deno.test("the constructor only stores: nothing is parsed or called before respond()", () => {
  let calls = 0;
  class Handler extends SilentHandler {
    override setup(): void {
      calls++;
    }
  }
  const handler = lone(Handler);
  assert.equal(calls, 0);
  assert.deepEqual([handler.command, handler.path, handler.requestline, handler.requestVersion], ["", "", "", ""]);
  assert.equal(handler.closeConnection, true);
  assert.equal(handler.rawRequestline.length, 0);
});

Deno.test("rawRequestline is the request line with its CRLF", () => {
  const handler = lone();
  handler.parseRequest();
  assert.equal(new TextDecoder().decode(handler.rawRequestline), handler.requestline + "\r\n");
});

Deno.test("fields of a subclass override the defaults of the base", async () => {
  class Message extends HTTPMessage {
    override get(name: string): string {
      return `own ${name}`;
    }
  }
  class Handler extends SilentHandler {
    override serverVersion = "A/1";
    override sysVersion = "";
    override protocolVersion = "HTTP/1.0";
    override errorMessageFormat = "%(code)03d %(message)s";
    override errorContentType = "text/x-own";
    override MessageClass = Message;
    override responses = { 501: ["Own", "Words"] as const };
    do_GET(): void {
      this.answer(this.headers.get("host")!);
    }
  }
  const { response } = await ask(Handler);
  assert.equal(response.headers.get("server"), "A/1");
  assert.equal(response.headers.get("connection"), "close");
  assert.equal(await response.text(), "own host");
  const refused = (await ask(Handler, { method: "PUT" })).response;
  assert.equal(refused.headers.get("content-type"), "text/x-own");
  assert.equal(await refused.text(), "501 Unsupported method ('PUT')");
});

Deno.test("dateTimeString() and logDateTimeString() write dates as HTTP and the log do", () => {
  const handler = lone();
  assert.equal(handler.dateTimeString(784111777), "Sun, 06 Nov 1994 08:49:37 GMT");
  assert.equal(handler.dateTimeString(new Date(784111777_000)), "Sun, 06 Nov 1994 08:49:37 GMT");
  assert.equal(handler.dateTimeString(0), "Thu, 01 Jan 1970 00:00:00 GMT");
  const before = Math.floor(Date.now() / 1000) * 1000;
  for (const now of [handler.dateTimeString(), handler.dateTimeString(null)]) {
    assert.ok(Date.parse(now) >= before && Date.parse(now) <= Date.now(), now);
  }
  const [, day, month, rest] = /^(\d\d)\/([A-Z][a-z]{2})\/(\d{4} \d\d:\d\d:\d\d)$/.exec(handler.logDateTimeString())!;
  // A Date.parse without a zone is local time, as the log's is.
  const local = Date.parse(`${day} ${month} ${rest}`);
  assert.ok(local >= before && local <= Date.now());
});

Deno.test("weekdayname and monthname are Python's tables", () => {
  const { weekdayname, monthname } = lone();
  assert.deepEqual([weekdayname[0], weekdayname[6], weekdayname.length], ["Mon", "Sun", 7]);
  assert.deepEqual([monthname[0], monthname[1], monthname[12], monthname.length], [null, "Jan", "Dec", 13]);
});

const LOG_START = String.raw`^192\.0\.2\.7 - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] `;

Deno.test("logMessage() writes one line per request in Python's format, errors before the request", async () => {
  class Handler extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.endHeaders();
    }
    do_POST(): void {
      this.sendError(404, "File not found");
    }
  }
  const handler = fetchHandler(Handler);
  const info = { remoteAddr: { transport: "tcp", hostname: "192.0.2.7", port: 1 } } as const;
  using log = captureLog();
  await handler(new Request("http://localhost/a?b"), info);
  await handler(new Request("http://localhost/c", { method: "POST" }), info);
  const lines = log.text().split("\n");
  assert.equal(lines.pop(), "");
  assert.match(lines[0]!, new RegExp(LOG_START + String.raw`"GET /a\?b HTTP/1\.1" 200 -$`));
  assert.match(lines[1]!, new RegExp(LOG_START + "code 404, message File not found$"));
  assert.match(lines[2]!, new RegExp(LOG_START + String.raw`"POST /c HTTP/1\.1" 404 -$`));
  assert.equal(lines.length, 3);
});

Deno.test("logMessage() escapes control characters, doubles backslashes and keeps the rest of Unicode", () => {
  using log = captureLog();
  lone(BaseHTTPRequestHandler).logMessage("%s", "\x1b[31m\0\n\r\t\x7f\x9f\\x \xa0é€\u{1f600}");
  const text = String.raw`\x1b[31m\x00\x0a\x0d\x09\x7f\x9f\\x ` + "\xa0é€\u{1f600}\n";
  assert.ok(log.text().endsWith(text), JSON.stringify(log.text()));
});

Deno.test("logMessage() formats as printf does", () => {
  using log = captureLog();
  lone(BaseHTTPRequestHandler).logMessage(
    "%s %d %5.1f %-4s| %r %05d %x 100%%",
    "a",
    7.9,
    3.14159,
    "b",
    "it's",
    42,
    255,
  );
  assert.match(log.text(), /\] a 7 {3}3\.1 b {3}\| "it's" 00042 ff 100%\n$/);
});

Deno.test("logRequest() shows code and size, logError() goes to logMessage()", () => {
  const logged: unknown[][] = [];
  class Handler extends BaseHTTPRequestHandler {
    override logMessage(...args: unknown[]): void {
      logged.push(args);
    }
  }
  const handler = lone(Handler);
  handler.parseRequest();
  handler.logRequest(200, 12);
  handler.logRequest();
  handler.logError("code %d", 400);
  assert.deepEqual(logged, [
    ['"%s" %s %s', handler.requestline, 200, 12],
    ['"%s" %s %s', handler.requestline, "-", "-"],
    ["code %d", 400],
  ]);
});

Deno.test("wfile.write() before endHeaders() rejects, and nothing of it is sent", async () => {
  let error: unknown;
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.sendResponse(200);
      await this.wfile.write("early ").catch((reason: unknown) => error = reason);
      this.endHeaders();
      await this.wfile.write("body");
    }
  }
  const { response } = await ask(Handler);
  assert.match(String(error), /the head was not sent, call endHeaders\(\) first/);
  assert.equal(await response.text(), "body");
});

Deno.test("wfile.send() twice rejects, and the first body is the body", async () => {
  let error: unknown;
  class Handler extends SilentHandler {
    async do_GET(): Promise<void> {
      this.answer("a");
      await this.wfile.send(new TextEncoder().encode("b"));
      await Promise.resolve(this.wfile.send(new Uint8Array(1))).catch((reason: unknown) => error = reason);
    }
  }
  const { response } = await ask(Handler);
  assert.match(String(error), /it was sent whole before/);
  assert.equal(await response.text(), "ab");
});

Deno.test("timeout gives up a body that does not come, with 408 and a line in the log", async () => {
  const logged: string[] = [];
  let cancelled = false;
  class Handler extends BaseHTTPRequestHandler {
    override timeout = 0.01;
    async do_POST(): Promise<void> {
      await this.rfile.read();
    }
    override logMessage(format: string): void {
      logged.push(format);
    }
  }
  const body = new ReadableStream<Uint8Array>({
    start: (controller) => controller.enqueue(new Uint8Array(3)),
    cancel() {
      cancelled = true;
    },
  });
  const { response, errors } = await ask(Handler, { method: "POST", body });
  assert.equal(response.status, 408);
  assert.equal(response.headers.get("connection"), "close");
  assert.match(await response.text(), /Error code: 408/);
  assert.deepEqual(errors, []);
  assert.equal(logged[0], "Request timed out: %r");
  assert.ok(cancelled);
});

Deno.test("timeout is a Deno.errors.TimedOut that a handler can answer itself", async () => {
  class Handler extends SilentHandler {
    override timeout = 0.01;
    async do_POST(): Promise<void> {
      const error = await this.rfile.readline().then(() => null, (reason: unknown) => reason);
      this.answer(error instanceof Deno.errors.TimedOut ? error.message : "no timeout");
    }
  }
  const { response } = await ask(Handler, { method: "POST", body: new ReadableStream<Uint8Array>() });
  assert.equal(await response.text(), "Cannot read the request: the client sent nothing for 0.01 seconds");
});
