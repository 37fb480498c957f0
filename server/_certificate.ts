/** A certificate chain and its private key, read and checked before a server begins to use them. */

import type { KeyObject, X509Certificate } from "node:crypto";

/** Where chain and key come from. */
export interface CertificateSource {
  /** The chain, PEM text, and what to call it in messages. */
  readonly cert: { readonly text: string; readonly name: string };
  /** The key; it may be in the same text. */
  readonly key: { readonly text: string; readonly name: string };
  readonly password: string | null;
}

/**
 * Loaded when a server first speaks HTTPS: an import would cost every program that serves anything 30 ms. That of
 * `node:process` would still cost 14, the global object of the same name costs nothing before it is touched.
 */
function nodeCrypto(): typeof import("node:crypto") {
  const { process } = globalThis as unknown as {
    readonly process: { getBuiltinModule(id: "node:crypto"): typeof import("node:crypto") };
  };
  return process.getBuiltinModule("node:crypto");
}

const CERTIFICATE_REGEXP = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
const PRIVATE_KEY_REGEXP = /-----BEGIN ((?:RSA |EC |ENCRYPTED )?PRIVATE KEY)-----[^]+?-----END \1-----/;

/**
 * Gives the chain and its key, decrypted, as `Deno.serve` takes them.
 *
 * @throws {TypeError} when there is no certificate or no key in what was given, the password is wrong or missing, or the key
 * belongs to another certificate. The message names the file and holds nothing of its content.
 */
export function checkCertificate({ cert, key, password }: CertificateSource): { cert: string; key: string } {
  const chain = cert.text.match(CERTIFICATE_REGEXP);
  if (chain === null) {
    throw new TypeError(`Cannot use the certificate "${cert.name}": there is no PEM certificate in it`);
  }
  const keyText = PRIVATE_KEY_REGEXP.exec(key.text)?.[0];
  if (keyText === undefined) {
    const cure = cert.name === key.name ? ", give the file with the key, too" : "";
    throw new TypeError(`Cannot use the key "${key.name}": there is no PEM private key in it${cure}`);
  }
  const privateKey = decryptKey(keyText, key.name, password);
  if (!parseCertificate(chain[0], cert.name).checkPrivateKey(privateKey)) {
    throw new TypeError(`Cannot use the key "${key.name}": it does not belong to the certificate "${cert.name}"`);
  }
  return { cert: chain.join("\n") + "\n", key: privateKey.export({ type: "pkcs8", format: "pem" }) as string };
}

function decryptKey(text: string, name: string, password: string | null): KeyObject {
  const isEncrypted = text.includes("ENCRYPTED");
  if (isEncrypted && password === null) {
    throw new TypeError(`Cannot use the key "${name}": it is encrypted, give its password`);
  }
  try {
    return nodeCrypto().createPrivateKey({
      key: text,
      format: "pem",
      ...(isEncrypted ? { passphrase: password! } : {}),
    });
  } catch (cause) {
    const why = isEncrypted ? "the password is wrong, or the key is damaged" : "it is damaged, or of an unknown kind";
    throw new TypeError(`Cannot use the key "${name}": ${why}`, { cause });
  }
}

function parseCertificate(text: string, name: string): X509Certificate {
  try {
    const { X509Certificate } = nodeCrypto();
    return new X509Certificate(text);
  } catch (cause) {
    throw new TypeError(`Cannot use the certificate "${name}": it is damaged`, { cause });
  }
}
