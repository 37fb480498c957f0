/**
 * From the request of a case to the bytes on the wire.
 *
 * @module
 */

import type { RequestPart, RequestPiece } from "./case_format.ts";
import { decodeLatin1, encodeLatin1 } from "./latin1.ts";
import { fillText } from "./placeholders.ts";

/** Bytes to send after a pause in milliseconds. */
export interface WirePiece {
  /** Milliseconds to wait before sending. */
  readonly pauseMs: number;
  /** What to send. */
  readonly bytes: Uint8Array;
}

/** Fills the placeholders in and spells the repetitions out. */
export function toWirePieces(pieces: readonly RequestPiece[], values: ReadonlyMap<string, string>): WirePiece[] {
  return pieces.map(({ pauseMs, data }) => {
    if (data instanceof Uint8Array) return { pauseMs, bytes: data };
    return { pauseMs, bytes: encodeLatin1(data.map((part) => spellOut(part, values)).join("")) };
  });
}

function spellOut(part: RequestPart, values: ReadonlyMap<string, string>): string {
  return typeof part === "string" ? fillText(part, values) : fillText(part.repeat, values).repeat(part.times);
}

/** Method and target of a request, as its first line has them. */
export function requestLineOf(pieces: readonly WirePiece[]): { method: string; target: string } {
  const text = pieces.map(({ bytes }) => decodeLatin1(bytes)).join("");
  const [method = "", target = ""] = text.slice(0, text.search(/\r?\n|$/)).split(" ");
  return { method, target };
}
