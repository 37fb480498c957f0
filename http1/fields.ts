/** Field lines (RFC 9112 §5), in heads and in trailer sections. */

import { excerpt, ProtocolError } from "./protocol_error.ts";

/**
 * One field line: its name as it was written, and its value without the white space around it, one character per byte
 * (ISO-8859-1).
 */
export type FieldLine = readonly [name: string, value: string];

const CR = 13;
const SP = 32;
const HTAB = 9;

/** `tchar` of RFC 9110 §5.6.2, by character code. */
const TCHARS = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
  TCHARS[character.charCodeAt(0)] = 1;
}

/** Whether `code` is the code of a character that tokens consist of (`tchar`, RFC 9110 §5.6.2). */
export function isTokenCode(code: number): boolean {
  return TCHARS[code] === 1;
}

/** Whether `text` is a token (RFC 9110 §5.6.2): what methods and the names of fields are. */
export function isToken(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (TCHARS[text.charCodeAt(index)] !== 1) return false;
  }
  return text.length > 0;
}

/** What is known about the text that {@linkcode parseFieldLines} gets, and what bounds it. */
export interface FieldLinesOptions {
  /** Fields beyond this number are refused. */
  readonly maxFields: number;
  /** Whether there is a NUL or a CR that ends no line, so that values must be searched for it. */
  readonly suspicious: boolean;
}

/**
 * Reads field lines up to the empty line.
 *
 * Lines may end in a bare LF (RFC 9112 §2.2). Refused are: white space before the colon, which intermediaries read in
 * different ways (§5.1), folded lines (§5.2), NUL and bare CR (RFC 9110 §5.5). Other control characters stay, because
 * values with them exist and do no harm.
 *
 * @param text Field lines and the empty line, one character per byte.
 * @param offset Where the first line begins.
 * @throws {ProtocolError} `"bad-field"` or `"too-large"`.
 */
export function parseFieldLines(text: string, offset: number, options: FieldLinesOptions): FieldLine[] {
  const { maxFields, suspicious } = options;
  const fields: FieldLine[] = [];
  for (;;) {
    const lineFeed = text.indexOf("\n", offset);
    let end = text.charCodeAt(lineFeed - 1) === CR && lineFeed > offset ? lineFeed - 1 : lineFeed;
    if (end === offset) return fields;
    if (fields.length === maxFields) throw new ProtocolError(`Received more than ${maxFields} fields`, "too-large");

    const lineStart = offset;
    let code = text.charCodeAt(offset);
    while (TCHARS[code] === 1) code = text.charCodeAt(++offset);
    if (code !== 0x3a || offset === lineStart) throw badField(text.slice(lineStart, end));
    const name = text.slice(lineStart, offset++);

    while (offset < end && isBlank(text.charCodeAt(offset))) offset++;
    while (end > offset && isBlank(text.charCodeAt(end - 1))) end--;
    const value = text.slice(offset, end);
    if (suspicious && /[\0\r]/.test(value)) {
      throw new ProtocolError(`Received NUL or a bare CR in the field ${excerpt(`${name}: ${value}`)}`, "bad-field");
    }
    fields.push([name, value]);
    offset = lineFeed + 1;
  }
}

function isBlank(code: number): boolean {
  return code === SP || code === HTAB;
}

function badField(line: string): ProtocolError {
  const received = excerpt(line);
  if (isBlank(line.charCodeAt(0))) {
    return new ProtocolError(`Received a folded line, ${received}, which RFC 9112 forbids`, "bad-field");
  }
  const colon = line.indexOf(":");
  if (colon < 0) return new ProtocolError(`Received ${received} instead of a field: no colon`, "bad-field");
  if (colon === 0) return new ProtocolError(`Received a field without a name: ${received}`, "bad-field");
  return isBlank(line.charCodeAt(colon - 1))
    ? new ProtocolError(`Received white space before the colon of the field ${received}`, "bad-field")
    : new ProtocolError(`Received a field whose name is no token: ${received}`, "bad-field");
}

/**
 * All values of one name, in order.
 *
 * @param name The name, in any case.
 */
export function fieldValues(fields: readonly FieldLine[], name: string): string[] {
  const values: string[] = [];
  let lowerCase: string | undefined;
  for (const [fieldName, value] of fields) {
    // Names of another length need no comparison: this runs several times for each message.
    if (fieldName.length !== name.length) continue;
    if (fieldName === name || fieldName.toLowerCase() === (lowerCase ??= name.toLowerCase())) values.push(value);
  }
  return values;
}

/**
 * Formats field lines, each with its line end.
 *
 * @throws {TypeError} If a name is no token, or a value would end its line (CR, LF, NUL) or does not fit into bytes.
 */
export function formatFieldLines(fields: Iterable<FieldLine>): string {
  let text = "";
  for (const [name, value] of fields) {
    if (!isToken(name)) {
      throw new TypeError(
        `Cannot send a field named ${excerpt(name)}: names consist of letters, digits and !#$%&'*+-.^_\`|~`,
      );
    }
    // The value stays out of the message: it may be a secret.
    const wrong = /[\0\r\n]|[^\0-\xff]/.exec(value);
    if (wrong !== null) {
      throw new TypeError(
        wrong[0] > "\xff"
          ? `Cannot send the value of the field "${name}": encode it first, it has ${
            excerpt(wrong[0])
          }, which fits into no byte`
          : `Cannot send the value of the field "${name}": remove ${excerpt(wrong[0])}, which would split the message`,
      );
    }
    text += `${name}: ${value}\r\n`;
  }
  return text;
}
