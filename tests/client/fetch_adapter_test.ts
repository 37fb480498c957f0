import assert from "node:assert/strict";
import type { SendOptions } from "../../client/adapter.ts";
import { NotSupportedError, RequestException, SSLError, StreamConsumedError } from "../../client/errors.ts";
import { FetchAdapter, type FetchAdapterOptions } from "../../client/fetch_adapter.ts";
import { Request } from "../../client/request.ts";
import type { Response } from "../../client/response.ts";
import { Session } from "../../client/session.ts";
import { folder, testEngine, tunnelTo } from "./engine_behaviours.ts";
import { bytesOf, ok, RawServer } from "./raw_server.ts";
import { CA, CLIENT_CERT, CLIENT_KEY, ENCRYPTED_KEY, SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

type Options = ConstructorParameters<typeof Request>[2];
const TLS = { tls: { cert: SERVER_CERT, key: SERVER_KEY } };

/** An adapter that is closed at the end of the test. */
function open(options: FetchAdapterOptions = {}): FetchAdapter & Disposable {
  const adapter = new FetchAdapter(options);
  return Object.assign(adapter, { [Symbol.dispose]: () => adapter.close() });
}

/** Sends one request with an adapter of its own, and reads the response. */
async function ask(method: string, url: string, options: Options = {}, sending: SendOptions = {}): Promise<Response> {
  using adapter = open();
  const response = await adapter.send(new Request(method, url, options).prepare(), sending);
  await response.read();
  return response;
}

testEngine("fetch", open);

// What fetch cannot express

const SOMEWHERE = "https://127.0.0.1:9/";
for (
  const [name, option, method, url, data, sending] of [
    ["verify: false", "verify", "GET", SOMEWHERE, null, { verify: false }],
    ["verify: false through an https proxy", "verify", "GET", "http://a.test/", null, {
      verify: false,
      proxies: { http: "https://proxy.test" },
    }],
    ["a limit for connecting", "timeout", "GET", SOMEWHERE, null, { timeout: [3.05, 27] }],
    ["a limit for connecting alone", "timeout", "GET", SOMEWHERE, null, { timeout: [3.05, null] }],
    ["GET with a body", "data", "GET", SOMEWHERE, "x", {}],
    ["HEAD with a body", "data", "HEAD", SOMEWHERE, "x", {}],
    ["TRACE", "method", "TRACE", SOMEWHERE, null, {}],
    ["CONNECT", "method", "CONNECT", SOMEWHERE, null, {}],
    ["SOCKS 4", "proxies", "GET", SOMEWHERE, null, { proxies: { all: "socks4://127.0.0.1:9" } }],
    ["SOCKS 4a", "proxies", "GET", SOMEWHERE, null, { proxies: { all: "socks4a://127.0.0.1:9" } }],
    ["a blocked port", "url", "GET", "http://127.0.0.1:6667/", null, {}],
  ] as [string, string, string, string, string | null, SendOptions][]
) {
  Deno.test(`send() refuses ${name} and names the option ${option}`, async () => {
    await assert.rejects(ask(method, url, { data }, sending), (error) => {
      assert.ok(error instanceof NotSupportedError);
      assert.equal(error.option, option);
      assert.equal(error.request?.url, url);
      return true;
    });
  });
}

Deno.test("send() takes what says the same in a way that fetch can do", async () => {
  await using server = new RawServer(() => ok());
  for (
    const sending of [
      { timeout: [5, 5] },
      { timeout: [null, 5] },
      { timeout: [null, null] },
      { verify: false },
      { verify: "/no/such/file" },
      { proxies: {} },
      { proxies: { https: "http://proxy.test" } },
    ] as SendOptions[]
  ) assert.equal((await ask("GET", server.origin, {}, sending)).statusCode, 200);
});

Deno.test("send() trusts a further authority with verify: file or folder, and keeps such connections apart", async () => {
  await using place = await folder({ "ca.pem": CA, "notes.txt": "nothing" });
  await using server = new RawServer(() => ok("secure"), TLS);
  using adapter = open();
  const request = new Request("GET", server.origin).prepare();
  for (const verify of [place.path, `${place.path}/ca.pem`]) {
    assert.equal((await (await adapter.send(request, { verify })).read()).length, 6);
  }
  await assert.rejects(adapter.send(request), (error) => {
    assert.ok(error instanceof SSLError);
    assert.match(error.message, /UnknownIssuer.*verify: PATH/);
    return true;
  });
});

Deno.test("send() raises SSLError for a host that the certificate does not name, and for plain HTTP", async () => {
  await using place = await folder({ "ca.pem": CA });
  await using server = new RawServer(() => ok(), { tls: { cert: CLIENT_CERT, key: CLIENT_KEY } });
  await assert.rejects(ask("GET", server.origin, {}, { verify: `${place.path}/ca.pem` }), SSLError);
  await using plain = new RawServer(() => null);
  // What arrives is no request: the connection is closed as soon as it is read.
  const hello = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const answered = hello.accept().then(async (connection) => {
    await connection.read(new Uint8Array(1000));
    await connection.write(bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n"));
    connection.close();
  });
  await assert.rejects(ask("GET", `https://127.0.0.1:${(hello.addr as Deno.NetAddr).port}/`), {
    name: "SSLError",
    message: /plain HTTP/,
  });
  await answered;
  hello.close();
  assert.equal(plain.requests.length, 0);
});

for (
  const [name, option, value, Class, message] of [
    ["no such bundle", "verify", "none.pem", SSLError, /Could not find a suitable TLS CA certificate bundle/],
    ["a bundle without certificates", "verify", "notes.txt", SSLError, /holds no certificate/],
    ["no such certificate", "cert", ["none.pem", "client.key"], SSLError, /TLS certificate file, invalid path/],
    ["no such key", "cert", ["client.pem", "none.key"], SSLError, /TLS key file, invalid path/],
    ["a certificate that is none", "cert", ["notes.txt", "client.key"], SSLError, /holds no certificate/],
    ["a key that is none", "cert", ["client.pem", "notes.txt"], SSLError, /holds no private key/],
    ["a certificate without its key", "cert", "client.pem", SSLError, /Pass \[certificate, key\]/],
    ["an encrypted key", "cert", ["client.pem", "encrypted.key"], NotSupportedError, /encrypted.*openssl pkey/],
    ["a PKCS #12 file", "cert", "client.p12", NotSupportedError, /openssl pkcs12/],
    ["a key of another certificate", "cert", ["client.pem", "server.key"], SSLError, /cannot be used/],
  ] as const
) {
  Deno.test(`send() refuses ${name}`, async () => {
    await using place = await folder({
      "notes.txt": "nothing",
      "client.pem": CLIENT_CERT,
      "client.key": CLIENT_KEY,
      "server.key": SERVER_KEY,
      "encrypted.key": ENCRYPTED_KEY,
      "client.p12": new Uint8Array([0x30, 0x82, 4, 0]),
    });
    const at = (name: string) => `${place.path}/${name}`;
    const paths = typeof value === "string" ? at(value) : [at(value[0]), at(value[1])] as const;
    await assert.rejects(ask("GET", SOMEWHERE, {}, { [option]: paths }), (error) => {
      assert.ok(error instanceof RequestException);
      assert.equal(error.name, Class.name);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("send() refuses what would show the password of a proxy to the origin", async () => {
  await using origin = new RawServer(() => ok("secure"), TLS);
  await using proxy = tunnelTo(origin);
  const proxies = { https: proxy.origin.replace("//", "//joe:pass@") };
  await assert.rejects(ask("GET", origin.origin, {}, { proxies }), (error) => {
    assert.ok(error instanceof NotSupportedError);
    assert.equal(error.option, "proxies");
    assert.doesNotMatch(Deno.inspect(error), /joe|pass@/);
    return true;
  });
  assert.equal(proxy.connections, 0);
});

/** Runs code in a process with proxy variables: the environment of this one is shared with other tests. */
async function inEnvironment(env: Record<string, string>, permissions: string[], code: string): Promise<string> {
  const module = new URL("../../client/", import.meta.url).href;
  const program = `
    const { FetchAdapter } = await import("${module}fetch_adapter.ts");
    const { Request } = await import("${module}request.ts");
    const adapter = new FetchAdapter();
    const ask = async (url, options) => {
      const response = await adapter.send(new Request("GET", url).prepare(), options);
      return new TextDecoder().decode(await response.read());
    };
    ${code}
    adapter.close();`;
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(file, program);
  try {
    const { code: exit, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-check",
        "--no-prompt",
        `--config=${new URL("../../deno.json", import.meta.url).pathname}`,
        ...permissions,
        file,
      ],
      // Deno looks for a newer version now and then, through the very proxies that are under test.
      env: { DENO_NO_UPDATE_CHECK: "1", ...env },
    }).output();
    assert.equal(exit, 0, new TextDecoder().decode(stderr));
    return new TextDecoder().decode(stdout).trim();
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("send() uses no proxy but the one it is given, whatever the environment says", async () => {
  await using server = new RawServer(() => ok("direct"));
  await using envProxy = new RawServer(() => ok("environment"));
  await using proxy = new RawServer(() => ok("given"));
  const env = { HTTP_PROXY: envProxy.origin, ALL_PROXY: envProxy.origin, no_proxy: "shop.test" };
  const output = await inEnvironment(
    env,
    ["-A"],
    `console.log(await ask("${server.origin}"), await ask("http://shop.test/", { proxies: { http: "${proxy.origin}" } }));
     console.log(Deno.env.get("HTTP_PROXY"), Deno.env.get("ALL_PROXY"), Deno.env.get("no_proxy"));`,
  );
  assert.equal(output, `direct given\n${env.HTTP_PROXY} ${env.ALL_PROXY} ${env.no_proxy}`);
  assert.equal(envProxy.requests.length, 0);
});

Deno.test("send() needs net permission only, and does not ask for more", async () => {
  await using server = new RawServer(() => ok("fine"));
  const output = await inEnvironment(
    {},
    ["--allow-net", "--allow-import"],
    `console.log(await ask("${server.origin}"));`,
  );
  assert.equal(output, "fine");
});

Deno.test("send() passes on that a permission is missing", async () => {
  const code = `try { await ask("http://127.0.0.1:4/"); } catch (error) { console.log(error.name); }`;
  assert.equal(await inEnvironment({}, [], code), "NotCapable");
});

Deno.test("FetchAdapter refuses sizes that are none", () => {
  for (const size of [0, -1, 1.5, NaN]) {
    assert.throws(() => new FetchAdapter({ poolMaxsize: size }), RangeError);
    assert.throws(() => new FetchAdapter({ poolConnections: size }), RangeError);
  }
});

Deno.test("poolConnections closes the clients that were not used for longest, and close() all", async () => {
  await using proxies = {
    list: [0, 1, 2].map(() => new RawServer(() => ok("via"))),
    async [Symbol.asyncDispose]() {
      for (const proxy of this.list) await proxy[Symbol.asyncDispose]();
    },
  };
  using adapter = open({ poolConnections: 2 });
  const send = async (index: number) => {
    const http = proxies.list[index]!.origin;
    await (await adapter.send(new Request("GET", "http://shop.test/").prepare(), { proxies: { http } })).read();
  };
  for (const index of [0, 1, 0, 2, 0, 1]) await send(index);
  assert.deepEqual(proxies.list.map((proxy) => proxy.connections), [1, 2, 1]);
  adapter.close();
  await send(0);
  assert.equal(proxies.list[0]!.connections, 2);
});

Deno.test("a hook that keeps the response can close it while the session reads", async () => {
  const stalled = Promise.withResolvers<void>();
  await using server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, () =>
    new globalThis.Response(
      new ReadableStream({
        start: (controller) => controller.enqueue(new TextEncoder().encode("begun")),
        cancel: () => stalled.resolve(),
      }),
    ));
  await using session = new Session();
  const hook = (response: Response) => void queueMicrotask(() => setTimeout(() => response.close(), 0));
  const url = `http://127.0.0.1:${server.addr.port}/`;
  await assert.rejects(() => session.get(url, { hooks: { response: hook } }), StreamConsumedError);
  await stalled.promise;
});
