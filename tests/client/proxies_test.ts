import assert from "node:assert/strict";
import { InvalidProxyURL, InvalidURL } from "../../client/errors.ts";
import {
  addressInNetwork,
  checkProxyUrl,
  dottedNetmask,
  getEnvironProxies,
  getProxyAuth,
  isIpv4Address,
  isValidCidr,
  type Proxies,
  resolveProxies,
  selectProxy,
  shouldBypassProxies,
} from "../../client/proxies.ts";

const SCHEME_AND_HOST = { http: "http://http.proxy", "http://some.host": "http://some.host.proxy" };
const ALL = { all: "socks5://http.proxy", "all://some.host": "socks5://some.host.proxy" };
const MIXED = { http: "http://http.proxy", "http://some.host": "http://some.host.proxy", all: "socks5://http.proxy" };

const SELECTED: readonly (readonly [url: string, proxies: Proxies | null, expected: string | null])[] = [
  ["hTTp://u:p@Some.Host/path", SCHEME_AND_HOST, "http://some.host.proxy"],
  ["hTTp://u:p@Other.Host:8080/path", SCHEME_AND_HOST, "http://http.proxy"],
  ["hTTps://Other.Host", SCHEME_AND_HOST, null],
  ["file:///etc/motd", SCHEME_AND_HOST, null],
  ["hTTp://u:p@Some.Host/path", ALL, "socks5://some.host.proxy"],
  ["hTTp://u:p@Other.Host/path", ALL, "socks5://http.proxy"],
  ["hTTps://u:p@Other.Host/path", ALL, "socks5://http.proxy"],
  ["file:///etc/motd", ALL, "socks5://http.proxy"],
  ["http://u:p@other.host/path", MIXED, "http://http.proxy"],
  ["http://u:p@some.host/path", MIXED, "http://some.host.proxy"],
  ["https://u:p@other.host/path", MIXED, "socks5://http.proxy"],
  ["https://u:p@some.host/path", MIXED, "socks5://http.proxy"],
  ["http://[::1]:80/", { "http://[::1]": "http://p", http: "http://q" }, "http://p"],
  ["http://[::1]:80/", { "http://::1": "http://p", http: "http://q" }, "http://p"],
  ["http://h.test/", { "http://h.test": null, http: "http://q" }, null],
  ["http://h.test/", { http: null, all: "http://q" }, null],
  ["http://h.test/", { http: "", all: "http://q" }, null],
  ["http://h.test/", {}, null],
  ["http://h.test/", null, null],
  ["http://constructor/", {}, null],
];

for (const [url, proxies, expected] of SELECTED) {
  Deno.test(`selectProxy() picks ${expected} for ${url} from ${JSON.stringify(proxies)}`, () => {
    assert.equal(selectProxy(url, proxies), expected);
  });
}

Deno.test("selectProxy() takes a key without a value for absent", () => {
  const proxies = { http: undefined, all: "http://p" } as unknown as Proxies;
  assert.equal(selectProxy("http://h.test/", proxies), "http://p");
});

const BYPASSED: readonly (readonly [url: string, noProxy: string | null, expected: boolean])[] = [
  ["http://h.test/", null, false],
  ["http://h.test/", "", false],
  ["http://h.test/", " , ,", false],
  ["file:///x", null, true],
  ["mailto:a@b", null, true],
  ["http://h.test/", "*", true],
  ["http://10.1.2.3/", "*", true],
  ["http://h.test/", "a.test, *", true],
  ["http://example.com/", "example.com", true],
  ["http://EXAMPLE.com./", "Example.COM", true],
  ["http://example.com/", "example.com.", true],
  ["http://www.example.com/", "example.com", true],
  ["http://evilexample.com/", "example.com", false],
  ["http://example.com.evil.test/", "example.com", false],
  ["http://example.com/", ".example.com", true],
  ["http://www.example.com/", ".example.com", true],
  ["http://www.example.com/", "*.example.com", true],
  ["http://a.b.example.com/", "*.example.com", true],
  ["http://example.com/", "*.example.com", false],
  ["http://badexample.com/", "*.example.com", false],
  ["http://example.com/", "*.", false],
  ["http://example.com/", "http://example.com", false],
  ["http://b.test/", "a.test,b.test", true],
  ["http://b.test/", " a.test , b.test ", true],
  ["http://b.test/", "a.test b.test", true],
  ["http://h.test:8080/", "h.test:8080", true],
  ["http://www.h.test:8080/", "h.test:8080", true],
  ["http://h.test:8081/", "h.test:8080", false],
  ["http://h.test/", "h.test:8080", false],
  ["http://h.test/", "h.test:80", true],
  ["https://h.test/", "h.test:443", true],
  ["https://h.test/", "h.test:80", false],
  ["http://www.bücher.example/", "bücher.example", true],
  ["http://www.bücher.example/", "xn--bcher-kva.example", true],
  ["http://192.168.1.7/", "192.168.1.7", true],
  ["http://192.168.1.7/", "192.168.1.70", false],
  ["http://192.168.1.7/", "168.1.7", false],
  ["http://192.168.1.7:5000/", "192.168.1.7:5000", true],
  ["http://192.168.1.7:5000/", "192.168.1.7:5001", false],
  ["http://192.168.1.7/", "192.168.0.0/16", true],
  ["http://192.169.1.7/", "192.168.0.0/16", false],
  ["http://192.168.1.7/", "0.0.0.0/0", true],
  ["http://h.test/", "0.0.0.0/0", false],
  ["http://192.168.1.7.test/", "192.168.1.7", false],
  ["http://[::1]/", "::1", true],
  ["http://[::1]/", "[::1]", true],
  ["http://[::1]/", "0:0:0:0:0:0:0:1", true],
  ["http://[::1]:8080/", "[::1]:8080", true],
  ["http://[::1]:8081/", "[::1]:8080", false],
  ["http://[fd00::5]/", "fd00::/8", true],
  ["http://[fd00::5]/", "[fd00::]/8", true],
  ["http://[fe80::5]/", "fd00::/8", false],
  ["http://[fd00::5]/", "0.0.0.0/0", false],
  ["http://10.0.0.1/", "::/0", false],
  ["http://localhost/", "127.0.0.1", false],
];

for (const [url, noProxy, expected] of BYPASSED) {
  Deno.test(`shouldBypassProxies() says ${expected} to ${url} with ${JSON.stringify(noProxy)}`, () => {
    assert.equal(shouldBypassProxies(url, noProxy), expected);
    assert.equal(shouldBypassProxies(new URL(url), noProxy), expected);
  });
}

const ENVIRONMENTS: readonly (readonly [what: string, env: Record<string, string>, expected: unknown])[] = [
  ["nothing", {}, {}],
  ["all variables", { HTTP_PROXY: "h", https_proxy: "s", ALL_PROXY: "a" }, { http: "h", https: "s", all: "a" }],
  ["small letters before capitals", { HTTP_PROXY: "big", http_proxy: "small" }, { http: "small" }],
  ["an empty small variable", { HTTP_PROXY: "big", http_proxy: "" }, {}],
  ["an empty large variable", { HTTP_PROXY: "" }, {}],
  ["no HTTP_PROXY in CGI", { HTTP_PROXY: "forged", HTTPS_PROXY: "s", REQUEST_METHOD: "GET" }, { https: "s" }],
  ["http_proxy in CGI", { HTTP_PROXY: "forged", http_proxy: "own", REQUEST_METHOD: "GET" }, { http: "own" }],
  ["NO_PROXY", { http_proxy: "h", NO_PROXY: "h.test" }, {}],
  ["no_proxy", { http_proxy: "h", no_proxy: ".test" }, {}],
  ["no_proxy before NO_PROXY", { http_proxy: "h", no_proxy: "other", NO_PROXY: "h.test" }, { http: "h" }],
];

for (const [what, env, expected] of ENVIRONMENTS) {
  Deno.test(`getEnvironProxies() knows ${what}`, () => {
    assert.deepEqual(getEnvironProxies("http://h.test/", null, env), expected);
  });
}

Deno.test("getEnvironProxies() lets noProxy stand in for the variable", () => {
  const env = { http_proxy: "h", no_proxy: "h.test" };
  assert.deepEqual(getEnvironProxies("http://h.test/", "other.test", env), { http: "h" });
  assert.deepEqual(getEnvironProxies("http://other.test/", "other.test", env), {});
});

const ENV = { http_proxy: "http://env", no_proxy: "direct.test" };

const RESOLVED: readonly (readonly [what: string, url: string, proxies: Proxies | null, expected: string | null])[] = [
  ["the environment when nothing is given", "http://h.test/", {}, "http://env"],
  ["the environment for null", "http://h.test/", null, "http://env"],
  ["NO_PROXY", "http://direct.test/", {}, null],
  ["a given proxy before the environment", "http://h.test/", { http: "http://given" }, "http://given"],
  ["a given proxy before NO_PROXY", "http://direct.test/", { http: "http://given" }, "http://given"],
  ["a given all before the environment", "http://h.test/", { all: "http://given" }, "http://given"],
  ["the environment beside other schemes", "http://h.test/", { https: "http://given" }, "http://env"],
  ["the environment beside other hosts", "http://h.test/", { "http://x.test": "http://given" }, "http://env"],
  ["null as no proxy", "http://h.test/", { http: null }, null],
  ["null for a host", "http://h.test/", { "http://h.test": null }, null],
  ["nothing for another scheme", "https://h.test/", {}, null],
  ["no_proxy of the mapping", "http://h.test/", { no_proxy: "h.test" }, null],
  ["no_proxy before a proxy of the mapping", "http://h.test/", { http: "http://given", no_proxy: "h.test" }, null],
  ["no_proxy of the mapping, not the variable", "http://direct.test/", { no_proxy: "x.test" }, "http://env"],
];

for (const [what, url, proxies, expected] of RESOLVED) {
  Deno.test(`resolveProxies() heeds ${what}`, () => {
    assert.equal(selectProxy(url, resolveProxies(url, proxies, { env: ENV })), expected);
  });
}

Deno.test("resolveProxies() takes ALL_PROXY where there is none for the scheme", () => {
  const env = { ALL_PROXY: "http://all", HTTPS_PROXY: "http://s" };
  assert.deepEqual(resolveProxies("http://h.test/", null, { env }), { http: "http://all" });
  assert.deepEqual(resolveProxies("https://h.test/", null, { env }), { https: "http://s" });
});

Deno.test("resolveProxies() leaves the mapping alone and ignores the environment without trust", () => {
  const proxies = Object.freeze({ https: "http://given" });
  assert.deepEqual(resolveProxies("http://h.test/", proxies, { trustEnv: false, env: ENV }), proxies);
  assert.deepEqual(resolveProxies("http://h.test/", proxies, { env: ENV }), { ...proxies, http: "http://env" });
});

Deno.test("resolveProxies() with no_proxy keeps the proxy for other hosts", () => {
  const resolved = resolveProxies("http://h.test/", { http: "http://given", no_proxy: "h.test" }, { env: ENV });
  assert.equal(selectProxy("http://other.test/", resolved), "http://given");
});

const PROXY_URLS: readonly (readonly [given: string, expected: string])[] = [
  ["http://p.test:8080", "http://p.test:8080"],
  ["p.test:8080", "http://p.test:8080"],
  ["p.test", "http://p.test"],
  ["//p.test:1", "http://p.test:1"],
  ["u:pw@p.test:1", "http://u:pw@p.test:1"],
  ["[::1]:3128", "http://[::1]:3128"],
  ["HTTPS://p.test/", "HTTPS://p.test/"],
  ["socks5h://127.0.0.1:1080", "socks5h://127.0.0.1:1080"],
  ["socks4a://u@p.test", "socks4a://u@p.test"],
  [" http://p.test ", "http://p.test"],
];

for (const [given, expected] of PROXY_URLS) {
  Deno.test(`checkProxyUrl() makes ${expected} of "${given}"`, () => assert.equal(checkProxyUrl(given), expected));
}

for (
  const wrong of [
    "http://:8080",
    "http:///proxy",
    "https://",
    "http:/badproxy",
    "http:/badproxy:3128",
    "http://u:secret@",
    "http://u:secret@:1",
    "http://u:secret@p.test:port",
    "ftp://u:secret@p.test",
    "socks5://:1080",
    "",
    "socks://u:secret@p.test",
  ]
) {
  Deno.test(`checkProxyUrl() refuses "${wrong}" without repeating credentials`, () => {
    assert.throws(() => checkProxyUrl(wrong), (error: unknown) => {
      assert(error instanceof InvalidProxyURL);
      assert(error instanceof InvalidURL);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

const PROXY_AUTH: readonly (readonly [proxyUrl: string, credentials: string | null])[] = [
  ["http://joe:pw@p.test", "joe:pw"],
  ["http://joe:p%40ss@p.test:1", "joe:p@ss"],
  ["joe:pw@p.test:1", "joe:pw"],
  ["http://joe:@p.test", "joe:"],
  ["http://joe@p.test", null],
  ["http://:pw@p.test", null],
  ["http://p.test", null],
  ["http://j%C3%B6:p:w@p.test", "j\xF6:p:w"],
  ["http://joe:%E2%82%AC@p.test", "joe:\xE2\x82\xAC"],
];

for (const [proxyUrl, credentials] of PROXY_AUTH) {
  Deno.test(`getProxyAuth() sends ${JSON.stringify(credentials)} for ${proxyUrl}`, () => {
    assert.equal(getProxyAuth(proxyUrl), credentials === null ? null : `Basic ${btoa(credentials)}`);
  });
}

Deno.test("getProxyAuth() refuses a bad URL", () => {
  assert.throws(() => getProxyAuth("http://:1"), InvalidProxyURL);
});

const IPV4: readonly (readonly [text: string, expected: boolean])[] = [
  ["8.8.8.8", true],
  ["255.255.255.255", true],
  ["0.0.0.0", true],
  ["8.8.8", false],
  ["8.8.8.8.8", false],
  ["8.8.8.", false],
  ["8.8.8.8.", false],
  ["8.8.8.256", false],
  ["8.8.8.08", false],
  ["localhost.localdomain", false],
  ["::1", false],
  ["", false],
];

for (const [text, expected] of IPV4) {
  Deno.test(`isIpv4Address() says ${expected} to "${text}"`, () => assert.equal(isIpv4Address(text), expected));
}

const CIDR: readonly (readonly [text: string, expected: boolean])[] = [
  ["192.168.1.0/24", true],
  ["192.168.1.0/32", true],
  ["0.0.0.0/0", true],
  ["fd00::/8", true],
  ["::/128", true],
  ["8.8.8.8", false],
  ["192.168.1.0/a", false],
  ["192.168.1.0/128", false],
  ["192.168.1.0/33", false],
  ["192.168.1.0/-1", false],
  ["192.168.1.0/", false],
  ["192.168.1.999/24", false],
  ["192.168.1.0/24/1", false],
  ["fd00::/129", false],
  ["fd00:::/8", false],
  ["example.com/8", false],
];

for (const [text, expected] of CIDR) {
  Deno.test(`isValidCidr() says ${expected} to "${text}"`, () => assert.equal(isValidCidr(text), expected));
}

const NETWORKS: readonly (readonly [ip: string, network: string, expected: boolean])[] = [
  ["192.168.1.1", "192.168.1.0/24", true],
  ["172.16.0.1", "192.168.1.0/24", false],
  ["192.168.1.255", "192.168.1.200/25", true],
  ["192.168.1.127", "192.168.1.200/25", false],
  ["200.0.0.1", "128.0.0.0/1", true],
  ["1.2.3.4", "0.0.0.0/0", true],
  ["1.2.3.4", "1.2.3.4/32", true],
  ["1.2.3.5", "1.2.3.4/32", false],
  ["2001:db8::1", "2001:db8::/32", true],
  ["2001:db9::1", "2001:db8::/32", false],
  ["::ffff:1.2.3.4", "::ffff:0:0/96", true],
  ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:0/112", true],
  ["::", "::/0", true],
  ["::1", "0.0.0.0/0", false],
];

for (const [ip, network, expected] of NETWORKS) {
  Deno.test(`addressInNetwork() says ${expected} to ${ip} in ${network}`, () => {
    assert.equal(addressInNetwork(ip, network), expected);
  });
}

Deno.test("addressInNetwork() refuses what is no address and no network", () => {
  assert.throws(() => addressInNetwork("example.com", "10.0.0.0/8"), { name: "TypeError", message: /"example.com"/ });
  assert.throws(() => addressInNetwork("10.0.0.1", "10.0.0.0"), { name: "TypeError", message: /"10.0.0.0"/ });
});

Deno.test("dottedNetmask() covers 0 to 32 bits and nothing else", () => {
  const masks = [[0, "0.0.0.0"], [1, "128.0.0.0"], [8, "255.0.0.0"], [24, "255.255.255.0"], [25, "255.255.255.128"], [
    32,
    "255.255.255.255",
  ]] as const;
  for (const [bits, mask] of masks) assert.equal(dottedNetmask(bits), mask);
  for (const wrong of [-1, 33, 1.5, NaN]) assert.throws(() => dottedNetmask(wrong), RangeError);
});

Deno.test("readProxyEnvironment() reads what it may, and neither prompts nor throws elsewhere", async () => {
  const module = new URL("../../client/proxies.ts", import.meta.url).href;
  const script = `import { readProxyEnvironment } from ${JSON.stringify(module)};
    console.log(JSON.stringify(readProxyEnvironment()));`;
  const run = async (...permissions: string[]) => {
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--cached-only", ...permissions, `data:text/typescript,${encodeURIComponent(script)}`],
      cwd: new URL("../../", import.meta.url),
      clearEnv: true,
      env: {
        ...Object.fromEntries(["DENO_DIR", "HOME", "JSR_URL"].flatMap((name) => {
          const value = Deno.env.get(name);
          return value === undefined ? [] : [[name, value]];
        })),
        http_proxy: "http://small",
        HTTPS_PROXY: "http://big",
        REQUEST_METHOD: "GET",
      },
      stdin: "null",
    }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    assert.equal(code, 0);
    return JSON.parse(new TextDecoder().decode(stdout));
  };
  assert.deepEqual(await run(), {});
  assert.deepEqual(await run("--no-prompt", "--deny-env"), {});
  assert.deepEqual(await run("--allow-env=http_proxy"), { http_proxy: "http://small" });
  assert.deepEqual(await run("--allow-env"), {
    http_proxy: "http://small",
    HTTPS_PROXY: "http://big",
    REQUEST_METHOD: "GET",
  });
});
