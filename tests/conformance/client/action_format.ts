/**
 * The actions on a response, as the case files write them.
 *
 * @module
 */

import { asFields, asFlag, asNumber, asText, isFields, type Json, onlyKeys, optional } from "./json.ts";

/** One action. */
export type Action =
  | { readonly name: "text" | "content" | "json" | "raise_for_status" | "close" }
  | { readonly name: "set_encoding"; readonly encoding: string | null }
  | { readonly name: "next"; readonly headers: readonly string[] }
  | { readonly name: "iter_content" | "iter_lines"; readonly iteration: Iteration };

/** The arguments of an iteration, and what is recorded of it. */
export interface Iteration {
  /** The size of the pieces as it is given, which may be none; undefined for the default. */
  readonly chunkSize: Json | undefined;
  /** Whether to decode; undefined for the default. */
  readonly decodeUnicode: boolean | undefined;
  /** What ends a line; undefined for the default. */
  readonly delimiter: string | undefined;
  /** After how many elements to stop. */
  readonly take: number;
  /** Whether to record the concatenation. */
  readonly join: boolean;
}

const PLAIN = ["text", "content", "json", "raise_for_status", "close"] as const;
const ITERATION_KEYS = ["chunk_size", "decode_unicode", "take", "join"];

/** Whether the runner can carry an action out. */
export function isKnownAction(json: Json): boolean {
  return findAction(json) !== undefined;
}

/**
 * Reads one action.
 *
 * @throws {TypeError} If it is not known, or its arguments are not.
 */
export function parseAction(json: Json): Action {
  const action = findAction(json);
  if (action === undefined) throw new TypeError(`no such action: ${JSON.stringify(json)}`);
  return action;
}

function findAction(json: Json): Action | undefined {
  if (typeof json === "string") {
    const plain = PLAIN.find((name) => name === json);
    return plain === undefined ? withArgument(json, undefined) : { name: plain };
  }
  if (!isFields(json)) return undefined;
  const [entry, ...more] = Object.entries(json);
  return entry === undefined || more.length > 0 ? undefined : withArgument(...entry);
}

function withArgument(name: string, argument: Json | undefined): Action | undefined {
  switch (name) {
    case "set_encoding":
      if (argument === undefined) return undefined;
      return { name, encoding: argument === null ? null : asText(argument, name) };
    case "next":
      return { name, headers: parseNames(argument ?? []) };
    case "iter_content":
    case "iter_lines":
      return { name, iteration: parseIteration(name, argument ?? {}) };
    default:
      return undefined;
  }
}

function parseNames(json: Json): string[] {
  if (!Array.isArray(json)) throw new TypeError(`next has no list of names: ${JSON.stringify(json)}`);
  return json.map((name) => asText(name, "next"));
}

function parseIteration(name: "iter_content" | "iter_lines", argument: Json): Iteration {
  const short = name === "iter_content" && typeof argument === "number";
  const fields = asFields(short ? { chunk_size: argument } : argument, name);
  onlyKeys(fields, name === "iter_lines" ? [...ITERATION_KEYS, "delimiter"] : ITERATION_KEYS, name);
  return {
    chunkSize: fields.chunk_size,
    decodeUnicode: optional(asFlag, fields.decode_unicode, "decode_unicode"),
    delimiter: optional(asText, fields.delimiter, "delimiter"),
    take: optional(asNumber, fields.take, "take") ?? Infinity,
    join: optional(asFlag, fields.join, "join") ?? false,
  };
}
