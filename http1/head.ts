/** Heads: start lines and field lines (RFC 9112 §3 to §5), received and sent. */

import { type FieldLine, fieldValues, formatFieldLines, isToken } from "./fields.ts";
import { encodeLatin1 } from "./latin1.ts";
import { excerpt, ProtocolError } from "./protocol_error.ts";

/** The versions that are told apart: HTTP/1.0, and HTTP/1.1 with everything above it. */
export type Version = "1.0" | "1.1";

/** A status line (RFC 9112 §4). */
export interface StatusLine {
  /** The version; HTTP/1.2 and higher count as 1.1. */
  readonly version: Version;
  /** The status code, 100 to 999. */
  readonly statusCode: number;
  /** The reason phrase as it was sent, one character per byte; `""` where there is none. */
  readonly reason: string;
}

/** A request line (RFC 9112 §3). */
export interface RequestLine {
  /** The method, in the case in which it was sent. */
  readonly method: string;
  /** The request target as it was sent, one character per byte. */
  readonly target: string;
  /** The version; HTTP/1.2 and higher count as 1.1. */
  readonly version: Version;
}

/** The head of a response. */
export interface ResponseHead extends StatusLine {
  /** The field lines in the order, case and number in which they were sent. */
  readonly fields: readonly FieldLine[];
}

/** The head of a request. */
export interface RequestHead extends RequestLine {
  /** The field lines in the order, case and number in which they were sent. */
  readonly fields: readonly FieldLine[];
}

// The space after the status may be missing together with the reason, as old servers have it. Status codes from 600 on
// are not registered, but in use.
const STATUS_LINE_REGEXP = /^HTTP\/1\.(\d) ([1-9]\d\d)(?: ([\t\x20-\x7e\x80-\xff]*))?$/;

/**
 * Reads a status line.
 *
 * @param line The line without its line end, one character per byte.
 * @throws {ProtocolError} `"bad-start-line"`.
 */
export function parseStatusLine(line: string): StatusLine {
  const match = STATUS_LINE_REGEXP.exec(line);
  if (match === null) throw new ProtocolError(`Received ${excerpt(line)} instead of a status line`, "bad-start-line");
  return {
    version: match[1] === "0" ? "1.0" : "1.1",
    statusCode: Number(match[2]),
    reason: match[3] ?? "",
  };
}

// Exactly one space between the parts: where peers split at different spaces, requests can be smuggled (RFC 9112 §3.2).
const REQUEST_LINE_REGEXP = /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+) ([\x21-\x7e\x80-\xff]+) HTTP\/1\.(\d)$/;

/**
 * Reads a request line.
 *
 * @param line The line without its line end, one character per byte.
 * @throws {ProtocolError} `"bad-start-line"`.
 */
export function parseRequestLine(line: string): RequestLine {
  const match = REQUEST_LINE_REGEXP.exec(line);
  if (match === null) throw new ProtocolError(`Received ${excerpt(line)} instead of a request line`, "bad-start-line");
  return { method: match[1]!, target: match[2]!, version: match[3] === "0" ? "1.0" : "1.1" };
}

/**
 * Whether the connection stays open after the message (RFC 9112 §9.3), as far as its head tells: a response that ends with
 * the connection does not say so in its `Connection` field.
 */
export function isPersistent(head: ResponseHead | RequestHead): boolean {
  let keepAlive = head.version === "1.1";
  for (const value of fieldValues(head.fields, "connection")) {
    for (const option of value.split(",")) {
      switch (option.trim().toLowerCase()) {
        case "close":
          return false;
        case "keep-alive":
          keepAlive = true;
      }
    }
  }
  return keepAlive;
}

/**
 * Formats the head of an HTTP/1.1 request.
 *
 * @param method A token, sent as it is.
 * @param target The request target, sent as it is; one byte per character.
 * @param fields The field lines, sent in their order and case.
 * @throws {TypeError} If a part would end where it must not, or does not fit into bytes.
 */
export function formatRequestHead(
  method: string,
  target: string,
  fields: Iterable<FieldLine>,
): Uint8Array<ArrayBuffer> {
  if (!isToken(method)) {
    throw new TypeError(
      `Cannot send the method ${excerpt(method)}: methods consist of letters, digits and !#$%&'*+-.^_\`|~`,
    );
  }
  const wrong = /[^\x21-\x7e\x80-\xff]/.exec(target);
  if (wrong !== null || target === "") {
    // A target may carry secrets in its query, so the message has only the character.
    throw new TypeError(
      wrong === null
        ? `Cannot send an empty request target: "/" is the shortest one`
        : `Cannot send a request target with ${excerpt(wrong[0])}: percent-encode it`,
    );
  }
  return encodeLatin1(`${method} ${target} HTTP/1.1\r\n${formatFieldLines(fields)}\r\n`);
}

/**
 * Formats the head of an HTTP/1.1 response.
 *
 * @param statusCode 100 to 999.
 * @param reason The reason phrase, `""` for none; one byte per character.
 * @param fields The field lines, sent in their order and case.
 * @throws {RangeError} If the status code has not three digits.
 * @throws {TypeError} If another part would end where it must not, or does not fit into bytes.
 */
export function formatResponseHead(
  statusCode: number,
  reason: string,
  fields: Iterable<FieldLine>,
): Uint8Array<ArrayBuffer> {
  if (!Number.isInteger(statusCode) || statusCode < 100 || statusCode > 999) {
    throw new RangeError(`Cannot send the status code ${statusCode}: expected an integer from 100 to 999`);
  }
  const wrong = /[^\t\x20-\x7e\x80-\xff]/.exec(reason);
  if (wrong !== null) {
    throw new TypeError(`Cannot send a reason phrase with ${excerpt(wrong[0])}: use printable characters up to U+00FF`);
  }
  return encodeLatin1(`HTTP/1.1 ${statusCode} ${reason}\r\n${formatFieldLines(fields)}\r\n`);
}
