/** Messages, sent: chunks, and bytes until all of them are gone. Heads are in head.ts. */

import { type FieldLine, formatFieldLines } from "./fields.ts";
import { encodeLatin1 } from "./latin1.ts";

/** Where bytes go; `Deno.Conn` fits. */
export interface ByteSink {
  /** Writes some of the bytes and resolves to their number. */
  write(bytes: Uint8Array): Promise<number>;
}

/** Chunks up to this size are copied into one piece: a copy costs less than a second write. */
const MAX_COPIED = 16_384;

/**
 * Formats a chunk (RFC 9112 §7.1). Large data is not copied, so it must not change before it is sent.
 *
 * @param bytes The data; none gives no chunk, because an empty chunk would end the body.
 * @returns Pieces to write one after the other.
 */
export function formatChunk(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length === 0) return [];
  const line = encodeLatin1(`${bytes.length.toString(16)}\r\n`);
  if (bytes.length > MAX_COPIED) return [line, bytes, encodeLatin1("\r\n")];
  const chunk = new Uint8Array(line.length + bytes.length + 2);
  chunk.set(line);
  chunk.set(bytes, line.length);
  chunk[chunk.length - 2] = 13;
  chunk[chunk.length - 1] = 10;
  return [chunk];
}

/**
 * Formats the end of a chunked body.
 *
 * @param trailers Trailer fields.
 * @throws {TypeError} If a name is no token, or a value would end its line or does not fit into bytes.
 */
export function formatLastChunk(trailers: Iterable<FieldLine> = []): Uint8Array<ArrayBuffer> {
  return encodeLatin1(`0\r\n${formatFieldLines(trailers)}\r\n`);
}

/**
 * Writes all of the bytes.
 *
 * @throws {TypeError} If the sink takes nothing and does not fail: going on would be a busy loop.
 */
export async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  let rest = bytes;
  while (rest.length > 0) {
    const count = await sink.write(rest);
    if (!(count > 0 && count <= rest.length)) {
      throw new TypeError(`Cannot use a sink that takes ${count} of ${rest.length} bytes`);
    }
    rest = rest.subarray(count);
  }
}
