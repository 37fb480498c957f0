import assert from "node:assert/strict";
import {
  type FieldLine,
  type Framing,
  ProtocolError,
  type ProtocolErrorCode,
  requestFraming,
  responseFraming,
} from "../../http1/mod.ts";

const TE = "Transfer-Encoding";
const CL = "Content-Length";

type Expected = Framing["kind"] | ProtocolErrorCode | number;

/** What follows both a response (to GET) and a request, where `length` and `chunked` are announced. */
const ANNOUNCED: readonly (readonly [fields: readonly FieldLine[], expected: Expected])[] = [
  [[[CL, "5"]], 5],
  [[[CL, "0"]], 0],
  [[["CONTENT-LENGTH", "5"]], 5],
  [[[CL, "007"]], 7],
  [[[CL, "9007199254740991"]], Number.MAX_SAFE_INTEGER],
  [[[CL, "9007199254740992"]], "bad-length"],
  [[[CL, "99999999999999999999999"]], "bad-length"],
  [[[CL, "9".repeat(400)]], "bad-length"],
  // Equal ones are one, RFC 9110 §8.6.
  [[[CL, "5"], [CL, "5"]], 5],
  [[[CL, "5, 5"]], 5],
  [[[CL, "5,5 ,\t5"], ["content-length", "5"]], 5],
  [[[CL, "5"], [CL, "6"]], "bad-length"],
  [[[CL, "5, 6"]], "bad-length"],
  [[[CL, "5, "]], "bad-length"],
  [[[CL, ",5"]], "bad-length"],
  [[[CL, ""]], "bad-length"],
  [[[CL, "5"], [CL, ""]], "bad-length"],
  [[[CL, "+5"]], "bad-length"],
  [[[CL, "-5"]], "bad-length"],
  [[[CL, "-0"]], "bad-length"],
  [[[CL, "0x5"]], "bad-length"],
  [[[CL, "5e1"]], "bad-length"],
  [[[CL, "5.0"]], "bad-length"],
  [[[CL, "5 5"]], "bad-length"],
  [[[CL, "5;5"]], "bad-length"],
  [[[CL, "5\xa0"]], "bad-length"],
  [[[CL, "5\x0b"]], "bad-length"],
  [[[CL, "\xb2"]], "bad-length"],
  [[[CL, "five"]], "bad-length"],
  [[[TE, "chunked"]], "chunked"],
  [[["transfer-encoding", "CHUNKED"]], "chunked"],
  [[[TE, "chunked"], [CL, "5"]], "bad-framing"],
  [[[CL, "5"], [TE, "chunked"]], "bad-framing"],
  [[[CL, "x"], [TE, "identity"]], "bad-framing"],
  [[[TE, "gzip, chunked"]], "bad-framing"],
  [[[TE, "gzip"], [TE, "chunked"]], "bad-framing"],
  [[[TE, "chunked, gzip"]], "bad-framing"],
  [[[TE, "chunked, chunked"]], "bad-framing"],
  [[[TE, "chunked"], [TE, "chunked"]], "bad-framing"],
  [[[TE, "chunked"], [TE, "identity"]], "bad-framing"],
  [[[TE, "chunked"], [TE, ""]], "bad-framing"],
  [[[TE, "gzip"]], "bad-framing"],
  [[[TE, "identity"]], "bad-framing"],
  [[[TE, ""]], "bad-framing"],
  [[[TE, ",chunked"]], "bad-framing"],
  [[[TE, "chunked;q=1"]], "bad-framing"],
  [[[TE, "xchunked"]], "bad-framing"],
  [[[TE, "\x0bchunked"]], "bad-framing"],
];

function check(run: () => Framing, expected: Expected): void {
  if (typeof expected === "number") assert.deepEqual(run(), { kind: "length", length: expected });
  else if (expected.includes("-")) {
    assert.throws(run, (error) => error instanceof ProtocolError && error.code === expected);
  } else assert.deepEqual(run(), { kind: expected });
}

for (const [fields, expected] of ANNOUNCED) {
  const shown = fields.map((field) => field.join(": ").slice(0, 40)).join("; ");
  Deno.test(`responseFraming() judges ${JSON.stringify(shown)} as ${expected}`, () => {
    check(() => responseFraming("GET", { version: "1.1", statusCode: 200, reason: "OK", fields }), expected);
  });
  Deno.test(`requestFraming() judges ${JSON.stringify(shown)} as ${expected}`, () => {
    check(() => requestFraming({ method: "POST", target: "/", version: "1.1", fields }), expected);
  });
}

const RESPONSES: readonly (readonly [method: string, statusCode: number, fields: readonly FieldLine[], Expected])[] = [
  ["GET", 200, [], "close"],
  ["POST", 500, [], "close"],
  ["GET", 205, [], "close"],
  ["GET", 999, [], "close"],
  ["HEAD", 200, [], "none"],
  ["HEAD", 200, [[CL, "5"]], "none"],
  ["HEAD", 200, [[TE, "chunked"]], "none"],
  ["HEAD", 404, [[TE, "chunked"], [CL, "5"]], "none"],
  ["head", 200, [[CL, "5"]], 5],
  ["GET", 100, [[CL, "5"]], "none"],
  ["GET", 101, [], "none"],
  ["GET", 199, [[TE, "chunked"]], "none"],
  ["GET", 204, [[CL, "5"]], "none"],
  ["GET", 304, [[CL, "5"]], "none"],
  ["GET", 304, [[TE, "chunked"]], "none"],
  ["CONNECT", 200, [[CL, "5"]], "none"],
  ["CONNECT", 299, [[TE, "chunked"]], "none"],
  ["CONNECT", 407, [[CL, "5"]], 5],
  ["CONNECT", 302, [], "close"],
];

for (const [method, statusCode, fields, expected] of RESPONSES) {
  const shown = fields.map((field) => field.join(": ")).join("; ");
  Deno.test(`responseFraming() judges ${statusCode} to ${method} with {${shown}} as ${expected}`, () => {
    check(() => responseFraming(method, { version: "1.1", statusCode, reason: "", fields }), expected);
  });
}

Deno.test("responseFraming() refuses Transfer-Encoding in HTTP/1.0", () => {
  check(
    () => responseFraming("GET", { version: "1.0", statusCode: 200, reason: "", fields: [[TE, "chunked"]] }),
    "bad-framing",
  );
});

Deno.test("requestFraming() refuses Transfer-Encoding in HTTP/1.0", () => {
  check(
    () => requestFraming({ method: "POST", target: "/", version: "1.0", fields: [[TE, "chunked"]] }),
    "bad-framing",
  );
});

Deno.test("requestFraming() sees no body where none is announced", () => {
  for (const version of ["1.0", "1.1"] as const) {
    check(() => requestFraming({ method: "POST", target: "/", version, fields: [["Connection", "close"]] }), "none");
  }
});

Deno.test("responseFraming() names what was received", () => {
  const framing = (fields: readonly FieldLine[]) => () =>
    responseFraming("GET", { version: "1.1", statusCode: 200, reason: "", fields });
  assert.throws(framing([[CL, "5"], [CL, "6"]]), /different values of Content-Length: 5 and 6/);
  assert.throws(framing([[CL, "+5"]]), /Content-Length: "\+5"/);
  assert.throws(framing([[TE, "gzip, chunked"]]), /Transfer-Encoding: "gzip, chunked"/);
});
