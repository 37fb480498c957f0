import assert from "node:assert/strict";
import {
  encodeParams,
  getAuthFromUrl,
  pathUrl,
  prepareUrl,
  prependSchemeIfNeeded,
  redactUrl,
  requoteUri,
  unquote,
  unquoteUnreserved,
  urldefragauth,
} from "../../client/_url.ts";
import { InvalidURL, MissingSchema, URLRequired } from "../../client/errors.ts";
import type { ParamsInput, UrlInput } from "../../client/types.ts";

for (
  const [url, prepared] of [
    ["http://u:@h/", "http://u:@h/"],
    ["http://u@h", "http://u@h/"],
    ["http://:p@h", "http://:p@h/"],
    ["http://h/%c3%bc%zz/ü", "http://h/%25c3%25bc%25zz/%C3%BC"],
    ["http://h/a%2fb%20c", "http://h/a%2Fb%20c"],
    ["http://h/%2e%2e/a", "http://h/a"],
    ["http://h/a?b=1?c=2#d#e", "http://h/a?b=1?c=2#d%23e"],
    ["http://h/a?x=a|b", "http://h/a?x=a%7Cb"],
    ["http+unix://%2Ftmp%2Fs/p?x=1", "http+unix://%2Ftmp%2Fs/p?x=1"],
    ["ftp://h/a b", "ftp://h/a b"],
  ] as const
) Deno.test(`prepareUrl() makes ${prepared} of ${url}`, () => assert.equal(prepareUrl(url), prepared));

Deno.test("prepareUrl() takes URL objects and bytes", () => {
  assert.equal(prepareUrl(new URL("http://h/ü")), "http://h/%C3%BC");
  assert.equal(prepareUrl(new TextEncoder().encode("http://h/ü")), "http://h/%C3%BC");
});

Deno.test("prepareUrl() makes URLs that the platform leaves as they are", () => {
  const unusual = Array.from({ length: 0x60 }, (_, i) => String.fromCharCode(0x20 + i)).join("") + "%zzü☃";
  for (const part of ["/", "/?", "/#", "/a?b#"]) {
    const url = prepareUrl(`http://User:p%61ss@Host:81${part}${unusual}`);
    assert.equal(new URL(url).href, url);
    assert.equal(prepareUrl(url), url, "twice is once");
  }
});

for (
  const [url, params, prepared] of [
    ["http://h/p?x=1#f", { y: [1, null, 2n], z: undefined }, "http://h/p?x=1&y=1&y=2#f"],
    ["http://h/p", "?a=1", "http://h/p??a=1"],
    ["http://h/p", "a=1#b", "http://h/p?a=1%23b"],
    ["http://h/p?a=%zz", { b: "x&y" }, "http://h/p?a=%25zz&b=x%26y"],
    ["http://h/p?", {}, "http://h/p"],
    ["http://h", new URLSearchParams("a=b&a=c d"), "http://h/?a=b&a=c+d"],
    ["http://h", new Map([["a", true]]), "http://h/?a=true"],
    ["http://h", Uint8Array.of(0x61, 0x3d, 0xff), "http://h/?a=%FF"],
    ["http+unix://s/p", { a: "b" }, "http+unix://s/p?a=b"],
    ["mailto:a@b.c", { a: "b" }, "mailto:a@b.c"],
  ] as const satisfies readonly (readonly [string, ParamsInput, string])[]
) {
  Deno.test(`prepareUrl() appends params: ${prepared}`, () => assert.equal(prepareUrl(url, params), prepared));
}

for (
  const [url, error, message] of [
    ["", MissingSchema, "Invalid URL '': No scheme supplied. Perhaps you meant https://?"],
    ["httpbin.org/get", MissingSchema, /No scheme supplied/],
    ["httpbin.org:80/get", MissingSchema, /No scheme supplied/],
    ["http:example.com", InvalidURL, "Invalid URL 'http:example.com': No host supplied"],
    ["http:\\\\example.com", InvalidURL, /No host supplied/],
    ["http:////example.com", InvalidURL, /No host supplied/],
    ["http://:80/", InvalidURL, /No host supplied/],
    ["http://u:secret@/", InvalidURL, "Invalid URL 'http://***@/': No host supplied"],
    ["http://[::1/", InvalidURL, "Failed to parse: http://[::1/"],
    ["http://u:sec/ret@h:x/", InvalidURL, "Failed to parse: http://***@h:x/"],
    ["http://u:secret@*.h/", InvalidURL, "URL has an invalid label."],
  ] as const
) {
  Deno.test(`prepareUrl() refuses ${JSON.stringify(url)}`, () => {
    assert.throws(() => prepareUrl(url), (thrown: Error) => {
      assert(thrown instanceof error);
      assert.doesNotMatch(Deno.inspect(thrown), /sec/);
      if (typeof message === "string") assert.equal(thrown.message, message);
      else assert.match(thrown.message, message);
      return true;
    });
  });
}

Deno.test("prepareUrl() refuses what is no URL at all", () => {
  assert.throws(() => prepareUrl(null as unknown as UrlInput), URLRequired);
  assert.throws(() => prepareUrl(5 as unknown as UrlInput), { name: "TypeError", message: /a number as a URL/ });
});

Deno.test("encodeParams() encodes fields as Python's quote_plus does", () => {
  assert.equal(encodeParams({ a: "a b+~!*'()&=/" }), "a=a+b%2B~%21%2A%27%28%29%26%3D%2F");
  assert.equal(encodeParams(null), "");
});

for (const value of [5, true, [5], [["a"]], ["ab"], { a: { k: "v" } }, { a: new Date() }, { a: [["b"]] }]) {
  Deno.test(`encodeParams() refuses ${JSON.stringify(value)}`, () => {
    assert.throws(() => encodeParams(value as unknown as ParamsInput), TypeError);
  });
}

for (
  const [uri, quoted] of [
    ["http://example.com/fiz?buz=%25ppicture", "http://example.com/fiz?buz=%25ppicture"],
    ["http://example.com/fiz?buz=%ppicture", "http://example.com/fiz?buz=%25ppicture"],
    ["http://example.com/%7Ea b/ü?[x]|", "http://example.com/~a%20b/%C3%BC?[x]%7C"],
    ["http://example.com/100%", "http://example.com/100%"],
    ["http://example.com/%2f", "http://example.com/%2f"],
  ] as const
) Deno.test(`requoteUri() makes ${quoted} of ${uri}`, () => assert.equal(requoteUri(uri), quoted));

Deno.test("unquoteUnreserved() undoes unreserved escapes only", () => {
  assert.equal(unquoteUnreserved("%41%2d%7E%2F%25%e4%"), "A-~%2F%25%e4%");
  assert.throws(() => unquoteUnreserved("%zz"), {
    name: "InvalidURL",
    message: "Invalid percent-escape sequence: 'zz'",
  });
});

for (
  const [url, target] of [
    ["http://h", "/"],
    ["http://h?x", "/?x"],
    ["http://h/a/b?c=/d#e", "/a/b?c=/d"],
    ["http://u:p@h:1//x", "//x"],
    ["", "/"],
  ] as const
) Deno.test(`pathUrl() of ${url}`, () => assert.equal(pathUrl(url), target));

for (
  const [url, auth] of [
    ["http://u%20x:p%40ss%zz@h/", ["u x", "p@ss%zz"]],
    ["http://user:p:w@h?a@b", ["user", "p:w"]],
    ["http://user:@h/", ["user", ""]],
    ["http://user@h/", ["", ""]],
    ["http://h/a:b@c", ["", ""]],
    ["http://h", ["", ""]],
    ["no url", ["", ""]],
  ] as const
) Deno.test(`getAuthFromUrl() of ${url}`, () => assert.deepEqual(getAuthFromUrl(url), auth));

Deno.test("unquote() takes any text", () => assert.equal(unquote("%C3%BC%ff%zz+%"), "ü\ufffd%zz+%"));

for (
  const [url, stripped] of [
    ["http://u:p@example.com/path?a=1#test", "http://example.com/path?a=1"],
    ["http://example.com/a@b", "http://example.com/a@b"],
    ["//u:p@example.com/path?a=1#test", "//example.com/path?a=1"],
    ["example.com/path", "//example.com/path"],
    ["scheme:u:p@example.com/path?a=1", "scheme://example.com/path?a=1"],
  ] as const
) Deno.test(`urldefragauth() of ${url}`, () => assert.equal(urldefragauth(url), stripped));

for (
  const [url, whole] of [
    ["example.com/path", "http://example.com/path"],
    ["//example.com/path", "http://example.com/path"],
    ["example.com:80", "http://example.com:80"],
    ["https://u:p@example.com", "https://u:p@example.com"],
  ] as const
) Deno.test(`prependSchemeIfNeeded() of ${url}`, () => assert.equal(prependSchemeIfNeeded(url, "http"), whole));

Deno.test("redactUrl() leaves no userinfo, whatever it holds", () => {
  for (const url of ["http://u:p/s?e#c@h/", "//u:p@h/", "u:p@h/"]) {
    assert.match(redactUrl(url), /^(?:http:\/\/|\/\/)?\*\*\*@h\/$/);
  }
  assert.equal(redactUrl("http://h/a?b#c"), "http://h/a?b#c");
});
