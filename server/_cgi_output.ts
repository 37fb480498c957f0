/** What a CGI script prints: its header section, read and judged (RFC 3875 §6). */

import { concatBytes } from "../bytes.ts";
import { isToken } from "../http1/fields.ts";
import { decodeLatin1 } from "../http1/latin1.ts";
import { isHopByHop } from "./_cgi_environment.ts";

/** The longest header section of a script, in bytes. */
export const MAX_HEAD_SIZE: number = 64 * 1024;

/** Output that is no CGI response; the message says why, for the log. */
export class CgiOutputError extends Error {
  /** @param message what is wrong. */
  constructor(message: string) {
    super(message);
    this.name = "CgiOutputError";
  }
}

/** A response to pass on. */
export interface CgiDocument {
  readonly kind: "document";
  readonly status: number;
  readonly reason: string;
  /** Names and values in the order in which they were printed. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Whether a body may follow: without a media type none may. */
  readonly hasContentType: boolean;
}

/** A request for another path of this server in place of a response. */
export interface CgiLocalRedirect {
  readonly kind: "local";
  readonly target: string;
}

const FIELD_REGEXP = /^([^:]+):[ \t]*([^\0\r\n]*?)[ \t]*$/;
const STATUS_REGEXP = /^(\d{3})(?:[ \t]+(.*))?$/;
const STATUS_LINE_REGEXP = /^HTTP\/\d(?:\.\d)?[ \t]+(\d{3}(?:[ \t]+.*)?)$/;

/** What the server says about itself and the connection; a second one would contradict it. */
const SERVER_FIELDS: ReadonlySet<string> = new Set(["date", "server", "status"]);

/** Reads a whole header section, without the empty line at its end. `nph` scripts begin with a status line. */
export function parseCgiHead(head: Uint8Array, nph: boolean): CgiDocument | CgiLocalRedirect {
  const lines = decodeLatin1(head).split(/\r?\n/);
  const statusLine = nph ? lines.shift() ?? "" : null;
  const all = lines.filter((line) => line !== "").map((line) => {
    const match = FIELD_REGEXP.exec(line);
    if (match === null || !isToken(match[1]!)) throw new CgiOutputError(`"${line}" is no header field`);
    return [match[1]!, match[2]!] as const;
  });
  const only = (wanted: string): string | null => {
    const values = all.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
    if (values.length > 1) throw new CgiOutputError(`there is more than one ${wanted} field`);
    return values[0] ?? null;
  };
  const location = only("location");
  const status = only("status");
  const contentType = only("content-type");
  const contentLength = only("content-length");
  if (contentLength !== null && !/^\d+$/.test(contentLength)) {
    throw new CgiOutputError(`"${contentLength}" is no Content-Length`);
  }
  if (only("transfer-encoding") !== null) {
    throw new CgiOutputError("the body is framed by Transfer-Encoding, which is the server's task");
  }
  const fields = all.filter(([name]) => !isHopByHop(name) && !SERVER_FIELDS.has(name.toLowerCase()));
  if (statusLine !== null) {
    const code = STATUS_LINE_REGEXP.exec(statusLine)?.[1];
    if (code === undefined) {
      throw new CgiOutputError(`"${statusLine}" is no status line, with which nph- scripts begin`);
    }
    return { kind: "document", ...parseStatus(code), fields, hasContentType: true };
  }
  if (location === null && status === null && contentType === null) {
    throw new CgiOutputError("there is no Content-Type, Location or Status field");
  }
  if (location !== null && status === null) {
    // RFC 3875 §6.2.2: a path without a status is for the server to follow, not for the client.
    if (location.startsWith("/")) return { kind: "local", target: location };
    return { kind: "document", status: 302, reason: "", fields, hasContentType: contentType !== null };
  }
  return {
    kind: "document",
    ...(status === null ? { status: 200, reason: "" } : parseStatus(status)),
    fields,
    hasContentType: contentType !== null,
  };
}

function parseStatus(text: string): { status: number; reason: string } {
  const match = STATUS_REGEXP.exec(text);
  const status = Number(match?.[1]);
  if (match === null || status < 200 || status > 599) {
    throw new CgiOutputError(`"${text}" is no status from 200 to 599`);
  }
  return { status, reason: match[2] ?? "" };
}

/** The output of a script: first its header section, then the body in pieces as they come. */
export class CgiOutput {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #rest: Uint8Array<ArrayBuffer> | null = null;

  /** @param stdout the standard output of the script. */
  constructor(stdout: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stdout.getReader();
  }

  /**
   * Reads up to the first empty line, lines ending in LF or CRLF, and gives what is before it.
   *
   * @throws {CgiOutputError} when there is none, or none within {@linkcode MAX_HEAD_SIZE}.
   */
  async readHead(): Promise<Uint8Array<ArrayBuffer>> {
    let head: Uint8Array<ArrayBuffer> = new Uint8Array(0);
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) {
        throw new CgiOutputError(head.length === 0 ? "there is no output" : "there is no empty line after the header");
      }
      const from = Math.max(0, head.length - 2);
      head = concatBytes([head, value]);
      const end = findEmptyLine(head, from);
      if (end !== null) {
        this.#rest = head.subarray(end.after);
        return head.subarray(0, end.before);
      }
      if (head.length > MAX_HEAD_SIZE) {
        throw new CgiOutputError(`the header section is longer than ${MAX_HEAD_SIZE} bytes`);
      }
    }
  }

  /** Reads the next piece of the body; `null` at its end. */
  async read(): Promise<Uint8Array<ArrayBuffer> | null> {
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null && rest.length > 0) return rest;
    const { value, done } = await this.#reader.read();
    return done ? null : value;
  }

  /** Gives up what is left. A read that waits ends. */
  async cancel(): Promise<void> {
    await this.#reader.cancel();
  }
}

const LF = 10;
const CR = 13;

/** Where the header section ends and where the body begins, or `null` while there is no empty line from `from` on. */
function findEmptyLine(bytes: Uint8Array, from: number): { before: number; after: number } | null {
  // An empty first line is an empty header section, which the parser refuses with a better word.
  if (bytes[0] === LF) return { before: 0, after: 1 };
  if (bytes[0] === CR && bytes[1] === LF) return { before: 0, after: 2 };
  for (let at = bytes.indexOf(LF, from); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    if (bytes[at + 1] === LF) return { before: at + 1, after: at + 2 };
    if (bytes[at + 1] === CR && bytes[at + 2] === LF) return { before: at + 1, after: at + 3 };
  }
  return null;
}
