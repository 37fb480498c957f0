/** Form fields: names and values in order, and their encoding (the URL standard, `application/x-www-form-urlencoded`). */

import { decodeLatin1 } from "../http1/latin1.ts";
import type { FieldsInput, FieldValue, ScalarValue } from "./types.ts";

/** Replaces what `unsafe` (a global expression) finds by the escapes of its bytes, of UTF-8 for text. */
export function percentEncode(text: string | Uint8Array, unsafe: RegExp): string {
  // One character per byte, so that bytes that are no UTF-8 are kept.
  if (typeof text !== "string") {
    return decodeLatin1(text).replace(unsafe, (run) => escapes(run, (char) => char.charCodeAt(0)));
  }
  return text.replace(unsafe, (run) => escapes(new TextEncoder().encode(run), (byte) => byte));
}

function escapes<T>(items: Iterable<T>, byteOf: (item: T) => number): string {
  return Array.from(items, (item) => `%${byteOf(item).toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

/** Names the kind of a wrong argument; never its value, which may be a secret. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value !== "object" && typeof value !== "function") return `a ${typeof value}`;
  const name = typeof value === "function" ? "function" : value.constructor?.name ?? "object";
  return /^[AEIOU]/i.test(name) ? `an ${name}` : `a ${name}`;
}

/** Text or bytes of one name or value. */
function scalarOf(value: unknown, what: string): string | Uint8Array {
  switch (typeof value) {
    case "string":
      return value;
    case "number":
    case "bigint":
    case "boolean":
      return String(value);
    default:
      if (value instanceof Uint8Array) return value;
      throw new TypeError(`Cannot use ${describe(value)} as ${what}: give text, a number, a boolean or bytes`);
  }
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}

/**
 * Names and values in order: lists expanded, `null` and `undefined` left out.
 *
 * @throws {TypeError} For what is neither fields nor pairs, and for values that are no text.
 */
export function fieldPairs(fields: FieldsInput): [name: string | Uint8Array, value: string | Uint8Array][] {
  if (typeof fields !== "object" || fields === null || fields instanceof Uint8Array) {
    throw new TypeError(`Cannot read fields from ${describe(fields)}: give an object or a list of [name, value] pairs`);
  }
  const entries: Iterable<unknown> = isIterable(fields) ? fields : Object.entries(fields);
  const pairs: [string | Uint8Array, string | Uint8Array][] = [];
  for (const entry of entries) {
    if (!Array.isArray(entry) || entry.length !== 2) {
      const kind = Array.isArray(entry) ? `a list of ${entry.length}` : describe(entry);
      throw new TypeError(`Cannot use ${kind} as a field: give [name, value] pairs`);
    }
    const [name, value] = entry as [ScalarValue, FieldValue];
    for (const one of isIterable(value) && !(value instanceof Uint8Array) ? value : [value]) {
      if (one !== null && one !== undefined) {
        pairs.push([scalarOf(name, "a field name"), scalarOf(one, "a field value")]);
      }
    }
  }
  return pairs;
}

/**
 * Encodes fields as `application/x-www-form-urlencoded`: a space becomes `+`, all but letters, digits and `-._~` is escaped
 * as Python's `quote_plus` does.
 */
export function encodeForm(fields: FieldsInput): string {
  const quote = (text: string | Uint8Array) => percentEncode(text, /[^A-Za-z0-9._~ -]+/g).replaceAll(" ", "+");
  return fieldPairs(fields).map(([name, value]) => `${quote(name)}=${quote(value)}`).join("&");
}
