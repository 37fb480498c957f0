/** File contents as response bodies. */

import { concatBytes } from "../bytes.ts";
import type { ByteRange, MultipartFrame } from "./_range.ts";

/** What is sent of a file: bytes for small pieces, a stream that closes the file for larger ones. */
export type FileBody = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

/** Up to this many bytes are read at once: for less than this a stream costs more than the reading. */
const READ_AT_ONCE = 64 * 1024;

const CHUNK_SIZE = 64 * 1024;

/** The whole of an open file. The file is closed when the body has been sent, or given up. */
export function wholeBody(file: Deno.FsFile, size: number): FileBody {
  // The file's own stream is copied to the socket without a turn through JavaScript for each chunk.
  return size <= READ_AT_ONCE ? readAndClose(file, size) : file.readable;
}

/** The bytes of an open file, which is closed; fewer than `size` if it has shrunk. */
export function wholeBytes(file: Deno.FsFile, size: number): Uint8Array<ArrayBuffer> {
  return readAndClose(file, size);
}

/**
 * Ranges of an open file, or of the bytes of one; several of them in the frame of a multipart body. The file is closed when
 * the body has been sent, or given up.
 */
export function rangesBody(
  source: Deno.FsFile | Uint8Array<ArrayBuffer>,
  ranges: readonly ByteRange[],
  frame: MultipartFrame | null,
  size: number,
): FileBody {
  if (source instanceof Uint8Array) return rangesOfBytes(source, ranges, frame);
  return frame === null ? rangeBody(source, ranges[0]!, size) : streamOf(source, ranges, frame);
}

function rangesOfBytes(
  bytes: Uint8Array<ArrayBuffer>,
  ranges: readonly ByteRange[],
  frame: MultipartFrame | null,
): Uint8Array<ArrayBuffer> {
  const parts = ranges.map(({ first, last }) => bytes.subarray(first, last + 1));
  if (frame === null) return parts[0]!.slice();
  return concatBytes([...parts.flatMap((part, index) => [frame.heads[index]!, part]), frame.tail]);
}

function rangeBody(file: Deno.FsFile, range: ByteRange, size: number): FileBody {
  const length = range.last - range.first + 1;
  file.seekSync(range.first, Deno.SeekMode.Start);
  if (length <= READ_AT_ONCE) return readAndClose(file, length);
  return range.last === size - 1 ? file.readable : streamOf(file, [range], null);
}

function readAndClose(file: Deno.FsFile, length: number): Uint8Array<ArrayBuffer> {
  try {
    const bytes = new Uint8Array(length);
    let at = 0;
    while (at < length) {
      const count = file.readSync(bytes.subarray(at));
      if (count === null) break; // The file has shrunk.
      at += count;
    }
    return at === length ? bytes : bytes.slice(0, at);
  } finally {
    file.close();
  }
}

function streamOf(
  file: Deno.FsFile,
  ranges: readonly ByteRange[],
  frame: MultipartFrame | null,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const chunks = chunksOf(file, ranges, frame);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    // return() alone does not close the file when not a single chunk was taken.
    async cancel() {
      await chunks.return(undefined);
      closeQuietly(file);
    },
  }, { highWaterMark: 0 });
}

async function* chunksOf(
  file: Deno.FsFile,
  ranges: readonly ByteRange[],
  frame: MultipartFrame | null,
): AsyncGenerator<Uint8Array<ArrayBuffer>, undefined> {
  try {
    for (const [index, range] of ranges.entries()) {
      if (frame !== null) yield frame.heads[index]!;
      await file.seek(range.first, Deno.SeekMode.Start);
      for (let missing = range.last - range.first + 1; missing > 0;) {
        const bytes = new Uint8Array(Math.min(CHUNK_SIZE, missing));
        const count = await file.read(bytes);
        // Never pad: a body that is too short breaks the connection, and the client knows.
        if (count === null) throw new Error(`Cannot send the file: it became shorter while it was sent`);
        missing -= count;
        yield bytes.subarray(0, count);
      }
    }
    if (frame !== null) yield frame.tail;
  } finally {
    closeQuietly(file);
  }
}

function closeQuietly(file: Deno.FsFile): void {
  try {
    file.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BadResource)) throw error; // It was closed before.
  }
}
