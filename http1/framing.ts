/** Where the body of a message ends (RFC 9112 §6.3). */

import { type FieldLine, fieldValues } from "./fields.ts";
import type { RequestHead, ResponseHead, Version } from "./head.ts";
import { excerpt, ProtocolError } from "./protocol_error.ts";

/** What follows a head: nothing, so many bytes, chunks, or everything up to the end of the connection. */
export type Framing =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" }
  | { readonly kind: "close" };

/**
 * What follows the head of a response.
 *
 * A response with both `Transfer-Encoding` and `Content-Length` is refused, although RFC 9112 lets the first one win: it
 * "ought to be handled as an error", and whoever reads on behind it may read what somebody else wrote. Of transfer codings
 * only `chunked` is known, because no other one was asked for by a `TE` field.
 *
 * @param requestMethod The method of the request, in the case in which it was sent.
 * @throws {ProtocolError} `"bad-framing"` or `"bad-length"`.
 */
export function responseFraming(requestMethod: string, head: ResponseHead): Framing {
  const { statusCode } = head;
  if (requestMethod === "HEAD" || statusCode < 200 || statusCode === 204 || statusCode === 304) return { kind: "none" };
  if (requestMethod === "CONNECT" && statusCode < 300) return { kind: "none" };
  return announcedFraming(head.version, head.fields) ?? { kind: "close" };
}

/**
 * What follows the head of a request. It never lasts up to the end of the connection.
 *
 * @throws {ProtocolError} `"bad-framing"` or `"bad-length"`.
 */
export function requestFraming(head: RequestHead): Framing {
  return announcedFraming(head.version, head.fields) ?? { kind: "none" };
}

function announcedFraming(version: Version, fields: readonly FieldLine[]): Framing | null {
  const codings = fieldValues(fields, "transfer-encoding");
  const lengths = fieldValues(fields, "content-length");
  if (codings.length > 0) {
    checkCodings(codings, version, lengths);
    return { kind: "chunked" };
  }
  return lengths.length > 0 ? { kind: "length", length: parseLength(lengths) } : null;
}

function checkCodings(codings: readonly string[], version: Version, lengths: readonly string[]): void {
  if (lengths.length > 0) {
    throw new ProtocolError("Received both Transfer-Encoding and Content-Length", "bad-framing");
  }
  // Peers of HTTP/1.0 do not know chunks, so something between them and here has mixed two messages (RFC 9112 §6.1).
  if (version === "1.0") throw new ProtocolError("Received Transfer-Encoding in HTTP/1.0", "bad-framing");
  const list = codings.join(", ");
  if (list.toLowerCase() !== "chunked") {
    throw new ProtocolError(`Received Transfer-Encoding: ${excerpt(list)}, but only "chunked" is known`, "bad-framing");
  }
}

// Sign, "0x", exponent and blanks within are what Number() would take.
const LENGTH_REGEXP = /^[ \t]*(\d+)[ \t]*$/;

/** Several equal lengths count as one (RFC 9110 §8.6). */
function parseLength(values: readonly string[]): number {
  let length: number | undefined;
  for (const value of values.join(",").split(",")) {
    const digits = LENGTH_REGEXP.exec(value)?.[1];
    if (digits === undefined) {
      throw new ProtocolError(`Received Content-Length: ${excerpt(value)}, which is no number`, "bad-length");
    }
    const number = Number(digits);
    if (!Number.isSafeInteger(number)) {
      throw new ProtocolError(`Received Content-Length: ${excerpt(digits)}, which is beyond 2^53`, "bad-length");
    }
    if (length !== undefined && length !== number) {
      throw new ProtocolError(`Received different values of Content-Length: ${length} and ${number}`, "bad-length");
    }
    length = number;
  }
  return length!;
}
