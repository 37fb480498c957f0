import assert from "node:assert/strict";
import {
  type FieldLine,
  formatRequestHead,
  formatResponseHead,
  isPersistent,
  MessageReader,
  ProtocolError,
  type ProtocolErrorCode,
} from "../../http1/mod.ts";
import { FragmentSource, textOf } from "./byte_source.ts";

const readResponse = (text: string) => new MessageReader(new FragmentSource(text)).readResponseHead();
const readRequest = (text: string) => new MessageReader(new FragmentSource(text)).readRequestHead();
const hasCode = (code: ProtocolErrorCode) => (error: unknown) => error instanceof ProtocolError && error.code === code;

const STATUS_LINES: readonly (readonly [line: string, expected: readonly [string, number, string]])[] = [
  ["HTTP/1.1 200 OK", ["1.1", 200, "OK"]],
  ["HTTP/1.0 404 Not Found", ["1.0", 404, "Not Found"]],
  ["HTTP/1.9 100 Continue", ["1.1", 100, "Continue"]],
  ["HTTP/1.1 200 ", ["1.1", 200, ""]],
  ["HTTP/1.1 200", ["1.1", 200, ""]],
  ["HTTP/1.1 200   spaced  ", ["1.1", 200, "  spaced  "]],
  ["HTTP/1.1 600 ", ["1.1", 600, ""]],
  ["HTTP/1.1 999 No\tway \xe9\xff", ["1.1", 999, "No\tway \xe9\xff"]],
];

for (const [line, expected] of STATUS_LINES) {
  Deno.test(`readResponseHead() reads ${JSON.stringify(line)}`, async () => {
    for (const lineEnd of ["\r\n", "\n"]) {
      const { version, statusCode, reason, fields } = await readResponse(`${line}${lineEnd}${lineEnd}`);
      assert.deepEqual([version, statusCode, reason], expected);
      assert.deepEqual(fields, []);
    }
  });
}

const BAD_STATUS_LINES: readonly string[] = [
  "SSH-2.0-OpenSSH_9.2",
  "<!DOCTYPE html>",
  "220 smtp.example ESMTP",
  "\x15\x03\x03\x00\x02\x02\x16",
  "\0\0\x12\x04\0\0",
  "HTTP",
  "HTTP/",
  "HTTP/2 200",
  "HTTP/2.0 200 OK",
  "HTTP/0.9 200 OK",
  "HTTP/1 200 OK",
  "HTTP/1.10 200 OK",
  "HTTP/1.x 200 OK",
  "HTTP/1.1200 OK",
  "HTTP/1.1  200 OK",
  "HTTP/1.1\t200 OK",
  "HTTP/1.1 20 OK",
  "HTTP/1.1 2000 OK",
  "HTTP/1.1 099 Low",
  "HTTP/1.1 000 Low",
  "HTTP/1.1 +20 OK",
  "HTTP/1.1 2x0 OK",
  "HTTP/1.1 OK",
  "HTTP/1.1 ",
  "HTTP/1.1",
  "HTTP/1.1 200\tOK",
  "HTTP/1.1 200OK",
  "HTTP/1.1 200 O\0K",
  "HTTP/1.1 200 O\rK",
  "HTTP/1.1 200 O\x7fK",
  "HTTP/1.1 200 OK\r",
  "http/1.1 200 OK",
  " HTTP/1.1 200 OK",
  "\r\n\r\nHTTP/1.1 200 OK",
  "\rHTTP/1.1 200 OK",
];

for (const line of BAD_STATUS_LINES) {
  Deno.test(`readResponseHead() refuses ${JSON.stringify(line)}`, async () => {
    await assert.rejects(() => readResponse(`${line}\r\n\r\n`), hasCode("bad-start-line"));
  });
}

const REQUEST_LINES: readonly (readonly [line: string, expected: readonly [string, string, string]])[] = [
  ["GET / HTTP/1.1", ["GET", "/", "1.1"]],
  ["get /a%20b?c#d HTTP/1.0", ["get", "/a%20b?c#d", "1.0"]],
  ["OPTIONS * HTTP/1.1", ["OPTIONS", "*", "1.1"]],
  ["CONNECT [::1]:443 HTTP/1.1", ["CONNECT", "[::1]:443", "1.1"]],
  ["M-SEARCH http://x/ HTTP/1.7", ["M-SEARCH", "http://x/", "1.1"]],
  ["!#$%&'*+-.^_`|~0aZ \xc3\xa9{} HTTP/1.1", ["!#$%&'*+-.^_`|~0aZ", "\xc3\xa9{}", "1.1"]],
];

for (const [line, expected] of REQUEST_LINES) {
  Deno.test(`readRequestHead() reads ${JSON.stringify(line)}`, async () => {
    for (const lineEnd of ["\r\n", "\n"]) {
      const head = await readRequest(`${line}${lineEnd}${lineEnd}`);
      assert.deepEqual([head?.method, head?.target, head?.version], expected);
    }
  });
}

const BAD_REQUEST_LINES: readonly string[] = [
  "GET /",
  "GET  / HTTP/1.1",
  "GET /  HTTP/1.1",
  "GET / HTTP/1.1 ",
  "GET / a HTTP/1.1",
  "GET\t/ HTTP/1.1",
  "GET /\tHTTP/1.1",
  "GET /\0 HTTP/1.1",
  "GET /\r HTTP/1.1",
  "GET /\x0b HTTP/1.1",
  "GET /\x7f HTTP/1.1",
  "GET / HTTP/1.1\r",
  "GET / HTTP/2.0",
  "PRI * HTTP/2.0",
  "GET / HTTP/0.9",
  "GET / HTTP/1.10",
  "GET / http/1.1",
  "GET HTTP/1.1",
  " GET / HTTP/1.1",
  "G@T / HTTP/1.1",
  "G\xe9T / HTTP/1.1",
  "/ HTTP/1.1",
  "HTTP/1.1 200 OK",
  "\r\n\r\nGET / HTTP/1.1",
  "\x16\x03\x01\x02\0\x01\0",
];

for (const line of BAD_REQUEST_LINES) {
  Deno.test(`readRequestHead() refuses ${JSON.stringify(line)}`, async () => {
    await assert.rejects(() => readRequest(`${line}\r\n\r\n`), hasCode("bad-start-line"));
  });
}

Deno.test("readResponseHead() names what it got instead of a status line", async () => {
  await assert.rejects(() => readResponse('SSH-2.0-"x"\r\n\r\n'), /Received "SSH-2\.0-\\"x\\"\\r\\n/);
  await assert.rejects(
    () => readResponse(`HTTP/1.1 ${"x".repeat(200)}\r\n\r\n`),
    /Received "HTTP\/1\.1 x{71}…" instead/,
  );
});

const PERSISTENCE: readonly (readonly [version: "1.0" | "1.1", connection: readonly string[], expected: boolean])[] = [
  ["1.1", [], true],
  ["1.1", ["close"], false],
  ["1.1", ["Close"], false],
  ["1.1", ["keep-alive"], true],
  ["1.1", ["keep-alive, close"], false],
  ["1.1", ["close, keep-alive"], false],
  ["1.0", ["close", "keep-alive"], false],
  ["1.1", ["upgrade", " x ,CLOSE"], false],
  ["1.1", ["not-close"], true],
  ["1.1", ["closed"], true],
  ["1.0", [], false],
  ["1.0", ["Keep-Alive"], true],
  ["1.0", ["keep-alive", "close"], false],
  ["1.0", ["close"], false],
  ["1.0", ["TE"], false],
];

for (const [version, values, expected] of PERSISTENCE) {
  Deno.test(`isPersistent() is ${expected} for HTTP/${version} with Connection: ${JSON.stringify(values)}`, () => {
    const fields = values.map((value): FieldLine => ["connection", value]);
    assert.equal(isPersistent({ version, statusCode: 200, reason: "", fields }), expected);
    assert.equal(isPersistent({ version, method: "GET", target: "/", fields }), expected);
  });
}

Deno.test("formatRequestHead() keeps order, case, duplicates and bytes", () => {
  const head = formatRequestHead("GET", "/a?b=%20\xe9", [["Host", "x"], ["x-b", "\xe9\t2"], ["X-A", ""], ["x-b", "3"]]);
  assert.equal(textOf(head), "GET /a?b=%20\xe9 HTTP/1.1\r\nHost: x\r\nx-b: \xe9\t2\r\nX-A: \r\nx-b: 3\r\n\r\n");
});

Deno.test("formatResponseHead() keeps the reason and the fields", () => {
  assert.equal(textOf(formatResponseHead(200, "Caf\xe9 OK", [["A", "b"]])), "HTTP/1.1 200 Caf\xe9 OK\r\nA: b\r\n\r\n");
  assert.equal(textOf(formatResponseHead(999, "", [])), "HTTP/1.1 999 \r\n\r\n");
});

const BAD_METHODS = [
  "",
  "GET ",
  "G T",
  "GET\r\nX: y",
  "G\0T",
  "GET\n",
  "G:T",
  "G\xe9T",
  "G\u212aT",
  "GET /x HTTP/1.1\r\n\r\n",
];
const BAD_TARGETS = [
  "",
  "/ ",
  "/a b",
  "/\r",
  "/\n",
  "/\t",
  "/\0",
  "/\x7f",
  "/\x1f",
  "/ HTTP/1.1\r\nX: y\r\n\r\nGET /",
  "/\u0120",
  "/\u010d\u010a",
];
const BAD_NAMES = ["", "A ", " A", "A:", "A:b", "A\r", "A\n", "A\0", "A\r\nB", "\xe9", "A\u212a", "A(b)", '"', "A\tB"];
const BAD_VALUES = [
  "\r",
  "\n",
  "\0",
  "a\r\nX: y",
  "a\n b",
  "a\r\n\r\nHTTP/1.1 200 OK",
  "\u0100",
  // Cut to one byte, these would be CR and LF.
  "a\u010d\u010aX: y",
  "\u560d\u560aX: y",
  "\ud83d\ude00",
];

for (const method of BAD_METHODS) {
  Deno.test(`formatRequestHead() refuses the method ${JSON.stringify(method)}`, () => {
    assert.throws(() => formatRequestHead(method, "/", []), TypeError);
  });
}

for (const target of BAD_TARGETS) {
  Deno.test(`formatRequestHead() refuses the target ${JSON.stringify(target)}`, () => {
    assert.throws(() => formatRequestHead("GET", target, []), TypeError);
  });
}

for (const name of BAD_NAMES) {
  Deno.test(`formatRequestHead() and formatResponseHead() refuse a field named ${JSON.stringify(name)}`, () => {
    assert.throws(() => formatRequestHead("GET", "/", [["A", "b"], [name, "x"]]), TypeError);
    assert.throws(() => formatResponseHead(200, "OK", [[name, "x"]]), TypeError);
  });
}

for (const value of BAD_VALUES) {
  Deno.test(`formatRequestHead() and formatResponseHead() refuse the value ${JSON.stringify(value)}`, () => {
    assert.throws(() => formatRequestHead("GET", "/", [["A", value]]), TypeError);
    assert.throws(() => formatResponseHead(200, "OK", [["A", value]]), TypeError);
  });
}

for (const statusCode of [0, 99, 1000, -200, 200.5, NaN, Infinity]) {
  Deno.test(`formatResponseHead() refuses the status code ${statusCode}`, () => {
    assert.throws(() => formatResponseHead(statusCode, "", []), RangeError);
  });
}

for (const reason of ["a\r\nX: y", "\r", "\n", "\0", "\x1b[31m", "\x7f", "\u0100", "\u010a"]) {
  Deno.test(`formatResponseHead() refuses the reason ${JSON.stringify(reason)}`, () => {
    assert.throws(() => formatResponseHead(200, reason, []), TypeError);
  });
}

Deno.test("formatRequestHead() keeps a value that it refuses out of the message", () => {
  assert.throws(() => formatRequestHead("GET", "/", [["Authorization", "Basic c2VjcmV0\n"]]), (error) => {
    assert(error instanceof TypeError);
    assert.match(error.message, /"Authorization"/);
    assert.doesNotMatch(error.message, /c2VjcmV0/);
    return true;
  });
  assert.throws(() => formatRequestHead("GET", "/?token=secret secret", []), (error) => {
    assert(error instanceof TypeError);
    assert.doesNotMatch(error.message, /secret/);
    return true;
  });
});
