/**
 * The certificates and keys that `verify` and `cert` name by their paths.
 *
 * @module
 */

import { NotSupportedError, RequestException } from "./errors.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----";

/**
 * Reads the certificates that `verify` names: one PEM file, or a folder of them. Needs read permission for the path.
 *
 * @param path of a file with any number of certificates, or of a folder, whose files without certificates are skipped.
 * @throws {RequestException} when there is no such file, or no certificate in it.
 */
export async function readCaCertificates(path: string): Promise<string[]> {
  const missing = `Could not find a suitable TLS CA certificate bundle, invalid path: ${path}`;
  const texts: string[] = [];
  if ((await explained(Deno.stat(path), missing)).isDirectory) {
    const names: string[] = [];
    for await (const entry of Deno.readDir(path)) if (!entry.isDirectory) names.push(entry.name);
    for (const name of names.sort()) texts.push(await explained(Deno.readTextFile(`${path}/${name}`), missing));
  } else {
    texts.push(await explained(Deno.readTextFile(path), missing));
  }
  // Deno takes any text for a list of certificates, an empty one.
  const certificates = texts.filter((text) => text.includes(CERTIFICATE));
  if (certificates.length > 0) return certificates;
  throw new RequestException(`verify: ${path} holds no certificate in PEM form (${CERTIFICATE}).`);
}

/**
 * Reads a client certificate and its key, as `cert` names them. Needs read permission for the paths.
 *
 * @param cert the path of a PEM file with both, or the paths of the certificate and of its key.
 * @throws {RequestException} when a file is not there, or does not hold what it should.
 * @throws {NotSupportedError} when the key is encrypted, or the file is in the PKCS #12 form.
 */
export async function readClientCertificate(
  cert: string | readonly [cert: string, key: string],
): Promise<{ cert: string; key: string }> {
  const [certPath, keyPath] = typeof cert === "string" ? [cert, cert] : cert;
  const certText = await readPem(certPath, "certificate");
  const keyText = keyPath === certPath ? certText : await readPem(keyPath, "key");
  if (!certText.includes(CERTIFICATE)) {
    throw new RequestException(`cert: ${certPath} holds no certificate in PEM form (${CERTIFICATE}).`);
  }
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(keyText)) {
    throw new NotSupportedError(
      `cert: the key in ${keyPath} is encrypted, and fetch takes no password. Decrypt it first: ` +
        "openssl pkey -in KEY -out DECRYPTED_KEY",
      { option: "cert" },
    );
  }
  if (!/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/.test(keyText)) {
    throw new RequestException(
      `cert: ${keyPath} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----). ` +
        "Pass [certificate, key] if the key is in another file.",
    );
  }
  return { cert: certText, key: keyText };
}

async function readPem(path: string, what: "certificate" | "key"): Promise<string> {
  const missing = `Could not find the TLS ${what} file, invalid path: ${path}`;
  const bytes = await explained(Deno.readFile(path), missing);
  // A PKCS #12 file is a DER sequence.
  if (bytes[0] === 0x30) {
    throw new NotSupportedError(
      `cert: ${path} is a binary file, perhaps PKCS #12, and fetch reads PEM only. Convert it: ` +
        "openssl pkcs12 -in FILE -out FILE.pem -nodes",
      { option: "cert" },
    );
  }
  return new TextDecoder().decode(bytes);
}

/** The result, or Python's message when there is no such file. */
async function explained<T>(reading: Promise<T>, message: string): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const absent = cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory ||
      cause instanceof Deno.errors.IsADirectory;
    throw absent ? new RequestException(message, { cause }) : cause;
  }
}
