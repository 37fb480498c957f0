import assert from "node:assert/strict";
import {
  checkHeaderValidity,
  parseChallenges,
  parseContentType,
  parseDictHeader,
  parseHeaderLinks,
  parseListHeader,
  unquoteHeaderValue,
} from "../../client/_header_fields.ts";
import { InvalidHeader } from "../../client/errors.ts";

const bytes = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

for (
  const [name, value] of [
    ["X-Id", "1"],
    ["x", ""],
    ["X", "inner  blanks\tand a blank at the end "],
    ["X", "caf\xe9"],
    ["X", ":starts with a colon"],
    ["!#$%&'*+-.^_`|~09azAZ", "a token"],
    ["X", new Uint8Array()],
    ["X", bytes("caf\xc3\xa9 \xff")],
  ] as const
) {
  Deno.test(`checkHeaderValidity() takes ${JSON.stringify(name)}: ${Deno.inspect(value)}`, () => {
    assert.doesNotThrow(() => checkHeaderValidity(name, value));
  });
}

for (
  const [name, value, message] of [
    ["", "1", /in header name: ""/],
    [" X", "1", /in header name: " X"/],
    ["X ", "1", /in header name/],
    ["X Y", "1", /in header name: "X Y"/],
    ["X:", "1", /in header name/],
    ["X\n", "1", /in header name: "X\\n"/],
    ["X\r\nEvil", "1", /in header name/],
    ["X\0", "1", /in header name/],
    ["\xe9", "1", /in header name/],
    [bytes("X"), "1", /name of a header must be a string, not Uint8Array/],
    ["X", " a", /in the value of header "X"/],
    ["X", "\ta", /in the value of header "X"/],
    ["X", "\x0ba", /in the value of header "X"/],
    ["X", "a\r\nEvil: 1", /in the value of header "X"/],
    ["X", "a\n", /in the value of header "X"/],
    ["X", "a\r", /in the value of header "X"/],
    ["X", "\n", /in the value of header "X"/],
    ["X", "a\0b", /in the value of header "X"/],
    ["X", bytes(" a"), /in the value of header "X"/],
    ["X", bytes("a\nb"), /in the value of header "X"/],
    ["X", "\u20ac", /outside Latin-1; pass bytes/],
    ["X", 5, /value of header "X" must be a string or Uint8Array, not number/],
    ["X", true, /not boolean/],
    ["X", null, /not null/],
    ["X", undefined, /not undefined/],
    ["X", ["a"], /not Array/],
    ["X", { a: 1 }, /not Object/],
    ["X", new Date(0), /not Date/],
  ] as const
) {
  Deno.test(`checkHeaderValidity() refuses ${Deno.inspect(name)}: ${Deno.inspect(value)}`, () => {
    assert.throws(() => checkHeaderValidity(name, value), (error) => {
      assert(error instanceof InvalidHeader);
      assert.match(error.message, message);
      return true;
    });
  });
}

Deno.test("checkHeaderValidity() does not quote the value", () => {
  for (const value of ["s3cret\n", "s3cret\u20ac", bytes("s3cret\n"), ["s3cret"]]) {
    assert.throws(() => checkHeaderValidity("Authorization", value), (error: Error) => !/s3cret/.test(error.message));
  }
});

for (
  const [value, links] of [
    ["", []],
    ["   ", []],
    ["<a.jpeg>", [{ url: "a.jpeg" }]],
    ["<a.jpeg>;", [{ url: "a.jpeg" }]],
    ['<a.jpeg>; rel=front; type="image/jpeg"', [{ url: "a.jpeg", rel: "front", type: "image/jpeg" }]],
    ['<a>; type="image/jpeg",<b>;', [{ url: "a", type: "image/jpeg" }, { url: "b" }]],
    ["</up>; rel=up, <b.css>;rel='stylesheet';media=\"print\"", [
      { url: "/up", rel: "up" },
      { url: "b.css", rel: "stylesheet", media: "print" },
    ]],
    ["http://localhost/; rel=next", [{ url: "http://localhost/", rel: "next" }]],
    ["<a>; rel = next ; title = 'the end' ", [{ url: "a", rel: "next", title: "the end" }]],
    ["<a>; crossorigin; rel=next", [{ url: "a" }]],
    // What splitting at every comma, semicolon and equals sign gets wrong.
    ["<a,b;c=d>; rel=next,   <e>", [{ url: "a,b;c=d", rel: "next" }, { url: "e" }]],
    ['<a>; title="x, <y>; z=1"; rel=next', [{ url: "a", title: "x, <y>; z=1", rel: "next" }]],
    ['<a>; title="say \\"hi\\""; rel=next', [{ url: "a", title: 'say "hi"', rel: "next" }]],
    ["<a?x=1>; title=b=c", [{ url: "a?x=1", title: "b=c" }]],
    ['<a>; title="open; rel=next', [{ url: "a", title: "open", rel: "next" }]],
    ["<a; rel=next", [{ url: "a", rel: "next" }]],
    ["<a>; REL=next; rel=prev", [{ url: "a", rel: "next" }]],
    ["<a>; url=evil", [{ url: "a" }]],
    ["<a>; title=one, two, <b>", [{ url: "a", title: "one, two" }, { url: "b" }]],
    ["<>; rel=self", [{ url: "", rel: "self" }]],
  ] as const
) {
  Deno.test(`parseHeaderLinks() reads ${JSON.stringify(value)}`, () => {
    assert.deepEqual(parseHeaderLinks(value), links);
  });
}

Deno.test("parseHeaderLinks() takes a parameter called __proto__ for one like any other", () => {
  const [link] = parseHeaderLinks("<a>; __proto__=b");
  assert.deepEqual(Object.entries(link!), [["url", "a"], ["__proto__", "b"]]);
});

for (
  const [value, text, filename] of [
    ["Test", "Test", "Test"],
    ['"Test"', "Test", "Test"],
    ['"Test\\\\"', "Test\\", "Test\\"],
    ['"\\\\Comp\\Res"', "\\Comp\\Res", "\\\\Comp\\Res"],
    ['"say \\"hi\\""', 'say "hi"', 'say "hi"'],
    ['"\\\\\\"', "\\\\", "\\\\\\"],
    ['""', "", ""],
    ['"', '"', '"'],
    ["", "", ""],
  ] as const
) {
  Deno.test(`unquoteHeaderValue() reads ${value}`, () => {
    assert.equal(unquoteHeaderValue(value), text);
    assert.equal(unquoteHeaderValue(value, true), filename);
  });
}

for (
  const [value, list] of [
    ["", []],
    ["token", ["token"]],
    ['token, "quoted, value"', ["token", "quoted, value"]],
    [' a ,, "b\\"c" , d=e', ["a", 'b"c', "d=e"]],
    ['a="b, c", d', ['a="b, c"', "d"]],
    ['"open, b', ['"open', "b"]],
  ] as const
) Deno.test(`parseListHeader() reads ${value}`, () => assert.deepEqual(parseListHeader(value), list));

for (
  const [value, dict] of [
    ["", {}],
    ["key_without_value", { key_without_value: null }],
    ['foo="is a fish", bar="as well"', { foo: "is a fish", bar: "as well" }],
    ['foo="a, b", bar', { foo: "a, b", bar: null }],
    ['a="x\\"y", b=""', { a: 'x"y', b: "" }],
    ["a = 1,, b=c=d", { a: "1", b: "c=d" }],
    ["a=1, a=2", { a: "2" }],
  ] as const
) Deno.test(`parseDictHeader() reads ${value}`, () => assert.deepEqual(parseDictHeader(value), dict));

for (
  const [value, essence, params] of [
    ["", "", {}],
    ["text/html", "text/html", {}],
    ["TEXT/Plain ", "text/plain", {}],
    ["text/html; charset=utf-8", "text/html", { charset: "utf-8" }],
    ['text/html;Charset="UTF-8"', "text/html", { charset: "UTF-8" }],
    ["text/html ; charset = 'x' ; no_equals ;; ", "text/html", { charset: "x" }],
    ["a/b; charset=x; charset=y", "a/b", { charset: "y" }],
    ["a/b; charset=", "a/b", { charset: "" }],
    ['multipart/mixed; boundary="a;b=c\\"d"; x=1', "multipart/mixed", { boundary: 'a;b=c"d', x: "1" }],
    ['a/b; x="open; charset=y', "a/b", { x: "open", charset: "y" }],
  ] as const
) Deno.test(`parseContentType() reads ${value}`, () => assert.deepEqual(parseContentType(value), [essence, params]));

const challenge = (scheme: string, params: Record<string, string> = {}, token68: string | null = null) => ({
  scheme,
  params,
  token68,
});

for (
  const [value, challenges] of [
    ["", []],
    [", ,", []],
    ["Basic", [challenge("basic")]],
    ['Basic realm="a"', [challenge("basic", { realm: "a" })]],
    ['Basic realm="simple", charset="UTF-8"', [challenge("basic", { realm: "simple", charset: "UTF-8" })]],
    ['Digest realm="a, b", nonce="c=\\"d\\\\", qop="auth, auth-int"', [
      challenge("digest", { realm: "a, b", nonce: 'c="d\\', qop: "auth, auth-int" }),
    ]],
    ['Basic realm="a", Digest realm="b", nonce=n, DIGEST nonce="m" , stale=TRUE', [
      challenge("basic", { realm: "a" }),
      challenge("digest", { realm: "b", nonce: "n" }),
      challenge("digest", { nonce: "m", stale: "TRUE" }),
    ]],
    // The example of RFC 9110 §11.6.1.
    [
      'Basic realm="simple", Newauth realm="apps", type=1, title="Login to \\"apps\\""',
      [
        challenge("basic", { realm: "simple" }),
        challenge("newauth", { realm: "apps", type: "1", title: 'Login to "apps"' }),
      ],
    ],
    ["Negotiate", [challenge("negotiate")]],
    ["Negotiate YIIB+/-._~==", [challenge("negotiate", {}, "YIIB+/-._~==")]],
    ['Negotiate a2V5, NTLM, Basic realm="x"', [
      challenge("negotiate", {}, "a2V5"),
      challenge("ntlm"),
      challenge("basic", { realm: "x" }),
    ]],
    ["Digest NONCE=a==, realm = b", [challenge("digest", { nonce: "a==", realm: "b" })]],
    ['Digest realm="a" nonce="b"', [challenge("digest", { realm: "a", nonce: "b" })]],
    ["Digest realm=/path?x, nonce=b", [challenge("digest", { realm: "/path?x", nonce: "b" })]],
    ['Digest realm="", nonce=', [challenge("digest", { realm: "", nonce: "" })]],
    ['Digest realm="open, nonce=b', [challenge("digest", { realm: "open, nonce=b" })]],
    ['Digest realm="a\\', [challenge("digest", { realm: "a" })]],
    ["realm=lost, Basic realm=a", [challenge("basic", { realm: "a" })]],
    ['"stray, Digest", @@@ x, Basic realm=a', [challenge("basic", { realm: "a" })]],
    ["Digest nonce=a, nonce=b", [challenge("digest", { nonce: "b" })]],
  ] as [string, unknown][]
) {
  Deno.test(`parseChallenges() reads ${value}`, () => assert.deepEqual(parseChallenges(value), challenges));
}

Deno.test("no parser takes quadratic time", () => {
  const LENGTH = 400_000;
  const parsers = [parseHeaderLinks, parseDictHeader, parseListHeader, parseContentType, parseChallenges];
  const start = performance.now();
  for (const unit of ['"', "<", '\\"', '"\\"', " ", "'", ",", "a ", "a=", "=", ";", "; a=' ", "<a>,"]) {
    const value = "x" + unit.repeat(LENGTH / unit.length) + "x";
    for (const parse of parsers) parse(value);
  }
  // Quadratic time would be minutes here; linear time is well below a second on any machine.
  assert(performance.now() - start < 20_000);
});
