/**
 * A local file as a body: the one place where a request touches the file system.
 *
 * @module
 */

import { NotSupportedError } from "./errors.ts";
import { onceBody, sizedPull } from "./_content.ts";
import { type BodyPull, PulledBody, pullStream } from "./_pulled_body.ts";
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
  if (!stat.isFile) return onceBody(() => pullStream(new FileUrlPull(url)));
  const { size } = stat;
  // Files such as those in /proc have a size of 0 and yet a content.
  if (size === 0) return new PulledBody(null, () => new FileUrlPull(url));
  return new PulledBody(size, () => sizedPull(new FileUrlPull(url), size));
}

/** A file that is opened with the first read. */
class FileUrlPull implements BodyPull {
  readonly #url: URL;
  #file: Deno.FsFile | null = null;
  #closed = false;

  constructor(url: URL) {
    this.#url = url;
  }

  async read(memory: Uint8Array): Promise<number | null> {
    if (this.#closed) return null;
    let file = this.#file;
    if (file === null) {
      file = await Deno.open(this.#url);
      if (this.#closed) {
        file.close();
        return null;
      }
      this.#file = file;
    }
    const count = await file.read(memory);
    if (count === null) this.close();
    return count;
  }

  close(): void {
    this.#closed = true;
    this.#file?.close();
    this.#file = null;
  }
}
