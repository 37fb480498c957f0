/** Python's printf-style formatting, as far as `logMessage()` and `errorMessageFormat` need it. */

const CONVERSION_REGEXP = /%(?:\((\w+)\))?([-0+ #]*)(\d+)?(?:\.(\d+))?([diouxXeEfFgGcrsa%])/g;

/**
 * Formats like Python's `%` operator: positional arguments from an array, or named ones (`%(code)d`) from a record.
 *
 * Own code because no JavaScript formatter knows Python's `%(name)s` and `%r` together, and the formats that users bring
 * along from Python subclasses are written with both.
 *
 * @throws {TypeError} when the format asks for more arguments than there are.
 */
export function percentFormat(format: string, args: readonly unknown[] | Readonly<Record<string, unknown>>): string {
  let text = "";
  let next = 0;
  for (const piece of piecesOf(format)) {
    if (typeof piece === "string") text += piece;
    else {
      const value = piece.name === undefined
        ? positional(args, next++, piece.whole, format)
        : (args as Readonly<Record<string, unknown>>)[piece.name];
      text += piece.isPlain ? String(value) : formatPiece(value, piece);
    }
  }
  return text;
}

/** A conversion such as `%(code)05d`. */
interface Conversion {
  readonly whole: string;
  readonly name: string | undefined;
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
  /** Whether it is a mere `%s`, what nearly all are. */
  readonly isPlain: boolean;
}

/** The formats that were read last: a program has a few, and reading one costs more than formatting with it. */
const readFormats = new Map<string, readonly (string | Conversion)[]>();

/** A program that puts its values into the format itself has a new one each time. */
const MAX_READ_FORMATS = 64;

function piecesOf(format: string): readonly (string | Conversion)[] {
  const known = readFormats.get(format);
  if (known !== undefined) return known;
  const pieces: (string | Conversion)[] = [];
  let at = 0;
  for (const match of format.matchAll(CONVERSION_REGEXP)) {
    if (match.index > at) pieces.push(format.slice(at, match.index));
    at = match.index + match[0].length;
    const [whole, name, flags = "", width, precision, conversion = "s"] = match;
    if (conversion === "%") pieces.push("%");
    else {
      pieces.push({
        whole,
        name,
        flags,
        width: width === undefined ? 0 : Number(width),
        precision: precision === undefined ? undefined : Number(precision),
        conversion,
        isPlain: conversion === "s" && flags === "" && width === undefined && precision === undefined,
      });
    }
  }
  if (at < format.length) pieces.push(format.slice(at));
  if (readFormats.size >= MAX_READ_FORMATS) readFormats.clear();
  readFormats.set(format, pieces);
  return pieces;
}

function positional(
  args: readonly unknown[] | Readonly<Record<string, unknown>>,
  index: number,
  whole: string,
  format: string,
): unknown {
  if (!Array.isArray(args) || index >= args.length) {
    throw new TypeError(`Cannot format "${format}": no argument is left for "${whole}"`);
  }
  return args[index];
}

function formatPiece(value: unknown, { flags, width, precision, conversion }: Conversion): string {
  return pad(convert(value, conversion, precision, flags), flags, width, conversion);
}

function convert(value: unknown, conversion: string, precision: number | undefined, flags: string): string {
  switch (conversion) {
    case "d":
    case "i":
    case "u":
      return signed(Math.trunc(Number(value)).toString(), flags);
    case "x":
      return (flags.includes("#") ? "0x" : "") + Math.trunc(Number(value)).toString(16);
    case "X":
      return (flags.includes("#") ? "0X" : "") + Math.trunc(Number(value)).toString(16).toUpperCase();
    case "o":
      return (flags.includes("#") ? "0o" : "") + Math.trunc(Number(value)).toString(8);
    case "f":
    case "F":
      return signed(Number(value).toFixed(precision ?? 6), flags);
    case "e":
    case "E":
      return signed(exponent(Number(value).toExponential(precision ?? 6)), flags);
    case "g":
    case "G":
      return signed(String(Number(Number(value).toPrecision(precision || 6))), flags);
    case "c":
      return typeof value === "number" ? String.fromCodePoint(value) : String(value);
    case "r":
    case "a":
      return repr(value).slice(0, precision);
    default:
      return String(value).slice(0, precision);
  }
}

/** Python writes at least two digits of exponent. */
function exponent(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}

function signed(text: string, flags: string): string {
  if (text.startsWith("-")) return text;
  return (flags.includes("+") ? "+" : flags.includes(" ") ? " " : "") + text;
}

function pad(text: string, flags: string, width: number, conversion: string): string {
  if (text.length >= width) return text;
  if (flags.includes("-")) return text.padEnd(width);
  if (!flags.includes("0") || "srac".includes(conversion)) return text.padStart(width);
  const sign = /^[+\- ]/.test(text) ? text[0]! : "";
  return sign + text.slice(sign.length).padStart(width - sign.length, "0");
}

/** Python quotes with `'` unless only that one occurs in the text. */
function repr(value: unknown): string {
  if (typeof value !== "string") {
    return value instanceof Error ? `${value.name}(${repr(value.message)})` : String(value);
  }
  const quote = value.includes("'") && !value.includes('"') ? '"' : "'";
  return quote + value.replaceAll("\\", "\\\\").replaceAll(quote, "\\" + quote) + quote;
}
