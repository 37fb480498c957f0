/** A port that neither takes nor refuses a connection, as behind a firewall that drops packets. */

/** See the top of the file. Linux leaves whoever comes when the queue is full waiting; other systems may refuse. */
export class FullListener implements Disposable {
  readonly port: number;
  readonly #listener: Deno.Listener;
  readonly #queue: readonly Deno.Conn[];

  private constructor(listener: Deno.Listener, port: number, queue: readonly Deno.Conn[]) {
    this.#listener = listener;
    this.port = port;
    this.#queue = queue;
  }

  /** Opens a port and fills its queue: the system lets one connection more in than the queue is long. */
  static async open(): Promise<FullListener> {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0, tcpBacklog: 1 });
    const { port } = listener.addr as Deno.NetAddr;
    const connect = () => Deno.connect({ hostname: "127.0.0.1", port });
    return new FullListener(listener, port, [await connect(), await connect()]);
  }

  [Symbol.dispose](): void {
    this.#listener.close();
    for (const connection of this.#queue) connection.close();
  }
}

/** Whether a {@linkcode FullListener} works here. */
export const CAN_FILL: boolean = Deno.build.os === "linux";
