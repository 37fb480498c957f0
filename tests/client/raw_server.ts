/** A server over a bare socket: it tells what arrived, byte for byte, and answers with whatever bytes a test wants. */

import { decodeLatin1 } from "../../http1/latin1.ts";

/** A request as it arrived. */
export interface RawRequest {
  /** Request line and header fields. */
  readonly head: string;
  /** The body, with its chunk framing; one character is one byte. */
  readonly body: string;
  /** The number of its connection, from 1. */
  readonly connection: number;
}

/** What a test does about a request: bytes to send, several pieces of them, `null` to close, or whatever it does by hand. */
export type RawAnswer =
  | string
  | Uint8Array
  | null
  | ((connection: Deno.Conn, head: string) => Promise<void | null>);

/** The bytes of a text, one for each character. */
export const bytesOf = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(text, (char) => char.charCodeAt(0));

/** See the top of the file. Answers that end without `Connection: close` leave the connection open for the next request. */
export class RawServer implements AsyncDisposable {
  /** The requests, in the order in which they arrived. */
  readonly requests: RawRequest[] = [];
  readonly port: number;
  readonly origin: string;
  readonly #listener: Deno.Listener;
  readonly #answer: (request: RawRequest, index: number) => RawAnswer;
  readonly #open = new Set<Deno.Conn>();
  readonly #running: Promise<unknown>[] = [];
  #connections = 0;

  constructor(
    answer: (request: RawRequest, index: number) => RawAnswer,
    options: { tls?: { cert: string; key: string } } = {},
  ) {
    this.#answer = answer;
    this.#listener = options.tls === undefined
      ? Deno.listen({ hostname: "127.0.0.1", port: 0 })
      : Deno.listenTls({ hostname: "127.0.0.1", port: 0, ...options.tls });
    this.port = (this.#listener.addr as Deno.NetAddr).port;
    this.origin = `${options.tls === undefined ? "http" : "https"}://127.0.0.1:${this.port}`;
    this.#running.push(this.#accept());
  }

  /** How many connections came in. */
  get connections(): number {
    return this.#connections;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    for (const connection of this.#open) close(connection);
    await Promise.all(this.#running);
  }

  async #accept(): Promise<void> {
    for await (const connection of this.#listener) {
      this.#open.add(connection);
      this.#running.push(this.#serve(connection, ++this.#connections));
    }
  }

  async #serve(connection: Deno.Conn, number: number): Promise<void> {
    try {
      const input = new Input(connection);
      for (let head = await input.until("\r\n\r\n"); head !== null; head = await input.until("\r\n\r\n")) {
        const length = Number(/^content-length: (\d+)/im.exec(head)?.[1] ?? 0);
        const chunked = /^transfer-encoding: chunked/im.test(head);
        const body = chunked ? await input.until("0\r\n\r\n") : await input.take(length);
        const request = { head: head.trimEnd(), body: body ?? "", connection: number };
        const answer = this.#answer(request, this.requests.push(request) - 1);
        if (answer === null) return;
        if (typeof answer === "function") {
          if (await answer(connection, request.head) === null) return;
        } else {
          const bytes = typeof answer === "string" ? bytesOf(answer) : answer;
          for (let sent = 0; sent < bytes.length;) sent += await connection.write(bytes.subarray(sent));
          if (/^connection: close/im.test(decodeLatin1(bytes.subarray(0, 500)))) return;
        }
      }
    } catch (error) {
      // The client went away, or the test is over.
      const gone = [
        Deno.errors.ConnectionReset,
        Deno.errors.BrokenPipe,
        Deno.errors.BadResource,
        Deno.errors.Interrupted,
        Deno.errors.InvalidData,
        Deno.errors.UnexpectedEof,
        Deno.errors.NotConnected,
      ];
      if (!gone.some((kind) => error instanceof kind)) throw error;
    } finally {
      close(connection);
      this.#open.delete(connection);
    }
  }
}

function close(connection: Deno.Conn): void {
  try {
    connection.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error;
  }
}

class Input {
  readonly #connection: Deno.Conn;
  #buffer = "";

  constructor(connection: Deno.Conn) {
    this.#connection = connection;
  }

  async until(mark: string): Promise<string | null> {
    while (!this.#buffer.includes(mark)) if (!await this.#more()) return null;
    return this.#cut(this.#buffer.indexOf(mark) + mark.length);
  }

  async take(length: number): Promise<string | null> {
    while (this.#buffer.length < length) if (!await this.#more()) return null;
    return this.#cut(length);
  }

  #cut(length: number): string {
    const text = this.#buffer.slice(0, length);
    this.#buffer = this.#buffer.slice(length);
    return text;
  }

  async #more(): Promise<boolean> {
    const bytes = new Uint8Array(65536);
    const count = await this.#connection.read(bytes);
    if (count === null) return false;
    this.#buffer += decodeLatin1(bytes.subarray(0, count));
    return true;
  }
}

/** A plain answer with a length. */
export function ok(body = "", fields = ""): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n${fields}\r\n${body}`;
}

/** An origin where nobody listens. */
export function deadOrigin(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr as Deno.NetAddr;
  listener.close();
  return `http://127.0.0.1:${port}`;
}
