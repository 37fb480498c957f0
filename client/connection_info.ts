/**
 * What is known about the connection that a response came over.
 *
 * @module
 */

/**
 * The connection that a response came over, as `Response.connectionInfo` tells it. The wire engine knows it; `fetch` does
 * not tell.
 */
export interface ConnectionInfo {
  /** Address and port of this end, such as `127.0.0.1:50312`; `null` where there is none, or it is not told. */
  readonly localAddress: string | null;
  /** Address and port of the other end, that of the proxy if there is one; `null` where it is not told. */
  readonly remoteAddress: string | null;
  /** The URL of the proxy, without its credentials; `null` without one. */
  readonly proxy: string | null;
  /** Whether an earlier request was sent over the same connection. */
  readonly reused: boolean;
  /** TLS with the server; `null` for plain HTTP. */
  readonly tls: TlsInfo | null;
}

/** What is known about TLS on a connection. A part is `null` where the implementation does not tell. */
export interface TlsInfo {
  /** The version, such as `TLSv1.3`. */
  readonly protocol: string | null;
  /** The cipher suite, such as `TLS_AES_256_GCM_SHA384`. */
  readonly cipher: string | null;
  /** The protocol that both sides agreed on, such as `http/1.1` (ALPN, RFC 7301). */
  readonly alpnProtocol: string | null;
  /** Whether the certificate was checked, and is valid. */
  readonly authorized: boolean;
  /** The certificate that the server showed. */
  readonly peerCertificate: PeerCertificate | null;
}

/** The certificate of a server (X.509, RFC 5280). */
export interface PeerCertificate {
  /** Whom it is for, by attribute: `CN`, `O`, … */
  readonly subject: Readonly<Record<string, string>>;
  /** Who signed it, by attribute. */
  readonly issuer: Readonly<Record<string, string>>;
  /** The names and addresses that it is for, such as `DNS:example.com`. */
  readonly subjectAltNames: readonly string[];
  /** When it begins to be valid (ISO 8601). */
  readonly validFrom: string;
  /** When it ends to be valid (ISO 8601). */
  readonly validTo: string;
  /** SHA-256 of the certificate: pairs of hexadecimal digits, separated by colons. */
  readonly fingerprint256: string;
  /** Serial number, in hexadecimal digits. */
  readonly serialNumber: string;
  /** The certificate itself, in DER. */
  readonly raw: Uint8Array;
}
