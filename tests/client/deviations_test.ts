/**
 * What requests gets wrong and this client does not: one test for each, named after what requests does. COMPATIBILITY.md
 * has the paragraphs. Every test goes through the public surface.
 */

import assert from "node:assert/strict";
import { gzipSync } from "node:zlib";
import * as requests from "../../client/mod.ts";
import { clientProcess } from "./client_process.ts";
import { type Answer, FakeAdapter, type Sent } from "./fake_adapter.ts";
import { bytesOf, ok, RawServer } from "./raw_server.ts";
import { SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

const URL_A = "http://a.test/";

type Answers = ((sent: Sent, index: number) => Answer) | readonly Answer[];

/** A session without environment whose requests all go to a fake adapter. */
function sessionOf(answer: Answers, options: requests.SessionOptions = {}): [requests.Session, FakeAdapter] {
  const adapter = new FakeAdapter(answer);
  const session = new requests.Session({ trustEnv: false, adapters: { "http://": adapter, "https://": adapter } });
  Object.assign(session, options);
  return [session, adapter];
}

const redirect = (location: string, status: number): Answer => ({ status, headers: { location } });

/** Pieces that can be given once. */
async function* once(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces;
}

Deno.test("a generator body is lost on 307 and on a digest retry: UnrewindableBodyError here", async () => {
  const [session, adapter] = sessionOf([
    redirect("/new", 307),
    { status: 401, headers: { "www-authenticate": 'Digest realm="r", nonce="n", qop="auth"' } },
  ]);
  await assert.rejects(session.post(URL_A, { data: once("a", "b") }), requests.UnrewindableBodyError);
  const auth = new requests.HTTPDigestAuth("user", "pass");
  await assert.rejects(session.post(URL_A, { data: once("a", "b"), auth }), requests.UnrewindableBodyError);
  assert.deepEqual(adapter.sent.map(({ body }) => body), ["ab", "ab"]);
  assert.equal(adapter.open, 0);
});

Deno.test("301 keeps the method of PUT and DELETE and drops the body: both are kept here", async () => {
  for (const method of ["PUT", "DELETE", "PATCH"]) {
    const [session, adapter] = sessionOf([redirect("/new", 301), {}]);
    await session.request(method, URL_A, { data: { a: 1 } });
    const [, second] = adapter.sent;
    assert.deepEqual([second?.method, second?.body, second?.headers["content-length"]], [method, "a=1", "3"]);
    assert.equal(second?.headers["content-type"], "application/x-www-form-urlencoded");
  }
});

Deno.test("netrc overrides an explicit Authorization and userinfo: it fills gaps only here", async () => {
  const netrc = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(netrc, "machine a.test login net password rc");
    const output = await clientProcess(
      `const session = new requests.Session();
       for (const [url, options] of [
         ["http://a.test/", {}],
         ["http://a.test/", { headers: { authorization: "Bearer t" } }],
         ["http://own:pw@a.test/", {}],
       ]) console.log(session.prepareRequest(new requests.Request("GET", url, options)).headers.get("authorization"));`,
      { NETRC: netrc },
    );
    assert.deepEqual(output.split("\n"), [`Basic ${btoa("net:rc")}`, "Bearer t", `Basic ${btoa("own:pw")}`]);
  } finally {
    await Deno.remove(netrc);
  }
});

Deno.test("the environment overrides session.verify and session.proxies: the session wins here", async () => {
  const bundle = await Deno.makeTempFile();
  try {
    const output = await clientProcess(
      `const session = new requests.Session();
       const show = (options) => {
         const { verify, proxies } = session.mergeEnvironmentSettings("http://a.test/", options);
         console.log(JSON.stringify([verify, proxies.http]));
       };
       show({});
       session.verify = "own.pem";
       session.proxies = { http: "http://session.test:2" };
       show({});
       show({ verify: false, proxies: { http: "http://request.test:3" } });`,
      { REQUESTS_CA_BUNDLE: bundle, http_proxy: "http://env.test:1", no_proxy: "", NO_PROXY: "" },
    );
    assert.deepEqual(output.split("\n").map((line) => JSON.parse(line)), [
      [bundle, "http://env.test:1"],
      ["own.pem", "http://session.test:2"],
      [false, "http://request.test:3"],
    ]);
  } finally {
    await Deno.remove(bundle);
  }
});

Deno.test("there is no default timeout: nor is there here, but a session can have one", async () => {
  const [session, adapter] = sessionOf([{}, {}, {}]);
  await session.get(URL_A);
  session.timeout = 30;
  await session.get(URL_A);
  await session.get(URL_A, { timeout: null });
  assert.deepEqual(adapter.sent.map(({ options }) => options.timeout), [null, 30, null]);
});

Deno.test("iter_lines tears CRLF, delimiters and U+2028 apart: lines are exact here", async () => {
  const linesOf = async (pieces: string[], delimiter: string | null) => {
    const body = ReadableStream.from(pieces.map((piece) => new TextEncoder().encode(piece)));
    const response = new requests.Response({ body });
    response.encoding = "utf-8";
    return await Array.fromAsync(response.iterLines(1, { decodeUnicode: true, delimiter }));
  };
  assert.deepEqual(await linesOf(["a\r", "\nb\r\n", "\nc\u2028d\x0ce\x85f"], null), [
    "a",
    "b",
    "",
    "c\u2028d\x0ce\x85f",
  ]);
  assert.deepEqual(await linesOf(["a-", "-b-", "-"], "--"), ["a", "b"]);
});

Deno.test("iter_content(0) loses the body: RangeError here, and the body is still there", async () => {
  const response = new requests.Response({ body: new Blob(["abc"]).stream() });
  for (const size of [0, -1]) assert.throws(() => response.iterContent(size), RangeError);
  assert.throws(() => response.iterLines(0), RangeError);
  await response.read();
  assert.equal(response.text, "abc");
});

Deno.test("content after a partial iteration is the rest: StreamConsumedError here", async () => {
  const response = new requests.Response({ body: new Blob(["abcdef"]).stream() });
  const pieces = response.iterContent(2);
  await pieces.next();
  assert.throws(() => response.content, requests.StreamConsumedError);
  await assert.rejects(response.read(), requests.StreamConsumedError);
  await pieces.return();
  assert.throws(() => response.text, requests.StreamConsumedError);
});

Deno.test("text/* without charset is ISO-8859-1: so it is here, in any case of letters", () => {
  for (const [type, encoding] of [["text/html", "ISO-8859-1"], ["TEXT/Plain", "ISO-8859-1"], ["a/b", null]] as const) {
    const response = new requests.Response({ headers: new Headers({ "content-type": type }), body: bytesOf("\x80é") });
    assert.equal(response.encoding, encoding);
    if (encoding !== null) assert.equal(response.text, "\x80é");
  }
});

Deno.test("a UTF-8 mark in front of application/json fails: it is accepted here", () => {
  const headers = new Headers({ "content-type": "application/json" });
  const response = new requests.Response({ headers, body: bytesOf('\xef\xbb\xbf{"a":1}') });
  assert.deepEqual(response.json(), { a: 1 });
});

Deno.test("103 is returned as the final response: interim responses are skipped here", async () => {
  const hints = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n";
  await using server = new RawServer(() => hints + ok("final", "Connection: close\r\n"));
  await using session = new requests.Session({ trustEnv: false });
  const response = await session.get(server.origin);
  assert.deepEqual([response.statusCode, response.text, response.headers.has("link")], [200, "final", false]);
});

Deno.test("a latin-1 byte in Location crashes: it is percent-encoded here", async () => {
  const [session, adapter] = sessionOf([redirect("/caf\xe9", 302), {}]);
  await session.get(URL_A);
  assert.equal(adapter.sent[1]?.url, "http://a.test/caf%E9");
});

Deno.test("json() takes NaN and Infinity: JSONDecodeError here", () => {
  for (const text of ["NaN", "[1, Infinity]", '{"a": -Infinity}']) {
    const response = new requests.Response({ body: bytesOf(text) });
    assert.throws(() => response.json(), requests.JSONDecodeError, text);
  }
});

Deno.test("JSONDecodeError.response is None: it is set here", async () => {
  const [session] = sessionOf([{ body: "{" }]);
  const response = await session.get(URL_A);
  assert.throws(() => response.json(), (error) => {
    assert(error instanceof requests.JSONDecodeError);
    assert.equal(error.request, response.request);
    return error.response === response;
  });
});

Deno.test("digest: realm, quotes, stale, blanks in qop, auth-int and SHA-256-sess as in RFC 7616", async () => {
  const challenges: readonly (readonly [challenge: string, expected: RegExp])[] = [
    ['Digest nonce="n"', /^Digest .*realm=""/],
    ['Digest realm="a \\"b\\"", nonce="n"', /realm="a \\"b\\""/],
    ['Digest realm="r", nonce="n", qop="auth-int ,  auth"', /qop=auth,/],
    ['Digest realm="r", nonce="n", qop="auth-int"', /qop=auth-int,/],
    ['Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256-sess', /algorithm=SHA-256-sess/],
  ];
  for (const [challenge, expected] of challenges) {
    const [session, adapter] = sessionOf([{ status: 401, headers: { "www-authenticate": challenge } }, {}]);
    session.auth = new requests.HTTPDigestAuth('us"er', "pass");
    assert.equal((await session.post(URL_A, { data: "x" })).statusCode, 200, challenge);
    assert.match(adapter.sent[1]?.headers["authorization"] ?? "", expected);
    assert.match(adapter.sent[1]?.headers["authorization"] ?? "", /username="us\\"er"/);
  }

  const unauthorized = (nonce: string, stale: string): Answer => ({
    status: 401,
    headers: { "www-authenticate": `Digest realm="r", nonce="${nonce}", qop="auth"${stale}` },
  });
  const [session, adapter] = sessionOf([unauthorized("1", ""), unauthorized("2", ", stale=TRUE"), {}]);
  session.auth = new requests.HTTPDigestAuth("user", "pass");
  assert.equal((await session.get(URL_A)).statusCode, 200);
  assert.match(adapter.sent[2]?.headers["authorization"] ?? "", /nonce="2".*nc=00000001/);
});

Deno.test("a generator with Content-Length sends both framings: the length alone here, and it is checked", async () => {
  await using server = new RawServer(() => ok());
  await using session = new requests.Session({ trustEnv: false });
  const send = (length: string) =>
    session.post(server.origin, { data: once("ab", "c"), headers: { "Content-Length": length } });
  await send("3");
  assert.match(server.requests[0]?.head ?? "", /^content-length: 3$/im);
  assert.doesNotMatch(server.requests[0]?.head ?? "", /transfer-encoding/i);
  assert.equal(server.requests[0]?.body, "abc");
  await assert.rejects(send("4"), RangeError);
  const [faked] = sessionOf([]);
  const tooMuch = faked.post(URL_A, { data: once("ab", "c"), headers: { "Content-Length": "2" } });
  await assert.rejects(tooMuch, RangeError);
});

Deno.test("the length of text counts characters: bytes here", () => {
  assert.equal(requests.superLen("zwölf €"), 10);
  const prepared = new requests.Request("POST", URL_A, { data: "zwölf €" }).prepare();
  assert.equal(prepared.headers.get("Content-Length"), "10");
});

Deno.test("a multipart Content-Type of the caller's has no boundary: it gets one here", async () => {
  const [session, adapter] = sessionOf([{}]);
  await session.post(URL_A, { files: { f: "content" }, headers: { "Content-Type": "multipart/form-data" } });
  const [sent] = adapter.sent;
  const boundary = /^multipart\/form-data; boundary=(\w+)$/.exec(sent?.headers["content-type"] ?? "")?.[1];
  assert(boundary !== undefined && sent?.body?.startsWith(`--${boundary}\r\n`));
});

Deno.test("a header name with a blank inside is accepted: InvalidHeader here", () => {
  for (const name of ["X Name", "X\tName", "X(Name)"]) {
    const request = new requests.Request("GET", URL_A, { headers: { [name]: "1" } });
    assert.throws(() => request.prepare(), requests.InvalidHeader);
  }
});

Deno.test("a mount of https://a.com serves https://a.com.evil: a host is whole here", async () => {
  await using session = new requests.Session({ trustEnv: false });
  const mounted = new FakeAdapter([]);
  session.mount("https://a.com", mounted);
  assert.equal(session.getAdapter("https://a.com/x"), mounted);
  assert.equal(session.getAdapter("https://a.com:8443/"), mounted);
  for (const other of ["https://a.com.evil/", "https://a.com@evil.test/", "https://a.community/"]) {
    assert.notEqual(session.getAdapter(other), mounted, other);
  }
});

Deno.test("a bad Max-Age refuses the cookie and Domain=co.uk is accepted: RFC 6265bis here", () => {
  const jar = new requests.RequestsCookieJar();
  assert.notEqual(jar.setCookie("a=1; Max-Age=soon", "http://shop.co.uk/"), null);
  assert.equal(jar.setCookie("b=1; Domain=co.uk", "http://shop.co.uk/"), null);
  assert.equal(jar.getCookieHeader("http://shop.co.uk/"), "a=1");
});

Deno.test("secret headers survive a redirect to another origin: sensitiveHeaders names them here", async () => {
  const headers = { authorization: "Bearer t", cookie: "sid=1", "X-Api-Key": "secret", "X-Plain": "1" };
  const [session, adapter] = sessionOf([redirect("http://b.test/", 302), {}], { sensitiveHeaders: ["x-api-key"] });
  await session.get(URL_A, { headers });
  const kept = Object.keys(adapter.sent[1]?.headers ?? {});
  for (const name of ["authorization", "cookie", "x-api-key"]) assert(!kept.includes(name), name);
  assert(kept.includes("x-plain"));
});

Deno.test("no_proxy knows neither IPv6 networks nor ip:port nor *.x: it does here", () => {
  const rules = "2001:db8::/32, 10.0.0.1:8080, *.internal.test, [::1]:81";
  const cases = [
    ["http://[2001:db8::5]/", true],
    ["http://[2001:db9::5]/", false],
    ["http://10.0.0.1:8080/", true],
    ["http://10.0.0.1:8081/", false],
    ["http://x.internal.test/", true],
    ["http://internal.example/", false],
    ["http://[::1]:81/", true],
    ["http://[::1]/", false],
  ] as const;
  for (const [url, expected] of cases) assert.equal(requests.shouldBypassProxies(url, rules), expected, url);
});

Deno.test("the decoded size has no limit: nor has it here, but a streamed body can be given up in time", async () => {
  const size = 64 << 20;
  const bomb = gzipSync(new Uint8Array(size));
  assert(bomb.length < size / 500);
  const head = `HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: ${bomb.length}\r\n\r\n`;
  await using server = new RawServer(() => Uint8Array.of(...bytesOf(head), ...bomb));
  await using session = new requests.Session({ trustEnv: false });
  const response = await session.get(server.origin, { stream: true });
  let length = 0;
  for await (const piece of response.iterContent(null)) if ((length += piece.length) > 1 << 20) break;
  assert(length > 1 << 20 && length < size / 8, String(length));
  assert.throws(() => response.content, requests.StreamConsumedError);
});

Deno.test("a failed TLS handshake uses retries up: SSLError at once here", async () => {
  await using server = new RawServer(() => ok(), { tls: { cert: SERVER_CERT, key: SERVER_KEY } });
  await using session = new requests.Session({ trustEnv: false });
  session.mount("https://", new requests.HTTPAdapter({ maxRetries: 2 }));
  await assert.rejects(session.get(server.origin), requests.SSLError);
  assert.equal(server.connections, 1);
});
