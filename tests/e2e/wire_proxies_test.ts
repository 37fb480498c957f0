/** The client through tinyproxy, stunnel, microsocks and dante, with the wire engine alone and as it is chosen. */

import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { BLOCKED, danteTest, startDante, stopDante } from "./dante.ts";
import { microsocksTest, startMicrosocks, stopMicrosocks } from "./microsocks.ts";
import { freePort } from "./peer.ts";
import { PASSWORD, startTinyproxy, stopTinyproxy, type Tinyproxy, tinyproxyTest } from "./tinyproxy.ts";

Deno.test.beforeAll(startTinyproxy);
Deno.test.beforeAll(startMicrosocks);
Deno.test.beforeAll(startDante);
Deno.test.afterAll(stopTinyproxy);
Deno.test.afterAll(stopMicrosocks);
Deno.test.afterAll(stopDante);

const ENGINES = ["wire", "auto"] as const;

/** What the server behind the proxy tells about a request. */
interface Seen {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

const seen = (response: requests.Response): Seen => response.raiseForStatus().json<Seen>();

async function answer(request: globalThis.Request): Promise<globalThis.Response> {
  const headers = Object.fromEntries(request.headers);
  const { method, url } = request;
  return globalThis.Response.json({ method, path: new URL(url).pathname, headers, body: await request.text() });
}

const LISTEN = { hostname: "127.0.0.1", port: 0, onListen() {} };

const plainServer = (): Deno.HttpServer<Deno.NetAddr> => Deno.serve(LISTEN, answer);

async function secureServer({ authority }: Tinyproxy): Promise<Deno.HttpServer<Deno.NetAddr>> {
  return Deno.serve({ ...LISTEN, ...await authority.issue() }, answer);
}

const originOf = ({ addr }: Deno.HttpServer<Deno.NetAddr>): string => `http://127.0.0.1:${addr.port}`;
const secureOriginOf = ({ addr }: Deno.HttpServer<Deno.NetAddr>): string => `https://localhost:${addr.port}`;

/** A session for each way to choose the engine. */
async function withEngines(run: (session: requests.Session) => Promise<void>): Promise<void> {
  for (const engine of ENGINES) {
    await using session = new requests.Session({ trustEnv: false });
    for (const prefix of ["http://", "https://"]) session.mount(prefix, new requests.HTTPAdapter({ engine }));
    await run(session);
  }
}

/** The error of a request, which must not show the password of a proxy. */
async function failure(sending: Promise<requests.Response>): Promise<requests.RequestException> {
  const error = await sending.then((response) => assert.fail(`got ${response}`), (error) => error);
  assert.ok(error instanceof requests.RequestException, String(error));
  assert.ok(!Deno.inspect(error).includes(PASSWORD), "the error shows the password");
  return error;
}

tinyproxyTest("tinyproxy: an http URL is asked for through the proxy, with its password", async (tinyproxy) => {
  await using server = plainServer();
  await withEngines(async (session) => {
    for (const http of [tinyproxy.open, tinyproxy.withCredentials]) {
      const { headers, body, path } = seen(
        await session.post(`${originOf(server)}/post`, { data: "x", proxies: { http } }),
      );
      assert.match(headers.via!, /tinyproxy/);
      assert.equal(headers["proxy-authorization"], undefined);
      assert.deepEqual([path, body], ["/post", "x"]);
    }
    const response = await session.get(originOf(server), { proxies: { http: tinyproxy.guarded } });
    assert.equal(response.statusCode, requests.codes.proxy_authentication_required);
  });
});

tinyproxyTest(
  "tinyproxy: an https URL is asked for through a tunnel, with the password of the proxy",
  async (tinyproxy) => {
    await using server = await secureServer(tinyproxy);
    await withEngines(async (session) => {
      for (const https of [tinyproxy.open, tinyproxy.withCredentials]) {
        const options = { proxies: { https }, verify: tinyproxy.ca };
        const { headers, body } = seen(await session.post(secureOriginOf(server), { ...options, data: "secret" }));
        assert.equal(body, "secret");
        assert.equal(headers.via, undefined);
        assert.equal(headers["proxy-authorization"], undefined);
        assert.equal(seen(await session.get(secureOriginOf(server), options)).method, "GET");
      }
    });
  },
);

tinyproxyTest("tinyproxy: a refused tunnel is a ProxyError with the status", async (tinyproxy) => {
  await using server = await secureServer(tinyproxy);
  const wrong = tinyproxy.guarded.replace("://", "://user:wrong@");
  await withEngines(async (session) => {
    const ask = (https: string, url = secureOriginOf(server)) =>
      failure(session.get(url, { proxies: { https }, verify: tinyproxy.ca }));
    for (const https of [tinyproxy.guarded, wrong]) {
      const error = await ask(https);
      assert.ok(error instanceof requests.ProxyError);
      // tinyproxy says 401 to a wrong password.
      assert.ok(error.statusCode === 407 || (https === wrong && error.statusCode === 401), `${error.statusCode}`);
    }
    const gone = await ask(tinyproxy.open, `https://localhost:${freePort()}/`);
    assert.ok(gone instanceof requests.ProxyError && gone.statusCode! >= 500, String(gone));
  });
});

tinyproxyTest(
  "stunnel and tinyproxy: an https proxy for http and https URLs, checked like a server",
  async (tinyproxy) => {
    await using plain = plainServer();
    await using secure = await secureServer(tinyproxy);
    const proxies = { all: tinyproxy.secure };
    await withEngines(async (session) => {
      for (const verify of [tinyproxy.ca, false]) {
        assert.match(seen(await session.get(originOf(plain), { proxies, verify })).headers.via!, /tinyproxy/);
        const { headers, body } = seen(await session.post(secureOriginOf(secure), { proxies, verify, data: "twice" }));
        assert.equal(body, "twice");
        assert.equal(headers.via, undefined);
      }
      for (const url of [originOf(plain), secureOriginOf(secure)]) {
        assert.ok(await failure(session.get(url, { proxies })) instanceof requests.SSLError);
      }
    });
  },
);

tinyproxyTest("stunnel and tinyproxy: large bodies pass TLS in TLS both ways", async (tinyproxy) => {
  const size = 4 * 2 ** 20;
  await using server = Deno.serve(
    { ...LISTEN, ...await tinyproxy.authority.issue() },
    (request) => new globalThis.Response(request.body),
  );
  const data = Uint8Array.from({ length: size }, (_, index) => index * 31 ^ index >> 8);
  await withEngines(async (session) => {
    const options = { proxies: { all: tinyproxy.secure }, verify: tinyproxy.ca };
    const response = await session.post(secureOriginOf(server), { ...options, data });
    assert.equal(response.content.length, size);
    assert.ok(response.content.every((byte, index) => byte === data[index]));
  });
});

microsocksTest("microsocks: socks5 and socks5h with user and password", async (microsocks) => {
  await using server = plainServer();
  await withEngines(async (session) => {
    for (const scheme of ["socks5", "socks5h"]) {
      const proxies = { all: `${scheme}://${microsocks.withCredentials}` };
      for (const host of ["127.0.0.1", "localhost"]) {
        const response = await session.post(`http://${host}:${server.addr.port}/post`, { data: "x", proxies });
        assert.equal(seen(response).body, "x");
      }
    }
  });
});

microsocksTest(
  "microsocks: a refused login is a ProxyError, a target that is not there a ConnectionError",
  async (microsocks) => {
    await using server = plainServer();
    await withEngines(async (session) => {
      for (const credentials of ["", `user:${PASSWORD}@`]) {
        for (const scheme of ["socks5", "socks5h"]) {
          const proxies = { all: `${scheme}://${credentials}${microsocks.host}` };
          assert.ok(await failure(session.get(originOf(server), { proxies })) instanceof requests.ProxyError);
        }
      }
      const proxies = { all: `socks5h://${microsocks.withCredentials}` };
      for (const url of [`http://127.0.0.1:${freePort()}/`, "http://no-such-host.invalid/"]) {
        const error = await failure(session.get(url, { proxies }));
        assert.ok(error instanceof requests.ConnectionError && !(error instanceof requests.ProxyError), String(error));
      }
    });
  },
);

danteTest("dante: socks4, socks4a, socks5 and socks5h", async (dante) => {
  await using server = plainServer();
  await withEngines(async (session) => {
    for (const scheme of ["socks4", "socks4a", "socks5", "socks5h"]) {
      const proxies = { all: `${scheme}://${dante.host}` };
      // dante 1.4 refuses names in SOCKS 4a, whoever asks.
      for (const host of scheme === "socks4a" ? ["127.0.0.1"] : ["127.0.0.1", "localhost"]) {
        assert.equal(
          seen(await session.get(`http://${host}:${server.addr.port}/get`, { proxies })).path,
          "/get",
          scheme,
        );
      }
    }
  });
});

danteTest("dante: what it does not allow is a ProxyError, what nobody listens on a ConnectionError", async (dante) => {
  await withEngines(async (session) => {
    for (const scheme of ["socks5", "socks5h"]) {
      const proxies = { all: `${scheme}://${dante.host}` };
      assert.ok(
        await failure(session.get(`http://${BLOCKED}:80/`, { proxies })) instanceof requests.ProxyError,
        scheme,
      );
    }
    for (const scheme of ["socks4", "socks4a", "socks5", "socks5h"]) {
      const error = await failure(
        session.get(`http://127.0.0.1:${freePort()}/`, { proxies: { all: `${scheme}://${dante.host}` } }),
      );
      assert.ok(
        error instanceof requests.ConnectionError && !(error instanceof requests.ProxyError),
        `${scheme}: ${error}`,
      );
    }
  });
});

tinyproxyTest("a proxy that is not there is a ProxyError", async (tinyproxy) => {
  await using server = await secureServer(tinyproxy);
  await withEngines(async (session) => {
    for (const scheme of ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]) {
      const proxies = { all: `${scheme}://user:${PASSWORD}@127.0.0.1:${freePort()}` };
      for (const url of ["http://127.0.0.1:9/", secureOriginOf(server)]) {
        assert.ok(
          await failure(session.get(url, { proxies, verify: tinyproxy.ca })) instanceof requests.ProxyError,
          scheme,
        );
      }
    }
  });
});
