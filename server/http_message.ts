/**
 * The header fields of a request, as a handler reads them.
 *
 * @module
 */

const TYPE_REGEXP = /^[^\s;/]+\/[^\s;/]+$/;
const CHARSET_REGEXP = /;\s*charset\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;]+))/i;

/**
 * The header fields of a request: `Headers` to read, with the questions of Python's `http.client.HTTPMessage`.
 *
 * Names are case-insensitive. `Deno.serve` joins fields of one name with `, ` (`cookie` with `; `) and keeps neither the
 * case nor the order of names.
 *
 * @example Ask for the type of a body
 * ```ts
 * import { HTTPMessage } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * const headers = new HTTPMessage(new Headers({ "Content-Type": "Text/HTML; charset=UTF-8" }));
 * assert.equal(headers.get("content-type"), "Text/HTML; charset=UTF-8");
 * assert.equal(headers.getContentType(), "text/html");
 * assert.equal(headers.getContentCharset(), "utf-8");
 * assert.equal(headers.get("x-missing"), null);
 * ```
 */
export class HTTPMessage implements Iterable<[string, string]> {
  readonly #headers: Headers;

  /** Reads from `headers`, without copying them. */
  constructor(headers: Headers) {
    this.#headers = headers;
  }

  /** The value of a field, or `null`. */
  get(name: string): string | null {
    return this.#headers.get(name);
  }

  /** The values of a field: none or one, joined as they came. */
  getAll(name: string): string[] {
    const value = this.#headers.get(name);
    return value === null ? [] : [value];
  }

  /** Whether there is such a field. */
  has(name: string): boolean {
    return this.#headers.has(name);
  }

  /** The names, in lower case and sorted. */
  keys(): IterableIterator<string> {
    return this.#headers.keys();
  }

  /** The values, in the order of {@linkcode keys}. */
  values(): IterableIterator<string> {
    return this.#headers.values();
  }

  /** Names and values. */
  entries(): IterableIterator<[string, string]> {
    return this.#headers.entries();
  }

  /** Names and values, so that `new Headers(handler.headers)` makes a copy. */
  [Symbol.iterator](): IterableIterator<[string, string]> {
    return this.#headers.entries();
  }

  /** The media type of the body in lower case, without parameters; `text/plain` when there is none or a malformed one. */
  getContentType(): string {
    const essence = (this.#headers.get("content-type") ?? "").split(";", 1)[0]!.trim().toLowerCase();
    return TYPE_REGEXP.test(essence) ? essence : "text/plain";
  }

  /** What stands before the slash of {@linkcode getContentType}. */
  getContentMaintype(): string {
    return this.getContentType().split("/")[0]!;
  }

  /** What stands after the slash of {@linkcode getContentType}. */
  getContentSubtype(): string {
    return this.getContentType().split("/")[1]!;
  }

  /** The `charset` of the body in lower case, or `null`. */
  getContentCharset(): string | null {
    const match = CHARSET_REGEXP.exec(this.#headers.get("content-type") ?? "");
    return match === null ? null : (match[1]?.replace(/\\(.)/g, "$1") ?? match[2]!).toLowerCase();
  }
}
