/** What an answer of the file server was made from, so that it can be told later whether it would be the same again. */

import { type Found, lookup } from "./_lookup.ts";
import { isSameVersion, isSettled } from "./_version_cache.ts";

/** A file or folder that was found, and whether the state of the folder it lies in counts, too. */
interface Look {
  readonly found: Found;
  countsFolder: boolean;
}

/**
 * All that was looked at for one answer, in the order in which it was.
 *
 * A name that is missing is no part of it: that it still is shows in the time of its folder, where the handler knows it from
 * there. Where it had to look for the name itself, the answer cannot be vouched for.
 */
export class Looks {
  readonly #looks: Look[] = [];
  #misses = false;
  #isKept = false;
  #path = "";
  /** The length of the body that was sent from memory. */
  bodyLength = 0;

  /** The path of the file or folder that is sent; of a file with its sidecar, that of the file. */
  get path(): string {
    return this.#path;
  }

  /** Notes which file or folder is sent. */
  notePath(path: string): void {
    this.#path = path;
  }

  /** Notes what a look has found; `null` where that was nothing. */
  note(found: Found | null): void {
    if (found === null) this.#misses = true;
    else this.#looks.push({ found, countsFolder: false });
  }

  /** Notes that the state of the folder in which `found` lies counts. */
  noteFolder(found: Found): void {
    for (const look of this.#looks) if (look.found === found) look.countsFolder = true;
  }

  /** Notes that the answer comes from what is kept of files (`_kept_files.ts`), not from reading them now. */
  noteKept(): void {
    this.#isKept = true;
  }

  /**
   * Whether the answer depends on nothing but what was noted, and all of that has been at rest.
   *
   * @param now the time before the first look, in milliseconds since 1970.
   */
  isWhole(now: number): boolean {
    return this.#isKept && !this.#misses &&
      this.#looks.every(({ found, countsFolder }) =>
        isSettled(found.info, now) && (!countsFolder || isSettled(found.folder!, now))
      );
  }

  /**
   * Looks at all of it again, under the same rule for links, and tells whether it is as it was.
   *
   * @throws {Deno.errors.NotCapable} when it may not be looked at any more.
   */
  stillHold(root: string, followSymlinks: boolean): boolean {
    for (const { found, countsFolder } of this.#looks) {
      const again = lookup(root, found.path, followSymlinks);
      if (again === null || again.realPath !== found.realPath || !isSameVersion(again.info, found.info)) return false;
      if (countsFolder && (again.folder === undefined || !isSameVersion(again.folder, found.folder!))) return false;
    }
    return true;
  }
}
