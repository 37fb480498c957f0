/** Content codings: which one a client gets, and the streams that make it (RFC 9110 §8.4, §12.5.3). */

import { acceptsEncodings } from "@std/http/negotiation";

/** A content coding of the IANA registry that this server knows. */
export type ContentCoding = "br" | "zstd" | "gzip";

/** The file extension of each coding's precompressed sidecar, the densest coding first. */
export const SIDECAR_EXTENSIONS: readonly (readonly [ContentCoding, string])[] = [
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
];

/** The codings that are made on demand, the quickest for its density first. */
export const ON_DEMAND_CODINGS: readonly ContentCoding[] = ["zstd", "br", "gzip"];

/** The codings of `available` that the client accepts, best first. Without `Accept-Encoding` there is none. */
export function acceptedCodings(request: Request, available: readonly ContentCoding[]): readonly ContentCoding[] {
  const field = request.headers.get("accept-encoding");
  if (field === null || available.length === 0) return NONE;
  const key = `${available.join()}\n${field}`;
  let codings = negotiated.get(key);
  if (codings === undefined) {
    codings = negotiate(request, field, available);
    if (negotiated.size >= MAX_NEGOTIATED) negotiated.clear();
    // Nobody needs a longer one, and they would make the table large.
    if (field.length <= MAX_FIELD_LENGTH) negotiated.set(key, codings);
  }
  return codings;
}

const NONE: readonly ContentCoding[] = [];

/** What was negotiated before: all browsers of one kind send the same field. */
const negotiated = new Map<string, readonly ContentCoding[]>();
const MAX_NEGOTIATED = 128;
const MAX_FIELD_LENGTH = 256;

function negotiate(request: Request, field: string, available: readonly ContentCoding[]): ContentCoding[] {
  if (field.trim() === "") return [];
  // "identity" takes part, so that a client that prefers it, or refuses all others, gets it.
  const beatsIdentity = (coding: ContentCoding) => acceptsEncodings(request, coding, "identity") === coding;
  const accepted = available.filter(beatsIdentity);
  if (!/;\s*q\s*=/i.test(field)) return accepted;
  // With weights the client's preference decides, not the order in `available`.
  const ranked: ContentCoding[] = [];
  for (let rest = accepted; rest.length > 0; rest = rest.filter((coding) => !ranked.includes(coding))) {
    const best: string | undefined = acceptsEncodings(request, ...rest);
    ranked.push(rest.find((coding) => coding === best) ?? rest[0]!);
  }
  return ranked;
}

const COMPRESSIBLE_REGEXP =
  /^(?:text\/.+|.+\+(?:json|xml|text)|application\/(?:json|javascript|ecmascript|xml|xml-dtd|wasm|rtf|sql|toml|yaml|x-yaml|x-sh|x-httpd-php|x-ndjson|ndjson|json-seq|graphql|manifest|postscript|tar|x-tar|x-javascript|x-perl|typescript|vnd\.ms-fontobject)|image\/(?:bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp)|font\/(?:ttf|otf|collection)|application\/font-sfnt|application\/x-font-ttf)$/;
const COMPRESSED_REGEXP =
  /^(?:(?:audio|video)\/.+|image\/(?!svg\+xml|bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp).+|font\/woff2?|application\/(?:gzip|zip|zstd|x-bzip2?|x-xz|x-7z-compressed|x-rar-compressed|vnd\.rar|java-archive|epub\+zip|vnd\.openxmlformats-.+|vnd\.android\.package-archive|pdf|x-lzip|x-lzma|x-compress))$/;

/** Whether a media type gains by compression on demand. */
export function isCompressible(mediaType: string): boolean {
  return COMPRESSIBLE_REGEXP.test(essenceOf(mediaType));
}

/** Whether files of a media type are packed already, so that not even a sidecar is looked for. */
export function isCompressed(mediaType: string): boolean {
  return COMPRESSED_REGEXP.test(essenceOf(mediaType));
}

function essenceOf(mediaType: string): string {
  const end = mediaType.indexOf(";");
  return (end < 0 ? mediaType : mediaType.slice(0, end)).trim().toLowerCase();
}

/** Bytes in the given coding. */
export async function encodeBytes(
  bytes: Uint8Array<ArrayBuffer>,
  coding: ContentCoding,
): Promise<Uint8Array<ArrayBuffer>> {
  return await new Response(await encodeStream(new Blob([bytes]).stream(), coding)).bytes();
}

/** A stream in the given coding. Zstandard comes from `node:zlib`, which is loaded when first needed. */
export async function encodeStream(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
  coding: ContentCoding,
): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (coding !== "zstd") return source.pipeThrough(new CompressionStream(coding === "br" ? "brotli" : "gzip"));
  const [zlib, { Duplex }] = await Promise.all([import("node:zlib"), import("node:stream")]);
  const { readable, writable } = Duplex.toWeb(zlib.createZstdCompress());
  return source.pipeThrough({
    readable: readable as ReadableStream<Uint8Array<ArrayBuffer>>,
    writable: writable as WritableStream<Uint8Array<ArrayBuffer>>,
  });
}
