// What the documentation of requests says about sessions, requests, responses and prepared requests, sentence by sentence.
// Where this port differs on purpose the test holds it to what it does here, and says so.
import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { PreparedRequest, Request, Response, Session, SSLError } from "../../client/mod.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { clientProcess } from "./client_process.ts";
import { FakeAdapter } from "./fake_adapter.ts";
import { httpbin, type Seen } from "./httpbin.ts";
import { ok, RawServer } from "./raw_server.ts";
import { CA, SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

// Session Objects

Deno.test("the Session object allows you to persist certain parameters across requests", async () => {
  await using server = httpbin();
  await using s = new Session();
  s.params = { lang: "en" };
  s.headers.set("x-test", "true");
  for (const path of ["/get", "/anything"]) {
    const seen = (await s.get(server.origin + path)).json<Seen>();
    assert.deepEqual(seen.args, { lang: "en" });
    assert.equal(seen.headers["x-test"], "true");
  }
});

Deno.test("it also persists cookies across all requests made from the Session instance", async () => {
  await using server = httpbin();
  await using s = new Session();
  await s.get(`${server.origin}/cookies/set/sessioncookie/123456789`);
  for (let i = 0; i < 2; i++) {
    assert.deepEqual((await s.get(`${server.origin}/cookies`)).json(), { cookies: { sessioncookie: "123456789" } });
  }
  await using other = new Session();
  assert.deepEqual((await other.get(`${server.origin}/cookies`)).json(), { cookies: {} });
});

Deno.test("if you're making several requests to the same host, the underlying TCP connection will be reused", async () => {
  await using server = new RawServer(() => ok("hello"));
  await using s = new Session();
  for (let i = 0; i < 5; i++) await s.get(`${server.origin}/${i}`);
  assert.deepEqual(server.requests.map(({ connection }) => connection), [1, 1, 1, 1, 1]);
});

Deno.test("a Session object has all the methods of the main Requests API", async () => {
  await using server = httpbin();
  await using s = new Session();
  for (const method of ["get", "options", "head", "post", "put", "patch", "delete"] as const) {
    assert.equal(typeof requests[method], "function");
    const [ofSession, ofModule] = [await s[method](`${server.origin}/x`), await requests[method](`${server.origin}/x`)];
    assert.equal(ofSession.request?.method, method.toUpperCase());
    assert.equal(ofModule.request?.method, method.toUpperCase());
    assert.equal(ofSession.text, ofModule.text);
  }
  assert.equal((await s.request("GET", `${server.origin}/get`)).json<Seen>().method, "GET");
  assert.equal((await requests.request("GET", `${server.origin}/get`)).json<Seen>().method, "GET");
});

Deno.test("let's persist some cookies across requests", async () => {
  await using server = httpbin();
  await using s = new Session();
  await s.get(`${server.origin}/cookies/set/sessioncookie/123456789`);
  const r = await s.get(`${server.origin}/cookies`);
  assert.equal(r.text, '{"cookies":{"sessioncookie":"123456789"}}\n');
});

Deno.test("Sessions can also be used to provide default data: both x-test and x-test2 are sent", async () => {
  await using server = httpbin();
  await using s = new Session();
  s.auth = ["user", "pass"];
  s.headers.update({ "x-test": "true" });
  const { headers } = (await s.get(`${server.origin}/headers`, { headers: { "x-test2": "true" } })).json<Seen>();
  assert.equal(headers["x-test"], "true");
  assert.equal(headers["x-test2"], "true");
  assert.equal(headers["authorization"], `Basic ${btoa("user:pass")}`);
  assert.equal((await s.get(`${server.origin}/basic-auth/user/pass`)).statusCode, 200);
});

Deno.test("any dictionaries that you pass to a request method will be merged with the session-level values", async () => {
  await using server = httpbin();
  await using s = new Session({
    params: { a: "session", b: "session" },
    headers: { "x-a": "session", "x-b": "session" },
    cookies: { a: "session", b: "session" },
    proxies: { "http://a.test": "http://session:1", "http://b.test": "http://session:2" },
  });
  const own = { params: { b: "own" }, headers: { "X-B": "own" }, cookies: { b: "own" } };
  const { args, headers } = (await s.get(`${server.origin}/get`, own)).json<Seen>();
  assert.deepEqual(args, { a: "session", b: "own" });
  assert.deepEqual([headers["x-a"], headers["x-b"]], ["session", "own"]);
  assert.deepEqual((await s.get(`${server.origin}/cookies`, own)).json(), { cookies: { a: "session", b: "own" } });
  const proxies = { "http://b.test": "http://own:2" };
  const used = (url: string) => requests.selectProxy(url, s.mergeEnvironmentSettings(url, { proxies }).proxies);
  assert.deepEqual(["http://a.test/", "http://b.test/"].map(used), ["http://session:1", "http://own:2"]);
});

Deno.test("the method-level parameters override session parameters", async () => {
  await using server = httpbin();
  await using s = new Session({ auth: ["session", "pw"], timeout: 5, stream: true });
  const r = await s.get(`${server.origin}/basic-auth/own/pw`, { auth: ["own", "pw"], timeout: 7, stream: false });
  assert.deepEqual(r.json(), { authenticated: true, user: "own" });
});

Deno.test("method-level parameters will not be persisted across requests, even if using a session", async () => {
  await using server = httpbin();
  await using s = new Session();
  let r = await s.get(`${server.origin}/cookies`, { cookies: { "from-my": "browser" } });
  assert.deepEqual(r.json(), { cookies: { "from-my": "browser" } });
  r = await s.get(`${server.origin}/cookies`);
  assert.deepEqual(r.json(), { cookies: {} });
});

Deno.test("to manually add cookies to your session, use the Cookie utility functions to manipulate Session.cookies", async () => {
  await using server = httpbin();
  await using s = new Session();
  requests.addDictToCookiejar(s.cookies, { added: "1" });
  s.cookies.set("set", "2", { domain: "127.0.0.1", path: "/cookies" });
  s.cookies.set("elsewhere", "3", { domain: "example.com" });
  s.cookies.setCookie(requests.createCookie("made", "4"));
  s.cookies.update(requests.cookiejarFromDict({ updated: "5" }));
  requests.mergeCookies(s.cookies, { merged: "6", dropped: "7" });
  requests.removeCookieByName(s.cookies, "dropped");
  const cookies = { added: "1", set: "2", made: "4", updated: "5", merged: "6" };
  assert.deepEqual((await s.get(`${server.origin}/cookies`)).json(), { cookies });
  assert.deepEqual(requests.dictFromCookiejar(s.cookies), { ...cookies, elsewhere: "3" });
});

Deno.test("Sessions can also be used as context managers", async () => {
  await using server = httpbin();
  {
    await using s = new Session();
    const r = await s.get(`${server.origin}/cookies/set/sessioncookie/123456789`);
    assert.equal(r.statusCode, 200);
  }
});

Deno.test("the session is closed as soon as the with block is exited, even if unhandled exceptions occurred", async () => {
  const adapter = new FakeAdapter([{}]);
  await assert.rejects(async () => {
    await using s = new Session({ adapters: { "http://": adapter } });
    await s.get("http://example.com/");
    throw new Error("unhandled");
  }, /unhandled/);
  assert.equal(adapter.closed, 1);
});

Deno.test("to omit session-level keys from a dict parameter, set that key's value to None in the method-level parameter", async () => {
  await using server = httpbin();
  await using s = new Session({
    params: { a: "1", b: "2" },
    headers: { "x-a": "1", "x-b": "2" },
    cookies: { a: "1", b: "2" },
  });
  const { args, headers } = (await s.get(`${server.origin}/get`, {
    params: { b: null },
    headers: { "x-b": null },
    cookies: { b: null },
  })).json<Seen>();
  assert.deepEqual(args, { a: "1" });
  assert.equal(headers["x-a"], "1");
  assert.equal(headers["x-b"], undefined);
  assert.equal(headers["cookie"], "a=1");
  const after = (await s.get(`${server.origin}/get`)).json<Seen>();
  assert.deepEqual([after.args, after.headers["x-b"], after.headers["cookie"]], [{ a: "1", b: "2" }, "2", "a=1; b=2"]);
});

Deno.test("all values that are contained within a session are directly available to you", async () => {
  await using s = new Session();
  for (
    const name of ["headers", "auth", "proxies", "hooks", "params", "stream", "verify", "cert", "adapters"] as const
  ) {
    assert.notEqual(s[name], undefined, name);
  }
  assert.equal(s.headers.get("accept"), "*/*");
  assert.equal(s.maxRedirects, 30);
  assert.equal(s.trustEnv, true);
  assert.equal(s.cookies.size, 0);
  s.maxRedirects = 1;
  s.verify = "/path/to/certfile";
  assert.deepEqual([s.maxRedirects, s.verify], [1, "/path/to/certfile"]);
});

// Request and Response Objects

Deno.test("you are constructing a Request object, and a Response object is generated once Requests gets a response back", async () => {
  await using server = httpbin();
  const r = await requests.post(`${server.origin}/post`, { data: { a: 1 }, headers: { "X-A": "b" } });
  assert.ok(r instanceof Response);
  // What the server returned, and the request.
  assert.deepEqual([r.statusCode, r.reason, r.ok, r.url], [200, "OK", true, `${server.origin}/post`]);
  assert.equal(r.headers.get("content-type"), "application/json");
  assert.deepEqual(r.json<Seen>().form, { a: "1" });
  assert.ok(r.request instanceof PreparedRequest);
  assert.deepEqual([r.request.method, r.request.url], ["POST", `${server.origin}/post`]);
  assert.equal(new TextDecoder().decode(r.request.body as Uint8Array), "a=1");
});

Deno.test("if we want to access the headers the server sent back to us: r.headers", async () => {
  const page = await new globalThis.Response(
    new Blob(["<p>Monty Python"]).stream().pipeThrough(new CompressionStream("gzip")),
  ).bytes();
  const sent = {
    "content-length": String(page.length),
    "x-content-type-options": "nosniff",
    "x-cache": "HIT from cp1006.eqiad.wmnet, MISS from cp1010.eqiad.wmnet",
    "content-encoding": "gzip",
    "age": "3080",
    "content-language": "en",
    "vary": "Accept-Encoding,Cookie",
    "server": "Apache",
    "last-modified": "Wed, 13 Jun 2012 01:33:50 GMT",
    "connection": "close",
    "cache-control": "private, s-maxage=0, max-age=0, must-revalidate",
    "date": "Thu, 14 Jun 2012 12:59:39 GMT",
    "content-type": "text/html; charset=UTF-8",
    "x-cache-lookup": "HIT from cp1006.eqiad.wmnet:3128, MISS from cp1010.eqiad.wmnet:80",
  };
  const lines = Object.entries(sent).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  const head = new TextEncoder().encode(`HTTP/1.1 200 OK\r\n${lines}\r\n`);
  await using server = new RawServer(() => new Uint8Array([...head, ...page]));
  const r = await requests.get(`${server.origin}/wiki/Monty_Python`);
  assert.deepEqual(Object.fromEntries(r.headers), sent);
  assert.equal(r.text, "<p>Monty Python");
});

Deno.test("if we want to get the headers we sent the server, we access the request, and then the request's headers", async () => {
  await using server = httpbin();
  const r = await requests.get(`${server.origin}/headers`);
  // `identity` and `compress` are not asked for here, and the program is another.
  assert.deepEqual(Object.fromEntries(r.request!.headers), {
    "User-Agent": requests.defaultUserAgent(),
    "Accept-Encoding": "gzip, deflate, br, zstd",
    "Accept": "*/*",
    "Connection": "keep-alive",
  });
  const { headers } = r.json<Seen>();
  for (const [name, value] of r.request!.headers) assert.equal(headers[name.toLowerCase()], value);
});

// Prepared Requests

Deno.test("the request attribute is actually the PreparedRequest that was used", async () => {
  await using server = httpbin();
  await using s = new Session();
  const prepared = s.prepareRequest(new Request("GET", `${server.origin}/get`));
  assert.equal((await s.send(prepared)).request, prepared);
  assert.ok((await requests.get(`${server.origin}/get`)).request instanceof PreparedRequest);
});

Deno.test("the simple recipe: req.prepare(), do something with prepped.body, with prepped.headers, and send it", async () => {
  await using server = httpbin();
  await using s = new Session();
  const req = new Request("POST", `${server.origin}/post`, { data: { a: 1 }, headers: { "X-A": "b" } });
  const prepped = req.prepare();
  assert.equal(prepped.headers.get("Content-Type"), "application/x-www-form-urlencoded");

  // The body is bytes here, and the length is set by a call.
  prepped.body = new TextEncoder().encode("No, I want exactly this as the body.");
  prepped.prepareContentLength();
  prepped.headers.delete("Content-Type");

  const resp = await s.send(prepped, { stream: false, verify: true, proxies: {}, cert: null, timeout: 10 });
  assert.equal(resp.statusCode, 200);
  const { data, headers } = resp.json<Seen>();
  assert.equal(data, "No, I want exactly this as the body.");
  assert.equal(headers["content-length"], "36");
  assert.equal(headers["content-type"], undefined);
  assert.equal(headers["x-a"], "b");
});

Deno.test("Session-level state such as cookies will not get applied to your request: replace with Session.prepare_request()", async () => {
  await using server = httpbin();
  await using s = new Session({ cookies: { sid: "1" }, headers: { "x-test": "true" }, auth: ["user", "pass"] });
  const req = new Request("POST", `${server.origin}/post`, { data: "data" });
  const seen = async (prepped: PreparedRequest) => (await s.send(prepped)).json<Seen>().headers;
  const bare = await seen(req.prepare());
  assert.deepEqual([bare["cookie"], bare["x-test"], bare["authorization"]], [undefined, undefined, undefined]);
  const full = await seen(s.prepareRequest(req));
  assert.deepEqual([full["cookie"], full["x-test"], full["authorization"]], ["sid=1", "true", "Basic dXNlcjpwYXNz"]);
});

Deno.test("prepped = s.prepare_request(req): 'Seriously, send exactly these bytes.', Keep-Dead: parrot", async () => {
  await using server = new RawServer(() => ok());
  await using s = new Session({ cookies: { sid: "1" } });
  const [data, headers] = [{ a: 1 }, { "X-A": "b" }];
  // The documentation has it with GET.
  for (const [index, method] of ["GET", "POST"].entries()) {
    const req = new Request(method, `${server.origin}/anything`, { data, headers });
    const prepped = s.prepareRequest(req);
    prepped.body = new TextEncoder().encode("Seriously, send exactly these bytes.");
    prepped.headers.set("Keep-Dead", "parrot");
    const resp = await s.send(prepped, { stream: false, verify: true, proxies: {}, cert: null, timeout: 10 });
    assert.equal(resp.statusCode, 200);
    const { head, body } = server.requests[index]!;
    assert.equal(head.split("\r\n")[0], `${method} /anything HTTP/1.1`);
    assert.equal(body, "Seriously, send exactly these bytes.");
    for (const field of ["Content-Length: 36", "Keep-Dead: parrot", "X-A: b", "Cookie: sid=1"]) {
      assert.match(head, new RegExp(`^${field}$`, "im"));
    }
  }
});

Deno.test("the prepared request flow does not take into account the environment; merge the environment settings", async () => {
  await using place = await tempTree({ "ca.pem": CA });
  await using server = new RawServer(() => ok("secure"), { tls: { cert: SERVER_CERT, key: SERVER_KEY } });
  const output = await clientProcess(
    `
    await using s = new requests.Session();
    const req = new requests.Request("GET", ${JSON.stringify(server.origin)});
    const prepped = s.prepareRequest(req);
    try {
      await s.send(prepped);
    } catch (error) {
      console.log(error.name);
    }
    // Merge environment settings into session
    const settings = s.mergeEnvironmentSettings(prepped.url, {});
    const resp = await s.send(prepped, settings);
    console.log(resp.statusCode, resp.text);`,
    { REQUESTS_CA_BUNDLE: `${place.path}/ca.pem` },
  );
  // Python: SSL: CERTIFICATE_VERIFY_FAILED.
  assert.equal(output, `${SSLError.name}\n200 secure`);
});
