/** TLS of `node:tls` on top of another transport. The modules are loaded when they are first needed. */

import type { Duplex } from "node:stream";
import type { ConnectionOptions, DetailedPeerCertificate, TLSSocket } from "node:tls";
import type { PeerCertificate, TlsInfo } from "../connection_info.ts";
import type { Transport } from "./transport.ts";

/** Read from the transport below at a time. */
const PIECE = 64 * 1024;
/** With less room than this left, the next read gets a new buffer. */
const SMALL_PIECE = 16 * 1024;

/** A connection with the TLS of `node:tls`. It owns the transport below, which may have TLS of its own. */
export class NodeTransport implements Transport {
  /** See {@linkcode Transport.tls}. */
  readonly tls: TlsInfo;
  readonly #socket: TLSSocket;
  readonly #below: Transport;
  #rest: Uint8Array = new Uint8Array(0);
  #error: Error | null = null;
  #ended = false;
  #closed = false;
  #wake: () => void = () => {};

  private constructor(socket: TLSSocket, below: Transport) {
    this.#socket = socket;
    this.#below = below;
    this.tls = infoOf(socket);
    const wake = () => this.#wake();
    socket.on("readable", wake);
    socket.on("end", () => {
      this.#ended = true;
      wake();
    });
    socket.on("error", (error) => {
      this.#error ??= error;
      wake();
    });
    socket.on("close", () => {
      this.#closed = true;
      wake();
    });
  }

  /**
   * Goes over to TLS. Resolves after the handshake, when everything that `options` ask for has been checked: nothing is
   * written to the peer before. On failure the transport below is closed; closing it ends the handshake.
   */
  static async start(below: Transport, options: ConnectionOptions): Promise<NodeTransport> {
    const [{ connect }, duplex] = await Promise.all([import("node:tls"), duplexOver(below)]);
    const socket = connect({ ...options, socket: duplex });
    try {
      await new Promise<void>((resolve, reject) => {
        socket.once("secureConnect", () => {
          // Checked a second time, because everything rests on it.
          if (socket.authorized || options.rejectUnauthorized === false) resolve();
          else reject(socket.authorizationError ?? new Error("the certificate was not checked"));
        });
        socket.once("error", reject);
        socket.once("close", () => reject(new Deno.errors.UnexpectedEof("the peer closed the connection")));
      });
    } catch (error) {
      // One error is reported already.
      socket.on("error", () => {});
      socket.destroy();
      below.close();
      throw error;
    }
    return new NodeTransport(socket, below);
  }

  /** See {@linkcode Transport.localAddress}. */
  get localAddress(): string | null {
    return this.#below.localAddress;
  }

  /** See {@linkcode Transport.remoteAddress}. */
  get remoteAddress(): string | null {
    return this.#below.remoteAddress;
  }

  /** See {@linkcode Transport.read}. What came before an error is given first. */
  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      if (this.#rest.length === 0) this.#rest = this.#socket.read() ?? this.#rest;
      if (this.#rest.length > 0) {
        const piece = this.#rest.subarray(0, buffer.length);
        buffer.set(piece);
        this.#rest = this.#rest.subarray(piece.length);
        return piece.length;
      }
      if (this.#error !== null) throw this.#error;
      if (this.#ended) return null;
      if (this.#closed) throw new Deno.errors.BadResource("The connection is closed");
      await new Promise<void>((resolve) => this.#wake = resolve);
    }
  }

  /** See {@linkcode Transport.write}. */
  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => error ? reject(this.#error ?? error) : resolve(bytes.length));
    });
  }

  /** See {@linkcode Transport.close}. */
  close(): void {
    this.#closed = true;
    this.#socket.destroy();
    this.#below.close();
    this.#wake();
  }

  /** See {@linkcode Transport.ref}. */
  ref(): void {
    this.#below.ref();
  }

  /** See {@linkcode Transport.unref}. */
  unref(): void {
    this.#below.unref();
  }
}

/** A transport as a stream of Node. It reads no further ahead than the stream's buffer, and writes one piece at a time. */
async function duplexOver(transport: Transport): Promise<Duplex> {
  const { Duplex } = await import("node:stream");
  let room = new Uint8Array(0);
  return new Duplex({
    readableHighWaterMark: PIECE,
    read() {
      if (room.length < SMALL_PIECE) room = new Uint8Array(PIECE);
      transport.read(room).then((count) => {
        const piece = count === null ? null : room.subarray(0, count);
        room = room.subarray(count ?? 0);
        this.push(piece);
      }).catch((error) => this.destroy(error));
    },
    write(piece: Uint8Array, _encoding, done) {
      writeAll(transport, piece).then(() => done(), done);
    },
    destroy(error, done) {
      transport.close();
      done(error);
    },
  });
}

async function writeAll(transport: Transport, bytes: Uint8Array): Promise<void> {
  for (let sent = 0; sent < bytes.length;) sent += await transport.write(bytes.subarray(sent));
}

function infoOf(socket: TLSSocket): TlsInfo {
  const certificate = socket.getPeerCertificate(false);
  return {
    protocol: socket.getProtocol(),
    cipher: socket.getCipher()?.name ?? null,
    alpnProtocol: socket.alpnProtocol || null,
    authorized: socket.authorized,
    peerCertificate: certificate?.raw === undefined ? null : certificateInfo(certificate as DetailedPeerCertificate),
  };
}

function certificateInfo(certificate: DetailedPeerCertificate): PeerCertificate {
  return {
    subject: attributes(certificate.subject),
    issuer: attributes(certificate.issuer),
    subjectAltNames: certificate.subjectaltname?.split(", ") ?? [],
    validFrom: new Date(certificate.valid_from).toISOString(),
    validTo: new Date(certificate.valid_to).toISOString(),
    fingerprint256: certificate.fingerprint256,
    // Deno leaves a leading zero out.
    serialNumber: certificate.serialNumber.replace(/^(?=(?:..)*.$)/, "0"),
    raw: new Uint8Array(certificate.raw),
  };
}

/** Repeated attributes are a list. */
function attributes(name: object): Record<string, string> {
  return Object.fromEntries(
    Object.entries(name as Record<string, string | string[]>).map(([key, value]) => [key, [value].flat().join(", ")]),
  );
}
