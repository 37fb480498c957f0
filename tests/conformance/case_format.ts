/**
 * The shape of the case files: what `server/README.md` describes, brought into one form for the player.
 *
 * Every key is known by name and anything else is refused, so that a case which asks for more than the runner knows
 * cannot pass unnoticed.
 *
 * @module
 */

import { isKnownCheck } from "./checks.ts";
import { parseTreeEntry, type TreeEntry } from "./fixture_format.ts";
import type { Expectation, ExpectedPart } from "./expectation.ts";

/** A piece of text in a request: one byte per character, or such a text many times over. */
export type RequestPart = string | { readonly repeat: string; readonly times: number };

/** Bytes that are sent together, `pauseMs` milliseconds after the piece before. */
export interface RequestPiece {
  /** Milliseconds to wait before sending. */
  readonly pauseMs: number;
  /** Text parts that may hold placeholders, or bytes that are sent as they are. */
  readonly data: readonly RequestPart[] | Uint8Array;
}

/** Checks that must all hold, and what they compare with. */
export interface Alternative {
  /** The checks as written in the file, such as `status` or `header:etag`. */
  readonly check: readonly string[];
  /** What the checks compare with. */
  readonly expect: Expectation;
}

/** One request and what its answer must be. */
export interface Exchange {
  /** What is sent, in order. */
  readonly pieces: readonly RequestPiece[];
  /** One of these must hold entirely. */
  readonly alternatives: readonly Alternative[];
  /** Names to remember, each with the header field whose value it takes. */
  readonly capture: ReadonlyMap<string, string>;
  /** Entries of the tree to replace before the request; `null` deletes. */
  readonly edit: ReadonlyMap<string, TreeEntry | null>;
}

/** One case: a list of exchanges with a server that runs on a given tree with given arguments. */
export interface ConformanceCase {
  /** The unique name, `topic/name`. */
  readonly id: string;
  /** One line of explanation. */
  readonly about: string;
  /** The name of the tree. */
  readonly fixture: string;
  /** Extra arguments of the server's command line. */
  readonly args: readonly string[];
  /** What the platform must have. */
  readonly needs: readonly string[];
  /** The default on which a server may decide otherwise on purpose. */
  readonly policy: string | undefined;
  /** Whether the expectation comes from a standard and not from a recording of Python. */
  readonly fromRfc: boolean;
  /** Whether all exchanges share one connection. */
  readonly reuse: boolean;
  /** How many times the case is played at once. */
  readonly parallel: number;
  /** The exchanges, in order. */
  readonly steps: readonly Exchange[];
}

type Fields = Record<string, unknown>;

const CASE_KEYS = ["id", "about", "fixture", "args", "needs", "policy", "source", "why", "connection", "parallel"];
const EXCHANGE_KEYS = ["request", "request_b64", "send", "check", "expect", "any_of", "capture", "edit"];
const EXPECT_KEYS = ["status", "headers", "body", "body_b64", "body_length", "body_sha256", "parts"];
const KNOWN_NEEDS = ["posix", "symlink", "unprivileged"];

/**
 * Reads the parsed JSON of one case file.
 *
 * @throws {TypeError} If anything is not as the format says, or is not known to the format.
 */
export function parseCases(json: unknown): ConformanceCase[] {
  return asList(json, "a case file").map((entry) => parseCase(entry));
}

function parseCase(json: unknown): ConformanceCase {
  const fields = asFields(json, "a case");
  const id = asText(fields.id, "id");
  try {
    onlyKeys(fields, [...CASE_KEYS, ...("steps" in fields ? ["steps"] : EXCHANGE_KEYS)]);
    const needs = asTexts(fields.needs ?? [], "needs");
    for (const need of needs) oneOf(need, KNOWN_NEEDS, "needs");
    return {
      id,
      about: asText(fields.about, "about"),
      fixture: asText(fields.fixture, "fixture"),
      args: asTexts(fields.args ?? [], "args"),
      needs,
      policy: fields.policy === undefined ? undefined : asText(fields.policy, "policy"),
      fromRfc: fields.source !== undefined && oneOf(fields.source, ["rfc"], "source") === "rfc",
      reuse: oneOf(fields.connection ?? "new", ["new", "reuse"], "connection") === "reuse",
      parallel: asCount(fields.parallel ?? 1, "parallel"),
      steps: "steps" in fields ? asList(fields.steps, "steps").map(parseStep) : [parseExchange(fields)],
    };
  } catch (error) {
    throw new TypeError(`Cannot read case "${id}": ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}

function parseStep(json: unknown): Exchange {
  const fields = asFields(json, "a step");
  onlyKeys(fields, EXCHANGE_KEYS);
  return parseExchange(fields);
}

function parseExchange(fields: Fields): Exchange {
  const capture = Object.entries(asFields(fields.capture ?? {}, "capture"));
  const edit = Object.entries(asFields(fields.edit ?? {}, "edit"));
  return {
    pieces: parsePieces(fields),
    alternatives: parseAlternatives(fields),
    capture: new Map(capture.map(([name, header]) => [name, asText(header, "capture")])),
    edit: new Map(edit.map(([path, entry]) => [path, entry === null ? null : parseTreeEntry(path, entry)])),
  };
}

function parsePieces(fields: Fields): RequestPiece[] {
  const ways = ["request", "request_b64", "send"].filter((key) => key in fields);
  if (ways.length !== 1) throw new TypeError(`a request needs exactly one of request, request_b64, send: ${ways}`);
  if (fields.request_b64 !== undefined) {
    return [{ pauseMs: 0, data: Uint8Array.fromBase64(asText(fields.request_b64, "request_b64")) }];
  }
  if (fields.request !== undefined) return [{ pauseMs: 0, data: parseParts(fields.request) }];
  return asList(fields.send, "send").map((entry) => {
    const piece = asFields(entry, "send");
    onlyKeys(piece, ["data", "pause_ms"]);
    return { pauseMs: asCount(piece.pause_ms ?? 0, "pause_ms"), data: parseParts(piece.data) };
  });
}

function parseParts(json: unknown): RequestPart[] {
  return (Array.isArray(json) ? json : [json]).map((part: unknown) => {
    if (typeof part === "string") return part;
    const fields = asFields(part, "a part of the request");
    onlyKeys(fields, ["repeat", "times"]);
    return { repeat: asText(fields.repeat, "repeat"), times: asCount(fields.times, "times") };
  });
}

function parseAlternatives(fields: Fields): Alternative[] {
  if (!("any_of" in fields)) return [parseAlternative(fields)];
  if ("check" in fields || "expect" in fields) throw new TypeError("any_of stands beside check or expect");
  return asList(fields.any_of, "any_of").map((entry) => {
    const alternative = asFields(entry, "any_of");
    onlyKeys(alternative, ["check", "expect"]);
    return parseAlternative(alternative);
  });
}

function parseAlternative(fields: Fields): Alternative {
  const check = asTexts(fields.check, "check");
  if (check.length === 0) throw new TypeError("an empty check list holds for every answer");
  for (const text of check) {
    if (!isKnownCheck(text)) throw new TypeError(`no such check: "${text}"`);
  }
  return { check, expect: parseExpectation(fields.expect ?? {}) };
}

function parseExpectation(json: unknown): Expectation {
  const fields = asFields(json, "expect");
  onlyKeys(fields, EXPECT_KEYS);
  const headers = Object.entries(asFields(fields.headers ?? {}, "headers"));
  const text = (key: string): string | undefined => fields[key] === undefined ? undefined : asText(fields[key], key);
  return {
    status: fields.status === undefined ? undefined : asCount(fields.status, "status"),
    headers: Object.fromEntries(headers.map(([name, value]) => [name, asText(value, "headers")])),
    body: text("body"),
    bodyBase64: text("body_b64"),
    bodyLength: fields.body_length === undefined ? undefined : asCount(fields.body_length, "body_length"),
    bodySha256: text("body_sha256"),
    parts: fields.parts === undefined ? undefined : asList(fields.parts, "parts").map(parseExpectedPart),
  };
}

function parseExpectedPart(json: unknown): ExpectedPart {
  const fields = asFields(json, "parts");
  onlyKeys(fields, ["range", "body"]);
  return { range: asText(fields.range, "range"), body: asText(fields.body, "body") };
}

function onlyKeys(fields: Fields, known: readonly string[]): void {
  for (const key of Object.keys(fields)) {
    if (!known.includes(key)) throw new TypeError(`no such key: "${key}"`);
  }
}

function asFields(value: unknown, what: string): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new TypeError(`${what} is no object`);
  }
  return value as Fields;
}

function asList(value: unknown, what: string): unknown[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} is no list`);
  return value;
}

function asTexts(value: unknown, what: string): string[] {
  return asList(value, what).map((entry) => asText(entry, what));
}

function asText(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} is no text`);
  return value;
}

function asCount(value: unknown, what: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new TypeError(`${what} is no whole number`);
  }
  return value;
}

function oneOf(value: unknown, known: readonly string[], what: string): string {
  const text = asText(value, what);
  if (!known.includes(text)) throw new TypeError(`${what} has an unknown value: "${text}"`);
  return text;
}
