/**
 * What the file server keeps of files and folders in memory: the first of its fast paths (`_prepared.ts` and `_known_answers.ts` are the others).
 *
 * Looking at a file costs a few microseconds, opening and reading it a hundred. So every request looks anew, component by
 * component and under the rule for links ({@linkcode lookup}), and only what follows from an unchanged file is remembered:
 * its validators, its bytes, its coded forms; of an unchanged folder its listing, and which names are not in it. One process
 * has one such memory, whatever handlers it has: it knows nothing of options, and nothing here decides what may be served.
 */

import { formatLastModified, type Validators, validatorsOf } from "./_conditional.ts";
import type { ContentCoding } from "./_encoding.ts";
import type { Found } from "./_lookup.ts";
import { isSettled, VersionCache } from "./_version_cache.ts";

/** Validators, with the text that says the date. */
export interface ValidatorFields extends Validators {
  /** The value of `Last-Modified`. */
  readonly lastModifiedText: string | null;
}

/** Larger files are streamed each time. In bytes. */
const MAX_KEPT_FILE = 1024 * 1024;

/** With the answers of `_known_answers.ts` 32 MiB in all: a third of what one process of the file server needs anyway. */
const LIMITS = { bytes: 24 * 1024 * 1024, entries: 4096 };

/** What an entry weighs besides the bytes of its bodies: stamps, header fields, prepared responses. */
const ENTRY_WEIGHT = 2048;

/** A body is held twice: as bytes, and in the response that is prepared from it. */
const COPIES = 2;

/** More names than this are not remembered as missing in one folder. */
const MAX_ABSENT = 1024;

/** What is known of one version of a file. */
export class KeptFile {
  readonly #key: string;
  readonly #found: Found;
  readonly #validators: Map<ContentCoding | null, ValidatorFields> = new Map();
  readonly #coded: Map<ContentCoding, Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>>> = new Map();
  #bytes: Uint8Array<ArrayBuffer> | null = null;

  /** @ignore Made by {@linkcode keptFile}. */
  constructor(key: string, found: Found) {
    this.#key = key;
    this.#found = found;
  }

  /** Whether the file is small enough for its bytes to be kept. */
  get isSmall(): boolean {
    return this.#found.info.size <= MAX_KEPT_FILE;
  }

  /** The validators of the file in a coding. */
  validators(coding: ContentCoding | null): ValidatorFields {
    let fields = this.#validators.get(coding);
    if (fields === undefined) this.#validators.set(coding, fields = validatorFields(this.#found, coding));
    return fields;
  }

  /** The content, if it was read before. Nobody may change it. */
  get bytes(): Uint8Array<ArrayBuffer> | null {
    return this.#bytes;
  }

  /** Keeps the content, and tells whether it can be that: it has to be small, and complete. */
  keep(bytes: Uint8Array<ArrayBuffer>): boolean {
    if (this.#bytes === bytes) return true;
    if (!this.isSmall || bytes.length !== this.#found.info.size) return false;
    if (this.#bytes === null) memory.grow(this.#key, this, bytes.length * COPIES);
    this.#bytes = bytes;
    return true;
  }

  /** The content in a coding, if that was made before, or is being made. Nobody may change it. */
  coded(coding: ContentCoding): Uint8Array<ArrayBuffer> | Promise<Uint8Array<ArrayBuffer>> | undefined {
    return this.#coded.get(coding);
  }

  /** Keeps the content in a coding, which is made once for all that ask meanwhile. */
  keepCoded(coding: ContentCoding, making: Promise<Uint8Array<ArrayBuffer>>): Promise<Uint8Array<ArrayBuffer>> {
    const made = making.then((bytes) => {
      this.#coded.set(coding, bytes);
      memory.grow(this.#key, this, bytes.length * COPIES);
      return bytes;
    }, (error) => {
      this.#coded.delete(coding);
      throw error;
    });
    this.#coded.set(coding, made);
    return made;
  }
}

/** What is known of one version of a folder. */
export class KeptFolder {
  readonly #key: string;
  readonly #listings: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  readonly #absent: Set<string> = new Set();

  /** @ignore Made by {@linkcode keptFolder}. */
  constructor(key: string) {
    this.#key = key;
  }

  /** Whether a name is known not to be in the folder. */
  isAbsent(name: string): boolean {
    return this.#absent.has(name);
  }

  /** Notes that a name is not in the folder. */
  noteAbsent(name: string): void {
    if (this.#absent.size >= MAX_ABSENT) return;
    this.#absent.add(name);
    memory.grow(this.#key, this, name.length * COPIES);
  }

  /** The page that lists the folder, if it was made before; `view` says how it is shown. Nobody may change it. */
  listing(view: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#listings.get(view);
  }

  /** Keeps a page. */
  keepListing(view: string, page: Uint8Array<ArrayBuffer>): void {
    this.#listings.set(view, page);
    memory.grow(this.#key, this, page.length * COPIES);
  }
}

const memory = new VersionCache<KeptFile | KeptFolder>(LIMITS);

/** What is kept of a file, or `null` when nothing may be: it may still change and look the same. */
export function keptFile(found: Found): KeptFile | null {
  const kept = memory.get(found.realPath, found.info);
  if (kept instanceof KeptFile) return kept;
  const now = Date.now();
  // A time in the future is sent as the present one (RFC 9110 §8.8.2.1), which is another one each time.
  if (!isSettled(found.info, now) || (found.info.mtime?.getTime() ?? 0) > now) return null;
  const file = new KeptFile(found.realPath, found);
  memory.set(found.realPath, found.info, file, ENTRY_WEIGHT);
  return file;
}

/** What is kept of a folder, or `null` when nothing may be. */
export function keptFolder(realPath: string, info: Deno.FileInfo): KeptFolder | null {
  const kept = memory.get(realPath, info);
  if (kept instanceof KeptFolder) return kept;
  if (!isSettled(info, Date.now())) return null;
  const folder = new KeptFolder(realPath);
  memory.set(realPath, info, folder, ENTRY_WEIGHT);
  return folder;
}

/** The validators of a file of which nothing is kept. */
export function validatorFields(found: Found, coding: ContentCoding | null): ValidatorFields {
  const { etag, lastModified } = validatorsOf(found.info, coding);
  return { etag, lastModified, lastModifiedText: lastModified === null ? null : formatLastModified(lastModified) };
}

/** How much is kept now, and how much may be. */
export function keptMemory(): { readonly bytes: number; readonly entries: number; readonly limits: typeof LIMITS } {
  return { bytes: memory.bytes, entries: memory.size, limits: LIMITS };
}
