/** The body of a request, from the data, files and JSON that a caller gives (Python: `PreparedRequest.prepare_body`). */

import { bytesOf } from "./_bytes.ts";
import {
  type Content,
  isIterable,
  isSeekableFile,
  isStreamBody,
  type OpenFile,
  remainingLength,
  toContent,
} from "./_content.ts";
import { describe, encodeForm } from "./_form.ts";
import { encodeFiles, isMultipartType } from "./_multipart.ts";
import { InvalidJSONError } from "./errors.ts";
import type { DataInput, FilesInput, RawContent, StreamBody } from "./types.ts";

export type { StreamBody };

/** The body of a prepared request: none, bytes, or a stream that is opened when it is sent. */
export type PreparedBody = Uint8Array<ArrayBuffer> | StreamBody | null;

/** What a body is made of. */
export interface BodyParts {
  /** Form fields or raw content. */
  readonly data?: DataInput | undefined;
  /** A value to send as JSON, if `data` and `files` are empty. `null` and `undefined` are no value. */
  readonly json?: unknown;
  /** Files to upload. */
  readonly files?: FilesInput | undefined;
  /** The `Content-Type` that the caller has set. */
  readonly contentType?: string | null | undefined;
  /** Makes the body of a `file:` URL. */
  readonly openFile: OpenFile;
}

/** A body, and the `Content-Type` header to set for it; `null` to leave the header as it is. */
export interface EncodedBody {
  /** The body. */
  readonly body: PreparedBody;
  /** The value of the header. */
  readonly contentType: string | null;
}

/**
 * Makes the body of a request. Files win over `data`, which are its fields then; `data` wins over `json`; empty data is no data.
 *
 * @throws {TypeError} For what cannot be sent, and for files together with data that is no form.
 * @throws {InvalidJSONError} For what JSON cannot say: NaN, infinities, functions, cycles, big integers.
 */
export function encodeBody({ data, json, files, contentType, openFile }: BodyParts): EncodedBody {
  const given = contentType ?? null;
  if (!isEmpty(files)) return encodeUpload(files, isEmpty(data) ? null : data, given, openFile);
  if (isEmpty(data)) {
    if (json === null || json === undefined) return { body: null, contentType: null };
    return {
      body: new TextEncoder().encode(encodeJson(json)),
      contentType: given === null ? "application/json" : null,
    };
  }
  if (data instanceof FormData) return encodeUpload(null, data, given, openFile);
  if (isContent(data)) return { body: contentBody(toContent(data, openFile)), contentType: null };
  const body = new TextEncoder().encode(encodeForm(data));
  return { body, contentType: given === null ? "application/x-www-form-urlencoded" : null };
}

function encodeUpload(
  files: FilesInput,
  data: Exclude<DataInput, null> | null,
  contentType: string | null,
  openFile: OpenFile,
): EncodedBody {
  if (data !== null && !(data instanceof FormData) && isContent(data)) {
    if (typeof data === "string" || data instanceof ArrayBuffer || ArrayBuffer.isView(data)) {
      throw new TypeError(
        "Data must not be a string. Give the fields that go with the files as an object or as pairs.",
      );
    }
    throw new TypeError("Streamed bodies and files are mutually exclusive. Give the stream as one of the files.");
  }
  // Any other type that the caller has set is his to answer for.
  const isOurs = contentType === null || isMultipartType(contentType);
  const multipart = encodeFiles(files, data, { openFile, contentType: isOurs ? contentType : null });
  return { body: contentBody(multipart.body), contentType: isOurs ? multipart.contentType : null };
}

// An empty blob is an empty body, and says so, instead of a stream of chunks without a chunk.
function contentBody(content: Content): Content {
  return content.length === 0 && !(content instanceof Uint8Array) ? new Uint8Array(0) : content;
}

/** Whether data or files are what Python calls false: none at all, empty text, bytes, lists and objects. */
function isEmpty(value: unknown): value is null | undefined {
  if (value === null || value === undefined || value === "") return true;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength === 0;
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map || value instanceof URLSearchParams) return value.size === 0;
  return typeof value === "object" && isPlain(value) && Object.keys(value).length === 0;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  // The last one is Object.prototype of this realm or of another.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Whether data is sent as it stands; all else is a form. */
function isContent(data: unknown): data is RawContent | Iterable<Uint8Array | string> {
  if (typeof data === "string") return true;
  if (typeof data !== "object" || data === null) {
    throw new TypeError(`Cannot send ${describe(data)} as data: give fields, text, bytes, a Blob, a stream or a file`);
  }
  // Python streams every iterable but lists, tuples and mappings.
  if (Array.isArray(data) || data instanceof Map || data instanceof URLSearchParams) return false;
  const isRaw = data instanceof ArrayBuffer || ArrayBuffer.isView(data) || data instanceof Blob ||
    data instanceof URL ||
    isStreamBody(data) || isSeekableFile(data) || isIterable(data);
  if (isRaw || isPlain(data) || Object.keys(data).length > 0) return isRaw;
  const cure = data instanceof Promise ? "await it" : "give fields, text, bytes, a Blob, a stream or a file";
  throw new TypeError(`Cannot send ${describe(data)} as data: ${cure}`);
}

function encodeJson(json: unknown): string {
  let text: string | undefined;
  try {
    text = JSON.stringify(json);
    // JSON.stringify writes null for what is no JSON number, which would be another value.
    if (text?.includes("null")) JSON.stringify(json, (_, value) => checkNumber(value));
  } catch (error) {
    if (error instanceof InvalidJSONError) throw error;
    throw new InvalidJSONError(`Cannot write the json argument as JSON: ${(error as Error).message}`, { cause: error });
  }
  if (text === undefined) throw new InvalidJSONError(`Cannot write ${describe(json)} as JSON: it has no form in JSON`);
  return text;
}

function checkNumber(value: unknown): unknown {
  if (typeof value !== "number" || Number.isFinite(value)) return value;
  throw new InvalidJSONError("Out of range float values are not JSON compliant");
}

/**
 * The length in bytes of what is to be sent, from where it stands (Python: `super_len`); 0 if it is not known.
 *
 * @example
 * ```ts
 * import { superLen } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(superLen("zwölf"), 6);
 * assert.equal(superLen(new Blob(["abc"])), 3);
 * assert.equal(superLen(new Blob(["abc"]).stream()), 0);
 * ```
 */
export function superLen(value: unknown): number {
  if (typeof value === "string") return new TextEncoder().encode(value).length;
  if (value instanceof ArrayBuffer) return value.byteLength;
  if (ArrayBuffer.isView(value)) return bytesOf(value).length;
  if (value instanceof Blob) return value.size;
  if (isStreamBody(value)) return value.length ?? 0;
  return isSeekableFile(value) ? remainingLength(value)?.length ?? 0 : 0;
}
