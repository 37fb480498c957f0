/** Byte ranges (RFC 9110 §14). */

/** A range of bytes within a representation, both ends included. */
export interface ByteRange {
  readonly first: number;
  readonly last: number;
}

/** What a `Range` field asks for: some ranges in order, everything (`"whole"`), or nothing that exists. */
export type RangeResult = readonly ByteRange[] | "whole" | "unsatisfiable";

/** More parts than this are answered with the whole: a hundred one-byte parts cost more than they carry (CVE-2011-3192). */
export const MAX_PARTS = 16;

const BYTES_REGEXP = /^bytes=(.*)$/is;
const RANGE_SPEC_REGEXP = /^(?:(\d+)-(\d*)|-(\d+))$/;

/**
 * Reads a `Range` field against a representation of `size` bytes.
 *
 * An unknown unit or a syntax error, a last position before the first among them, means that the field is ignored
 * (RFC 9110 §14.2). Ranges that overlap or touch are joined, so that no byte is sent twice.
 */
export function resolveRange(value: string, size: number): RangeResult {
  const specs = BYTES_REGEXP.exec(value.trim())?.[1];
  // An empty file has no byte to ask for; Go's and Deno's file servers answer with the (empty) whole, and so does this.
  if (specs === undefined || size === 0) return "whole";

  const ranges: ByteRange[] = [];
  for (const spec of specs.split(",")) {
    const text = spec.trim();
    if (text === "") continue; // Empty list elements are no error (RFC 9110 §5.6.1.2).
    const range = resolveSpec(text, size);
    if (range === "invalid") return "whole";
    if (range !== null) ranges.push(range);
  }
  if (ranges.length === 0) return /\d/.test(specs) ? "unsatisfiable" : "whole";

  const joined = joinRanges(ranges);
  return joined.length > MAX_PARTS ? "whole" : joined;
}

function resolveSpec(spec: string, size: number): ByteRange | "invalid" | null {
  const match = RANGE_SPEC_REGEXP.exec(spec);
  if (match === null) return "invalid";
  const [, firstText, lastText, suffixText] = match;
  if (suffixText !== undefined) {
    const length = Math.min(Number(suffixText), size);
    return length === 0 ? null : { first: size - length, last: size - 1 };
  }
  const first = Number(firstText);
  const last = lastText === "" ? size - 1 : Number(lastText);
  if (lastText !== "" && last < first) return "invalid";
  return first >= size ? null : { first, last: Math.min(last, size - 1) };
}

/** Joins ranges that overlap or touch; the others keep the order in which they were asked for (RFC 9110 §15.3.7.2). */
function joinRanges(ranges: readonly ByteRange[]): ByteRange[] {
  const sorted = ranges.toSorted((a, b) => a.first - b.first);
  const joined: ByteRange[] = [];
  for (const range of sorted) {
    const before = joined.at(-1);
    if (before !== undefined && range.first <= before.last + 1) {
      joined[joined.length - 1] = { first: before.first, last: Math.max(before.last, range.last) };
    } else joined.push(range);
  }
  return joined.length === ranges.length ? [...ranges] : joined;
}

/** The value of `Content-Range` for one range. */
export function formatContentRange(range: ByteRange, size: number): string {
  return `bytes ${range.first}-${range.last}/${size}`;
}

/** The frame of a `multipart/byteranges` body: the text before each part, the text at the end, the length of all. */
export interface MultipartFrame {
  readonly contentType: string;
  /** In bytes, parts included. */
  readonly contentLength: number;
  readonly heads: readonly Uint8Array<ArrayBuffer>[];
  readonly tail: Uint8Array<ArrayBuffer>;
}

const encoder = new TextEncoder();

/** Frames ranges as `multipart/byteranges` (RFC 9110 §14.6). The boundary has to be one that no part can hold: a random one. */
export function frameMultipart(
  ranges: readonly ByteRange[],
  size: number,
  contentType: string,
  boundary: string,
): MultipartFrame {
  const heads = ranges.map((range, index) => {
    const delimiter = `${index === 0 ? "" : "\r\n"}--${boundary}\r\n`;
    return encoder.encode(
      `${delimiter}Content-Type: ${contentType}\r\nContent-Range: ${formatContentRange(range, size)}\r\n\r\n`,
    );
  });
  const tail = encoder.encode(`\r\n--${boundary}--\r\n`);
  const contentLength = ranges.reduce((sum, range, i) => sum + heads[i]!.length + range.last - range.first + 1, 0);
  return {
    contentType: `multipart/byteranges; boundary=${boundary}`,
    contentLength: contentLength + tail.length,
    heads,
    tail,
  };
}
