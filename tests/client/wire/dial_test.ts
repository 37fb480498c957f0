import assert from "node:assert/strict";
import { type AddressInfo, createServer } from "node:net";
import { ConnectionError, ConnectTimeout, ProxyError, ReadTimeout, SSLError } from "../../../client/errors.ts";
import { dial, type DialOptions, type Route } from "../../../client/wire/dial.ts";
import type { TlsSettings } from "../../../client/wire/tls.ts";
import type { Transport } from "../../../client/wire/transport.ts";
import { tempTree } from "../../helpers/temp_tree.ts";
import { bytesOf, deadOrigin, ok, RawServer } from "../raw_server.ts";
import { SocksServer } from "../socks_server.ts";
import { Authority, selfSigned } from "./authority.ts";
import { FullPeer, SilentPeer, TunnelProxy } from "./peers.ts";

const TLS: TlsSettings = { verify: true, cert: null, minimumVersion: null, peerCertificate: false };
const WHAT = "GET http://test/";

const authority = await Authority.create("test CA");
const valid = await authority.issue();

type RouteInput = Partial<Omit<Route, "tls">> & { tls?: Partial<TlsSettings> };

function connect(route: RouteInput, options: Partial<DialOptions> = {}): Promise<Transport> {
  const { tls, ...rest } = route;
  return dial(
    { scheme: "http", host: "127.0.0.1", port: 80, unixPath: null, proxy: null, ...rest, tls: { ...TLS, ...tls } },
    { connectTimeout: null, what: WHAT, ...options },
  );
}

/** Asks over a connection, and closes it. */
async function ask(transport: Transport, target = "/"): Promise<string> {
  try {
    await transport.write(bytesOf(`GET ${target} HTTP/1.1\r\nHost: test\r\n\r\n`));
    const buffer = new Uint8Array(1000);
    const count = await transport.read(buffer);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
  } finally {
    transport.close();
  }
}

async function refusal(route: RouteInput, options: Partial<DialOptions> = {}): Promise<Error> {
  try {
    (await connect(route, options)).close();
  } catch (error) {
    return error as Error;
  }
  assert.fail("the connection was opened");
}

const portOf = (origin: string): number => Number(new URL(origin).port);
const caFile = () => tempTree({ "ca.pem": authority.cert });

// Directly

Deno.test("dial() connects to an address or a name, over IPv4 and IPv6", async () => {
  await using server = new RawServer(() => ok("hi"));
  for (const host of ["127.0.0.1", "localhost"]) {
    const transport = await connect({ host, port: server.port });
    assert.equal(transport.tls, null);
    assert.match(await ask(transport), /hi$/);
  }
  using six = Deno.listen({ hostname: "::1", port: 0 });
  for (const host of ["[::1]", "::1"]) {
    const [transport, accepted] = await Promise.all([connect({ host, port: six.addr.port }), six.accept()]);
    transport.close();
    accepted.close();
  }
});

Deno.test("dial() connects to a Unix socket, whatever host and proxy are", async () => {
  await using files = await tempTree();
  const path = `${files.path}/socket`;
  const controller = new AbortController();
  const server = Deno.serve(
    { path, signal: controller.signal, onListen() {} },
    (request) => new Response(new URL(request.url).pathname),
  );
  const route = { unixPath: path, host: "docker", proxy: "http://proxy.test" };
  assert.match(await ask(await connect(route), "/containers"), /\/containers$/);
  controller.abort();
  await server.finished;
  const error = await refusal({ unixPath: `${files.path}/none` });
  assert.equal(error.constructor, ConnectionError);
  assert.ok(error.message.includes(`${files.path}/none`));
});

Deno.test("dial() tells that nobody listens, and that there is no such host", async () => {
  const refused = await refusal({ port: portOf(deadOrigin()) });
  assert.equal(refused.constructor, ConnectionError);
  assert.match(
    refused.message,
    /^GET http:\/\/test\/: Failed to establish a new connection to 127\.0\.0\.1:\d+: .*refused/,
  );
  assert.ok(refused.cause instanceof Deno.errors.ConnectionRefused);
  const unknown = await refusal({ host: "no-such-host.invalid" });
  assert.equal(unknown.constructor, ConnectionError);
  assert.match(unknown.message, /no-such-host\.invalid:80: failed to lookup/);
});

Deno.test("dial() reads the files of TLS before it connects", async () => {
  await using server = new RawServer(() => ok());
  const dead = portOf(deadOrigin());
  for (const port of [server.port, dead]) {
    for (const tls of [{ verify: "/none/ca.pem" }, { cert: "/none/client.pem" }]) {
      const error = await refusal({ scheme: "https", port, tls });
      assert.equal(error.constructor, SSLError);
      assert.match(error.message, /\/none\/\w+\.pem/);
    }
  }
  assert.equal(server.connections, 0);
});

Deno.test("dial() starts TLS, and raises SSLError before anything is sent", async () => {
  await using files = await caFile();
  await using server = new RawServer(() => ok("safe"), { tls: valid });
  const route = { scheme: "https", host: "localhost", port: server.port } as const;
  const transport = await connect({ ...route, tls: { verify: `${files.path}/ca.pem` } });
  assert.equal(transport.tls!.authorized, true);
  assert.match(await ask(transport), /safe$/);
  for (const tls of [{}, { peerCertificate: true }, { verify: `${files.path}/none.pem` }]) {
    assert.equal((await refusal({ ...route, tls })).constructor, SSLError);
  }
  assert.equal(server.requests.length, 1);
});

// Through a proxy

Deno.test("dial() connects to the proxy alone for an http URL", async () => {
  await using files = await caFile();
  await using proxy = new RawServer(() => ok("by proxy"));
  const target = { host: "only-the-proxy-knows.invalid", port: 80 };
  const answer = await ask(
    await connect({ ...target, proxy: `http://u:p@127.0.0.1:${proxy.port}` }),
    "http://x.invalid/",
  );
  assert.match(answer, /by proxy$/);
  assert.equal(proxy.requests[0]!.head.split("\r\n")[0], "GET http://x.invalid/ HTTP/1.1");

  await using secure = new RawServer(() => ok("by https"), { tls: valid });
  const tls = { verify: `${files.path}/ca.pem` };
  const transport = await connect({ ...target, proxy: `https://localhost:${secure.port}`, tls });
  assert.equal(transport.tls!.authorized, true);
  assert.match(await ask(transport), /by https$/);
});

Deno.test("dial() opens a tunnel for an https URL, through an http proxy and through an https proxy", async () => {
  await using files = await caFile();
  await using server = new RawServer(() => ok("tunnelled"), { tls: valid });
  await using plain = new TunnelProxy(server.port);
  await using secure = new TunnelProxy(server.port, valid);
  for (const proxy of [`http://joe:pw@127.0.0.1:${plain.port}`, `https://joe:pw@localhost:${secure.port}`]) {
    for (const verify of [`${files.path}/ca.pem`, false]) {
      const tls = { verify, peerCertificate: true };
      const transport = await connect({ scheme: "https", host: "localhost", port: 443, proxy, tls });
      assert.equal(transport.tls!.authorized, verify !== false);
      assert.equal(transport.tls!.peerCertificate!.issuer.CN, "test CA");
      assert.match(await ask(transport), /tunnelled$/);
    }
  }
  const head = "CONNECT localhost:443 HTTP/1.1\r\nHost: localhost:443\r\nProxy-Authorization: Basic am9lOnB3\r\n\r\n";
  assert.deepEqual([...plain.heads, ...secure.heads], Array(4).fill(head));
});

Deno.test("dial() checks the certificates of an https proxy and of the server behind it", async () => {
  await using files = await caFile();
  const tls = { verify: `${files.path}/ca.pem` };
  const wrong = await authority.issue({ hosts: ["elsewhere.test"] });
  const unknown = await selfSigned();
  const table = [[valid, wrong], [valid, unknown], [wrong, valid], [unknown, valid]] as const;
  for (const [ofProxy, ofServer] of table) {
    await using server = new RawServer(() => ok(), { tls: ofServer });
    await using proxy = new TunnelProxy(server.port, ofProxy);
    const route = {
      scheme: "https",
      host: "localhost",
      port: 443,
      proxy: `https://localhost:${proxy.port}`,
      tls,
    } as const;
    const error = await refusal(route);
    assert.ok(error instanceof SSLError, String(error));
    assert.equal(/proxy localhost:\d+: TLS with localhost/.test(error.message), ofProxy !== valid, error.message);
    // A proxy that cannot be trusted does not even hear where to.
    assert.equal(proxy.heads.length, ofProxy === valid ? 1 : 0);
    assert.equal(server.requests.length, 0);
  }
});

Deno.test("dial() has the name looked up on the side that the scheme names", async () => {
  await using server = new RawServer(() => ok("by socks"));
  await using proxy = new SocksServer(server.port);
  const at = (scheme: string) => `${scheme}://u:p@127.0.0.1:${proxy.port}`;
  const port = 8080;
  const name = "only-the-proxy-knows.invalid";
  assert.match(await ask(await connect({ host: name, port, proxy: at("socks5h") })), /by socks$/);
  assert.match(await ask(await connect({ host: "localhost", port, proxy: at("socks5") })), /by socks$/);
  assert.deepEqual(proxy.credentials, ["u:p", "u:p"]);
  assert.equal(proxy.targets[0], `name ${name}:8080`);
  assert.match(proxy.targets[1]!, /^address (?:127\.0\.0\.1|(?:0\.){15}1):8080$/);
  // Looked up here, it does not exist, and the proxy is not asked.
  for (const scheme of ["socks4", "socks5"]) {
    const error = await refusal({ host: name, proxy: at(scheme) });
    assert.equal(error.constructor, ConnectionError);
    assert.match(error.message, /Failed to resolve 'only-the-proxy-knows\.invalid'.*socks5h/);
  }
  assert.equal(proxy.targets.length, 2);
});

Deno.test("dial() starts TLS behind a SOCKS proxy", async () => {
  await using files = await caFile();
  await using server = new RawServer(() => ok("safe by socks"), { tls: valid });
  await using proxy = new SocksServer(server.port);
  const route = { scheme: "https", host: "localhost", port: 443, proxy: `socks5h://127.0.0.1:${proxy.port}` } as const;
  assert.match(await ask(await connect({ ...route, tls: { verify: `${files.path}/ca.pem` } })), /safe by socks$/);
  assert.ok(await refusal(route) instanceof SSLError);
  assert.ok(
    await refusal({ ...route, host: "elsewhere.test", tls: { verify: `${files.path}/ca.pem` } }) instanceof SSLError,
  );
});

Deno.test("dial() raises ProxyError for a proxy that is not there, without its password", async () => {
  const port = portOf(deadOrigin());
  for (const proxyScheme of ["http", "https", "socks4", "socks4a", "socks5", "socks5h"]) {
    for (const scheme of ["http", "https"] as const) {
      const error = await refusal({ scheme, proxy: `${proxyScheme}://joe:sesame@127.0.0.1:${port}` });
      assert.ok(error instanceof ProxyError, String(error));
      assert.match(error.message, new RegExp(`127\\.0\\.0\\.1:${port}: .*refused`));
      assert.doesNotMatch(Deno.inspect(error), /sesame/);
    }
  }
  assert.ok(await refusal({ proxy: "http://no-such-proxy.invalid:3128" }) instanceof ProxyError);
});

Deno.test("dial() raises ProxyError with the status of a refused tunnel", async () => {
  await using proxy = new SilentPeer(bytesOf("HTTP/1.0 407 Proxy Authentication Required\r\n\r\n"));
  const error = await refusal({ scheme: "https", proxy: `http://127.0.0.1:${proxy.port}` });
  assert.ok(error instanceof ProxyError);
  assert.equal(error.statusCode, 407);
});

// Time limits and signals. A SilentPeer waits for the connection to be closed.

interface Stall {
  readonly phase: string;
  readonly peer: SilentPeer;
  readonly route: (port: number) => RouteInput;
  /** Whether Deno's own TLS is in the middle of a handshake. It keeps the socket until the peer does something. */
  readonly native?: boolean;
}

/** A route for each phase in which a peer can stall, with a peer that does. */
function stalls(): Stall[] {
  const https = { scheme: "https", host: "localhost", tls: { verify: false } } as const;
  const tunnel = bytesOf("HTTP/1.1 200 OK\r\n\r\n");
  const by = (scheme: string, rest: RouteInput = {}) => (port: number) => ({
    ...rest,
    proxy: `${scheme}://127.0.0.1:${port}`,
  });
  return [
    { phase: "TLS handshake", peer: new SilentPeer(), route: (port) => ({ ...https, port }) },
    { phase: "TLS handshake", peer: new SilentPeer(), route: (port) => ({ ...https, port, tls: {} }), native: true },
    { phase: "proxy", peer: new SilentPeer(), route: by("http", https) },
    { phase: "proxy", peer: new SilentPeer(tunnel.subarray(0, 10)), route: by("http", https) },
    { phase: "TLS handshake", peer: new SilentPeer(tunnel), route: by("http", https) },
    { phase: "TLS handshake", peer: new SilentPeer(tunnel), route: by("http", { ...https, tls: {} }), native: true },
    { phase: "TLS handshake with proxy", peer: new SilentPeer(), route: by("https", { tls: { verify: false } }) },
    { phase: "TLS handshake with proxy", peer: new SilentPeer(), route: by("https"), native: true },
    { phase: "proxy", peer: new SilentPeer(), route: by("socks5h") },
    { phase: "proxy", peer: new SilentPeer([5, 0]), route: by("socks5h") },
    { phase: "proxy", peer: new SilentPeer([0]), route: by("socks4a") },
  ];
}

Deno.test("dial() raises ConnectTimeout when there is no connection in time", async () => {
  using peer = await FullPeer.start();
  const host = `127.0.0.1:${peer.port}`;
  for (const route of [{ port: peer.port }, { proxy: `http://${host}` }, { proxy: `socks5h://${host}` }]) {
    const error = await refusal(route, { connectTimeout: 0.05 });
    assert.equal(error.constructor, ConnectTimeout);
    assert.equal(error.message, `GET http://test/: Connection to ${host} timed out. (connect timeout=0.05)`);
  }
});

Deno.test("dial() raises ReadTimeout when a peer stalls after connecting, and closes the connection", async () => {
  for (const { phase, peer: stalled, route, native = false } of stalls()) {
    await using peer = stalled;
    const error = await refusal(route(peer.port), { connectTimeout: 0.05 });
    assert.equal(error.constructor, ReadTimeout, String(error));
    assert.match(
      error.message,
      new RegExp(`^GET http://test/: ${phase}.*Read timed out\\. \\(read timeout=0\\.05\\)$`),
    );
    if (native) peer.hangUp();
  }
});

Deno.test("dial() rejects with the reason of the signal in every phase, and closes the connection", async () => {
  const reason = new Error("enough");
  for (const { peer: stalled, route, native = false } of stalls()) {
    await using peer = stalled;
    const controller = new AbortController();
    const dialling = refusal(route(peer.port), { signal: controller.signal });
    await peer.arrival;
    controller.abort(reason);
    assert.equal(await dialling, reason);
    if (native) peer.hangUp();
  }
});

Deno.test("dial() rejects with the reason of the signal while connecting, and before", async () => {
  using peer = await FullPeer.start();
  for (const reason of [new Error("enough"), "a text"]) {
    const controller = new AbortController();
    const dialling = refusal({ port: peer.port }, { signal: controller.signal });
    controller.abort(reason);
    assert.equal(await dialling, reason);
    assert.equal(await refusal({ port: peer.port }, { signal: controller.signal }), reason);
  }
});

Deno.test("dial() leaves nothing on the signal", async () => {
  await using server = new RawServer(() => ok());
  const { signal } = new AbortController();
  let listeners = 0;
  const add = signal.addEventListener;
  const remove = signal.removeEventListener;
  signal.addEventListener = (...args: unknown[]) => (listeners++, Reflect.apply(add, signal, args));
  signal.removeEventListener = (...args: unknown[]) => (listeners--, Reflect.apply(remove, signal, args));
  await ask(await connect({ port: server.port }, { signal, connectTimeout: 60 }));
  assert.equal(listeners, 0);
});

Deno.test("dial() tells who closed or reset the connection in the middle", async () => {
  const https = { scheme: "https", host: "localhost" } as const;
  const native = (port: number): RouteInput => ({ ...https, port });
  const node = (port: number): RouteInput => ({ ...https, port, tls: { verify: false } });
  const by = (scheme: string) => (port: number): RouteInput => ({
    ...https,
    proxy: `${scheme}://127.0.0.1:${port}`,
    tls: { verify: false },
  });
  const table: ["close" | "reset", (port: number) => RouteInput, typeof ConnectionError][] = [
    ["close", native, SSLError],
    ["close", node, SSLError],
    ["close", by("http"), ProxyError],
    ["close", by("https"), SSLError],
    ["close", by("socks5h"), ProxyError],
    ["close", by("socks4a"), ProxyError],
    ["reset", native, ConnectionError],
    ["reset", node, ConnectionError],
    ["reset", by("http"), ProxyError],
    ["reset", by("https"), ProxyError],
    ["reset", by("socks5h"), ProxyError],
  ];
  for (const [manner, route, kind] of table) {
    const server = createServer((socket) => {
      socket.once("data", () => manner === "close" ? socket.end() : socket.resetAndDestroy());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const error = await refusal(route((server.address() as AddressInfo).port));
    await new Promise((resolve) => server.close(resolve));
    assert.equal(error.constructor, kind, `${manner}: ${error}`);
    assert.match(
      error.message,
      manner === "reset" ? /: Connection broken to .*(?:reset|ECONNRESET)/i : /: (?:TLS with|proxy) /,
    );
  }
});

Deno.test("dial() lets the program end in spite of a pending read, once unref() was called", async () => {
  await using server = new SilentPeer();
  const url = new URL("../../../client/wire/dial.ts", import.meta.url);
  const code = `
    import { dial } from ${JSON.stringify(url.href)};
    const tls = { verify: true, cert: null, minimumVersion: null, peerCertificate: false };
    const route = { scheme: "http", host: "127.0.0.1", port: ${server.port}, unixPath: null, proxy: null, tls };
    const transport = await dial(route, { connectTimeout: null, what: "test" });
    transport.unref();
    transport.read(new Uint8Array(1));
    console.log("done");
  `;
  const { output } = await runCode(code);
  assert.equal(output, "done");
});

Deno.test("dial() passes a missing permission on", async () => {
  const url = new URL("../../../client/wire/dial.ts", import.meta.url);
  const code = `
    import { dial } from ${JSON.stringify(url.href)};
    const tls = { verify: true, cert: null, minimumVersion: null, peerCertificate: false };
    for (const proxy of [null, "socks5://127.0.0.1:1"]) {
      const route = { scheme: "http", host: "localhost", port: 80, unixPath: null, proxy, tls };
      await dial(route, { connectTimeout: null, what: "test" }).catch((error) => console.log(error.name));
    }
  `;
  const { output } = await runCode(code, "--allow-net=127.0.0.1:1");
  assert.equal(output, "NotCapable\nNotCapable");
});

async function runCode(code: string, ...permissions: string[]): Promise<{ output: string }> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      ...(permissions.length === 0 ? ["-A"] : permissions),
      `data:text/typescript,${encodeURIComponent(code)}`,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
  const { success, stdout, stderr } = await child.output();
  assert.ok(success, new TextDecoder().decode(stderr));
  return { output: new TextDecoder().decode(stdout).trim() };
}
