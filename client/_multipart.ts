/** `multipart/form-data` bodies (RFC 7578), with the length computed in advance and nothing read into memory. */

import { decodeLatin1 } from "../http1/latin1.ts";
import type { Content, OpenFile } from "./_content.ts";
import { isIterable, isSeekableFile, isStreamBody, joinContents, toContent } from "./_content.ts";
import { describe, fieldPairs } from "./_form.ts";
import { bytesOf } from "./_bytes.ts";
import { checkHeaderValidity, parseContentType } from "./_header_fields.ts";
import { unquote } from "./_url.ts";
import type { FieldsInput, FileContent, FilesInput, FileValue, PartHeaders } from "./types.ts";

const MULTIPART_TYPE = "multipart/form-data";

interface Part {
  readonly name: string;
  readonly filename: string | null;
  readonly contentType: string | null;
  readonly headers: PartHeaders | null;
  readonly content: Content;
}

/** A boundary that no content holds but by chance: 32 hexadecimal digits, as requests has. */
export function generateBoundary(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** A multipart body, and the value of the `Content-Type` header that goes with it. */
export interface Multipart {
  /** Bytes, or a stream if some part is one. */
  readonly body: Content;
  /** The media type with its boundary. */
  readonly contentType: string;
}

/** What {@linkcode encodeFiles} can be told. */
export interface MultipartOptions {
  /** Makes the body of a `file:` URL. */
  readonly openFile: OpenFile;
  /** A `Content-Type` that the caller has set: its boundary is used, or one is added. Default: `multipart/form-data`. */
  readonly contentType?: string | null | undefined;
}

/**
 * Encodes fields and files as one multipart body (Python: `RequestEncodingMixin._encode_files`): the fields first, each list in
 * its order. A part has a `Content-Type` only if its tuple, or the `Blob` itself, names one.
 *
 * @throws {TypeError} If `files` is not made of names and files, or `data` not of fields.
 * @throws {InvalidHeader} If a header of a part cannot be sent.
 */
export function encodeFiles(
  files: FilesInput,
  data: FieldsInput | FormData | null,
  options: MultipartOptions,
): Multipart {
  const parts = [
    ...(data instanceof FormData ? formDataParts(data) : fieldParts(data)),
    ...fileParts(files, options.openFile),
  ];
  const { boundary, contentType } = boundaryOf(options.contentType ?? MULTIPART_TYPE);
  const encoder = new TextEncoder();
  const contents = parts.flatMap((part): Content[] => [
    encoder.encode(`--${boundary}\r\n${headOf(part)}\r\n`),
    part.content,
    encoder.encode("\r\n"),
  ]);
  return { body: joinContents([...contents, encoder.encode(`--${boundary}--\r\n`)]), contentType };
}

/** Whether a `Content-Type` that the caller has set is one of multipart, so that it needs the boundary. */
export function isMultipartType(contentType: string): boolean {
  return parseContentType(contentType)[0].startsWith("multipart/");
}

function boundaryOf(contentType: string): { readonly boundary: string; readonly contentType: string } {
  const given = parseContentType(contentType)[1]["boundary"];
  if (given !== undefined && given !== "") return { boundary: given, contentType };
  const boundary = generateBoundary();
  return { boundary, contentType: `${contentType.replace(/[\s;]+$/, "")}; boundary=${boundary}` };
}

// As browsers do (the HTML standard, "multipart/form-data encoding algorithm"): names are raw UTF-8.
function quoteName(name: string): string {
  return `"${name.replaceAll('"', "%22").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}"`;
}

function headOf({ name, filename, contentType, headers }: Part): string {
  let disposition = `Content-Disposition: form-data; name=${quoteName(name)}`;
  if (filename !== null) disposition += `; filename=${quoteName(filename)}`;
  const lines = [disposition];
  if (contentType !== null) lines.push(headerLine("Content-Type", contentType));
  for (const [header, value] of headers === null ? [] : isIterable(headers) ? headers : Object.entries(headers)) {
    const isOurs = /^content-disposition$/i.test(header) || contentType !== null && /^content-type$/i.test(header);
    if (!isOurs) lines.push(headerLine(header, value));
  }
  return lines.map((line) => `${line}\r\n`).join("");
}

function headerLine(name: string, value: string | Uint8Array): string {
  checkHeaderValidity(name, value);
  return `${name}: ${typeof value === "string" ? value : decodeLatin1(value)}`;
}

function fieldParts(data: FieldsInput | null): Part[] {
  const text = (name: string | Uint8Array) => typeof name === "string" ? name : new TextDecoder().decode(name);
  const bytes = (value: string | Uint8Array) =>
    typeof value === "string" ? new TextEncoder().encode(value) : bytesOf(value);
  return fieldPairs(data ?? {}).map(([name, value]) => (
    { name: text(name), filename: null, contentType: null, headers: null, content: bytes(value) }
  ));
}

function formDataParts(form: FormData): Part[] {
  return Array.from(form, ([name, value]): Part => {
    if (typeof value === "string") {
      return { name, filename: null, contentType: null, headers: null, content: new TextEncoder().encode(value) };
    }
    const content = { length: value.size, replayable: true, open: () => value.stream() };
    // Unlike other files, those of a FormData always name a type: that is how the Fetch standard sends them.
    const contentType = value.type || "application/octet-stream";
    return { name, filename: value.name, contentType, headers: null, content };
  });
}

function fileParts(files: FilesInput, openFile: OpenFile): Part[] {
  if (files === null || files === undefined) return [];
  return fileEntries(files).flatMap(([name, value]) => {
    const [filename, content, contentType, headers] = isTuple(value) ? fileTuple(value) : [undefined, value];
    // A file of null stands for no file, as in Python.
    if (content === null || content === undefined) return [];
    return [{
      name,
      filename: filename === undefined ? guessFilename(content) ?? name : filename,
      contentType: contentType === undefined ? content instanceof Blob && content.type || null : contentType,
      headers: headers ?? null,
      content: toContent(content, openFile),
    }];
  });
}

function fileEntries(files: unknown): [string, FileValue][] {
  if (typeof files !== "object" || files === null || files instanceof Blob || ArrayBuffer.isView(files)) {
    throw new TypeError(`Cannot read files from ${describe(files)}: give an object of field names and files`);
  }
  if (!isIterable(files)) {
    if (isStreamBody(files) || isSeekableFile(files)) {
      throw new TypeError(
        `Cannot read files from ${describe(files)}: give it a field name, as in { files: { field: file } }`,
      );
    }
    return Object.entries(files);
  }
  if (!(Symbol.iterator in files)) throw new TypeError("Cannot read files from a stream: give it a field name");
  return Array.from(files, (entry) => {
    if (!Array.isArray(entry) || entry.length !== 2 || typeof entry[0] !== "string") {
      throw new TypeError(`Cannot use ${describe(entry)} as a file of a list: give [field name, file] pairs`);
    }
    return entry as [string, FileValue];
  });
}

function isTuple(value: FileValue): value is Exclude<FileValue, FileContent> {
  return Array.isArray(value);
}

type FileTuple = readonly [
  filename: string | null,
  content: FileContent,
  contentType?: string | null,
  headers?: PartHeaders | null,
];

function fileTuple(tuple: readonly unknown[]): FileTuple {
  const [filename] = tuple;
  if (tuple.length < 2 || tuple.length > 4 || filename !== null && typeof filename !== "string") {
    throw new TypeError(
      "Cannot use this list as a file: give [filename, content], [filename, content, contentType] or " +
        "[filename, content, contentType, headers], with null for no filename",
    );
  }
  return tuple as unknown as FileTuple;
}

/**
 * The file name that content brings along: the last part of its path or name (Python: `guess_filename`), or `null`.
 *
 * @example
 * ```ts
 * import { guessFilename } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(guessFilename(new File([], "photo.png")), "photo.png");
 * assert.equal(guessFilename(new URL("file:///tmp/report%201.txt")), "report 1.txt");
 * assert.equal(guessFilename("no file"), null);
 * ```
 */
export function guessFilename(content: unknown): string | null {
  if (content instanceof URL) {
    return unquote(content.pathname.slice(content.pathname.lastIndexOf("/") + 1));
  }
  if (typeof content !== "object" || content === null || !("name" in content)) return null;
  const { name } = content;
  // Names such as "<stdin>" are no file names.
  if (typeof name !== "string" || name === "" || name.startsWith("<") && name.endsWith(">")) return null;
  return name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
}
