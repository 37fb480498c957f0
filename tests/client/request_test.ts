import assert from "node:assert/strict";
import { isStreamBody } from "../../client/_content.ts";
import { AuthBase, type AuthInput, HTTPBasicAuth } from "../../client/auth.ts";
import { RequestsCookieJar } from "../../client/cookies.ts";
import { PreparedRequest, type PrepareOptions, Request, type RequestParts } from "../../client/request.ts";

const URL_ = "http://example.com/";
const prepare = (options: PrepareOptions) => new PreparedRequest().prepare({ method: "POST", url: URL_, ...options });
const headersOf = (options: PrepareOptions) => Object.fromEntries(prepare(options).headers);
const basic = (text: string) => `Basic ${btoa(text)}`;

Deno.test("Request keeps what it is given, and reads headers in any case", () => {
  const request = new Request("get", URL_, { headers: { "X-A": "1" }, json: 0 });
  assert.equal(request.method, "get");
  assert.equal(request.headers.get("x-a"), "1");
  assert.equal(request.json, 0);
  assert.deepEqual([request.data, request.files, request.params, request.auth, request.cookies], Array(5).fill(null));
  request.headers = [["Y", "2"]];
  assert.deepEqual([...request.headers], [["Y", "2"]]);
});

Deno.test("Request.registerHook() and deregisterHook() change its hooks", () => {
  const request = new Request("GET", URL_);
  const hook = () => {};
  request.registerHook("response", hook);
  assert.deepEqual(request.prepare().hooks, { response: [hook] });
  assert.equal(request.deregisterHook("response", hook), true);
  assert.equal(request.deregisterHook("response", hook), false);
  assert.throws(() => request.registerHook("no", hook), RangeError);
});

Deno.test("PreparedRequest.prepareMethod() writes capitals and refuses what is no token", () => {
  const prepared = new PreparedRequest();
  prepared.prepareMethod("purge");
  assert.equal(prepared.method, "PURGE");
  prepared.prepareMethod(null);
  assert.equal(prepared.method, null);
  for (const method of ["", "GET /", "A\r\nB", "ü"]) {
    assert.throws(() => prepared.prepareMethod(method), RangeError, method);
  }
});

Deno.test("PreparedRequest.prepareUrl() needs a URL", () => {
  assert.throws(() => prepare({ url: null }), { name: "URLRequired" });
  assert.throws(() => prepare({ url: "example.com" }), { name: "MissingSchema" });
});

Deno.test("PreparedRequest.prepareHeaders() keeps order and case, and turns bytes into text", () => {
  const headers = { "x-B": "1", "X-a": Uint8Array.of(0xe9), accept: "" };
  assert.deepEqual([...prepare({ method: "GET", headers }).headers], [["x-B", "1"], ["X-a", "é"], ["accept", ""]]);
});

for (
  const headers of [{ a: null }, { a: 1 }, { a: " x" }, { a: "x\r\ny" }, { "a:": "x" }, { "a b": "x" }, { a: "☃" }, {
    "": "x",
  }]
) {
  Deno.test(`PreparedRequest.prepareHeaders() refuses ${JSON.stringify(headers)}`, () => {
    assert.throws(() => prepare({ headers: headers as unknown as Record<string, string> }), { name: "InvalidHeader" });
  });
}

Deno.test("PreparedRequest.prepareCookies() sets the header of the cookies that fit, unless there is one", () => {
  const jar = new RequestsCookieJar([
    { name: "a", value: "1", domain: "example.com" },
    { name: "b", value: "2", domain: "example.org" },
  ]);
  const prepared = prepare({ cookies: jar });
  assert.equal(prepared.headers.get("cookie"), "a=1");
  assert.equal(prepared.cookies, jar);
  assert.equal(headersOf({ cookies: { c: "3" } })["Cookie"], "c=3");
  const own = prepare({ cookies: jar, headers: { cookie: "mine=1" } });
  assert.deepEqual([...own.headers], [["cookie", "mine=1"], ["Content-Length", "0"]]);
  assert.equal(prepare({ url: "localhost:80", cookies: { c: "3" } }).headers.has("cookie"), false);
  assert.equal(prepare({ url: "//h:80", cookies: { c: "3" } }).headers.has("cookie"), false);
});

const LENGTHS: readonly (readonly [name: string, options: PrepareOptions, headers: Record<string, string>])[] = [
  ["GET without a body", { method: "GET" }, {}],
  ["HEAD without a body", { method: "HEAD" }, {}],
  ["no method", { method: null }, { "Content-Length": "0" }],
  ["OPTIONS without a body", { method: "OPTIONS" }, { "Content-Length": "0" }],
  ["a form without fields", { data: { a: null } }, {
    "Content-Type": "application/x-www-form-urlencoded",
    "Content-Length": "0",
  }],
  ["a wrong length", { data: "four", headers: { "content-length": "999" } }, { "Content-Length": "4" }],
  ["a Blob", { data: new Blob(["abc"], { type: "a/b" }) }, { "Content-Length": "3" }],
  ["an empty Blob", { data: new Blob() }, { "Content-Length": "0" }],
  ["an iterator", { data: ["a"].values() }, { "Transfer-Encoding": "chunked" }],
  ["chunks asked for", { data: "abc", headers: { "Transfer-Encoding": "chunked" } }, {
    "Transfer-Encoding": "chunked",
  }],
  ["a promised length with chunks", {
    data: ["a"].values(),
    headers: { "Content-Length": "1", "Transfer-Encoding": "chunked" },
  }, { "Transfer-Encoding": "chunked" }],
  ["a promised length", { data: ["a"].values(), headers: { "Content-Length": "1" } }, { "Content-Length": "1" }],
];
for (const [name, options, headers] of LENGTHS) {
  Deno.test(`PreparedRequest.prepareBody() frames ${name}`, () => assert.deepEqual(headersOf(options), headers));
}

Deno.test("PreparedRequest.prepareBody() holds a stream to the length that was promised", async () => {
  const { body } = prepare({ data: ["abc"].values(), headers: { "Content-Length": "2" } });
  assert(isStreamBody(body));
  assert.equal(body.length, 2);
  await assert.rejects(new Response(body.open()).text(), RangeError);
  assert.throws(() => prepare({ data: ["a"].values(), headers: { "Content-Length": "2, 2" } }), {
    name: "InvalidHeader",
  });
});

Deno.test("PreparedRequest.prepareContentLength() follows a body that was changed", () => {
  const prepared = prepare({ data: "abc" });
  prepared.body = new TextEncoder().encode("abcdef");
  prepared.prepareContentLength();
  assert.equal(prepared.headers.get("content-length"), "6");
});

const AUTH: readonly (readonly [name: string, options: PrepareOptions, value: string | null])[] = [
  ["a pair", { auth: ["u", "p"] }, basic("u:p")],
  ["an object", { auth: new HTTPBasicAuth("u", "") }, basic("u:")],
  ["the URL", { url: "http://u%20x:p%40@h/" }, basic("u x:p@")],
  ["an empty password in the URL", { url: "http://u:@h/" }, basic("u:")],
  ["a user alone in the URL", { url: "http://u@h/" }, null],
  ["auth over the URL", { url: "http://u:p@h/", auth: ["a", "b"] }, basic("a:b")],
  ["a header over the URL", { url: "http://u:p@h/", headers: { authorization: "Bearer t" } }, "Bearer t"],
  ["auth over a header", { auth: ["a", "b"], headers: { authorization: "Bearer t" } }, basic("a:b")],
];
for (const [name, options, value] of AUTH) {
  Deno.test(`PreparedRequest.prepareAuth() takes ${name}`, () => {
    assert.equal(prepare(options).headers.get("Authorization"), value);
  });
}

Deno.test("PreparedRequest.prepareAuth() shows auth the whole request, and takes over what it returns", () => {
  const auth = (request: PreparedRequest) => {
    assert.equal(request.headers.get("Content-Length"), "3");
    const other = request.copy();
    other.url = "http://other.example/";
    other.body = new TextEncoder().encode("signed");
    other.hooks.response.push(first);
    return other;
  };
  const first = () => {};
  const second = () => {};
  const prepared = prepare({ data: "abc", auth, hooks: { response: second } });
  assert.equal(prepared.url, "http://other.example/");
  assert.equal(prepared.headers.get("Content-Length"), "6");
  assert.deepEqual(prepared.hooks.response, [first, second]);
});

Deno.test("PreparedRequest.prepareAuth() leaves chunks alone", () => {
  const headers = headersOf({ data: ["a"].values(), auth: (request) => request });
  assert.deepEqual(headers, { "Transfer-Encoding": "chunked" });
});

class SlowAuth extends AuthBase {
  override async apply(request: PreparedRequest): Promise<PreparedRequest> {
    await Promise.resolve();
    request.headers.set("X-Token", "t");
    return request;
  }
}

Deno.test("PreparedRequest.prepare() refuses auth that needs time, prepareAsync() waits for it", async () => {
  const request = new Request("GET", URL_, { auth: new SlowAuth() });
  assert.throws(() => request.prepare(), { name: "TypeError", message: /prepareAsync\(\)/ });
  assert.equal((await request.prepareAsync()).headers.get("x-token"), "t");
  const failing: AuthInput = () => Promise.reject(new Error("no token"));
  await assert.rejects(new Request("GET", URL_, { auth: failing }).prepareAsync(), { message: "no token" });
  assert.throws(() => new Request("GET", URL_, { auth: failing }).prepare(), TypeError);
});

Deno.test("PreparedRequest.prepareAuth() refuses auth that is none or returns none", () => {
  for (const auth of [["u"], ["u", "p", "x"], 5, () => undefined, () => null, () => "x"]) {
    assert.throws(() => prepare({ auth: auth as unknown as AuthInput }), TypeError);
  }
});

Deno.test("PreparedRequest.copy() is equal and independent, with the same body", () => {
  const prepared = prepare({ data: ["a"].values(), cookies: { a: "1" }, hooks: { response: () => {} } });
  const copy = prepared.copy();
  assert.deepEqual([copy.method, copy.url], [prepared.method, prepared.url]);
  assert.deepEqual([...copy.headers], [...prepared.headers]);
  assert.equal(copy.body, prepared.body);
  assert.deepEqual(copy.hooks, prepared.hooks);
  copy.headers.set("X", "1");
  copy.hooks.response.length = 0;
  copy.cookies!.set("b", "2");
  assert.equal(prepared.headers.has("X"), false);
  assert.equal(prepared.hooks.response.length, 1);
  assert.equal(prepared.cookies!.size, 1);
});

Deno.test("PreparedRequest.pathUrl follows the URL", () => {
  const prepared = prepare({ url: "http://h?x#y" });
  assert.equal(prepared.pathUrl, "/?x");
  prepared.url = "http://h/z";
  assert.equal(prepared.pathUrl, "/z");
});

Deno.test("PreparedRequest.toJSON() and fromJSON() go around", () => {
  for (
    const options of [{ data: Uint8Array.of(0, 255), cookies: { a: "1" }, headers: { "X-a": "é" } }, { method: "GET" }]
  ) {
    const prepared = prepare(options);
    const copy = PreparedRequest.fromJSON(JSON.parse(JSON.stringify(prepared)));
    assert.deepEqual([copy.method, copy.url, copy.body], [prepared.method, prepared.url, prepared.body]);
    assert.deepEqual([...copy.headers], [...prepared.headers]);
    assert.deepEqual([...copy.cookies!], [...prepared.cookies!]);
  }
  const blank = PreparedRequest.fromJSON(new PreparedRequest().toJSON());
  assert.deepEqual(blank.toJSON(), new PreparedRequest().toJSON());
});

Deno.test("PreparedRequest.toJSON() and fromJSON() refuse streams, bad headers and the rest", () => {
  assert.throws(() => prepare({ data: new Blob(["a"]) }).toJSON(), { name: "TypeError", message: /a stream/ });
  const json = prepare({}).toJSON();
  assert.throws(() => PreparedRequest.fromJSON({ ...json, headers: [["a", "x\r\ny"]] }), { name: "InvalidHeader" });
  assert.throws(() => PreparedRequest.fromJSON("x" as unknown as typeof json), TypeError);
});

Deno.test("PreparedRequest.toCurl() takes credentials from the header, and neither userinfo nor fragment", () => {
  const prepared = prepare({ method: "GET", url: "http://u:p@h/a#f" });
  assert.equal(prepared.toCurl(), `curl -H 'Authorization: ${basic("u:p")}' -H User-Agent: -H Accept: http://h/a`);
  assert.throws(() => new PreparedRequest().toCurl(), { name: "URLRequired" });
});

Deno.test("PreparedRequest.prepare() sends files with fields, and says their type and length", () => {
  const parts: RequestParts = {
    files: { f: new Blob(["abc"]) },
    data: { a: "1" },
    headers: { "content-type": "multipart/form-data" },
  };
  const prepared = new Request("POST", URL_, parts).prepare();
  assert.match(prepared.headers.get("Content-Type")!, /^multipart\/form-data; boundary=\w{32}$/);
  assert.equal(prepared.headers.get("Content-Length"), String(prepared.body!.length));
});
