/**
 * A server that gives a canned answer, for the tests of the runner itself.
 *
 * @module
 */

import { encodeLatin1 } from "./latin1.ts";

/** Answers every connection with the same bytes. */
export class CannedServer implements AsyncDisposable {
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #serving: Promise<void>;
  readonly #answer: string;
  readonly #keepOpen: boolean;
  /** How many connections have come. */
  connections = 0;

  /** Starts to listen; with `keepOpen` it leaves the closing to its peer. */
  constructor(answer: string, { keepOpen = false } = {}) {
    this.#answer = answer;
    this.#keepOpen = keepOpen;
    this.#serving = this.#serve();
  }

  /** The port on the loopback interface. */
  get port(): number {
    return this.#listener.addr.port;
  }

  async #serve(): Promise<void> {
    const answered: Promise<void>[] = [];
    for await (const conn of this.#listener) {
      this.connections++;
      answered.push(this.#respond(conn));
    }
    await Promise.all(answered);
  }

  async #respond(conn: Deno.TcpConn): Promise<void> {
    const chunk = new Uint8Array(1024);
    await conn.read(chunk);
    for (let rest = encodeLatin1(this.#answer); rest.length > 0;) rest = rest.subarray(await conn.write(rest));
    while (this.#keepOpen && await conn.read(chunk) !== null);
    conn.close();
  }

  /** Stops listening and waits for the connections. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    await this.#serving;
  }
}
