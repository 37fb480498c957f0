import assert from "node:assert/strict";
import {
  addDictToCookiejar,
  type Cookie,
  cookiejarFromDict,
  type CookieOptions,
  type CookiesInput,
  createCookie,
  dictFromCookiejar,
  extractCookies,
  extractCookiesToJar,
  getCookieHeader,
  mergeCookies,
  removeCookieByName,
  RequestsCookieJar,
} from "../../client/cookies.ts";
import { CookieConflictError } from "../../client/errors.ts";

/** A jar that has taken these Set-Cookie fields, each from a URL. */
function jarOf(...fields: readonly (readonly [field: string, url: string])[]): RequestsCookieJar {
  const jar = new RequestsCookieJar();
  for (const [field, url] of fields) jar.setCookie(field, url);
  return jar;
}

const text = (jar: RequestsCookieJar) => [...jar].map(({ name, value, domain, path }) => [name, value, domain, path]);

Deno.test("RequestsCookieJar.setCookie() keeps every attribute", () => {
  const jar = jarOf([
    "sid=a=b; Path=/x; Domain=Shop.Example; Secure; HttpOnly; SameSite=Lax",
    "https://www.shop.example/",
  ]);
  assert.deepEqual([...jar], [{
    name: "sid",
    value: "a=b",
    domain: "shop.example",
    path: "/x",
    secure: true,
    httpOnly: true,
    sameSite: "lax",
    expires: null,
    hostOnly: false,
  }]);
});

Deno.test("RequestsCookieJar.setCookie() needs the URL of the response", () => {
  // @ts-expect-error the URL is missing
  assert.throws(() => new RequestsCookieJar().setCookie("a=1"), { name: "TypeError", message: /URL/ });
});

/** What is stored of one field: `name=value domain path`, or `null` when the cookie is refused. */
const STORED: readonly (readonly [field: string, url: string, expected: string | null])[] = [
  ["a=1", "http://h.example/", "a=1 h.example /"],
  ["a=1", "http://H.Example:8080/x/y?z#f", "a=1 h.example /x"],
  ["a=1", "http://h.example/x/y/", "a=1 h.example /x/y"],
  ["a=1", "http://h.example/a%20b/c", "a=1 h.example /a%20b"],
  ["a=1; Path=/p", "http://h.example/x/y", "a=1 h.example /p"],
  ["a=1; Path=p", "http://h.example/x/y", "a=1 h.example /x"],
  ["a=1; path=; Path=/q", "http://h.example/x/y", "a=1 h.example /q"],
  ["a=1;\tPath=/", "http://h.example/", "a=1 h.example /"],
  ["a=1", "http://127.0.0.1:8000/", "a=1 127.0.0.1 /"],
  ["a=1; Domain=127.0.0.1", "http://127.0.0.1/", "a=1 127.0.0.1 /"],
  ["a=1; Domain=0.0.1", "http://127.0.0.1/", null],
  ["a=1", "http://[::1]:8000/", "a=1 ::1 /"],
  ["a=1; Domain=[::1]", "http://[::1]:8000/", "a=1 ::1 /"],
  ["a=1", "http://localhost:8000/", "a=1 localhost /"],
  ["a=1; Domain=localhost", "http://localhost/", "a=1 localhost /"],
  ["a=1", "http://test/", "a=1 test /"],
  ["a=1; Domain=test", "http://test/", "a=1 test /"],
  ["a=1; Domain=test", "http://shop.test/", null],
  ["a=1; Domain=shop.test", "http://www.shop.test/", "a=1 shop.test /"],
  ["a=1; Domain=.shop.test", "http://www.shop.test/", "a=1 shop.test /"],
  ["a=1; Domain=", "http://www.shop.test/", "a=1 www.shop.test /"],
  ["a=1; Domain=bank.test", "http://shop.test/", null],
  ["a=1; Domain=www.shop.test", "http://shop.test/", null],
  ["a=1; Domain=op.test", "http://shop.test/", null],
  ["a=1; Domain=co.uk", "http://a.co.uk/", null],
  ["a=1; Domain=com", "http://shop.com/", null],
  ["a=1; Domain=github.io", "http://me.github.io/", null],
  ["a=1; Domain=github.io", "http://github.io/", "a=1 github.io /"],
  ["a=1; Domain=intranet", "http://intranet/", "a=1 intranet /"],
  ["a=1; Domain=bücher.example", "http://www.bücher.example/", "a=1 xn--bcher-kva.example /"],
  ["a=1; Domain=ü%%", "http://shop.test/", null],
  ["a=1; Secure", "https://h.example/", "a=1 h.example /"],
  ["a=1; Secure", "http://h.example/", null],
  ["a=1; Secure", "http://127.0.0.1/", null],
  ["a=1; Secure", "wss://h.example/", "a=1 h.example /"],
  ["__Secure-a=1; Secure", "https://h.example/", "__Secure-a=1 h.example /"],
  ["__Secure-a=1", "https://h.example/", null],
  ["__secure-a=1", "https://h.example/", null],
  ["__Host-a=1; Secure; Path=/", "https://h.example/", "__Host-a=1 h.example /"],
  ["__Host-a=1; Secure", "https://h.example/", null],
  ["__Host-a=1; Secure; Path=/x", "https://h.example/", null],
  ["__Host-a=1; Secure; Path=/; Domain=h.example", "https://h.example/", null],
  ["__HOST-a=1; Path=/", "https://h.example/", null],
  ["a=1, b=2", "http://h.example/", "a=1, b=2 h.example /"],
  ['q="two words"', "http://h.example/", 'q="two words" h.example /'],
  ['q="a\\"b"', "http://h.example/", 'q="ab" h.example /'],
  ['q=a\\"b', "http://h.example/", 'q=a\\"b h.example /'],
  ["a=", "http://h.example/", "a= h.example /"],
  [" a = 1 ; Path=/", "http://h.example/", "a=1 h.example /"],
  ["a=\xC3\xA9", "http://h.example/", "a=\xC3\xA9 h.example /"],
  ["=v", "http://h.example/", null],
  ["v", "http://h.example/", null],
  ["", "http://h.example/", null],
  ["; Path=/", "http://h.example/", null],
  ["a=1\nb=2", "http://h.example/", null],
  ["a=1\x7F", "http://h.example/", null],
  ["a=1; Path=/\t/x", "http://h.example/", null],
  ["a=1; Max-Age=soon", "http://h.example/", "a=1 h.example /"],
  ["a=1; Expires=never", "http://h.example/", "a=1 h.example /"],
  ["a=1", "mailto:a@h.example", null],
];

for (const [field, url, expected] of STORED) {
  Deno.test(`RequestsCookieJar.setCookie() makes ${expected ?? "nothing"} of ${JSON.stringify(field)} from ${url}`, () => {
    const jar = new RequestsCookieJar();
    const cookie = jar.setCookie(field, url);
    const shown = [...jar].map(({ name, value, domain, path }) => `${name}=${value} ${domain} ${path}`);
    assert.deepEqual(shown, expected === null ? [] : [expected]);
    assert.deepEqual(cookie, [...jar][0] ?? null);
    // What a server may set has to survive a copy, which checks again.
    assert.deepEqual([...jar.copy()], [...jar]);
    assert.deepEqual([...RequestsCookieJar.fromJSON(JSON.stringify(jar))], [...jar]);
  });
}

/** What of one cookie goes to a URL. */
const SENT: readonly (readonly [field: string, from: string, to: string, sent: boolean])[] = [
  ["a=1", "http://127.0.0.1:1/", "http://127.0.0.1:2/", true],
  ["a=1", "http://127.0.0.1/", "http://localhost/", false],
  ["a=1", "http://localhost/", "http://127.0.0.1/", false],
  ["a=1", "http://localhost:1/", "http://localhost:2/", true],
  ["a=1", "http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", true],
  ["a=1", "http://test/", "http://test/", true],
  ["a=1", "http://shop.test/", "http://www.shop.test/", false],
  ["a=1; Domain=shop.test", "http://shop.test/", "http://www.shop.test/", true],
  ["a=1; Domain=shop.test", "http://shop.test/", "http://a.b.shop.test/", true],
  ["a=1; Domain=shop.test", "http://shop.test/", "http://notshop.test/", false],
  ["a=1; Domain=shop.test", "http://www.shop.test/", "http://shop.test/", true],
  ["a=1; Path=/shop", "http://h.test/", "http://h.test/shop", true],
  ["a=1; Path=/shop", "http://h.test/", "http://h.test/shop/item?x=/y", true],
  ["a=1; Path=/shop", "http://h.test/", "http://h.test/shopping", false],
  ["a=1; Path=/shop/", "http://h.test/", "http://h.test/shop", false],
  ["a=1; Path=/shop", "http://h.test/", "http://h.test/", false],
  ["a=1; Path=/a%20b", "http://h.test/", "http://h.test/a%20b/c", true],
  ["a=1; Secure", "https://h.test/", "https://h.test/", true],
  ["a=1; Secure", "https://h.test/", "wss://h.test/", true],
  ["a=1; Secure", "https://h.test/", "http://h.test/", false],
  ["a=1; Secure", "https://127.0.0.1/", "http://127.0.0.1/", false],
  ["a=1; Secure", "https://localhost/", "http://localhost/", false],
  ["a=1; SameSite=Strict; HttpOnly", "http://h.test/", "http://h.test/", true],
];

for (const [field, from, to, sent] of SENT) {
  Deno.test(`RequestsCookieJar.getCookieHeader() ${sent ? "sends" : "keeps"} "${field}" of ${from} ${sent ? "to" : "from"} ${to}`, () => {
    const jar = jarOf([field, from]);
    assert.equal(jar.size, 1);
    assert.equal(jar.getCookieHeader(to), sent ? "a=1" : null);
    assert.equal(jar.getCookieHeader(new URL(to)), sent ? "a=1" : null);
  });
}

Deno.test("RequestsCookieJar.getCookieHeader() puts longer paths first, and then older cookies", () => {
  const from = "http://h.test/";
  const jar = jarOf(["k=short; Path=/", from], ["b=1; Path=/", from], ["k=long; Path=/deep/er", from], [
    "b=2; Path=/",
    from,
  ]);
  assert.equal(jar.getCookieHeader("http://h.test/deep/er/x"), "k=long; k=short; b=2");
  jar.delete("k", { path: "/" });
  jar.set("k", "new", { domain: "h.test" });
  assert.equal(jar.getCookieHeader("http://h.test/"), "b=2; k=new");
});

Deno.test("RequestsCookieJar.set() without a domain reaches every host, with one it and those below", () => {
  const jar = new RequestsCookieJar({ all: "1" });
  jar.set("one", "2", { domain: "shop.test" });
  jar.set("only", "3", { domain: "shop.test", hostOnly: true });
  jar.set("deep", "4", { path: "/deep" });
  jar.set("safe", "5", { secure: true });
  assert.equal(jar.getCookieHeader("http://shop.test/"), "all=1; one=2; only=3");
  assert.equal(jar.getCookieHeader("http://www.shop.test/"), "all=1; one=2");
  assert.equal(jar.getCookieHeader("http://127.0.0.1/deep/x"), "deep=4; all=1");
  assert.equal(jar.getCookieHeader("https://127.0.0.1/"), "all=1; safe=5");
  assert.equal(new RequestsCookieJar().getCookieHeader("http://127.0.0.1/"), null);
});

for (
  const field of [
    "a=gone; Max-Age=0",
    "a=; Max-Age=-1",
    "a=; Expires=Thu, 01 Jan 1970 00:00:00 GMT",
    "a=; max-age=0; Expires=Wed, 01 Jan 2098 00:00:00 GMT",
  ]
) {
  Deno.test(`RequestsCookieJar.setCookie() deletes on "${field}"`, () => {
    const url = "http://h.test/";
    const jar = jarOf(["a=1; Path=/", url], ["b=2; Path=/", url], [`${field}; Path=/`, url]);
    assert.deepEqual(jar.getDict(), { b: "2" });
    jar.setCookie("b=; Path=/elsewhere; Max-Age=0", url);
    assert.deepEqual(jar.getDict(), { b: "2" });
  });
}

Deno.test("RequestsCookieJar.setCookie() reads Expires and Max-Age, of which Max-Age wins", () => {
  const url = "http://h.test/";
  const expires = (field: string) => new RequestsCookieJar().setCookie(field, url)?.expires;
  assert.equal(expires("a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT"), Date.UTC(2098, 0, 1) / 1000);
  assert.equal(expires("a=1; Expires=Wednesday, 01-Jan-98 00:00:00 GMT; Max-Age=soon"), Date.UTC(1998, 0, 1) / 1000);
  const before = Math.floor(Date.now() / 1000);
  const hour = expires("a=1; Max-Age=3600; Expires=Thu, 01 Jan 1970 00:00:00 GMT")!;
  assert(hour >= before + 3600 && hour <= Date.now() / 1000 + 3600);
  assert.equal(expires("a=1; Max-Age=9999999999999999999999"), 8.64e12);
});

Deno.test("RequestsCookieJar drops a cookie when its time has come, however often it was sent", () => {
  const realNow = Date.now;
  try {
    let now = realNow();
    Date.now = () => now;
    const jar = jarOf(["a=1; Max-Age=10", "http://h.test/"], ["b=2", "http://h.test/"]);
    now += 9_000;
    assert.equal(jar.getCookieHeader("http://h.test/"), "a=1; b=2");
    now += 1_000;
    assert.equal(jar.getCookieHeader("http://h.test/"), "b=2");
    assert.equal(jar.size, 1);
    assert.equal(jar.has("a"), false);
  } finally {
    Date.now = realNow;
  }
});

Deno.test("RequestsCookieJar.setCookie() does not let http replace a Secure cookie", () => {
  const jar = jarOf(["sid=good; Secure; Path=/; Domain=shop.test", "https://shop.test/"]);
  assert.equal(jar.setCookie("sid=evil; Path=/", "http://shop.test/"), null);
  assert.equal(jar.setCookie("sid=evil; Path=/", "http://www.shop.test/"), null);
  assert.equal(jar.setCookie("sid=; Max-Age=0; Path=/; Domain=shop.test", "http://shop.test/"), null);
  assert.deepEqual(jar.getDict(), { sid: "good" });
  assert.equal(jar.setCookie("other=1", "http://shop.test/")?.value, "1");
  assert.equal(jar.setCookie("sid=new; Secure; Path=/; Domain=shop.test", "https://shop.test/")?.value, "new");
});

Deno.test("RequestsCookieJar.setCookie() replaces the same name, domain and path only", () => {
  const url = "http://h.test/";
  const jar = jarOf(["a=1; Path=/", url], ["a=2; Path=/", url], ["a=3; Path=/x", url], ["A=4; Path=/", url]);
  assert.deepEqual(text(jar), [["a", "2", "h.test", "/"], ["a", "3", "h.test", "/x"], ["A", "4", "h.test", "/"]]);
});

Deno.test("RequestsCookieJar.get() finds by name, domain and path, and refuses to guess", () => {
  const jar = new RequestsCookieJar();
  jar.set("a", "1", { domain: "x.test" });
  jar.set("a", "2", { domain: "y.test", path: "/p" });
  jar.set("b", "3");
  assert.equal(jar.get("b"), "3");
  assert.equal(jar.get("none"), null);
  assert.equal(jar.get("a", { domain: ".X.test" }), "1");
  assert.equal(jar.get("a", { path: "/p" }), "2");
  assert.equal(jar.get("a", { domain: "x.test", path: "/p" }), null);
  assert.equal(jar.get("a", { domain: "" }), null);
  assert.throws(
    () => jar.get("a"),
    (error: unknown) => error instanceof CookieConflictError && /'a'/.test(error.message),
  );
  assert.equal(jar.has("a"), true);
  assert.equal(jar.has("a", { domain: "z.test" }), false);
});

Deno.test("RequestsCookieJar.delete() removes all of a name, or those in scope", () => {
  const filled = () => {
    const jar = new RequestsCookieJar({ b: "3" });
    jar.set("a", "1", { domain: "x.test" });
    jar.set("a", "2", { domain: "y.test" });
    return jar;
  };
  const one = filled();
  assert.equal(one.delete("a", { domain: "x.test" }), true);
  assert.deepEqual(text(one), [["b", "3", "", "/"], ["a", "2", "y.test", "/"]]);
  const all = filled();
  assert.equal(all.delete("a"), true);
  assert.equal(all.delete("a"), false);
  assert.deepEqual(all.getDict(), { b: "3" });
  const byNull = filled();
  assert.equal(byNull.set("a", null), null);
  assert.deepEqual(byNull.getDict(), { b: "3" });
  const scopedNull = filled();
  scopedNull.set("a", null, { domain: "y.test" });
  assert.deepEqual(scopedNull.getDict(), { b: "3", a: "1" });
});

Deno.test("RequestsCookieJar.clear() empties the jar, or one domain of it", () => {
  const jar = new RequestsCookieJar({ b: "3" });
  jar.set("a", "1", { domain: "x.test" });
  jar.clear({ domain: "x.test" });
  assert.deepEqual(jar.getDict(), { b: "3" });
  jar.clear();
  assert.equal(jar.size, 0);
});

Deno.test("RequestsCookieJar.clearSessionCookies() leaves those with an expiry date", () => {
  const jar = new RequestsCookieJar({ a: "1" });
  jar.set("b", "2", { expires: Date.now() / 1000 + 60 });
  jar.clearSessionCookies();
  assert.deepEqual(jar.getDict(), { b: "2" });
});

Deno.test("RequestsCookieJar lists domains, paths, names and values", () => {
  const jar = new RequestsCookieJar();
  jar.set("a", "1", { domain: "x.test", path: "/p" });
  assert.equal(jar.multipleDomains(), false);
  jar.set("b", "2", { domain: "x.test" });
  assert.equal(jar.multipleDomains(), false);
  jar.set("a", "3", { domain: "y.test" });
  assert.equal(jar.multipleDomains(), true);
  assert.equal(jar.size, 3);
  assert.deepEqual(jar.listDomains(), ["x.test", "y.test"]);
  assert.deepEqual(jar.listPaths(), ["/p", "/"]);
  assert.deepEqual([...jar.keys()], ["a", "b", "a"]);
  assert.deepEqual([...jar.values()], ["1", "2", "3"]);
  assert.deepEqual([...jar.entries()], [["a", "1"], ["b", "2"], ["a", "3"]]);
  assert.deepEqual(jar.getDict(), { a: "3", b: "2" });
  assert.deepEqual(jar.getDict({ domain: "x.test" }), { a: "1", b: "2" });
  assert.deepEqual(jar.getDict({ domain: "x.test", path: "/p" }), { a: "1" });
});

Deno.test("RequestsCookieJar.getDict() survives a cookie called __proto__", () => {
  const dict = new RequestsCookieJar([["__proto__", "x"]]).getDict();
  assert.deepEqual(Object.entries(dict), [["__proto__", "x"]]);
  assert.equal(Object.getPrototypeOf(dict), Object.prototype);
});

Deno.test("RequestsCookieJar.copy() sees no change of the original, nor the original one of the copy", () => {
  const changes: readonly ((jar: RequestsCookieJar) => unknown)[] = [
    (jar) => jar.set("b", "2"),
    (jar) => jar.delete("a"),
    (jar) => jar.clear(),
    (jar) => jar.clearSessionCookies(),
    (jar) => jar.update({ a: "3" }),
    (jar) => jar.setCookie("c=4", "http://h.test/"),
    (jar) => jar.setCookie("a=; Max-Age=0", "http://h.test/"),
  ];
  for (const change of changes) {
    for (const changed of ["original", "copy", "copy of the copy"]) {
      const original = new RequestsCookieJar();
      original.setCookie("a=1", "http://h.test/");
      const copy = original.copy();
      const jars = { original, copy, "copy of the copy": copy.copy() };
      for (const [name, jar] of Object.entries(jars)) if (name === changed) change(jar);
      for (const [name, jar] of Object.entries(jars)) {
        if (name !== changed) assert.deepEqual(jar.getDict(), { a: "1" }, `${change} on ${changed}, seen in ${name}`);
      }
    }
  }
});

Deno.test("RequestsCookieJar.copy() is independent", () => {
  const jar = jarOf(["a=1; Domain=x.test; HttpOnly", "http://x.test/"], ["b=2", "http://x.test/"]);
  const copy = jar.copy();
  assert.deepEqual([...copy], [...jar]);
  copy.set("a", "9", { domain: "x.test" });
  jar.delete("b");
  assert.deepEqual(jar.getDict(), { a: "1" });
  assert.deepEqual(copy.getDict(), { a: "9", b: "2" });
});

Deno.test("RequestsCookieJar gives out cookies that cannot be changed", () => {
  const jar = jarOf(["a=1", "http://x.test/"]);
  for (const cookie of [...jar, createCookie("b", "2")]) assert(Object.isFrozen(cookie));
});

const INPUTS: readonly (readonly [what: string, cookies: CookiesInput])[] = [
  ["an object", { a: "1", b: "2" }],
  ["pairs", [["a", "1"], ["b", "2"]]],
  ["a Map", new Map([["a", "1"], ["b", "2"]])],
  ["URLSearchParams", new URLSearchParams("a=1&b=2")],
  ["cookies", [{ name: "a", value: "1" }, createCookie("b", "2")]],
  ["a jar", new RequestsCookieJar({ a: "1", b: "2" })],
];

for (const [what, cookies] of INPUTS) {
  Deno.test(`RequestsCookieJar takes ${what}`, () => {
    const expected = [["a", "1", "", "/"], ["b", "2", "", "/"]];
    assert.deepEqual(text(new RequestsCookieJar(cookies)), expected);
    assert.deepEqual(text(cookiejarFromDict(cookies)), expected);
    const jar = new RequestsCookieJar({ a: "0" });
    jar.update(cookies);
    assert.deepEqual(text(jar), expected);
  });
}

Deno.test("RequestsCookieJar.update() removes where the value is null, and takes nothing from null", () => {
  const jar = new RequestsCookieJar({ a: "1", b: "2" });
  jar.update({ a: null, c: "3" });
  jar.update(null);
  assert.deepEqual(jar.getDict(), { b: "2", c: "3" });
});

for (const wrong of ["a=1", 7, true, [7], ["ab"]]) {
  Deno.test(`RequestsCookieJar refuses ${JSON.stringify(wrong)} as cookies`, () => {
    // @ts-expect-error wrong on purpose
    assert.throws(() => new RequestsCookieJar(wrong), TypeError);
  });
}

const REFUSED: readonly (readonly [name: unknown, value: unknown, options: unknown, message: RegExp])[] = [
  ["", "v", {}, /name of a cookie/],
  ["a=secret", "v", {}, /"a" as the name of a cookie/],
  ["a;b", "v", {}, /name of a cookie/],
  ["a\r\nX", "v", {}, /name of a cookie/],
  [" a", "v", {}, /name of a cookie/],
  [7, "v", {}, /a number/],
  ["a", 7, {}, /a number.*"a".*string/],
  ["a", "top-secret; b=1", {}, /encodeURIComponent/],
  ["a", "top-secret\r\nX: 1", {}, /encodeURIComponent/],
  ["a", "top-secret\t", {}, /encodeURIComponent/],
  ["a", "v", { path: "x" }, /path of cookie "a"/],
  ["a", "v", { path: "/\n" }, /path of cookie "a"/],
  ["a", "v", { domain: "http://x.test" }, /domain of cookie "a"/],
  ["a", "v", { domain: "x.test:80" }, /domain of cookie "a"/],
  ["a", "v", { domain: "x.test/y" }, /domain of cookie "a"/],
  ["a", "v", { domain: "x y" }, /domain of cookie "a"/],
  ["a", "v", { domain: "ü%" }, /domain of cookie "a"/],
  ["a", "v", { domain: "::zz" }, /domain of cookie "a"/],
  ["a", "v", { hostOnly: true }, /hostOnly/],
  ["a", "v", { max_age: 5 }, /unknown option "max_age"/],
  ["a", "v", { toString: 5 }, /unknown option "toString"/],
  ["a", "v", { secure: "yes" }, /"secure".*boolean/],
  ["a", "v", { path: 5 }, /"path".*string/],
];

for (const [name, value, options, message] of REFUSED) {
  Deno.test(`createCookie() refuses ${JSON.stringify([name, value, options])}`, () => {
    assert.throws(() => createCookie(name as string, value as string, options as CookieOptions), (error: unknown) => {
      assert(error instanceof TypeError);
      assert.match(error.message, message);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

for (const expires of [NaN, Infinity, Date.now() * 10_000]) {
  Deno.test(`createCookie() refuses the expiry ${Number.isFinite(expires) ? "in the far future" : expires}`, () => {
    assert.throws(() => createCookie("a", "1", { expires }), RangeError);
  });
}

Deno.test("createCookie() puts domains into the form of URLs", () => {
  const domain = (name: string) => createCookie("a", "1", { domain: name }).domain;
  assert.equal(domain(".Shop.Example"), "shop.example");
  assert.equal(domain("bücher.example"), "xn--bcher-kva.example");
  assert.equal(domain("[::1]"), "::1");
  assert.equal(domain("0:0:0:0:0:0:0:1"), "::1");
  assert.equal(domain(""), "");
});

Deno.test("createCookie() keeps quotes, and drops escaped ones when put into a jar", () => {
  assert.equal(new RequestsCookieJar({ foo: '"bar:baz"' }).get("foo"), '"bar:baz"');
  assert.equal(new RequestsCookieJar({ foo: '"a\\"b"' }).get("foo"), '"ab"');
});

Deno.test("RequestsCookieJar.set() with an expiry in the past deletes", () => {
  const jar = new RequestsCookieJar({ a: "1" });
  jar.set("a", "1", { expires: 1 });
  assert.equal(jar.size, 0);
});

Deno.test("cookiejarFromDict() adds to a jar, with and without overwriting", () => {
  const jar = new RequestsCookieJar({ a: "1" });
  assert.equal(cookiejarFromDict({ a: "2", b: "2" }, { cookiejar: jar, overwrite: false }), jar);
  assert.deepEqual(jar.getDict(), { a: "1", b: "2" });
  assert.equal(addDictToCookiejar(jar, { a: "3" }), jar);
  assert.deepEqual(dictFromCookiejar(jar), { a: "3", b: "2" });
  assert.equal(cookiejarFromDict(null).size, 0);
});

Deno.test("mergeCookies() lets a jar win, and an object fill gaps", () => {
  const jar = new RequestsCookieJar({ a: "1" });
  assert.equal(mergeCookies(jar, { a: "2", b: "2" }), jar);
  assert.deepEqual(jar.getDict(), { a: "1", b: "2" });
  assert.deepEqual(mergeCookies(jar, new RequestsCookieJar({ a: "3" })).getDict(), { a: "3", b: "2" });
  assert.deepEqual(mergeCookies(jar, [{ name: "a", value: "4" }]).getDict(), { a: "4", b: "2" });
  assert.deepEqual(mergeCookies(jar, [["a", "5"], ["c", "6"]]).getDict(), { a: "4", b: "2", c: "6" });
  assert.deepEqual(mergeCookies(jar, null).getDict(), { a: "4", b: "2", c: "6" });
});

Deno.test("removeCookieByName() removes in the given domain only", () => {
  const jar = new RequestsCookieJar({ a: "1" });
  jar.set("a", "2", { domain: "x.test" });
  removeCookieByName(jar, "a", { domain: "x.test" });
  assert.deepEqual(jar.getDict(), { a: "1" });
});

Deno.test("extractCookies() takes every Set-Cookie field and passes over bad ones", () => {
  const headers = new Headers([
    ["Set-Cookie", "a=1; Expires=Wed, 01 Jan 2098 00:00:00 GMT"],
    ["Set-Cookie", "bad"],
    ["Set-Cookie", "b=2; Domain=bank.test"],
    ["Set-Cookie", "c=3"],
    ["Set-Cookie", "c=4"],
  ]);
  const jar = new RequestsCookieJar();
  extractCookies(jar, headers, "http://shop.test/");
  assert.deepEqual(jar.getDict(), { a: "1", c: "4" });
});

Deno.test("extractCookiesToJar() and getCookieHeader() go by the Host header of the caller", () => {
  const jar = new RequestsCookieJar();
  const url = "http://127.0.0.1:8000/p/q";
  const response = { headers: new Headers({ "Set-Cookie": "a=1" }) };
  extractCookiesToJar(jar, { url, headers: new Headers({ Host: "shop.test:8000" }) }, response);
  assert.deepEqual(text(jar), [["a", "1", "shop.test", "/p"]]);
  assert.equal(getCookieHeader(jar, { url, headers: new Headers({ host: "shop.test" }) }), "a=1");
  const bytes = { get: () => new TextEncoder().encode("shop.test") };
  assert.equal(getCookieHeader(jar, { url, headers: bytes }), "a=1");
  assert.equal(getCookieHeader(jar, { url, headers: new Headers() }), null);
  assert.equal(getCookieHeader(jar, { url: "http://shop.test/p/" }), "a=1");
  assert.throws(() => getCookieHeader(jar, { url: null }), TypeError);
});

Deno.test("RequestsCookieJar.fromJSON() restores what toJSON() gave, but for expired cookies", () => {
  const jar = jarOf(["a=1; Domain=x.test; HttpOnly; SameSite=None; Max-Age=60", "http://x.test/"], [
    "b=2",
    "http://x.test/",
  ]);
  jar.set("c", "3");
  assert.deepEqual([...RequestsCookieJar.fromJSON(JSON.stringify(jar))], [...jar]);
  assert.deepEqual([...RequestsCookieJar.fromJSON(jar.toJSON())], [...jar]);
  assert.equal(RequestsCookieJar.fromJSON({ cookies: [{ name: "a", value: "1", expires: 1 }] }).size, 0);
});

for (
  const wrong of [
    null,
    7,
    [],
    {},
    { cookies: 1 },
    { cookies: [1] },
    { cookies: [null] },
    { cookies: [{ name: "a" }] },
    { cookies: [{ name: "a", value: "1", x: 1 }] },
  ]
) {
  Deno.test(`RequestsCookieJar.fromJSON() refuses ${JSON.stringify(wrong)}`, () => {
    assert.throws(() => RequestsCookieJar.fromJSON(wrong), TypeError);
  });
}

Deno.test("RequestsCookieJar.fromJSON() refuses text that is not JSON", () => {
  assert.throws(() => RequestsCookieJar.fromJSON("{"), SyntaxError);
});

Deno.test("RequestsCookieJar.toNetscape() writes the seven fields", () => {
  const jar = jarOf(["host=1; Path=/p; Secure; HttpOnly", "https://x.test/"]);
  jar.set("wide", "2", { domain: "x.test", expires: 4102444800.5 });
  jar.set("all", "");
  assert.deepEqual(jar.toNetscape().split("\n").filter((line) => line.includes("\t")), [
    "#HttpOnly_x.test\tFALSE\t/p\tTRUE\t0\thost\t1",
    ".x.test\tTRUE\t/\tFALSE\t4102444800\twide\t2",
    "\tFALSE\t/\tFALSE\t0\tall\t",
  ]);
  assert(jar.toNetscape().startsWith("# Netscape HTTP Cookie File\n"));
});

Deno.test("RequestsCookieJar.fromNetscape() restores all but SameSite and fractions", () => {
  const jar = jarOf(["host=1; Path=/p; Secure; HttpOnly", "https://x.test/"], ["ip=2", "http://[::1]/"]);
  jar.set("wide", '"2 3"', { domain: "x.test", expires: 4102444800 });
  jar.set("all", "");
  assert.deepEqual([...RequestsCookieJar.fromNetscape(jar.toNetscape())], [...jar]);
});

Deno.test("RequestsCookieJar.fromNetscape() reads what other programs write", () => {
  const lines = [
    "\uFEFF# HTTP Cookie File",
    "",
    "# a comment\twith\ttabs",
    ".x.test\tTRUE\t/\tFALSE\t\tsession\t1",
    "x.test\tTRUE\t/\tFALSE\t0\tcurl\t2",
    "x.test\tFALSE\t/\tFALSE\t4102444800\tempty",
    "x.test\tFALSE\t/\tFALSE\t4102444800.25\tfraction\t",
    "x.test\tFALSE\t/\tFALSE\t1\texpired\t3",
  ];
  const jar = RequestsCookieJar.fromNetscape(lines.join("\r\n"));
  assert.deepEqual(jar.getDict(), { session: "1", curl: "2", empty: "", fraction: "" });
  assert.deepEqual(Array.from(jar, ({ hostOnly }) => hostOnly), [false, false, true, true]);
  assert.deepEqual(Array.from(jar, ({ expires }) => expires), [null, null, 4102444800, 4102444800.25]);
});

for (
  const line of [
    "a secret line",
    "x.test\tTRUE\t/\tFALSE\t0",
    "x\tTRUE\t/\tFALSE\tsecret\ta\tb",
    "x\tTRUE\t/\tFALSE\t0\ta\tb\tsecret",
  ]
) {
  Deno.test(`RequestsCookieJar.fromNetscape() refuses ${JSON.stringify(line)} without quoting it`, () => {
    assert.throws(() => RequestsCookieJar.fromNetscape(`# ok\n${line}\n`), (error: unknown) => {
      assert(error instanceof SyntaxError);
      assert.match(error.message, /Line 2/);
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

Deno.test("RequestsCookieJar.update() and mergeCookies() from a jar leave both jars independent", () => {
  const session = new RequestsCookieJar([{ name: "a", value: "1", domain: "a.test" }]);
  for (const own of [session.copy(), new RequestsCookieJar({ b: "2" }), new RequestsCookieJar()]) {
    const merged = mergeCookies(session.copy(), own);
    assert.deepEqual(merged.getDict(), { ...session.getDict(), ...own.getDict() });
    const before = [session.getDict(), own.getDict()];
    merged.set("c", "3");
    merged.set("a", "4", { domain: "a.test" });
    assert.deepEqual([session.getDict(), own.getDict()], before);
    own.set("d", "5");
    assert.equal(merged.has("d"), false);
  }
});

Deno.test("RequestsCookieJar.update() from a jar gives a subclass each cookie", () => {
  const seen: string[] = [];
  class Watched extends RequestsCookieJar {
    override set(name: string, value: string | null, options: CookieOptions = {}): Cookie | null {
      seen.push(name);
      return super.set(name, value, options);
    }
  }
  const jar = new Watched();
  jar.update(new RequestsCookieJar({ a: "1", b: "2" }));
  assert.deepEqual(seen, ["a", "b"]);
  assert.deepEqual(jar.getDict(), { a: "1", b: "2" });
});
