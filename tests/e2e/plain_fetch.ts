/**
 * What the client does wherever there is a plain `fetch`. It runs under Deno, and as JavaScript under Node; the arguments are
 * the URLs of {@linkcode startPlainServer} and of nobody. Prints a line for each thing that works.
 */

import process from "node:process";
import assert from "node:assert/strict";
import {
  ConnectionError,
  get,
  HandlerAdapter,
  HTTPDigestAuth,
  HTTPError,
  InvalidURL,
  NotSupportedError,
  post,
  ProxyError,
  ReadTimeout,
  Response,
  Session,
} from "@x/httpkit/client";

const [url, nobody] = process.argv.slice(2);

interface Echo {
  method: string;
  url: string;
  body: string;
  headers: Record<string, string>;
}

/** Each with its name; `url` is that of the server. */
const CHECKS: Readonly<Record<string, (url: string) => Promise<void>>> = {
  async "GET with params and Basic credentials"(url) {
    const r = await get(`${url}/items`, { params: { page: [1, 2] }, auth: ["user", "pass"], timeout: 5 });
    const echo = r.raiseForStatus().json<Echo>();
    assert.equal(echo.url, "/items?page=1&page=2");
    assert.equal(echo.headers["authorization"], "Basic dXNlcjpwYXNz");
    assert.equal(r.statusCode, 200);
    assert.equal(r.apparentEncoding, "ascii");
  },
  async "POST of JSON, of a form and of a file"(url) {
    assert.equal((await post(url, { json: { name: "Zoë" } })).json<Echo>().body, '{"name":"Zoë"}');
    assert.equal((await post(url, { data: { a: "1 2" } })).json<Echo>().body, "a=1+2");
    const files = { report: ["a.txt", "hello", "text/plain"] } as const;
    assert.match((await post(url, { files })).json<Echo>().body, /filename="a\.txt"\r\n.*\r\n\r\nhello\r\n/);
  },
  async "a streamed upload"(url) {
    async function* pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>> {
      yield new TextEncoder().encode("one ");
      yield new TextEncoder().encode("two");
    }
    assert.equal((await post(url, { data: pieces() })).json<Echo>().body, "one two");
  },
  async "a redirect, and the cookies that came with it"(url) {
    const session = new Session();
    const r = await session.get(`${url}/login`);
    assert.equal(r.url, `${url}/home`);
    assert.deepEqual(r.history.map(({ statusCode }) => statusCode), [302]);
    assert.equal(r.json<Echo>().headers["cookie"], "user=zoe; seen=1");
    assert.deepEqual(session.cookies.getDict(), { user: "zoe", seen: "1" });
    session.close();
  },
  async "Digest"(url) {
    assert.equal((await get(`${url}/digest`, { auth: new HTTPDigestAuth("user", "pass") })).text, "secret");
    assert.equal((await get(`${url}/digest`, { auth: new HTTPDigestAuth("user", "wrong") })).statusCode, 401);
  },
  async "a streamed download"(url) {
    const r = await get(`${url}/lines`, { stream: true });
    const lines: unknown[] = [];
    for await (const line of r.iterLines(512, { decodeUnicode: true })) lines.push(line);
    assert.deepEqual(lines, ["one", "two", "three"]);
  },
  async "errors by their classes"(url) {
    const missing = await get(`${url}/missing`);
    assert.throws(() => missing.raiseForStatus(), HTTPError);
    await assert.rejects(get(`${url}/never`, { timeout: 0.05 }), ReadTimeout);
    await assert.rejects(get("http://"), InvalidURL);
    await assert.rejects(get(nobody!), ConnectionError);
    // What plain fetch cannot do is refused by its name, not left out.
    await assert.rejects(
      get(url, { proxies: { all: nobody! } }),
      "Deno" in globalThis ? ProxyError : NotSupportedError,
    );
  },
  async "a session with parameters of its own"(url) {
    const session = new Session({ baseUrl: url, params: { lang: "en", page: "1" } });
    session.hooks.response.push((response) => void response.raiseForStatus());
    assert.equal((await session.get("/x", { params: { page: "2" } })).json<Echo>().url, "/x?lang=en&page=2");
    session.close();
  },
  async "a response to JSON and back"(url) {
    const r = await get(url);
    assert.equal(Response.fromJSON(JSON.parse(JSON.stringify(r))).text, r.text);
  },
  async "HandlerAdapter"() {
    const session = new Session();
    session.mount(
      "http://app.example/",
      new HandlerAdapter((request) => new globalThis.Response(`hello ${request.method}`)),
    );
    const r = await session.put("http://app.example/", { data: "x" });
    assert.deepEqual([r.text, r.reason], ["hello PUT", "OK"]);
  },
};

for (const [name, check] of Object.entries(CHECKS)) {
  await check(url!);
  console.log(`ok: ${name}`);
}
console.log("done");
