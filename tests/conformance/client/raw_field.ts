/**
 * Header fields and bytes in the case files.
 *
 * @module
 */

import { asList, asText, hasOnly } from "./json.ts";

/** A header field as it goes over the wire. */
export type RawField = readonly [name: string, value: Uint8Array];

/** Reads a list of fields whose values are text, sent as UTF-8, or bytes. */
export function parseFields(json: unknown): RawField[] {
  return asList(json, "headers").map((entry) => {
    const [name, value] = asList(entry, "a header");
    return [asText(name, "the name of a header"), parseBytes(value, "the value of a header")];
  });
}

/** Reads text, which stands for its UTF-8, or bytes. */
export function parseBytes(value: unknown, what: string): Uint8Array<ArrayBuffer> {
  if (hasOnly(value, "b64")) return Uint8Array.fromBase64(asText(value.b64, "b64"));
  return new TextEncoder().encode(asText(value, what));
}
