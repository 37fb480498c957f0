import assert from "node:assert/strict";
import {
  AuthBase,
  type AuthInput,
  basicAuthStr,
  type Credential,
  HTTPBasicAuth,
  HTTPProxyAuth,
  toAuth,
} from "../../client/auth.ts";
import { PreparedRequest } from "../../client/request.ts";

const prepared = () => new PreparedRequest().prepare({ method: "GET", url: "http://example.com/" });
const bytes = (...values: number[]) => Uint8Array.from(values);

const BASIC: readonly (readonly [name: string, username: Credential, password: Credential, expected: string])[] = [
  // RFC 7617 §2 and §2.1.
  ["encodes a pair", "Aladdin", "open sesame", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="],
  ["takes empty texts", "", "", "Basic Og=="],
  ["keeps colons of a password", "ann", "a:b:c", "Basic YW5uOmE6Yjpj"],
  ["writes Latin-1 where it fits", "zoë", "pä§", "Basic em/rOnDkpw=="],
  ["writes UTF-8 where Latin-1 does not fit", "test", "123€", "Basic dGVzdDoxMjPigqw="],
  ["writes both texts in one encoding", "é", "€", "Basic w6k64oKs"],
  ["takes bytes as they are", bytes(0xd0, 0xb7), bytes(0xff, 0x00), "Basic 0Lc6/wA="],
  ["takes bytes beside text", "é", bytes(0xc3, 0xa9), "Basic 6TrDqQ=="],
];

for (const [name, username, password, expected] of BASIC) {
  Deno.test(`basicAuthStr() ${name}`, () => assert.equal(basicAuthStr(username, password), expected));
}

Deno.test("basicAuthStr() takes a password longer than an argument list", () => {
  const value = basicAuthStr("u", "x".repeat(300_000));
  assert.equal(atob(value.slice("Basic ".length)).length, 300_002);
});

Deno.test("basicAuthStr() refuses what is neither text nor bytes, without quoting it", () => {
  const secret = { toString: () => "hunter2" } as unknown as string;
  assert.throws(() => basicAuthStr("u", secret), (error) => {
    assert(error instanceof TypeError);
    assert.equal(error.message, "The password is a string or bytes, not an object");
    return true;
  });
  assert.throws(() => new HTTPBasicAuth(5 as unknown as string, "p"), { message: /user name .* not number/ });
});

Deno.test("HTTPBasicAuth.apply() sets Authorization over one that is there", () => {
  const request = prepared();
  request.headers.set("authorization", "Bearer token");
  assert.equal(new HTTPBasicAuth("user", "pass").apply(request), request);
  assert.equal(request.headers.get("Authorization"), "Basic dXNlcjpwYXNz");
});

Deno.test("HTTPProxyAuth.apply() sets Proxy-Authorization and nothing else", () => {
  const request = prepared();
  new HTTPProxyAuth("user", "pass").apply(request);
  assert.equal(request.headers.get("Proxy-Authorization"), "Basic dXNlcjpwYXNz");
  assert.equal(request.headers.has("Authorization"), false);
});

const EQUALITY: readonly (readonly [name: string, other: unknown, expected: boolean])[] = [
  ["the same credentials", new HTTPBasicAuth("user", "pass"), true],
  ["another password", new HTTPBasicAuth("user", "word"), false],
  ["another user", new HTTPBasicAuth("ann", "pass"), false],
  ["bytes for text", new HTTPBasicAuth("user", new TextEncoder().encode("pass")), false],
  ["the proxy's kind", new HTTPProxyAuth("user", "pass"), false],
  ["a pair", ["user", "pass"], false],
  ["null", null, false],
];

for (const [name, other, expected] of EQUALITY) {
  Deno.test(`HTTPBasicAuth.equals() is ${expected} for ${name}`, () => {
    assert.equal(new HTTPBasicAuth("user", "pass").equals(other), expected);
  });
}

Deno.test("HTTPBasicAuth.equals() compares bytes by content", () => {
  assert(new HTTPBasicAuth(bytes(1), bytes(2)).equals(new HTTPBasicAuth(bytes(1), bytes(2))));
  assert(!new HTTPBasicAuth(bytes(1), bytes(2)).equals(new HTTPBasicAuth(bytes(1), bytes(3))));
});

Deno.test("HTTPBasicAuth does not show its password when it is logged", () => {
  const text = Deno.inspect(new HTTPBasicAuth("user", "hunter2"), { showHidden: true });
  assert(text.includes("user"));
  assert(!text.includes("hunter2"));
  assert(!JSON.stringify(new HTTPBasicAuth("user", "hunter2")).includes("hunter2"));
});

Deno.test("toAuth() makes Basic of a pair", () => {
  const auth = toAuth(["user", "pass"]);
  assert(auth instanceof HTTPBasicAuth);
  assert(auth.equals(new HTTPBasicAuth("user", "pass")));
});

Deno.test("toAuth() keeps an AuthBase, and what looks like one", () => {
  class Own extends AuthBase {
    apply(request: PreparedRequest): PreparedRequest {
      return request;
    }
  }
  const own = new Own();
  assert.equal(toAuth(own), own);
  const alike = { apply: (request: PreparedRequest) => request };
  assert.equal(toAuth(alike), alike);
});

Deno.test("toAuth() calls a function, and takes its method apply for no AuthBase", () => {
  const auth = toAuth((request) => {
    request.headers.set("X-Token", "t");
    return request;
  });
  const request = prepared();
  assert.equal(auth?.apply(request), request);
  assert.equal(request.headers.get("x-token"), "t");
});

Deno.test("toAuth() has nothing to apply for null and undefined", () => {
  assert.equal(toAuth(null), null);
  assert.equal(toAuth(undefined), null);
});

const WRONG: readonly (readonly [name: string, value: unknown, message: RegExp])[] = [
  ["three elements", ["u", "hunter2", "x"], /\[username, password\]; this one has 3 elements/],
  ["one element", ["hunter2"], /1 element/],
  ["a text", "user:hunter2", /not string/],
  ["an object without apply", { user: "u", password: "hunter2" }, /not an object/],
  ["a number", 7, /not number/],
];

for (const [name, value, message] of WRONG) {
  Deno.test(`toAuth() refuses ${name} and does not quote it`, () => {
    assert.throws(() => toAuth(value as AuthInput), (error) => {
      assert(error instanceof TypeError);
      assert.match(error.message, message);
      assert(!error.message.includes("hunter2"));
      return true;
    });
  });
}
