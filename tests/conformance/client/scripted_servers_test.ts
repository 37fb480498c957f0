import assert from "node:assert/strict";
import { decodeLatin1, encodeLatin1 } from "../latin1.ts";
import { DeadPort } from "./dead_port.ts";
import type { JsonFields } from "./json.ts";
import { ScriptedServers } from "./scripted_servers.ts";
import { parseServerRule, type ServerName } from "./server_rule.ts";

function serve(rules: readonly JsonFields[], options: { quietMs?: number } = {}): ScriptedServers {
  const servers = new ScriptedServers(options);
  servers.setRules(rules.map(parseServerRule));
  return servers;
}

/** Sends bytes on one connection and reads until the server closes it, or as many bytes as are wanted. */
async function send(servers: ScriptedServers, text: string, want = Infinity, on: ServerName = "A"): Promise<string> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: servers.port(on) });
  for (let rest = encodeLatin1(text); rest.length > 0;) rest = rest.subarray(await conn.write(rest));
  let received = "";
  const chunk = new Uint8Array(1 << 16);
  while (received.length < want) {
    const count = await conn.read(chunk);
    if (count === null) break;
    received += decodeLatin1(chunk.subarray(0, count));
  }
  return received;
}

const GET = "GET /x?y HTTP/1.1\r\nHost: a\r\n\r\n";
const OK = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
const NO_RULE = "HTTP/1.1 404 No Rule\r\nContent-Length: 7\r\n\r\nno rule";

Deno.test("ScriptedServers answer by the first rule that fits and is not used up", async () => {
  await using servers = serve([
    { path: "/x?z", body: "no" },
    { path: "/x", on: "B", body: "no" },
    { path: "/x", method: "POST", body: "no" },
    { path: "/x?y", times: 1, body: "ok" },
    { path: "/x", times: 1, status: 203, reason: "R" },
  ]);
  const all = OK + "HTTP/1.1 203 R\r\nContent-Length: 0\r\n\r\n" + NO_RULE;
  assert.equal(await send(servers, GET + GET + GET, all.length), all);
});

Deno.test("ScriptedServers record what arrives at any of them, in order", async () => {
  await using servers = serve([{ path: "*", on: "PROXY", body: "ok" }]);
  const connect = "CONNECT shop.test:443 HTTP/1.1\r\n\r\n";
  assert.equal(await send(servers, connect, OK.length, "PROXY"), OK);
  const post = "POST /p HTTP/1.1\r\nX-One:  1 \r\nContent-Length: 3\r\nx-one: \xe9\r\n\r\nabc";
  assert.equal(await send(servers, post, NO_RULE.length), NO_RULE);
  const chunked = "PUT /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nab\r\n1\r\nc\r\n0\r\nT: 1\r\n\r\n";
  assert.equal(await send(servers, chunked, NO_RULE.length), NO_RULE);
  const seen = servers.records.map(({ server, method, target, fields, body }) => {
    return [server, method, target, fields, decodeLatin1(body)];
  });
  assert.deepEqual(seen, [
    ["PROXY", "CONNECT", "shop.test:443", [], ""],
    ["A", "POST", "/p", [["X-One", "1"], ["Content-Length", "3"], ["x-one", "\xe9"]], "abc"],
    ["A", "PUT", "/c", [["Transfer-Encoding", "chunked"]], "abc"],
  ]);
});

Deno.test("ScriptedServers close after what has no end of its own", async () => {
  const rules = [{ raw: "junk" }, { drop: true }, { no_length: true, pieces: ["a", "b"] }, {
    body: "abc",
    close_after: 1,
  }];
  const answers = ["junk", "", "HTTP/1.1 200 OK\r\n\r\nab", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\na"];
  for (const [i, rule] of rules.entries()) {
    await using servers = serve([{ path: "*", ...rule } as JsonFields]);
    assert.equal(await send(servers, GET), answers[i]);
  }
});

Deno.test("ScriptedServers close a connection on which nothing arrives", async () => {
  await using servers = serve([{ path: "*", body: "ok" }], { quietMs: 50 });
  assert.equal(await send(servers, ""), "");
  assert.equal(await send(servers, "POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nabc"), "");
  assert.equal(await send(servers, GET), OK);
  assert.equal(servers.records.length, 2);
});

Deno.test("ScriptedServers ask for Digest and note whether it was right", async () => {
  const digest = { user: "u", password: "p", realm: "r", nonce: "n", challenge_headers: [["X-C", "1"]] };
  await using servers = serve([{ path: "/d", digest, body: "ok" }, { path: "*" }]);
  const challenge = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm="r", nonce="n"\r\nX-C: 1\r\n' +
    "Content-Length: 12\r\n\r\nauthenticate";
  assert.equal(await send(servers, "GET /d HTTP/1.1\r\n\r\n", challenge.length), challenge);
  // MD5(MD5("u:r:p"):n:MD5("GET:/d"))
  const right = 'Digest username="u", realm="r", nonce="n", uri="/d", response="3ce808f964d94d8ce8131d5025746bc6"';
  const answer = await send(servers, `GET /d HTTP/1.1\r\nAuthorization: ${right}\r\n\r\n`, OK.length);
  assert.equal(answer, OK);
  await send(servers, GET, 38);
  assert.deepEqual(servers.records.map(({ digestAccepted }) => digestAccepted), [false, true, null]);
});

Deno.test("ScriptedServers wait before a late answer, but not when they are stopped", async () => {
  const servers = serve([{ path: "/x", delay: 3600 }, { path: "/soon", delay: 0.02, body: "ok" }]);
  assert.equal(await send(servers, "GET /soon HTTP/1.1\r\n\r\n", OK.length), OK);
  const waiting = send(servers, GET);
  while (servers.records.length < 2) await new Promise((resolve) => setTimeout(resolve));
  await servers.stop();
  assert.equal(await waiting, "");
});

Deno.test("ScriptedServers.stop() fails when a client sent no HTTP/1.1", async () => {
  const requests = [
    "hello\r\n",
    "GET / HTTP/1.1\r\nbad line\r\n",
    "PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n",
  ];
  for (const request of requests) {
    const servers = serve([]);
    assert.equal(await send(servers, request), "");
    await assert.rejects(servers.stop(), AggregateError);
  }
});

Deno.test("DeadPort.port refuses connections while it is kept", async () => {
  using dead = await DeadPort.take();
  await assert.rejects(Deno.connect({ hostname: "127.0.0.1", port: dead.port }), Deno.errors.ConnectionRefused);
});
