/**
 * A certificate that is made on the spot, for HTTPS without a certificate authority.
 *
 * @module
 */

/** A certificate, its key and its fingerprint. */
export interface SelfSignedCertificate {
  /** The certificate as PEM text. */
  readonly cert: string;
  /** Its private key as PEM text (PKCS#8). */
  readonly key: string;
  /** The SHA-256 of the certificate as browsers show it: upper-case hex pairs with colons between. */
  readonly fingerprint: string;
}

/** Options of {@linkcode selfSignedCertificate}. */
export interface SelfSignedCertificateOptions {
  /**
   * The host names and IP addresses that the certificate is for, beside `localhost`, `127.0.0.1` and `::1`.
   *
   * @default {[]}
   */
  hosts?: readonly string[];
  /**
   * Days for which it is valid. Browsers accept no more than 398.
   *
   * @default {30}
   */
  days?: number;
}

const DAY = 24 * 60 * 60 * 1000;
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const IPV4_REGEXP = /^\d{1,3}(?:\.\d{1,3}){3}$/;

/**
 * Makes a self-signed certificate with a new P-256 key, in memory.
 *
 * Clients do not trust it by themselves: people compare the fingerprint, programs are given the certificate as their CA. It
 * cannot sign others. Needs no permission.
 *
 * @throws {RangeError} when `days` is not from 1 to 398.
 *
 * @example Serve HTTPS at once
 * ```ts
 * import { BaseHTTPRequestHandler, selfSignedCertificate, ThreadingHTTPSServer } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.endHeaders();
 *     this.wfile.write("hello, safely");
 *   }
 *   override logMessage(): void {}
 * }
 *
 * const { cert, key, fingerprint } = await selfSignedCertificate();
 * assert.match(fingerprint, /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
 * await using server = new ThreadingHTTPSServer(["127.0.0.1", 0], Hello, { cert, key });
 * const serving = server.serveForever();
 *
 * using client = Deno.createHttpClient({ caCerts: [cert] });
 * const response = await fetch(`https://localhost:${server.serverPort}/`, { client });
 * assert.equal(await response.text(), "hello, safely");
 * await server.shutdown();
 * await serving;
 * ```
 */
export async function selfSignedCertificate(
  options: SelfSignedCertificateOptions = {},
): Promise<SelfSignedCertificate> {
  const days = options.days ?? 30;
  if (!(days >= 1 && days <= 398)) throw new RangeError(`Cannot make a certificate for ${days} days: give 1 to 398`);
  // A few thousand lines of ASN.1, which only those who ask for a certificate should load.
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const hosts = new Set(["localhost", "127.0.0.1", "::1", ...options.hosts ?? []]);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    // Positive, and of the length that CAs use: some clients compare serial numbers to tell certificates apart.
    serialNumber: "01" + hex(crypto.getRandomValues(new Uint8Array(15)), ""),
    name: "CN=localhost, O=httpkit self-signed",
    // Clocks differ.
    notBefore: new Date(Date.now() - DAY),
    notAfter: new Date(Date.now() + days * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        [...hosts].map((value) => ({ type: isAddress(value) ? ("ip" as const) : ("dns" as const), value })),
      ),
    ],
  });
  const pkcs8 = new Uint8Array(await crypto.subtle.exportKey("pkcs8", keys.privateKey));
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", certificate.rawData));
  return {
    cert: certificate.toString("pem") + "\n",
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") + "\n",
    fingerprint: hex(digest, ":").toUpperCase(),
  };
}

function isAddress(host: string): boolean {
  return host.includes(":") || IPV4_REGEXP.test(host);
}

function hex(bytes: Uint8Array, separator: string): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(separator);
}
