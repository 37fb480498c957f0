/** Text in responses: character encodings under their Python names, detection, and lines. */

import { concatBytes } from "./_bytes.ts";

/** What to do with bytes that are not valid in an encoding: put U+FFFD in their place, or throw a `TypeError`. */
export type DecodeErrors = "replace" | "strict";

// Python's names for encodings that TextDecoder does not know, or knows as a different encoding. Keys have "-" for "_" and blanks.
const ALIASES: Readonly<Record<string, string>> = {
  "latin-1": "iso-8859-1",
  "latin": "iso-8859-1",
  "8859": "iso-8859-1",
  "iso8859": "iso-8859-1",
  "646": "us-ascii",
  "ascii": "us-ascii",
  "us": "us-ascii",
  "us-ascii": "us-ascii",
  "ansi-x3.4-1968": "us-ascii",
  "iso646-us": "us-ascii",
  "utf": "utf-8",
  "u8": "utf-8",
  "cp65001": "utf-8",
  "utf-8-sig": "utf-8-sig",
  "utf8-sig": "utf-8-sig",
  "utf-16": "utf-16",
  "utf16": "utf-16",
  "u16": "utf-16",
  "utf-16-le": "utf-16le",
  "utf-16-be": "utf-16be",
  "utf16le": "utf-16le",
  "utf16be": "utf-16be",
  "utf-32": "utf-32",
  "utf32": "utf-32",
  "u32": "utf-32",
  "utf-32-le": "utf-32le",
  "utf-32le": "utf-32le",
  "utf-32-be": "utf-32be",
  "utf-32be": "utf-32be",
  "cp932": "shift_jis",
  "mskanji": "shift_jis",
  "s-jis": "shift_jis",
  "shiftjis": "shift_jis",
  "eucjp": "euc-jp",
  "ujis": "euc-jp",
  "iso2022-jp": "iso-2022-jp",
  "cp936": "gbk",
  "ms936": "gbk",
  "euc-cn": "gbk",
  "euccn": "gbk",
  "gb18030-2000": "gb18030",
  "cp950": "big5",
  "ms950": "big5",
  "big5-tw": "big5",
  "big5hkscs": "big5",
  "euckr": "euc-kr",
  "cp949": "euc-kr",
  "ms949": "euc-kr",
  "uhc": "euc-kr",
  "ks-c-5601-1987": "euc-kr",
  "cp874": "windows-874",
  "tis620": "windows-874",
  "tis-620-0": "windows-874",
  "mac-roman": "macintosh",
  "macroman": "macintosh",
  "mac-cyrillic": "x-mac-cyrillic",
  "maccyrillic": "x-mac-cyrillic",
  "866": "ibm866",
  "cyrillic": "iso-8859-5",
  "l2": "iso-8859-2",
};

interface SingleByte {
  /** The encoding of TextDecoder that agrees outside of `from` to `to`. */
  readonly base: string;
  readonly from: number;
  readonly to: number;
  /** What the bytes `from` to `to` are: the control characters of the same number, or nothing. */
  readonly as: "same" | "invalid";
}

// The URL and encoding standards treat these as windows-125x; as ISO and Python define them, 0x80 to 0x9F are controls.
const SINGLE_BYTE: Readonly<Record<string, SingleByte>> = {
  "iso-8859-1": { base: "windows-1252", from: 0x80, to: 0x9f, as: "same" },
  "iso-8859-9": { base: "windows-1254", from: 0x80, to: 0x9f, as: "same" },
  "iso-8859-11": { base: "windows-874", from: 0x80, to: 0x9f, as: "same" },
  "us-ascii": { base: "windows-1252", from: 0x80, to: 0xff, as: "invalid" },
};

const OWN_LABELS: ReadonlySet<string> = new Set([
  ...Object.keys(SINGLE_BYTE),
  "utf-8-sig",
  "utf-16",
  "utf-32",
  "utf-32le",
  "utf-32be",
]);

/**
 * Finds the decoder for an encoding under any name that Python's codecs or the Encoding standard know.
 *
 * @returns A label that {@linkcode decodeText} takes, or `null` for an unknown encoding. DOS code pages other than 866, EBCDIC
 * and UTF-7 are not known. `iso-8859-1` is true Latin-1, not windows-1252.
 */
export function normalizeEncoding(name: string): string | null {
  const known = NORMALIZED.get(name);
  if (known !== undefined) return known;
  const label = findLabel(name);
  // Names come from servers: there must be no end of them.
  if (NORMALIZED.size < MAX_NORMALIZED) NORMALIZED.set(name, label);
  return label;
}

/** What names came to, because most responses have the same few. */
const NORMALIZED = new Map<string, string | null>();
const MAX_NORMALIZED = 100;

function findLabel(name: string): string | null {
  const given = name.trim().toLowerCase();
  const dashed = given.replace(/[\s_-]+/g, "-");
  const own = Object.hasOwn(ALIASES, dashed) ? ALIASES[dashed]! : dashed;
  if (OWN_LABELS.has(own)) return own;
  for (const label of [own, given, dashed.replaceAll("-", "_"), dashed.replace(/^cp(?=125\d$)/, "windows-")]) {
    const encoding = decoderName(label);
    if (encoding === null) continue;
    // The Encoding standard has many labels of Latin-1, Latin-5 and Thai for encodings that differ from them.
    if (encoding === "windows-1252" && !label.includes("1252")) return "iso-8859-1";
    if (encoding === "windows-1254" && !label.includes("1254")) return "iso-8859-9";
    if (encoding === "windows-874" && label.includes("8859")) return "iso-8859-11";
    return encoding;
  }
  return null;
}

function decoderName(label: string): string | null {
  try {
    return new TextDecoder(label).encoding;
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

interface Decoder {
  decode(bytes: Uint8Array, last: boolean): string;
}

function invalid(encoding: string): TypeError {
  return new TypeError(`Cannot decode the bytes as ${encoding}: they are not valid in it, decode with "replace"`);
}

/** A decoder of the platform. Like Python's codecs it keeps a byte order mark, except for `utf-8-sig`. */
class PlatformDecoder implements Decoder {
  readonly #decoder: TextDecoder;
  constructor(label: string, errors: DecodeErrors) {
    const signed = label === "utf-8-sig";
    this.#decoder = new TextDecoder(signed ? "utf-8" : label, { fatal: errors === "strict", ignoreBOM: !signed });
  }
  decode(bytes: Uint8Array, last: boolean): string {
    return this.#decoder.decode(bytes, { stream: !last });
  }
}

class SingleByteDecoder implements Decoder {
  readonly #label: string;
  readonly #errors: DecodeErrors;
  readonly #rule: SingleByte;
  readonly #base: TextDecoder;
  #table: string[] | null = null;
  constructor(label: string, rule: SingleByte, errors: DecodeErrors) {
    this.#label = label;
    this.#errors = errors;
    this.#rule = rule;
    this.#base = new TextDecoder(rule.base);
  }
  decode(bytes: Uint8Array): string {
    const { from, to } = this.#rule;
    const text = bytes.some((byte) => byte >= from && byte <= to) ? this.#map(bytes) : this.#base.decode(bytes);
    if (this.#errors === "strict" && text.includes("\ufffd")) throw invalid(this.#label);
    return text;
  }
  #map(bytes: Uint8Array): string {
    const { from, to, as } = this.#rule;
    const table = this.#table ??= Array.from({ length: 256 }, (_, byte) => {
      if (byte < from || byte > to) return this.#base.decode(Uint8Array.of(byte));
      return as === "same" ? String.fromCharCode(byte) : "\ufffd";
    });
    let text = "";
    for (const byte of bytes) text += table[byte];
    return text;
  }
}

/** UTF-32, which TextDecoder does not know. */
class Utf32Decoder implements Decoder {
  readonly #errors: DecodeErrors;
  readonly #littleEndian: boolean;
  #rest: Uint8Array = new Uint8Array(0);
  constructor(littleEndian: boolean, errors: DecodeErrors) {
    this.#littleEndian = littleEndian;
    this.#errors = errors;
  }
  decode(bytes: Uint8Array, last: boolean): string {
    const input = this.#rest.length > 0 ? concatBytes([this.#rest, bytes]) : bytes;
    const end = input.length - input.length % 4;
    const view = new DataView(input.buffer, input.byteOffset, end);
    let text = "";
    for (let i = 0; i < end; i += 4) text += this.#character(view.getUint32(i, this.#littleEndian));
    this.#rest = input.slice(end);
    if (last && this.#rest.length > 0) text += this.#character(-1);
    return text;
  }
  #character(codePoint: number): string {
    const isScalar = codePoint >= 0 && codePoint <= 0x10ffff && (codePoint < 0xd800 || codePoint > 0xdfff);
    if (isScalar) return String.fromCodePoint(codePoint);
    if (this.#errors === "strict") throw invalid("utf-32");
    return "\ufffd";
  }
}

/** `utf-16` and `utf-32` without a byte order in their name: the mark decides, without one it is little-endian. */
class MarkedDecoder implements Decoder {
  readonly #width: 2 | 4;
  readonly #errors: DecodeErrors;
  #start: Uint8Array = new Uint8Array(0);
  #decoder: Decoder | null = null;
  constructor(width: 2 | 4, errors: DecodeErrors) {
    this.#width = width;
    this.#errors = errors;
  }
  decode(bytes: Uint8Array, last: boolean): string {
    if (this.#decoder) return this.#decoder.decode(bytes, last);
    this.#start = concatBytes([this.#start, bytes]);
    if (this.#start.length < this.#width && !last) return "";
    const [a, b, c, d] = this.#start;
    const isBig = this.#width === 2 ? a === 0xfe && b === 0xff : a === 0 && b === 0 && c === 0xfe && d === 0xff;
    const isLittle = a === 0xff && b === 0xfe && (this.#width === 2 || c === 0 && d === 0);
    this.#decoder = this.#width === 2
      ? new PlatformDecoder(isBig ? "utf-16be" : "utf-16le", this.#errors)
      : new Utf32Decoder(!isBig, this.#errors);
    return this.#decoder.decode(this.#start.subarray(isBig || isLittle ? this.#width : 0), last);
  }
}

function makeDecoder(encoding: string, errors: DecodeErrors): Decoder {
  const label = normalizeEncoding(encoding);
  if (label === null) {
    if (errors === "replace") return new PlatformDecoder("utf-8", errors);
    throw new RangeError(`Cannot decode "${encoding}": no such encoding is known, name another one or use "replace"`);
  }
  const rule = Object.hasOwn(SINGLE_BYTE, label) ? SINGLE_BYTE[label]! : undefined;
  if (rule) return new SingleByteDecoder(label, rule, errors);
  if (label === "utf-16") return new MarkedDecoder(2, errors);
  if (label === "utf-32") return new MarkedDecoder(4, errors);
  if (label.startsWith("utf-32")) return new Utf32Decoder(label === "utf-32le", errors);
  return new PlatformDecoder(label, errors);
}

/**
 * Decodes a text that comes in pieces; a character that is cut in two is held back until its rest arrives.
 *
 * An unknown encoding is read as UTF-8, as requests does for `text`.
 */
export class TextChunks {
  readonly #decoder: Decoder;

  /** @throws {RangeError} For an unknown encoding, if `errors` is `"strict"`. */
  constructor(encoding: string, errors: DecodeErrors = "replace") {
    this.#decoder = makeDecoder(encoding, errors);
  }

  /** The text that `bytes` complete; may be empty. */
  decode(bytes: Uint8Array): string {
    return this.#decoder.decode(bytes, false);
  }

  /** The text of what is left at the end: U+FFFD for a character that was never completed, else nothing. */
  finish(): string {
    return this.#decoder.decode(new Uint8Array(0), true);
  }
}

/**
 * Decodes bytes in an encoding under any name that {@linkcode normalizeEncoding} knows. A byte order mark is kept, except
 * by `utf-8-sig`, `utf-16` and `utf-32`, as in Python. An unknown encoding is read as UTF-8.
 *
 * @throws {TypeError} If the bytes are not valid and `errors` is `"strict"`.
 * @throws {RangeError} For an unknown encoding, if `errors` is `"strict"`.
 */
export function decodeText(bytes: Uint8Array, encoding: string, errors: DecodeErrors = "replace"): string {
  return makeDecoder(encoding, errors).decode(bytes, true);
}

/**
 * The encoding that response headers name, as they write it (Python: `get_encoding_from_headers`): the last `charset`
 * parameter of `Content-Type`; without one `ISO-8859-1` for `text/*` and `utf-8` for JSON; else `null`.
 *
 * @example
 * ```ts
 * import { getEncodingFromHeaders } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const encodingOf = (type: string) => getEncodingFromHeaders(new Headers({ "content-type": type }));
 * assert.equal(encodingOf("text/html; charset=windows-1251"), "windows-1251");
 * assert.equal(encodingOf("text/plain"), "ISO-8859-1");
 * assert.equal(encodingOf("image/png"), null);
 * ```
 */
export function getEncodingFromHeaders(headers: { get(name: string): string | null }): string | null {
  const field = headers.get("content-type");
  if (field === null) return null;
  const [essence = "", ...params] = field.split(";");
  for (const param of params.reverse()) {
    const equals = param.indexOf("=");
    if (equals < 0 || param.slice(0, equals).trim().toLowerCase() !== "charset") continue;
    const charset = param.slice(equals + 1).trim().replace(/^['"]+|['"]+$/g, "").trim();
    if (charset !== "") return charset;
  }
  const mediaType = essence.trim().toLowerCase();
  if (mediaType.startsWith("text/")) return "ISO-8859-1";
  return mediaType === "application/json" ? "utf-8" : null;
}

/**
 * Tells in which UTF a JSON text is written (Python: `guess_json_utf`), from its byte order mark or from where the zeros
 * are in its first four bytes. RFC 8259 §8.1 allows UTF-8 only, older peers send the others.
 *
 * @returns A Python name, such as `utf-8-sig` or `utf-16-be`, or `null` if it is none of them.
 *
 * @example
 * ```ts
 * import { guessJsonUtf } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(guessJsonUtf(new TextEncoder().encode("[1]")), "utf-8");
 * assert.equal(guessJsonUtf(Uint8Array.of(0, 0x5b, 0, 0x31)), "utf-16-be");
 * ```
 */
export function guessJsonUtf(bytes: Uint8Array): string | null {
  const [a, b, c, d] = bytes;
  if (a === 0xff && b === 0xfe && c === 0 && d === 0) return "utf-32";
  if (a === 0 && b === 0 && c === 0xfe && d === 0xff) return "utf-32";
  if (a === 0xef && b === 0xbb && c === 0xbf) return "utf-8-sig";
  if (a === 0xff && b === 0xfe || a === 0xfe && b === 0xff) return "utf-16";
  const zeros = [...bytes.subarray(0, 4)].map((byte) => byte === 0 ? "0" : "x").join("");
  if (!zeros.includes("0")) return "utf-8";
  // The first character of a JSON text is ASCII, whatever the second one is.
  if (zeros === "000x") return "utf-32-be";
  if (zeros === "x000") return "utf-32-le";
  if (zeros.startsWith("0x")) return "utf-16-be";
  return zeros.startsWith("x0") ? "utf-16-le" : null;
}

/** The part of `npm:chardet` that is used. */
interface Detector {
  analyse(bytes: Uint8Array): readonly { readonly name: string }[];
}

let detector: Detector | null = null;

/** Loads the charset detector, once. Needed before {@linkcode detectEncoding} can tell legacy encodings apart. */
export async function loadDetector(): Promise<void> {
  detector ??= (await import("chardet")).default;
}

// Enough for the statistics of every detector; the time grows with the length.
const SAMPLE_SIZE = 1 << 16;

/**
 * Guesses the encoding of a text from its bytes: ASCII and UTF-8 by validity, marked UTF-16 and UTF-32 by their mark, all
 * others by the letter statistics of `npm:chardet`.
 *
 * @returns A name that {@linkcode decodeText} takes, or `null` if nothing fits.
 * @throws {Error} If the detector is needed and {@linkcode loadDetector} has not been awaited.
 */
export function detectEncoding(bytes: Uint8Array): string | null {
  const first = bytes.findIndex((byte) => byte >= 0x80 || byte === 0x1b);
  if (first < 0) return bytes.includes(0) ? guessJsonUtf(bytes) ?? "ascii" : "ascii";
  const marked = guessJsonUtf(bytes.subarray(0, 4));
  if (marked === "utf-16" || marked === "utf-32" || marked === "utf-8-sig") return marked;
  // An escape character is the mark of ISO-2022, which is valid UTF-8 too.
  if (!bytes.includes(0x1b) && isUtf8(bytes)) return "utf-8";
  if (detector === null) {
    throw new Error("Cannot detect the encoding: the detector is not loaded, await loadDetector()");
  }
  // A sample that starts with the first telling byte says most.
  const start = Math.max(0, first - 256);
  const guesses = detector.analyse(bytes.subarray(start, start + SAMPLE_SIZE));
  return guesses.find(({ name }) => normalizeEncoding(name) !== null)?.name ?? null;
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof TypeError) return false;
    throw error;
  }
}

type Sequence = string | Uint8Array;

function join<T extends Sequence>(parts: readonly T[], like: T): T {
  const joined = typeof like === "string" ? parts.join("") : concatBytes(parts as readonly Uint8Array[]);
  return joined as T;
}

// Lines are copies: a caller may keep one without keeping, or sharing, the piece that it came in.
function cut<T extends Sequence>(whole: T, start: number, end?: number): T {
  return whole.slice(start, end) as T;
}

function find(whole: Sequence, wanted: Sequence, from: number): number {
  if (typeof whole === "string") return whole.indexOf(wanted as string, from);
  const bytes = wanted as Uint8Array;
  for (let i = whole.indexOf(bytes[0]!, from); i >= 0; i = whole.indexOf(bytes[0]!, i + 1)) {
    if (i + bytes.length > whole.length) return -1;
    if (bytes.every((byte, offset) => whole[i + offset] === byte)) return i;
  }
  return -1;
}

function codeAt(whole: Sequence, index: number): number | undefined {
  return typeof whole === "string" ? whole.charCodeAt(index) : whole[index];
}

/**
 * Cuts text or bytes that come in pieces into lines, without their ends.
 *
 * Without a delimiter a line ends with LF, CR or CRLF, wherever the pieces are cut, and with nothing else: not with
 * U+2028, U+0085 or form feed, unlike Python's `str.splitlines`. After the last line end or delimiter no empty line follows.
 */
export class LineSplitter<T extends string | Uint8Array> {
  readonly #delimiter: T | null;
  #parts: T[] = [];
  /** The end of `#parts` in which a delimiter may have begun. */
  #tail: T | null = null;
  #skipLineFeed = false;

  /** @throws {RangeError} If the delimiter is empty. */
  constructor(delimiter: T | null = null) {
    if (delimiter !== null && delimiter.length === 0) {
      throw new RangeError("Cannot split lines by an empty delimiter: give at least one character, or null");
    }
    this.#delimiter = delimiter;
  }

  /** Takes the next piece; returns the lines that it completes. */
  push(chunk: T): T[] {
    if (chunk.length === 0) return [];
    return this.#delimiter === null ? this.#splitAtBreaks(chunk) : this.#splitAt(chunk, this.#delimiter);
  }

  /** The last line, if it has no end. */
  finish(): T[] {
    const [part] = this.#parts;
    if (part === undefined) return [];
    const line = join(this.#parts, part);
    this.#parts = [];
    this.#tail = null;
    return line.length > 0 ? [line] : [];
  }

  #splitAtBreaks(chunk: T): T[] {
    const lines: T[] = [];
    // CR ends a line at once, so that nothing waits for what may never come; the LF of a CRLF is then left out.
    let start = this.#skipLineFeed && codeAt(chunk, 0) === 0x0a ? 1 : 0;
    this.#skipLineFeed = false;
    for (let i = start; i < chunk.length; i++) {
      const code = codeAt(chunk, i);
      if (code !== 0x0a && code !== 0x0d) continue;
      lines.push(join([...this.#parts, cut(chunk, start, i)], chunk));
      this.#parts = [];
      if (code === 0x0d) {
        if (i + 1 === chunk.length) this.#skipLineFeed = true;
        else if (codeAt(chunk, i + 1) === 0x0a) i++;
      }
      start = i + 1;
    }
    if (start < chunk.length) this.#parts.push(cut(chunk, start));
    return lines;
  }

  #splitAt(chunk: T, delimiter: T): T[] {
    const near = this.#tail === null ? chunk : join([this.#tail, chunk], chunk);
    if (find(near, delimiter, 0) < 0) {
      this.#parts.push(cut(chunk, 0));
      this.#tail = this.#tailOf(near, delimiter);
      return [];
    }
    const lines: T[] = [];
    const whole = join([...this.#parts, chunk], chunk);
    let start = 0;
    let end = find(whole, delimiter, whole.length - near.length);
    for (; end >= 0; end = find(whole, delimiter, start)) {
      lines.push(cut(whole, start, end));
      start = end + delimiter.length;
    }
    const rest = cut(whole, start);
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#tail = rest.length > 0 ? this.#tailOf(rest, delimiter) : null;
    return lines;
  }

  #tailOf(text: T, delimiter: T): T | null {
    const length = Math.min(text.length, delimiter.length - 1);
    return length > 0 ? cut(text, text.length - length) : null;
  }
}

/** Cuts pieces of text or bytes into lines, see {@linkcode LineSplitter}. */
export async function* splitLines<T extends string | Uint8Array>(
  chunks: AsyncIterable<T> | Iterable<T>,
  delimiter: T | null = null,
): AsyncGenerator<T, void, undefined> {
  const splitter = new LineSplitter<T>(delimiter);
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.finish();
}
