import assert from "node:assert/strict";
import { failureKind } from "../../client/_failure_kind.ts";
import { bodyFailure, errorText, fetchFailure } from "../../client/_fetch_errors.ts";
import {
  ChunkedEncodingError,
  ConnectionError,
  ContentDecodingError,
  InvalidHeader,
  InvalidSchema,
  NotSupportedError,
  ProxyError,
  ReadTimeout,
  RequestException,
  SSLError,
} from "../../client/errors.ts";

const SENDING = "error sending request for url (http://shop.test/?key=secret): ";
const failed = (text: string) => new TypeError("fetch failed", { cause: new Error(SENDING + text) });
const what = "GET http://shop.test/";

for (
  const [text, proxyScheme, Class, kind] of [
    ["client error (Connect): tcp connect error: Connection refused (os error 111)", null, ConnectionError, "connect"],
    ["client error (Connect): dns error: failed to lookup address information", null, ConnectionError, "connect"],
    ["client error (SendRequest): connection closed before message completed", null, ConnectionError, "read"],
    ["client error (SendRequest): connection error: Connection reset by peer", null, ConnectionError, "read"],
    ["client error (SendRequest): invalid HTTP version parsed", null, ConnectionError, "read"],
    ["client error (SendRequest): invalid content-length parsed", null, InvalidHeader, null],
    ["client error (Connect): invalid peer certificate: UnknownIssuer", null, SSLError, null],
    ["client error (Connect): invalid peer certificate: certificate expired: verification time", null, SSLError, null],
    ["client error (Connect): received corrupt message of type InvalidContentType", null, SSLError, null],
    ["client error (Connect): tls handshake eof", null, SSLError, null],
    ["client error (SendRequest): connection error: received fatal alert: CertificateRequired", null, SSLError, null],
    ["client error (Connect): tcp connect error: Connection refused (os error 111)", "http", ProxyError, "connect"],
    ["client error (Connect): dns error: failed to lookup address information", "http", ProxyError, "connect"],
    ["client error (Connect): proxy authentication required", "http", ProxyError, "connect"],
    ["client error (Connect): unsuccessful tunnel", "https", ProxyError, "connect"],
    ["client error (Connect): unexpected eof while tunneling", "http", ProxyError, "connect"],
    ["client error (Connect): invalid peer certificate: UnknownIssuer", "http", SSLError, null],
    ["client error (Connect): Proxy server unreachable", "socks5h", ProxyError, "connect"],
    ["client error (Connect): Password auth failure, code: 1", "socks5", ProxyError, "connect"],
    ["client error (Connect): Unknown auth method", "socks5", ProxyError, "connect"],
    ["client error (Connect): unexpected end of file: unexpected end of file", "socks5", ProxyError, "connect"],
  ] as const
) {
  Deno.test(`fetchFailure() makes ${Class.name} of "${text}" (proxy: ${proxyScheme})`, () => {
    const cause = failed(text);
    const error = fetchFailure(cause, { what, proxyScheme, proxyHost: "proxy.test:3128" });
    assert.ok(error instanceof RequestException);
    assert.equal(error.name, Class.name);
    assert.equal(error.cause, cause);
    assert.match(error.message, /^GET http:\/\/shop\.test\/: /);
    assert.doesNotMatch(error.message, /secret/);
    assert.equal(failureKind(error), kind);
    if (Class === ProxyError) assert.match(error.message, /proxy\.test:3128/);
  });
}

for (const text of ["Connection refused", "Host unreachable", "Network unreachable", "General SOCKS server failure"]) {
  Deno.test(`fetchFailure() blames the target, not the SOCKS proxy, for "${text}"`, () => {
    const error = fetchFailure(failed(`client error (Connect): ${text}`), { what, proxyScheme: "socks5" });
    assert.equal((error as Error).name, "ConnectionError");
  });
}

Deno.test("fetchFailure() reads the shape of Deno before 2.9.6, too", () => {
  const text = `${SENDING}client error (Connect): tcp connect error: Connection refused`;
  const error = fetchFailure(new TypeError(text), { what });
  assert.equal((error as Error).name, "ConnectionError");
  assert.equal((error as Error).message, `${what}: client error (Connect): tcp connect error: Connection refused`);
  assert.equal(failureKind(error), "connect");
});

Deno.test("fetchFailure() names the cure of an unknown authority", () => {
  const error = fetchFailure(failed("client error (Connect): invalid peer certificate: UnknownIssuer"), { what });
  assert.match((error as Error).message, /verify: PATH/);
});

Deno.test("fetchFailure() tells a blocked port, an unknown scheme and a bad header", () => {
  const blocked = fetchFailure(new TypeError("Fetch failed: Requests to port 6667 are blocked"), { what });
  assert.ok(blocked instanceof NotSupportedError);
  assert.match(blocked.message, /6667/);
  const scheme = fetchFailure(new TypeError("Url scheme 'foo' not supported"), { what });
  assert.ok(scheme instanceof InvalidSchema);
  for (const text of ["Invalid header value", "failed to parse header value", "'headers' is not a valid ByteString"]) {
    assert.ok(fetchFailure(new TypeError(text), { what }) instanceof InvalidHeader, text);
  }
});

Deno.test("fetchFailure() leaves alone what is no failure of the transport", () => {
  for (
    const error of [
      new DOMException("stop", "AbortError"),
      new Deno.errors.NotCapable("net"),
      new ReadTimeout("late"),
      new TypeError("something else"),
      "a reason",
      undefined,
    ]
  ) assert.equal(fetchFailure(error, { what }), error);
});

for (
  const [text, Class] of [
    ["error reading a body from connection", ChunkedEncodingError],
    ["unexpected end of file", ContentDecodingError],
    ["Invalid gzip header", ContentDecodingError],
    ["CRC computed does not match", ContentDecodingError],
    ["reached unexpected EOF", ContentDecodingError],
    ["something new", ConnectionError],
  ] as const
) {
  Deno.test(`bodyFailure() makes ${Class.name} of "${text}"`, () => {
    const cause = new TypeError(text);
    const error = bodyFailure(cause, { what });
    assert.equal((error as Error).name, Class.name);
    assert.equal((error as Error).cause, cause);
  });
}

Deno.test("bodyFailure() leaves alone what is no failure of the transport", () => {
  for (const error of [new ConnectionError("x"), new DOMException("stop", "AbortError"), "a reason"]) {
    assert.equal(bodyFailure(error, { what }), error);
  }
});

Deno.test("errorText() joins message and cause", () => {
  assert.equal(errorText(new Error("a", { cause: new Error("b") })), "a: b");
  assert.equal(errorText(new Error("a")), "a");
  assert.equal(errorText("a"), "a");
});
