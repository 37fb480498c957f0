import assert from "node:assert/strict";
import { InvalidSchema, InvalidURL } from "../../client/errors.ts";
import {
  getRedirectTarget,
  headersToDrop,
  keepsBody,
  rebuildMethod,
  redirectUrl,
  SENSITIVE_HEADERS,
  shouldStripAuth,
} from "../../client/redirects.ts";

/** What a header field looks like whose bytes are the UTF-8 of `text`. */
const utf8 = (text: string): string =>
  Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");

const TARGETS: readonly (readonly [about: string, status: number, location: string | null, expected: string | null])[] =
  [
    ...[301, 302, 303, 307, 308].map((status) => [`follows ${status}`, status, "/x", "/x"] as const),
    ...[200, 201, 300, 304, 305, 306, 399, 404].map((status) =>
      [`does not follow ${status}`, status, "/x", null] as const
    ),
    ["finds nothing without a Location", 302, null, null],
    ["takes an empty Location for none", 302, "", null],
    ["reads UTF-8", 302, utf8("/größe/日?q=é"), "/größe/日?q=é"],
    ["reads a host in UTF-8", 302, utf8("http://bücher.example/"), "http://bücher.example/"],
    ["escapes bytes that are no UTF-8", 302, "/caf\xe9", "/caf%E9"],
    ["escapes every byte when one of them is no UTF-8", 302, utf8("/é") + "\xff", "/%C3%A9%FF"],
  ];

for (const [about, status, location, expected] of TARGETS) {
  Deno.test(`getRedirectTarget() ${about}`, () => {
    const headers = new Headers(location === null ? [] : [["Location", location]]);
    assert.equal(getRedirectTarget(status, headers), expected);
  });
}

const URLS: readonly (readonly [oldUrl: string, location: string, expected: string])[] = [
  ["http://h/dir/page?x=1", "other?y=2", "http://h/dir/other?y=2"],
  ["http://h/a/b/c", "../d/./e", "http://h/a/d/e"],
  ["http://h/dir/page?x=1", "?y=2", "http://h/dir/page?y=2"],
  ["http://h/x", "http://other:81/y?z=1", "http://other:81/y?z=1"],
  ["https://h/x", "//other/y", "https://other/y"],
  ["http://h/x", "HTTP://OTHER/Y", "http://other/Y"],
  ["http://h/x", "http://h:80/y", "http://h/y"],
  ["http://h/x", "/a b?c d", "http://h/a%20b?c%20d"],
  ["http://h/x", "/größe/日?q=é", "http://h/gr%C3%B6%C3%9Fe/%E6%97%A5?q=%C3%A9"],
  ["http://h/x", "/caf%E9", "http://h/caf%E9"],
  ["http://h/x", "/a%2Fb%7Ec", "http://h/a%2Fb~c"],
  ["http://h/x", "/100%", "http://h/100%25"],
  ["http://h/x", "http://bücher.example/", "http://xn--bcher-kva.example/"],
  ["http://h/x", "http://[::1]:8080/y", "http://[::1]:8080/y"],
  // Fragments (RFC 9110 §10.2.2).
  ["http://h/x#sec", "/y", "http://h/y#sec"],
  ["http://h/x#sec", "/y#new", "http://h/y#new"],
  ["http://h/x#sec", "http://other/y?z", "http://other/y?z#sec"],
  ["http://h/x#sec", "/y#", "http://h/y"],
  ["http://h/x", "/y#new", "http://h/y#new"],
  // Credentials stay in the URL as in requests; the adapter does not send those of a redirect.
  ["http://h/x", "http://u:p@other/y", "http://u:p@other/y"],
  ["http://u:p@h/x", "/y", "http://u:p@h/y"],
  ["http://u:p@h/x", "http://other/y", "http://other/y"],
  // Schemes that only an adapter can refuse.
  ["http://h/x", "gopher://shop.test/1", "gopher://shop.test/1"],
  ["http://h/x", "mailto:a@b.c", "mailto:a@b.c"],
  ["mock://h/x", "/y", "mock://h/y"],
];

for (const [oldUrl, location, expected] of URLS) {
  Deno.test(`redirectUrl() leads from ${oldUrl} by ${location} to ${expected}`, () => {
    assert.equal(redirectUrl(oldUrl, location), expected);
  });
}

for (const location of ["http://h:99999/", "http://h:abc/", "http://", "http://*.example/"]) {
  Deno.test(`redirectUrl() refuses ${location}`, () => {
    assert.throws(() => redirectUrl("http://h/x", location), InvalidURL);
  });
}

Deno.test("redirectUrl() lets nobody but a Unix socket itself lead there", () => {
  const socket = "http+unix://%2Frun%2Fdocker.sock/";
  assert.equal(redirectUrl(`${socket}a`, "/b"), `${socket}b`);
  for (const from of ["http://h/x", "mock://%2Frun%2Fdocker.sock/", "http+unix://%2Frun%2Fother.sock/x"]) {
    assert.throws(() => redirectUrl(from, `${socket}b`), InvalidSchema, from);
  }
});

Deno.test("redirectUrl() shows no credentials in its error", () => {
  assert.throws(() => redirectUrl("http://ann:secret@h/x", "http://bob:hidden@h:99999/"), (error) => {
    assert(error instanceof InvalidURL);
    assert.doesNotMatch(error.message, /secret|hidden/);
    assert.match(error.message, /h:99999/);
    return true;
  });
});

const PLACES: readonly (readonly [oldUrl: string, newUrl: string, strip: boolean])[] = [
  ["http://a.example/x", "http://a.example/y", false],
  ["http://a.example/", "http://A.EXAMPLE/", false],
  ["http://a.example/", "http://b.example/", true],
  ["http://a.example/", "http://a.example.evil/", true],
  ["http://a.example/", "http://sub.a.example/", true],
  ["http://a.example/", "https://a.example/", false],
  ["http://a.example:80/", "https://a.example:443/", false],
  ["https://a.example/", "http://a.example/", true],
  ["http://a.example:1234/", "https://a.example:1234/", true],
  ["http://a.example/", "https://a.example:8443/", true],
  ["http://a.example:443/", "https://a.example/", true],
  ["http://a.example:1234/", "http://a.example:4321/", true],
  ["http://a.example/", "http://a.example:80/", false],
  ["https://a.example:443/", "https://a.example/", false],
  ["https://a.example/", "https://a.example:8443/", true],
  ["https://u:p@a.example/", "https://a.example/", false],
  ["http://[::1]/", "http://[0:0:0:0:0:0:0:1]/", false],
  ["http://localhost/", "http://127.0.0.1/", true],
  ["https://a.example/", "wss://a.example/", true],
  ["https://a.example/", "not a url", true],
  ["not a url", "https://a.example/", true],
];

for (const [oldUrl, newUrl, strip] of PLACES) {
  Deno.test(`shouldStripAuth() ${strip ? "strips" : "keeps"} credentials from ${oldUrl} to ${newUrl}`, () => {
    assert.equal(shouldStripAuth(oldUrl, newUrl), strip);
  });
}

Deno.test("shouldStripAuth() takes URL objects", () => {
  assert.equal(shouldStripAuth(new URL("http://a.example/"), new URL("https://a.example/")), false);
});

// status, method, method of the next request, whether the body is sent again
const METHODS: readonly (readonly [status: number, method: string, next: string, body: boolean])[] = [
  [301, "GET", "GET", true],
  [301, "HEAD", "HEAD", true],
  [301, "POST", "GET", false],
  [301, "PUT", "PUT", true],
  [301, "DELETE", "DELETE", true],
  [301, "PATCH", "PATCH", true],
  [302, "GET", "GET", true],
  [302, "HEAD", "HEAD", true],
  [302, "POST", "GET", false],
  [302, "PUT", "GET", false],
  [302, "DELETE", "GET", false],
  [303, "GET", "GET", false],
  [303, "HEAD", "HEAD", false],
  [303, "POST", "GET", false],
  [303, "PATCH", "GET", false],
  ...[307, 308].flatMap((status) =>
    ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH"].map((method) => [status, method, method, true] as const)
  ),
];

for (const [status, method, next, body] of METHODS) {
  Deno.test(`rebuildMethod() turns ${method} into ${next} after ${status}`, () => {
    assert.equal(rebuildMethod(method, status), next);
  });
  Deno.test(`keepsBody() ${body ? "keeps" : "drops"} the body of ${method} after ${status}`, () => {
    assert.equal(keepsBody(status, method), body);
    assert.equal(headersToDrop(status, method).length === 0, body);
  });
}

Deno.test("headersToDrop() names what frames and describes a body", () => {
  const names = headersToDrop(303, "POST").map((name) => name.toLowerCase());
  for (const name of ["content-length", "content-type", "transfer-encoding", "content-encoding"]) {
    assert(names.includes(name), name);
  }
  for (const name of ["accept", "authorization", "user-agent"]) assert(!names.includes(name), name);
});

Deno.test("SENSITIVE_HEADERS holds what must not reach another origin", () => {
  const names = SENSITIVE_HEADERS.map((name) => name.toLowerCase());
  for (const name of ["authorization", "cookie", "proxy-authorization", "host"]) assert(names.includes(name), name);
});
