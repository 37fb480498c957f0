/**
 * A local file as a body: the one place where a request touches the file system.
 *
 * @module
 */

import { NotSupportedError } from "./errors.ts";
import { chunkStream, onceBody, readFile, sizedBody } from "./_content.ts";
import type { StreamBody } from "./types.ts";

/**
 * Makes a body of the file that a `file:` URL names. Its length is looked up now; it is opened when it is sent, each time
 * anew, and closed at its end. Needs read permission for the file.
 *
 * @throws {TypeError} If it is a directory.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {NotSupportedError} In a runtime without a file system.
 */
export function openFileUrl(url: URL): StreamBody {
  if (typeof globalThis.Deno?.statSync !== "function") {
    throw new NotSupportedError(
      `Cannot send ${url.href}: this runtime has no file system, give a Blob or a stream instead`,
    );
  }
  const stat = Deno.statSync(url);
  if (stat.isDirectory) throw new TypeError(`Cannot send ${url.href}: it is a directory, give the URL of a file`);
  if (!stat.isFile) return onceBody(() => chunkStream(readOpened(url)));
  // Files such as those in /proc have a size of 0 and yet a content.
  if (stat.size === 0) return { length: null, replayable: true, open: () => chunkStream(readOpened(url)) };
  const { size } = stat;
  return sizedBody({ length: null, replayable: true, open: () => chunkStream(readOpened(url, size)) }, size);
}

async function* readOpened(url: URL, length?: number): AsyncGenerator<Uint8Array<ArrayBuffer>, void, undefined> {
  const file = await Deno.open(url);
  try {
    yield* readFile(file, length);
  } finally {
    file.close();
  }
}
