/** Content codings: which one a client gets, and the streams that make it (RFC 9110 §8.4, §12.5.3). */

import { acceptsEncodings } from "@std/http/negotiation";
import { remember } from "../remember.ts";

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

/** Which codings a client accepts, best first. */
export interface AcceptedCodings {
  /** Out of all that a sidecar may have. */
  readonly forSidecars: readonly ContentCoding[];
  /** The one to be made on demand, or `null`. */
  readonly onDemand: ContentCoding | null;
}

const NOTHING_ACCEPTED: AcceptedCodings = { forSidecars: [], onDemand: null };

/** What a client accepts; without `Accept-Encoding` that is nothing. */
export function acceptedCodings(headers: Pick<Headers, "get">): AcceptedCodings {
  const field = headers.get("accept-encoding");
  return field === null ? NOTHING_ACCEPTED : negotiateRecent(field);
}

/** All browsers of one kind send the same field. */
const negotiateRecent = remember((field): AcceptedCodings => ({
  forSidecars: negotiate(field, SIDECAR_EXTENSIONS.map(([coding]) => coding)),
  onDemand: negotiate(field, ON_DEMAND_CODINGS)[0] ?? null,
}), { entries: 128, length: 256 });

/** The codings of `available` that a field accepts, best first. */
export function negotiate(field: string, available: readonly ContentCoding[]): ContentCoding[] {
  if (field.trim() === "") return [];
  const request = { headers: new Headers({ "Accept-Encoding": field }) };
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

const MEDIA_TYPES = { entries: 256, length: 128 };

const COMPRESSIBLE_REGEXP =
  /^(?:text\/.+|.+\+(?:json|xml|text)|application\/(?:json|javascript|ecmascript|xml|xml-dtd|wasm|rtf|sql|toml|yaml|x-yaml|x-sh|x-httpd-php|x-ndjson|ndjson|json-seq|graphql|manifest|postscript|tar|x-tar|x-javascript|x-perl|typescript|vnd\.ms-fontobject)|image\/(?:bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp)|font\/(?:ttf|otf|collection)|application\/font-sfnt|application\/x-font-ttf)$/;
const COMPRESSED_REGEXP =
  /^(?:(?:audio|video)\/.+|image\/(?!svg\+xml|bmp|x-icon|vnd\.microsoft\.icon|x-ms-bmp).+|font\/woff2?|application\/(?:gzip|zip|zstd|x-bzip2?|x-xz|x-7z-compressed|x-rar-compressed|vnd\.rar|java-archive|epub\+zip|vnd\.openxmlformats-.+|vnd\.android\.package-archive|pdf|x-lzip|x-lzma|x-compress))$/;

/** Whether a media type gains by compression on demand. */
export const isCompressible: (mediaType: string) => boolean = remember(
  (mediaType) => COMPRESSIBLE_REGEXP.test(essenceOf(mediaType)),
  MEDIA_TYPES,
);

/** Whether files of a media type are packed already, so that not even a sidecar is looked for. */
export const isCompressed: (mediaType: string) => boolean = remember(
  (mediaType) => COMPRESSED_REGEXP.test(essenceOf(mediaType)),
  MEDIA_TYPES,
);

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
