/**
 * From a rule to the bytes that answer a request.
 *
 * @module
 */

import { STATUS_CODES } from "node:http";
import { encodeLatin1 } from "../latin1.ts";
import type { RawField } from "./raw_field.ts";
import type { ServerRule } from "./server_rule.ts";

/** What to write, piece by piece, and whether to close the connection then. */
export interface ServerAnswer {
  /** The pieces; there is a short pause between two of them when `paused` is true. */
  readonly pieces: readonly Uint8Array[];
  /** Whether to pause between the pieces. */
  readonly paused: boolean;
  /** Whether the connection ends with the answer. */
  readonly close: boolean;
}

/** What of a rule shapes its answer. */
export type AnswerRule = Pick<
  ServerRule,
  "status" | "reason" | "headers" | "pieces" | "chunked" | "noLength" | "closeAfter" | "raw" | "drop"
>;

/** A plain answer with a text body. */
export function textAnswer(
  status: number,
  reason: string | undefined,
  headers: readonly RawField[],
  body: string,
): AnswerRule {
  return {
    status,
    reason: reason === undefined ? undefined : encodeLatin1(reason),
    headers,
    pieces: [encodeLatin1(body)],
    chunked: false,
    noLength: false,
    closeAfter: undefined,
    raw: undefined,
    drop: false,
  };
}

/** Spells out what a rule answers to a request of this method. */
export function buildAnswer(rule: AnswerRule, method: string): ServerAnswer {
  if (rule.drop) return { pieces: [], paused: false, close: true };
  if (rule.raw !== undefined) return { pieces: [rule.raw], paused: false, close: true };
  const { status, chunked, noLength, closeAfter } = rule;
  const bodiless = status < 200 || status === 204 || status === 304;
  const body = bodiless || method === "HEAD" ? [] : cutBody(rule);
  const framing = bodiless || noLength ? "" : framingOf(rule);
  const close = !bodiless && (noLength || closeAfter !== undefined);
  return { pieces: [buildHead(rule, framing), ...body], paused: !chunked, close };
}

function framingOf({ chunked, headers, pieces }: AnswerRule): string {
  if (chunked) return "Transfer-Encoding: chunked\r\n";
  if (headers.some(([name]) => name.toLowerCase() === "content-length")) return "";
  return `Content-Length: ${pieces.reduce((sum, { length }) => sum + length, 0)}\r\n`;
}

function buildHead({ status, reason, headers }: AnswerRule, framing: string): Uint8Array {
  const parts: Uint8Array[] = [
    encodeLatin1(`HTTP/1.1 ${status} `),
    reason ?? encodeLatin1(STATUS_CODES[status] ?? ""),
    encodeLatin1("\r\n"),
  ];
  for (const [name, value] of headers) parts.push(encodeLatin1(`${name}: `), value, encodeLatin1("\r\n"));
  return joinBytes([...parts, encodeLatin1(`${framing}\r\n`)]);
}

/** The pieces of the body in their framing, cut off after `closeAfter` bytes of content. */
function cutBody({ pieces, chunked, closeAfter }: AnswerRule): Uint8Array[] {
  let left = closeAfter ?? Infinity;
  const framed: Uint8Array[] = [];
  for (const piece of pieces) {
    // An empty chunk would be the end of the body.
    if (piece.length === 0) continue;
    const kept = piece.subarray(0, left);
    left -= kept.length;
    const whole = kept.length === piece.length;
    const frame = chunked ? [`${piece.length.toString(16)}\r\n`, whole ? "\r\n" : ""] : ["", ""];
    framed.push(joinBytes([encodeLatin1(frame[0]!), kept, encodeLatin1(frame[1]!)]));
    if (!whole || left === 0) return framed;
  }
  if (chunked) framed.push(encodeLatin1("0\r\n\r\n"));
  return framed;
}

/** Joins pieces of bytes. */
function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(pieces.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const piece of pieces) {
    joined.set(piece, at);
    at += piece.length;
  }
  return joined;
}
