import assert from "node:assert/strict";
import { ConnectionError, ProxyError } from "../../../client/errors.ts";
import { connectBySocks, looksUpLocally } from "../../../client/wire/socks.ts";
import { bytesOf } from "../raw_server.ts";
import { ScriptedTransport } from "./scripted_transport.ts";

const REQUEST = { host: "shop.test", port: 443, what: "GET https://shop.test/" };
/** Words of the target, which must be left on the connection. */
const REST = [...bytesOf("rest")];
const REPLY5 = [5, 0, 0, 1, 127, 0, 0, 1, 4, 56];

/** The bytes that reach a proxy. */
async function said(proxy: string, address: string, answer: number[]): Promise<number[]> {
  const transport = new ScriptedTransport([...answer, ...REST]);
  await connectBySocks(transport, address, { ...REQUEST, proxy });
  assert.deepEqual([...transport.unread], REST);
  return transport.written;
}

Deno.test("connectBySocks() sends names, IPv4 and IPv6 addresses in SOCKS 5", async () => {
  const hello = [5, 1, 0];
  const proxy = "socks5h://proxy.test";
  const answer = [5, 0, ...REPLY5];
  const table: [string, number[]][] = [
    ["shop.test", [3, 9, ...bytesOf("shop.test")]],
    ["192.0.2.7", [1, 192, 0, 2, 7]],
    ["2001:db8::7", [4, 0x20, 1, 0xd, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7]],
  ];
  for (const [address, bytes] of table) {
    assert.deepEqual(await said(proxy, address, answer), [...hello, 5, 1, 0, ...bytes, 1, 187], address);
  }
});

Deno.test("connectBySocks() reads the bound address of every type to its end, and no further", async () => {
  for (const bound of [[1, 1, 2, 3, 4], [3, 3, 97, 98, 99], [4, ...Array<number>(16).fill(9)]]) {
    await said("socks5://proxy.test", "192.0.2.7", [5, 0, 5, 0, 0, ...bound, 0, 80]);
  }
});

Deno.test("connectBySocks() logs in with user and password of the URL, percent-decoded", async () => {
  const proxy = "socks5h://us%C3%A9r:p%40ss%3A@proxy.test:1080";
  const user = new TextEncoder().encode("usér");
  const login = [1, user.length, ...user, 5, ...bytesOf("p@ss:")];
  const target = [5, 1, 0, 1, 192, 0, 2, 7, 1, 187];
  assert.deepEqual(await said(proxy, "192.0.2.7", [5, 2, 1, 0, ...REPLY5]), [5, 2, 0, 2, ...login, ...target]);
  // A proxy may do without them.
  assert.deepEqual(await said(proxy, "192.0.2.7", [5, 0, ...REPLY5]), [5, 2, 0, 2, ...target]);
  // A user name alone has an empty password.
  const alone = await said("socks5h://me@proxy.test", "192.0.2.7", [5, 2, 1, 0, ...REPLY5]);
  assert.deepEqual(alone, [5, 2, 0, 2, 1, 2, 109, 101, 0, ...target]);
});

Deno.test("connectBySocks() sends an address in SOCKS 4, and a name in SOCKS 4a", async () => {
  const answer = [0, 90, 0, 0, 0, 0, 0, 0];
  const head = [4, 1, 1, 187];
  assert.deepEqual(await said("socks4://proxy.test", "192.0.2.7", answer), [...head, 192, 0, 2, 7, 0]);
  assert.deepEqual(await said("socks4://me@proxy.test", "192.0.2.7", answer), [...head, 192, 0, 2, 7, 109, 101, 0]);
  const named = [...head, 0, 0, 0, 1, 109, 101, 0, ...bytesOf("shop.test"), 0];
  assert.deepEqual(await said("socks4a://me:ignored@proxy.test", "shop.test", answer), named);
});

Deno.test("connectBySocks() takes answers that are split anywhere", async () => {
  const table: [string, number[]][] = [
    ["socks5h://u:p@proxy.test", [5, 2, 1, 0, 5, 0, 0, 3, 3, 97, 98, 99, 0, 80]],
    ["socks4a://proxy.test", [0, 90, 1, 2, 3, 4, 5, 6]],
  ];
  for (const [proxy, answer] of table) {
    for (let piece = 1; piece <= answer.length; piece++) {
      const transport = new ScriptedTransport([...answer, ...REST], piece);
      await connectBySocks(transport, "shop.test", { ...REQUEST, proxy });
      assert.deepEqual([...transport.unread], REST);
    }
  }
});

Deno.test("connectBySocks() tells what each refusal means, and whether it is about the proxy or the target", async () => {
  const reply = (code: number) => [5, 0, 5, code, 0, 1, 0, 0, 0, 0, 0, 0];
  const four = (code: number) => [0, code, 0, 0, 0, 0, 0, 0];
  const table: [string, number[], typeof ConnectionError, RegExp][] = [
    ["socks5", reply(1), ConnectionError, /general SOCKS server failure/],
    ["socks5", reply(2), ProxyError, /not allowed by the rules/],
    ["socks5", reply(3), ConnectionError, /network unreachable/],
    ["socks5", reply(4), ConnectionError, /host unreachable/],
    ["socks5", reply(5), ConnectionError, /proxy proxy\.test:1080 to shop\.test:443: connection refused/],
    ["socks5", reply(6), ConnectionError, /TTL expired/],
    ["socks5", reply(7), ProxyError, /command CONNECT/],
    ["socks5", reply(8), ProxyError, /type of address/],
    ["socks5", reply(99), ProxyError, /unknown reply 99/],
    ["socks5", [5, 0xff], ProxyError, /Put user and password into the URL of the proxy/],
    ["socks5", [5, 2], ProxyError, /method 2, which was not offered/],
    ["socks5", [5, 1], ProxyError, /method 1, which was not offered/],
    ["socks5", [4, 0], ProxyError, /does not speak SOCKS 5/],
    ["socks5", [...bytesOf("HTTP/1.1 400 Bad Request\r\n\r\n")], ProxyError, /does not speak SOCKS 5.*byte 72/],
    ["socks5", [5, 0, 5, 0, 0, 9, 0, 0], ProxyError, /unknown type of address, 9/],
    ["socks5", [5, 0, 4, 0], ProxyError, /does not speak SOCKS 5/],
    ["socks4", four(91), ConnectionError, /rejected or failed/],
    ["socks4", four(92), ProxyError, /identd/],
    ["socks4", four(93), ProxyError, /identd/],
    ["socks4", four(7), ProxyError, /unknown reply 7/],
    ["socks4", [5, 0, 0, 0, 0, 0, 0, 0], ProxyError, /does not speak SOCKS 4/],
  ];
  for (const [scheme, answer, kind, message] of table) {
    const proxy = `${scheme}://proxy.test:1080`;
    const asking = connectBySocks(new ScriptedTransport(answer), "192.0.2.7", { ...REQUEST, proxy });
    await assert.rejects(asking, (error: Error) => {
      assert.equal(error.constructor, kind, error.message);
      assert.match(error.message, /^GET https:\/\/shop\.test\/: /);
      assert.match(error.message, message);
      return true;
    });
  }
});

Deno.test("connectBySocks() names no password when the login fails", async () => {
  const proxy = "socks5://joe:sesame@proxy.test:1080";
  for (const answer of [[5, 2, 1, 1], [5, 0xff]]) {
    await assert.rejects(
      connectBySocks(new ScriptedTransport(answer), "192.0.2.7", { ...REQUEST, proxy }),
      (error: Error) => {
        assert.ok(error instanceof ProxyError);
        assert.doesNotMatch(Deno.inspect(error), /sesame|joe/);
        return true;
      },
    );
  }
});

Deno.test("connectBySocks() notices a proxy that closes, at any byte", async () => {
  for (
    const [proxy, answer] of [
      ["socks5://u:p@proxy.test", [5, 2, 1, 0, ...REPLY5]],
      ["socks4://proxy.test", [0, 90, 0, 0, 0, 0, 0, 0]],
    ] as const
  ) {
    for (let length = 0; length < answer.length; length++) {
      const transport = new ScriptedTransport(answer.slice(0, length));
      await assert.rejects(connectBySocks(transport, "192.0.2.7", { ...REQUEST, proxy }), {
        name: "ProxyError",
        message: /closed the connection/,
      });
    }
  }
});

Deno.test("connectBySocks() refuses what the protocol has no room for", async () => {
  const long = "x".repeat(256);
  const table: [string, string, RegExp][] = [
    [`socks5://${long}:p@proxy.test`, "192.0.2.7", /255 bytes of user name/],
    [`socks5://u:${long}@proxy.test`, "192.0.2.7", /255 bytes of user name/],
    ["socks5h://proxy.test", long, /host name for SOCKS has at most 255 bytes/],
    ["socks4a://proxy.test", long, /host name for SOCKS has at most 255 bytes/],
    ["socks4://proxy.test", "2001:db8::7", /SOCKS 4 knows no IPv6/],
    ["socks4://a%00b@proxy.test", "192.0.2.7", /cannot contain NUL/],
  ];
  for (const [proxy, address, message] of table) {
    const transport = new ScriptedTransport([5, 0]);
    await assert.rejects(connectBySocks(transport, address, { ...REQUEST, proxy }), { name: "ProxyError", message });
  }
});

Deno.test("looksUpLocally() holds for names with socks4 and socks5", () => {
  for (const [scheme, local] of [["socks4", true], ["socks4a", false], ["socks5", true], ["socks5h", false]] as const) {
    assert.equal(looksUpLocally(`${scheme}://proxy.test`, "shop.test"), local, scheme);
    assert.equal(looksUpLocally(`${scheme}://proxy.test`, "192.0.2.7"), false);
    assert.equal(looksUpLocally(`${scheme}://proxy.test`, "2001:db8::7"), false);
  }
});
