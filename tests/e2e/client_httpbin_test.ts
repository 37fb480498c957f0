/** What the pages "Quickstart" and "Advanced Usage" of requests show, against httpbin itself. */

import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { clientProcess } from "../client/client_process.ts";
import { patternBytes, tempTree } from "../helpers/temp_tree.ts";
import { httpbinTest, startHttpbin, stopHttpbin } from "./httpbin.ts";
import { freePort } from "./peer.ts";
import { run } from "./program.ts";
import { isInstalled } from "../../tools/installed.ts";

Deno.test.beforeAll(startHttpbin);
Deno.test.afterAll(stopHttpbin);

/** What httpbin tells about a request. */
interface Seen {
  url: string;
  method: string;
  args: Record<string, string | string[]>;
  headers: Record<string, string>;
  data: string;
  form: Record<string, string | string[]>;
  files: Record<string, string>;
  json: unknown;
  cookies: Record<string, string>;
}

const seen = (response: requests.Response): Seen => response.raiseForStatus().json<Seen>();

const cookiesOf = async (session: requests.Session, origin: string): Promise<Record<string, string>> =>
  seen(await session.get(`${origin}/cookies`)).cookies;

const PNG_SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

/** A generator of bytes, whose length nobody knows. */
async function* pieces(...texts: string[]): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for (const text of texts) yield await Promise.resolve(new TextEncoder().encode(text));
}

httpbinTest("httpbin: GET and DELETE carry a body", async (origin) => {
  for (const method of ["GET", "DELETE"]) {
    const response = await requests.request(method, `${origin}/anything`, { data: { key: "value" } });
    assert.deepEqual(seen(response).form, { key: "value" });
  }
});

httpbinTest("httpbin: fields that are taken away are not sent", async (origin) => {
  const response = await requests.get(`${origin}/headers`, { headers: { "User-Agent": null, "Accept": null } });
  const { headers } = response.json<Seen>();
  assert.deepEqual(Object.keys(headers).filter((name) => /^(?:accept|user-agent|accept-language)$/i.test(name)), []);
});

// Quickstart

httpbinTest("httpbin: every method reaches the server", async (origin) => {
  assert.equal(seen(await requests.get(`${origin}/get`)).url, `${origin}/get`);
  assert.deepEqual(seen(await requests.post(`${origin}/post`, { data: { key: "value" } })).form, { key: "value" });
  assert.deepEqual(seen(await requests.put(`${origin}/put`, { data: { key: "value" } })).form, { key: "value" });
  assert.deepEqual(seen(await requests.patch(`${origin}/patch`, { json: [1] })).json, [1]);
  assert.equal(seen(await requests.delete(`${origin}/delete`)).url, `${origin}/delete`);
  const head = await requests.head(`${origin}/get`);
  assert.equal(head.statusCode, 200);
  assert.equal(head.content.length, 0);
  assert.ok(Number(head.headers.get("content-length")) > 0);
  assert.match((await requests.options(`${origin}/get`)).headers.get("allow")!, /GET/);
  assert.equal(seen(await requests.request("DELETE", `${origin}/anything`, { json: { a: null } })).method, "DELETE");
});

httpbinTest("httpbin: params go into the URL, lists repeat a name, null is left out", async (origin) => {
  const payload = { key1: "value1", key2: ["value2", "value3"], none: null, "ключ": "a b&c=d/ü" };
  const response = await requests.get(`${origin}/get?first=1#end`, { params: payload });
  assert.deepEqual(seen(response).args, {
    first: "1",
    key1: "value1",
    key2: ["value2", "value3"],
    "ключ": "a b&c=d/ü",
  });
  assert.ok(response.url.startsWith(`${origin}/get?first=1&key1=value1&key2=value2&key2=value3&`));
  assert.ok(response.url.endsWith("#end"));
});

httpbinTest("httpbin: text follows the charset of the response, or the encoding that is set", async (origin) => {
  const response = await requests.get(`${origin}/base64/${new TextEncoder().encode("Grüße").toBase64()}`);
  assert.equal(response.encoding, "utf-8");
  assert.equal(response.text, "Grüße");
  response.encoding = "ISO-8859-1";
  assert.equal(response.text, "GrÃ¼Ã\x9fe");
  const robots = await requests.get(`${origin}/robots.txt`);
  assert.equal(robots.headers.get("content-type"), "text/plain");
  assert.equal(robots.encoding, "ISO-8859-1");
  assert.match(robots.text, /^User-agent: \*\n/);
});

httpbinTest("httpbin: content is the bytes of an image", async (origin) => {
  const response = await requests.get(`${origin}/image/png`);
  assert.equal(response.headers.get("content-type"), "image/png");
  assert.deepEqual(response.content.slice(0, 8), PNG_SIGNATURE);
  assert.equal(response.content.length, Number(response.headers.get("content-length")));
  const jpeg = await requests.get(`${origin}/image`, { headers: { accept: "image/jpeg" } });
  assert.deepEqual([...jpeg.content.slice(0, 2)], [0xff, 0xd8]);
});

httpbinTest("httpbin: json() reads JSON, and says where something else is none", async (origin) => {
  const response = await requests.get(`${origin}/get`, { params: { name: "Zoë" } });
  assert.equal(response.json<Seen>().args.name, "Zoë");
  const robots = await requests.get(`${origin}/robots.txt`);
  assert.throws(() => robots.json(), (error) => {
    assert.ok(error instanceof requests.JSONDecodeError);
    assert.equal(error.pos, 0);
    assert.equal(error.response, robots);
    return true;
  });
  const empty = await requests.get(`${origin}/status/204`);
  assert.throws(() => empty.json(), requests.JSONDecodeError);
});

httpbinTest("httpbin: a streamed response is written to a file piece by piece", async (origin) => {
  await using folder = await tempTree();
  await using response = await requests.get(`${origin}/stream-bytes/100000?seed=1&chunk_size=7000`, { stream: true });
  assert.throws(() => response.content, /read\(\)/);
  using file = await Deno.open(`${folder.path}/copy`, { write: true, createNew: true });
  const sizes: number[] = [];
  for await (const chunk of response.iterContent(4096)) {
    sizes.push(chunk.length);
    for (let at = 0; at < chunk.length;) at += await file.write(chunk.subarray(at));
  }
  assert.deepEqual(new Set(sizes.slice(0, -1)), new Set([4096]));
  const whole = await requests.get(`${origin}/stream-bytes/100000`, { params: { seed: 1 } });
  assert.equal(whole.content.length, 100000);
  assert.deepEqual(await Deno.readFile(`${folder.path}/copy`), whole.content);
});

httpbinTest("httpbin: raw is the stream of the body, and a body is read once", async (origin) => {
  const response = await requests.get(`${origin}/range/100`, { stream: true });
  const reader = response.raw!.getReader();
  const { value } = await reader.read();
  assert.equal(new TextDecoder().decode(value!.slice(0, 10)), "abcdefghij");
  await reader.cancel();
  await response.close();
  const read = await requests.get(`${origin}/get`, { stream: true });
  for await (const _ of read.iterContent(100));
  await assert.rejects(async () => {
    for await (const _ of read.iterContent(100));
  }, requests.StreamConsumedError);
});

httpbinTest("httpbin: custom headers arrive, also as bytes, besides the default ones", async (origin) => {
  const response = await requests.get(`${origin}/headers`, {
    headers: { "User-Agent": "my-app/0.0.1", "X-Bytes": new TextEncoder().encode("raw"), "Accept": "text/x" },
  });
  const { headers } = seen(response);
  assert.equal(headers["User-Agent"], "my-app/0.0.1");
  assert.equal(headers["X-Bytes"], "raw");
  assert.equal(headers["Accept"], "text/x");
  const defaults = seen(await requests.get(`${origin}/headers`, { headers: { "X-None": null } })).headers;
  assert.equal(defaults["X-None"], undefined);
  assert.equal(defaults["Accept"], "*/*");
  assert.equal(defaults["Accept-Encoding"], "gzip, deflate, br, zstd");
  const agent = (await requests.get(`${origin}/user-agent`)).json<Record<string, string>>()["user-agent"];
  assert.equal(agent, requests.defaultUserAgent());
});

httpbinTest("httpbin: fields become a form, text and bytes are sent as they are", async (origin) => {
  const url = `${origin}/post`;
  const listed = await requests.post(url, { data: [["key1", "value1"], ["key1", "value2"], ["q", "a+b &ü"]] });
  assert.deepEqual(seen(listed).form, { key1: ["value1", "value2"], q: "a+b &ü" });
  assert.equal(seen(listed).headers["Content-Type"], "application/x-www-form-urlencoded");
  assert.deepEqual(seen(await requests.post(url, { data: { key1: ["value1", "value2"] } })).form, {
    key1: ["value1", "value2"],
  });
  const text = seen(await requests.post(url, { data: '{"some": "dätä"}' }));
  assert.equal(text.data, '{"some": "dätä"}');
  assert.equal(text.headers["Content-Type"], undefined);
  const bytes = seen(await requests.post(url, { data: Uint8Array.of(0, 255, 1) }));
  assert.equal(bytes.data, "data:application/octet-stream;base64,AP8B");
  assert.equal(bytes.headers["Content-Length"], "3");
});

httpbinTest("httpbin: json is sent as JSON, and data wins over it", async (origin) => {
  const sent = { some: "dätä", list: [1, null, true], nested: { a: "\u2028" } };
  const response = seen(await requests.post(`${origin}/post`, { json: sent }));
  assert.deepEqual(response.json, sent);
  assert.equal(response.headers["Content-Type"], "application/json");
  assert.deepEqual(seen(await requests.post(`${origin}/post`, { json: [], data: { a: "1" } })).form, { a: "1" });
});

httpbinTest("httpbin: a multipart upload carries files, names, types and fields", async (origin) => {
  await using folder = await tempTree({ "report.xls": "from a path", "handle.txt": "from a handle" });
  using handle = await Deno.open(`${folder.path}/handle.txt`);
  const response = seen(
    await requests.post(`${origin}/post`, {
      data: { user: "me", tags: ["a", "b"] },
      files: {
        path: new URL(`file://${folder.path}/report.xls`),
        handle,
        text: ["report.csv", "some,data,to,send\nanother,row,to,send\n"],
        typed: ["x.bin", Uint8Array.of(255), "application/vnd.ms-excel", { "Expires": "0" }],
        blob: new Blob(["from a blob"], { type: "text/x-blob" }),
        "имя": ["файл.txt", "unicode"],
      },
    }),
  );
  assert.deepEqual(response.form, { user: "me", tags: ["a", "b"] });
  assert.deepEqual(response.files, {
    path: "from a path",
    handle: "from a handle",
    text: "some,data,to,send\nanother,row,to,send\n",
    typed: "data:application/vnd.ms-excel;base64,/w==",
    blob: "from a blob",
    "имя": "unicode",
  });
  assert.match(response.headers["Content-Type"]!, /^multipart\/form-data; boundary=/);
});

httpbinTest("httpbin: several images in one multipart upload", async (origin) => {
  const image = (await requests.get(`${origin}/image/png`)).content;
  const { files } = seen(
    await requests.post(`${origin}/post`, {
      files: [["images1", ["foo.png", image, "image/png"]], ["images2", ["bar.png", image, "image/png"]]],
    }),
  );
  const url = `data:image/png;base64,${image.toBase64()}`;
  assert.deepEqual(files, { images1: url, images2: url });
});

httpbinTest("httpbin: status codes have names, and raiseForStatus() throws for errors", async (origin) => {
  assert.equal((await requests.get(`${origin}/get`)).statusCode, requests.codes.ok);
  const teapot = await requests.get(`${origin}/status/418`);
  assert.equal(teapot.statusCode, requests.codes.teapot);
  assert.match(teapot.text, /teapot/);
  for (const [status, kind] of [[404, "Client"], [503, "Server"]] as const) {
    const response = await requests.get(`${origin}/status/${status}`);
    assert.equal(response.ok, false);
    assert.throws(() => response.raiseForStatus(), (error) => {
      assert.ok(error instanceof requests.HTTPError);
      assert.match(error.message, new RegExp(`^${status} ${kind} Error: [^:]+ for url: ${origin}/status/${status}$`));
      assert.equal(error.response, response);
      return true;
    });
  }
});

httpbinTest("httpbin: response headers are found in any case", async (origin) => {
  const { headers } = await requests.get(`${origin}/response-headers`, { params: { "X-Answer": "a, b" } });
  assert.equal(headers.get("x-ANSWER"), "a, b");
  assert.equal(headers.get("Content-Type"), "application/json");
  assert.equal(headers.get("missing"), null);
});

httpbinTest("httpbin: cookies are sent, and received", async (origin) => {
  const sent = await requests.get(`${origin}/cookies`, { cookies: { cookies_are: "working" } });
  assert.deepEqual(seen(sent).cookies, { cookies_are: "working" });
  const set = await requests.get(`${origin}/cookies/set/one/1`, { allowRedirects: false });
  assert.deepEqual(set.cookies.getDict(), { one: "1" });
  const jar = new requests.RequestsCookieJar();
  jar.set("tasty_cookie", "yum", { domain: "127.0.0.1", path: "/cookies" });
  jar.set("gross_cookie", "blech", { domain: "127.0.0.1", path: "/elsewhere" });
  assert.deepEqual(seen(await requests.get(`${origin}/cookies`, { cookies: jar })).cookies, { tasty_cookie: "yum" });
});

httpbinTest("httpbin: redirects are followed and leave a history", async (origin) => {
  const response = await requests.get(`${origin}/redirect/3`);
  assert.equal(response.url, `${origin}/get`);
  assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [302, 302, 302]);
  assert.deepEqual(response.history.map(({ url }) => url), [
    `${origin}/redirect/3`,
    `${origin}/relative-redirect/2`,
    `${origin}/relative-redirect/1`,
  ]);
  const absolute = await requests.get(`${origin}/absolute-redirect/2`);
  assert.equal(absolute.url, `${origin}/get`);
  assert.equal(absolute.history.length, 2);
});

httpbinTest("httpbin: allowRedirects: false gives the redirect and the next request", async (origin) => {
  await using session = new requests.Session();
  const response = await session.get(`${origin}/redirect/1`, { allowRedirects: false });
  assert.equal(response.statusCode, 302);
  assert.ok(response.isRedirect);
  assert.deepEqual(response.history, []);
  assert.equal((await session.send(response.next!)).url, `${origin}/get`);
  assert.equal((await session.head(`${origin}/redirect/1`)).statusCode, 302);
  const head = await session.head(`${origin}/redirect/1`, { allowRedirects: true });
  assert.equal(head.url, `${origin}/get`);
  assert.equal(head.history.length, 1);
});

httpbinTest("httpbin: 307 repeats method and body, 302 and 303 turn a POST into a GET", async (origin) => {
  const to = async (code: number) =>
    seen(
      await requests.post(`${origin}/redirect-to`, {
        params: { url: `${origin}/anything`, status_code: code },
        data: { kept: "yes" },
      }),
    );
  for (const [code, method, form] of [[307, "POST", { kept: "yes" }], [302, "GET", {}], [303, "GET", {}]] as const) {
    const { method: actual, form: sent, headers } = await to(code);
    assert.deepEqual([actual, sent], [method, form]);
    assert.equal(headers["Content-Type"] === undefined, method === "GET");
  }
});

httpbinTest("httpbin: too many redirects throw, with the last response", async (origin) => {
  await using session = new requests.Session({ maxRedirects: 3 });
  await assert.rejects(session.get(`${origin}/redirect/4`), (error) => {
    assert.ok(error instanceof requests.TooManyRedirects);
    assert.equal(error.response?.url, `${origin}/relative-redirect/1`);
    return true;
  });
  assert.equal((await session.get(`${origin}/redirect/3`)).history.length, 3);
});

httpbinTest("httpbin: credentials do not follow a redirect to another origin", async (origin) => {
  const other = origin.replace("127.0.0.1", "localhost");
  const params = { url: `${other}/headers` };
  const response = await requests.get(`${origin}/redirect-to`, { params, auth: ["user", "pass"] });
  assert.equal(response.url, `${other}/headers`);
  assert.equal(response.history[0]!.request!.headers.get("authorization"), "Basic dXNlcjpwYXNz");
  assert.equal(seen(response).headers["Authorization"], undefined);
});

httpbinTest("httpbin: a timeout ends the wait for a response, and between its bytes", async (origin) => {
  await assert.rejects(requests.get(`${origin}/delay/3`, { timeout: 0.2 }), (error) => {
    assert.ok(error instanceof requests.ReadTimeout && error instanceof requests.Timeout);
    assert.equal(error.request?.url, `${origin}/delay/3`);
    return true;
  });
  await assert.rejects(
    requests.get(`${origin}/drip?numbytes=2&duration=6`, { timeout: 0.5 }),
    requests.ConnectionError,
  );
  // The limit is for each wait, and not for the whole response.
  const slow = await requests.get(`${origin}/drip?numbytes=6&duration=1.2`, { timeout: 1 });
  assert.equal(slow.text, "******");
  assert.ok(slow.elapsed < 1.2, `${slow.elapsed}`);
});

httpbinTest("httpbin: a signal gives a request up with its reason", async (origin) => {
  const controller = new AbortController();
  const reason = new Error("changed my mind");
  const pending = requests.get(`${origin}/delay/3`, { signal: controller.signal });
  controller.abort(reason);
  await assert.rejects(pending, (error) => error === reason);
});

httpbinTest("httpbin: errors are of the classes of requests", async (origin) => {
  await assert.rejects(requests.get(`http://127.0.0.1:${freePort()}/`), requests.ConnectionError);
  await assert.rejects(requests.get("http://does-not-exist.invalid/"), requests.ConnectionError);
  await assert.rejects(requests.get(origin.slice("http://".length)), requests.InvalidSchema);
  await assert.rejects(requests.get("example/get"), requests.MissingSchema);
  await assert.rejects(requests.get("http://"), requests.InvalidURL);
  await assert.rejects(requests.get("ftp://example/"), requests.InvalidSchema);
  await assert.rejects(requests.get(`${origin}/get`, { headers: { "X-Bad": "a\nb" } }), requests.InvalidHeader);
});

// Advanced usage

httpbinTest("httpbin: a session keeps cookies, and a request's own are forgotten", async (origin) => {
  await using session = new requests.Session();
  await session.get(`${origin}/cookies/set/sessioncookie/123456789`);
  assert.deepEqual(await cookiesOf(session, origin), { sessioncookie: "123456789" });
  const once = await session.get(`${origin}/cookies`, { cookies: { "from-my": "browser" } });
  assert.deepEqual(seen(once).cookies, { sessioncookie: "123456789", "from-my": "browser" });
  assert.deepEqual(await cookiesOf(session, origin), { sessioncookie: "123456789" });
  await session.get(`${origin}/cookies/set`, { params: { a: "1", b: "2" } });
  assert.deepEqual(session.cookies.getDict(), { sessioncookie: "123456789", a: "1", b: "2" });
  await session.get(`${origin}/cookies/delete`, { params: { a: "" } });
  assert.deepEqual(await cookiesOf(session, origin), { sessioncookie: "123456789", b: "2" });
});

httpbinTest("httpbin: a session's settings are merged with a request's", async (origin) => {
  await using session = new requests.Session({ auth: ["user", "pass"], headers: { "X-Test": "true" } });
  session.params = { lang: "en" };
  const response = seen(await session.get(`${origin}/anything`, { headers: { "x-test2": "true" }, params: { p: 1 } }));
  assert.equal(response.headers["X-Test"], "true");
  assert.equal(response.headers["X-Test2"], "true");
  assert.equal(response.headers["Authorization"], "Basic dXNlcjpwYXNz");
  assert.deepEqual(response.args, { lang: "en", p: "1" });
  const without = seen(
    await session.get(`${origin}/anything`, { headers: { "x-test": null }, params: { lang: null }, auth: null }),
  );
  assert.equal(without.headers["X-Test"], undefined);
  assert.equal(without.headers["Authorization"], undefined);
  assert.deepEqual(without.args, {});
});

httpbinTest("httpbin: baseUrl lays relative URLs below it", async (origin) => {
  await using session = new requests.Session({ baseUrl: `${origin}/anything/` });
  assert.equal(seen(await session.get("items/1", { params: { q: 1 } })).url, `${origin}/anything/items/1?q=1`);
});

httpbinTest("httpbin: a prepared request can be changed before it is sent", async (origin) => {
  await using session = new requests.Session();
  session.cookies.set("known", "1", { domain: "127.0.0.1" });
  const request = new requests.Request("POST", `${origin}/anything`, { data: "first", headers: { "X-Keep": "me" } });
  const prepared = session.prepareRequest(request);
  prepared.prepareBody("No, I want exactly this as the body.");
  prepared.headers.delete("X-Keep");
  prepared.headers.set("X-New", "yes");
  const response = await session.send(prepared, { stream: false, timeout: 10, allowRedirects: true });
  const { data, headers, method } = seen(response);
  assert.deepEqual([method, data], ["POST", "No, I want exactly this as the body."]);
  assert.equal(headers["X-New"], "yes");
  assert.equal(headers["X-Keep"], undefined);
  assert.equal(headers["Cookie"], "known=1");
  assert.equal(response.request, prepared);
  assert.equal(response.request!.headers.get("content-length"), "36");
  assert.equal(seen(await session.send(request.prepare())).headers["Cookie"], undefined);
});

const curl = isInstalled("curl");
if (curl) {
  httpbinTest("httpbin: toCurl() is a command that sends the same request", async (origin) => {
    const request = new requests.Request("PUT", `${origin}/anything?a=1&b='`, {
      json: { quote: "it's", list: [1] },
      headers: { "X-Odd": 'a "b" $HOME `c`' },
      auth: ["user", "p'ss"],
    });
    const prepared = request.prepare();
    const byCurl = JSON.parse((await run("sh", "-c", prepared.toCurl())).text) as Seen;
    await using session = new requests.Session({ headers: { "User-Agent": null } });
    const byClient = seen(await session.send(prepared));
    for (const field of ["url", "method", "data", "json", "args"] as const) {
      assert.deepEqual(byCurl[field], byClient[field]);
    }
    for (const name of ["X-Odd", "Authorization", "Content-Type", "Content-Length"]) {
      assert.ok(byCurl.headers[name]);
      assert.equal(byCurl.headers[name], byClient.headers[name]);
    }
  });
}

httpbinTest(
  "httpbin: a response that is not read to its end can be closed, and the session goes on",
  async (origin) => {
    await using session = new requests.Session();
    {
      await using response = await session.get(`${origin}/stream-bytes/5000000`, { stream: true });
      for await (const chunk of response.iterContent(1000)) {
        assert.equal(chunk.length, 1000);
        break;
      }
    }
    assert.equal((await session.get(`${origin}/get`)).statusCode, 200);
  },
);

httpbinTest("httpbin: a file is uploaded as a stream, with its length", async (origin) => {
  await using folder = await tempTree({ "massive-body": patternBytes(300_000) });
  using file = await Deno.open(`${folder.path}/massive-body`);
  const response = seen(await requests.post(`${origin}/post`, { data: file }));
  assert.equal(response.headers["Content-Length"], "300000");
  assert.equal(response.headers["Transfer-Encoding"], undefined);
  const sent = Uint8Array.fromBase64(response.data.slice(response.data.indexOf(",") + 1));
  assert.deepEqual(sent, patternBytes(300_000));
});

httpbinTest("httpbin: a generator is uploaded in chunks", async (origin) => {
  const response = seen(await requests.post(`${origin}/post`, { data: pieces("hi", " ", "there") }));
  assert.equal(response.data, "hi there");
  assert.equal(response.headers["Transfer-Encoding"], "chunked");
  assert.equal(response.headers["Content-Length"], undefined);
  const stream = new Blob(["from ", "a stream"]).stream();
  assert.equal(seen(await requests.put(`${origin}/put`, { data: stream })).data, "from a stream");
});

httpbinTest("httpbin: a body that can be read once is not sent again by a redirect", async (origin) => {
  const params = { url: `${origin}/anything`, status_code: 307 };
  await assert.rejects(
    requests.post(`${origin}/redirect-to`, { params, data: pieces("once") }),
    requests.UnrewindableBodyError,
  );
  const replayed = await requests.post(`${origin}/redirect-to`, { params, data: new Blob(["twice"]) });
  assert.equal(seen(replayed).data, "twice");
});

httpbinTest("httpbin: hooks see a response, one after the other, and may replace it", async (origin) => {
  const calls: string[] = [];
  const hooks = {
    response: [
      (response: requests.Response) => void calls.push(response.url),
      async (response: requests.Response) => {
        await response.read();
        calls.push("second");
        return new requests.Response({ statusCode: 299, body: response.content, request: response.request });
      },
    ],
  };
  const response = await requests.get(`${origin}/get`, { hooks });
  assert.deepEqual(calls, [`${origin}/get`, "second"]);
  assert.equal(response.statusCode, 299);
  assert.equal(response.json<Seen>().url, `${origin}/get`);
  await using session = new requests.Session();
  session.hooks.response.push((response) => response.raiseForStatus());
  await assert.rejects(session.get(`${origin}/status/500`), requests.HTTPError);
  assert.equal((await session.get(`${origin}/redirect/1`)).statusCode, 200);
});

httpbinTest("httpbin: authentication of one's own, as a class and as a function", async (origin) => {
  class PizzaAuth extends requests.AuthBase {
    constructor(readonly username: string) {
      super();
    }
    override apply(request: requests.PreparedRequest): requests.PreparedRequest {
      request.headers.set("X-Pizza", this.username);
      return request;
    }
  }
  const pizza = await requests.get(`${origin}/headers`, { auth: new PizzaAuth("kenneth") });
  assert.equal(seen(pizza).headers["X-Pizza"], "kenneth");
  const bearer = await requests.get(`${origin}/bearer`, {
    auth: async (request) => {
      request.headers.set("Authorization", `Bearer ${await Promise.resolve("xyz")}`);
      return request;
    },
  });
  assert.deepEqual(bearer.json(), { authenticated: true, token: "xyz" });
});

httpbinTest("httpbin: lines of a stream come as they are", async (origin) => {
  await using response = await requests.get(`${origin}/stream/20`, { stream: true });
  const ids: unknown[] = [];
  for await (const line of response.iterLines(512, { decodeUnicode: true })) ids.push(JSON.parse(String(line)).id);
  assert.deepEqual(ids, Array.from({ length: 20 }, (_, i) => i));
  await using again = await requests.get(`${origin}/stream/3`, { stream: true });
  let length = 0;
  for await (const chunk of again) length += chunk.length;
  assert.equal(length, (await requests.get(`${origin}/stream/3`)).content.length);
});

httpbinTest("httpbin: Link headers are taken apart", async (origin) => {
  const link = '<https://api.example/users?page=2>; rel="next", <https://api.example/users?page=7>; rel="last"';
  const { links } = await requests.get(`${origin}/response-headers`, { params: { Link: link } });
  assert.equal(links.next!.url, "https://api.example/users?page=2");
  assert.deepEqual(links.last, { url: "https://api.example/users?page=7", rel: "last" });
});

httpbinTest("httpbin: the adapter of the longest prefix sends a request", async (origin) => {
  class Marking extends requests.HTTPAdapter {
    override addHeaders(request: requests.PreparedRequest): void {
      request.headers.set("X-Adapter", "marking");
    }
  }
  await using session = new requests.Session();
  session.mount(`${origin}/anything/`, new Marking());
  assert.equal(seen(await session.get(`${origin}/anything/x`)).headers["X-Adapter"], "marking");
  assert.equal(seen(await session.get(`${origin}/get`)).headers["X-Adapter"], undefined);
});

httpbinTest("httpbin: retries for a status run out", async (origin) => {
  const retry = { total: 2, statusForcelist: [500], backoffFactor: 0.01 };
  const sessionWith = (maxRetries: requests.Retry) =>
    new requests.Session({ adapters: { "http://": new requests.HTTPAdapter({ maxRetries }) } });
  await using strict = sessionWith(new requests.Retry(retry));
  await assert.rejects(strict.get(`${origin}/status/500`), requests.RetryError);
  assert.equal((await strict.get(`${origin}/status/404`)).statusCode, 404);
  await using quiet = sessionWith(new requests.Retry({ ...retry, raiseOnStatus: false }));
  assert.equal((await quiet.get(`${origin}/status/500`)).statusCode, 500);
});

httpbinTest("httpbin: basic authentication from a pair, an object and the URL", async (origin) => {
  const url = `${origin}/basic-auth/user/pass`;
  const success = { authenticated: true, user: "user" };
  assert.equal((await requests.get(url)).statusCode, 401);
  assert.equal((await requests.get(url, { auth: ["user", "wrong"] })).statusCode, 401);
  assert.deepEqual((await requests.get(url, { auth: ["user", "pass"] })).json(), success);
  assert.deepEqual((await requests.get(url, { auth: new requests.HTTPBasicAuth("user", "pass") })).json(), success);
  assert.deepEqual((await requests.get(url.replace("://", "://user:pass@"))).json(), success);
  const hidden = await requests.get(`${origin}/hidden-basic-auth/user/p%40ss`, { auth: ["user", "p@ss"] });
  assert.deepEqual(hidden.json(), success);
});

httpbinTest("httpbin: basic authentication from a netrc file", async (origin) => {
  await using folder = await tempTree({ "netrc": "machine 127.0.0.1 login user password pass\n" });
  const code = `
    const url = ${JSON.stringify(`${origin}/basic-auth/user/pass`)};
    const trusting = await requests.get(url);
    const explicit = await requests.get(url, { auth: ["user", "wrong"] });
    await using session = new requests.Session({ trustEnv: false });
    const without = await session.get(url);
    console.log(trusting.statusCode, explicit.statusCode, without.statusCode);
  `;
  assert.equal(await clientProcess(code, { NETRC: `${folder.path}/netrc` }), "200 401 401");
});

for (const algorithm of ["MD5", "SHA-256", "SHA-512"]) {
  httpbinTest(`httpbin: digest authentication with ${algorithm}`, async (origin) => {
    for (const qop of ["auth", "auth-int", "none"]) {
      await using session = new requests.Session({ auth: new requests.HTTPDigestAuth("user", "pass") });
      const url = `${origin}/digest-auth/${qop}/user/pass/${algorithm}`;
      const response = await session.get(url);
      assert.deepEqual(response.json(), { authenticated: true, user: "user" }, `${algorithm} ${qop}`);
      assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [401]);
      const again = await session.get(url);
      assert.equal(again.statusCode, 200);
      assert.deepEqual(again.history, [], "a known challenge is answered at once");
    }
  });
}

httpbinTest("httpbin: digest authentication fails once for a wrong password", async (origin) => {
  const auth = new requests.HTTPDigestAuth("user", "wrong");
  const response = await requests.get(`${origin}/digest-auth/auth/user/pass`, { auth });
  assert.equal(response.statusCode, 401);
  assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [401]);
});

httpbinTest("httpbin: digest authentication sends the cookie that came with the challenge", async (origin) => {
  const auth = new requests.HTTPDigestAuth("user", "pass");
  const response = await requests.get(`${origin}/digest-auth/auth/user/pass`, { auth });
  assert.equal(response.statusCode, 200);
  assert.equal(response.history[0]!.cookies.get("fake"), "fake_value");
  assert.match(String(response.request!.headers.get("cookie")), /\bfake=fake_value\b/);
});

httpbinTest("httpbin: digest authentication answers a stale nonce with a new one", async (origin) => {
  await using session = new requests.Session({ auth: new requests.HTTPDigestAuth("user", "pass") });
  const url = `${origin}/digest-auth/auth/user/pass/SHA-256/1`;
  assert.equal((await session.get(url)).statusCode, 200);
  assert.equal(session.cookies.get("stale_after"), "0");
  const response = await session.get(url);
  assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [401]);
  assert.match(response.history[0]!.headers.get("www-authenticate")!, /stale=TRUE/i);
  const [first, second] = [response.history[0]!, response].map((r) =>
    /nonce="(\w+)"/.exec(String(r.request!.headers.get("authorization")))![1]
  );
  assert.notEqual(first, second);
});

for (const [path, field] of [["gzip", "gzipped"], ["deflate", "deflated"], ["brotli", "brotli"]] as const) {
  httpbinTest(`httpbin: a ${path} body is decoded, whole and streamed`, async (origin) => {
    const response = await requests.get(`${origin}/${path}`);
    assert.ok(["gzip", "deflate", "br"].includes(response.headers.get("content-encoding")!));
    assert.equal(response.json<Record<string, unknown>>()[field], true);
    await using streamed = await requests.get(`${origin}/${path}`, { stream: true });
    let text = "";
    for await (const part of streamed.iterContent(7, { decodeUnicode: true })) text += part;
    assert.deepEqual(JSON.parse(text), response.json());
    // httpbin does not ask what is accepted.
    const identity = await requests.get(`${origin}/${path}`, { headers: { "Accept-Encoding": "identity" } });
    assert.equal(identity.json<Record<string, unknown>>()[field], true);
  });
}

httpbinTest("httpbin: a range of a resource, and one that it does not have", async (origin) => {
  const response = await requests.get(`${origin}/range/1000`, { headers: { Range: "bytes=26-30" } });
  assert.equal(response.statusCode, requests.codes.partial_content);
  assert.equal(response.text, "abcde");
  assert.equal(response.headers.get("content-range"), "bytes 26-30/1000");
  const beyond = await requests.get(`${origin}/range/10`, { headers: { Range: "bytes=10-20" } });
  assert.equal(beyond.statusCode, requests.codes.requested_range_not_satisfiable);
});

httpbinTest("httpbin: conditional requests get 304 without a body", async (origin) => {
  const etag = await requests.get(`${origin}/etag/abc`, { headers: { "If-None-Match": '"abc"' } });
  assert.deepEqual([etag.statusCode, etag.text], [304, ""]);
  const modified = await requests.get(`${origin}/cache`, {
    headers: { "If-Modified-Since": "Tue, 24 Nov 2020 00:00:00 GMT" },
  });
  assert.deepEqual([modified.statusCode, modified.content.length], [304, 0]);
  assert.equal((await requests.get(`${origin}/cache`)).statusCode, 200);
});

httpbinTest("httpbin: many requests at once share a session", async (origin) => {
  await using session = new requests.Session();
  const responses = await Promise.all(
    Array.from({ length: 40 }, (_, i) => session.get(`${origin}/anything`, { params: { i } })),
  );
  assert.deepEqual(responses.map((response) => Number(seen(response).args.i)), Array.from({ length: 40 }, (_, i) => i));
});
