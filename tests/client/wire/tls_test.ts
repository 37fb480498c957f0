import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { NotSupportedError, SSLError } from "../../../client/errors.ts";
import { DenoTransport } from "../../../client/wire/deno_transport.ts";
import {
  checkNodeTls,
  isTlsFailure,
  loadTls,
  optionForNode,
  startTls,
  type TlsSettings,
} from "../../../client/wire/tls.ts";
import type { Transport } from "../../../client/wire/transport.ts";
import { tempTree } from "../../helpers/temp_tree.ts";
import { Authority, type Identity, selfSigned } from "./authority.ts";
import { TlsPeer } from "./tls_peer.ts";

const PLAIN: TlsSettings = { verify: true, cert: null, minimumVersion: null, peerCertificate: false };
const WHAT = "GET https://test/";

const authority = await Authority.create("test CA");
const stranger = await Authority.create("another CA");
const valid = await authority.issue();

async function connect(peer: TlsPeer, settings: Partial<TlsSettings>, host = "localhost"): Promise<Transport> {
  const tls = await loadTls({ ...PLAIN, ...settings });
  const below = await DenoTransport.connect("127.0.0.1", peer.port, new AbortController().signal);
  return await startTls(below, host, tls, WHAT);
}

/** Sends a word and gives what comes back: the peer repeats it in capitals. */
async function exchange(transport: Transport): Promise<string> {
  await transport.write(new TextEncoder().encode("hello"));
  const buffer = new Uint8Array(100);
  const count = await transport.read(buffer);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0));
}

/** The error of a handshake; nothing may have reached the peer. */
async function refusal(peer: TlsPeer, settings: Partial<TlsSettings>, host?: string): Promise<SSLError> {
  const error = await connect(peer, settings, host).then(
    (transport) => (transport.close(), assert.fail("the connection was opened")),
    (error) => error,
  );
  await peer.idle();
  assert.deepEqual(peer.received, []);
  assert.ok(error instanceof SSLError, String(error));
  return error;
}

function caFiles() {
  return tempTree({ "ca.pem": authority.cert, "other.pem": stranger.cert });
}

Deno.test("startTls() with a path trusts the certificates in it, and tells what it knows", async () => {
  await using files = await caFiles();
  await using peer = await TlsPeer.start(valid);
  for (const host of ["localhost", "localhost.", "127.0.0.1"]) {
    const transport = await connect(peer, { verify: `${files.path}/ca.pem` }, host);
    assert.equal(await exchange(transport), "HELLO");
    const { peerCertificate, ...tls } = transport.tls!;
    assert.equal(tls.protocol, "TLSv1.3");
    assert.match(tls.cipher!, /^TLS_/);
    assert.equal(tls.alpnProtocol, null);
    assert.equal(tls.authorized, true);
    assert.equal(peerCertificate!.subject.CN, "test");
    assert.equal(peerCertificate!.issuer.CN, "test CA");
    assert.deepEqual(peerCertificate!.subjectAltNames, ["DNS:localhost", "IP Address:127.0.0.1"]);
    assert.ok(Date.parse(peerCertificate!.validFrom) < Date.now() && Date.now() < Date.parse(peerCertificate!.validTo));
    const digest = new Uint8Array(
      await crypto.subtle.digest("SHA-256", peerCertificate!.raw as Uint8Array<ArrayBuffer>),
    );
    assert.equal(peerCertificate!.fingerprint256.replaceAll(":", ""), digest.toHex().toUpperCase());
    assert.match(peerCertificate!.serialNumber, /^01[0-9A-F]{30}$/);
    transport.close();
  }
});

Deno.test("startTls() with a folder or a bundle trusts every certificate in it", async () => {
  await using files = await tempTree({
    "folder/a.pem": stranger.cert,
    "folder/b.pem": authority.cert,
    "folder/notes.txt": "no certificate",
    "bundle.pem": `first\n${stranger.cert}second\n${authority.cert}`,
  });
  await using peer = await TlsPeer.start(valid);
  for (const verify of [`${files.path}/folder`, `${files.path}/bundle.pem`]) {
    const transport = await connect(peer, { verify });
    assert.equal(await exchange(transport), "HELLO");
    transport.close();
  }
});

Deno.test("startTls() refuses what is wrong with a certificate, before anything is sent", async () => {
  await using files = await tempTree({ "ca.pem": authority.cert, "other.pem": stranger.cert });
  const table: [string, Identity, string, RegExp][] = [
    ["another authority", valid, "other.pem", /UNABLE_TO_|SELF_SIGNED/],
    [
      "another host",
      await authority.issue({ hosts: ["elsewhere.test", "127.0.0.2"] }),
      "ca.pem",
      /not valid for name ".*"; it is valid for "elsewhere\.test", "127\.0\.0\.2"/,
    ],
    ["no host but the common name", await authority.issue({ hosts: [], name: "localhost" }), "ca.pem", /names no host/],
    ["expired", await authority.issue({ days: [-3, -1] }), "ca.pem", /EXPIRED|UNABLE_TO_|expired/],
    ["not yet valid", await authority.issue({ days: [1, 3] }), "ca.pem", /NOT_YET|UNABLE_TO_/],
    ["self-signed", await selfSigned(), "ca.pem", /SELF_SIGNED|UNABLE_TO_/],
    ["a client's", await authority.issue({ client: true }), "ca.pem", /PURPOSE|UNABLE_TO_/],
  ];
  for (const [what, identity, file, message] of table) {
    await using peer = await TlsPeer.start(identity);
    for (const host of ["localhost", "127.0.0.1"]) {
      const error = await refusal(peer, { verify: `${files.path}/${file}` }, host);
      assert.match(error.message, message, what);
      assert.match(error.message, new RegExp(`^GET https://test/: TLS with ${host}: `), what);
    }
    // Deno's own TLS, and that of Node with the roots of Deno.
    for (const settings of [{}, { peerCertificate: true }, { minimumVersion: "TLSv1.2" } as const]) {
      await refusal(peer, settings);
    }
  }
});

Deno.test("startTls() with false takes any certificate, and says that it was not checked", async () => {
  for (const identity of [valid, await selfSigned({ hosts: ["elsewhere.test"], days: [-3, -1] })]) {
    await using peer = await TlsPeer.start(identity);
    const transport = await connect(peer, { verify: false });
    assert.equal(transport.tls!.authorized, false);
    assert.equal(await exchange(transport), "HELLO");
    transport.close();
  }
});

Deno.test("startTls() trusts a self-signed certificate that is named itself", async () => {
  const identity = await selfSigned();
  await using files = await tempTree({ "self.pem": identity.cert });
  await using peer = await TlsPeer.start(identity);
  const transport = await connect(peer, { verify: `${files.path}/self.pem` });
  assert.equal(transport.tls!.authorized, true);
  transport.close();
});

Deno.test("startTls() sends the name of the host, and never an address", async () => {
  await using files = await caFiles();
  await using peer = await TlsPeer.start(valid);
  for (const settings of [{ verify: `${files.path}/ca.pem` }, { verify: false }]) {
    for (const [host, expected] of [["localhost", "localhost"], ["127.0.0.1", null]] as const) {
      const transport = await connect(peer, settings, host);
      await exchange(transport);
      transport.close();
      assert.equal(peer.serverNames.at(-1), expected);
    }
  }
});

Deno.test("loadTls() names the file of verify that cannot be used", async () => {
  await using files = await tempTree({
    "notes.txt": "nothing",
    "cut.pem": authority.cert.slice(0, 200),
    "bad.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "empty/": "",
  });
  await using peer = await TlsPeer.start(valid);
  for (const name of ["none.pem", "notes.txt", "cut.pem", "bad.pem", "empty"]) {
    const error = await refusal(peer, { verify: `${files.path}/${name}` });
    assert.match(error.message, new RegExp(`${files.path}/${name}`));
  }
});

Deno.test("startTls() shows a client certificate: PEM in one file and in two, with an encrypted key", async () => {
  const client = await authority.issue({ client: true, name: "client" });
  const key = createPrivateKey(client.key);
  const encrypt = (type: "pkcs8" | "sec1") =>
    String(key.export({ type, format: "pem", cipher: "aes-256-cbc", passphrase: "sesame" }));
  await using files = await tempTree({
    "ca.pem": authority.cert,
    "client.pem": client.cert,
    "client.key": client.key,
    "both.pem": client.key + client.cert,
    "encrypted.key": encrypt("pkcs8"),
  });
  const at = (name: string) => `${files.path}/${name}`;
  await using peer = await TlsPeer.start(valid, { ca: authority.cert });
  const certs = [
    at("both.pem"),
    [at("client.pem"), at("client.key")] as const,
    [at("client.pem"), at("client.key"), "not needed"] as const,
    [at("client.pem"), at("encrypted.key"), "sesame"] as const,
  ];
  for (const cert of certs) {
    for (const verify of [at("ca.pem"), false]) {
      const transport = await connect(peer, { verify, cert });
      assert.equal(await exchange(transport), "HELLO");
      transport.close();
      assert.equal(peer.clients.at(-1), "client");
    }
  }
});

Deno.test("loadTls() names the file of cert that cannot be used, and no password", async () => {
  const client = await authority.issue({ client: true });
  const other = await authority.issue({ client: true });
  const encrypted = createPrivateKey(client.key)
    .export({ type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "right" });
  await using files = await tempTree({
    "client.pem": client.cert,
    "other.key": other.key,
    "encrypted.key": String(encrypted),
    "notes.txt": "nothing",
    "bad.pem": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    "bad.key": "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    "bad.p12": Uint8Array.of(0x30, 3, 2, 1, 3),
  });
  const at = (name: string) => `${files.path}/${name}`;
  await using peer = await TlsPeer.start(valid);
  const table: [TlsSettings["cert"], string, RegExp][] = [
    [at("none.pem"), "none.pem", /invalid path/],
    [at("client.pem"), "client.pem", /holds no private key/],
    [at("notes.txt"), "notes.txt", /holds no certificate/],
    [[at("client.pem"), at("none.key")], "none.key", /invalid path/],
    [[at("client.pem"), at("other.key")], "other.key", /is not the one of the certificate in/],
    [[at("client.pem"), at("bad.key")], "bad.key", /cannot be used/],
    [[at("bad.pem"), at("other.key")], "bad.pem", /cannot be used/],
    [[at("client.pem"), at("encrypted.key")], "encrypted.key", /Pass \[certificate, key, password\]/],
    [[at("client.pem"), at("encrypted.key"), "sesame"], "encrypted.key", /Is the password right/],
    [at("bad.p12"), "bad.p12", /cannot be used/],
    [{ pfx: at("bad.p12"), password: "sesame" }, "bad.p12", /Is the password right/],
    [{ pfx: at("client.pem") }, "client.pem", /no PKCS #12/],
    [{ pfx: at("none.p12") }, "none.p12", /invalid path/],
    [[at("bad.p12"), at("other.key")], "bad.p12", /binary file/],
  ];
  for (const [cert, file, message] of table) {
    const error = await refusal(peer, { verify: false, cert });
    assert.match(error.message, message);
    assert.ok(error.message.includes(at(file)), error.message);
    assert.doesNotMatch(Deno.inspect(error), /sesame/);
  }
});

Deno.test("startTls() is refused with the first read when a client certificate is missing", async () => {
  await using files = await caFiles();
  await using peer = await TlsPeer.start(valid, { ca: authority.cert });
  const transport = await connect(peer, { verify: `${files.path}/ca.pem` });
  await assert.rejects(exchange(transport), (error) => isTlsFailure(error));
  transport.close();
});

Deno.test("startTls() keeps to a minimum version", async () => {
  await using files = await caFiles();
  await using old = await TlsPeer.start(valid, { maxVersion: "TLSv1.2" });
  const verify = `${files.path}/ca.pem`;
  const transport = await connect(old, { verify, minimumVersion: "TLSv1.2" });
  assert.equal(transport.tls!.protocol, "TLSv1.2");
  assert.equal(await exchange(transport), "HELLO");
  transport.close();
  await using other = await TlsPeer.start(valid, { maxVersion: "TLSv1.2" });
  const error = await refusal(other, { verify, minimumVersion: "TLSv1.3" });
  assert.match(error.message, /knows no version of TLS that this client accepts/);
});

Deno.test("startTls() raises SSLError for a peer that does not speak TLS", async () => {
  for (const verify of [true, false]) {
    await using server = new PlainPeer("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    const below = await DenoTransport.connect("127.0.0.1", server.port, new AbortController().signal);
    await assert.rejects(startTls(below, "localhost", await loadTls({ ...PLAIN, verify }), WHAT), {
      name: "SSLError",
      message: /TLS with localhost: .*Does the server speak plain HTTP on this port\?$/,
    });
  }
});

Deno.test("startTls() raises SSLError for a peer that closes during the handshake", async () => {
  for (const verify of [true, false]) {
    await using server = new PlainPeer("");
    const below = await DenoTransport.connect("127.0.0.1", server.port, new AbortController().signal);
    await assert.rejects(startTls(below, "localhost", await loadTls({ ...PLAIN, verify }), WHAT), {
      name: "SSLError",
      message: /TLS with localhost: /,
    });
  }
});

Deno.test("a transport of node:tls moves large amounts both ways, and slow readers hold the peer up", async () => {
  await using peer = await TlsPeer.start(valid);
  const transport = await connect(peer, { verify: false });
  const total = 8 * 2 ** 20;
  const sending = (async () => {
    const piece = new Uint8Array(100_000).fill(97);
    for (let sent = 0; sent < total;) sent += await transport.write(piece.subarray(0, total - sent));
  })();
  let got = 0;
  for (const buffer = new Uint8Array(30_000); got < total;) {
    const count = await transport.read(buffer);
    assert.ok(count !== null && count > 0);
    assert.ok(buffer.subarray(0, count).every((byte) => byte === 65));
    got += count;
  }
  await sending;
  transport.close();
  assert.equal(got, total);
});

Deno.test("a transport of node:tls gives what came before the end, and null at the end", async () => {
  await using peer = await TlsPeer.start(valid, { say: "the end" });
  const transport = await connect(peer, { verify: false });
  const buffer = new Uint8Array(3);
  let text = "";
  for (let count; (count = await transport.read(buffer)) !== null;) {
    text += new TextDecoder().decode(buffer.subarray(0, count));
  }
  assert.equal(text, "the end");
  assert.equal(await transport.read(buffer), null);
  transport.close();
  transport.close();
});

Deno.test("a pending read of a TLS transport ends when it is closed", async () => {
  await using files = await caFiles();
  await using peer = await TlsPeer.start(valid);
  for (const verify of [`${files.path}/ca.pem`, false]) {
    const transport = await connect(peer, { verify });
    const reading = transport.read(new Uint8Array(10)).then((count) => assert.equal(count, null), () => {});
    transport.close();
    await reading;
    await assert.rejects(transport.write(new Uint8Array(1)));
  }
});

Deno.test("optionForNode() tells what Deno's own TLS cannot do", () => {
  assert.equal(optionForNode(PLAIN), null);
  assert.equal(optionForNode({ ...PLAIN, verify: false }), "verify");
  assert.equal(optionForNode({ ...PLAIN, verify: "ca.pem" }), "verify");
  assert.equal(optionForNode({ ...PLAIN, cert: "client.pem" }), "cert");
  assert.equal(optionForNode({ ...PLAIN, minimumVersion: "TLSv1.3" }), "minimumVersion");
  assert.equal(optionForNode({ ...PLAIN, peerCertificate: true }), "peerCertificate");
});

Deno.test("checkNodeTls() refuses versions of Deno whose node:tls is not safe, naming the option", () => {
  for (const version of ["2.8.0", "2.8.3", "2.9.6", "2.10.0", "3.0.0"]) checkNodeTls("verify", version);
  for (const version of ["2.7.14", "2.5.0", "1.46.3", undefined]) {
    assert.throws(() => checkNodeTls("verify", version), (error: Error) => {
      assert.ok(error instanceof NotSupportedError && error.option === "verify");
      assert.match(error.message, /^verify: this needs node:tls as Deno 2\.8 and later have it/);
      return true;
    });
  }
});

/** A server without TLS: it answers the first bytes with a text and closes. */
class PlainPeer implements AsyncDisposable {
  readonly port: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;

  constructor(answer: string) {
    this.port = this.#listener.addr.port;
    this.#serving = (async () => {
      for await (const connection of this.#listener) {
        await connection.read(new Uint8Array(1000));
        await connection.write(new TextEncoder().encode(answer));
        connection.close();
      }
    })();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
  }
}
