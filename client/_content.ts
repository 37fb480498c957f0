/** What callers give as content, made into bytes or into a stream that can be opened: no copy, and nothing is read yet. */

import { UnrewindableBodyError } from "./errors.ts";
import { concatBytes } from "../bytes.ts";
import { bytesOf } from "./_bytes.ts";
import { describe } from "./_form.ts";
import { type BodyPull, JoinedPull, PulledBody, pullStream, SizedPull } from "./_pulled_body.ts";
import type { FileContent, SeekableFile, StreamBody } from "./types.ts";

/** Bytes, or a body that is read while it is sent. */
export type Content = Uint8Array<ArrayBuffer> | StreamBody;

/** Makes the body of a local file; it touches the file system, so it is passed in. */
export type OpenFile = (url: URL) => StreamBody;

/**
 * Makes content of what a caller gives.
 *
 * @throws {TypeError} For what cannot be sent.
 */
export function toContent(value: Exclude<FileContent, null>, openFile: OpenFile): Content {
  if (typeof value === "string") return new TextEncoder().encode(value);
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return bytesOf(value);
  if (value instanceof Blob) return { length: value.size, replayable: true, open: () => value.stream() };
  if (value instanceof URL) {
    if (value.protocol === "file:") return openFile(value);
    throw new TypeError(
      `Cannot send what a ${value.protocol} URL names: fetch it first, only file: URLs are opened here`,
    );
  }
  if (isStreamBody(value)) return value;
  if (isSeekableFile(value)) return seekableBody(value);
  if (isIterable(value)) return onceBody(() => chunkStream(value));
  throw new TypeError(
    `Cannot send ${
      describe(value)
    }: give text, bytes, a Blob, a stream, an iterable of pieces, an open file or a file URL`,
  );
}

function isObject(value: unknown): value is Record<PropertyKey, unknown> {
  return typeof value === "object" && value !== null;
}

/** Whether a value makes its own stream. */
export function isStreamBody(value: unknown): value is StreamBody {
  return isObject(value) && typeof value.open === "function" && typeof value.replayable === "boolean" &&
    (value.length === null || typeof value.length === "number");
}

/** Whether a value is an open file, such as `Deno.FsFile`. */
export function isSeekableFile(value: unknown): value is SeekableFile {
  return isObject(value) &&
    [value.statSync, value.seekSync, value.read].every((method) => typeof method === "function");
}

/** Whether a value can be read piece by piece. */
export function isIterable(value: unknown): value is Iterable<unknown> | AsyncIterable<unknown> {
  return isObject(value) && (Symbol.iterator in value || Symbol.asyncIterator in value);
}

/** A body of unknown length that can be sent once. */
export function onceBody(open: () => ReadableStream<Uint8Array<ArrayBuffer>>): StreamBody {
  let opened = false;
  return {
    length: null,
    replayable: false,
    open() {
      if (opened) throw unrewindable();
      opened = true;
      return open();
    },
  };
}

/** What a second opening of a body that can be read only once ends in. */
export function unrewindable(cause?: unknown): UnrewindableBodyError {
  return new UnrewindableBodyError(
    "Unable to rewind request body for redirect. It can be read only once: give bytes, a Blob or a file URL",
    cause === undefined ? {} : { cause },
  );
}

/**
 * Length of an open file from where it stands, in bytes; `null` if it cannot tell, or is no regular file. A size of 0 counts
 * as unknown, because files such as those in `/proc` say so and yet have content.
 */
export function remainingLength(file: SeekableFile): { readonly start: number; readonly length: number } | null {
  let start: number;
  let size: number;
  try {
    const stat = file.statSync();
    if (stat.isFile === false) return null;
    size = stat.size;
    start = file.seekSync(0, 1);
  } catch {
    // A pipe or a terminal cannot tell: it is sent chunked, as requests does when tell() fails.
    return null;
  }
  return size > start ? { start, length: size - start } : null;
}

function seekableBody(file: SeekableFile): StreamBody {
  const range = remainingLength(file);
  if (range === null) return onceBody(() => pullStream(new FilePull(file)));
  const { start, length } = range;
  let isFirst = true;
  return new PulledBody(length, () => {
    try {
      file.seekSync(start, 0);
    } catch (error) {
      if (isFirst) throw error;
      throw new UnrewindableBodyError("An error occurred when rewinding request body for redirect.", {
        cause: error,
      });
    }
    isFirst = false;
    return sizedPull(new FilePull(file), length);
  });
}

/** A file at its end says so; one that gives nothing and has no end is broken. */
const MAX_EMPTY_READS = 100;

/** An open file of the caller's, who closes it. */
class FilePull implements BodyPull {
  readonly #file: SeekableFile;

  constructor(file: SeekableFile) {
    this.#file = file;
  }

  async read(memory: Uint8Array): Promise<number | null> {
    for (let attempt = 0; attempt < MAX_EMPTY_READS; attempt++) {
      const count = await this.#file.read(memory);
      if (count !== 0) return count;
    }
    // Going on would be a busy loop.
    throw new TypeError(`Cannot use a file that gave no bytes ${MAX_EMPTY_READS} times in a row as data`);
  }

  close(): void {}
}

/** `length` bytes of a file: what is appended to it meanwhile is not part of the body. */
export function sizedPull(pull: BodyPull, length: number): BodyPull {
  return new SizedPull(pull, length, () => wrongLength("less", length));
}

function pieceOf(piece: unknown): Uint8Array<ArrayBuffer> {
  if (typeof piece === "string") return new TextEncoder().encode(piece);
  if (piece instanceof ArrayBuffer) return new Uint8Array(piece);
  if (ArrayBuffer.isView(piece)) return bytesOf(piece);
  throw new TypeError(`Cannot send ${describe(piece)} as a piece of a body: yield text or bytes`);
}

/** A stream of the pieces of an iterable, as bytes. Empty pieces are left out: in chunked coding one would end the body. */
export function chunkStream(
  pieces: Iterable<unknown> | AsyncIterable<unknown>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const iterator = Symbol.asyncIterator in pieces ? pieces[Symbol.asyncIterator]() : pieces[Symbol.iterator]();
  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(controller) {
      for (;;) {
        const { done, value } = await iterator.next();
        if (done) return controller.close();
        let piece: Uint8Array<ArrayBuffer>;
        try {
          piece = pieceOf(value);
        } catch (error) {
          await iterator.return?.();
          throw error;
        }
        if (piece.length > 0) return controller.enqueue(piece);
      }
    },
    async cancel() {
      await iterator.return?.();
    },
  }, { highWaterMark: 0 });
}

/**
 * Gives a body the length that was promised for it. Its stream fails when the content is longer or shorter: a wrong
 * Content-Length would make the peer read a part of the next request as the rest of this one.
 */
export function sizedBody(body: StreamBody, length: number): StreamBody {
  return { length, replayable: body.replayable, open: () => body.open().pipeThrough(lengthCheck(length)) };
}

function lengthCheck(length: number): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let sent = 0;
  return new TransformStream({
    transform(piece, controller) {
      sent += piece.length;
      if (sent > length) throw wrongLength("more", length);
      controller.enqueue(piece);
    },
    flush() {
      if (sent < length) throw wrongLength("less", length);
    },
  });
}

function wrongLength(how: string, length: number): RangeError {
  return new RangeError(
    `Cannot send the body: it has ${how} than the ${length} bytes of its Content-Length, leave that header out`,
  );
}

/** The contents one after the other, with their length if all of them have one. */
export function joinContents(contents: readonly Content[]): Content {
  if (contents.every((content) => content instanceof Uint8Array)) return concatBytes(contents);
  const lengths = contents.map(({ length }) => length);
  const known = lengths.every((length) => length !== null);
  const replayable = contents.every((content) => content instanceof Uint8Array || content.replayable);
  const length = known ? lengths.reduce((sum, length) => sum + length, 0) : null;
  if (contents.every((content) => content instanceof Uint8Array || PulledBody.is(content))) {
    return new PulledBody(length, () => new JoinedPull(contents));
  }
  let opened = false;
  return {
    length,
    replayable,
    open() {
      if (opened && !replayable) throw unrewindable();
      opened = true;
      return chunkStream(readContents(contents));
    },
  };
}

async function* readContents(contents: readonly Content[]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const content of contents) {
    if (content instanceof Uint8Array) yield content;
    else yield* content.open();
  }
}
