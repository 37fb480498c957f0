/**
 * A tree of files on disk for a server to serve, made new and removed afterwards.
 *
 * @module
 */

import { dirname, join } from "node:path";
import type { Fixture, TreeEntry } from "./fixture_format.ts";

const WINDOWS_FORBIDDEN_REGEXP = /[<>:"|?*]|[ .](?:\/|$)/;
const ON_WINDOWS = Deno.build.os === "windows";

/** A fixture on disk. */
export class FixtureTree implements AsyncDisposable {
  readonly #fixture: Fixture;
  readonly #base: string;
  #root = "";

  private constructor(fixture: Fixture, base: string) {
    this.#fixture = fixture;
    this.#base = base;
  }

  /** Makes the tree in a new temporary folder. */
  static async create(fixture: Fixture): Promise<FixtureTree> {
    const base = await Deno.makeTempDir({ prefix: "httpkit_conformance_" });
    const tree = new FixtureTree(fixture, base);
    try {
      // A server or a script without privileges must be able to pass through.
      if (!ON_WINDOWS) await Deno.chmod(base, 0o755);
      await tree.edit(fixture.entries);
      // Resolved, because on some systems the temporary folder itself lies behind a link.
      tree.#root = await Deno.realPath(join(base, fixture.root));
    } catch (error) {
      await tree.remove();
      throw error;
    }
    return tree;
  }

  /** The served folder: absolute, without links. */
  get root(): string {
    return this.#root;
  }

  /** Replaces or adds entries; `null` deletes. */
  async edit(entries: ReadonlyMap<string, TreeEntry | null>): Promise<void> {
    const wanted = [...entries].filter(([path]) => !ON_WINDOWS || !WINDOWS_FORBIDDEN_REGEXP.test(path));
    for (const [path, entry] of wanted) await this.#replace(path, entry);
    // Last, since nothing can be put into a folder that is shut.
    for (const [path, entry] of wanted) {
      if (entry?.kind === "folder" && !ON_WINDOWS) await Deno.chmod(join(this.#base, path), entry.mode);
    }
  }

  async #replace(path: string, entry: TreeEntry | null): Promise<void> {
    const target = join(this.#base, path);
    await removeIfThere(target);
    if (entry === null) return;
    await this.#makeFolder(entry.kind === "folder" ? target : dirname(target));
    if (entry.kind === "link") {
      // On Windows links need a right that most users lack; cases with links are skipped there.
      if (!ON_WINDOWS) await Deno.symlink(entry.target, target);
    } else if (entry.kind === "file") {
      await Deno.writeFile(target, entry.bytes);
      const mtime = entry.mtime ?? this.#fixture.defaultMtime;
      await Deno.utime(target, mtime, mtime);
      if (!ON_WINDOWS) await Deno.chmod(target, entry.mode);
    }
  }

  async #makeFolder(folder: string): Promise<void> {
    if (folder === this.#base) return;
    await this.#makeFolder(dirname(folder));
    try {
      await Deno.mkdir(folder);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return;
      throw error;
    }
    // Explicitly, since mkdir takes the umask of the process off.
    if (!ON_WINDOWS) await Deno.chmod(folder, 0o755);
  }

  /** Removes the tree from disk. */
  async remove(): Promise<void> {
    for (const [path, entry] of this.#fixture.entries) {
      // A shut folder cannot even be looked into, and so not be removed, by anyone but root.
      if (entry.kind === "folder" && !ON_WINDOWS) await openIfThere(join(this.#base, path));
    }
    await Deno.remove(this.#base, { recursive: true });
  }

  /** Removes the tree at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.remove();
  }
}

async function removeIfThere(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function openIfThere(path: string): Promise<void> {
  try {
    await Deno.chmod(path, 0o755);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
