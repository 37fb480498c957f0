/** What callers may pass in: URLs, query parameters, bodies and files. Types only, nothing runs here. */

/** A URL as text, as a parsed `URL`, or as the bytes of its UTF-8 text. */
export type UrlInput = string | URL | Uint8Array;

/** One value of a query parameter or form field. Numbers and booleans are written as JavaScript writes them (`1.5`, `true`). */
export type ScalarValue = string | number | bigint | boolean | Uint8Array;

/**
 * The value of a query parameter or form field. A list repeats the name once per element; `null` and `undefined` are left
 * out, alone and inside a list.
 */
export type FieldValue = ScalarValue | null | undefined | Iterable<ScalarValue | null | undefined>;

/** A pair of name and value. */
export type FieldPair = readonly [name: ScalarValue, value: FieldValue];

/** Names and values: an object, a `Map`, or a list of pairs, which may repeat a name and keeps its order. */
export type FieldsInput =
  | { readonly [name: string]: FieldValue }
  | ReadonlyMap<string, FieldValue>
  | readonly FieldPair[]
  | URLSearchParams;

/**
 * Query parameters. Fields are encoded as a form is (a space becomes `+`); text and bytes are appended to the query as
 * they stand. `null` adds nothing.
 */
export type ParamsInput = FieldsInput | string | Uint8Array | null;

/** A source of bytes that is read piece by piece and whose length is not known. Text pieces are sent as UTF-8. */
export type ChunksInput =
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | Iterable<Uint8Array | string>;

/**
 * An open file that can tell its length and position and can go back to it, as `Deno.FsFile` can. What is sent starts at
 * the position that the file has when the request is prepared; the caller closes the file.
 */
export interface SeekableFile {
  /** Length of the whole file in bytes, and whether it is a regular file (a pipe has no length). */
  statSync(): { readonly size: number; readonly isFile?: boolean };
  /** Moves the position; `whence` 0 counts from the start, 1 from the present position. Returns the new position. */
  seekSync(offset: number, whence: number): number;
  /** Reads into `p`; returns the count of bytes, or `null` at the end. */
  read(p: Uint8Array): Promise<number | null>;
}

/**
 * A body that knows how to make its own stream. Its length, when it has one, becomes `Content-Length`.
 *
 * @example Give a generated body of known length
 * ```ts
 * import { PreparedRequest, type StreamBody } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const body: StreamBody = { length: 3, replayable: true, open: () => new Blob(["abc"]).stream() };
 * const prepared = new PreparedRequest();
 * prepared.prepare({ method: "PUT", url: "http://example.com/", data: body });
 * assert.equal(prepared.headers.get("Content-Length"), "3");
 * ```
 */
export interface StreamBody {
  /** Length in bytes, or `null` when it is not known; such a body is sent with chunked coding. */
  readonly length: number | null;
  /** Whether {@linkcode StreamBody.open} may be called again, as a redirect or a second authentication round needs. */
  readonly replayable: boolean;
  /**
   * Opens the stream from its start.
   *
   * @throws {UnrewindableBodyError} On the second call, if the body is not replayable.
   */
  open(): ReadableStream<Uint8Array<ArrayBuffer>>;
}

/** What can be sent as it stands. A `URL` names a local file (`file:`) and needs read permission for it. */
export type RawContent =
  | string
  | ArrayBuffer
  | ArrayBufferView
  | Blob
  | SeekableFile
  | StreamBody
  | ReadableStream<Uint8Array | string>
  | AsyncIterable<Uint8Array | string>
  | URL;

/**
 * The body of a request. Fields (an object, a `Map`, `URLSearchParams` or an array of pairs) become a form; `FormData`
 * becomes multipart; everything else is sent as it stands. An iterator that is not an array is a body in pieces.
 */
export type DataInput = FieldsInput | RawContent | Iterable<Uint8Array | string> | FormData | null;

/** Headers of one part of a multipart body. */
export type PartHeaders = { readonly [name: string]: string } | Iterable<readonly [string, string]>;

/** The content of one file to upload. */
export type FileContent = RawContent | Iterable<Uint8Array | string> | null;

/**
 * One file to upload: its content, or a tuple of file name (`null` for none), content, media type and headers. Content
 * without a tuple takes the name of the `File` or of the path, else the name of the field.
 */
export type FileValue =
  | FileContent
  | readonly [filename: string | null, content: FileContent]
  | readonly [filename: string | null, content: FileContent, contentType: string | null]
  | readonly [
    filename: string | null,
    content: FileContent,
    contentType: string | null,
    headers: PartHeaders | null,
  ];

/** Files to upload: field names and files, as an object, a `Map` or a list of pairs, which may repeat a field. */
export type FilesInput =
  | { readonly [field: string]: FileValue }
  | ReadonlyMap<string, FileValue>
  | readonly (readonly [field: string, file: FileValue])[]
  | null;

/**
 * A client certificate, by the paths of files:
 *
 * - a text: a PEM file with certificate and key, or a PKCS #12 file (PFX) without a password;
 * - `[certificate, key]` or `[certificate, key, password]`: PEM files; the password is that of an encrypted key;
 * - `{ pfx, password }`: a PKCS #12 file. Python has no name for this one.
 *
 * A certificate file may hold the certificates between its own and the authority as well, its own being the first.
 */
export type CertInput =
  | string
  | readonly [cert: string, key: string]
  | readonly [cert: string, key: string, password: string]
  | PfxCert;

/** A client certificate and its key in a PKCS #12 file. */
export interface PfxCert {
  /** The path of the file, which often ends in `.p12` or `.pfx`. */
  readonly pfx: string;
  /** Its password. Default: none. */
  readonly password?: string | undefined;
}
