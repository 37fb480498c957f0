/**
 * `SimpleHTTPRequestHandler`: the file server.
 *
 * @module
 */

import { typeByExtension } from "@std/media-types/type-by-extension";
// Not "@std/path/extname": that asks which system this is, for which Deno loads its node:os, 20 ms at each start.
import { extname } from "@std/path/posix/extname";
import { VERSION } from "../version.ts";
import { evaluatePreconditions, ifRangeAllows, type Validators } from "./_conditional.ts";
import {
  acceptedCodings,
  type ContentCoding,
  encodeBytes,
  encodeStream,
  isCompressed,
  isCompressible,
  SIDECAR_EXTENSIONS,
} from "./_encoding.ts";
import { type FileBody, rangesBody, wholeBody, wholeBytes } from "./_file_body.ts";
import {
  type KeptFile,
  keptFile,
  type KeptFolder,
  keptFolder,
  type ValidatorFields,
  validatorFields,
} from "./_kept_files.ts";
import { type ListingEntry, renderListing } from "./_listing.ts";
import type { Looks } from "./_looks.ts";
import { type Found, isAbsence, isMissing, lookup, openFound } from "./_lookup.ts";
import { PAGE_CONTENT_SECURITY_POLICY } from "./_page_policy.ts";
import { directoryLocation, isDotfile, isRefusedName, parseTarget, type Target } from "./_path.ts";
import { WINDOWS } from "./_platform.ts";
import { shareBody } from "./_prepared.ts";
import { type ByteRange, formatContentRange, frameMultipart, type RangeResult, resolveRange } from "./_range.ts";
import { remember } from "../remember.ts";
import { isAllowedHost } from "./_target.ts";
import { BaseHTTPRequestHandler, type ClientAddress, type HandlerServer } from "./base_handler.ts";
import type { ResponseWriter } from "./response_writer.ts";

export type { FileBody };

/** Options of {@linkcode SimpleHTTPRequestHandler}; each is also a field that a subclass may set. */
export interface SimpleHTTPRequestHandlerOptions {
  /**
   * The folder to serve, a path or a `file:` URL.
   *
   * @default {"."}
   */
  directory?: string | URL;
  /**
   * Header fields, as names and values, for each response with a file or a listing (200, 206, 304). What the server sends by
   * itself, such as `Content-Type`, is not replaced, except `Cache-Control`.
   *
   * @default {[]}
   */
  extraResponseHeaders?: Iterable<readonly [name: string, value: string]>;
  /**
   * The media type of files whose extension tells nothing.
   *
   * @default {"application/octet-stream"}
   */
  defaultContentType?: string;
  /**
   * Whether names that start with a dot are served and listed. `.well-known` always is.
   *
   * @default {false}
   */
  dotfiles?: boolean;
  /**
   * Whether symbolic links may lead out of the folder. Those that stay inside always work.
   *
   * @default {false}
   */
  followSymlinks?: boolean;
  /**
   * Whether files are sent compressed to clients that accept it: from `.br`, `.zst` and `.gz` sidecars that are not older
   * than the file, or on demand.
   *
   * @default {true}
   */
  compress?: boolean;
  /**
   * Whether a missing path without an extension is answered with the index page of the folder, as the router of a
   * single-page application needs it.
   *
   * @default {false}
   */
  spa?: boolean;
  /**
   * Whether pages of every origin may read the responses (`Access-Control-Allow-Origin: *`).
   *
   * @default {false}
   */
  cors?: boolean;
  /**
   * The public host names that the server answers to, against DNS rebinding; a leading dot stands for all names below.
   * Addresses, names without a dot and the names reserved for private use always pass. `null` answers to every name.
   *
   * @default {null}
   */
  allowedHosts?: readonly string[] | null;
  /**
   * Whether small files (up to 1 MiB), their compressed forms, listings, and the answers with them are kept in memory, 32 MiB
   * in all for the whole process. Files are looked at for each request all the same, so a change shows at once: what is kept
   * counts only while file, size and times are the same. A handler that overrides a method is always asked. `false` reads
   * and makes everything anew.
   *
   * @default {true}
   */
  cache?: boolean;
}

/** Python's `extensions_map`: what overrides the table of media types. Compressed files are what they are, not a coding. */
const EXTENSIONS_MAP: Readonly<Record<string, string>> = {
  ".gz": "application/gzip",
  ".z": "application/octet-stream",
  ".bz2": "application/x-bzip2",
  ".xz": "application/x-xz",
};

const INDEX_PAGES: readonly string[] = ["index.html", "index.htm"];

/** Smaller files gain nothing, larger ones would keep a processor busy for one client. In bytes. */
const MIN_COMPRESS_SIZE = 1024;
const MAX_COMPRESS_SIZE = 16 * 1024 * 1024;

/** How often a file that changes while it is opened is looked at again, before it counts as missing. */
const MAX_LOOKS = 3;

/** What the server knows better than a user's extra fields. */
const OWN_FIELDS: ReadonlySet<string> = new Set([
  "accept-ranges",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "etag",
  "last-modified",
  "server",
  "transfer-encoding",
]);

/**
 * Has a handler note what its answer is made from.
 *
 * @ignore For the server.
 */
export let noteLooks: (handler: SimpleHTTPRequestHandler, looks: Looks) => void;

const NO_HEADERS: readonly (readonly [name: string, value: string])[] = [];

const encoder = new TextEncoder();

/** The representation of a file that a client gets. */
interface Representation {
  /** The file that holds the bytes: the requested one, or its sidecar. */
  readonly found: Found;
  readonly coding: ContentCoding | null;
  /** Whether the coding is made now, and its length so not known. */
  readonly onDemand: boolean;
}

/** All that the answer with a file is made of. */
interface Content {
  /** The open file, or its bytes. */
  readonly source: Deno.FsFile | Uint8Array<ArrayBuffer>;
  readonly kept: KeptFile | null;
  readonly representation: Representation;
  readonly mediaType: string;
  readonly validators: ValidatorFields;
  /** Whether the answer depends on `Accept-Encoding`. */
  readonly negotiated: boolean;
}

/**
 * Serves the files of a folder: Python's `http.server.SimpleHTTPRequestHandler`.
 *
 * Answers GET and HEAD. A directory is answered with its index page or a listing. Beyond Python it knows byte ranges, all
 * preconditions of RFC 9110 with strong entity tags, precompressed files and compression on demand, and it is careful by
 * default: no dotfiles, no link out of the folder, no way up.
 *
 * Ports Python's `http.server.SimpleHTTPRequestHandler`. Needs `--allow-read` for the folder.
 *
 * @example Serve a folder without a socket
 * ```ts
 * import { fetchHandler, SimpleHTTPRequestHandler } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * const directory = await Deno.makeTempDir();
 * await Deno.writeTextFile(`${directory}/hello.txt`, "hello, world");
 *
 * class Files extends SimpleHTTPRequestHandler {
 *   override directory = directory;
 *   override logMessage(): void {}
 * }
 * const handler = fetchHandler(Files);
 *
 * const response = await handler(new Request("http://localhost/hello.txt", { headers: { Range: "bytes=0-4" } }));
 * assert.equal(response.status, 206);
 * assert.equal(await response.text(), "hello");
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export class SimpleHTTPRequestHandler extends BaseHTTPRequestHandler {
  /** The name of the server's software in `Server`. */
  override serverVersion: string = `SimpleHTTP/${VERSION}`;
  /** The files that stand for their directory, the first that exists. */
  indexPages: readonly string[] = INDEX_PAGES;
  /** Extensions, dot included and in lower case, to media types; asked before the table of `@std/media-types`. */
  extensionsMap: Readonly<Record<string, string>> = EXTENSIONS_MAP;
  /** The media type of files whose extension tells nothing. */
  defaultContentType: string;
  /** The folder that is served; a relative one is relative to the current directory. */
  directory: string;
  /** Header fields for each response with a file or a listing. */
  extraResponseHeaders: readonly (readonly [name: string, value: string])[];
  /** Whether names that start with a dot are served and listed. */
  dotfiles: boolean;
  /** Whether symbolic links may lead out of the folder. */
  followSymlinks: boolean;
  /** Whether files are sent compressed to clients that accept it. */
  compress: boolean;
  /** Whether a missing path without an extension is answered with the folder's index page. */
  spa: boolean;
  /** Whether pages of every origin may read the responses. */
  cors: boolean;
  /** The public host names that the server answers to; `null` for all. */
  allowedHosts: readonly string[] | null;
  /** Whether small files, their compressed forms and listings are kept in memory. */
  cache: boolean;
  /**
   * The value of `Cache-Control` for files, listings and redirects, `null` for none. `no-cache` lets a browser keep a copy
   * and makes it ask each time whether that is still right, which a 304 answers.
   */
  cacheControl: string | null = "no-cache";

  static {
    noteLooks = (handler, looks) => {
      handler.#looks = looks;
    };
  }

  #target: Target | undefined;
  #targetPath = "";
  /** The directory that is answered with, as it was found. */
  #directory: Found | null = null;
  /** Whether bodies go from {@linkcode sendHead} to `wfile` unseen, so that they can be those that are kept. */
  #sharesBodies = false;
  /** Where it is noted what the answer is made from, if anyone wants to know. */
  #looks: Looks | null = null;

  /**
   * Stores what belongs to the request.
   *
   * @param request the request.
   * @param clientAddress where it came from.
   * @param server the server that it came to.
   * @param options see {@linkcode SimpleHTTPRequestHandlerOptions}.
   */
  constructor(
    request: Request,
    clientAddress: ClientAddress,
    server: HandlerServer,
    options: SimpleHTTPRequestHandlerOptions = {},
  ) {
    super(request, clientAddress, server);
    this.directory = directoryPath(options.directory);
    this.extraResponseHeaders = options.extraResponseHeaders === undefined
      ? NO_HEADERS
      : [...options.extraResponseHeaders];
    this.defaultContentType = options.defaultContentType ?? "application/octet-stream";
    this.dotfiles = options.dotfiles ?? false;
    this.followSymlinks = options.followSymlinks ?? false;
    this.compress = options.compress ?? true;
    this.spa = options.spa ?? false;
    this.cors = options.cors ?? false;
    this.allowedHosts = options.allowedHosts ?? null;
    this.cache = options.cache ?? true;
  }

  /** Reads the request as every handler does, and refuses one for a name that is not in {@linkcode allowedHosts} with 421. */
  override parseRequest(): boolean {
    if (!super.parseRequest()) return false;
    if (this.allowedHosts === null) return true;
    const host = this.request.headers.get("host");
    if (host === null || isAllowedHost(host, this.allowedHosts)) return true;
    this.sendError(421, "Host not allowed", "This server answers to another name; --allow-host adds one to its list");
    return false;
  }

  /** Answers a GET request with a file, an index page or a listing. */
  do_GET(): void | Promise<void> {
    return this.#withBody((body) => this.copyfile(body, this.wfile));
  }

  /** Answers a HEAD request with the head that a GET would get. */
  do_HEAD(): void | Promise<void> {
    return this.#withBody((body) => body instanceof ReadableStream ? body.cancel() : undefined);
  }

  /** Answers the preflight of a cross-origin request where {@linkcode cors} is on; else 501, as Python does. */
  do_OPTIONS(): void {
    if (!this.cors) {
      this.sendError(501, `Unsupported method ('${this.command}')`);
      return;
    }
    this.sendResponse(204);
    this.sendHeader("Allow", "GET, HEAD, OPTIONS");
    this.sendHeader("Access-Control-Allow-Methods", "GET, HEAD, OPTIONS");
    this.sendHeader("Access-Control-Allow-Headers", "*");
    this.endHeaders();
  }

  #withBody(use: (body: FileBody) => void | Promise<void>): void | Promise<void> {
    this.#sharesBodies = this.sendHead === SimpleHTTPRequestHandler.prototype.sendHead &&
      this.copyfile === SimpleHTTPRequestHandler.prototype.copyfile;
    const body = this.sendHead();
    if (this.#looks !== null && body instanceof Uint8Array) this.#looks.bodyLength = body.length;
    if (body instanceof Promise) return body.then((content) => content === null ? undefined : use(content));
    if (body !== null) return use(body);
  }

  /**
   * Sends the head of the response to a GET or HEAD request and gives the body that is to follow, or `null` when the
   * response is complete.
   *
   * @throws {Deno.errors.NotCapable} without `--allow-read` for the folder.
   */
  sendHead(): FileBody | null | Promise<FileBody | null> {
    const target = this.#parse(this.path);
    if (target.refusal !== null || (!this.dotfiles && target.segments.some(isDotfile))) {
      return this.#sendMissing(target);
    }
    const path = this.translatePath(this.path);
    const found = this.#lookup(path);
    if (found === null || (!found.info.isFile && !found.info.isDirectory)) return this.#sendMissing(target);
    if (found.info.isDirectory) return this.#sendDirectory(path, found, target);
    // A file is no directory, and what would be below one does not exist.
    return target.trailingSlash ? this.#sendMissing(target) : this.#sendFile(found);
  }

  #parse(path: string): Target {
    if (this.#target === undefined || this.#targetPath !== path) {
      this.#target = parseTarget(path, WINDOWS);
      this.#targetPath = path;
    }
    return this.#target;
  }

  #sendMissing(target: Target): FileBody | null | Promise<FileBody | null> {
    if (this.spa && target.refusal === null && !target.segments.at(-1)?.includes(".")) {
      const index = this.#indexPage(this.directory);
      if (index !== null) return this.#sendFile(index);
    }
    this.sendError(404, "File not found");
    return null;
  }

  #sendDirectory(path: string, found: Found, target: Target): FileBody | null | Promise<FileBody | null> {
    // Relative links need the slash in the address, and a plain one: under "dir%2F" they would lead beside the directory.
    if (!target.trailingSlash || target.encodedSlash) {
      this.#redirect(directoryLocation(target));
      return null;
    }
    this.#directory = found;
    const index = this.#indexPage(path, this.#keptFolder(path));
    if (index !== null) return this.#sendFile(index);
    if (this.isServed(path)) return this.listDirectory(path);
    return this.#sendMissing(target);
  }

  /** Finds what may be served; a directory may still turn out to be one whose listing may not. */
  #lookup(path: string): Found | null {
    const found = lookup(this.directory, path, this.followSymlinks);
    this.#looks?.note(found);
    return found === null || found.info.isDirectory || this.isServed(found.realPath) ? found : null;
  }

  /**
   * Decides whether a file that was found may be sent, or a directory listed; `false` is answered as if it did not exist.
   * Everything may here. Override it to keep files of some kind, or in some folder, to yourself.
   *
   * @param _path the path on disk; where links are checked, that of the file that a link leads to.
   */
  isServed(_path: string): boolean {
    return true;
  }

  #indexPage(directory: string, folder: KeptFolder | null = null): Found | null {
    for (const name of this.indexPages) {
      const found = this.#lookupIn(folder, directory, name);
      if (found?.info.isFile) return found;
    }
    return null;
  }

  /** What is kept of the directory that is answered with. */
  #keptFolder(path: string): KeptFolder | null {
    const found = this.#directory;
    return this.cache && found?.path === path ? keptFolder(found.realPath, found.info) : null;
  }

  /** As {@linkcode #lookup}; names that are known to be missing from a folder are not looked for again. */
  #lookupIn(folder: KeptFolder | null, directory: string, name: string): Found | null {
    if (folder?.isAbsent(name)) return null;
    const path = joinPath(directory, name);
    const found = this.#lookup(path);
    // A name with a slash lies in another folder; a link that leads nowhere now may lead somewhere later.
    if (found === null && folder !== null && !/[/\\]/.test(name) && isMissing(path)) folder.noteAbsent(name);
    return found;
  }

  #redirect(location: string): void {
    this.sendResponse(301);
    this.sendHeader("Location", location);
    this.sendHeader("Content-Length", 0);
    // Browsers keep a 301 for ever otherwise, even after the directory is gone.
    if (this.cacheControl !== null) this.sendHeader("Cache-Control", this.cacheControl);
    this.endHeaders();
  }

  #sendFile(first: Found): FileBody | null | Promise<FileBody | null> {
    const { path } = first;
    this.#looks?.notePath(path);
    const mediaType = this.guessType(path);
    const negotiated = this.compress && !isCompressed(mediaType);
    // A file that is replaced between looking and opening is looked at again: a deployment must not show as a 404.
    let found: Found | null = first;
    for (let looks = 0; looks < MAX_LOOKS && found?.info.isFile; looks++) {
      const representation = negotiated
        ? this.#selectRepresentation(found, mediaType)
        : { found, coding: null, onDemand: false };
      const { coding } = representation;
      const kept = this.cache ? keptFile(representation.found) : null;
      const validators = kept?.validators(coding) ?? validatorFields(representation.found, coding);

      const result = evaluatePreconditions(this.request.headers, validators);
      if (result === 304) {
        if (kept !== null) this.#looks?.noteKept();
        return this.#sendNotModified(validators, negotiated);
      }
      if (result === 412) {
        this.sendError(412);
        return null;
      }
      const source = kept?.bytes ?? openFound(representation.found);
      if (source === "absent") break;
      if (source !== "changed") {
        return this.#sendContent({ source, kept, representation, mediaType, validators, negotiated });
      }
      found = this.#lookup(path);
    }
    this.sendError(404, "File not found");
    return null;
  }

  /** Chooses between the file, its sidecars and compression on demand, from what the client accepts. */
  #selectRepresentation(found: Found, mediaType: string): Representation {
    const { headers } = this.request;
    const { forSidecars, onDemand } = acceptedCodings(headers);
    if (forSidecars.length > 0) {
      const sidecar = this.#sidecar(found, forSidecars);
      if (sidecar !== null) return sidecar;
    }
    const { size } = found.info;
    // Part of a coding made on demand would need all of it made before; a range gets the plain bytes.
    const codable = onDemand !== null && size >= MIN_COMPRESS_SIZE && size <= MAX_COMPRESS_SIZE &&
      isCompressible(mediaType) && !headers.has("range");
    return codable ? { found, coding: onDemand, onDemand: true } : { found, coding: null, onDemand: false };
  }

  /** Finds a precompressed file that is not older than the file itself. */
  #sidecar(found: Found, codings: readonly ContentCoding[]): Representation | null {
    const slash = found.path.lastIndexOf("/");
    const directory = slash < 0 ? "." : found.path.slice(0, slash);
    const folder = this.#folderOf(found, directory);
    for (const coding of codings) {
      const extension = SIDECAR_EXTENSIONS.find(([each]) => each === coding)![1];
      const sidecar = this.#lookupIn(folder, directory, found.path.slice(slash + 1) + extension);
      if (sidecar?.info.isFile && modified(sidecar) >= modified(found)) {
        return { found: sidecar, coding, onDemand: false };
      }
    }
    return null;
  }

  /** What is kept of the folder that a file lies in; nothing where a link leads elsewhere. */
  #folderOf(found: Found, path: string): KeptFolder | null {
    if (!this.cache || found.realPath !== found.path || this.followSymlinks) return null;
    if (found.folder !== undefined) {
      this.#looks?.noteFolder(found);
      return keptFolder(path, found.folder);
    }
    const folder = lookup(this.directory, path, false);
    this.#looks?.note(folder);
    return folder === null ? null : keptFolder(path, folder.info);
  }

  #sendNotModified(validators: ValidatorFields, negotiated: boolean): null {
    this.sendResponse(304);
    this.#sendCaching(validators, negotiated);
    this.#sendExtra();
    this.endHeaders();
    return null;
  }

  #sendContent(
    { source, kept, representation, mediaType, validators, negotiated }: Content,
  ): FileBody | Promise<FileBody> | null {
    const { size } = representation.found.info;
    const file = source instanceof Uint8Array ? null : source;
    const ranges = representation.onDemand ? "whole" : this.#requestedRanges(size, validators);
    if (ranges === "unsatisfiable") {
      file?.close();
      this.#sendUnsatisfiable(size);
      return null;
    }
    const contentType = withCharset(mediaType);
    const frame = ranges === "whole" || ranges.length === 1
      ? null
      : frameMultipart(ranges, size, contentType, crypto.randomUUID());

    // Read now it may be read again; a body of unknown length is a stream, and several ranges have a new boundary each time.
    const isKept = file === null && frame === null && !(representation.onDemand && this.command === "HEAD");
    if (isKept) this.#looks?.noteKept();

    this.sendResponse(ranges === "whole" ? 200 : 206);
    this.sendHeader("Content-Type", frame?.contentType ?? contentType);
    if (representation.coding !== null) this.sendHeader("Content-Encoding", representation.coding);
    if (!representation.onDemand) {
      this.sendHeader("Content-Length", frame?.contentLength ?? lengthOf(ranges, size));
      this.sendHeader("Accept-Ranges", "bytes");
    }
    if (ranges !== "whole" && frame === null) {
      this.sendHeader("Content-Range", formatContentRange(ranges[0]!, size));
    }
    this.#sendCaching(validators, negotiated);
    this.#sendExtra();
    this.endHeaders();

    if (this.command === "HEAD") {
      file?.close();
      return null;
    }
    if (ranges !== "whole") {
      if (file === null || !kept?.isSmall) return rangesBody(source, ranges, frame, size);
      const bytes = wholeBytes(file, size);
      // Never pad: a part that is too short breaks the connection, and the client knows.
      if (!kept.keep(bytes)) throw new Error("Cannot send the file: it became shorter while it was sent");
      return rangesBody(bytes, ranges, frame, size);
    }
    const coding = representation.onDemand ? representation.coding : null;
    if (file !== null && !kept?.isSmall) {
      return coding === null ? wholeBody(file, size) : encodeStream(file.readable, coding);
    }
    const bytes = file === null ? source as Uint8Array<ArrayBuffer> : wholeBytes(file, size);
    // A file that shrank just now is another version.
    if (!kept!.keep(bytes)) return coding === null ? bytes : encodeBytes(bytes, coding);
    if (coding === null) return this.#keptBody(bytes);
    const coded = kept!.coded(coding) ?? kept!.keepCoded(coding, encodeBytes(bytes, coding));
    return coded instanceof Promise ? coded.then((made) => this.#keptBody(made)) : this.#keptBody(coded);
  }

  /** A body that is kept, or a copy for whoever might change it. */
  #keptBody(bytes: Uint8Array<ArrayBuffer>): FileBody {
    if (!this.#sharesBodies) return bytes.slice();
    shareBody(bytes);
    return bytes;
  }

  /** `Range` has a meaning for GET only (RFC 9110 §14.2). */
  #requestedRanges(size: number, validators: Validators): RangeResult {
    const range = this.request.headers.get("range");
    if (range === null || this.command !== "GET" || !ifRangeAllows(this.request.headers, validators)) return "whole";
    return resolveRange(range, size);
  }

  #sendUnsatisfiable(size: number): void {
    // Not sendError(): its page has no place for Content-Range, without which a client cannot ask better.
    this.logError("code %d, message %s", 416, this.responses[416]![0]);
    this.sendResponse(416);
    this.sendHeader("Content-Range", `bytes */${size}`);
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
  }

  /** What a 304 has to repeat (RFC 9110 §15.4.5). */
  #sendCaching({ etag, lastModifiedText }: ValidatorFields, negotiated: boolean): void {
    if (lastModifiedText !== null) this.sendHeader("Last-Modified", lastModifiedText);
    if (etag !== null) this.sendHeader("ETag", etag);
    if (negotiated) this.sendHeader("Vary", "Accept-Encoding");
  }

  #sendExtra(): void {
    let cacheControl = this.cacheControl;
    for (const [name, value] of this.extraResponseHeaders) {
      const lower = name.toLowerCase();
      if (OWN_FIELDS.has(lower)) continue;
      if (lower === "cache-control") cacheControl = null;
      this.sendHeader(name, value);
    }
    if (cacheControl !== null) this.sendHeader("Cache-Control", cacheControl);
  }

  /** Ends the header section, with the fields that {@linkcode cors} asks for. */
  override endHeaders(): void {
    if (this.cors) {
      this.sendHeader("Access-Control-Allow-Origin", "*");
      this.sendHeader("Access-Control-Expose-Headers", "*");
    }
    super.endHeaders();
  }

  /**
   * Sends the head of a listing and gives its page, or `null` after a 404 when the directory cannot be read.
   *
   * @param path the directory on disk.
   */
  listDirectory(path: string): FileBody | null | Promise<FileBody | null> {
    let page: Uint8Array<ArrayBuffer>;
    try {
      page = this.#listingPage(path);
    } catch (error) {
      if (!isAbsence(error)) throw error;
      this.sendError(404, "No permission to list directory");
      return null;
    }
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/html; charset=utf-8");
    this.sendHeader("Content-Length", page.length);
    this.sendHeader("Content-Security-Policy", PAGE_CONTENT_SECURITY_POLICY);
    this.sendHeader("X-Content-Type-Options", "nosniff");
    this.#sendExtra();
    this.endHeaders();
    return page;
  }

  #listingPage(path: string): Uint8Array<ArrayBuffer> {
    const { segments } = this.#parse(this.path);
    const displayPath = "/" + segments.map((name) => name + "/").join("");
    // Names and kinds of entries are part of the folder's version. Where a link leads is not: then nothing is kept.
    const folder = this.#keptFolder(path);
    const view = `${this.dotfiles ? "all" : "public"} ${displayPath}`;
    const kept = folder?.listing(view);
    if (kept !== undefined) {
      this.#looks?.noteKept();
      return this.#keptBody(kept) as Uint8Array<ArrayBuffer>;
    }
    const { entries, hasLinks } = this.#readDirectory(path);
    const page = encoder.encode(renderListing(displayPath, entries));
    if (folder === null || hasLinks) return page;
    folder.keepListing(view, page);
    return this.#keptBody(page) as Uint8Array<ArrayBuffer>;
  }

  #readDirectory(path: string): { entries: ListingEntry[]; hasLinks: boolean } {
    const entries: ListingEntry[] = [];
    let hasLinks = false;
    for (const { name, isDirectory, isSymlink } of Deno.readDirSync(path)) {
      if ((!this.dotfiles && isDotfile(name)) || isRefusedName(name)) continue;
      if (!isSymlink) entries.push({ name, isDirectory, isSymlink });
      else {
        hasLinks = true;
        const found = this.#lookup(joinPath(path, name));
        // A link that would be answered with 404 is not shown, unless links are followed wherever they lead.
        if (found === null && !this.followSymlinks) continue;
        entries.push({ name, isDirectory: found?.info.isDirectory ?? false, isSymlink });
      }
    }
    return { entries, hasLinks };
  }

  /**
   * Gives the path on disk for a request target: query and fragment cut off, decoded once, `.` and `..` resolved inside
   * {@linkcode directory}. Names that could mean something else on disk (with a backslash, a null byte) are dropped.
   *
   * Override it to serve from elsewhere; a path outside `directory` is served as it is, symbolic links included.
   */
  translatePath(path: string): string {
    const { segments, trailingSlash } = this.#parse(path);
    let translated = this.directory;
    for (const segment of segments) if (!isRefusedName(segment)) translated = joinPath(translated, segment);
    return trailingSlash && segments.length > 0 ? translated + "/" : translated;
  }

  /**
   * Sends a body. Override it to count, slow down or change what is sent:
   * `for await (const chunk of new Response(source).body!) await outputfile.write(chunk)`.
   *
   * @param source bytes or a stream.
   * @param outputfile the handler's `wfile`.
   */
  copyfile(source: FileBody, outputfile: ResponseWriter): void | Promise<void> {
    return outputfile.send(source);
  }

  /**
   * Gives the media type of a file from its extension: from {@linkcode extensionsMap} as it is and in lower case, then from
   * the table of `@std/media-types`, else {@linkcode defaultContentType}. Text types get `charset=utf-8` when they are sent,
   * unless the type given here has a `charset`.
   */
  guessType(path: string): string {
    const extension: string = extname(path);
    if (extension === "") return this.defaultContentType;
    const lower = extension.toLowerCase();
    return this.extensionsMap[extension] ?? this.extensionsMap[lower] ?? (tableType(lower) || this.defaultContentType);
  }
}

/** The media type of an extension in the table of `@std/media-types`; `""` when it is not there. */
const tableType: (extension: string) => string = remember(
  (extension) => (typeByExtension(extension) as string | undefined) ?? "",
  { entries: 512, length: 32 },
);

function directoryPath(directory: string | URL | undefined): string {
  if (directory === undefined || directory === "") return ".";
  if (typeof directory === "string") return directory;
  if (directory.protocol !== "file:") {
    throw new TypeError(`Cannot serve "${directory}": the directory must be a path or a file: URL`);
  }
  const path = decodeURIComponent(directory.pathname);
  return WINDOWS ? path.slice(1) : path;
}

function joinPath(directory: string, name: string): string {
  return directory.endsWith("/") ? directory + name : `${directory}/${name}`;
}

function modified(found: Found): number {
  return found.info.mtime?.getTime() ?? 0;
}

function lengthOf(ranges: readonly ByteRange[] | "whole", size: number): number {
  return ranges === "whole" ? size : ranges[0]!.last - ranges[0]!.first + 1;
}

/** XML says its own encoding, and a charset here would overrule it (RFC 7303 §3). */
const CHARSET_REGEXP = /^(?:text\/(?!xml$).+|application\/(?:javascript|ecmascript|x-javascript))$/i;

const withCharset: (mediaType: string) => string = remember(
  (mediaType) => CHARSET_REGEXP.test(mediaType) && !mediaType.includes(";") ? `${mediaType}; charset=utf-8` : mediaType,
  { entries: 256, length: 128 },
);
