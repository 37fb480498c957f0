/** Servers without manners for tests of connecting: one that says nothing, one whose queue is full, and an HTTP proxy. */

import type { Identity } from "./authority.ts";

/** Accepts connections, takes what comes and says nothing, or one thing, and waits for the client to close. */
export class SilentPeer implements AsyncDisposable {
  readonly port: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #running: Promise<unknown>[] = [];
  readonly #said: Uint8Array;
  readonly #open = new Set<Deno.Conn>();
  readonly #arrivals = Promise.withResolvers<void>();

  /** @param said what it says to the first bytes. */
  constructor(said: Iterable<number> = []) {
    this.port = this.#listener.addr.port;
    this.#said = Uint8Array.from(said);
    this.#running.push(this.#accept());
  }

  /** Closes every connection, instead of waiting for the clients to do so. */
  hangUp(): void {
    for (const connection of this.#open) connection.close();
    this.#open.clear();
  }

  /** Waits for the first bytes of a client. */
  get arrival(): Promise<void> {
    return this.#arrivals.promise;
  }

  /** Stops listening, and waits until every client has closed its connection: a leak in the client is a hang here. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#running.push(this.#serve(connection));
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    this.#open.add(connection);
    try {
      const buffer = new Uint8Array(65536);
      for (let first = true; await connection.read(buffer) !== null; first = false) {
        this.#arrivals.resolve();
        if (first && this.#said.length > 0) await connection.write(this.#said);
      }
    } catch (error) {
      const gone = [Deno.errors.ConnectionReset, Deno.errors.BadResource, Deno.errors.Interrupted];
      if (!gone.some((kind) => error instanceof kind)) throw error;
    } finally {
      if (this.#open.delete(connection)) connection.close();
    }
  }
}

/** Listens, and has no room for another connection: whoever connects waits. */
export class FullPeer implements Disposable {
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #waiting: Deno.Conn[];

  private constructor(listener: Deno.Listener, waiting: Deno.Conn[]) {
    this.#listener = listener;
    this.#waiting = waiting;
    this.port = (listener.addr as Deno.NetAddr).port;
  }

  static async start(): Promise<FullPeer> {
    // Not in the types yet.
    const options: Deno.TcpListenOptions & { tcpBacklog: number } = { hostname: "127.0.0.1", port: 0, tcpBacklog: 1 };
    const listener = Deno.listen(options);
    const waiting: Deno.Conn[] = [];
    for (;;) {
      try {
        const { port } = listener.addr;
        waiting.push(await Deno.connect({ hostname: "127.0.0.1", port, signal: AbortSignal.timeout(200) }));
      } catch (error) {
        if ((error as Error).name !== "TimeoutError") throw error;
        return new FullPeer(listener, waiting);
      }
    }
  }

  [Symbol.dispose](): void {
    for (const connection of this.#waiting) connection.close();
    this.#listener.close();
  }
}

/** An HTTP proxy that connects to one place, whatever it is asked for; with a certificate it is an https proxy. */
export class TunnelProxy implements AsyncDisposable {
  readonly port: number;
  /** The heads of the requests it got. */
  readonly heads: string[] = [];
  readonly #listener: Deno.Listener;
  readonly #upstream: number;
  readonly #running: Promise<unknown>[] = [];

  constructor(upstream: number, identity?: Identity) {
    const address = { hostname: "127.0.0.1", port: 0 };
    this.#listener = identity === undefined ? Deno.listen(address) : Deno.listenTls({ ...address, ...identity });
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.#upstream = upstream;
    this.#running.push(this.#accept());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) this.#running.push(this.#serve(connection));
  }

  async #serve(connection: Deno.Conn): Promise<void> {
    try {
      let head = "";
      for (const buffer = new Uint8Array(1); !head.endsWith("\r\n\r\n");) {
        if (await connection.read(buffer) === null) return connection.close();
        head += String.fromCharCode(buffer[0]!);
      }
      this.heads.push(head);
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 Connection established\r\n\r\n"));
    } catch (error) {
      connection.close();
      // A client that does not trust the certificate says so and goes.
      if (error instanceof Deno.errors.InvalidData || error instanceof Deno.errors.UnexpectedEof) return;
      throw error;
    }
    const upstream = await Deno.connect({ hostname: "127.0.0.1", port: this.#upstream });
    // Either side may end first; the pipes close both.
    await Promise.allSettled([
      connection.readable.pipeTo(upstream.writable),
      upstream.readable.pipeTo(connection.writable),
    ]);
  }
}
