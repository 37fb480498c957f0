/** A private certificate authority, made with openssl. Nobody else trusts it. */

import { run } from "./program.ts";

/** Paths of files in PEM form. */
export interface Certificates {
  /** The certificate of the authority. */
  readonly ca: string;
  /** For `localhost` and `127.0.0.1`: certificate and key. */
  readonly server: readonly [cert: string, key: string];
  /** For a name that nothing here has. */
  readonly elsewhere: readonly [cert: string, key: string];
  /** For a client. */
  readonly client: readonly [cert: string, key: string];
  /** For a client, both in one file. */
  readonly clientTogether: string;
  /** For a client: certificate and encrypted key, and the password. */
  readonly clientEncrypted: readonly [cert: string, key: string, password: string];
  /** For a client, in PKCS #12 form, and the password. */
  readonly clientPfx: { readonly pfx: string; readonly password: string };
  /** For a client, from an authority of its own. */
  readonly stranger: readonly [cert: string, key: string];
}

const KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Makes them in a folder. */
export async function makeCertificates(folder: string): Promise<Certificates> {
  const openssl = (...args: string[]) => run("openssl", "req", "-x509", ...KEY, "-days", "2", ...args);
  const [ca, caKey] = [`${folder}/ca.pem`, `${folder}/ca.key`];
  const authority = ["-addext", "keyUsage=critical,keyCertSign,cRLSign", "-subj", "/CN=httpkit test CA"];
  await openssl("-keyout", caKey, "-out", ca, ...authority);
  const leaf = async (name: string, issuer: readonly string[], ...extensions: string[]) => {
    const [cert, key] = [`${folder}/${name}.pem`, `${folder}/${name}.key`];
    const added = ["basicConstraints=critical,CA:FALSE", ...extensions].flatMap((value) => ["-addext", value]);
    await openssl("-keyout", key, "-out", cert, "-subj", `/CN=httpkit test ${name}`, ...issuer, ...added);
    return [cert, key] as const;
  };
  const signed = ["-CA", ca, "-CAkey", caKey];
  const server = await leaf("server", signed, "subjectAltName=DNS:localhost,IP:127.0.0.1");
  const elsewhere = await leaf("elsewhere", signed, "subjectAltName=DNS:elsewhere.test");
  const client = await leaf("client", signed, "extendedKeyUsage=clientAuth");
  const stranger = await leaf("stranger", [], "extendedKeyUsage=clientAuth");
  const clientTogether = `${folder}/client-together.pem`;
  await Deno.writeTextFile(clientTogether, (await Promise.all(client.map((path) => Deno.readTextFile(path)))).join(""));
  const password = "sesame";
  const [clientEncryptedKey, pfx] = [`${folder}/client-encrypted.key`, `${folder}/client.p12`];
  await run("openssl", "pkey", "-in", client[1], "-aes256", "-passout", `pass:${password}`, "-out", clientEncryptedKey);
  const pair = ["-in", client[0], "-inkey", client[1]];
  await run("openssl", "pkcs12", "-export", ...pair, "-passout", `pass:${password}`, "-out", pfx);
  return {
    ca,
    server,
    elsewhere,
    client,
    clientTogether,
    clientEncrypted: [client[0], clientEncryptedKey, password],
    clientPfx: { pfx, password },
    stranger,
  };
}
