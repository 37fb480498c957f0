/** TLS for a connection: which implementation, with what settings, and what its errors mean. */

import type { ConnectionOptions, PeerCertificate as NodeCertificate } from "node:tls";
import { NotSupportedError, RequestException, SSLError } from "../errors.ts";
import { isIpAddress } from "../proxies.ts";
import { certificatesIn, type ClientCertificate, readCaCertificates, readCertFiles } from "../tls_files.ts";
import type { CertInput } from "../types.ts";
import type { DenoTransport } from "./deno_transport.ts";
import { NodeTransport } from "./node_transport.ts";
import type { Transport } from "./transport.ts";

/** What is asked for of TLS. Connections that differ in any of this must not be shared. */
export interface TlsSettings {
  /** Whether the certificate is checked; or the path of the certificates that alone are trusted. */
  readonly verify: boolean | string;
  /** A client certificate, `null` for none. */
  readonly cert: CertInput | null;
  /** The oldest version to accept, `null` for what the implementation accepts, which is TLS 1.2. */
  readonly minimumVersion: "TLSv1.2" | "TLSv1.3" | null;
  /** Whether {@linkcode TlsInfo} has to tell the certificate of the peer, version and cipher. */
  readonly peerCertificate: boolean;
}

/** Before this version `node:tls` did not check certificates reliably. */
const NODE_TLS_SINCE: readonly [major: number, minor: number] = [2, 8];

/**
 * The option that Deno's own TLS cannot carry out, so that `node:tls` has to; `null` when Deno's does.
 *
 * Deno's own TLS adds certificates to its roots where `verify` replaces them, and its `startTls()` leaves a client
 * certificate out without a word. `connectTls()` would take one, but it cannot be given up, and does not tell connecting
 * and handshake apart.
 */
export function optionForNode(settings: TlsSettings): "verify" | "cert" | "minimumVersion" | "peerCertificate" | null {
  if (settings.verify !== true) return "verify";
  if (settings.cert !== null) return "cert";
  if (settings.minimumVersion !== null) return "minimumVersion";
  return settings.peerCertificate ? "peerCertificate" : null;
}

/**
 * Refuses `node:tls` where it is not safe.
 *
 * @param option what needs it.
 * @param version the version of Deno, `undefined` for another runtime.
 * @throws {NotSupportedError} naming the option.
 */
export function checkNodeTls(option: string, version: string | undefined): void {
  const [major, minor] = (version ?? "0.0").split(".", 2).map(Number) as [number, number];
  const [wantedMajor, wantedMinor] = NODE_TLS_SINCE;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new NotSupportedError(
    `${option}: this needs node:tls as Deno ${NODE_TLS_SINCE.join(".")} and later have it, and this is ` +
      `${version === undefined ? "another runtime" : `Deno ${version}`}. Update Deno, or leave the option out.`,
    { option },
  );
}

/** {@linkcode TlsSettings} with the contents of the files that they name. */
export interface LoadedTls {
  /** The option that needs `node:tls`, `null` when Deno's own TLS will do. */
  readonly option: ReturnType<typeof optionForNode>;
  /** Options for `node:tls`. */
  readonly node: ConnectionOptions;
}

/**
 * Reads the files of some settings, so that a wrong path shows before anybody is connected to.
 *
 * @throws {SSLError} a file cannot be used.
 * @throws {NotSupportedError} this version of Deno cannot do what is asked for.
 */
export async function loadTls(settings: TlsSettings): Promise<LoadedTls> {
  const { verify, cert, minimumVersion } = settings;
  const option = optionForNode(settings);
  if (option !== null) checkNodeTls(option, globalThis.Deno?.version?.deno);
  return {
    option,
    node: {
      rejectUnauthorized: verify !== false,
      ...(typeof verify === "string" ? { ca: await rootsOf(verify) } : {}),
      ...(minimumVersion === null ? {} : { minVersion: minimumVersion }),
      ...(cert === null ? {} : await identityOf(cert)),
    },
  };
}

/**
 * Goes over to TLS on a connection. Nothing is sent to the peer before its certificate has been checked.
 *
 * @param below the connection; it is closed when TLS fails. Closing it gives up.
 * @param host the name or address that the certificate has to be for; an IPv6 address without brackets.
 * @param what what is being done, for messages.
 * @throws {SSLError} the certificate is not valid, or the peer does not speak TLS.
 * @throws {NotSupportedError} this version of Deno cannot do what is asked for.
 */
export async function startTls(
  below: Transport,
  host: string,
  tls: LoadedTls,
  what: string,
): Promise<Transport> {
  // A final dot makes a name absolute and is no part of it in a certificate (RFC 6066 §3).
  const name = host.replace(/\.$/, "");
  try {
    if (tls.option === null && "canStartTls" in below && below.canStartTls) {
      await (below as DenoTransport).startTls(name);
      return below;
    }
    checkNodeTls(tls.option ?? "proxies", globalThis.Deno?.version?.deno);
    return await NodeTransport.start(below, { ...tls.node, ...await hostOptions(name) });
  } catch (error) {
    below.close();
    throw error instanceof RequestException || isSocketFailure(error) ? error : tlsError(error, name, what);
  }
}

/** Whether the connection broke, or was closed, or may not be used. An end in the middle of the handshake is one of TLS. */
function isSocketFailure(error: unknown): boolean {
  const { ConnectionReset, ConnectionAborted, BrokenPipe, TimedOut, BadResource, Interrupted, NotCapable } =
    Deno.errors;
  return [ConnectionReset, ConnectionAborted, BrokenPipe, TimedOut, BadResource, Interrupted, NotCapable]
    .some((kind) => error instanceof kind);
}

/**
 * Whether an error is one of TLS: one of the handshake, or one that comes with the first read. In TLS 1.3 a server looks
 * at the client's certificate only after the handshake.
 */
export function isTlsFailure(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof SSLError) return false;
  if (error instanceof Deno.errors.InvalidData || error instanceof Deno.errors.UnexpectedEof) return true;
  const { code } = error as { code?: unknown };
  return typeof code === "string" && NODE_CODE_REGEXP.test(code);
}

// Names of OpenSSL for what is wrong with a certificate, and Node's for the rest.
const NODE_CODE_REGEXP =
  /^ERR_(?:TLS|SSL|OSSL)_|^E?PROTO$|CERT|^UNABLE_TO_|CRL|^(?:INVALID_CA|INVALID_PURPOSE|HOSTNAME_MISMATCH|PATH_LENGTH_EXCEEDED)$/;

/** The error of the client for one of TLS: it names the host, the reason and, where there is one, the cure. */
export function tlsError(error: unknown, host: string, what: string): SSLError {
  const { message, code } = error as Error & { code?: string };
  const reason = code === undefined || message.includes(code) ? message : `${message} (${code})`;
  return new SSLError(`${what}: TLS with ${host}: ${reason.replace(/\.$/, "")}.${cureOf(`${reason} ${code}`)}`, {
    cause: error,
  });
}

function cureOf(text: string): string {
  if (/UnknownIssuer|CaUsedAsEndEntity|UNABLE_TO_|SELF_SIGNED/.test(text)) {
    return " Pass verify: PATH with the certificate of the authority (PEM) that signed the server's. " +
      "An expired certificate may be reported like this, too.";
  }
  if (/expired/i.test(text)) return " The server needs a new certificate, or the clock of this machine is wrong.";
  if (/not valid for name|ALTNAME|names no host/.test(text)) {
    return " Use a name that the certificate is for.";
  }
  if (/InvalidContentType|WRONG_VERSION|PACKET_LENGTH|corrupt message/i.test(text)) {
    return " Does the server speak plain HTTP on this port?";
  }
  if (/certificate.?required|bad.?certificate|unknown.?ca|handshake.?failure/i.test(text)) {
    return " Does the server ask for a client certificate? Pass cert with one that it accepts.";
  }
  if (/ProtocolVersion|protocol.?version|UNSUPPORTED_PROTOCOL/i.test(text)) {
    return " The server knows no version of TLS that this client accepts.";
  }
  return "";
}

/** What `node:tls` has to know of the host. */
async function hostOptions(host: string): Promise<ConnectionOptions> {
  const { checkServerIdentity } = await import("node:tls");
  return {
    host,
    // An address is not allowed here (RFC 6066 §3).
    ...(isIpAddress(host) ? {} : { servername: host }),
    checkServerIdentity(name: string, certificate: NodeCertificate) {
      const names = certificate.subjectaltname ?? "";
      // Without any, Node would go on to the common name, which has not counted since RFC 6125.
      if (names !== "" && checkServerIdentity(name, certificate) === undefined) return undefined;
      const rest = names === ""
        ? "it names no host (it has no subjectAltName)"
        : `it is valid for ${names.replace(/(?:DNS|IP Address):([^,]*)/g, '"$1"')}`;
      const message = `certificate not valid for name "${name}"; ${rest}`;
      return Object.assign(new Error(message), { code: "ERR_TLS_CERT_ALTNAME_INVALID" });
    },
  };
}

/** Each certificate for itself, after a look at whether it is one. */
async function rootsOf(path: string): Promise<string[]> {
  const { X509Certificate } = await import("node:crypto");
  const certificates = (await readCaCertificates(path)).flatMap(certificatesIn);
  for (const certificate of certificates) {
    try {
      new X509Certificate(certificate);
    } catch (cause) {
      throw new SSLError(`verify: ${path} holds a certificate that cannot be read: ${(cause as Error).message}`, {
        cause,
      });
    }
  }
  if (certificates.length > 0) return certificates;
  throw new SSLError(`verify: ${path} holds no whole certificate; the line -----END CERTIFICATE----- is missing.`);
}

/** Certificate and key for `node:tls`, after a look at whether they can be used together. */
async function identityOf(cert: CertInput): Promise<ConnectionOptions> {
  const files = await readCertFiles(cert);
  const passphrase = files.password === null ? {} : { passphrase: files.password };
  if ("pfx" in files) {
    const { createSecureContext } = await import("node:tls");
    const { pfx, pfxPath } = files;
    await usable(() => createSecureContext({ pfx: pfx as never, ...passphrase }), pfxPath, files);
    return { pfx: pfx as never, ...passphrase };
  }
  const { createPrivateKey, X509Certificate } = await import("node:crypto");
  const { cert: certificate, key, encrypted, keyPath, certPath } = files;
  if (encrypted && files.password === null) {
    throw new SSLError(`cert: the key in ${keyPath} is encrypted. Pass [certificate, key, password].`);
  }
  const privateKey = await usable(() => createPrivateKey({ key, ...passphrase }), keyPath, files);
  const leaf = await usable(() => new X509Certificate(certificate), certPath, files);
  if (!leaf.checkPrivateKey(privateKey)) {
    throw new SSLError(`cert: the key in ${keyPath} is not the one of the certificate in ${certPath}.`);
  }
  return { cert: certificate, key, ...(encrypted ? passphrase : {}) };
}

/** The result, or an error that names the file. What OpenSSL says has no password in it. */
function usable<T>(read: () => T, path: string, files: ClientCertificate): T {
  try {
    return read();
  } catch (cause) {
    const doubt = "pfx" in files || files.encrypted && path === files.keyPath;
    const cure = doubt ? " Is the password right?" : "";
    throw new SSLError(`cert: ${path} cannot be used: ${(cause as Error).message}.${cure}`, { cause });
  }
}
