/** The client through squid: forwarded requests, tunnels, credentials, and proxies of the environment. */

import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { clientProcess } from "../client/client_process.ts";
import { CA, SERVER_CERT, SERVER_KEY } from "../client/tls_material.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { freePort } from "./peer.ts";
import { PASSWORD, squidTest, startSquid, stopSquid, USER } from "./squid.ts";

Deno.test.beforeAll(startSquid);
Deno.test.afterAll(stopSquid);

const MIB = 2 ** 20;
const MAX_PEAK = 300 * 1024; // In KiB, as Linux counts.

/** What the server behind the proxy tells about a request. */
interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

const seen = (response: requests.Response): Seen => response.raiseForStatus().json<Seen>();

async function answer(request: globalThis.Request): Promise<globalThis.Response> {
  const { method, url } = request;
  const { pathname, search } = new URL(url);
  if (pathname === "/count") {
    let length = 0;
    for await (const chunk of request.body!) length += chunk.length;
    return new globalThis.Response(String(length));
  }
  if (pathname === "/redirect") return globalThis.Response.redirect(new URL("/after", url), 302);
  const headers = Object.fromEntries(request.headers);
  return globalThis.Response.json({ method, path: pathname + search, headers, body: await request.text() });
}

/** The server behind the proxy. */
function plainServer(): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
}

/** The same with TLS, and the file of the authority that it needs. */
async function secureServer() {
  const folder = await tempTree({ "ca.pem": CA });
  const tls = { cert: SERVER_CERT, key: SERVER_KEY };
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {}, ...tls }, answer);
  return {
    port: server.addr.port,
    origin: `https://localhost:${server.addr.port}`,
    verify: `${folder.path}/ca.pem`,
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const originOf = (server: Deno.HttpServer<Deno.NetAddr>): string => `http://127.0.0.1:${server.addr.port}`;

squidTest("squid: an http URL is asked for through the proxy", async (squid) => {
  await using server = plainServer();
  const proxies = { http: squid.open };
  const url = `${originOf(server)}/get`;
  const response = await requests.get(url, { proxies, params: { a: 1 } });
  assert.match(seen(response).headers.via!, /squid\.test/);
  assert.equal(seen(response).path, "/get?a=1");
  assert.match(response.headers.get("via")!, /squid\.test/);
  assert.deepEqual(await squid.logged(server.addr.port, 1), [`200 GET ${url}? -`]);
  assert.equal(seen(await requests.get(url)).headers.via, undefined);
});

squidTest("squid: bodies of known and unknown length pass the proxy", async (squid) => {
  await using server = plainServer();
  await using session = new requests.Session({ proxies: { all: squid.open } });
  async function* generated() {
    yield "in ";
    yield await Promise.resolve("chunks");
  }
  for (const [data, body] of [[{ a: "1" }, "a=1"], ["text", "text"], [generated(), "in chunks"], ["", ""]] as const) {
    assert.equal(seen(await session.post(originOf(server), { data })).body, body);
  }
  const multipart = seen(await session.post(originOf(server), { files: { file: ["a.txt", "content"] } }));
  assert.match(multipart.body, /filename="a\.txt"\r\n[^]*content/);
  assert.equal((await session.head(originOf(server))).statusCode, 200);
});

squidTest("squid: an https URL is asked for through a tunnel", async (squid) => {
  await using server = await secureServer();
  const { verify, port } = server;
  await using session = new requests.Session({ proxies: { https: squid.open }, verify });
  const response = seen(await session.post(`${server.origin}/post`, { data: "secret", auth: ["user", "pass"] }));
  assert.equal(response.body, "secret");
  assert.equal(response.headers.via, undefined);
  assert.equal(seen(await session.get(server.origin)).method, "GET");
  await session.close();
  assert.equal((await squid.logged(port, 1))[0], `200 CONNECT localhost:${port} -`);
  // The proxy sees the certificate as little as the rest: it is checked by the client.
  await assert.rejects(requests.get(server.origin, { proxies: { https: squid.open } }), requests.SSLError);
});

squidTest("squid: a streamed response comes through a tunnel piece by piece", async (squid) => {
  await using server = await secureServer();
  const options = { proxies: { https: squid.open }, verify: server.verify, stream: true };
  await using response = await requests.post(server.origin, { ...options, data: "x".repeat(100_000) });
  let text = "";
  for await (const chunk of response.iterContent(1000, { decodeUnicode: true })) {
    assert.ok(chunk.length <= 1000);
    text += chunk;
  }
  assert.equal((JSON.parse(text) as Seen).body.length, 100_000);
});

squidTest("squid: proxies by host, by session and by request, and null for none", async (squid) => {
  await using server = plainServer();
  const origin = originOf(server);
  const viaOf = async (session: requests.Session, options?: requests.RequestOptions) =>
    seen(await session.get(origin, options)).headers.via !== undefined;
  await using session = new requests.Session({ proxies: { http: squid.open } });
  assert.equal(await viaOf(session), true);
  assert.equal(await viaOf(session, { proxies: { http: null } }), false);
  session.proxies = { "http://127.0.0.1": squid.open, http: `http://127.0.0.1:${freePort()}` };
  assert.equal(await viaOf(session), true);
  session.proxies = { "http://other.test": squid.open };
  assert.equal(await viaOf(session), false);
  assert.equal(await viaOf(session, { proxies: { all: squid.open } }), true);
  session.proxies = { http: squid.open, no_proxy: "127.0.0.1" };
  assert.equal(await viaOf(session), false);
});

squidTest("squid: user and password of the proxy are in its URL, and the server does not see them", async (squid) => {
  await using server = plainServer();
  const url = `${originOf(server)}/known`;
  const { headers } = seen(await requests.get(url, { proxies: { http: squid.withCredentials } }));
  assert.match(headers.via!, /squid/);
  assert.equal(headers["proxy-authorization"], undefined);
  assert.equal(headers.authorization, undefined);
  const [line] = await squid.logged(server.addr.port, 1);
  assert.equal(line, `200 GET ${url} ${USER}`);
});

squidTest("squid: 407 is a response where the request itself goes to the proxy", async (squid) => {
  await using server = plainServer();
  const wrong = squid.guarded.replace("://", `://${USER}:wrong@`);
  for (const http of [squid.guarded, wrong]) {
    const response = await requests.get(originOf(server), { proxies: { http } });
    assert.equal(response.statusCode, requests.codes.proxy_authentication_required);
    assert.match(response.headers.get("proxy-authenticate")!, /^Basic realm="squid test"/);
  }
});

squidTest("squid: HTTPProxyAuth gives user and password for http URLs", async (squid) => {
  await using server = plainServer();
  const auth = new requests.HTTPProxyAuth(USER, PASSWORD);
  const response = await requests.get(originOf(server), { proxies: { http: squid.guarded }, auth });
  assert.equal(seen(response).headers["proxy-authorization"], undefined);
});

squidTest("squid: a refused tunnel is a ProxyError that names the proxy and no password", async (squid) => {
  await using server = await secureServer();
  const { origin, verify, port } = server;
  await assert.rejects(requests.get(origin, { proxies: { https: squid.guarded }, verify }), (error) => {
    assert.ok(error instanceof requests.ProxyError && error instanceof requests.ConnectionError);
    assert.match(error.message, new RegExp(new URL(squid.guarded).host));
    return true;
  });
  const wrong = squid.guarded.replace("://", `://${USER}:sesame@`);
  await assert.rejects(requests.get(origin, { proxies: { https: wrong }, verify }), (error) => {
    assert.ok(error instanceof requests.RequestException);
    assert.doesNotMatch(error.message, /sesame/);
    return true;
  });
  assert.match((await squid.logged(port, 1))[0]!, /^407 CONNECT/);
});

squidTest("squid: user and password of the proxy open a tunnel, and the server does not see them", async (squid) => {
  await using server = await secureServer();
  const { origin, verify, port } = server;
  await using session = new requests.Session({ verify, proxies: { https: squid.withCredentials } });
  for (const data of ["one", "two"]) {
    const response = seen(await session.post(origin, { data }));
    assert.equal(response.body, data);
    assert.equal(response.headers["proxy-authorization"], undefined);
  }
  await session.close();
  // One tunnel for both.
  assert.deepEqual(await squid.logged(port, 1), [`200 CONNECT localhost:${port} ${USER}`]);
  // fetch alone would show them to the server, and refuses.
  await using fetching = new requests.Session({ verify, proxies: { https: squid.withCredentials } });
  fetching.mount("https://", new requests.HTTPAdapter({ engine: "fetch" }));
  await assert.rejects(fetching.get(origin), (error) => {
    assert.ok(error instanceof requests.NotSupportedError);
    assert.doesNotMatch(error.message, /ss:|ss%3A/i);
    return true;
  });
});

squidTest("squid: what the proxy refuses, or cannot reach, is its answer", async (squid) => {
  await using server = plainServer();
  const proxies = { all: squid.open };
  const forbidden = await requests.get(`${originOf(server)}/forbidden/page`, { proxies });
  assert.equal(forbidden.statusCode, requests.codes.forbidden);
  assert.match(forbidden.headers.get("x-squid-error")!, /^ERR_ACCESS_DENIED/);
  const gone = await requests.get(`http://127.0.0.1:${freePort()}/`, { proxies });
  assert.equal(gone.statusCode, requests.codes.service_unavailable);
  assert.match(gone.headers.get("x-squid-error")!, /^ERR_CONNECT_FAIL/);
  await assert.rejects(requests.get(`https://127.0.0.1:${freePort()}/`, { proxies }), requests.ConnectionError);
});

squidTest("squid: a proxy that is not there is a ProxyError", async () => {
  const proxies = { all: `http://127.0.0.1:${freePort()}` };
  await assert.rejects(requests.get("http://example.test/", { proxies }), requests.ProxyError);
  await assert.rejects(requests.get("https://example.test/", { proxies }), requests.ProxyError);
});

squidTest("squid: a redirect goes through the proxy as well, with its password", async (squid) => {
  await using server = plainServer();
  await using session = new requests.Session({ proxies: { http: squid.withCredentials } });
  const response = await session.get(`${originOf(server)}/redirect`);
  assert.equal(seen(response).path, "/after");
  assert.equal(response.history.length, 1);
  assert.match(seen(response).headers.via!, /squid/);
  const lines = await squid.logged(server.addr.port, 2);
  assert.deepEqual(lines.map((line) => line.split(" ").at(-1)), [USER, USER]);
});

squidTest("squid: a server behind the proxy that fails twice is asked again", async (squid) => {
  let failures = 2;
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    (request) => failures-- > 0 ? new globalThis.Response("busy", { status: 502 }) : answer(request),
  );
  const retry = new requests.Retry({ total: 2, backoffFactor: 0.01, statusForcelist: [502] });
  await using session = new requests.Session({ proxies: { http: squid.open } });
  session.mount("http://", new requests.HTTPAdapter({ maxRetries: retry }));
  assert.equal(seen(await session.get(originOf(server))).method, "GET");
  assert.equal((await squid.logged(server.addr.port, 3)).length, 3);
});

// The environment

/** Asks for a URL as the process of a test would, and prints through what it went. */
const ASK = `
  async function ask(url, options) {
    await using session = new requests.Session(options);
    const response = await session.get(url);
    return response.statusCode === 200 ? "via" in response.json().headers ? "proxy" : "direct" : response.statusCode;
  }
`;

squidTest(
  "squid: HTTP_PROXY and ALL_PROXY are used, in capitals or not, unless the environment is not trusted",
  async (squid) => {
    await using server = plainServer();
    const url = JSON.stringify(originOf(server));
    const code = `${ASK} console.log(await ask(${url}), await ask(${url}, { trustEnv: false }));`;
    for (const name of ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"]) {
      assert.equal(await clientProcess(code, { [name]: squid.open }), "proxy direct", name);
    }
    assert.equal(await clientProcess(code, { HTTPS_PROXY: squid.open }), "direct direct");
  },
);

squidTest("squid: NO_PROXY lists hosts, networks and *", async (squid) => {
  await using server = plainServer();
  const local = originOf(server);
  const code = `${ASK} console.log(await ask(${JSON.stringify(local)}));`;
  const table = {
    "127.0.0.1": "direct",
    "127.0.0.0/8": "direct",
    "*": "direct",
    "other.test, 127.0.0.1": "direct",
    "127.0.0.2": "proxy",
    "10.0.0.0/8": "proxy",
    "": "proxy",
  };
  for (const [NO_PROXY, expected] of Object.entries(table)) {
    assert.equal(await clientProcess(code, { HTTP_PROXY: squid.open, NO_PROXY }), expected, NO_PROXY);
  }
});

squidTest("squid: user and password of a proxy in the environment", async (squid) => {
  await using server = plainServer();
  const code = `${ASK} console.log(await ask(${JSON.stringify(originOf(server))}));`;
  assert.equal(await clientProcess(code, { http_proxy: squid.withCredentials }), "proxy");
  assert.equal(await clientProcess(code, { http_proxy: squid.guarded }), "407");
});

squidTest("squid: HTTPS_PROXY is a tunnel for https URLs", async (squid) => {
  await using server = await secureServer();
  const { origin, verify, port } = server;
  const code = `
    const options = { verify: ${JSON.stringify(verify)} };
    console.log((await requests.get(${JSON.stringify(origin)}, options)).statusCode);
  `;
  assert.equal(await clientProcess(code, { HTTPS_PROXY: squid.open }), "200");
  assert.deepEqual(await squid.logged(port, 1), [`200 CONNECT localhost:${port} -`]);
});

squidTest("squid: proxies of a request win over the environment", async (squid) => {
  await using server = plainServer();
  const url = JSON.stringify(originOf(server));
  const code = `${ASK}
    const proxies = { http: ${JSON.stringify(squid.open)} };
    console.log(await ask(${url}, { proxies }), await ask(${url}, { proxies: { http: null } }));
  `;
  assert.equal(await clientProcess(code, { HTTP_PROXY: `http://127.0.0.1:${freePort()}` }), "proxy direct");
});

// Large bodies

if (Deno.build.os === "linux") {
  squidTest("squid: large uploads through the proxy and through a tunnel leave memory flat", async (squid) => {
    await using plain = plainServer();
    await using secure = await secureServer();
    await using folder = await tempTree({ "sparse.bin": "" });
    await Deno.truncate(`${folder.path}/sparse.bin`, 128 * MIB);
    const code = `
      const options = { proxies: { all: ${JSON.stringify(squid.open)} }, verify: ${JSON.stringify(secure.verify)} };
      async function* generated() {
        const piece = new Uint8Array(65536);
        for (let i = 0; i < 128 * 16; i++) yield piece;
      }
      for (const origin of ${JSON.stringify([originOf(plain), secure.origin])}) {
        using file = await Deno.open(${JSON.stringify(`${folder.path}/sparse.bin`)});
        for (const data of [file, generated()]) {
          console.log((await requests.post(origin + "/count", { ...options, data })).text);
        }
      }
      console.log(/^VmHWM:\\s+(\\d+) kB$/m.exec(await Deno.readTextFile("/proc/self/status"))[1]);
    `;
    const numbers = (await clientProcess(code)).split("\n").map(Number);
    assert.deepEqual(numbers.slice(0, -1), Array(4).fill(128 * MIB));
    assert.ok(numbers.at(-1)! < MAX_PEAK, `the client took ${numbers.at(-1)} KiB`);
  });
}
