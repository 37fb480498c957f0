/**
 * What arrived at the servers, as a case shows it.
 *
 * @module
 */

import { decodeLatin1, encodeLatin1 } from "../latin1.ts";
import type { WireView } from "./case_format.ts";
import { parseDigestFields } from "./digest_rule.ts";
import type { Json } from "./json.ts";
import { type RequestRecord, valuesOf } from "./request_record.ts";
import { showBody } from "./show_bytes.ts";

const BOUNDARY_REGEXP = /^multipart\/.*;\s*boundary=(?:"([^"]+)"|([^\s;"]+))/is;

/** Shows one request. */
export function showRequest(record: RequestRecord, view: WireView): Json {
  const json = view.body === "json" ? parseJson(record.body) : undefined;
  const boundary = boundaryOf(record);
  const context: FieldContext = {
    record,
    boundary,
    lengthIsOpen: boundary !== undefined || json !== undefined,
  };
  return {
    server: record.server,
    method: record.method,
    target: record.target,
    headers: Object.fromEntries(view.headers.map((name) => [name, showField(name, context)])),
    ...(view.body === false ? {} : { body: json ?? showBody(hideBoundary(record.body, boundary)) }),
  };
}

interface FieldContext {
  readonly record: RequestRecord;
  readonly boundary: string | undefined;
  readonly lengthIsOpen: boolean;
}

function showField(name: string, context: FieldContext): Json {
  const shown = valuesOf(context.record, name).map((value) => showValue(name.toLowerCase(), value, context));
  return shown.length > 1 ? shown : shown[0] ?? null;
}

function showValue(name: string, value: string, { record, boundary, lengthIsOpen }: FieldContext): Json {
  if (name === "authorization") {
    const digest = parseDigestFields(value);
    if (digest !== undefined) return { digest: showDigest(digest), valid: record.digestAccepted };
  }
  if (name === "content-length" && lengthIsOpen && value === String(record.body.length)) return "LENGTH";
  return boundary === undefined ? value : value.replaceAll(boundary, "BOUNDARY");
}

function showDigest(fields: ReadonlyMap<string, string>): Json {
  const shown = new Map(fields);
  // They hold what is new in every request; whether they are right is what `valid` says.
  shown.delete("cnonce");
  shown.delete("response");
  const algorithm = shown.get("algorithm");
  if (algorithm !== undefined) shown.set("algorithm", algorithm.toUpperCase());
  return Object.fromEntries(shown);
}

function boundaryOf(record: RequestRecord): string | undefined {
  const match = BOUNDARY_REGEXP.exec(valuesOf(record, "content-type")[0] ?? "");
  return match?.[1] ?? match?.[2];
}

function hideBoundary(body: Uint8Array, boundary: string | undefined): Uint8Array {
  return boundary === undefined ? body : encodeLatin1(decodeLatin1(body).replaceAll(boundary, "BOUNDARY"));
}

/** The body as a JSON document, or undefined when it is empty or none. */
function parseJson(body: Uint8Array): Json | undefined {
  if (body.length === 0) return undefined;
  try {
    return { json: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body)) };
  } catch (error) {
    // Then the body is shown as it is, and compares unequal to any document.
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}
