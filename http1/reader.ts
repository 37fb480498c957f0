/** Messages, received one after the other from a connection. */

import { BodyReader } from "./body_reader.ts";
import { type FieldLine, isTokenCode, parseFieldLines } from "./fields.ts";
import type { Framing } from "./framing.ts";
import {
  parseRequestLine,
  parseStatusLine,
  type RequestHead,
  type RequestLine,
  type ResponseHead,
  type StatusLine,
} from "./head.ts";
import { decodeAscii, decodeLatin1 } from "./latin1.ts";
import { type Limits, resolveLimits } from "./limits.ts";
import { LineScanner } from "./line_scanner.ts";
import { excerpt, ProtocolError } from "./protocol_error.ts";
import { type ByteSource, ReceiveBuffer } from "./receive_buffer.ts";

const LF = 10;
const CR = 13;
const SP = 32;

/** How much of a start line that has not arrived whole is looked at: enough to tell other protocols apart. */
const MAX_GLANCE = 64;

/** How every status line of HTTP/1 begins. */
const STATUS_LINE_START = new TextEncoder().encode("HTTP/1.");

/** Options of {@linkcode MessageReader}. */
export interface MessageReaderOptions {
  /** Limits other than {@linkcode DEFAULT_LIMITS}. */
  readonly limits?: Partial<Limits>;
  /** Bytes of memory for what arrives, 64 KiB by default. */
  readonly bufferSize?: number;
}

/** How the two kinds of heads differ. */
interface HeadKind<Line> {
  readonly name: "request" | "response";
  /** Reads a start line without its line end. */
  readonly parseLine: (line: string) => Line;
  /** Whether the bytes, as many as have arrived, can be the beginning of a head. */
  readonly canBegin: (bytes: Uint8Array, start: number, end: number) => boolean;
}

const RESPONSE: HeadKind<StatusLine> = {
  name: "response",
  parseLine: parseStatusLine,
  canBegin(bytes, start, end) {
    const length = Math.min(end - start, STATUS_LINE_START.length);
    for (let index = 0; index < length; index++) {
      if (bytes[start + index] !== STATUS_LINE_START[index]) return false;
    }
    return true;
  },
};

const REQUEST: HeadKind<RequestLine> = {
  name: "request",
  parseLine: parseRequestLine,
  canBegin(bytes, start, end) {
    let index = start;
    while (index < end && isTokenCode(bytes[index]!)) index++;
    return index === end || (index > start && bytes[index] === SP);
  },
};

/**
 * Reads HTTP/1.1 messages to RFC 9112 from a connection: a head, its body, the next head.
 *
 * It is for both sides, `readResponseHead()` for clients and `readRequestHead()` for servers. A head or body that lies in
 * the buffer costs no read. After an error the connection is of no use; errors of the source come through as they are.
 */
export class MessageReader {
  readonly #buffer: ReceiveBuffer;
  readonly #limits: Limits;
  readonly #scanner = new LineScanner();
  #body: BodyReader | null = null;
  /** Whether the head that was read last was that of a request. */
  #strict = false;
  /** Whether the empty line that may stand before a head has been skipped. */
  #skipped = false;
  /** The start line of a head that has not arrived whole. */
  #startLine: StatusLine | RequestLine | null = null;

  /**
   * Makes a reader for one connection. It does not read before it is asked to.
   *
   * @throws {RangeError} If a limit or the size is no positive integer.
   */
  constructor(source: ByteSource, options: MessageReaderOptions = {}) {
    const { bufferSize = 65_536 } = options;
    if (!Number.isSafeInteger(bufferSize) || bufferSize < 1) {
      throw new RangeError(`Cannot use ${bufferSize} as bufferSize: expected a positive integer`);
    }
    this.#limits = resolveLimits(options.limits);
    this.#buffer = new ReceiveBuffer(source, bufferSize);
  }

  /** Bytes that were received and not yet consumed. */
  get buffered(): number {
    return this.#buffer.length;
  }

  /**
   * Reads what comes next before anybody asks for it; who needs bytes meanwhile waits for the same read. Where bytes wait
   * already there is nothing to do.
   *
   * @returns How many bytes there are; `null` means that the peer has closed the connection. Rejects as the source does, and
   *   so does whoever needs bytes afterwards.
   */
  prefetch(): Promise<number | null> {
    if (this.#buffer.length > 0) return Promise.resolve(this.#buffer.length);
    const pending = this.#buffer.fill();
    // Nobody must be waiting yet: the buffer keeps the error for who comes next.
    pending.catch(() => {});
    return pending;
  }

  /**
   * Reads the head of a response. Those of interim responses (1xx) come like any other, with `{ kind: "none" }` behind.
   *
   * An empty line before it, lines that end in a bare LF, and a missing reason phrase are tolerated. What can never become
   * a status line is refused at once: a peer of another protocol may wait for an answer to it.
   *
   * @throws {ProtocolError} `"closed"` before the first byte, otherwise what is wrong with the head.
   * @throws {TypeError} If the body before has not been read to its end.
   */
  async readResponseHead(): Promise<ResponseHead> {
    this.#begin();
    let head: ResponseHead | null;
    while ((head = this.#takeHead(RESPONSE)) === null) {
      if (await this.#buffer.fill() === null) throw this.#endOfHead(RESPONSE);
    }
    this.#strict = false;
    return head;
  }

  /**
   * Reads the head of a request.
   *
   * An empty line before it and lines that end in a bare LF are tolerated (RFC 9112 §2.2), nothing else.
   *
   * @returns The head, or `null` if the client has closed the connection before it.
   * @throws {ProtocolError} What is wrong with the head.
   * @throws {TypeError} If the body before has not been read to its end.
   */
  async readRequestHead(): Promise<RequestHead | null> {
    this.#begin();
    let head: RequestHead | null;
    while ((head = this.#takeHead(REQUEST)) === null) {
      if (await this.#buffer.fill() !== null) continue;
      const error = this.#endOfHead(REQUEST);
      if (error.code === "closed") return null;
      throw error;
    }
    this.#strict = true;
    return head;
  }

  /**
   * The body behind the head that was read last.
   *
   * @param framing Where it ends, see {@linkcode responseFraming} and {@linkcode requestFraming}.
   * @throws {TypeError} If the body before has not been read to its end.
   */
  body(framing: Framing): BodyReader {
    this.#begin();
    return this.#body = new BodyReader(this.#buffer, framing, this.#limits, this.#strict);
  }

  #begin(): void {
    if (this.#body === null) return;
    if (!this.#body.done) {
      throw new TypeError("Cannot read the next message: read the body before it to its end, or close the connection");
    }
    this.#body = null;
  }

  /** Takes the head from the buffer, if it has arrived whole. */
  #takeHead<Line extends StatusLine | RequestLine>(kind: HeadKind<Line>): Line & { fields: FieldLine[] } | null {
    const buffer = this.#buffer;
    if (!this.#skipped && !this.#skipEmptyLine()) return null;

    const scanner = this.#scanner;
    const { maxHeadSize, maxFields } = this.#limits;
    const { bytes, start, end } = buffer;
    const length = scanner.scan(bytes, start, end);
    const lineFeed = scanner.firstLineFeed;
    this.#checkStart(kind, lineFeed);
    if (length < 0) {
      if (lineFeed >= 0) this.#startLine ??= kind.parseLine(decodeLine(bytes, start, start + lineFeed));
      if (end - start >= maxHeadSize) throw headTooLarge(maxHeadSize);
      return null;
    }

    const section = bytes.subarray(start, start + length);
    const text = scanner.beyondAscii ? decodeLatin1(section) : decodeAscii(section);
    const lineEnd = text.charCodeAt(lineFeed - 1) === CR ? lineFeed - 1 : lineFeed;
    const line = this.#startLine as Line | null ?? kind.parseLine(text.slice(0, lineEnd));
    if (length > maxHeadSize) throw headTooLarge(maxHeadSize);
    const fields = parseFieldLines(text, lineFeed + 1, { maxFields, suspicious: scanner.suspicious });

    buffer.start += length;
    scanner.reset();
    this.#skipped = false;
    this.#startLine = null;
    return { ...line, fields };
  }

  /** Skips one empty line before a head, as some peers send it behind a body (RFC 9112 §2.2); `false` if it may yet come. */
  #skipEmptyLine(): boolean {
    const buffer = this.#buffer;
    const { bytes, start, length } = buffer;
    if (length === 0 || (length === 1 && bytes[start] === CR)) return false;
    if (bytes[start] === LF) buffer.start += 1;
    else if (bytes[start] === CR && bytes[start + 1] === LF) buffer.start += 2;
    return this.#skipped = true;
  }

  /** Checks the start line as far as it has arrived. */
  #checkStart(kind: HeadKind<unknown>, lineFeed: number): void {
    if (this.#startLine !== null) return;
    const { bytes, start, end } = this.#buffer;
    const { maxStartLine } = this.#limits;
    if (!kind.canBegin(bytes, start, Math.min(end, start + Math.min(MAX_GLANCE, maxStartLine)))) {
      const received = decodeLatin1(bytes.subarray(start, Math.min(end, start + 100)));
      throw new ProtocolError(`Received ${excerpt(received)} instead of a ${kind.name}`, "bad-start-line");
    }
    const length = lineFeed < 0 ? end - start - 1 : lineFeed - (bytes[start + lineFeed - 1] === CR ? 1 : 0);
    if (length > maxStartLine) {
      throw new ProtocolError(`Received a start line of more than ${maxStartLine} bytes`, "too-large");
    }
  }

  #endOfHead(kind: HeadKind<unknown>): ProtocolError {
    const received = this.#buffer.length;
    return received === 0
      ? new ProtocolError(`The peer closed the connection before it sent a ${kind.name}`, "closed")
      : new ProtocolError(`The peer closed the connection after ${received} bytes of the head`, "early-end");
  }
}

function decodeLine(bytes: Uint8Array, start: number, lineFeed: number): string {
  return decodeLatin1(bytes.subarray(start, lineFeed > start && bytes[lineFeed - 1] === CR ? lineFeed - 1 : lineFeed));
}

function headTooLarge(maxHeadSize: number): ProtocolError {
  return new ProtocolError(`Received a head of more than ${maxHeadSize} bytes`, "too-large");
}
