/** The client against nginx with certificates of every kind, with the wire engine alone and as it is chosen. */

import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { FAULTS, nginxTlsTest, PASSWORD, startNginxTls, stopNginxTls } from "./nginx_tls.ts";

Deno.test.beforeAll(startNginxTls);
Deno.test.afterAll(stopNginxTls);

/** A session for each way to choose the engine. */
async function withEngines(
  run: (session: requests.Session) => Promise<void>,
  options: requests.HTTPAdapterOptions = {},
): Promise<void> {
  for (const engine of ["wire", "auto"] as const) {
    await using session = new requests.Session({ trustEnv: false });
    session.mount("https://", new requests.HTTPAdapter({ ...options, engine }));
    await run(session);
  }
}

async function failure(sending: Promise<requests.Response>): Promise<requests.SSLError> {
  const error = await sending.then((response) => assert.fail(`got ${response}`), (error) => error);
  assert.ok(error instanceof requests.SSLError, String(error));
  assert.ok(!Deno.inspect(error).includes(PASSWORD), "the error shows the password");
  return error;
}

nginxTlsTest("nginx: a valid certificate is taken, by name and by address", async (nginx) => {
  await withEngines(async (session) => {
    for (const url of [nginx.valid, nginx.valid.replace("localhost", "127.0.0.1")]) {
      assert.equal((await session.get(url, { verify: nginx.ca })).text, "TLSv1.3 ");
    }
  });
});

nginxTlsTest("nginx: every fault of a certificate is an SSLError that names host and cure", async (nginx) => {
  await withEngines(async (session) => {
    for (const fault of FAULTS) {
      for (const verify of [nginx.ca, true]) {
        const error = await failure(session.get(nginx.faulty[fault], { verify }));
        assert.match(error.message, /^GET https:\/\/localhost:\d+\/: .*[.?]$/, fault);
      }
    }
    assert.match((await failure(session.get(nginx.valid))).message, /Pass verify: PATH/);
  });
});

nginxTlsTest("nginx: verify: false takes every certificate, and no later request profits from that", async (nginx) => {
  await withEngines(async (session) => {
    for (const fault of FAULTS) {
      const response = await session.get(nginx.faulty[fault], { verify: false });
      assert.equal(response.text, "TLSv1.3 ", fault);
      await failure(session.get(nginx.faulty[fault], { verify: nginx.ca }));
      await failure(session.get(nginx.faulty[fault]));
    }
  });
});

nginxTlsTest("nginx: a self-signed certificate is taken when verify names it, and others are not", async (nginx) => {
  await withEngines(async (session) => {
    const verify = nginx.selfSignedCert;
    assert.equal((await session.get(nginx.faulty.selfSigned, { verify })).statusCode, 200);
    await failure(session.get(nginx.valid, { verify }));
  });
});

nginxTlsTest("nginx: a client certificate in every form", async (nginx) => {
  const { client, ca: verify } = nginx;
  const certs: requests.CertInput[] = [
    client.both,
    [client.cert, client.key],
    [client.cert, client.encryptedKey, PASSWORD],
    [client.cert, client.traditionalKey, PASSWORD],
    { pfx: client.pfx, password: PASSWORD },
    { pfx: client.openPfx },
    client.openPfx,
  ];
  await withEngines(async (session) => {
    for (const cert of certs) {
      for (const trusted of [verify, false]) {
        const response = await session.get(nginx.mutual, { verify: trusted, cert });
        assert.equal(response.text, "TLSv1.3 CN=client", JSON.stringify(cert));
      }
    }
    // The connections with a certificate are not there for those without.
    for (const cert of [undefined, client.stranger]) {
      assert.equal((await session.get(nginx.mutual, { verify, cert })).statusCode, 400);
    }
  });
});

nginxTlsTest("nginx: a wrong password, key or file is an SSLError that names the file", async (nginx) => {
  const { client, ca: verify } = nginx;
  const table: [requests.CertInput, string][] = [
    [[client.cert, client.encryptedKey, "wrong"], client.encryptedKey],
    [[client.cert, client.traditionalKey, "wrong"], client.traditionalKey],
    [[client.cert, client.encryptedKey], client.encryptedKey],
    [{ pfx: client.pfx, password: "wrong" }, client.pfx],
    [client.pfx, client.pfx],
    [{ pfx: client.cert }, client.cert],
    [client.stranger.replace("stranger", "nobody"), "nobody"],
  ];
  await withEngines(async (session) => {
    for (const [cert, path] of table) {
      const { message } = await failure(session.get(nginx.mutual, { verify, cert }));
      assert.ok(message.includes(path), message);
      assert.doesNotMatch(message, /wrong/);
    }
  });
});

nginxTlsTest("nginx: sslMinimumVersion refuses an older server", async (nginx) => {
  await withEngines(async (session) => {
    await failure(session.get(nginx.old, { verify: nginx.ca }));
    assert.equal((await session.get(nginx.valid, { verify: nginx.ca })).text, "TLSv1.3 ");
  }, { sslMinimumVersion: "TLSv1.3" });
  await withEngines(async (session) => {
    assert.equal((await session.get(nginx.old, { verify: nginx.ca })).text, "TLSv1.2 ");
  }, { sslMinimumVersion: "TLSv1.2" });
});
