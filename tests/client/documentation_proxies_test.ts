// What the documentation of requests says about proxies, sentence by sentence. Where this port differs on purpose the test
// holds it to what it does here, and says so.
import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { ConnectionError, get, ProxyError, selectProxy, Session } from "../../client/mod.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { clientProcess } from "./client_process.ts";
import { bytesOf, deadOrigin, ok, RawServer } from "./raw_server.ts";
import { SocksServer } from "./socks_server.ts";
import { CA, SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

const secureServer = () =>
  new RawServer(() => ok("secure", "Connection: close\r\n"), { tls: { cert: SERVER_CERT, key: SERVER_KEY } });

/** A proxy that answers what is forwarded itself, and opens a tunnel to a server, whatever it is asked for. */
const proxyTo = (server: RawServer | null = null) =>
  new RawServer(({ head }) => {
    if (!head.startsWith("CONNECT ")) return ok("via proxy");
    return async (connection) => {
      using upstream = await Deno.connect({ hostname: "127.0.0.1", port: server!.port });
      await connection.write(bytesOf("HTTP/1.1 200 OK\r\n\r\n"));
      await Promise.allSettled([
        connection.readable.pipeTo(upstream.writable),
        upstream.readable.pipeTo(connection.writable),
      ]);
      return null;
    };
  });

const requestLines = (server: RawServer) => server.requests.map(({ head }) => head.split("\r\n")[0]);
const proxyAuth = (server: RawServer, index = 0) =>
  /^proxy-authorization: (.*)$/im.exec(server.requests[index]!.head)?.[1];

/** A program that prints the text of each URL, or the name of what it threw. */
const printing = (...urls: string[]) => `
  for (const url of ${JSON.stringify(urls)}) {
    try {
      console.log((await requests.get(url)).text);
    } catch (error) {
      console.log(error.name, error.option ?? "");
    }
  }`;

Deno.test("you can configure individual requests with the proxies argument to any request method", async () => {
  await using place = await tempTree({ "ca.pem": CA });
  await using origin = secureServer();
  await using forHttp = proxyTo();
  await using forHttps = proxyTo(origin);
  const options = { proxies: { http: forHttp.origin, https: forHttps.origin }, verify: `${place.path}/ca.pem` };
  assert.equal((await get("http://example.org/a", options)).text, "via proxy");
  assert.equal((await get(`${origin.origin}/b`, options)).text, "secure");
  assert.deepEqual(requestLines(forHttp), ["GET http://example.org/a HTTP/1.1"]);
  assert.deepEqual(requestLines(forHttps), [`CONNECT 127.0.0.1:${origin.port} HTTP/1.1`]);
  assert.deepEqual(requestLines(origin), ["GET /b HTTP/1.1"]);
  for (const method of ["options", "post", "put", "patch", "delete"] as const) {
    assert.equal((await requests[method]("http://example.org/", options)).text, "via proxy");
  }
});

Deno.test("alternatively you can configure it once for an entire Session", async () => {
  await using proxy = proxyTo();
  await using session = new Session();
  session.proxies = { http: proxy.origin };
  Object.assign(session.proxies, { https: proxy.origin });
  for (let i = 0; i < 2; i++) assert.equal((await session.get("http://example.org")).text, "via proxy");
  assert.equal(proxy.requests.length, 2);
});

for (const cased of [(name: string) => name, (name: string) => name.toUpperCase()]) {
  Deno.test(`by default Requests relies on ${["http_proxy", "https_proxy", "no_proxy", "curl_ca_bundle"].map(cased)}`, async () => {
    await using place = await tempTree({ "ca.pem": CA });
    await using origin = secureServer();
    await using direct = new RawServer(() => ok("direct"));
    await using forHttp = proxyTo();
    await using forHttps = proxyTo(origin);
    // Python's code knows curl_ca_bundle in capitals only.
    const output = await clientProcess(printing("http://example.org/", "https://localhost:4433/", direct.origin), {
      [cased("http_proxy")]: forHttp.origin,
      [cased("https_proxy")]: forHttps.origin,
      [cased("no_proxy")]: "127.0.0.1",
      [cased("curl_ca_bundle")]: `${place.path}/ca.pem`,
    });
    assert.equal(output, "via proxy\nsecure\ndirect");
    assert.deepEqual(requestLines(forHttps), ["CONNECT localhost:4433 HTTP/1.1"]);
  });
}

Deno.test("when the proxies configuration is overridden in python, the environment does not count", async () => {
  await using given = new RawServer(() => ok("given"));
  await using fromEnvironment = new RawServer(() => ok("environment"));
  const code = `
    const url = "http://example.org/";
    const proxies = { http: ${JSON.stringify(given.origin)} };
    console.log((await requests.get(url)).text, (await requests.get(url, { proxies })).text);
    await using session = new requests.Session();
    session.proxies = proxies;
    console.log((await session.get(url)).text);`;
  // Unlike Python, where the environment wins over session.proxies.
  assert.equal(await clientProcess(code, { HTTP_PROXY: fromEnvironment.origin }), "environment given\ngiven");
});

Deno.test("you can therefore set them to configure Requests (only set the ones relevant to your needs)", async () => {
  await using proxy = proxyTo();
  await using direct = new RawServer(() => ok("direct"));
  const urls = ["http://example.org/", direct.origin];
  assert.equal(
    await clientProcess(printing(...urls), { HTTPS_PROXY: proxy.origin, NO_PROXY: "*" }),
    "ConnectionError \ndirect",
  );
  assert.equal(await clientProcess(printing(...urls), { HTTP_PROXY: proxy.origin }), "via proxy\nvia proxy");
});

Deno.test("to use HTTP Basic Auth with your proxy, use the http://user:password@host/ syntax", async () => {
  await using proxy = proxyTo();
  const proxies = { http: proxy.origin.replace("//", "//user:pass@") };
  assert.equal((await get("http://example.org/", { proxies })).text, "via proxy");
  assert.equal(proxyAuth(proxy), `Basic ${btoa("user:pass")}`);
});

Deno.test("use the http://user:password@host/ syntax in any of the above configuration entries", async () => {
  await using place = await tempTree({ "ca.pem": CA });
  await using origin = secureServer();
  await using proxy = proxyTo(origin);
  const withPassword = proxy.origin.replace("//", "//user:pass@");
  const env = { HTTP_PROXY: withPassword, HTTPS_PROXY: withPassword, CURL_CA_BUNDLE: `${place.path}/ca.pem` };
  const output = await clientProcess(printing("http://example.org/", "https://localhost:4433/"), env);
  assert.equal(output, "via proxy\nsecure");
  assert.deepEqual(requestLines(proxy), ["GET http://example.org/ HTTP/1.1", "CONNECT localhost:4433 HTTP/1.1"]);
  const credentials = `Basic ${btoa("user:pass")}`;
  assert.deepEqual([proxyAuth(proxy), proxyAuth(proxy, 1)], [credentials, credentials]);
  // What is for the proxy does not go through the tunnel.
  assert.equal(proxyAuth(origin), undefined);
  await using session = new Session();
  session.proxies = { http: withPassword };
  await session.get("http://example.org/");
  assert.equal(proxyAuth(proxy, 2), credentials);
});

Deno.test("storing sensitive username and password information is a security risk: no error shows it", async () => {
  const proxies = { http: deadOrigin().replace("//", "//joe:secret@") };
  await assert.rejects(get("http://example.org/", { proxies }), (error) => {
    assert.ok(error instanceof ProxyError);
    assert.doesNotMatch(Deno.inspect(error), /joe|secret/);
    return true;
  });
});

Deno.test("to give a proxy for a specific scheme and host, use the scheme://hostname form for the key", async () => {
  await using proxy = proxyTo();
  await using direct = new RawServer(() => ok("direct"));
  const proxies = { "http://10.20.1.128": proxy.origin };
  assert.equal((await get("http://10.20.1.128/a", { proxies })).text, "via proxy");
  assert.equal((await get(direct.origin, { proxies })).text, "direct");
  assert.equal(proxy.requests.length, 1);
});

Deno.test("this will match for any request to the given scheme and exact hostname", () => {
  const proxies = { "http://10.20.1.128": "http://10.10.1.10:5323" };
  const used = (url: string) => selectProxy(url, proxies);
  for (const url of ["http://10.20.1.128", "http://10.20.1.128:8080/a?b"]) {
    assert.equal(used(url), "http://10.10.1.10:5323");
  }
  for (const url of ["https://10.20.1.128/", "http://10.20.1.12/", "http://www.10.20.1.128.test/"]) {
    assert.equal(used(url), null);
  }
});

Deno.test("note that proxy URLs must include the scheme: http is taken where it is missing", async () => {
  await using proxy = proxyTo();
  const proxies = { http: proxy.origin.replace("http://", "") };
  // As in Python, whatever its documentation says.
  assert.equal((await get("http://example.org/", { proxies })).text, "via proxy");
  await assert.rejects(get("http://example.org/", { proxies: { http: "ftp://proxy.test" } }), /ftp/);
});

Deno.test("the list of certificates trusted by Requests can be found with: Deno's own are trusted, there is no such path", () => {
  assert.equal(Object.keys(requests).some((name) => /bundle/i.test(name)), false);
});

Deno.test("using a proxy typically requires your local machine to trust the proxy's root certificate", async () => {
  await using place = await tempTree({ "ca.pem": CA });
  // A proxy that answers in place of the server, with a certificate of its own authority.
  await using inspector = secureServer();
  await using proxy = proxyTo(inspector);
  const env = { https_proxy: proxy.origin };
  assert.equal(await clientProcess(printing("https://localhost:4433/"), env), "SSLError");
  // You override this default certificate bundle by setting the standard curl_ca_bundle environment variable.
  const trusting = { ...env, curl_ca_bundle: `${place.path}/ca.pem` };
  assert.equal(await clientProcess(printing("https://localhost:4433/"), trusting), "secure");
});

Deno.test("in addition to basic HTTP proxies, Requests also supports proxies using the SOCKS protocol", async () => {
  await using place = await tempTree({ "ca.pem": CA });
  await using origin = new RawServer(() => ok("plain", "Connection: close\r\n"));
  await using secure = secureServer();
  await using socks = new SocksServer(origin.port);
  await using secureSocks = new SocksServer(secure.port);
  // Nothing has to be installed here.
  const options = {
    proxies: {
      http: `socks5://user:pass@127.0.0.1:${socks.port}`,
      https: `socks5://user:pass@127.0.0.1:${secureSocks.port}`,
    },
    verify: `${place.path}/ca.pem`,
  };
  assert.equal((await get("http://127.0.0.1:1234/", options)).text, "plain");
  assert.equal((await get("https://127.0.0.1:1234/", options)).text, "secure");
  assert.deepEqual([...socks.credentials, ...secureSocks.credentials], ["user:pass", "user:pass"]);
  assert.deepEqual(socks.targets, ["address 127.0.0.1:1234"]);
});

/** A name that no resolver knows (RFC 6761 §6.4). */
const UNKNOWN = "only-the-proxy-knows.invalid";

Deno.test("using the scheme socks5 causes the DNS resolution to happen on the client, rather than on the proxy server", async () => {
  await using origin = new RawServer(() => ok("hello", "Connection: close\r\n"));
  await using socks = new SocksServer(origin.port);
  const proxies = { http: `socks5://127.0.0.1:${socks.port}` };
  assert.equal((await get("http://localhost:1234/", { proxies })).text, "hello");
  // 127.0.0.1 or ::1.
  assert.match(socks.targets.join(), /^address (?:127\.0\.0\.1|(?:0\.){15}1):1234$/);
  await assert.rejects(get(`http://${UNKNOWN}/`, { proxies }), ConnectionError);
  assert.equal(socks.targets.length, 1);
});

Deno.test("if you want to resolve the domains on the proxy server, use socks5h as the scheme", async () => {
  await using origin = new RawServer(() => ok("hello", "Connection: close\r\n"));
  await using socks = new SocksServer(origin.port);
  const r = await get(`http://${UNKNOWN}/`, { proxies: { all: `socks5h://127.0.0.1:${socks.port}` } });
  assert.equal(r.text, "hello");
  assert.deepEqual(socks.targets, [`name ${UNKNOWN}:80`]);
});

Deno.test("the schemes socks4 and socks4a: the client resolves the domain, or the proxy server does", async () => {
  await using origin = new RawServer(() => ok("hello", "Connection: close\r\n"));
  await using socks = new SocksServer(origin.port);
  const proxies = (scheme: string) => ({ http: `${scheme}://joe@127.0.0.1:${socks.port}` });
  assert.equal((await get("http://localhost:1234/", { proxies: proxies("socks4") })).text, "hello");
  assert.equal((await get(`http://${UNKNOWN}/`, { proxies: proxies("socks4a") })).text, "hello");
  assert.deepEqual(socks.targets, ["address 127.0.0.1:1234", `name ${UNKNOWN}:80`]);
  assert.deepEqual(socks.credentials, ["joe", "joe"]);
  await assert.rejects(get(`http://${UNKNOWN}/`, { proxies: proxies("socks4") }), ConnectionError);
  assert.equal(socks.targets.length, 2);
});
