import assert from "node:assert/strict";
import { ProxyError } from "../../../client/errors.ts";
import { openTunnel } from "../../../client/wire/proxy_tunnel.ts";
import { bytesOf } from "../raw_server.ts";
import { ScriptedTransport } from "./scripted_transport.ts";

const REQUEST = { proxy: "http://proxy.test:3128", host: "shop.test", port: 443, what: "GET https://shop.test/" };

async function ask(answer: string, request: Partial<typeof REQUEST> = {}, piece = Infinity): Promise<string> {
  const transport = new ScriptedTransport(bytesOf(answer), piece);
  await openTunnel(transport, { ...REQUEST, ...request });
  return String.fromCharCode(...transport.written);
}

function refusal(answer: string, request: Partial<typeof REQUEST> = {}): Promise<ProxyError> {
  return ask(answer, request).then(
    () => assert.fail("the tunnel was taken for open"),
    (error) => {
      assert.ok(error instanceof ProxyError, String(error));
      assert.match(error.message, /^GET https:\/\/shop\.test\/: proxy proxy\.test:3128: /);
      return error;
    },
  );
}

Deno.test("openTunnel() sends target, Host and credentials, and nothing else", async () => {
  const ok = "HTTP/1.1 200 Connection established\r\n\r\n";
  assert.equal(await ask(ok), "CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\n\r\n");
  assert.equal(
    await ask(ok, { proxy: "http://joe:p%40ss@proxy.test:3128" }),
    "CONNECT shop.test:443 HTTP/1.1\r\nHost: shop.test:443\r\nProxy-Authorization: Basic am9lOnBAc3M=\r\n\r\n",
  );
  assert.equal(
    await ask(ok, { host: "2001:db8::7", port: 8443 }),
    "CONNECT [2001:db8::7]:8443 HTTP/1.1\r\nHost: [2001:db8::7]:8443\r\n\r\n",
  );
});

Deno.test("openTunnel() takes any 2xx of HTTP/1.0 and HTTP/1.1, split anywhere", async () => {
  const answers = [
    "HTTP/1.0 200 OK\r\n\r\n",
    "HTTP/1.1 200\r\n\r\n",
    "HTTP/1.1 204 No Content\r\nVia: test\r\n\r\n",
    // RFC 9110 §9.3.6: these fields do not count here.
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
  ];
  for (const answer of answers) {
    for (let piece = 1; piece <= answer.length; piece++) await ask(answer, {}, piece);
  }
});

Deno.test("openTunnel() raises ProxyError with the status of a refusal", async () => {
  for (const version of ["1.0", "1.1"]) {
    for (const [status, reason] of [[403, "Forbidden"], [502, "Bad Gateway"], [302, "Found"], [400, ""]] as const) {
      const error = await refusal(`HTTP/${version} ${status} ${reason}\r\nContent-Length: 4\r\n\r\nbody`);
      assert.equal(error.statusCode, status);
      assert.match(error.message, new RegExp(`Tunnel connection failed: ${status} ?${reason}$`));
    }
  }
});

Deno.test("openTunnel() tells what to do about 407, and no password", async () => {
  const answer = "HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n";
  const without = await refusal(answer);
  assert.equal(without.statusCode, 407);
  assert.match(without.message, /407 Proxy Authentication Required\. Put user and password into the URL/);
  const wrong = await refusal(answer, { proxy: "http://joe:sesame@proxy.test:3128" });
  assert.match(wrong.message, /does not accept user and password/);
  assert.doesNotMatch(Deno.inspect(wrong), /sesame|joe/);
});

Deno.test("openTunnel() raises ProxyError for a proxy that closes, at any byte", async () => {
  const answer = "HTTP/1.1 200 OK\r\nVia: test\r\n\r\n";
  for (let length = 0; length < answer.length; length++) {
    assert.equal((await refusal(answer.slice(0, length))).statusCode, null);
  }
  assert.match((await refusal("")).message, /closed the connection instead of opening the tunnel/);
});

Deno.test("openTunnel() raises ProxyError for what is no HTTP, and for interim responses without end", async () => {
  for (const answer of ["SSH-2.0-OpenSSH\r\n", "HTTP/2 200\r\n\r\n", "\x05\x00", "HTTP/1.1 abc\r\n\r\n"]) {
    assert.equal((await refusal(answer)).statusCode, null);
  }
  assert.match((await refusal("SSH-2.0-OpenSSH\r\n")).message, /SSH-2\.0/);
  assert.match((await refusal("HTTP/1.1 100 Continue\r\n\r\n".repeat(40))).message, /without end/);
  assert.match((await refusal("HTTP/1.1 101 Switching Protocols\r\n\r\n")).message, /closed the connection/);
});

Deno.test("openTunnel() refuses bytes that come before the tunnel is used", async () => {
  const error = await refusal("HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 200 OK\r\n\r\n");
  assert.match(error.message, /19 bytes more than an answer/);
});
