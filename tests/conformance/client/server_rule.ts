/**
 * The rules by which the scripted servers answer.
 *
 * @module
 */

import { type DigestRule, parseDigestRule } from "./digest_rule.ts";
import { asFields, asFlag, asList, asNumber, asText, type Json, type JsonFields, onlyKeys, optional } from "./json.ts";
import { parseBytes, parseFields, type RawField } from "./raw_field.ts";

/** The servers of a case. */
export type ServerName = "A" | "B" | "PROXY";

/** The names of all servers. */
export const SERVER_NAMES: readonly ServerName[] = ["A", "B", "PROXY"];

/** One rule: which requests it fits, and what it answers. */
export interface ServerRule {
  /** The server that it belongs to. */
  readonly on: ServerName;
  /** The target that it fits; `*` fits all. */
  readonly path: string;
  /** The method that it fits; all when undefined. */
  readonly method: string | undefined;
  /** How often it may be used; without a limit when undefined. */
  readonly times: number | undefined;
  /** The status code. */
  readonly status: number;
  /** The reason phrase; the usual one of the status when undefined. */
  readonly reason: Uint8Array | undefined;
  /** The fields, in order. */
  readonly headers: readonly RawField[];
  /** The body, in pieces that are written one by one. */
  readonly pieces: readonly Uint8Array[];
  /** Whether the body has chunked coding. */
  readonly chunked: boolean;
  /** Whether the end of the connection is the end of the body. */
  readonly noLength: boolean;
  /** After how many bytes of the body the connection is closed. */
  readonly closeAfter: number | undefined;
  /** Seconds to wait before answering. */
  readonly delay: number;
  /** Whether the connection is closed without an answer. */
  readonly drop: boolean;
  /** What to send instead of an answer; the connection is closed then. */
  readonly raw: Uint8Array | undefined;
  /** What Digest authentication asks for, if it is asked for. */
  readonly digest: DigestRule | undefined;
}

const KEYS = [
  "on",
  "path",
  "method",
  "times",
  "status",
  "reason",
  "headers",
  "body",
  "body_b64",
  "pieces",
  "repeat",
  "chunked",
  "no_length",
  "close_after",
  "delay",
  "drop",
  "raw",
  "raw_b64",
  "digest",
];

/**
 * Reads one rule.
 *
 * @throws {TypeError} If anything is not as the format says, or is not known to the format.
 */
export function parseServerRule(json: Json): ServerRule {
  const fields = asFields(json, "a rule");
  onlyKeys(fields, KEYS, "a rule");
  const on = optional(asText, fields.on, "on") ?? "A";
  if (!isServerName(on)) throw new TypeError(`on names no server: "${on}"`);
  return {
    on,
    path: asText(fields.path, "path"),
    method: optional(asText, fields.method, "method"),
    times: optional(asNumber, fields.times, "times"),
    status: optional(asNumber, fields.status, "status") ?? 200,
    reason: optional(parseBytes, fields.reason, "reason"),
    headers: parseFields(fields.headers ?? []),
    pieces: parsePieces(fields),
    chunked: optional(asFlag, fields.chunked, "chunked") ?? false,
    noLength: optional(asFlag, fields.no_length, "no_length") ?? false,
    closeAfter: optional(asNumber, fields.close_after, "close_after"),
    delay: optional(asNumber, fields.delay, "delay") ?? 0,
    drop: optional(asFlag, fields.drop, "drop") ?? false,
    raw: fields.raw_b64 === undefined
      ? optional(parseBytes, fields.raw, "raw")
      : Uint8Array.fromBase64(asText(fields.raw_b64, "raw_b64")),
    digest: fields.digest === undefined ? undefined : parseDigestRule(fields.digest),
  };
}

function isServerName(name: string): name is ServerName {
  return (SERVER_NAMES as readonly string[]).includes(name);
}

function parsePieces(fields: JsonFields): Uint8Array[] {
  const ways = ["body", "body_b64", "pieces"].filter((key) => key in fields);
  if (ways.length > 1) throw new TypeError(`a rule has more than one of ${ways}`);
  const repeat = optional(asNumber, fields.repeat, "repeat") ?? 1;
  if (fields.pieces !== undefined) {
    return asList(fields.pieces, "pieces").map((piece) => repeated(parseBytes(piece, "a piece"), repeat));
  }
  const body = fields.body_b64 === undefined
    ? parseBytes(fields.body ?? "", "body")
    : Uint8Array.fromBase64(asText(fields.body_b64, "body_b64"));
  return body.length === 0 ? [] : [repeated(body, repeat)];
}

function repeated(bytes: Uint8Array, times: number): Uint8Array {
  const all = new Uint8Array(bytes.length * times);
  for (let i = 0; i < times; i++) all.set(bytes, i * bytes.length);
  return all;
}
