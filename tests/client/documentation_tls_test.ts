// What the documentation of requests says about certificates, sentence by sentence. Where this port differs on purpose the
// test holds it to what it does here, and says so.
import assert from "node:assert/strict";
import { createPrivateKey } from "node:crypto";
import { createServer } from "node:tls";
import { get, RequestException, Session, SSLError } from "../../client/mod.ts";
import { tempTree } from "../helpers/temp_tree.ts";
import { clientProcess } from "./client_process.ts";
import { ok, RawServer } from "./raw_server.ts";
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from "./tls_material.ts";

/** Of a server that calls itself shop.test; valid until 2126, and signed by itself. */
const SHOP_CERT = `-----BEGIN CERTIFICATE-----
MIIBuDCCAV2gAwIBAgIUFygiPehUiVpQdpIWsF7IWSFA4HcwCgYIKoZIzj0EAwIw
HDEaMBgGA1UEAwwRaHR0cGtpdCB0ZXN0IHNob3AwIBcNMjYxMTI0MDQ0NDUzWhgP
MjEyNjEwMzEwNDQ0NTNaMBwxGjAYBgNVBAMMEWh0dHBraXQgdGVzdCBzaG9wMFkw
EwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE1YmvsFLGwEusmVJVIei1lkrGDT8zSKjt
pjB5n0JUTc5KcPRshzGFGxqBXpKYq+1e51/zseIXyufV/K/58UWCbKN7MHkwHQYD
VR0OBBYEFIbvyv9oJn53YDrE4WWxwftP/Bv5MB8GA1UdIwQYMBaAFIbvyv9oJn53
YDrE4WWxwftP/Bv5MBQGA1UdEQQNMAuCCXNob3AudGVzdDAMBgNVHRMBAf8EAjAA
MBMGA1UdJQQMMAoGCCsGAQUFBwMBMAoGCCqGSM49BAMCA0kAMEYCIQCmbCnOUK0R
qSbicIRbgBXx2KrwXZJ7RLFCb0GBtGotJgIhALykrySFiBXJtiVss5fsNUbjluVu
hBFkPYyJ8ZsKBbV/
-----END CERTIFICATE-----
`;
const SHOP_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgdQsHrcZwTjKG5dDm
ybty9cD810Sj+MTalYndkPOZhKOhRANCAATVia+wUsbAS6yZUlUh6LWWSsYNPzNI
qO2mMHmfQlRNzkpw9GyHMYUbGoFekpir7V7nX/Ox4hfK59X8r/nxRYJs
-----END PRIVATE KEY-----
`;

const secureServer = (cert = SERVER_CERT, key = SERVER_KEY) =>
  new RawServer(() => ok("secure"), { tls: { cert, key } });

/** A server that answers with the name on the client's certificate. */
async function askingServer(): Promise<{ readonly url: string } & AsyncDisposable> {
  const server = createServer(
    { cert: SERVER_CERT, key: SERVER_KEY, ca: CA, requestCert: true, rejectUnauthorized: false },
    (socket) => {
      socket.on("error", () => {});
      socket.once("data", () => {
        const name = socket.authorized ? socket.getPeerCertificate().subject.CN : "nobody";
        socket.end(ok(String(name), "Connection: close\r\n"));
      });
    },
  );
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    url: `https://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

const certificates = () =>
  tempTree({
    "ca.pem": CA,
    "shop.pem": SHOP_CERT,
    "client.cert": CLIENT_CERT,
    "client.key": CLIENT_KEY,
    "client.pem": CLIENT_CERT + CLIENT_KEY,
    "server.key": SERVER_KEY,
  });

// SSL Cert Verification

Deno.test("Requests verifies SSL certificates for HTTPS requests: SSLError if it's unable to verify the certificate", async () => {
  await using place = await certificates();
  await using server = secureServer();
  // By default, and with an authority that is another one: two engines, each with words of its own.
  await using defaults = new Session({ trustEnv: false });
  await using other = new Session({ verify: `${place.path}/shop.pem` });
  for (const [session, reason] of [[defaults, /UnknownIssuer/], [other, /UNABLE_TO_/]] as const) {
    await assert.rejects(session.get(server.origin), (error) => {
      assert.ok(error instanceof SSLError);
      assert.match(error.message, reason);
      assert.match(error.message, /Pass verify: PATH/);
      return true;
    });
  }
  assert.equal(server.requests.length, 0);
});

Deno.test("SSLError: hostname doesn't match", async () => {
  await using place = await certificates();
  await using server = secureServer(SHOP_CERT, SHOP_KEY);
  await assert.rejects(get(server.origin, { verify: `${place.path}/shop.pem` }), (error) => {
    assert.ok(error instanceof SSLError);
    assert.match(
      error.message,
      /not valid for name "127\.0\.0\.1"; it is valid for "shop\.test".*Use a name that the certificate is for/,
    );
    return true;
  });
  assert.equal(server.requests.length, 0);
});

Deno.test("you can pass verify the path to a CA_BUNDLE file with certificates of trusted CAs: <Response [200]>", async () => {
  await using place = await certificates();
  await using server = secureServer();
  const r = await get(server.origin, { verify: `${place.path}/ca.pem` });
  assert.equal(String(r), "<Response [200]>");
  assert.equal(r.text, "secure");
});

Deno.test("or persistent: s.verify = '/path/to/certfile'", async () => {
  await using place = await certificates();
  await using server = secureServer();
  await using s = new Session();
  s.verify = `${place.path}/ca.pem`;
  for (let i = 0; i < 2; i++) assert.equal((await s.get(server.origin)).text, "secure");
});

Deno.test("if verify is set to a path to a directory: the directory need not have been processed using c_rehash here", async () => {
  await using place = await tempTree({ "any-name.pem": CA, "README.txt": "The authorities of this house" });
  await using server = secureServer();
  assert.equal((await get(server.origin, { verify: place.path })).text, "secure");
});

for (
  const [sentence, env, expected] of [
    ["this list of trusted CAs can also be specified through the REQUESTS_CA_BUNDLE environment variable", {
      REQUESTS_CA_BUNDLE: "ca.pem",
      CURL_CA_BUNDLE: "shop.pem",
    }, "200"],
    ["if REQUESTS_CA_BUNDLE is not set, CURL_CA_BUNDLE will be used as fallback", { CURL_CA_BUNDLE: "ca.pem" }, "200"],
    ["if REQUESTS_CA_BUNDLE is set, CURL_CA_BUNDLE will not be used", {
      REQUESTS_CA_BUNDLE: "shop.pem",
      CURL_CA_BUNDLE: "ca.pem",
    }, "SSLError"],
  ] as const
) {
  Deno.test(sentence, async () => {
    await using place = await certificates();
    await using server = secureServer();
    const variables = Object.entries(env).map(([name, file]) => [name, `${place.path}/${file}`]);
    const code = `
      const r = await requests.get(${JSON.stringify(server.origin)}).catch((error) => error);
      console.log(r.statusCode ?? r.name);`;
    assert.equal(await clientProcess(code, Object.fromEntries(variables)), expected);
  });
}

Deno.test("Requests can also ignore verifying the SSL certificate if you set verify to False", async () => {
  await using server = secureServer();
  await using wrongName = secureServer(SHOP_CERT, SHOP_KEY);
  for (const { origin } of [server, wrongName]) {
    const r = await get(origin, { verify: false });
    assert.equal(String(r), "<Response [200]>");
    assert.equal(r.text, "secure");
    assert.equal(r.connectionInfo?.tls?.authorized, false);
  }
});

Deno.test("when verify is set to False, Requests will accept any TLS certificate, and it is never the rule for others", async () => {
  await using server = secureServer();
  await using s = new Session();
  assert.equal((await s.get(server.origin, { verify: false })).text, "secure");
  // A connection that was not verified is there, and not used.
  await assert.rejects(s.get(server.origin, { verify: true }), SSLError);
  assert.equal(server.requests.length, 1);
});

Deno.test("by default, verify is set to True", async () => {
  await using s = new Session();
  assert.equal(s.verify, true);
  await using server = secureServer();
  await assert.rejects(s.get(server.origin, { verify: true }), SSLError);
});

Deno.test("option verify only applies to host certs", async () => {
  await using place = await certificates();
  await using server = await askingServer();
  // The client's certificate is shown as it is, whoever is trusted.
  const r = await get(server.url, { verify: `${place.path}/ca.pem`, cert: `${place.path}/client.pem` });
  assert.equal(r.text, "httpkit test client");
});

// Client Side Certificates

Deno.test("you can also specify a local cert to use as client side certificate, as a single file or as a tuple", async () => {
  await using place = await certificates();
  await using server = await askingServer();
  const verify = `${place.path}/ca.pem`;
  const pair = [`${place.path}/client.cert`, `${place.path}/client.key`] as const;
  for (const cert of [pair, `${place.path}/client.pem`]) {
    assert.equal((await get(server.url, { verify, cert })).text, "httpkit test client");
  }
  assert.equal((await get(server.url, { verify })).text, "nobody");
});

Deno.test("or persistent: s.cert = '/path/client.cert'", async () => {
  await using place = await certificates();
  await using server = await askingServer();
  await using s = new Session({ verify: `${place.path}/ca.pem` });
  s.cert = `${place.path}/client.pem`;
  for (let i = 0; i < 2; i++) assert.equal((await s.get(server.url)).text, "httpkit test client");
});

Deno.test("if you specify an invalid cert, you'll get a SSLError", async () => {
  await using place = await certificates();
  await using server = secureServer();
  const cert = [`${place.path}/client.cert`, `${place.path}/server.key`] as const;
  for (const verify of [true, false, `${place.path}/ca.pem`]) {
    await assert.rejects(get(server.origin, { cert, verify }), SSLError);
  }
  assert.equal(server.connections, 0);
});

Deno.test("if you specify a wrong path: an SSLError that names it", async () => {
  await using server = secureServer();
  // Python has an OSError nowadays, whatever the documentation says.
  const cert = "/wrong_path/client.pem";
  for (const verify of [true, false]) {
    await assert.rejects(get(server.origin, { cert, verify }), (error) => {
      assert.ok(error instanceof SSLError && error instanceof RequestException);
      assert.equal(error.message, `Could not find the TLS certificate file, invalid path: ${cert}`);
      return true;
    });
  }
  assert.equal(server.connections, 0);
});

Deno.test("the private key to your local certificate must be unencrypted: or you give its password here", async () => {
  await using place = await certificates();
  await using server = await askingServer();
  const verify = `${place.path}/ca.pem`;
  const [cert, key] = [`${place.path}/client.cert`, `${place.path}/encrypted.key`];
  const encryption = { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "secret" } as const;
  await Deno.writeTextFile(key, String(createPrivateKey(CLIENT_KEY).export(encryption)));
  await assert.rejects(get(server.url, { verify, cert: [cert, key] }), (error) => {
    assert.ok(error instanceof SSLError);
    assert.match(error.message, /encrypted\.key is encrypted\. Pass \[certificate, key, password\]/);
    return true;
  });
  assert.equal((await get(server.url, { verify, cert: [cert, key, "secret"] })).text, "httpkit test client");
  await assert.rejects(get(server.url, { verify, cert: [cert, key, "no-secret"] }), (error) => {
    assert.ok(error instanceof SSLError);
    assert.doesNotMatch(Deno.inspect(error), /no-secret/);
    return true;
  });
});

// CA Certificates

Deno.test("users can update their trusted certificates without changing the version: Deno's are used, not certifi's", async () => {
  await using place = await certificates();
  await using server = secureServer();
  const code = `console.log((await requests.get(${JSON.stringify(server.origin)})).text);`;
  assert.equal(await clientProcess(code, { DENO_CERT: `${place.path}/ca.pem` }), "secure");
});
