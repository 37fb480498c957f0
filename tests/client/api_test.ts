import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { HTTPDigestAuth, ReadTimeout } from "../../client/mod.ts";

/** What the server tells of a request. */
interface Echo {
  method: string;
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** A server that tells what it got, redirects at /old, sets a cookie at /cookie, and streams at /stream. */
async function withServer(run: (base: string) => Promise<void>): Promise<void> {
  const release = Promise.withResolvers<void>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/old") return new Response("moved", { status: 302, headers: { location: "/new" } });
    if (pathname === "/slow") await release.promise;
    if (pathname === "/stream") {
      return new Response(ReadableStream.from(["a\n", "b\n"]).pipeThrough(new TextEncoderStream()));
    }
    const headers = { "set-cookie": "seen=1", "x-path": pathname };
    const echo: Echo = {
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers),
      body: await request.text(),
    };
    return Response.json(echo, { headers });
  });
  try {
    await run(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    release.resolve();
  }
}

for (const name of ["get", "options", "post", "put", "patch", "delete", "del"] as const) {
  Deno.test(`${name}() sends its method and follows redirects`, async () => {
    await withServer(async (base) => {
      const response = await requests[name](`${base}/old`);
      assert.equal(response.url, `${base}/new`);
      assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [302]);
      const method = name === "del" ? "DELETE" : name.toUpperCase();
      assert.equal((await requests[name](base)).json<Echo>().method, method);
    });
  });
}

Deno.test("head() follows no redirects unless told to", async () => {
  await withServer(async (base) => {
    assert.equal((await requests.head(`${base}/old`)).statusCode, 302);
    const response = await requests.head(`${base}/old`, { allowRedirects: true });
    assert.equal(response.statusCode, 200);
    assert.equal(response.headers.get("x-path"), "/new");
    assert.equal(response.content.length, 0);
  });
});

Deno.test("request() sends any method, query, headers and body", async () => {
  await withServer(async (base) => {
    const response = await requests.request("report", base, {
      params: { page: [1, 2], q: null },
      headers: { "X-One": "1", "User-Agent": "me/1" },
      data: { k: "a b" },
      cookies: { c: "1" },
      auth: ["user", "pass"],
    });
    const echo = response.json<Echo>();
    assert.equal(echo.method, "REPORT");
    assert.equal(echo.url, `${base}/?page=1&page=2`);
    assert.equal(echo.body, "k=a+b");
    assert.equal(echo.headers["x-one"], "1");
    assert.equal(echo.headers["user-agent"], "me/1");
    assert.equal(echo.headers["cookie"], "c=1");
    assert.equal(echo.headers["authorization"], "Basic dXNlcjpwYXNz");
    assert.equal(echo.headers["content-type"], "application/x-www-form-urlencoded");
  });
});

Deno.test("get() keeps nothing for the next call", async () => {
  await withServer(async (base) => {
    assert.deepEqual((await requests.get(base)).cookies.getDict(), { seen: "1" });
    assert.equal((await requests.get(base)).json<Echo>().headers["cookie"], undefined);
  });
});

Deno.test("get() with stream leaves the body readable after the session is closed", async () => {
  await withServer(async (base) => {
    const response = await requests.get(`${base}/stream`, { stream: true });
    const lines: string[] = [];
    for await (const line of response.iterLines()) lines.push(new TextDecoder().decode(line as Uint8Array));
    assert.deepEqual(lines, ["a", "b"]);
  });
});

Deno.test("get() with stream can be given up", async () => {
  await withServer(async (base) => {
    await using response = await requests.get(`${base}/stream`, { stream: true });
    assert.equal(response.statusCode, 200);
  });
});

Deno.test("get() rejects when the server is too slow", async () => {
  await withServer(async (base) => {
    await assert.rejects(() => requests.get(`${base}/slow`, { timeout: 0.05 }), ReadTimeout);
  });
});

Deno.test("get() rejects with the reason of its signal", async () => {
  await withServer(async (base) => {
    const controller = new AbortController();
    const reason = new Error("no more");
    const answer = requests.get(`${base}/slow`, { signal: controller.signal });
    controller.abort(reason);
    await assert.rejects(answer, reason);
  });
});

Deno.test("post() sends json", async () => {
  await withServer(async (base) => {
    const echo = (await requests.post(base, { json: { a: [1, null] } })).json<Echo>();
    assert.equal(echo.headers["content-type"], "application/json");
    assert.deepEqual(JSON.parse(echo.body), { a: [1, null] });
  });
});

Deno.test("get() answers a Digest challenge over a socket", async () => {
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, (request) => {
    const authorization = request.headers.get("authorization") ?? "";
    if (/^Digest username="ann", realm="r", nonce="n", uri="\/d\?q=1", /.test(authorization)) return new Response("in");
    const headers = {
      "www-authenticate": 'Basic realm="b", Digest realm="r", nonce="n", qop="auth", algorithm=SHA-256',
    };
    return new Response("no", { status: 401, headers });
  });
  const url = `http://127.0.0.1:${server.addr.port}/d?q=1`;
  const response = await requests.get(url, { auth: new HTTPDigestAuth("ann", "secret") });
  assert.equal(response.text, "in");
  assert.deepEqual(response.history.map(({ text }) => text), ["no"]);
});

Deno.test("session() makes a Session with the options it is given", async () => {
  await using session = requests.session({ timeout: 5 });
  assert(session instanceof requests.Session);
  assert.equal(session.timeout, 5);
});
