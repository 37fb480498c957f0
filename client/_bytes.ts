/** Byte arrays: seen through a view, and as base64. */

import { decodeLatin1 } from "../http1/latin1.ts";

/** The bytes that a view shows; copied only from shared memory, which can change while it is sent. */
export function bytesOf(view: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  return view.buffer instanceof ArrayBuffer ? bytes as Uint8Array<ArrayBuffer> : new Uint8Array(bytes);
}

/** Bytes as base64. `Uint8Array.prototype.toBase64()` is newer than some runtimes with `fetch`. */
export function encodeBase64(bytes: Uint8Array): string {
  return btoa(decodeLatin1(bytes));
}

/** The bytes that {@linkcode encodeBase64} took. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
}
