/**
 * The certificates and keys that `verify` and `cert` name by their paths.
 *
 * @module
 */

import { NotSupportedError, SSLError } from "./errors.ts";
import type { CertInput } from "./types.ts";

const CERTIFICATE = "-----BEGIN CERTIFICATE-----";
const CERTIFICATE_REGEXP = /-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/g;
/** The first byte of a file in DER form. */
const DER_SEQUENCE = 0x30;

/**
 * Reads the certificates that `verify` names: one PEM file, or a folder of them. Needs read permission for the path.
 *
 * @param path of a file with any number of certificates, or of a folder, whose files without certificates are skipped.
 * @throws {SSLError} when there is no such file, or no certificate in it.
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
  throw new SSLError(`verify: ${path} holds no certificate in PEM form (${CERTIFICATE}).`);
}

/** What the files of a client certificate hold, see {@linkcode CertInput}. */
export type ClientCertificate = PemCertificate | PfxCertificate;

/** Certificate and key in PEM form. */
export interface PemCertificate {
  /** The certificate, and those above it. */
  readonly cert: string;
  /** The key. */
  readonly key: string;
  /** Whether the key is encrypted. */
  readonly encrypted: boolean;
  /** The password of the key, `null` for none. */
  readonly password: string | null;
  /** The path of the certificate. */
  readonly certPath: string;
  /** The path of the key. */
  readonly keyPath: string;
}

/** Certificate and key in PKCS #12 form. */
export interface PfxCertificate {
  /** Contents of the file. */
  readonly pfx: Uint8Array<ArrayBuffer>;
  /** Its password, `null` for none. */
  readonly password: string | null;
  /** Its path. */
  readonly pfxPath: string;
}

/**
 * Reads a client certificate and its key. Needs read permission for the paths. What is in the files is looked at only as
 * far as needed to tell them apart.
 *
 * @param cert the files, see {@linkcode CertInput}.
 * @throws {SSLError} when a file is not there, or does not hold what it should.
 */
export async function readCertFiles(cert: CertInput): Promise<ClientCertificate> {
  if (typeof cert === "object" && "pfx" in cert) {
    const { pfx: path, password = null } = cert;
    return pfxCertificate(path, await readCertFile(path, "certificate"), password);
  }
  const [certPath, keyPath, password = null] = typeof cert === "string" ? [cert, cert] : cert;
  const certBytes = await readCertFile(certPath, "certificate");
  if (typeof cert === "string" && certBytes[0] === DER_SEQUENCE) return pfxCertificate(certPath, certBytes, null);
  const keyBytes = keyPath === certPath ? certBytes : await readCertFile(keyPath, "key");
  const [certText, keyText] = [textOf(certPath, certBytes), textOf(keyPath, keyBytes)];
  const certificates = certificatesIn(certText);
  if (certificates.length === 0) {
    throw new SSLError(`cert: ${certPath} holds no certificate in PEM form (${CERTIFICATE}).`);
  }
  const [key] = /-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY)-----[^]*?-----END \1-----/.exec(keyText) ?? [];
  if (key === undefined) {
    throw new SSLError(
      `cert: ${keyPath} holds no private key in PEM form (-----BEGIN PRIVATE KEY-----). ` +
        "Pass [certificate, key] if the key is in another file.",
    );
  }
  const encrypted = /-----BEGIN ENCRYPTED PRIVATE KEY-----|Proc-Type: 4,ENCRYPTED/.test(key);
  return { cert: certificates.join(""), key: `${key}\n`, encrypted, password, certPath, keyPath };
}

/**
 * Reads a client certificate and its key in the form that Deno takes: PEM, the key not encrypted. Needs read permission
 * for the paths.
 *
 * @param cert the files, see {@linkcode CertInput}.
 * @throws {SSLError} when a file is not there, or does not hold what it should.
 * @throws {NotSupportedError} when the key is encrypted, or the file is in the PKCS #12 form.
 */
export async function readClientCertificate(cert: CertInput): Promise<{ cert: string; key: string }> {
  const files = await readCertFiles(cert);
  if ("pfx" in files) {
    throw new NotSupportedError(
      `cert: ${files.pfxPath} is a PKCS #12 file, and fetch reads PEM only. Convert it: ` +
        "openssl pkcs12 -in FILE -out FILE.pem -nodes",
      { option: "cert" },
    );
  }
  if (files.encrypted) {
    throw new NotSupportedError(
      `cert: the key in ${files.keyPath} is encrypted, and fetch takes no password. Decrypt it first: ` +
        "openssl pkey -in KEY -out DECRYPTED_KEY",
      { option: "cert" },
    );
  }
  return { cert: files.cert, key: files.key };
}

/** The certificates in a text in PEM form, one by one. */
export function certificatesIn(text: string): string[] {
  return Array.from(text.matchAll(CERTIFICATE_REGEXP), ([pem]) => `${pem}\n`);
}

function pfxCertificate(pfxPath: string, pfx: Uint8Array<ArrayBuffer>, password: string | null): PfxCertificate {
  if (pfx[0] === DER_SEQUENCE) return { pfx, password, pfxPath };
  throw new SSLError(`cert: ${pfxPath} is no PKCS #12 file. Pass [certificate, key] if it is in PEM form.`);
}

function textOf(path: string, bytes: Uint8Array): string {
  if (bytes[0] !== DER_SEQUENCE) return new TextDecoder().decode(bytes);
  throw new SSLError(
    `cert: ${path} is a binary file. Convert it to PEM, or pass { pfx: PATH, password: … } if it is in PKCS #12 form.`,
  );
}

function readCertFile(path: string, what: "certificate" | "key"): Promise<Uint8Array<ArrayBuffer>> {
  return explained(Deno.readFile(path), `Could not find the TLS ${what} file, invalid path: ${path}`);
}

/** The result, or Python's message when there is no such file. */
async function explained<T>(reading: Promise<T>, message: string): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const absent = cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory ||
      cause instanceof Deno.errors.IsADirectory;
    throw absent ? new SSLError(message, { cause }) : cause;
  }
}
