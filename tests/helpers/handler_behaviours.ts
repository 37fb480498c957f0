/** What handlers do and what clients must get for it, whether the answer leaves whole or as a stream. */

import assert from "node:assert/strict";
import { type BaseHTTPRequestHandler, type HandlerClass, responses } from "../../server/mod.ts";
import { ask, promiseJobs, SilentHandler } from "./silent_handler.ts";

/** One row of the table. */
export interface Behaviour {
  readonly name: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  /** What is set on the handler before it handles. */
  readonly set?: (handler: BaseHTTPRequestHandler) => void;
  /** All up to and with `endHeaders()`, or `sendError()`. Without it the handler knows no method. */
  readonly head?: (handler: BaseHTTPRequestHandler) => void;
  /** What is written to the body then. */
  readonly pieces?: readonly string[];
  readonly status: number;
  /** Fields of the response: their exact value, a pattern, or `null` for none. */
  readonly fields?: Readonly<Record<string, string | RegExp | null>>;
  readonly body?: string | RegExp;
}

/** How many bytes the default page has around its code (twice), message and explanation. */
function errorPage(code: number, message: string, explain: string): RegExp {
  const literal = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(
    `^<!DOCTYPE HTML>\n[^]*<h1>Error response</h1>\n\\s*<p>Error code: ${code}</p>\n\\s*<p>Message: ${
      literal(message)
    }\\.</p>\n` +
      `\\s*<p>Error code explanation: ${code} - ${literal(explain)}\\.</p>\n[^]*</html>\n$`,
  );
}

const begin = (code: number, ...fields: [string, string | number][]) => (handler: BaseHTTPRequestHandler) => {
  handler.sendResponse(code);
  for (const [name, value] of fields) handler.sendHeader(name, value);
  handler.endHeaders();
};
const error = (code: number, message?: string | null, explain?: string) => (handler: BaseHTTPRequestHandler) =>
  handler.sendError(code, message, explain);

const PAGE_FIELDS = {
  "content-type": "text/html;charset=utf-8",
  "content-length": /^[1-9]\d+$/,
  connection: "close",
  "x-content-type-options": "nosniff",
  "content-security-policy": /default-src 'none'/,
};
const NO_BODY_FIELDS = { "content-type": null, "content-length": null, connection: "close" };

/** The table. */
export const BEHAVIOURS: readonly Behaviour[] = [
  {
    name: "writes a body in pieces",
    head: begin(200),
    pieces: ["one ", "two ", "", "thrée"],
    status: 200,
    body: "one two thrée",
  },
  {
    name: "writes no body",
    head: begin(200, ["Content-Length", 0]),
    status: 200,
    body: "",
    fields: { "content-length": "0" },
  },
  ...["GET", "PUT", "DELETE", "PATCH", "QUERY", "custom", "GETs", "M-SEARCH", "X!#$%&'*+.^_`|~9"].map((method) => ({
    name: `is called for the method ${method}`,
    method,
    head: begin(201),
    pieces: [method],
    status: 201,
    body: method,
  })),
  {
    name: "has no method for the request",
    method: "SPAM",
    status: 501,
    fields: PAGE_FIELDS,
    body: errorPage(501, "Unsupported method ('SPAM')", "Server does not support this operation"),
  },
  { name: "has no method for HEAD", method: "HEAD", status: 501, fields: PAGE_FIELDS, body: "" },
  {
    name: "sends an error with the texts of the table",
    head: error(404),
    status: 404,
    fields: PAGE_FIELDS,
    body: errorPage(404, "Not Found", "Nothing matches the given URI"),
  },
  {
    name: "sends an error with texts of its own, escaping & < > and no quotes",
    head: error(400, `<b> & "q"`, "long \n <script>'x'</script>"),
    status: 400,
    fields: PAGE_FIELDS,
    body: errorPage(400, `&lt;b&gt; &amp; "q"`, "long \n &lt;script&gt;'x'&lt;/script&gt;"),
  },
  {
    name: "sends an error with an unknown code",
    head: error(599),
    status: 599,
    fields: PAGE_FIELDS,
    body: errorPage(599, "???", "???"),
  },
  {
    name: "sends an error with an unknown code and an explanation",
    head: error(499, null, "why"),
    status: 499,
    body: errorPage(499, "???", "why"),
  },
  ...[204, 205, 304].map((status) => ({
    name: `sends an error ${status}, which has no body`,
    head: error(status),
    status,
    fields: NO_BODY_FIELDS,
    body: "",
  })),
  { name: "sends an error to HEAD", method: "HEAD", head: error(404), status: 404, fields: PAGE_FIELDS, body: "" },
  {
    name: "sends an error 304 to HEAD",
    method: "HEAD",
    head: error(304),
    status: 304,
    fields: NO_BODY_FIELDS,
    body: "",
  },
  { name: "sends an error 200 to HEAD", method: "HEAD", head: error(200), status: 200, fields: PAGE_FIELDS, body: "" },
  {
    name: "writes to a HEAD request",
    method: "HEAD",
    head: begin(200, ["Content-Length", 5]),
    pieces: ["12345"],
    status: 200,
    fields: { "content-length": "5" },
    body: "",
  },
  { name: "writes to a 204", head: begin(204), pieces: ["dropped"], status: 204, body: "" },
  {
    name: "sends a header twice",
    head: begin(200, ["X-A", "1"], ["x-a", "2"]),
    status: 200,
    fields: { "x-a": "1, 2" },
  },
  {
    name: "sends Content-Length twice, of which the second counts",
    head: begin(200, ["Content-Length", 99], ["content-length", 3]),
    pieces: ["abc"],
    status: 200,
    fields: { "content-length": "3" },
    body: "abc",
  },
  {
    name: "sends Transfer-Encoding, which is left out",
    head: begin(200, ["Transfer-Encoding", "chunked"]),
    pieces: ["abc"],
    status: 200,
    fields: { "transfer-encoding": null },
    body: "abc",
  },
  {
    name: "sends a header beyond ASCII",
    head: begin(200, ["X-Name", "Dängerous Mind"]),
    status: 200,
    fields: { "x-name": "Dängerous Mind" },
  },
  {
    name: "sends Server and Date by itself",
    head: begin(200),
    status: 200,
    fields: {
      server: /^BaseHTTP\/\d+\.\d+\.\d+ Deno\/\d+\.\d+\.\d+\S*$/,
      date: /^(Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/,
    },
  },
  {
    name: "begins with sendResponseOnly(), which adds neither Server nor Date",
    head(handler) {
      handler.sendResponseOnly(202);
      handler.endHeaders();
    },
    status: 202,
    fields: { server: null, date: null },
  },
  {
    name: "begins a second response before the head left, which forgets the fields of the first",
    head(handler) {
      handler.sendResponse(200);
      handler.sendHeader("X-First", "1");
      handler.sendError(403);
    },
    status: 403,
    fields: { "x-first": null },
    body: /Error code: 403/,
  },
  {
    name: "sets closeConnection",
    head(handler) {
      handler.sendResponse(200);
      handler.closeConnection = true;
      handler.endHeaders();
    },
    status: 200,
    fields: { connection: "close" },
  },
  {
    name: "sends Connection: close",
    head: begin(200, ["Connection", "close"]),
    status: 200,
    fields: { connection: "close" },
  },
  { name: "keeps the connection", head: begin(200), status: 200, fields: { connection: null } },
  {
    name: "answers a client that closes, where Deno says so itself",
    headers: { connection: "close" },
    head: begin(200),
    status: 200,
    fields: { connection: null },
  },
  {
    name: "has protocolVersion HTTP/1.0",
    set: (handler) => handler.protocolVersion = "HTTP/1.0",
    head: begin(200),
    status: 200,
    fields: { connection: "close" },
  },
  {
    name: "has protocolVersion HTTP/1.0 and sends Connection: keep-alive",
    set: (handler) => handler.protocolVersion = "HTTP/1.0",
    head: begin(200, ["Connection", "keep-alive"]),
    status: 200,
    fields: { connection: null },
  },
  {
    name: "has a serverVersion and no sysVersion",
    set(handler) {
      handler.serverVersion = "Spam/1.0 (eggs)";
      handler.sysVersion = "";
    },
    head: begin(200),
    status: 200,
    fields: { server: "Spam/1.0 (eggs)" },
  },
  {
    name: "has an errorMessageFormat and an errorContentType",
    set(handler) {
      handler.errorMessageFormat = "%(code)d|%(message)s|%(explain)s|100%%";
      handler.errorContentType = "text/plain";
    },
    head: error(418, "tea", "pot"),
    status: 418,
    fields: { "content-type": "text/plain", "content-length": "16", "content-security-policy": null },
    body: "418|tea|pot|100%",
  },
  {
    name: "has its own responses",
    set: (handler) => handler.responses = { ...responses, 499: ["Gone Home", "The client left"] },
    head: error(499),
    status: 499,
    body: errorPage(499, "Gone Home", "The client left"),
  },
  {
    name: "gets the request that waits for 100 Continue",
    method: "PUT",
    headers: { expect: "100-Continue" },
    head: begin(200),
    pieces: ["after the wait"],
    status: 200,
    body: "after the wait",
  },
  {
    name: "gets another expectation, which is ignored",
    method: "PUT",
    headers: { expect: "cake" },
    head: begin(200),
    status: 200,
  },
  {
    name: "throws before the head",
    head() {
      throw new Error("early");
    },
    status: 500,
    fields: PAGE_FIELDS,
    body: errorPage(500, "Internal Server Error", "Server got itself in trouble"),
  },
  {
    name: "throws between sendResponse() and endHeaders()",
    head(handler) {
      handler.sendResponse(200);
      handler.sendHeader("Set-Cookie", "secret=1");
      throw new Error("early");
    },
    status: 500,
    fields: { ...PAGE_FIELDS, "set-cookie": null },
    body: /Error code: 500/,
  },
  { name: "sends nothing", head() {}, status: 500, body: /Error code: 500/ },
  { name: "forgets endHeaders()", head: (handler) => handler.sendResponse(200), status: 500, body: /Error code: 500/ },
];

/** The answer of a handler as far as it can be compared. */
export interface Answer {
  readonly status: number;
  readonly fields: [string, string][];
  readonly body: string;
}

/** The handler of a row, which hands its answer over whole, or lets each part leave by itself. */
function handlerOf(behaviour: Behaviour, streaming: boolean): HandlerClass {
  const { head, pieces = [], method = "GET", set } = behaviour;
  class Handler extends SilentHandler {
    override setup(): void {
      set?.(this);
    }

    // sendError() writes its page behind this: the head is on its way by then.
    override endHeaders(): void {
      super.endHeaders();
      if (streaming) this.wfile.flush();
    }
  }
  if (head === undefined) return Handler;
  const answerWhole = function (this: Handler): void {
    head(this);
    for (const piece of pieces) this.wfile.write(piece);
  };
  const answerInParts = async function (this: Handler): Promise<void> {
    head(this);
    for (const piece of pieces) {
      await this.wfile.flush();
      await promiseJobs();
      await this.wfile.write(piece);
    }
  };
  Object.defineProperty(Handler.prototype, `do_${method}`, { value: streaming ? answerInParts : answerWhole });
  return Handler;
}

/** Asks the handler of a row, and checks what comes back. */
export async function checkBehaviour(behaviour: Behaviour, streaming: boolean): Promise<Answer> {
  const { method = "GET", headers = {}, status, fields = {}, body } = behaviour;
  const { response } = await ask(handlerOf(behaviour, streaming), { method, headers });
  const text = await response.text();
  assert.equal(response.status, status);
  for (const [name, expected] of Object.entries(fields)) {
    const value = response.headers.get(name);
    if (expected instanceof RegExp) assert.match(value ?? "", expected, name);
    else assert.equal(value, expected, name);
  }
  if (body instanceof RegExp) assert.match(text, body);
  else if (body !== undefined) assert.equal(text, body);
  const length = response.headers.get("content-length");
  if (length !== null && method !== "HEAD") assert.equal(new TextEncoder().encode(text).length, Number(length));
  // The seconds may change between two runs.
  return { status, fields: [...response.headers].filter(([name]) => name !== "date"), body: text };
}
