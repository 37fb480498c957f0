/**
 * The server's end of a connection: requests in, bytes out.
 *
 * @module
 */

import { decodeLatin1 } from "../latin1.ts";
import { type RequestRecord, valuesOf } from "./request_record.ts";
import type { ServerName } from "./server_rule.ts";

const LIMIT_BYTES = 1 << 24;
const LF = 10;
const REQUEST_LINE_REGEXP = /^(\S+) (\S+) HTTP\/1\.[01]$/;
const FIELD_REGEXP = /^([^\s:]+):[ \t]*(.*?)[ \t]*$/s;
const CHUNK_SIZE_REGEXP = /^[0-9a-f]+$/i;

/** The peer went away, or kept quiet for too long, before a request was complete. */
class PeerGone extends Error {}

/** One accepted connection. */
export class ServerConnection {
  readonly #conn: Deno.TcpConn;
  readonly #quietMs: number;
  #buffer = new Uint8Array(0);
  #closed = false;

  /** Takes a connection over; it is closed when nothing arrives for `quietMs` milliseconds while a request is awaited. */
  constructor(conn: Deno.TcpConn, quietMs: number) {
    // Otherwise the kernel may join pieces that a case wants to arrive one by one.
    conn.setNoDelay(true);
    this.#conn = conn;
    this.#quietMs = quietMs;
  }

  /**
   * Reads the next request; `announce` gets it as soon as its head is there.
   *
   * @returns The request, or undefined when no complete one comes any more.
   * @throws {TypeError} If what comes is no HTTP/1.1 request.
   */
  async readRequest(
    server: ServerName,
    announce: (record: RequestRecord) => void,
  ): Promise<RequestRecord | undefined> {
    try {
      const requestLine = REQUEST_LINE_REGEXP.exec(await this.#line());
      if (requestLine === null) throw new TypeError("The client sent no HTTP/1.1 request line");
      const record: RequestRecord = {
        server,
        method: requestLine[1]!,
        target: requestLine[2]!,
        fields: await this.#fields(),
        body: new Uint8Array(0),
        digestAccepted: null,
      };
      announce(record);
      record.body = await this.#body(record);
      return record;
    } catch (error) {
      if (error instanceof PeerGone) return undefined;
      throw error;
    }
  }

  async #fields(): Promise<[string, string][]> {
    const fields: [string, string][] = [];
    for (let line = await this.#line(); line !== ""; line = await this.#line()) {
      const field = FIELD_REGEXP.exec(line);
      if (field === null) throw new TypeError(`The client sent a line that is no field: ${JSON.stringify(line)}`);
      fields.push([field[1]!, field[2]!]);
    }
    return fields;
  }

  async #body(record: RequestRecord): Promise<Uint8Array> {
    const codings = valuesOf(record, "transfer-encoding");
    const lengths = valuesOf(record, "content-length");
    if (codings.length > 0) {
      if (codings.join().toLowerCase() !== "chunked") throw new TypeError(`The client sent the coding "${codings}"`);
      return await this.#chunks();
    }
    if (lengths.length === 0) return new Uint8Array(0);
    if (lengths.length > 1 || !/^\d+$/.test(lengths[0]!)) {
      throw new TypeError(`The client sent the Content-Length "${lengths}"`);
    }
    return await this.#exactly(Number(lengths[0]));
  }

  async #chunks(): Promise<Uint8Array> {
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    while (true) {
      const size = (await this.#line()).replace(/[ \t]*(;.*)?$/s, "");
      if (!CHUNK_SIZE_REGEXP.test(size)) throw new TypeError(`The client sent the chunk size "${size}"`);
      const length = parseInt(size, 16);
      if (length === 0) break;
      chunks.push(await this.#exactly(length));
      if (await this.#line() !== "") throw new TypeError("The client sent a chunk that is longer than its size");
    }
    await this.#fields();
    return await new Blob(chunks).bytes();
  }

  async #line(): Promise<string> {
    let at = this.#buffer.indexOf(LF);
    for (; at < 0; at = this.#buffer.indexOf(LF)) await this.#more();
    return decodeLatin1(this.#take(at + 1).subarray(0, at)).replace(/\r$/, "");
  }

  async #exactly(count: number): Promise<Uint8Array<ArrayBuffer>> {
    while (this.#buffer.length < count) await this.#more();
    return this.#take(count);
  }

  #take(count: number): Uint8Array<ArrayBuffer> {
    const taken = this.#buffer.slice(0, count);
    this.#buffer = this.#buffer.slice(count);
    return taken;
  }

  async #more(): Promise<void> {
    if (this.#buffer.length > LIMIT_BYTES) throw new TypeError(`The client sent more than ${LIMIT_BYTES} bytes`);
    const chunk = new Uint8Array(1 << 16);
    const quiet = setTimeout(() => this.close(), this.#quietMs);
    let count: number | null;
    try {
      count = await this.#conn.read(chunk);
    } catch (error) {
      if (isGone(error)) throw new PeerGone("the connection broke", { cause: error });
      throw error;
    } finally {
      clearTimeout(quiet);
    }
    if (count === null) throw new PeerGone("the peer closed the connection");
    const joined = new Uint8Array(this.#buffer.length + count);
    joined.set(this.#buffer);
    joined.set(chunk.subarray(0, count), this.#buffer.length);
    this.#buffer = joined;
  }

  /** Writes all bytes; says whether the peer was still there. */
  async write(bytes: Uint8Array): Promise<boolean> {
    try {
      for (let sent = 0; sent < bytes.length;) sent += await this.#conn.write(bytes.subarray(sent));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Closes the connection, once. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#conn.close();
  }
}

/** Whether an error says that the peer, or this server itself, has closed the connection. */
function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe || error instanceof Deno.errors.BadResource ||
    error instanceof Deno.errors.Interrupted || error instanceof Deno.errors.NotConnected;
}
