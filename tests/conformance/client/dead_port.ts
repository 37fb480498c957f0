/**
 * A port that nobody listens on, and that nobody can take meanwhile.
 *
 * @module
 */

/** Keeps the local port of an open connection: it is in use, so the system gives it to nobody, but it does not listen. */
export class DeadPort implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #conn: Deno.TcpConn;

  private constructor(listener: Deno.TcpListener, conn: Deno.TcpConn) {
    this.#listener = listener;
    this.#conn = conn;
  }

  /** Takes a port. */
  static async take(): Promise<DeadPort> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    try {
      return new DeadPort(listener, await Deno.connect({ hostname: "127.0.0.1", port: listener.addr.port }));
    } catch (error) {
      listener.close();
      throw error;
    }
  }

  /** The port on the loopback interface. */
  get port(): number {
    return (this.#conn.localAddr as Deno.NetAddr).port;
  }

  /** Gives the port back. */
  [Symbol.dispose](): void {
    this.#conn.close();
    this.#listener.close();
  }
}
