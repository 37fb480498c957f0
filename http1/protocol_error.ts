/** What can be wrong with a message that was received. */

/**
 * The kinds of {@linkcode ProtocolError}.
 *
 * - `"closed"`: the peer closed the connection before the first byte of a message
 * - `"early-end"`: the peer closed the connection within a head, a body of known length, or chunks
 * - `"bad-start-line"`: not the start line of an HTTP/1 message
 * - `"bad-field"`: a field line without colon, with a name that is no token, folded, or with NUL or a bare CR
 * - `"too-large"`: a start line, head, chunk line or trailer section beyond its limit, or too many fields
 * - `"bad-length"`: a `Content-Length` that is no number, or several that differ
 * - `"bad-framing"`: a `Transfer-Encoding` that contradicts the rest of the head or is not plain `chunked`
 * - `"bad-chunk"`: the size of a chunk or what delimits it is not valid
 * - `"surplus"`: bytes where nothing was asked for; for those who watch an idle connection, the reader never throws it
 */
export type ProtocolErrorCode =
  | "closed"
  | "early-end"
  | "bad-start-line"
  | "bad-field"
  | "too-large"
  | "bad-length"
  | "bad-framing"
  | "bad-chunk"
  | "surplus";

/** What was received is no HTTP/1.1 message, or ends too early. The connection cannot be used any further. */
export class ProtocolError extends Error {
  /** The name of the class. */
  override readonly name = "ProtocolError";
  /** The kind of error, for programs. */
  readonly code: ProtocolErrorCode;

  /** Makes an error of the kind `code`. */
  constructor(message: string, code: ProtocolErrorCode, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

const MAX_EXCERPT = 80;

/**
 * Quotes what was received, for messages: control characters and everything beyond ASCII escaped, cut to 80 characters.
 *
 * @param text One character per byte.
 */
export function excerpt(text: string): string {
  const escaped = text.slice(0, MAX_EXCERPT).replace(/["\\]|[^\x20-\x7e]/g, escapeCharacter);
  return text.length <= MAX_EXCERPT && escaped.length <= MAX_EXCERPT
    ? `"${escaped}"`
    : `"${escaped.slice(0, MAX_EXCERPT).replace(/\\(?:x.?)?$/, "")}…"`;
}

function escapeCharacter(character: string): string {
  switch (character) {
    case '"':
    case "\\":
      return `\\${character}`;
    case "\r":
      return "\\r";
    case "\n":
      return "\\n";
    case "\t":
      return "\\t";
    default: {
      const code = character.charCodeAt(0);
      return code > 0xff ? `\\u${code.toString(16).padStart(4, "0")}` : `\\x${code.toString(16).padStart(2, "0")}`;
    }
  }
}
