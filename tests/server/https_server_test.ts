import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { checkCertificate } from "../../server/_certificate.ts";
import {
  type BaseHTTPRequestHandler,
  HTTPSServer,
  type HTTPSServerOptions,
  selfSignedCertificate,
  ThreadingHTTPSServer,
} from "../../server/mod.ts";
import { SilentHandler } from "../helpers/silent_handler.ts";
import { tempTree } from "../helpers/temp_tree.ts";

class Echo extends SilentHandler {
  do_GET(): void {
    this.answer(`${new URL(this.request.url).protocol} ${this.path}`);
  }
}

const own = await selfSignedCertificate();
const other = await selfSignedCertificate();
const encrypted = createPrivateKey(own.key).export({
  type: "pkcs8",
  format: "pem",
  cipher: "aes-256-cbc",
  passphrase: "the password",
}) as string;

/** Constructs a server, asks it once and closes it. */
async function ask(options: HTTPSServerOptions, Server: typeof HTTPSServer = HTTPSServer): Promise<string> {
  await using server = new Server(["127.0.0.1", 0], Echo, options);
  const serving = server.serveForever();
  using client = Deno.createHttpClient({ caCerts: [own.cert] });
  const response = await fetch(`https://localhost:${server.serverPort}/x`, { client });
  const text = await response.text();
  await server.shutdown();
  await serving;
  return text;
}

Deno.test("HTTPSServer takes chain and key from two files, from one, as text, and encrypted", async () => {
  await using files = await tempTree({
    "cert.pem": own.cert,
    "key.pem": own.key,
    "both.pem": own.key + own.cert,
    "encrypted.pem": encrypted,
  });
  const at = (name: string) => `${files.path}/${name}`;
  const choices: HTTPSServerOptions[] = [
    { certfile: at("cert.pem"), keyfile: at("key.pem") },
    { certfile: at("both.pem") },
    { certfile: new URL(`file://${at("cert.pem")}`), keyfile: at("encrypted.pem"), password: "the password" },
    { certfile: at("cert.pem"), keyfile: at("encrypted.pem"), password: () => "the password" },
    { cert: own.cert, key: own.key },
    { cert: own.cert + own.key },
    { cert: own.cert, key: encrypted, password: "the password" },
    { certfile: at("cert.pem"), key: own.key },
  ];
  for (const options of choices) assert.equal(await ask(options), "https: /x");
});

Deno.test("ThreadingHTTPSServer is an HTTPSServer that answers concurrently", async () => {
  class Meeting extends SilentHandler {
    static waiting: (() => void)[] = [];
    async do_GET(): Promise<void> {
      // No request is answered before two are there.
      await new Promise<void>((resolve) => {
        Meeting.waiting.push(resolve);
        if (Meeting.waiting.length === 2) { for (const go of Meeting.waiting) go(); }
      });
      this.answer("met");
    }
  }
  await using server = new ThreadingHTTPSServer(["127.0.0.1", 0], Meeting, { cert: own.cert, key: own.key });
  assert.ok(server instanceof HTTPSServer);
  const serving = server.serveForever();
  using client = Deno.createHttpClient({ caCerts: [own.cert] });
  const url = `https://localhost:${server.serverPort}/`;
  const texts = await Promise.all([1, 2].map(async () => (await fetch(url, { client })).text()));
  assert.deepEqual(texts, ["met", "met"]);
  await server.shutdown();
  await serving;
});

const FILES: Readonly<Record<string, string>> = {
  "cert.pem": own.cert,
  "key.pem": own.key,
  "other.pem": other.key,
  "encrypted.pem": encrypted,
  "empty.pem": "",
  "damaged.pem": own.cert.replace(/[A-Za-z0-9+/]{20}/, "AAAAAAAAAAAAAAAAAAAA"),
  "damaged_key.pem": own.key.replace(/[A-Za-z0-9+/]{20}/, "AAAAAAAAAAAAAAAAAAAA"),
};

const REFUSED: readonly (readonly [what: string, options: Record<string, string>, message: RegExp])[] = [
  [
    "a wrong password",
    { certfile: "cert.pem", keyfile: "encrypted.pem", password: "secret-guess" },
    /encrypted\.pem": the password is wrong/,
  ],
  [
    "no password",
    { certfile: "cert.pem", keyfile: "encrypted.pem" },
    /encrypted\.pem": it is encrypted, give its password/,
  ],
  [
    "an empty certificate",
    { certfile: "empty.pem", keyfile: "key.pem" },
    /empty\.pem": there is no PEM certificate in it/,
  ],
  ["an empty key", { certfile: "cert.pem", keyfile: "empty.pem" }, /empty\.pem": there is no PEM private key in it/],
  [
    "a certificate alone",
    { certfile: "cert.pem" },
    /cert\.pem": there is no PEM private key in it, give the file with the key/,
  ],
  [
    "another certificate's key",
    { certfile: "cert.pem", keyfile: "other.pem" },
    /other\.pem": it does not belong to the certificate ".*cert\.pem"/,
  ],
  ["a damaged certificate", { certfile: "damaged.pem", keyfile: "key.pem" }, /damaged\.pem": it is damaged/],
  [
    "a damaged key",
    { certfile: "cert.pem", keyfile: "damaged_key.pem" },
    /damaged_key\.pem": it is damaged, or of an unknown kind/,
  ],
  ["a missing file", { certfile: "missing.pem" }, /missing\.pem": there is no such file/],
];

for (const [what, options, message] of REFUSED) {
  Deno.test(`HTTPSServer refuses ${what} when it is made, and names the file`, async () => {
    await using files = await tempTree(FILES);
    const given = Object.fromEntries(
      Object.entries(options).map(([name, value]) => [name, name === "password" ? value : `${files.path}/${value}`]),
    );
    assert.throws(() => new HTTPSServer(["127.0.0.1", 0], Echo, given), (error) => {
      assert.match((error as Error).message, message);
      assert.doesNotMatch((error as Error).message, /secret-guess|BEGIN/);
      return true;
    });
  });
}

Deno.test("HTTPSServer needs a certificate, a TCP address, and the protocols that there are", () => {
  const make = (options: HTTPSServerOptions, address: readonly [string, number] | string = ["127.0.0.1", 0]) => () =>
    new HTTPSServer(address, SilentHandler as typeof BaseHTTPRequestHandler, { bindAndActivate: false, ...options });
  assert.throws(make({}), /give certfile, or cert and key/);
  assert.throws(make(own, "/tmp/x.sock"), /Cannot speak HTTPS over the Unix socket "\/tmp\/x\.sock"/);
  assert.throws(make({ ...own, alpnProtocols: ["http/1.1"] }), /Cannot offer only http\/1\.1/);
  assert.deepEqual(make({ ...own, alpnProtocols: ["http/1.1", "h2"] })().alpnProtocols, ["h2", "http/1.1"]);
});

Deno.test("checkCertificate() gives the whole chain and a key in the clear", () => {
  const pem = { text: `text before\n${own.cert}\n${other.cert}${encrypted}`, name: "chain" };
  const { cert, key } = checkCertificate({ cert: pem, key: pem, password: "the password" });
  assert.equal(cert.match(/BEGIN CERTIFICATE/g)!.length, 2);
  assert.match(key, /^-----BEGIN PRIVATE KEY-----/);
});
