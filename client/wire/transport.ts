/** What the wire engine reads from and writes to, whatever carries it. Types only. */

/** A connection as a stream of bytes: TCP, Unix socket or TLS, over Deno's own sockets or over `node:tls`. */
export interface Transport {
  /** Fills the buffer with what has arrived, at least one byte; `null` when the peer has ended. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Sends bytes, perhaps not all of them, and tells how many. They must not be changed before that. */
  write(bytes: Uint8Array): Promise<number>;
  /** Closes the connection, again if need be; never throws. A pending read rejects or ends. */
  close(): void;
  /** Lets a pending read keep the program running. This is how a transport starts. */
  ref(): void;
  /** Lets the program end in spite of a pending read. */
  unref(): void;
  /** What is known about TLS; `null` where the bytes are in the clear. */
  readonly tls: TlsInfo | null;
}

/** What is known about TLS on a connection, `null` where the implementation does not tell. */
export interface TlsInfo {
  /** For example `"TLSv1.3"`. */
  readonly protocol: string | null;
  /** For example `"TLS_AES_256_GCM_SHA384"`. */
  readonly cipher: string | null;
  /** What was agreed on by ALPN. */
  readonly alpnProtocol: string | null;
  /** Whether the certificate was checked and is valid for the host. */
  readonly authorized: boolean;
  /** The certificate of the peer. */
  readonly peerCertificate: PeerCertificate | null;
}

/** A certificate that a peer has shown. Names and dates are what it claims; see {@linkcode TlsInfo.authorized}. */
export interface PeerCertificate {
  /** Whom it is for, by the short names of the attributes: `{ CN: "example.com" }`. Repeated ones are joined by `, `. */
  readonly subject: Readonly<Record<string, string>>;
  /** Who signed it. */
  readonly issuer: Readonly<Record<string, string>>;
  /** The names it is valid for, as OpenSSL writes them: `DNS:example.com`, `IP Address:127.0.0.1`. */
  readonly subjectAltNames: readonly string[];
  /** Valid from this time on, in ISO 8601 form, UTC. */
  readonly validFrom: string;
  /** Valid until this time, in ISO 8601 form, UTC. */
  readonly validTo: string;
  /** SHA-256 of {@linkcode raw}: 32 pairs of hexadecimal digits in capitals with colons between them. */
  readonly fingerprint256: string;
  /** In hexadecimal digits. */
  readonly serialNumber: string;
  /** The certificate itself, in DER form. */
  readonly raw: Uint8Array;
}
