/** A TLS server that repeats in capitals what it gets, and tells what it saw of its clients. */

import type { AddressInfo } from "node:net";
import { createServer, type SecureVersion, type Server, type TLSSocket } from "node:tls";
import type { Identity } from "./authority.ts";

/** Options of {@linkcode TlsPeer}. */
export interface TlsPeerOptions {
  /** The authority that a client's certificate must be from; without it none is asked for. */
  readonly ca?: string;
  /** The newest version that it speaks. */
  readonly maxVersion?: SecureVersion;
  /** Said at once, and then the connection is ended. */
  readonly say?: string;
}

/** See the top of the file. */
export class TlsPeer implements AsyncDisposable {
  /** What it got. */
  readonly received: string[] = [];
  /** The server names of its clients, `null` for none. */
  readonly serverNames: (string | null)[] = [];
  /** The common names in the certificates of its clients. */
  readonly clients: (string | undefined)[] = [];
  readonly #server: Server;
  readonly #open = new Set<TLSSocket>();
  readonly #closed: Promise<unknown>[] = [];

  /** Starts one. */
  static async start(identity: Identity, options: TlsPeerOptions = {}): Promise<TlsPeer> {
    const peer = new TlsPeer(identity, options);
    await new Promise<void>((resolve) => peer.#server.listen(0, "127.0.0.1", resolve));
    return peer;
  }

  private constructor(identity: Identity, options: TlsPeerOptions) {
    const { ca, maxVersion, say } = options;
    this.#server = createServer({
      ...identity,
      ...(ca === undefined ? {} : { ca, requestCert: true, rejectUnauthorized: true }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
    }, (socket) => {
      this.serverNames.push((socket as { servername?: string | false | null }).servername || null);
      this.clients.push(socket.getPeerCertificate()?.subject?.CN as string | undefined);
      if (say !== undefined) return void socket.end(say);
      socket.on("data", (bytes: Uint8Array) => {
        const text = new TextDecoder().decode(bytes);
        this.received.push(text);
        if (!socket.write(text.toUpperCase())) {
          socket.pause();
          socket.once("drain", () => socket.resume());
        }
      });
      socket.on("error", () => {});
    });
    this.#server.on("connection", (socket: TLSSocket) => {
      this.#open.add(socket);
      // A client that refuses the certificate ends the connection the hard way.
      socket.on("error", () => {});
      this.#closed.push(
        new Promise<void>((resolve) =>
          socket.on("close", () => {
            this.#open.delete(socket);
            resolve();
          })
        ),
      );
    });
    this.#server.on("tlsClientError", () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Waits until every client has gone. */
  async idle(): Promise<void> {
    await Promise.all(this.#closed);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
