/**
 * Responses: status, header fields, and a body that is read at once or streamed.
 *
 * @module
 */

import { findJsonFlaw } from "./_json_error.ts";
import { type HeaderLink, parseHeaderLinks } from "./_header_fields.ts";
import { checkChunkSize, decodePieces, PieceCutter, ReusingCutter } from "./_pieces.ts";
import { StepIterator } from "./_steps.ts";
import { concatBytes } from "../bytes.ts";
import { decodeBase64, encodeBase64 } from "./_bytes.ts";
import {
  decodeText,
  detectEncoding,
  getEncodingFromHeaders,
  guessJsonUtf,
  loadDetector,
  normalizeEncoding,
  splitLines,
} from "./_text.ts";
import { redactUrl } from "./_url.ts";
import { type BodySource, streamOf, StreamSource } from "./body_source.ts";
import type { ConnectionInfo } from "./connection_info.ts";
import { extractCookies, RequestsCookieJar } from "./cookies.ts";
import { HTTPError, JSONDecodeError, RequestException, StreamConsumedError } from "./errors.ts";
import type { HookOptions } from "./hooks.ts";
import { PreparedRequest, type PreparedRequestJSON } from "./request.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** The statuses that redirect when there is a `Location` (Python: `REDIRECT_STATI`). */
export const REDIRECT_STATI: readonly number[] = [301, 302, 303, 307, 308];

/** The default length of what {@linkcode Response.iterLines} reads at a time, in bytes (Python: `ITER_CHUNK_SIZE`). */
export const ITER_CHUNK_SIZE = 512;

/** What a response came through, as far as it is needed to send another request the same way. */
export interface ResponseConnection {
  /** Sends a request without following redirects. */
  send(request: PreparedRequest, options?: HookOptions): Promise<Response>;
  /** Frees what it holds, such as idle connections. */
  close(): void | Promise<void>;
}

/** What a response is made of. An adapter gives all of it, a test what it needs. */
export interface ResponseOptions {
  /**
   * Status code.
   *
   * @default {0}
   */
  statusCode?: number | undefined;
  /**
   * Reason phrase.
   *
   * @default {""}
   */
  reason?: string | undefined;
  /**
   * URL that was asked, with its fragment.
   *
   * @default {""}
   */
  url?: string | undefined;
  /**
   * Header fields, or a function that makes them when they are first asked for. They are kept, not copied.
   *
   * @default {new Headers()}
   */
  headers?: Headers | (() => Headers) | undefined;
  /**
   * Header fields as they came, for {@linkcode Response.rawHeaders}.
   *
   * @default {headers}
   */
  rawHeaders?: readonly (readonly [name: string, value: string])[] | undefined;
  /**
   * Gives the trailer fields once the body has been read to its end, for {@linkcode Response.trailers}.
   *
   * @default {() => new Headers()}
   */
  trailers?: (() => Headers) | undefined;
  /**
   * Body without its content codings; bytes count as read. The response cancels a stream or source that it does not read
   * to its end.
   *
   * @default {null}
   */
  body?: ReadableStream<Uint8Array<ArrayBuffer>> | BodySource | Uint8Array<ArrayBuffer> | null | undefined;
  /**
   * Body as it came, with its content codings, for {@linkcode Response.raw}; `body` must not touch it before it is read
   * itself.
   *
   * @default {body}
   */
  raw?: ReadableStream<Uint8Array<ArrayBuffer>> | null | undefined;
  /**
   * A quicker way to read all of a `body` that is a stream, such as `bytes()` of a response of `fetch`. It is called at
   * the most once, and only if the stream has not been touched. Meanwhile nothing else can cancel the body than
   * `onClose`.
   */
  readAll?: (() => Promise<Uint8Array<ArrayBuffer>>) | undefined;
  /**
   * The request that was sent.
   *
   * @default {null}
   */
  request?: PreparedRequest | null | undefined;
  /**
   * What the response came through.
   *
   * @default {null}
   */
  connection?: ResponseConnection | null | undefined;
  /**
   * What is known about the connection.
   *
   * @default {null}
   */
  connectionInfo?: ConnectionInfo | null | undefined;
  /**
   * Name of the engine that sent the request.
   *
   * @default {null}
   */
  engine?: string | null | undefined;
  /** Makes what the caller gets of an error that broke the body. Not asked about a {@linkcode RequestException}. */
  mapError?: ((error: unknown) => unknown) | undefined;
  /** Called once, when the body is read, broken or given up: the connection is not needed any more. */
  onClose?: (() => void) | undefined;
}

/** Options of {@linkcode Response.iterContent}. */
export interface IterContentOptions {
  /**
   * Whether all pieces may come in the same memory, one after the other. A piece is then valid only until the next one is
   * asked for: use it up within the loop, or copy it. It is quicker by half, and takes less memory. Text and lines never share memory. (Python has
   * `response.raw.readinto()` for it.)
   *
   * @default {false}
   */
  reuse?: boolean | undefined;
  /**
   * Whether to decode the pieces to text. Without an {@linkcode Response.encoding} they stay bytes.
   *
   * @default {false}
   */
  decodeUnicode?: boolean | undefined;
}

/** Options of {@linkcode Response.iterLines}. */
export interface IterLinesOptions extends IterContentOptions {
  /**
   * What ends a line, instead of LF, CR and CRLF. Text stands for its UTF-8 bytes where lines are bytes.
   *
   * @default {null}
   */
  delimiter?: string | Uint8Array | null | undefined;
}

/** A response as JSON, see {@linkcode Response.toJSON}. */
export interface ResponseJSON {
  /** Status code. */
  statusCode: number;
  /** Reason phrase. */
  reason: string;
  /** URL that was asked. */
  url: string;
  /** Header fields. */
  headers: [name: string, value: string][];
  /** Character encoding, under Python's name. */
  encoding: string | null;
  /** Seconds from sending to the head of the response. */
  elapsed: number;
  /** Name of the engine. */
  engine: string | null;
  /** Body in base64. */
  content: string;
  /** The redirects before. */
  history: ResponseJSON[];
  /** The request that was sent. */
  request: PreparedRequestJSON | null;
}

/** One iteration over the body. */
interface Run {
  stopped: boolean;
}

/** {@linkcode Response.raw}, `null` if it would have to be made. */
let rawIfMade: (response: Response) => ReadableStream<Bytes> | null;

/** One field of {@linkcode Response.headers}, which are not made for it. */
let fieldOf: (response: Response, name: string) => string | null;

/**
 * A response to a request (Python: `requests.Response`).
 *
 * Without `stream` the body is in memory: {@linkcode content}, {@linkcode text} and {@linkcode json} are plain. With
 * `stream: true` it is still on the connection: iterate over it once, or `await` {@linkcode read}. It must be read to
 * its end or closed, for example by `await using`; leaving a loop early closes it.
 *
 * @example Read a response
 * ```ts
 * import { Response } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const response = new Response({
 *   statusCode: 200,
 *   headers: new Headers({ "content-type": "application/json" }),
 *   body: new TextEncoder().encode('{"name": "Zoë"}'),
 * });
 * assert(response.ok);
 * assert.equal(response.encoding, "utf-8");
 * assert.equal(response.text, '{"name": "Zoë"}');
 * assert.equal(response.json<{ name: string }>().name, "Zoë");
 * ```
 *
 * @example Stream one
 * ```ts
 * import { Response } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using response = new Response({ statusCode: 200, body: new Blob(["one\ntwo\n"]).stream() });
 * const lines: string[] = [];
 * for await (const line of response.iterLines()) lines.push(new TextDecoder().decode(line));
 * assert.deepEqual(lines, ["one", "two"]);
 * ```
 */
export class Response {
  /** Status code; 0 if the response was made without. */
  statusCode: number;
  /** Reason phrase, such as `Not Found`. */
  reason: string;
  /** The URL that was asked, the last one after redirects, with its fragment. */
  url: string;
  /** The responses that redirected here, the oldest first. */
  history: Response[] = [];
  /** Seconds from sending the request to the head of the response; reading the body does not count. */
  elapsed = 0;
  /** The request that was sent. */
  request: PreparedRequest | null;
  /** The adapter that the response came through. */
  connection: ResponseConnection | null;
  /** What is known about the connection; `null` where the engine does not tell, as `fetch` does not. */
  readonly connectionInfo: ConnectionInfo | null;
  /** Name of the engine that sent the request, such as `fetch`. */
  readonly engine: string | null;
  /** The request that a redirect asks for, if redirects are not followed. */
  next: PreparedRequest | null = null;

  #headers: Headers | (() => Headers) | null;
  readonly #rawHeaders: readonly (readonly [string, string])[] | undefined;
  /** A function until they are there. */
  #trailers: Headers | (() => Headers) | null;
  /** Where the body comes from; `null` if it is in memory. */
  #source: BodySource | null = null;
  /** The stream behind the source, if there is one. */
  #stream: ReadableStream<Bytes> | null = null;
  /** `undefined` until a stream is made of the source. */
  #raw: ReadableStream<Bytes> | null | undefined;
  readonly #mapError: ((error: unknown) => unknown) | undefined;
  readonly #onClose: (() => void) | undefined;

  /** The whole body, once it is read. */
  #content: Bytes | null = null;
  #reading: Promise<Bytes> | null = null;
  #run: Run | null = null;
  /** Whether someone has begun to read the body. */
  #begun = false;
  /** Whether it was read to its end. */
  #ended = false;
  #closed = false;
  /** Whether the connection is not needed any more. */
  #released = false;
  /** What broke the body: an error, or whatever reason a signal was aborted with. */
  #failure: { readonly error: unknown } | null = null;

  /** `undefined` until it is asked for or set. */
  #encoding: string | null | undefined;
  #apparentEncoding: { readonly name: string | null } | null = null;
  #detectorFailure: unknown;
  #text: { readonly encoding: string; readonly text: string } | null = null;
  #cookies: RequestsCookieJar | null = null;

  /** Makes a response; without a body it is empty and read. */
  constructor(options: ResponseOptions = {}) {
    const { body = null } = options;
    this.statusCode = options.statusCode ?? 0;
    this.reason = options.reason ?? "";
    this.url = options.url ?? "";
    this.#headers = options.headers ?? null;
    this.#rawHeaders = options.rawHeaders;
    this.#trailers = options.trailers ?? null;
    this.request = options.request ?? null;
    this.connection = options.connection ?? null;
    this.connectionInfo = options.connectionInfo ?? null;
    this.engine = options.engine ?? null;
    this.#mapError = options.mapError;
    this.#onClose = options.onClose;
    if (body === null || body instanceof Uint8Array) {
      this.#raw = options.raw ?? null;
      this.#content = body ?? new Uint8Array(0);
      this.#ended = true;
      this.#release();
    } else if (body instanceof ReadableStream) {
      this.#stream = body;
      this.#source = new StreamSource(body, options.readAll);
      this.#raw = options.raw ?? body;
    } else {
      this.#source = body;
      this.#raw = options.raw ?? undefined;
    }
  }

  /**
   * Header fields. `getSetCookie()` tells the `Set-Cookie` fields apart; others that occur several times are joined.
   */
  get headers(): Headers {
    if (this.#headers instanceof Headers) return this.#headers;
    return this.#headers = this.#headers?.() ?? new Headers();
  }

  set headers(headers: Headers) {
    this.#headers = headers;
  }

  #field(name: string): string | null {
    if (this.#headers instanceof Headers || this.#rawHeaders === undefined) return this.headers.get(name);
    let found: string | null = null;
    for (const [other, value] of this.#rawHeaders) {
      if (other.length === name.length && other.toLowerCase() === name) {
        found = found === null ? value : `${found}, ${value}`;
      }
    }
    return found;
  }

  /**
   * Header fields as they came: in their order, in their case, each field by itself. Where the engine does not tell, as
   * `fetch` does not, they are made of {@linkcode headers}: sorted, in small letters, only `Set-Cookie` by itself.
   *
   * @example
   * ```ts
   * import { Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const response = new Response({ headers: new Headers({ "X-B": "2", "X-A": "1" }) });
   * assert.deepEqual(response.rawHeaders, [["x-a", "1"], ["x-b", "2"]]);
   * ```
   */
  get rawHeaders(): readonly (readonly [name: string, value: string])[] {
    return this.#rawHeaders ?? [...this.headers];
  }

  /**
   * The trailer fields, which came after the body (RFC 9110 §6.5). There are none until the body has been read to its end,
   * and where the engine does not tell, as `fetch` does not.
   *
   * @example
   * ```ts
   * import { Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const body = new Blob(["hello"]).stream();
   * const response = new Response({ body, trailers: () => new Headers({ "Server-Timing": "total;dur=12" }) });
   * assert.equal(response.trailers.get("server-timing"), null);
   * await response.read();
   * assert.equal(response.trailers.get("server-timing"), "total;dur=12");
   * ```
   */
  get trailers(): Headers {
    if (this.#trailers instanceof Headers) return this.#trailers;
    if (!this.#ended) return new Headers();
    return this.#trailers = this.#trailers?.() ?? new Headers();
  }

  /**
   * The body as it came, with its content codings if the engine leaves them to us; `null` if there is none. Who reads
   * it leaves nothing for the methods of the response.
   */
  get raw(): ReadableStream<Uint8Array<ArrayBuffer>> | null {
    if (this.#raw === undefined) this.#raw = this.#openRaw(this.#source!);
    return this.#raw;
  }

  set raw(raw: ReadableStream<Uint8Array<ArrayBuffer>> | null) {
    this.#raw = raw;
  }

  /** From now on the stream stands between the source and the response, so that each sees what the other takes. */
  #openRaw(source: BodySource): ReadableStream<Bytes> {
    const stream = streamOf({
      read: async () => {
        const piece = await source.read();
        if (piece === null && !this.#closed) this.#ended = true;
        return piece;
      },
      cancel: (reason) => source.cancel(reason),
    });
    if (!this.#begun) {
      this.#stream = stream;
      this.#source = new StreamSource(stream);
    } else if (!this.#released) {
      stream.getReader(); // The body is in use: so the stream is locked.
    }
    return stream;
  }

  /** Whether the status is below 400. */
  get ok(): boolean {
    return this.statusCode < 400;
  }

  /** Whether this redirects: status 301, 302, 303, 307 or 308, and a `Location`. */
  get isRedirect(): boolean {
    return REDIRECT_STATI.includes(this.statusCode) && this.headers.has("location");
  }

  /** Whether this redirects for good: status 301 or 308, and a `Location`. */
  get isPermanentRedirect(): boolean {
    return (this.statusCode === 301 || this.statusCode === 308) && this.headers.has("location");
  }

  /** The cookies that this response sets, not those of the redirects before it. */
  get cookies(): RequestsCookieJar {
    if (this.#cookies === null) {
      this.#cookies = new RequestsCookieJar();
      if (this.url !== "") extractCookies(this.#cookies, this.headers, this.url);
    }
    return this.#cookies;
  }

  set cookies(jar: RequestsCookieJar) {
    this.#cookies = jar;
  }

  /** The links of the `Link` field, by their relation, or by their URL if they have none. */
  get links(): Record<string, HeaderLink> {
    const links = parseHeaderLinks(this.headers.get("link") ?? "");
    return Object.fromEntries(links.map((link) => [link.rel ?? link.url, link]));
  }

  /**
   * The character encoding of {@linkcode text}, under any name that Python knows. It comes from `Content-Type`: its
   * `charset`, or `ISO-8859-1` for `text/*`, or `utf-8` for JSON. `null` means that it has to be guessed. It may be
   * set.
   */
  get encoding(): string | null {
    if (this.#encoding === undefined) this.#encoding = getEncodingFromHeaders({ get: (name) => this.#field(name) });
    return this.#encoding;
  }

  set encoding(encoding: string | null) {
    this.#encoding = encoding;
  }

  /**
   * The encoding that the bytes of the body look like (Python: `apparent_encoding`); `null` if they look like none.
   *
   * The detector is loaded by {@linkcode read}, unless the body is declared as UTF-8.
   *
   * @throws {Error} The body has not been read, or the detector is needed and not loaded.
   */
  get apparentEncoding(): string | null {
    if (this.#apparentEncoding === null) {
      const content = this.content;
      if (this.#detectorFailure !== undefined) {
        throw new Error('Cannot load the charset detector "npm:chardet": set "encoding" to do without', {
          cause: this.#detectorFailure,
        });
      }
      try {
        this.#apparentEncoding = { name: detectEncoding(content) };
      } catch (error) {
        throw new Error(
          'Cannot guess the encoding of a body that was declared as UTF-8: set "encoding" to null and await read() first',
          { cause: error },
        );
      }
    }
    return this.#apparentEncoding.name;
  }

  /**
   * The body.
   *
   * @throws {Error} The response is streamed and not read yet: `await response.read()` first.
   * @throws {StreamConsumedError} The body was iterated over, or closed, and so is not in memory.
   */
  get content(): Uint8Array<ArrayBuffer> {
    if (this.#content !== null) return this.#content;
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#reading !== null || (!this.#begun && !this.#closed)) {
      throw new Error('The body of this streamed response is not in memory: "await response.read()" first');
    }
    throw this.#consumed();
  }

  /**
   * The body as text, in {@linkcode encoding}, else in {@linkcode apparentEncoding}. Bytes that are not valid become
   * U+FFFD. An unknown encoding is taken for UTF-8. A byte order mark stays.
   *
   * @throws {Error} As for {@linkcode content}, and for {@linkcode apparentEncoding} where there is no encoding.
   */
  get text(): string {
    const content = this.content;
    if (content.length === 0) return "";
    const encoding = this.encoding ?? this.apparentEncoding ?? "utf-8";
    if (this.#text?.encoding !== encoding) this.#text = { encoding, text: decodeText(content, encoding) };
    return this.#text.text;
  }

  /**
   * The body, parsed as JSON. Without an {@linkcode encoding} it is recognised as UTF-8, UTF-16 or UTF-32; a byte order
   * mark is allowed.
   *
   * @param reviver As for `JSON.parse`.
   * @throws {JSONDecodeError} It is no JSON, or empty. `NaN` and `Infinity` are no JSON either, which Python takes.
   * @throws {Error} As for {@linkcode text}.
   */
  json<T = unknown>(reviver?: (this: unknown, key: string, value: unknown) => unknown): T {
    const text = this.#jsonText().replace(/^\ufeff/, "");
    try {
      return JSON.parse(text, reviver);
    } catch (error) {
      const flaw = error instanceof SyntaxError ? findJsonFlaw(text) : null;
      if (flaw === null) throw error; // It comes from the reviver.
      // The cause would quote the text, which may hold secrets.
      throw new JSONDecodeError(flaw.msg, text, flaw.pos, { request: this.request, response: this });
    }
  }

  #jsonText(): string {
    const content = this.content;
    const guess = this.encoding === null && content.length > 3 ? guessJsonUtf(content) : null;
    if (guess === null) return this.text;
    try {
      return decodeText(content, guess, "strict");
    } catch (error) {
      if (error instanceof TypeError) return this.text; // The guess was wrong.
      throw error;
    }
  }

  /**
   * Throws if the status says that the request failed (Python: `raise_for_status`).
   *
   * @returns this response, so that calls can be chained.
   * @throws {HTTPError} The status is 400 to 599. Its message has the URL, without credentials.
   *
   * @example
   * ```ts
   * import { HTTPError, Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const response = new Response({ statusCode: 404, reason: "Not Found", url: "http://example.com/x" });
   * assert.throws(() => response.raiseForStatus(), (error) => {
   *   assert(error instanceof HTTPError);
   *   assert.equal(error.message, "404 Client Error: Not Found for url: http://example.com/x");
   *   return error.response === response;
   * });
   * ```
   */
  raiseForStatus(): this {
    const { statusCode } = this;
    if (statusCode < 400 || statusCode >= 600) return this;
    const whose = statusCode < 500 ? "Client" : "Server";
    const message = `${statusCode} ${whose} Error: ${this.reason} for url: ${redactUrl(this.url)}`;
    throw new HTTPError(message, { request: this.request, response: this });
  }

  /**
   * Reads the body, so that {@linkcode content}, {@linkcode text} and {@linkcode json} work. It may be called any
   * number of times.
   *
   * @throws {StreamConsumedError} The body was iterated over, or closed.
   * @throws {RequestException} The connection broke, or the body could not be decoded; each further call throws the
   * same.
   */
  async read(): Promise<Uint8Array<ArrayBuffer>> {
    let content = this.#content;
    if (content === null) {
      if (this.#reading === null) this.#checkUnread();
      content = await (this.#reading ??= this.#source?.readAll === undefined ? this.#collect() : this.#readAtOnce());
    }
    if (!isShortAscii(content) && !this.#isUtf8() && mayNeedDetector(content)) {
      try {
        await loadDetector();
        this.#detectorFailure = undefined;
      } catch (error) {
        // Most bodies never need it. Whoever asks for the encoding gets this error.
        this.#detectorFailure = error;
      }
    }
    return content;
  }

  #isUtf8(): boolean {
    const { encoding } = this;
    return encoding !== null && normalizeEncoding(encoding) === "utf-8";
  }

  async #collect(): Promise<Bytes> {
    const pieces: Bytes[] = [];
    const run: Run = { stopped: false };
    try {
      for (let piece = await this.#readPiece(run); piece !== null; piece = await this.#readPiece(run)) {
        pieces.push(piece);
      }
    } finally {
      this.#reading = null;
    }
    return this.#content = pieces.length === 1 ? pieces[0]! : concatBytes(pieces);
  }

  async #readAtOnce(): Promise<Bytes> {
    this.#begun = true;
    try {
      const content = await this.#source!.readAll!();
      if (this.#closed) throw this.#consumed();
      this.#ended = true;
      return this.#content = content;
    } catch (error) {
      throw this.#closed ? this.#consumed() : this.#fail(error);
    } finally {
      this.#reading = null;
      this.#release();
    }
  }

  /**
   * Iterates over the body in pieces of exactly `chunkSize` bytes, of which the last one may be shorter (Python:
   * `iter_content`). A body in memory can be iterated over any number of times, a streamed one once. Leaving the loop
   * early closes the response.
   *
   * No more than one piece and what arrives at a time is held in memory. Pieces may share memory, but nothing is written to
   * them again, unless `reuse` is set.
   *
   * @param chunkSize Length in bytes; `null` yields pieces as they arrive. Default: 1, as in Python; give a larger one.
   * @param options See {@linkcode IterContentOptions}. Decoded pieces hold the characters that are complete.
   * @throws {TypeError} `chunkSize` is no integer.
   * @throws {RangeError} `chunkSize` is less than 1.
   * @throws {StreamConsumedError} The body was iterated over, or closed.
   *
   * @example
   * ```ts
   * import { Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const response = new Response({ body: new Blob(["0123456789"]).stream() });
   * const lengths: number[] = [];
   * for await (const piece of response.iterContent(4)) lengths.push(piece.length);
   * assert.deepEqual(lengths, [4, 4, 2]);
   * ```
   *
   * @example Write a large body to a file, in memory that is used again and again
   * ```ts
   * import { Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const response = new Response({ body: new Blob(["0123456789"]).stream() });
   * using file = await Deno.open(await Deno.makeTempFile(), { read: true, write: true });
   * for await (const piece of response.iterContent(65_536, { reuse: true })) file.writeSync(piece);
   * assert.equal(file.statSync().size, 10);
   * ```
   */
  iterContent(
    chunkSize?: number | null,
    options?: IterContentOptions & { decodeUnicode?: false | undefined },
  ): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined>;
  /** The same, decoded to text if `decodeUnicode` is true and the response has an encoding. */
  iterContent(
    chunkSize: number | null | undefined,
    options: IterContentOptions,
  ): AsyncGenerator<Uint8Array<ArrayBuffer> | string, void, undefined>;
  iterContent(
    chunkSize: number | null = 1,
    options: IterContentOptions = {},
  ): AsyncGenerator<Uint8Array<ArrayBuffer> | string, void, undefined> {
    checkChunkSize(chunkSize);
    const { encoding } = this;
    const pieces = this.#pieces(chunkSize, options.reuse === true);
    return options.decodeUnicode && encoding !== null ? madeOf(pieces, decodePieces(pieces, encoding)) : pieces;
  }

  /**
   * Iterates over the lines of the body, without their ends (Python: `iter_lines`). A line ends with LF, CR or CRLF,
   * wherever the pieces are cut, and comes as soon as it is complete. Leaving the loop early closes the response.
   *
   * @param chunkSize How many bytes requests would read at a time. Lines do not depend on it, and do not wait for it.
   * Default: 512.
   * @param options See {@linkcode IterLinesOptions}. Without `decodeUnicode`, or without an encoding, lines are bytes.
   * @throws {TypeError} `chunkSize` is no integer.
   * @throws {RangeError} `chunkSize` is less than 1, or the delimiter is empty.
   * @throws {StreamConsumedError} The body was iterated over, or closed.
   *
   * @example
   * ```ts
   * import { Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const headers = new Headers({ "content-type": "text/plain; charset=utf-8" });
   * const response = new Response({ headers, body: new Blob(["zwölf\r\nende"]).stream() });
   * const lines: unknown[] = [];
   * for await (const line of response.iterLines(512, { decodeUnicode: true })) lines.push(line);
   * assert.deepEqual(lines, ["zwölf", "ende"]);
   * ```
   */
  iterLines(
    chunkSize?: number | null,
    options?: IterLinesOptions & { decodeUnicode?: false | undefined },
  ): AsyncGenerator<Uint8Array, void, undefined>;
  /** The same, decoded to text if `decodeUnicode` is true and the response has an encoding. */
  iterLines(
    chunkSize: number | null | undefined,
    options: IterLinesOptions,
  ): AsyncGenerator<Uint8Array | string, void, undefined>;
  iterLines(
    chunkSize: number | null = ITER_CHUNK_SIZE,
    options: IterLinesOptions = {},
  ): AsyncGenerator<Uint8Array | string, void, undefined> {
    checkChunkSize(chunkSize);
    const { encoding } = this;
    const { delimiter = null } = options;
    if (delimiter !== null && delimiter.length === 0) {
      throw new RangeError("Cannot split lines by an empty delimiter: give at least one character, or null");
    }
    const decoding = options.decodeUnicode && encoding !== null;
    const pieces = this.#pieces(null, false);
    if (decoding) return madeOf(pieces, splitLines(decodePieces(pieces, encoding), asText(delimiter)));
    return madeOf(pieces, splitLines<Uint8Array>(pieces, asBytes(delimiter)));
  }

  /** Iterates over the body in pieces of 128 bytes. */
  [Symbol.asyncIterator](): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
    return this.iterContent(128);
  }

  /**
   * Gives the body up, if it has not been read to its end; the connection is then closed, as its rest is not read. What
   * is in memory stays. It may be called any number of times.
   */
  async close(): Promise<void> {
    if (!this.#released) this.#closed = true;
    await this.#giveUp();
  }

  /** Does the same as {@linkcode close}, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /**
   * The response as a value that `JSON.stringify` takes, with its body (Python: pickling). The request in it holds the
   * credentials that were sent.
   *
   * @throws {Error} The body is not in memory.
   */
  toJSON(): ResponseJSON {
    return {
      statusCode: this.statusCode,
      reason: this.reason,
      url: this.url,
      headers: [...this.headers],
      encoding: this.encoding,
      elapsed: this.elapsed,
      engine: this.engine,
      content: encodeBase64(this.content),
      history: this.history.map((response) => response.toJSON()),
      request: this.request?.toJSON() ?? null,
    };
  }

  /**
   * Makes a response again of what {@linkcode toJSON} gave. It has no connection.
   *
   * @example
   * ```ts
   * import { Response } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * const response = new Response({ statusCode: 200, reason: "OK", body: new TextEncoder().encode("hello") });
   * const copy = Response.fromJSON(JSON.parse(JSON.stringify(response)));
   * assert.equal(copy.reason, "OK");
   * assert.deepEqual(copy.content, response.content);
   * ```
   */
  static fromJSON(data: ResponseJSON): Response {
    const response = new Response({
      statusCode: data.statusCode,
      reason: data.reason,
      url: data.url,
      headers: new Headers(data.headers),
      body: decodeBase64(data.content),
      request: data.request === null ? null : PreparedRequest.fromJSON(data.request),
      engine: data.engine,
    });
    response.encoding = data.encoding;
    response.elapsed = data.elapsed;
    response.history = data.history.map((item) => Response.fromJSON(item));
    return response;
  }

  /** `<Response [200]>`, as in Python. */
  toString(): string {
    return `<Response [${this.statusCode}]>`;
  }

  /** An iterator over the body, in pieces of `size` bytes or as they arrive. It can be ended while it waits for bytes. */
  #pieces(size: number | null, reuse: boolean): AsyncGenerator<Bytes, void, undefined> {
    if (this.#content === null) this.#checkUnread();
    const run: Run = { stopped: false };
    const cutter = this.#content !== null
      ? new PieceCutter(once(this.#content), size)
      // Who is given pieces to keep does no harm to them.
      : reuse && this.#source?.readInto !== undefined
      ? new ReusingCutter((memory) => this.#readPiece(run, undefined, memory), size)
      : new PieceCutter((wanted) => this.#readPiece(run, wanted), size);
    return new StepIterator(() => cutter.next(), async () => {
      run.stopped = true;
      if (this.#run === run || !this.#begun) await this.#giveUp();
    });
  }

  /**
   * The next piece of an iteration, which begins with the first.
   *
   * @param size how many bytes are wanted.
   * @param memory where to read them to, for a source that can.
   * @returns `null` at the end, or an empty piece of `memory`.
   */
  async #readPiece(run: Run, size?: number, memory?: Bytes): Promise<Bytes | null> {
    if (this.#run !== run) {
      this.#checkUnread();
      this.#begun = true;
      this.#run = run;
    }
    const source = this.#source!;
    let piece: Bytes | null;
    try {
      piece = memory === undefined ? await source.read(size) : await source.readInto!(memory);
    } catch (cause) {
      // A read that was pending when the body was given up may end with an error.
      const error = run.stopped ? null : this.#closed ? this.#consumed() : this.#fail(cause);
      await this.#giveUp();
      if (error === null) return null;
      throw error;
    }
    if (piece !== null && piece.length > 0) return piece;
    // The end of a body that was closed meanwhile must not look like its real end.
    const error = this.#closed && !run.stopped ? this.#consumed() : null;
    if (error === null && !run.stopped) this.#ended = true;
    await this.#giveUp();
    if (error !== null) throw error;
    return piece;
  }

  #checkUnread(): void {
    if (this.#failure !== null) throw this.#failure.error;
    if (this.#begun || this.#closed || this.#stream?.locked) throw this.#consumed();
  }

  #consumed(): StreamConsumedError {
    const problem = this.#closed
      ? "The response was closed before its body was read"
      : "The content for this response was already consumed";
    return new StreamConsumedError(`${problem}: to use it several times, "await response.read()" first`, {
      request: this.request,
      response: this,
    });
  }

  /** What a caller gets of the error that broke the body. */
  #fail(cause: unknown): unknown {
    const error = cause instanceof RequestException || this.#mapError === undefined ? cause : this.#mapError(cause);
    if (error instanceof RequestException) {
      error.request ??= this.request;
      error.response ??= this;
    }
    this.#failure = { error };
    return error;
  }

  /** Cancels what is left of the body. It does nothing to a body that has ended. */
  async #giveUp(): Promise<void> {
    if (this.#released) return;
    this.#begun = true;
    try {
      await this.#source?.cancel();
    } catch {
      // A body that is broken, or in other hands, refuses. Whoever gives it up does not want to hear of it.
    } finally {
      this.#release();
    }
  }

  #release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#onClose?.();
  }

  static {
    // A hook may return a response of another copy of this module.
    rawIfMade = (response) => #raw in response ? response.#raw ?? null : (response as Response).raw;
    fieldOf = (response, name) => #raw in response ? response.#field(name) : (response as Response).headers.get(name);
  }
}

/**
 * Whether a response that is still streamed gets its body from another one. It makes no stream to find out: one that
 * nobody has asked for was not passed on.
 */
export function isPassedOn(old: Response, response: Response): boolean {
  const raw = rawIfMade(old);
  return raw !== null && (raw.locked || raw === rawIfMade(response));
}

/**
 * The value of a field, `null` if there is none. Most responses are asked for one or two fields, and making `Headers` costs
 * more than looking through the fields as they came.
 *
 * @param name the name in small letters.
 */
export function getField(response: Response, name: string): string | null {
  return fieldOf(response, name);
}

/** Fast path: small answers that no detector needs to see. Without the escape of ISO-2022, ASCII is ASCII. */
function isShortAscii(content: Bytes): boolean {
  return content.length < 256 && content.every((byte) => byte < 0x80 && byte !== 0x1b);
}

/** More than this is not looked through: the time that it took to arrive hides that of loading the detector. */
const LOOK_THROUGH = 1 << 20;

/**
 * Whether {@linkcode detectEncoding} may need its detector, which takes time to load: for what is not UTF-8, or
 * ISO-2022.
 */
function mayNeedDetector(content: Bytes): boolean {
  if (content.length > LOOK_THROUGH || content.includes(0x1b)) return true;
  try {
    decodeText(content, "utf-8", "strict");
    return false;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

/** Gives a body in memory as one piece. */
function once(content: Bytes): () => Promise<Bytes | null> {
  let next: Bytes | null = content.length > 0 ? content : null;
  return () => {
    const piece = next;
    next = null;
    return Promise.resolve(piece);
  };
}

/** An iterator over what is made of pieces. Ending it ends the wait for them first: a generator ends only between two. */
function madeOf<T extends string | Uint8Array>(
  pieces: AsyncGenerator<Bytes, void, undefined>,
  made: AsyncGenerator<T, void, undefined>,
): AsyncGenerator<T, void, undefined> {
  return new StepIterator(async () => {
    const { done, value } = await made.next();
    return done ? null : value;
  }, async () => {
    await pieces.return();
    await made.return();
  });
}

function asText(delimiter: string | Uint8Array | null): string | null {
  return delimiter instanceof Uint8Array ? new TextDecoder().decode(delimiter) : delimiter;
}

function asBytes(delimiter: string | Uint8Array | null): Uint8Array | null {
  return typeof delimiter === "string" ? new TextEncoder().encode(delimiter) : delimiter;
}
