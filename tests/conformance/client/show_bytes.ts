/**
 * Bytes and texts, as the results of a case show them.
 *
 * @module
 */

import { decodeLatin1 } from "../latin1.ts";
import type { Json } from "./json.ts";

/** Shows bytes as one character each, and text as it is. */
export function showPiece(piece: string | Uint8Array): Json {
  return typeof piece === "string" ? piece : { bytes: decodeLatin1(piece) };
}

/** Shows a body as text if it is UTF-8, else as base64. */
export function showBody(body: Uint8Array): Json {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body);
  } catch (error) {
    if (error instanceof TypeError) return { b64: body.toBase64() };
    throw error;
  }
}
