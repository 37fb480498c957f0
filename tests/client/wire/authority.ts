/** Certificate authorities made on the spot, and certificates of every kind of badness. */

import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 3600 * 1000;

/** Certificate and key in PEM form, as `Deno.listenTls()` and `node:tls` take them. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** What a certificate is for. */
export interface CertificateOptions {
  /** Host names and addresses. Default: `localhost` and `127.0.0.1`. */
  readonly hosts?: readonly string[];
  /** From when and until when, in days from now. Default: from yesterday to tomorrow. */
  readonly days?: readonly [from: number, to: number];
  /** For a client. Default: for a server. */
  readonly client?: boolean;
  /** The common name. */
  readonly name?: string;
}

/** An authority that nobody trusts by itself. */
export class Authority {
  /** Its certificate in PEM form. */
  readonly cert: string;
  readonly #certificate: x509.X509Certificate;
  readonly #keys: CryptoKeyPair;

  private constructor(certificate: x509.X509Certificate, keys: CryptoKeyPair) {
    this.#certificate = certificate;
    this.#keys = keys;
    this.cert = `${certificate.toString("pem")}\n`;
  }

  static async create(name: string): Promise<Authority> {
    const keys = await makeKeys();
    const certificate = await x509.X509CertificateGenerator.createSelfSigned({
      serialNumber: serialNumber(),
      name: `CN=${name}`,
      notBefore: new Date(Date.now() - DAY),
      notAfter: new Date(Date.now() + DAY),
      keys,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ],
    });
    return new Authority(certificate, keys);
  }

  /** Signs a certificate. */
  async issue(options: CertificateOptions = {}): Promise<Identity> {
    const keys = await makeKeys();
    return await finish(
      keys,
      await x509.X509CertificateGenerator.create({
        ...await parameters(keys, options),
        issuer: this.#certificate.subject,
        signingKey: this.#keys.privateKey,
        publicKey: keys.publicKey,
      }),
    );
  }
}

/** A certificate that only its own key has signed. */
export async function selfSigned(options: CertificateOptions = {}): Promise<Identity> {
  const keys = await makeKeys();
  const { subject, ...rest } = await parameters(keys, options);
  return await finish(keys, await x509.X509CertificateGenerator.createSelfSigned({ ...rest, name: subject, keys }));
}

async function makeKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]) as CryptoKeyPair;
}

function serialNumber(): string {
  return "01" + crypto.getRandomValues(new Uint8Array(15)).toHex();
}

async function parameters(keys: CryptoKeyPair, options: CertificateOptions) {
  const { hosts = ["localhost", "127.0.0.1"], days: [from, to] = [-1, 1], client = false, name = "test" } = options;
  const names = hosts.map((value) => ({ type: /^[\d.]+$|:/.test(value) ? "ip" as const : "dns" as const, value }));
  const usage = x509.ExtendedKeyUsage[client ? "clientAuth" : "serverAuth"];
  return {
    serialNumber: serialNumber(),
    subject: `CN=${name}`,
    notBefore: new Date(Date.now() + from * DAY),
    notAfter: new Date(Date.now() + to * DAY),
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      ...names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
    ],
  };
}

async function finish(keys: CryptoKeyPair, certificate: x509.X509Certificate): Promise<Identity> {
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey("pkcs8", keys.privateKey), "PRIVATE KEY");
  return { cert: `${certificate.toString("pem")}\n`, key: `${key}\n` };
}
