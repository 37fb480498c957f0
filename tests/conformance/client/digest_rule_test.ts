import assert from "node:assert/strict";
import { DigestGuard, digestResponse, parseDigestFields, parseDigestRule } from "./digest_rule.ts";
import type { JsonFields } from "./json.ts";

const RULE = { user: "ann", password: "secret", realm: "shop", nonce: "n1", qop: "auth" };
const QUESTION = { username: "ann", realm: "shop", nonce: "n1", uri: "/d", qop: "auth", nc: "00000001", cnonce: "c" };

/** An Authorization value whose response is right for the rule and these fields. */
function authorize(json: JsonFields, fields: Readonly<Record<string, string>>): string {
  const response = digestResponse(parseDigestRule(json), new Map(Object.entries(fields)), "GET");
  const all = { ...fields, response: response ?? "none" };
  return `Digest ${Object.entries(all).map(([name, value]) => `${name}="${value}"`).join(", ")}`;
}

function isAccepted(json: JsonFields, fields: Readonly<Record<string, string>>): boolean {
  return new DigestGuard(parseDigestRule(json)).judge("GET", "/d", authorize(json, fields)).accepted;
}

function challengeOf(json: JsonFields, authorization?: string): string {
  const verdict = new DigestGuard(parseDigestRule(json)).judge("GET", "/d", authorization);
  assert.ok(!verdict.accepted);
  return verdict.challenge;
}

// RFC 7616 §3.9.1.
const RFC_RULE = {
  user: "Mufasa",
  password: "Circle of Life",
  realm: "http-auth@example.org",
  nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
  qop: "auth",
};
const RFC_FIELDS = new Map([
  ["nonce", RFC_RULE.nonce],
  ["uri", "/dir/index.html"],
  ["nc", "00000001"],
  ["cnonce", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"],
  ["qop", "auth"],
]);

Deno.test("digestResponse() calculates the examples of RFC 7616", () => {
  const sha256 = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1";
  const responses = { "MD5": "8ca523f5e9506fed4657c9700eebdbec", "sha-256": sha256 };
  for (const [algorithm, response] of Object.entries(responses)) {
    assert.equal(digestResponse(parseDigestRule({ ...RFC_RULE, algorithm }), RFC_FIELDS, "GET"), response);
  }
});

Deno.test("digestResponse() calculates the example of RFC 2617, and RFC 2069 without qop", () => {
  const rule = { user: "Mufasa", password: "Circle Of Life", realm: "testrealm@host.com", nonce: "x", qop: "auth" };
  const fields = new Map([
    ["nonce", "dcd98b7102dd2f0e8b11d0f600bfb0c093"],
    ["uri", "/dir/index.html"],
    ["nc", "00000001"],
    ["cnonce", "0a4f113b"],
    ["qop", "auth"],
  ]);
  assert.equal(digestResponse(parseDigestRule(rule), fields, "GET"), "6629fae49393a05397450978507c4ef1");
  const { qop: _, ...older } = rule;
  assert.equal(digestResponse(parseDigestRule(older), fields, "GET"), "670fd8c2df070c60b045671b8b24ff02");
});

Deno.test("digestResponse() knows every algorithm of the kit, in any case, and no other", () => {
  const responses = ["MD5", "SHA", "SHA-256", "SHA-512"].flatMap((name) => [name, `${name}-SESS`]).map((algorithm) => {
    const upper = digestResponse(parseDigestRule({ ...RFC_RULE, algorithm }), RFC_FIELDS, "GET");
    const rule = parseDigestRule({ ...RFC_RULE, algorithm: algorithm.toLowerCase() });
    assert.equal(digestResponse(rule, RFC_FIELDS, "GET"), upper);
    return upper;
  });
  assert.equal(new Set(responses).size, 8);
  assert.ok(!responses.includes(undefined));
  assert.equal(
    digestResponse(parseDigestRule({ ...RFC_RULE, algorithm: "SHA-512-256" }), RFC_FIELDS, "GET"),
    undefined,
  );
});

Deno.test("parseDigestFields() unquotes values, and passes other schemes by", () => {
  const fields = parseDigestFields('digest username="a \\"b\\", c", qop=auth,nc = 00000001');
  assert.deepEqual([...fields!], [["username", 'a "b", c'], ["qop", "auth"], ["nc", "00000001"]]);
  assert.equal(parseDigestFields("Basic YTpi"), undefined);
});

Deno.test("DigestGuard.judge() accepts a right answer, and none that is wrong in one point", () => {
  assert.ok(isAccepted(RULE, QUESTION));
  const wrong = [
    { username: "bob" },
    { realm: "other" },
    { nonce: "n2" },
    { uri: "/e" },
    { opaque: "o" },
    { qop: "auth-int" },
    { nc: "1" },
    { nc: "0000000A" },
    { nc: "00000000" },
  ];
  for (const fields of wrong) assert.ok(!isAccepted(RULE, { ...QUESTION, ...fields }), JSON.stringify(fields));
  for (const name of ["qop", "nc", "cnonce"]) {
    const fields = Object.fromEntries(Object.entries(QUESTION).filter(([key]) => key !== name));
    assert.ok(!isAccepted(RULE, fields), name);
  }
  assert.ok(!isAccepted({ ...RULE, algorithm: "WHIRLPOOL" }, QUESTION));
  const guard = new DigestGuard(parseDigestRule(RULE));
  assert.ok(!guard.judge("GET", "/d", authorize({ ...RULE, password: "wrong" }, QUESTION)).accepted);
});

Deno.test("DigestGuard.judge() reads a name in UTF-8", () => {
  const username = String.fromCharCode(...new TextEncoder().encode("zoë"));
  assert.ok(isAccepted({ ...RULE, user: "zoë" }, { ...QUESTION, username }));
});

Deno.test("DigestGuard.judge() wants the count to rise", () => {
  const guard = new DigestGuard(parseDigestRule(RULE));
  const counts = [["00000001", true], ["00000001", false], ["00000003", true], ["00000002", false]] as const;
  for (const [nc, accepted] of counts) {
    assert.equal(guard.judge("GET", "/d", authorize(RULE, { ...QUESTION, nc })).accepted, accepted, nc);
  }
});

Deno.test("DigestGuard.judge() challenges with what the rule has", () => {
  assert.equal(challengeOf(RULE), 'Digest realm="shop", nonce="n1", qop="auth"');
  const { qop: _, ...bare } = RULE;
  const full = { ...bare, algorithm: "SHA-256", opaque: "o" };
  assert.equal(challengeOf(full, "Basic YTpi"), 'Digest realm="shop", nonce="n1", algorithm=SHA-256, opaque="o"');
});

Deno.test("DigestGuard.judge() moves on to the next nonce when one is used up", () => {
  const rule = { ...RULE, nonce: ["n1", "n2"], uses: 1 };
  const guard = new DigestGuard(parseDigestRule(rule));
  const judge = (fields: Readonly<Record<string, string>>): string => {
    const verdict = guard.judge("GET", "/d", authorize(rule, { ...QUESTION, ...fields }));
    return verdict.accepted ? "accepted" : verdict.challenge;
  };
  const stale = 'Digest realm="shop", nonce="n2", qop="auth", stale=true';
  assert.equal(judge({}), "accepted");
  assert.equal(judge({ nc: "00000002" }), stale);
  assert.equal(judge({ nc: "00000003" }), stale);
  assert.equal(judge({ nonce: "n2" }), "accepted");
});

Deno.test("parseDigestRule() refuses what it does not know", () => {
  assert.throws(() => parseDigestRule({ ...RULE, domain: "/" }), /unknown key: "domain"/);
  assert.throws(() => parseDigestRule({ ...RULE, nonce: [] }), /no nonce/);
});
