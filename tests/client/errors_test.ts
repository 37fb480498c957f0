import assert from "node:assert/strict";
import * as errors from "../../client/errors.ts";
import {
  ConnectionError,
  ConnectTimeout,
  CookieConflictError,
  JSONDecodeError,
  NotSupportedError,
  ReadTimeout,
  RequestException,
  Timeout,
} from "../../client/errors.ts";
import type { PreparedRequest } from "../../client/request.ts";
import type { Response } from "../../client/response.ts";

/** Every class with the names of the classes it is derived from in Python. */
const TREE: Record<string, readonly string[]> = {
  RequestException: [],
  InvalidJSONError: ["RequestException"],
  JSONDecodeError: ["InvalidJSONError", "RequestException"],
  HTTPError: ["RequestException"],
  ConnectionError: ["RequestException"],
  ProxyError: ["ConnectionError", "RequestException"],
  SSLError: ["ConnectionError", "RequestException"],
  ConnectTimeout: ["ConnectionError", "Timeout", "RequestException"],
  Timeout: ["RequestException"],
  ReadTimeout: ["Timeout", "RequestException"],
  URLRequired: ["RequestException"],
  TooManyRedirects: ["RequestException"],
  MissingSchema: ["RequestException"],
  InvalidSchema: ["RequestException"],
  InvalidURL: ["RequestException"],
  InvalidProxyURL: ["InvalidURL", "RequestException"],
  InvalidHeader: ["RequestException"],
  ChunkedEncodingError: ["RequestException"],
  ContentDecodingError: ["RequestException"],
  StreamConsumedError: ["RequestException"],
  RetryError: ["RequestException"],
  UnrewindableBodyError: ["RequestException"],
  NotSupportedError: ["RequestException"],
  CookieConflictError: [],
};

// deno-lint-ignore no-explicit-any -- the constructors differ, and the test calls them with a message alone.
const classes = errors as unknown as Record<string, new (...args: any[]) => Error>;
const make = (name: string): Error => new classes[name]!(...(name === "JSONDecodeError" ? ["m", "", 0] : ["m"]));

Deno.test("the tree of errors is complete", () => {
  assert.deepEqual(Object.keys(classes).sort(), Object.keys(TREE).sort());
});

for (const [name, bases] of Object.entries(TREE)) {
  Deno.test(`${name} is an instance of its bases and of no other class`, () => {
    const error = make(name);
    assert(error instanceof Error);
    for (const other of Object.keys(TREE)) {
      assert.equal(error instanceof classes[other]!, other === name || bases.includes(other), `instanceof ${other}`);
    }
  });
  Deno.test(`${name} shows its name and message`, () => {
    const error = make(name);
    assert.equal(error.name, name);
    assert.match(String(error), new RegExp(`^${name}: m`));
    assert.match(error.stack!, new RegExp(`^${name}: m`));
  });
}

Deno.test("Timeout is told apart from ConnectTimeout by its subclasses", () => {
  class MyTimeout extends Timeout {}
  assert(new MyTimeout() instanceof Timeout);
  assert(!(new ConnectTimeout() instanceof MyTimeout));
  class MyConnectTimeout extends ConnectTimeout {}
  assert(new MyConnectTimeout() instanceof Timeout);
  for (const value of [null, undefined, 1, {}, new Error("no")]) assert(!((value as object) instanceof Timeout));
});

Deno.test("instanceof narrows the type to the class", () => {
  // Compiles only if a class that looks alike is not ruled out by the branch before.
  const describe = (error: RequestException): string => {
    if (error instanceof ReadTimeout) return `read ${error.message}`;
    if (error instanceof Timeout) return `time ${error.message}`;
    if (error instanceof ConnectionError) return `connection ${error.message}`;
    return `other ${error.message}`;
  };
  assert.deepEqual(
    [new ReadTimeout("a"), new ConnectTimeout("b"), new ConnectionError("c"), new RequestException("d")].map(describe),
    ["read a", "time b", "connection c", "other d"],
  );
});

// Stand-ins: the error keeps what it is given and looks at nothing but `response.request`.
const request = { url: "http://localhost/" } as PreparedRequest;
const other = { url: "http://localhost/other" } as PreparedRequest;
const response = { request, statusCode: 404 } as unknown as Response;

Deno.test("RequestException keeps message, request, response and cause", () => {
  const cause = new Error("below");
  const error = new RequestException("oops", { request: other, response, cause });
  assert.equal(error.message, "oops");
  assert.equal(error.request, other);
  assert.equal(error.response, response);
  assert.equal(error.cause, cause);
});

Deno.test("RequestException has nothing by default", () => {
  const error = new RequestException();
  assert.equal(error.message, "");
  assert.equal(error.request, null);
  assert.equal(error.response, null);
  assert.equal("cause" in error, false);
});

Deno.test("RequestException takes the request of the response", () => {
  assert.equal(new RequestException("", { response }).request, request);
  assert.equal(new RequestException("", { response, request: null }).request, request);
});

Deno.test("RequestException.request and .response can be filled in later", () => {
  const error = new RequestException("oops");
  error.request = request;
  error.response = response;
  assert.equal(error.request, request);
  assert.equal(error.response, response);
});

Deno.test("RequestException does not show request and response when it is logged", () => {
  const secret = { headers: { Authorization: "Basic c2VjcmV0" } } as unknown as PreparedRequest;
  const error = new RequestException("oops", { request: secret });
  assert.doesNotMatch(Deno.inspect(error) + JSON.stringify(error), /c2VjcmV0/);
});

for (
  const [doc, pos, lineno, colno] of [
    ["", 0, 1, 1],
    ["oops", 0, 1, 1],
    ["[1, x]", 4, 1, 5],
    ["[1,\n  oops]", 6, 2, 3],
    ["\n\n", 2, 3, 1],
    ["[\n]", 1, 1, 2],
  ] as const
) {
  Deno.test(`JSONDecodeError counts line and column of ${pos} in ${JSON.stringify(doc)}`, () => {
    const error = new JSONDecodeError("Expecting value", doc, pos, { response });
    assert.deepEqual([error.lineno, error.colno], [lineno, colno]);
    assert.deepEqual([error.msg, error.doc, error.pos], ["Expecting value", doc, pos]);
    assert.equal(error.message, `Expecting value: line ${lineno} column ${colno} (char ${pos})`);
    assert.equal(error.response, response);
  });
}

Deno.test("JSONDecodeError does not show the document when it is logged", () => {
  assert.doesNotMatch(Deno.inspect(new JSONDecodeError("Expecting value", "s3cret", 0)), /s3cret/);
});

Deno.test("NotSupportedError names the option", () => {
  assert.equal(new NotSupportedError("no", { option: "verify" }).option, "verify");
  assert.equal(new NotSupportedError("no").option, null);
});

Deno.test("CookieConflictError is no RequestException", () => {
  assert(!(new CookieConflictError("several") instanceof RequestException));
});
