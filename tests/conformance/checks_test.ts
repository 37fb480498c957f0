import assert from "node:assert/strict";
import { deflateSync, gzipSync } from "node:zlib";
import type { Answer } from "./answer.ts";
import type { CheckContext } from "./check.ts";
import { CHECK_NAMES, isKnownCheck, runCheck } from "./checks.ts";
import { type Expectation, NO_EXPECTATION } from "./expectation.ts";
import { encodeLatin1 } from "./latin1.ts";

interface Sample {
  readonly status?: number;
  readonly fields?: Record<string, string>;
  readonly body?: string | Uint8Array;
  readonly expect?: Partial<Expectation>;
  readonly target?: string;
  readonly captures?: Record<string, string>;
  readonly connection?: "closed" | "open";
}

/** For each check: as written in a case, what it must accept, and what it must refuse. */
const TABLE: readonly (readonly [check: string, holds: Sample, fails: Sample])[] = [
  ["status", { status: 204, expect: { status: 204 } }, { status: 200, expect: { status: 204 } }],
  ["status:200|204", { status: 204 }, { status: 20 }],
  ["body", { body: "Grüß", expect: { body: "Grüß" } }, { body: "Gruß", expect: { body: "Grüß" } }],
  ["body", { body: "", expect: { body: "" } }, { body: "x", expect: { body: "" } }],
  ["body", { body: "ab", expect: { bodyBase64: "YWI=" } }, { body: "abc", expect: { bodyBase64: "YWI=" } }],
  ["body", { body: "abc", expect: sha256OfAbc(3) }, { body: "abd", expect: sha256OfAbc(3) }],
  ["body", { body: "abc", expect: sha256OfAbc(3) }, { body: "abc", expect: sha256OfAbc(4) }],
  ["decoded-body", { ...coded("gzip", gzipSync("text")) }, { ...coded("gzip", gzipSync("other")) }],
  ["decoded-body", { ...coded("Deflate", deflateSync("text")) }, { ...coded("deflate", encodeLatin1("text")) }],
  ["decoded-body", { body: "text", expect: { body: "text" } }, { ...coded("br", encodeLatin1("text")) }],
  ["decoded-body", coded("deflate, gzip", gzipSync(deflateSync("text"))), coded("gzip", deflateSync("text"))],
  ["body-empty", { body: "" }, { body: "\n" }],
  ["body-contains:a:b|c", { body: "xa:b|cx" }, { body: "a:b" }],
  ["body-lacks:alpha", { body: "beta" }, { body: "the alphabet" }],
  ["body-line:one=[]", { body: "zero\r\none=[]\r\n" }, { body: "zero\none=[] \n" }],
  ["header:etag", { fields: { etag: '"x"' }, expect: tag('"x"') }, { fields: { etag: 'W/"x"' }, expect: tag('"x"') }],
  ["header:etag", { fields: { etag: '"x"' }, expect: tag('"x"') }, { expect: tag('"x"') }],
  ["header-present:date", { fields: { date: "today" } }, { fields: { data: "today" } }],
  ["no-header:etag", { fields: { tag: "x" } }, { fields: { etag: "" } }],
  ["header-contains:set-cookie:A=1", { fields: { "set-cookie": "b=2, a=1" } }, { fields: { cookie: "a=1" } }],
  ["header-contains:link:a:b", { fields: { link: "<a:b>" } }, { fields: { link: "<a>" } }],
  ["media-type", typed("Text/HTML; charset=utf-8", "text/html"), typed("text/htmlx", "text/html")],
  ["media-type", typed("text/html", "text/html; a=b"), { expect: { headers: { "content-type": "text/html" } } }],
  ["media-type:text/xml|application/xml", typed("application/xml", ""), typed("image/svg+xml", "")],
  ["charset:utf-8", typed('text/html; x=y; charset="UTF-8"', ""), typed("text/html; xcharset=utf-8", "")],
  ["charset:utf-8", typed("text/html;charset=utf-8", ""), typed("text/html; charset=utf-16", "")],
  ["location", moved("/a%20b/?q=%2F#f", "/%61%20b/?q=/#f"), moved("/a%20b", "/a%20b/")],
  ["location", moved("http://localhost/sub/", "/sub/"), moved("//sub/", "/sub/")],
  ["location", moved("sub/?x=1", "/sub/?x=1"), moved("sub/?x=2", "/sub/?x=1")],
  ["location", moved("sub/", "/sub/"), { expect: { headers: { location: "/sub/" } } }],
  ["location-local", { fields: {} }, { fields: { location: "//evil.example/" } }],
  ["location-local", { fields: { location: "/x//y" } }, { fields: { location: "/\\evil.example" } }],
  ["location-local", { fields: { location: "http://127.0.0.1:80/" } }, { fields: { location: "/\t/evil.example" } }],
  ["location-local", { fields: { location: "http://localhost:1/" } }, { fields: { location: "https://localhost/" } }],
  ["listing-has:a&b → a%26b", page('<a href="./a%26b">a&amp;b</a>'), page('<a href="ab">a&amp;b</a>')],
  ["listing-has:a&b → a&b", page('<A HREF=a&amp;b TITLE="x a&amp;b x">x</A>'), page('<a href="a&amp;b">ab</a>')],
  ["listing-has:sub → sub/", page('<a href="/list/sub/">sub/</a>'), page('<a href="sub">sub/</a>')],
  ["listing-has:a b → a%20b", page('<a href="a b">a\n <b>b</b></a>'), page("<!--<a href='a b'>a b</a>-->")],
  ["listing-has:x:y → ./x:y", page('<a href="./x:y">x:y</a>'), page('<a href="x:y">x:y</a>')],
  ["listing-has:f → /list/f", { ...page('<a href="f">f</a>'), target: "/list//" }, page('<a href="/f">f</a>')],
  ["listing-lacks:a", page('<a href="b">a</a>'), page('<a href="/list/%61">x</a>')],
  ["listing-order:a|b|c", page(links("a", "x", "b", "c")), page(links("a", "c", "b"))],
  ["connection:closed", { connection: "closed" }, { connection: "open" }],
  ["connection:open", { connection: "open" }, { connection: "closed" }],
  ["parts", parted("b", part("0-1/9", "ab"), part("3-4/9", "de")), parted("b", part("0-1/9", "ab"))],
  ["parts", parted("b", part("3-4/9", "de"), part("0-1/9", "ab")), parted("c", part("0-1/9", "ab"))],
  ["parts", parted("b", ...twoParts()), parted("b", part("0-1/9", "ab"), part("3-4/9", "dx"))],
  ["parts", parted("b", ...twoParts()), { ...parted("b", ...twoParts()), fields: { "content-type": "text/plain" } }],
  ["coding:gzip|identity", {}, coded("br", new Uint8Array())],
  ["coding:gzip", coded("GZIP", new Uint8Array()), {}],
  ["vary-when-coded:accept-encoding", { fields: { vary: "x" } }, coded("gzip", new Uint8Array())],
  ["vary-when-coded:vary", { fields: { "content-encoding": "gzip", vary: "a, Vary" } }, coded("gzip", gzipSync(""))],
  ["captured-strong:E", { captures: { E: '"x"' } }, { captures: { E: 'W/"x"' } }],
  ["captured-strong:E", { captures: { E: '""' } }, { captures: { E: "x" } }],
  ["captured-weak:E", { captures: { E: 'W/"x"' } }, { captures: { E: '"W/x"' } }],
  ["same:A:B", { captures: { A: "1", B: "1" } }, { captures: { A: "1", B: "2" } }],
  ["differ:A:B", { captures: { A: "1", B: "2" } }, { captures: { A: "1", B: "1" } }],
];

for (const [i, [check, holds, fails]] of TABLE.entries()) {
  Deno.test(`runCheck() tells a good answer from a bad one, ${i}: ${check}`, () => {
    assert.equal(run(check, holds), undefined);
    assert.equal(typeof run(check, fails), "string");
  });
}

Deno.test("runCheck() is tested for every check", () => {
  assert.deepEqual(new Set(TABLE.map(([check]) => check.split(":", 1)[0])), new Set(CHECK_NAMES));
});

Deno.test("runCheck() throws when the case gives nothing to compare with", () => {
  for (const check of ["status", "body", "header:etag", "media-type", "location", "parts", "same:A:B"]) {
    assert.throws(() => run(check, { fields: { location: "/" } }), /the case gives no/);
  }
});

Deno.test("runCheck() throws for a check that it does not know", () => {
  assert.throws(() => run("statuses:200", {}), /no such check/);
});

Deno.test("isKnownCheck() wants an argument where one belongs, and only there", () => {
  assert.deepEqual(["status", "status:200", "body", "charset:utf-8"].filter((text) => !isKnownCheck(text)), []);
  assert.deepEqual(["body:x", "charset", "charset:", "", "no-check"].filter(isKnownCheck), []);
});

function run(check: string, sample: Sample): string | undefined {
  const { body = "", fields = {}, status = 200 } = sample;
  const answer: Answer = {
    status,
    fields: Object.entries(fields),
    body: typeof body === "string" ? new TextEncoder().encode(body) : body,
    interim: [],
  };
  const context: CheckContext = {
    target: sample.target ?? "/list/",
    expect: { ...NO_EXPECTATION, ...sample.expect },
    captures: new Map(Object.entries(sample.captures ?? {})),
    connection: sample.connection ?? "closed",
  };
  return runCheck(check, answer, context);
}

function sha256OfAbc(bodyLength: number): Partial<Expectation> {
  return { bodyLength, bodySha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad" };
}

function coded(coding: string, body: Uint8Array): Sample {
  return { fields: { "content-encoding": coding }, body, expect: { body: "text" } };
}

function tag(value: string): Partial<Expectation> {
  return { headers: { etag: value } };
}

function typed(actual: string, wanted: string): Sample {
  return { fields: { "content-type": actual }, expect: { headers: { "content-type": wanted } } };
}

function moved(actual: string, wanted: string): Sample {
  return { fields: { location: actual }, expect: { headers: { location: wanted } }, target: "/sub" };
}

function page(html: string): Sample {
  return { body: `<!doctype html><title>x</title><ul><li>${html}</ul>` };
}

function links(...hrefs: string[]): string {
  return hrefs.map((href) => `<a href="${href}">${href}</a>`).join("\n");
}

function part(range: string, body: string): string {
  return `Content-Type: text/plain\r\nContent-range: bytes ${range}\r\n\r\n${body}`;
}

function twoParts(): [string, string] {
  return [part("0-1/9", "ab"), part("3-4/9", "de")];
}

function parted(boundary: string, ...parts: string[]): Sample {
  return {
    fields: { "content-type": "multipart/byteranges; boundary=b" },
    body: parts.map((text) => `--${boundary}\r\n${text}\r\n`).join("") + `--${boundary}--\r\n`,
    expect: { parts: [{ range: "bytes 0-1/9", body: "ab" }, { range: "bytes 3-4/9", body: "de" }] },
  };
}
