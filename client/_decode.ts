/**
 * The content codings of a response body (RFC 9110 §8.4.1): gzip (RFC 1952), deflate (RFC 1950 and 1951), br (RFC 7932)
 * and zstd (RFC 8878).
 */

import { ContentDecodingError } from "./errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;
type Zlib = typeof import("node:zlib");
type Decoder = (input: ByteQueue, zlib: Zlib) => AsyncGenerator<Bytes>;

/** More codings than this on one body are refused: each layer can multiply the size by a thousand. */
export const MAX_CODINGS = 5;

const DECODERS: ReadonlyMap<string, Decoder> = new Map([
  ["gzip", decodeGzip],
  ["x-gzip", decodeGzip], // RFC 9110 §8.4.1.3
  ["deflate", decodeDeflate],
  ["br", decodeBrotli],
  ["zstd", decodeZstd],
]);

/**
 * The codings to undo, in the order of undoing: the last one first. What stands before an unknown coding cannot be
 * undone, and so the bytes stay as they are from there on.
 *
 * @throws {ContentDecodingError} There are more than {@linkcode MAX_CODINGS}.
 */
export function codingsToUndo(contentEncoding: string | null): string[] {
  const names = (contentEncoding ?? "").split(",").map((name) => name.trim().toLowerCase());
  const codings = names.filter((name) => name !== "" && name !== "identity").reverse();
  if (codings.length > MAX_CODINGS) {
    throw new ContentDecodingError(
      `Too many content codings: ${codings.length}; a response may have ${MAX_CODINGS} at the most`,
    );
  }
  const unknown = codings.findIndex((name) => !DECODERS.has(name));
  return unknown < 0 ? codings : codings.slice(0, unknown);
}

/**
 * Undoes the content codings of a body.
 *
 * The source is touched when the first bytes are asked for, read no faster than the result, and cancelled with it or
 * when it cannot be decoded. An unknown coding leaves the bytes as they are. A body without a single byte stays empty,
 * whatever its coding: so do answers to HEAD.
 *
 * The stream fails with a {@linkcode ContentDecodingError} when the body is corrupt or ends too early; what could be
 * decoded before comes first.
 *
 * @param source The bytes as the server sent them, without the framing of HTTP.
 * @param contentEncoding The `Content-Encoding` field.
 * @param alreadyDecoded Whether the transport has undone the codings, as `fetch` does for gzip and br.
 * @throws {ContentDecodingError} There are more than {@linkcode MAX_CODINGS} codings.
 */
export function decodeBody(
  source: ReadableStream<Bytes>,
  contentEncoding: string | null,
  alreadyDecoded = false,
): ReadableStream<Bytes> {
  const codings = alreadyDecoded ? [] : codingsToUndo(contentEncoding);
  if (codings.length === 0) return source;

  let reader: ReadableStreamDefaultReader<Bytes> | undefined;
  let pieces: AsyncGenerator<Bytes> | undefined;
  return new ReadableStream<Bytes>({
    async pull(controller) {
      reader ??= source.getReader();
      pieces ??= codings.reduce(decodeOne, readAll(reader));
      const { done, value } = await pieces.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel(reason) {
      if (reader === undefined) return await source.cancel(reason);
      // The source first: a generator that waits for bytes cannot be ended before it gets some.
      await reader.cancel(reason);
      await pieces?.return(undefined);
    },
  }, { highWaterMark: 0 });
}

async function* readAll(reader: ReadableStreamDefaultReader<Bytes>): AsyncGenerator<Bytes> {
  let ended = false;
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) {
        ended = true;
        return;
      }
      if (value.length > 0) yield value;
    }
  } catch (error) {
    ended = true;
    throw error;
  } finally {
    if (!ended) await reader.cancel();
    reader.releaseLock();
  }
}

/** What a decoder found wrong with the body, as opposed to an error of the transport. */
class CodingError extends Error {}

async function* decodeOne(source: AsyncGenerator<Bytes>, coding: string): AsyncGenerator<Bytes> {
  const input = new ByteQueue(source);
  try {
    const first = await input.next();
    if (first === null) return;
    input.putBack(first);
    yield* DECODERS.get(coding)!(input, await import("node:zlib"));
    // Bytes after the end are ignored, but read: the connection can be used again only when they are gone.
    while (await input.next() !== null);
  } catch (error) {
    if (!(error instanceof CodingError)) throw error;
    throw new ContentDecodingError(
      `Received a response with "Content-Encoding: ${coding}", but failed to decode it: ${error.message}`,
      { cause: error.cause },
    );
  } finally {
    await source.return(undefined);
  }
}

/** Bytes that arrive in pieces, of which some can be put back. */
class ByteQueue {
  readonly #source: AsyncIterator<Bytes>;
  readonly #front: Bytes[] = [];

  constructor(source: AsyncIterator<Bytes>) {
    this.#source = source;
  }

  /** The next piece, never an empty one; `null` at the end. */
  async next(): Promise<Bytes | null> {
    const front = this.#front.pop();
    if (front !== undefined) return front;
    const { done, value } = await this.#source.next();
    return done ? null : value;
  }

  /** Puts bytes back in front of what is left. */
  putBack(bytes: Bytes): void {
    if (bytes.length > 0) this.#front.push(bytes);
  }

  /** As many bytes as asked for, fewer at the end. For small counts: they are copied. */
  async take(count: number): Promise<Bytes> {
    const taken = new Uint8Array(count);
    let length = 0;
    while (length < count) {
      const piece = await this.next();
      if (piece === null) return taken.subarray(0, length);
      const part = piece.subarray(0, count - length);
      taken.set(part, length);
      length += part.length;
      this.putBack(piece.subarray(part.length));
    }
    return taken;
  }
}

type Transform = ReturnType<Zlib["createInflate" | "createBrotliDecompress" | "createZstdDecompress"]>;

/** A transform stream of `node:zlib`, driven by hand: it tells how many bytes it used, which web streams do not. */
class Inflater {
  readonly #transform: Transform;
  #failure: Error | null = null;
  #notify: () => void = () => {};

  constructor(transform: Transform) {
    this.#transform = transform;
    transform.on("error", (error: Error) => {
      this.#failure = error;
      this.#notify();
    });
    transform.on("readable", () => this.#notify());
  }

  /** Decodes one piece. Afterwards {@linkcode used} tells whether all of it belonged to the compressed data. */
  async *push(piece: Bytes): AsyncGenerator<Bytes> {
    let written = false;
    this.#transform.write(piece, () => {
      written = true;
      this.#notify();
    });
    while (true) {
      const changed = new Promise<void>((resolve) => this.#notify = resolve);
      const output: Bytes | null = this.#transform.read();
      if (output !== null) yield new Uint8Array(output.buffer, output.byteOffset, output.byteLength);
      else if (this.#failure !== null) throw new CodingError(this.#failure.message, { cause: this.#failure });
      else if (written) return;
      else await changed;
    }
  }

  /** How many of the bytes pushed so far belonged to the compressed data. Fewer than all means that it has ended. */
  get used(): number {
    return this.#transform.bytesWritten;
  }

  /** Gives the memory of the decoder back. */
  destroy(): void {
    this.#transform.destroy();
  }
}

const CHUNK_SIZE = 64 * 1024;
const TOO_SHORT = "unexpected end of the body";

/** Pushes what does not belong to the body any more, and gives what comes of it, at the most 16 bytes. */
async function pushProbe(inflater: Inflater, probe: Bytes): Promise<number[]> {
  const outcome: number[] = [];
  try {
    for await (const output of inflater.push(probe)) outcome.push(...output.subarray(0, 16));
  } catch (error) {
    throw new CodingError(TOO_SHORT, { cause: error });
  }
  return outcome.slice(0, 16);
}

/**
 * Decodes up to the end of the compressed data, and puts back what follows.
 *
 * @returns How many bytes were decoded when nothing followed: whether they were all that belongs to the data is not known.
 * Otherwise `null`.
 */
async function* pushAll(inflater: Inflater, input: ByteQueue): AsyncGenerator<Bytes, number | null> {
  let pushed = 0;
  for (let piece = await input.next(); piece !== null; piece = await input.next()) {
    yield* inflater.push(piece);
    pushed += piece.length;
    const left = pushed - inflater.used;
    if (left === 0) continue;
    input.putBack(piece.subarray(piece.length - left));
    return null;
  }
  return pushed;
}

/** Decodes one stream of compressed data, and puts back what follows. */
async function* inflate(input: ByteQueue, transform: Transform): AsyncGenerator<Bytes> {
  const inflater = new Inflater(transform);
  try {
    const pushed = yield* pushAll(inflater, input);
    if (pushed === null) return;
    // Is the data complete? Then one byte more is left over. The decoders do not tell by themselves: Deno's brotli
    // takes a body that was cut short for a whole one.
    await pushProbe(inflater, new Uint8Array(1));
    if (inflater.used > pushed) throw new CodingError(TOO_SHORT);
  } finally {
    inflater.destroy();
  }
}

async function* decodeGzip(input: ByteQueue, zlib: Zlib): AsyncGenerator<Bytes> {
  for (let first = true; await readGzipHeader(input, first); first = false) {
    let checksum = 0;
    let size = 0;
    for await (const piece of inflate(input, zlib.createInflateRaw({ chunkSize: CHUNK_SIZE }))) {
      checksum = zlib.crc32(piece, checksum);
      size = (size + piece.length) >>> 0;
      yield piece;
    }
    const trailer = await takeAll(input, 8);
    const view = new DataView(trailer.buffer);
    if (view.getUint32(0, true) !== checksum) throw new CodingError("incorrect checksum");
    if (view.getUint32(4, true) !== size) throw new CodingError("incorrect length");
  }
}

const GZIP_MAGIC = [0x1f, 0x8b, 8]; // RFC 1952 §2.3.1; 8 is the only method there is.

/** Reads the header of a member; false when there is no further one. What else follows the last member is no error. */
async function readGzipHeader(input: ByteQueue, first: boolean): Promise<boolean> {
  const magic = await input.take(3);
  if (!first && magic.length < 3) return false;
  if (magic.some((byte, index) => byte !== GZIP_MAGIC[index])) {
    if (first) throw new CodingError("incorrect header");
    return false;
  }
  if (magic.length < 3) throw new CodingError(TOO_SHORT);
  const flags = (await takeAll(input, 7))[0]!;
  if (flags & 0xe0) throw new CodingError("unknown flags in the header");
  if (flags & 0x04) {
    const length = await takeAll(input, 2);
    await takeAll(input, length[0]! | length[1]! << 8);
  }
  if (flags & 0x08) await skipText(input); // file name
  if (flags & 0x10) await skipText(input); // comment
  if (flags & 0x02) await takeAll(input, 2); // checksum of the header
  return true;
}

async function takeAll(input: ByteQueue, count: number): Promise<Bytes> {
  const bytes = await input.take(count);
  if (bytes.length < count) throw new CodingError(TOO_SHORT);
  return bytes;
}

/** Skips a text that ends with a zero byte. */
async function skipText(input: ByteQueue): Promise<void> {
  for (let piece = await input.next(); piece !== null; piece = await input.next()) {
    const end = piece.indexOf(0);
    if (end >= 0) return input.putBack(piece.subarray(end + 1));
  }
  throw new CodingError(TOO_SHORT);
}

async function* decodeDeflate(input: ByteQueue, zlib: Zlib): AsyncGenerator<Bytes> {
  const start = await input.take(2);
  input.putBack(start);
  const [method = 0, flags = 0] = start;
  // The coding is the zlib format, but there are servers that send the bare data (RFC 9110 §8.4.1.2).
  const isZlib = (method & 0x0f) === 8 && (method << 8 | flags) % 31 === 0;
  const options = { chunkSize: CHUNK_SIZE };
  yield* inflate(input, isZlib ? zlib.createInflate(options) : zlib.createInflateRaw(options));
}

async function* decodeBrotli(input: ByteQueue, zlib: Zlib): AsyncGenerator<Bytes> {
  yield* inflate(input, zlib.createBrotliDecompress({ chunkSize: CHUNK_SIZE }));
}

/** The largest window that the coding may ask for, as a power of two: 8 MiB (RFC 9659 §3). */
const MAX_WINDOW_LOG = 23;

/**
 * A frame that holds eight bytes (RFC 8878 §3.1.1): magic number, one segment of 8 bytes, one last raw block of 8
 * bytes.
 */
const MARK = new TextEncoder().encode("complete");
const MARK_FRAME = new Uint8Array([0x28, 0xb5, 0x2f, 0xfd, 0x20, MARK.length, MARK.length << 3 | 1, 0, 0, ...MARK]);

async function* decodeZstd(input: ByteQueue, zlib: Zlib): AsyncGenerator<Bytes> {
  const params = { [zlib.constants.ZSTD_d_windowLogMax]: MAX_WINDOW_LOG };
  const start = () => new Inflater(zlib.createZstdDecompress({ chunkSize: CHUNK_SIZE, params }));
  let inflater = start();
  try {
    // A frame ends, and another one follows.
    while ((yield* pushAll(inflater, input)) === null) {
      inflater.destroy();
      inflater = start();
    }
    // Is the last frame complete? Only then is a new frame read as one. Deno's decoder does not tell either.
    const mark = await pushProbe(inflater, MARK_FRAME);
    if (mark.join() !== MARK.join()) throw new CodingError(TOO_SHORT);
  } finally {
    inflater.destroy();
  }
}
