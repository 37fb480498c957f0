/** Connections over Deno's own sockets, and Deno's own TLS on them. */

import type { TlsInfo } from "../connection_info.ts";
import type { Transport } from "./transport.ts";

/** A TCP connection or a Unix socket, in the clear until {@linkcode DenoTransport.startTls}. */
export class DenoTransport implements Transport {
  /** See {@linkcode Transport.localAddress}. */
  readonly localAddress: string | null;
  /** See {@linkcode Transport.remoteAddress}. */
  readonly remoteAddress: string | null;
  #conn: Deno.Conn;
  #tls: TlsInfo | null = null;
  #closed = false;

  /** Takes over a connection. */
  constructor(conn: Deno.Conn) {
    this.#conn = conn;
    this.localAddress = addressText(conn.localAddr);
    this.remoteAddress = addressText(conn.remoteAddr);
  }

  /**
   * Connects over TCP; all addresses of a name are tried. Needs net permission for `host:port`.
   *
   * @param host a name or an address; an IPv6 address without brackets.
   * @param signal gives up at once.
   */
  static async connect(host: string, port: number, signal: AbortSignal): Promise<DenoTransport> {
    const conn = await Deno.connect({ hostname: host, port, signal });
    // Head and body may leave in two pieces; the second would wait for the peer's acknowledgement of the first.
    conn.setNoDelay(true);
    return new DenoTransport(conn);
  }

  /** Connects to a Unix socket. Needs read and write permission for the path, and net permission for `unix:PATH`. */
  static async connectUnix(path: string): Promise<DenoTransport> {
    return new DenoTransport(await Deno.connect({ transport: "unix", path }));
  }

  /** See {@linkcode Transport.tls}. */
  get tls(): TlsInfo | null {
    return this.#tls;
  }

  /** Whether {@linkcode startTls} can be used: TLS goes over TCP, once. */
  get canStartTls(): boolean {
    return this.#tls === null && this.#conn.remoteAddr.transport === "tcp";
  }

  /**
   * Goes over to TLS. The certificate is checked for the host, against Deno's roots.
   *
   * `close()` ends the wait for the handshake at once. The socket itself Deno keeps until the peer says something or closes,
   * and nothing else has access to it (seen in Deno 2.9.6).
   */
  async startTls(host: string): Promise<void> {
    const conn = await Deno.startTls(this.#conn as Deno.TcpConn, { hostname: host });
    // The socket belongs to the new connection now, so a close() in the meantime did not reach it.
    this.#conn = conn;
    if (this.#closed) conn.close();
    const { alpnProtocol } = await conn.handshake();
    this.#tls = { protocol: null, cipher: null, alpnProtocol, authorized: true, peerCertificate: null };
  }

  /**
   * See {@linkcode Transport.read}. An end without the peer's close_notify is an end like any other, as in Python and in
   * Node: many servers end so. The framing of HTTP tells whether something is missing.
   */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.#tls === null ? this.#conn.read(buffer) : this.#readTls(buffer);
  }

  async #readTls(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.#conn.read(buffer);
    } catch (error) {
      if (error instanceof Deno.errors.UnexpectedEof) return null;
      throw error;
    }
  }

  /** See {@linkcode Transport.write}. */
  write(bytes: Uint8Array): Promise<number> {
    return this.#conn.write(bytes);
  }

  /** See {@linkcode Transport.close}. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#conn.close();
    } catch (error) {
      // While TLS starts, the old connection has no socket any more.
      if (!(error instanceof Deno.errors.BadResource)) throw error;
    }
  }

  /** See {@linkcode Transport.ref}. */
  ref(): void {
    (this.#conn as Deno.TcpConn).ref();
  }

  /** See {@linkcode Transport.unref}. */
  unref(): void {
    (this.#conn as Deno.TcpConn).unref();
  }
}

function addressText(address: Deno.Addr): string | null {
  if (address.transport === "unix") return address.path;
  if (!("hostname" in address)) return null;
  const { hostname, port } = address;
  return hostname.includes(":") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
