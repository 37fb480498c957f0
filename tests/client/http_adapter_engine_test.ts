// Which engine carries a request. Requests that may go by fetch are sent by a process of their own, because proxy variables in
// the environment of the tests would have a say.
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { createServer } from "node:tls";
import { InvalidSchema, NotSupportedError, SSLError } from "../../client/errors.ts";
import { HTTPAdapter, type HTTPAdapterOptions } from "../../client/http_adapter.ts";
import type { RequestOptions } from "../../client/mod.ts";
import { defaultHeaders, Session } from "../../client/session.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { clientProcess } from "./client_process.ts";
import { tunnelTo } from "./engine_behaviours.ts";
import { ok, RawServer } from "./raw_server.ts";
import { SocksServer } from "./socks_server.ts";
import { CA, CLIENT_CERT, CLIENT_KEY, CLIENT_PFX, SERVER_CERT, SERVER_KEY } from "./tls_material.ts";
import { FullPeer } from "./wire/peers.ts";

const TLS = { tls: { cert: SERVER_CERT, key: SERVER_KEY } };
const CLOSE = "Connection: close\r\n";

/** A server on a port that fetch refuses (https://fetch.spec.whatwg.org/#port-blocking), whichever is free. */
function onBlockedPort(): Deno.HttpServer<Deno.NetAddr> {
  for (const port of [6667, 6668, 6669, 6666, 6665, 6697, 10080]) {
    try {
      return Deno.serve({ hostname: "127.0.0.1", port, onListen() {} }, () => new globalThis.Response());
    } catch (error) {
      if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    }
  }
  throw new Error("No port that fetch blocks is free on this machine");
}

const encryptedKey = (passphrase: string): string =>
  String(createPrivateKey(CLIENT_KEY).export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase }));

const certificates = () =>
  tempTree({
    "ca.pem": CA,
    "client.pem": CLIENT_CERT,
    "client.key": CLIENT_KEY,
    "encrypted.key": encryptedKey("secret"),
    "client.p12": CLIENT_PFX,
  });

type Row = readonly [
  what: string,
  engine: "fetch" | "wire",
  method: string,
  url: string,
  options: RequestOptions,
  adapter?: HTTPAdapterOptions,
];

/** Sends the requests of a table and gives the table of engines. Servers with a certificate of the tests are trusted. */
async function enginesOf(rows: readonly Row[], ca: string): Promise<Record<string, string>> {
  const code = `
    const engines = {};
    for (const [what, , method, url, options, adapterOptions] of ${JSON.stringify(rows)}) {
      await using session = new requests.Session();
      const adapter = new requests.HTTPAdapter(adapterOptions ?? {});
      session.mount("http://", adapter);
      session.mount("https://", adapter);
      const answer = await session.request(method, url, options).catch((error) => error);
      engines[what] = answer.engine ?? String(answer);
    }
    console.log(JSON.stringify(engines));`;
  return JSON.parse(await clientProcess(code, { DENO_CERT: ca }));
}

const expected = (rows: readonly Row[]) => Object.fromEntries(rows.map(([what, engine]) => [what, engine]));

Deno.test("send() takes fetch for what it carries out as it is asked for, and the wire for all else", async () => {
  await using place = await certificates();
  await using plain = new RawServer(() => ok());
  await using secure = new RawServer(() => ok(), TLS);
  await using behind = new RawServer(() => ok("", CLOSE), TLS);
  await using proxy = tunnelTo(behind);
  await using secureProxy = tunnelTo(behind, TLS);
  await using socks = new SocksServer(plain.port);
  await using blocked = onBlockedPort();
  const [http, https] = [plain.origin, secure.origin];
  const at = (name: string) => `${place.path}/${name}`;
  const [cert, key, verify] = [at("client.pem"), at("client.key"), at("ca.pem")];
  const via = (scheme: string): RequestOptions => ({
    proxies: { all: `${scheme}://127.0.0.1:${socks.port}` },
    headers: { Connection: "close" },
  });
  const rows: readonly Row[] = [
    // Everything else
    ["GET", "fetch", "GET", http, {}],
    ["POST with a body", "fetch", "POST", http, { data: "x" }],
    ["a method of one's own", "fetch", "MKCOL", http, {}],
    ["https", "fetch", "GET", https, { verify: true }],
    ["one limit", "fetch", "GET", http, { timeout: 5 }],
    ["a limit for reading", "fetch", "GET", http, { timeout: [null, 5] }],
    ["a client certificate", "fetch", "GET", https, { cert: [cert, key] }],
    ["verify: false over http", "fetch", "GET", http, { verify: false }],
    ["verify: PATH over http", "fetch", "GET", http, { verify }],
    ["a proxy for another scheme", "fetch", "GET", http, { proxies: { https: proxy.origin } }],
    ["an Accept of one's own", "fetch", "GET", http, { headers: { Accept: "text/x" } }],
    // TLS
    ["verify: false", "wire", "GET", https, { verify: false }],
    ["verify: PATH", "wire", "GET", https, { verify }],
    ["an encrypted key", "wire", "GET", https, { verify, cert: [cert, at("encrypted.key"), "secret"] }],
    ["a PKCS #12 file", "wire", "GET", https, { verify, cert: { pfx: at("client.p12"), password: "secret" } }],
    ["sslMinimumVersion", "wire", "GET", https, { verify }, { sslMinimumVersion: "TLSv1.3" }],
    ["peerCertificate", "wire", "GET", https, { verify: true }, { peerCertificate: true }],
    // Time
    ["a limit for connecting and one for reading", "wire", "GET", http, { timeout: [3.05, 27] }],
    ["the same limit for both", "wire", "GET", http, { timeout: [5, 5] }],
    ["a limit for connecting alone", "wire", "GET", http, { timeout: [3.05, null] }],
    // Proxies
    ["an http proxy", "wire", "GET", "http://shop.invalid/", { proxies: { http: proxy.origin } }],
    ["an https proxy", "wire", "GET", "http://shop.invalid/", { verify, proxies: { http: secureProxy.origin } }],
    ["a tunnel", "wire", "GET", "https://localhost/", { verify, proxies: { https: proxy.origin } }],
    ["a tunnel that asks for a password", "wire", "GET", "https://localhost/", {
      verify,
      proxies: { https: proxy.origin.replace("//", "//joe:secret@") },
    }],
    ["a tunnel through an https proxy", "wire", "GET", "https://localhost/", {
      verify,
      proxies: { https: secureProxy.origin },
    }],
    ["a client certificate behind a proxy", "wire", "GET", "https://localhost/", {
      verify,
      cert: [cert, key],
      proxies: { https: proxy.origin },
    }],
    ["socks4", "wire", "GET", "http://localhost/", via("socks4")],
    ["socks4a", "wire", "GET", "http://shop.invalid/", via("socks4a")],
    ["socks5", "wire", "GET", "http://localhost/", via("socks5")],
    ["socks5h", "wire", "GET", "http://shop.invalid/", via("socks5h")],
    // Methods, bodies, fields, ports
    ["GET with a body", "wire", "GET", http, { data: "x" }],
    ["HEAD with a body", "wire", "HEAD", http, { data: "x" }],
    ["TRACE", "wire", "TRACE", http, {}],
    ["a port that fetch blocks", "wire", "GET", `http://127.0.0.1:${blocked.addr.port}/`, {}],
    ["Expect: 100-continue", "wire", "PUT", http, { data: "x", headers: { Expect: "100-continue" } }],
    ["no Accept", "wire", "GET", http, { headers: { Accept: null } }],
    ["no User-Agent", "wire", "GET", http, { headers: { "User-Agent": null } }],
    // By name
    ["engine: auto", "fetch", "GET", http, {}, { engine: "auto" }],
    ["engine: fetch", "fetch", "GET", http, {}, { engine: "fetch" }],
    ["engine: wire", "wire", "GET", http, {}, { engine: "wire" }],
    ["engine: fetch and a proxy", "fetch", "GET", "http://shop.invalid/", { proxies: { http: proxy.origin } }, {
      engine: "fetch",
    }],
  ];
  assert.deepEqual(await enginesOf(rows, verify), expected(rows));
});

Deno.test("send() takes the wire for a Unix socket", { ignore: Deno.build.os === "windows" }, async () => {
  await using place = await tempTree({});
  const path = `${place.path}/app.sock`;
  await using _server = Deno.serve({ path, onListen() {} }, () => new globalThis.Response("over the socket"));
  await using session = new Session();
  const response = await session.get(`http+unix://${encodeURIComponent(path)}/`);
  assert.equal(response.text, "over the socket");
  assert.equal(response.engine, "wire");
});

Deno.test("send() takes the wire for a key or a file that fetch cannot read, whatever verify says", async () => {
  await using place = await certificates();
  await using server = new RawServer(() => ok(), TLS);
  const [cert, key] = [`${place.path}/client.pem`, `${place.path}/encrypted.key`];
  const certs = [[cert, key, "secret"], { pfx: `${place.path}/client.p12`, password: "secret" }] as const;
  await using session = new Session({ trustEnv: false });
  for (const given of certs) {
    // The words of node:tls: the certificate of the client is fine, that of the server is not.
    await assert.rejects(session.get(server.origin, { cert: given, verify: true }), (error) => {
      assert.ok(error instanceof SSLError);
      assert.match(error.message, /UNABLE_TO_/);
      return true;
    });
  }
});

Deno.test("send() raises ConnectTimeout of the wire, and a limit that is one number does not tell which wait it was", async () => {
  using listener = await FullPeer.start();
  const url = `http://127.0.0.1:${listener.port}/`;
  for (
    const [engine, timeout, name] of [
      ["auto", [0.1, 5], "ConnectTimeout"],
      ["fetch", 0.1, "ReadTimeout"],
      ["wire", 0.1, "ConnectTimeout"],
    ] as const
  ) {
    await using session = new Session();
    session.mount("http://", new HTTPAdapter({ engine }));
    await assert.rejects(session.get(url, { timeout }), { name });
  }
});

// engine: "fetch"

for (
  const [name, option, method, url, options, adapter] of [
    ["verify: false", "verify", "GET", "https://127.0.0.1:9/", { verify: false }],
    ["a limit for connecting", "timeout", "GET", "http://127.0.0.1:9/", { timeout: [3.05, 27] }],
    ["GET with a body", "data", "GET", "http://127.0.0.1:9/", { data: "x" }],
    ["TRACE", "method", "TRACE", "http://127.0.0.1:9/", {}],
    ["a port that fetch blocks", "url", "GET", "http://127.0.0.1:6667/", {}],
    ["SOCKS 4", "proxies", "GET", "http://127.0.0.1:9/", { proxies: { http: "socks4://127.0.0.1:9" } }],
    ["a tunnel that asks for a password", "proxies", "GET", "https://127.0.0.1:9/", {
      proxies: { https: "http://joe:pass@127.0.0.1:9" },
    }],
    ["sslMinimumVersion", "sslMinimumVersion", "GET", "https://127.0.0.1:9/", {}, { sslMinimumVersion: "TLSv1.3" }],
    ["peerCertificate", "peerCertificate", "GET", "https://127.0.0.1:9/", {}, { peerCertificate: true }],
  ] as [string, string, string, string, RequestOptions, HTTPAdapterOptions?][]
) {
  Deno.test(`engine: "fetch" refuses ${name} and names the option ${option}`, async () => {
    await using session = new Session({ trustEnv: false });
    const fetching = new HTTPAdapter({ ...adapter, engine: "fetch" });
    session.mount("http://", fetching);
    session.mount("https://", fetching);
    await assert.rejects(session.request(method, url, options), (error) => {
      assert.ok(error instanceof NotSupportedError);
      assert.equal(error.option, option);
      assert.equal(error.request?.method, method);
      return true;
    });
  });
}

Deno.test('engine: "fetch" refuses a key or a file that it cannot read', async () => {
  await using place = await certificates();
  await using session = new Session({ trustEnv: false });
  session.mount("https://", new HTTPAdapter({ engine: "fetch" }));
  const [cert, key] = [`${place.path}/client.pem`, `${place.path}/encrypted.key`];
  for (const given of [[cert, key, "secret"], { pfx: `${place.path}/client.p12`, password: "secret" }] as const) {
    await assert.rejects(session.get("https://127.0.0.1:9/", { cert: given }), { name: "NotSupportedError" });
  }
});

Deno.test('engine: "fetch" does not know Unix sockets', async () => {
  await using session = new Session();
  session.mount("http+unix://", new HTTPAdapter({ engine: "fetch" }));
  await assert.rejects(session.get("http+unix://%2Frun%2Fapp.sock/"), InvalidSchema);
});

// The environment

const ASK = (url: string, permissions: string) => `
  const url = ${JSON.stringify(url)};
  for (const trustEnv of [true, false]) {
    await using session = new requests.Session({ trustEnv });
    const response = await session.get(url);
    console.log(${JSON.stringify(permissions)}, trustEnv, response.engine, response.text);
  }`;

const NET_ONLY = ["--allow-net", "--allow-import"];

for (
  const [name, env, permissions, trusting, not] of [
    // What is to go directly does, and what is to go through a proxy goes by the engine that tells its failures apart.
    ["proxy variables that may be read", true, ["-A"], "wire proxied", "wire direct"],
    // fetch looks at them without being asked, and cannot be kept from it.
    ["proxy variables that may not be read", true, NET_ONLY, "fetch proxied", "wire direct"],
    ["no proxy variables", false, ["-A"], "fetch direct", "fetch direct"],
    ["variables that may not be read, and are not there", false, NET_ONLY, "fetch direct", "wire direct"],
  ] as const
) {
  Deno.test(`send() with ${name}: trustEnv true and false`, async () => {
    await using server = new RawServer(() => ok("direct"));
    await using proxy = new RawServer(() => ok("proxied"));
    const code = ASK(server.origin, "-");
    const output = await clientProcess(code, env ? { HTTP_PROXY: proxy.origin, NO_PROXY: "" } : {}, permissions);
    assert.equal(output, `- true ${trusting}\n- false ${not}`);
  });
}

Deno.test("send() leaves to the wire what NO_PROXY excepts from proxy variables", async () => {
  await using server = new RawServer(() => ok("direct"));
  await using proxy = new RawServer(() => ok("proxied"));
  const env = { HTTP_PROXY: proxy.origin, NO_PROXY: "127.0.0.0/8" };
  assert.equal(await clientProcess(ASK(server.origin, "-"), env), "- true wire direct\n- false wire direct");
  assert.equal(proxy.connections, 0);
});

// A runtime without sockets

Deno.test("send() stays with fetch where there is no Deno.connect, and says what that cannot do", async () => {
  await using server = new RawServer(() => ok("fine"));
  const output = await clientProcess(`
    delete Deno.connect;
    const url = ${JSON.stringify(server.origin)};
    console.log((await requests.get(url)).engine, (await requests.get(url, { headers: { Accept: null } })).engine);
    const wire = { engine: "wire" };
    const minimum = { sslMinimumVersion: "TLSv1.3" };
    for (
      const [method, url_, options, adapterOptions] of [
        ["GET", "https://127.0.0.1:9/", { verify: false }, {}],
        ["GET", url, { timeout: [3.05, 27] }, {}],
        ["GET", url, { data: "x" }, {}],
        ["TRACE", url, {}, {}],
        ["GET", url, {}, wire],
        ["GET", url, {}, minimum],
      ]
    ) {
      await using session = new requests.Session();
      const adapter = new requests.HTTPAdapter(adapterOptions);
      session.mount("http://", adapter);
      session.mount("https://", adapter);
      const error = await session.request(method, url_, options).catch((error) => error);
      console.log(error.name, error.option, "-", error.message);
    }`);
  const lines = output.split("\n");
  assert.equal(lines.shift(), "fetch fetch");
  const reasons = [
    /^NotSupportedError verify - .*fetch checks certificates always/,
    /^NotSupportedError timeout - .*fetch has no limit of its own for connecting/,
    /^NotSupportedError data - .*fetch sends no body with GET/,
    /^NotSupportedError method - .*fetch does not send TRACE/,
    /^NotSupportedError engine - .*this runtime has no Deno\.connect\(\)/,
    /^NotSupportedError sslMinimumVersion - .*fetch has nothing like it/,
  ];
  assert.equal(lines.length, reasons.length);
  reasons.forEach((reason, index) => assert.match(lines[index]!, reason));
});

// Several requests

Deno.test("a redirect that changes what is needed takes the right engine on each hop", async () => {
  await using place = await certificates();
  const moved = (to: string) => `HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ${to}\r\n\r\n`;
  await using plain: RawServer = new RawServer(({ head }) =>
    head.startsWith("GET /start ") ? moved(`${secure.origin}/a`) : ok("end")
  );
  await using secure: RawServer = new RawServer(() => moved(`${plain.origin}/end`), TLS);
  const output = await clientProcess(`
    const response = await requests.get(${JSON.stringify(`${plain.origin}/start`)}, {
      verify: ${JSON.stringify(`${place.path}/ca.pem`)},
    });
    console.log(response.text, ...[...response.history, response].map(({ engine }) => engine));`);
  assert.equal(output, "end fetch wire fetch");
});

Deno.test("an adapter uses both engines in turn, and close() closes the connections of both", async () => {
  await using server = new RawServer(() => ok("fine"));
  const output = await clientProcess(`
    await using session = new requests.Session();
    const engines = [];
    for (const timeout of [5, [5, 5], 5, [5, 5]]) {
      engines.push((await session.get(${JSON.stringify(server.origin)}, { timeout })).engine);
    }
    console.log(...engines);`);
  assert.equal(output, "fetch wire fetch wire");
  assert.equal(server.connections, 2);
});

Deno.test("a body over TLS that ends with the connection is whole without a close_notify on the wire, and not with fetch", async () => {
  await using place = await certificates();
  const server = createServer({ cert: SERVER_CERT, key: SERVER_KEY }, (socket) => {
    socket.on("error", () => {});
    // destroy() closes the socket below without a word of TLS.
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\n\r\nhello", () => socket.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `https://127.0.0.1:${(server.address() as { port: number }).port}/`;
  const ca = `${place.path}/ca.pem`;
  const output = await clientProcess(
    `
    for (const [engine, verify] of [["fetch", true], ["wire", true], ["wire", ${JSON.stringify(ca)}]]) {
      await using session = new requests.Session({ verify });
      session.mount("https://", new requests.HTTPAdapter({ engine }));
      console.log(engine, await session.get(${JSON.stringify(url)}).then(({ text }) => text, ({ name }) => name));
    }`,
    { DENO_CERT: ca },
  );
  assert.equal(output, "fetch ChunkedEncodingError\nwire hello\nwire hello");
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

Deno.test('engine: "wire" gives what fetch hides', async () => {
  await using server = new RawServer(() =>
    "HTTP/1.1 200 Fine\r\nX-b: 1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nX-Late: 1\r\n\r\n"
  );
  await using session = new Session();
  session.mount("http://", new HTTPAdapter({ engine: "wire" }));
  session.headers.set("X-Mine", "1");
  const response = await session.get(server.origin);
  assert.equal(response.reason, "Fine");
  assert.deepEqual(response.rawHeaders, [["X-b", "1"], ["Transfer-Encoding", "chunked"]]);
  assert.equal(response.trailers.get("x-late"), "1");
  assert.equal(response.connectionInfo?.remoteAddress, `127.0.0.1:${server.port}`);
  const names = server.requests[0]!.head.split("\r\n").slice(1).map((line) => line.split(":")[0]);
  assert.deepEqual(names, ["Host", ...[...defaultHeaders()].map(([name]) => name), "X-Mine"]);
});
