import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { parseDictHeader } from "../../client/_header_fields.ts";
import {
  buildDigestHeader,
  type DigestHeaderOptions,
  HTTPDigestAuth,
  selectDigestChallenge,
} from "../../client/digest_auth.ts";
import { InvalidHeader, UnrewindableBodyError } from "../../client/errors.ts";
import { Request } from "../../client/request.ts";
import { Session } from "../../client/session.ts";
import { type Answer, FakeAdapter, type Sent } from "./fake_adapter.ts";

const HASHES: Readonly<Record<string, string>> = {
  "MD5": "md5",
  "SHA": "sha1",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
  "SHA-512-256": "sha512-256",
};

/** A header from a challenge, with the hash of its algorithm. */
function build(challengeField: string, options: Partial<DigestHeaderOptions> = {}): string {
  const challenge = selectDigestChallenge(challengeField)!;
  return buildDigestHeader({
    challenge,
    username: "Mufasa",
    password: "Circle of Life",
    method: "GET",
    uri: "/dir/index.html",
    cnonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
    nonceCount: 1,
    bodyHash: "",
    hash: (binary) => createHash(challenge.hash).update(binary, "latin1").digest("hex"),
    ...options,
  });
}

const fieldsOf = (header: string) => parseDictHeader(header.replace(/^Digest /, ""));

const RFC_7616_NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const RFC_7616_OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";

function rfcChallenge(algorithm: string): string {
  return `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, ` +
    `nonce="${RFC_7616_NONCE}", opaque="${RFC_7616_OPAQUE}"`;
}

// RFC 7616 §3.9.1.
for (
  const [algorithm, response] of [
    ["MD5", "8ca523f5e9506fed4657c9700eebdbec"],
    ["SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"],
  ] as const
) {
  Deno.test(`buildDigestHeader() gives the answer of RFC 7616 for ${algorithm}`, () => {
    assert.equal(
      build(rfcChallenge(algorithm)),
      'Digest username="Mufasa", realm="http-auth@example.org", ' +
        `nonce="${RFC_7616_NONCE}", uri="/dir/index.html", response="${response}", opaque="${RFC_7616_OPAQUE}", ` +
        `algorithm=${algorithm}, qop=auth, nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"`,
    );
  });
}

Deno.test("buildDigestHeader() gives the answer of RFC 7616 for SHA-512-256 and userhash, as its erratum 4897 has it", () => {
  const challenge = 'Digest realm="api@example.org", qop="auth", algorithm=SHA-512-256, ' +
    'nonce="5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", ' +
    'opaque="HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS", charset=UTF-8, userhash=true';
  const fields = fieldsOf(build(challenge, {
    username: "J\u00e4s\u00f8n Doe",
    password: "Secret, or not?",
    uri: "/doe.json",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
  }));
  assert.deepEqual(fields, {
    username: "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b",
    realm: "api@example.org",
    nonce: "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK",
    uri: "/doe.json",
    response: "3798d4131c277846293534c3edc11bd8a5e4cdcbff78b05db9d95eeb1cec68a5",
    opaque: "HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS",
    algorithm: "SHA-512-256",
    qop: "auth",
    nc: "00000001",
    cnonce: "NTg6RKcb9boFIAS3KrFK9BGeh+iDa/sm6jUMp2wds69v",
    userhash: "true",
  });
});

Deno.test("buildDigestHeader() gives the answer of RFC 2617 §3.5", () => {
  const challenge = 'Digest realm="testrealm@host.com", qop="auth,auth-int", ' +
    'nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const { response, algorithm } = fieldsOf(
    build(challenge, { password: "Circle Of Life", cnonce: "0a4f113b" }),
  );
  assert.equal(response, "6629fae49393a05397450978507c4ef1");
  assert.equal(algorithm, undefined);
});

Deno.test("buildDigestHeader() without qop calculates as RFC 2069 and sends neither nc nor cnonce", () => {
  // The example of RFC 2069 §2.4, with the response of its erratum 749.
  const challenge = 'Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
    'opaque="5ccc069c403ebaf9f0171e9517f40e41"';
  const header = build(challenge, { password: "CircleOfLife" });
  assert.equal(
    header,
    'Digest username="Mufasa", realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093", ' +
      'uri="/dir/index.html", response="1949323746fe6a43ef61f9606e7febea", opaque="5ccc069c403ebaf9f0171e9517f40e41"',
  );
});

Deno.test("buildDigestHeader() with -sess hashes nonce and cnonce into the key", () => {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const { response, algorithm } = fieldsOf(
    build('Digest realm="r", nonce="n", qop=auth, algorithm=MD5-sess', { cnonce: "c", nonceCount: 0x1f, uri: "/" }),
  );
  const key = md5(`${md5("Mufasa:r:Circle of Life")}:n:c`);
  assert.equal(response, md5(`${key}:n:0000001f:c:auth:${md5("GET:/")}`));
  assert.equal(algorithm, "MD5-sess");
});

Deno.test("buildDigestHeader() with -sess and no qop sends the cnonce that the key holds", () => {
  const fields = fieldsOf(build('Digest realm="r", nonce="n", algorithm=MD5-sess', { cnonce: "c" }));
  assert.equal(fields["cnonce"], "c");
  assert.equal(fields["nc"], undefined);
});

Deno.test("buildDigestHeader() with auth-int covers the body", () => {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const fields = fieldsOf(
    build('Digest realm="r", nonce="n", qop="auth-int"', {
      method: "POST",
      uri: "/",
      cnonce: "c",
      bodyHash: md5("a=1"),
    }),
  );
  assert.equal(fields["qop"], "auth-int");
  assert.equal(
    fields["response"],
    md5(`${md5("Mufasa:r:Circle of Life")}:n:00000001:c:auth-int:${md5(`POST:/:${md5("a=1")}`)}`),
  );
});

const TEXTS: readonly (readonly [name: string, challenge: string, username: string | Uint8Array, expected: RegExp])[] =
  [
    ["escapes quotes and backslashes", 'realm="r"', 'a"b\\c', /username="a\\"b\\\\c",/],
    ["sends the realm back as it came", 'realm="a \\"b\\" \\\\c"', "u", /realm="a \\"b\\" \\\\c",/],
    ["writes UTF-8 bytes where the server names no charset", 'realm="r"', "é", /username="Ã©",/],
    [
      "writes username* where the server knows UTF-8",
      'realm="r", charset=UTF-8',
      "é d*",
      /username\*=UTF-8''%C3%A9%20d%2A,/,
    ],
    ["writes plain names plainly where the server knows UTF-8", 'realm="r", charset=utf-8', "u", /username="u",/],
    ["takes bytes as they are", 'realm="r"', Uint8Array.of(0xe9), /username="é",/],
    ["leaves the opaque value out where there is none", 'realm="r"', "u", /^(?!.*opaque)/],
    ["sends an empty opaque value back", 'realm="r", opaque=""', "u", /opaque=""/],
  ];

for (const [name, challenge, username, expected] of TEXTS) {
  Deno.test(`buildDigestHeader() ${name}`, () => {
    assert.match(build(`Digest ${challenge}, nonce="n"`, { username }), expected);
  });
}

Deno.test("buildDigestHeader() hashes the name unescaped", () => {
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const { response } = fieldsOf(build('Digest realm="r\\"", nonce="n"', { username: 'a"b', password: "p", uri: "/" }));
  assert.equal(response, md5(`${md5('a"b:r":p')}:n:${md5("GET:/")}`));
});

Deno.test("buildDigestHeader() refuses a line break in the name and does not quote it", () => {
  assert.throws(() => build('Digest realm="r", nonce="n"', { username: "eve\r\nX-Evil: 1" }), (error) => {
    assert(error instanceof InvalidHeader);
    assert(!error.message.includes("eve"));
    return true;
  });
});

const SELECTED: readonly (readonly [name: string, field: string | null, expected: Record<string, unknown> | null])[] = [
  ["finds none without a field", null, null],
  ["finds none among other schemes", 'Basic realm="b", Negotiate abc=', null],
  ["finds it behind another scheme", 'Basic realm="b", Digest realm="d", nonce="n"', { realm: "d", hash: "md5" }],
  ["finds it before another scheme", 'digest realm="d", nonce="n", Basic realm="b"', { realm: "d", qop: null }],
  [
    "prefers the best algorithm, wherever it stands",
    'Digest realm="a", nonce="1", algorithm=MD5, Digest realm="b", nonce="2", algorithm=SHA-512-256, ' +
    'Digest realm="c", nonce="3", algorithm=SHA-256',
    { realm: "b", nonce: "2" },
  ],
  [
    "takes the first of equal ones",
    'Digest realm="a", nonce="1", Digest realm="b", nonce="2"',
    { realm: "a", nonce: "1" },
  ],
  [
    "passes over an unknown algorithm",
    'Digest realm="a", nonce="1", algorithm=SHA3-512, Digest realm="b", nonce="2", algorithm="md5"',
    { realm: "b", algorithm: "md5" },
  ],
  ["passes over a lone unknown algorithm", 'Digest realm="a", nonce="1", algorithm=SHA3-512', null],
  ["passes over an unknown qop", 'Digest realm="a", nonce="1", qop="auth-conf"', null],
  ["passes over a missing nonce", 'Digest realm="a"', null],
  ["does without a realm", 'Digest nonce="1"', { realm: "" }],
  ["takes auth from a list", 'Digest nonce="1", qop="auth-int, auth"', { qop: "auth" }],
  ["takes auth from a list without blanks", 'Digest nonce="1", qop="auth,auth-int"', { qop: "auth" }],
  ["takes auth-int alone", 'Digest nonce="1", qop="auth-int"', { qop: "auth-int" }],
  ["takes an unquoted qop", 'Digest nonce="1", qop=auth', { qop: "auth" }],
  ["takes an empty qop for none", 'Digest nonce="1", qop=""', { qop: null }],
  ["reads a session algorithm", 'Digest nonce="1", algorithm=SHA-256-SESS', { session: true, hash: "sha256" }],
  ["reads SHA as SHA-1", 'Digest nonce="1", algorithm=SHA', { session: false, hash: "sha1" }],
  ["reads the flags", 'Digest nonce="1", stale=TRUE, userhash=true, charset=utf-8', {
    stale: true,
    userhash: true,
    utf8: true,
  }],
  ["reads flags that are off", 'Digest nonce="1", stale=false, userhash="false"', { stale: false, userhash: false }],
  ["reads the domain", 'Digest nonce="1", domain="/a /b"', { domain: ["/a", "/b"] }],
];

for (const [name, field, expected] of SELECTED) {
  Deno.test(`selectDigestChallenge() ${name}`, () => {
    const challenge = selectDigestChallenge(field);
    if (expected === null) assert.equal(challenge, null);
    else assert.partialDeepStrictEqual(challenge, expected);
  });
}

/** What a {@link digestServer} asks for. */
interface Rule {
  password?: string;
  algorithm?: string;
  qop?: string;
  nonces?: readonly string[];
  /** How often each nonce may be used. */
  uses?: number;
  headers?: [string, string][];
  challenge?: string;
}

/** A server for user "ann" that checks answers by a calculation of its own. */
function digestServer(rule: Rule = {}): (sent: Sent) => Answer {
  const { password = "secret", algorithm, qop, nonces = ["n1"], uses = Infinity } = rule;
  const accepted = new Map<string, number>();
  let current = 0;
  return ({ headers, method, url, body }) => {
    const authorization = headers["authorization"];
    let stale = "";
    if (authorization !== undefined) {
      const fields = parseDictHeader(authorization.replace(/^Digest /, ""));
      const [, token, sess] = /^(.*?)(-sess)?$/i.exec(algorithm ?? "MD5")!;
      const hash = (text: string) => createHash(HASHES[token!.toUpperCase()]!).update(text).digest("hex");
      const { nc, cnonce, uri } = fields;
      const nonce = fields["nonce"] ?? "";
      let key = hash(`ann:shop:${password}`);
      if (sess) key = hash(`${key}:${nonce}:${cnonce}`);
      const integrity = fields["qop"] === "auth-int" ? `:${hash(body ?? "")}` : "";
      const proof = qop === undefined ? nonce : `${nonce}:${nc}:${cnonce}:${fields["qop"]}`;
      const expected = hash(`${key}:${proof}:${hash(`${method}:${uri}${integrity}`)}`);
      const target = new URL(url!);
      const count = parseInt(nc ?? "0", 16);
      const isValid = fields["response"] === expected && uri === target.pathname + target.search &&
        (qop === undefined || count > (accepted.get(nonce) ?? 0));
      if (isValid && nonce === nonces[current] && (accepted.get(nonce) ?? 0) < uses) {
        accepted.set(nonce, count);
        return { body: `welcome ${target.pathname}`, headers: rule.headers ?? [] };
      }
      if (isValid) {
        if (nonce === nonces[current]) current = Math.min(current + 1, nonces.length - 1);
        stale = ", stale=true";
      }
    }
    const challenge = `Digest realm="shop", nonce="${nonces[current]}"` + (qop ? `, qop="${qop}"` : "") +
      (algorithm ? `, algorithm=${algorithm}` : "") + stale + (rule.challenge ?? "");
    return { status: 401, headers: [["WWW-Authenticate", challenge], ...rule.headers ?? []], body: "authenticate" };
  };
}

async function withServer(
  answer: ((sent: Sent, index: number) => Answer) | readonly Answer[],
  run: (session: Session, adapter: FakeAdapter) => Promise<void>,
  auth = new HTTPDigestAuth("ann", "secret"),
): Promise<void> {
  const adapter = new FakeAdapter(answer);
  await using session = new Session({ trustEnv: false, auth, adapters: { "http://": adapter, "https://": adapter } });
  await run(session, adapter);
  assert.equal(adapter.open, 0, "a body was left open");
}

const authorizations = (adapter: FakeAdapter) =>
  adapter.sent.map(({ headers }) => headers["authorization"] === undefined ? null : fieldsOf(headers["authorization"]));

for (const token of Object.keys(HASHES)) {
  for (const algorithm of [token, `${token}-sess`]) {
    for (const qop of ["auth", "auth-int"]) {
      Deno.test(`HTTPDigestAuth passes with ${algorithm} and ${qop}, three times with one nonce`, async () => {
        await withServer(digestServer({ algorithm, qop }), async (session, adapter) => {
          for (const [index, body] of ["a=1", "b=2", "c=3"].entries()) {
            const response = await session.post(`http://shop.test/d?x=${index}`, { data: body });
            assert.equal(response.text, "welcome /d");
            assert.deepEqual(response.history.map((earlier) => earlier.statusCode), index === 0 ? [401] : []);
          }
          assert.deepEqual(authorizations(adapter).map((fields) => fields && fields["nc"]), [
            null,
            "00000001",
            "00000002",
            "00000003",
          ]);
        });
      });
    }
  }
}

Deno.test("HTTPDigestAuth passes without qop", async () => {
  await withServer(digestServer(), async (session) => {
    assert.equal((await session.get("http://shop.test/d")).statusCode, 200);
  });
});

Deno.test("HTTPDigestAuth tries a wrong password once and returns the 401", async () => {
  await withServer(digestServer({ password: "other", qop: "auth" }), async (session, adapter) => {
    const response = await session.get("http://shop.test/d");
    assert.equal(response.statusCode, 401);
    assert.equal(response.text, "authenticate");
    assert.deepEqual(response.history.map((earlier) => earlier.text), ["authenticate"]);
    assert.equal(adapter.sent.length, 2);
  });
});

Deno.test("HTTPDigestAuth answers again when the nonce is stale", async () => {
  await withServer(digestServer({ qop: "auth", nonces: ["n1", "n2", "n3"], uses: 1 }), async (session, adapter) => {
    for (let index = 0; index < 3; index++) assert.equal((await session.get("http://shop.test/d")).statusCode, 200);
    assert.deepEqual(authorizations(adapter).map((fields) => fields && [fields["nonce"], fields["nc"]]), [
      null,
      ["n1", "00000001"],
      ["n1", "00000002"],
      ["n2", "00000001"],
      ["n2", "00000002"],
      ["n3", "00000001"],
    ]);
  });
});

Deno.test("HTTPDigestAuth answers a nonce that is stale at once, and gives up the second time", async () => {
  let asked = 0;
  const answer = (): Answer => ({
    status: 401,
    headers: { "www-authenticate": `Digest realm="r", nonce="n${++asked}", stale=true` },
  });
  await withServer(answer, async (session, adapter) => {
    const response = await session.get("http://shop.test/d");
    assert.equal(response.statusCode, 401);
    assert.equal(adapter.sent.length, 3);
    assert.equal(response.history.length, 2);
  });
});

Deno.test("HTTPDigestAuth takes the next nonce from Authentication-Info", async () => {
  const headers: [string, string][] = [["Authentication-Info", 'nextnonce="n9", qop=auth']];
  await withServer(digestServer({ qop: "auth", nonces: ["n1", "n9"], headers }), async (session, adapter) => {
    await session.get("http://shop.test/d");
    await session.get("http://shop.test/d");
    assert.deepEqual(authorizations(adapter).slice(1, 3).map((fields) => fields && [fields["nonce"], fields["nc"]]), [
      ["n1", "00000001"],
      ["n9", "00000001"],
    ]);
  });
});

Deno.test("HTTPDigestAuth keeps the cookies of the challenge, and sends them with the answer", async () => {
  const headers: [string, string][] = [["Set-Cookie", "seen=1"]];
  await withServer(digestServer({ qop: "auth", headers }), async (session, adapter) => {
    await session.get("http://shop.test/d", { cookies: { own: "2" } });
    assert.deepEqual(adapter.sent.map((sent) => sent.headers["cookie"]), ["own=2", "own=2; seen=1"]);
    assert.deepEqual(session.cookies.getDict(), { seen: "1" });
  });
});

Deno.test("HTTPDigestAuth leaves a Cookie header of the caller's own alone", async () => {
  const headers: [string, string][] = [["Set-Cookie", "seen=1"]];
  await withServer(digestServer({ qop: "auth", headers }), async (session, adapter) => {
    await session.get("http://shop.test/d", { headers: { Cookie: "mine=1" } });
    assert.deepEqual(adapter.sent.map((sent) => sent.headers["cookie"]), ["mine=1", "mine=1"]);
  });
});

for (const [status, expected] of [[200, 1], [302, 1], [400, 2], [403, 2], [500, 1]] as const) {
  Deno.test(`HTTPDigestAuth sends ${expected} requests for a challenge with status ${status}`, async () => {
    const answer = (): Answer => ({ status, headers: { "www-authenticate": 'Digest realm="r", nonce="n"' } });
    await withServer(answer, async (session, adapter) => {
      assert.equal((await session.get("http://shop.test/d")).statusCode, status);
      assert.equal(adapter.sent.length, expected);
    });
  });
}

Deno.test("HTTPDigestAuth sends a replayable stream again, and hashes it for auth-int", async () => {
  for (const qop of ["auth", "auth-int"]) {
    await withServer(digestServer({ qop }), async (session, adapter) => {
      for (let index = 0; index < 2; index++) {
        const response = await session.post("http://shop.test/d", { data: new Blob(["0123456789"]) });
        assert.equal(response.statusCode, 200);
      }
      assert.deepEqual(adapter.sent.map(({ body }) => body), Array(3).fill("0123456789"));
    });
  }
});

Deno.test("HTTPDigestAuth throws when the body can be read only once, and has credentials for the next one", async () => {
  await withServer(digestServer({ qop: "auth" }), async (session, adapter) => {
    const post = () => session.post("http://shop.test/d", { data: new Blob(["once"]).stream() });
    await assert.rejects(post, (error) => {
      assert(error instanceof UnrewindableBodyError);
      assert.equal(error.response?.statusCode, 401);
      assert.equal(error.request?.url, "http://shop.test/d");
      return true;
    });
    assert.equal((await post()).statusCode, 200);
    assert.equal(adapter.sent.length, 2);
  });
});

Deno.test("HTTPDigestAuth throws when auth-int asks for the hash of a body that can be read only once", async () => {
  await withServer(digestServer({ qop: "auth-int" }), async (session) => {
    await session.post("http://shop.test/d", { data: "known" });
    const data = new Blob(["once"]).stream();
    await assert.rejects(() => session.post("http://shop.test/d", { data }), UnrewindableBodyError);
  });
});

Deno.test("HTTPDigestAuth leaves no body open when the answer cannot be sent", async () => {
  const challenge: Answer = { status: 401, headers: { "www-authenticate": 'Digest realm="r", nonce="n"' } };
  await withServer([challenge], async (session) => {
    await assert.rejects(() => session.get("http://shop.test/d", { stream: true }), /No answer is left/);
  });
});

Deno.test("HTTPDigestAuth counts each server on its own", async () => {
  const servers = [digestServer({ qop: "auth", nonces: ["a"] }), digestServer({ qop: "auth", nonces: ["b"] })];
  await withServer((sent) => servers[sent.url!.includes("one") ? 0 : 1]!(sent), async (session, adapter) => {
    for (const host of ["one", "two", "one", "two"]) {
      assert.equal((await session.get(`http://${host}.test/`)).statusCode, 200);
    }
    assert.deepEqual(authorizations(adapter).map((fields) => fields && `${fields["nonce"]}${fields["nc"]}`), [
      null,
      "a00000001",
      null,
      "b00000001",
      "a00000002",
      "b00000002",
    ]);
  });
});

Deno.test("HTTPDigestAuth stays within the domain of the challenge", async () => {
  await withServer(digestServer({ qop: "auth", challenge: ', domain="/in"' }), async (session, adapter) => {
    for (const path of ["/in/a", "/in/b", "/out"]) {
      assert.equal((await session.get(`http://shop.test${path}`)).statusCode, 200);
    }
    assert.deepEqual(authorizations(adapter).map((fields) => fields !== null), [false, true, true, false, true]);
  });
});

Deno.test("HTTPDigestAuth answers anew after a redirect on the same server", async () => {
  const server = digestServer({ qop: "auth" });
  const answer = (sent: Sent): Answer => {
    const reply = server(sent);
    const isStart = reply.status === undefined && sent.url!.endsWith("/start");
    return isStart ? { status: 302, headers: { location: "/end" } } : reply;
  };
  await withServer(answer, async (session, adapter) => {
    const response = await session.get("http://shop.test/start");
    assert.equal(response.text, "welcome /end");
    assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [302]);
    assert.deepEqual(authorizations(adapter).map((fields) => fields && fields["uri"]), [null, "/start", null, "/end"]);
  });
});

Deno.test("HTTPDigestAuth does not answer another host that a redirect leads to", async () => {
  const server = digestServer({ qop: "auth" });
  const answer = (sent: Sent): Answer =>
    sent.url!.startsWith("http://shop.test")
      ? { status: 302, headers: { location: "http://evil.test/" } }
      : server(sent);
  await withServer(answer, async (session, adapter) => {
    const response = await session.get("http://shop.test/");
    assert.equal(response.statusCode, 401);
    assert.deepEqual(authorizations(adapter), [null, null]);
  });
});

Deno.test("HTTPDigestAuth answers the same host by https", async () => {
  const server = digestServer({ qop: "auth" });
  const answer = (sent: Sent): Answer =>
    sent.url!.startsWith("http:") ? { status: 308, headers: { location: "https://shop.test/" } } : server(sent);
  await withServer(answer, async (session) => {
    assert.equal((await session.get("http://shop.test/")).statusCode, 200);
  });
});

Deno.test("HTTPDigestAuth calls the caller's hooks with the final response only", async () => {
  await withServer(digestServer({ qop: "auth" }), async (session) => {
    const seen: number[] = [];
    await session.get("http://shop.test/", { hooks: { response: (response) => void seen.push(response.statusCode) } });
    assert.deepEqual(seen, [200]);
  });
});

Deno.test("HTTPDigestAuth works when the caller changes the URL of a prepared request", async () => {
  await withServer(digestServer({ qop: "auth" }), async (session, adapter) => {
    const request = session.prepareRequest(new Request("GET", "http://shop.test/a"));
    request.url = "http://other.test/b";
    assert.equal((await session.send(request)).statusCode, 200);
    assert.equal(adapter.sent[1]!.url, "http://other.test/b");
  });
});

Deno.test("HTTPDigestAuth sets elapsed of the answer", async () => {
  await withServer(digestServer({ qop: "auth" }), async (session) => {
    const response = await session.get("http://shop.test/");
    assert(response.elapsed > 0);
    assert(response.history[0]!.elapsed > 0);
  });
});

Deno.test("HTTPDigestAuth serves concurrent requests, each with a count of its own", async () => {
  await withServer(digestServer({ qop: "auth" }), async (session, adapter) => {
    await session.get("http://shop.test/");
    const paths = ["/a", "/b", "/c", "/d"];
    const responses = await Promise.all(paths.map((path) => session.get(`http://shop.test${path}`)));
    assert.deepEqual(responses.map(({ statusCode }) => statusCode), [200, 200, 200, 200]);
    assert.deepEqual(authorizations(adapter).slice(2).map((fields) => fields && fields["nc"]), [
      "00000002",
      "00000003",
      "00000004",
      "00000005",
    ]);
  });
});

Deno.test("HTTPDigestAuth.equals() compares class and credentials", () => {
  const auth = new HTTPDigestAuth("ann", "secret");
  assert(auth.equals(new HTTPDigestAuth("ann", "secret")));
  assert(!auth.equals(new HTTPDigestAuth("ann", "other")));
  assert(!auth.equals(["ann", "secret"]));
});

Deno.test("HTTPDigestAuth does not show its password when it is logged", () => {
  assert(!Deno.inspect(new HTTPDigestAuth("ann", "hunter2"), { showHidden: true }).includes("hunter2"));
});
