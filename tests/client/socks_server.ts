/**
 * A SOCKS proxy that connects to one place, whatever it is asked for: SOCKS 5 (RFC 1928) with user and password (RFC 1929),
 * SOCKS 4 and 4a.
 */

/** See the top of the file. */
export class SocksServer implements AsyncDisposable {
  /** The targets it was asked to connect to, each with the kind of its address. */
  readonly targets: string[] = [];
  /** The credentials it was given. */
  readonly credentials: string[] = [];
  readonly port: number;
  readonly #listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  readonly #running: Promise<unknown>[] = [];
  readonly #upstream: number;

  /** @param upstream the port on this machine that every connection leads to. */
  constructor(upstream: number) {
    this.#upstream = upstream;
    this.port = (this.#listener.addr as Deno.NetAddr).port;
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
    const take = async (length: number): Promise<Uint8Array> => {
      const bytes = new Uint8Array(length);
      for (let got = 0; got < length;) {
        const count = await connection.read(bytes.subarray(got));
        if (count === null) throw new Deno.errors.UnexpectedEof();
        got += count;
      }
      return bytes;
    };
    const text = async () => new TextDecoder().decode(await take((await take(1))[0]!));

    const ended = async () => {
      const bytes: number[] = [];
      for (let byte; (byte = (await take(1))[0]!) !== 0;) bytes.push(byte);
      return String.fromCharCode(...bytes);
    };

    if ((await take(1))[0] === 4) {
      await take(1);
      const port = new DataView((await take(2)).buffer).getUint16(0);
      const address = await take(4);
      this.credentials.push(await ended());
      // An address that cannot be: the name follows (SOCKS 4a).
      const isName = address[0] === 0 && address[1] === 0 && address[2] === 0 && address[3] !== 0;
      this.targets.push(`${isName ? `name ${await ended()}` : `address ${address.join(".")}`}:${port}`);
      await connection.write(Uint8Array.of(0, 90, 0, 0, 0, 0, 0, 0));
      return await this.#pipe(connection);
    }
    const offered = await take((await take(1))[0]!);
    const withPassword = offered.includes(2);
    await connection.write(Uint8Array.of(5, withPassword ? 2 : 0));
    if (withPassword) {
      await take(1);
      this.credentials.push(`${await text()}:${await text()}`);
      await connection.write(Uint8Array.of(1, 0));
    }
    const kind = (await take(4))[3];
    const host = kind === 3 ? await text() : (await take(kind === 1 ? 4 : 16)).join(".");
    const port = new DataView((await take(2)).buffer).getUint16(0);
    this.targets.push(`${kind === 3 ? "name" : "address"} ${host}:${port}`);
    await connection.write(Uint8Array.of(5, 0, 0, 1, 127, 0, 0, 1, 0, 0));
    await this.#pipe(connection);
  }

  async #pipe(connection: Deno.Conn): Promise<void> {
    const upstream = await Deno.connect({ hostname: "127.0.0.1", port: this.#upstream });
    // Either side may end first; the pipes close both.
    await Promise.allSettled([
      connection.readable.pipeTo(upstream.writable),
      upstream.readable.pipeTo(connection.writable),
    ]);
  }
}
