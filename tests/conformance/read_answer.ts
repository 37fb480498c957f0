/**
 * Reading an answer off a connection, exactly as `server/README.md` says under "Reading an answer".
 *
 * This is written apart from the project's own HTTP/1.1 reader on purpose: a mistake there must not hide itself here.
 *
 * @module
 */

import { type Answer, fieldOf } from "./answer.ts";
import type { RawConnection } from "./raw_connection.ts";

const QUIET_MS = 300;
const STATUS_LINE_REGEXP = /^HTTP\/\d\.\d (\d{3})(?: [^\r\n]*)?$/;
const FIELD_REGEXP = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*(.*?)[ \t]*$/;
const CHUNK_SIZE_REGEXP = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;.*)?\r$/;
const LENGTH_REGEXP = /^\d{1,15}$/;

/** The head of an answer. */
interface Head {
  readonly status: number;
  readonly fields: [string, string][];
}

/**
 * Reads the answer to a request of the given method.
 *
 * @throws {Error} If the head is malformed, lengths contradict each other, or the body is too short.
 */
export async function readAnswer(connection: RawConnection, method: string): Promise<Answer> {
  const interim: number[] = [];
  let head = await readHead(connection);
  while (head.status < 200) {
    interim.push(head.status);
    head = await readHead(connection);
  }
  const length = lengthOf(head);
  const bodiless = method === "HEAD" || head.status === 204 || head.status === 304;
  const body = bodiless ? await readUntilQuiet(connection) : await readBody(connection, head, length);
  return { ...head, body, interim };
}

/**
 * Waits whether the server closes, at most `waitMs` milliseconds.
 *
 * @throws {Error} If bytes follow the answer.
 */
export async function awaitClosing(connection: RawConnection, waitMs: number): Promise<"closed" | "open"> {
  const arrival = connection.buffered > 0 ? "data" : await connection.more(waitMs);
  if (arrival === "data") throw new Error(`Cannot accept the answer: ${connection.buffered} bytes follow it`);
  return arrival === "quiet" ? "open" : "closed";
}

async function readHead(connection: RawConnection): Promise<Head> {
  const statusLine = withoutCr(await connection.line("the status line"));
  const status = STATUS_LINE_REGEXP.exec(statusLine)?.[1];
  if (status === undefined || Number(status) < 100) {
    throw new Error(`Cannot read the head: malformed status line ${JSON.stringify(statusLine)}`);
  }
  const fields: [string, string][] = [];
  for (;;) {
    const line = withoutCr(await connection.line("the head"));
    if (line === "") return { status: Number(status), fields };
    const [, name, value] = FIELD_REGEXP.exec(line) ?? [];
    if (name === undefined || value === undefined || /[\0\r]/.test(value)) {
      throw new Error(`Cannot read the head: malformed field line ${JSON.stringify(line)}`);
    }
    fields.push([name.toLowerCase(), value]);
  }
}

function lengthOf(head: Head): number | undefined {
  const value = fieldOf(head, "content-length");
  if (value === undefined) return undefined;
  const lengths = new Set(value.split(",").map((length) => length.trim()));
  const [length = ""] = lengths;
  if (lengths.size !== 1 || !LENGTH_REGEXP.test(length)) {
    throw new Error(`Cannot tell the length of the body: Content-Length is "${value}"`);
  }
  return Number(length);
}

async function readUntilQuiet(connection: RawConnection): Promise<Uint8Array> {
  while (await connection.more(QUIET_MS) === "data");
  return connection.take();
}

async function readBody(connection: RawConnection, head: Head, length: number | undefined): Promise<Uint8Array> {
  const transferEncoding = fieldOf(head, "transfer-encoding");
  if (transferEncoding !== undefined) {
    if (transferEncoding.toLowerCase() !== "chunked") {
      throw new Error(`Cannot read the body: Transfer-Encoding is "${transferEncoding}"`);
    }
    return await readChunked(connection);
  }
  if (length !== undefined) return await connection.exactly(length, "the body");
  let arrival = await connection.more();
  while (arrival === "data") arrival = await connection.more();
  if (arrival === "reset") throw new Error("Cannot read the body: the connection was reset before its end");
  return connection.take();
}

async function readChunked(connection: RawConnection): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for (;;) {
    const line = await connection.line("a chunk size");
    const size = CHUNK_SIZE_REGEXP.exec(line)?.[1];
    if (size === undefined) throw new Error(`Cannot read the body: malformed chunk size ${JSON.stringify(line)}`);
    const length = parseInt(size, 16);
    if (length === 0) break;
    chunks.push(await connection.exactly(length, "a chunk"));
    const end = await connection.line("the end of a chunk");
    if (end !== "\r") throw new Error(`Cannot read the body: ${JSON.stringify(end)} stands behind a chunk`);
  }
  while (await connection.line("the trailer") !== "\r");
  return new Uint8Array(await new Blob(chunks as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

function withoutCr(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
