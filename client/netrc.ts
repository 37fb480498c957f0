/**
 * Credentials from a netrc file, as Python's `netrc` module and `requests.utils.get_netrc_auth` find them.
 *
 * @module
 */

import { readFirst, readVariable } from "./_environment.ts";
import { mayReadFile } from "./_granted.ts";

/** What a netrc file says about one host. */
export interface NetrcEntry {
  /** The host in small letters; `null` for the `default` entry, which serves every host without one of its own. */
  readonly machine: string | null;
  /** The user name, empty when the entry has none. */
  readonly login: string;
  /** The account, empty when the entry has none. HTTP has no use for it but as a user name when `login` is empty. */
  readonly account: string;
  /** The password, empty when the entry has none. */
  readonly password: string;
}

/** A netrc file that breaks the syntax. Its message names file and line, never a token: that could be a password. */
export class NetrcParseError extends Error {
  /** The class name. */
  override readonly name = "NetrcParseError";
  /** The path of the file, or `null` when a text was parsed that came from no file. */
  readonly filename: string | null;
  /** The number of the line at fault; the first is 1. */
  readonly lineno: number;

  /** Says what is wrong (`reason`) in which line of which file. */
  constructor(reason: string, lineno: number, filename: string | null = null) {
    super(`${reason} (${filename ?? "netrc"}, line ${lineno})`);
    this.filename = filename;
    this.lineno = lineno;
  }
}

/** Options of {@linkcode getNetrcAuth}. */
export interface NetrcAuthOptions {
  /** Throw when the file cannot be read or parsed, instead of going on without it. Default: false. */
  raiseErrors?: boolean | undefined;
  /**
   * The variables `NETRC`, `HOME` and `USERPROFILE`. Default: those of the process, as far as the program has been granted
   * permission to read them.
   */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

/** Walks over the tokens of a netrc text. */
class Scanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The number of the line where the scanner stands. */
  get lineno(): number {
    return this.#text.slice(0, this.#at).split("\n").length;
  }

  skipLine(): void {
    const end = this.#text.indexOf("\n", this.#at);
    this.#at = end < 0 ? this.#text.length : end + 1;
  }

  /** Skips a macro: everything up to an empty line or the end. */
  skipMacro(): void {
    this.skipLine();
    while (this.#at < this.#text.length) {
      const start = this.#at;
      this.skipLine();
      if (this.#text.slice(start, this.#at).trim() === "") return;
    }
  }

  /** The next token where a keyword belongs; there `#` starts a comment. Empty at the end. */
  keyword(): string {
    this.#skipSpace();
    while (this.#text[this.#at] === "#") {
      this.skipLine();
      this.#skipSpace();
    }
    return this.value();
  }

  /** The next token, which may be quoted and may hold escapes. Empty at the end. */
  value(): string {
    this.#skipSpace();
    const quoted = this.#text[this.#at] === '"';
    if (quoted) this.#at++;
    let token = "";
    for (; this.#at < this.#text.length; this.#at++) {
      const char = this.#text[this.#at]!;
      if (quoted ? char === '"' : isSpace(char)) {
        if (quoted) this.#at++;
        break;
      }
      token += char === "\\" ? this.#text[++this.#at] ?? "" : char;
    }
    return token;
  }

  #skipSpace(): void {
    while (this.#at < this.#text.length && isSpace(this.#text[this.#at]!)) this.#at++;
  }
}

const isSpace = (char: string): boolean => char === " " || char === "\t" || char === "\r" || char === "\n";

/**
 * Parses the text of a netrc file into its entries, in their order. Macros (`macdef`) are skipped.
 *
 * Port of Python's `netrc.netrc`. Values may be in double quotes, a backslash takes the next character as it is, and `#`
 * where a keyword belongs starts a comment.
 *
 * @param text The content of the file.
 * @param filename Its path, for error messages.
 * @throws {NetrcParseError} Where a keyword belongs stands something else, or `machine` has no name.
 *
 * @example
 * ```ts
 * import { parseNetrc } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const [entry] = parseNetrc('machine api.example login ann password "p w"');
 * assert.deepEqual(entry, { machine: "api.example", login: "ann", account: "", password: "p w" });
 * ```
 */
export function parseNetrc(text: string, filename: string | null = null): NetrcEntry[] {
  const scanner = new Scanner(text.replace(/^\uFEFF/, ""));
  const entries: NetrcEntry[] = [];
  let keyword = scanner.keyword();
  while (keyword !== "") {
    if (keyword === "macdef") {
      scanner.value();
      scanner.skipMacro();
      keyword = scanner.keyword();
      continue;
    }
    if (keyword !== "machine" && keyword !== "default") {
      throw new NetrcParseError('expected "machine", "default" or "macdef"', scanner.lineno, filename);
    }
    const machine = keyword === "default" ? null : scanner.value().toLowerCase();
    if (machine === "") throw new NetrcParseError('"machine" without a name', scanner.lineno, filename);
    const fields = { login: "", account: "", password: "" };
    for (keyword = scanner.keyword(); keyword !== "" && !isTopLevel(keyword); keyword = scanner.keyword()) {
      if (keyword === "login" || keyword === "user") fields.login = scanner.value();
      else if (keyword === "account") fields.account = scanner.value();
      else if (keyword === "password") fields.password = scanner.value();
      else throw new NetrcParseError('expected "login", "account" or "password"', scanner.lineno, filename);
    }
    entries.push({ machine, ...fields });
  }
  return entries;
}

const isTopLevel = (keyword: string): boolean => keyword === "machine" || keyword === "default" || keyword === "macdef";

/**
 * Finds the user name and the password for a URL in the user's netrc file.
 *
 * The file is the one that the variable `NETRC` names, or else the first that exists of `~/.netrc` and `~/_netrc`. It is
 * read only where permission has been granted already (`--allow-env=NETRC,HOME --allow-read`): nothing prompts, and without
 * permission there is no file. Port of `requests.utils.get_netrc_auth`; as there, the last entry for a host counts, the
 * `default` entry serves the other hosts, an entry without login, account and password is none at all, and the account
 * stands in for a missing login.
 *
 * @param url The URL to be requested. Only its host is looked at, never what stands in its userinfo.
 * @returns User name and password, or `null` when the file has nothing for the host.
 * @throws {NetrcParseError} The file breaks the syntax, with `raiseErrors` only.
 * @throws {Error} The file exists and cannot be read, with `raiseErrors` only.
 *
 * @example
 * ```ts
 * import { getNetrcAuth } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const path = await Deno.makeTempFile();
 * await Deno.writeTextFile(path, "machine api.example login ann password secret");
 * assert.deepEqual(getNetrcAuth("https://api.example/v1", { env: { NETRC: path } }), ["ann", "secret"]);
 * assert.equal(getNetrcAuth("https://elsewhere.example/", { env: { NETRC: path } }), null);
 * await Deno.remove(path);
 * ```
 */
export function getNetrcAuth(
  url: string | URL,
  options: NetrcAuthOptions = {},
): readonly [login: string, password: string] | null {
  try {
    const { env } = options;
    const entries = env === undefined
      ? readNetrc(readVariable("NETRC"), readFirst(HOMES))
      : readNetrc(env["NETRC"], HOMES.map((name) => env[name]).find(Boolean));
    if (entries.length === 0) return null;
    const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, "").toLowerCase() ?? "";
    if (host === "") return null;
    const entry = entries.findLast(({ machine }) => machine === host) ??
      entries.findLast(({ machine }) => machine === null);
    const login = entry?.login || entry?.account || "";
    return entry === undefined || (login === "" && entry.password === "") ? null : [login, entry.password];
  } catch (error) {
    // A broken netrc file must not break requests that never asked for it: it belongs to other programs as well.
    if (options.raiseErrors) throw error;
    return null;
  }
}

/** The variables that name the user's home folder; the first that is set to something counts. */
const HOMES: readonly string[] = ["HOME", "USERPROFILE"];

/**
 * The entries of the netrc file; none if there is no such file.
 *
 * @param named the file that the environment names.
 * @param home the user's home folder.
 */
function readNetrc(named: string | undefined, home: string | undefined): NetrcEntry[] {
  if (knownEmpty !== null && knownEmpty.home === home && knownEmpty.named === named && isUnchanged(knownEmpty)) {
    return [];
  }
  const paths = netrcLocations(named, home);
  // Looked at before the files: one that appears in between must make a difference.
  const folder = paths[0]?.replace(/[^/\\]*$/, "") ?? "";
  const time = paths.every(mayReadFile) ? changeTime(folder) : null;
  for (const path of paths) {
    const text = readGrantedFile(path);
    if (text !== null) return parseNetrc(text, path);
  }
  const settled = time !== null && Date.now() - time > CLOCK_TICK;
  knownEmpty = settled && !paths.some(isLink) ? { home, named, folder, time, looked: Date.now() } : null;
  return [];
}

/**
 * Fast path: a folder that was found to have no netrc file. Most people have none, and finding that out by an error costs a
 * tenth of a request. A file cannot appear without its folder changing.
 */
let knownEmpty: {
  readonly home: string | undefined;
  readonly named: string | undefined;
  readonly folder: string;
  readonly time: number;
  /** The millisecond in which the folder was looked at. */
  looked: number;
} | null = null;

/** A folder that changed less than this ago, in milliseconds, may change again without its time changing. */
const CLOCK_TICK = 2000;

/** Looks once in a millisecond, which is a handful of requests: to look takes as long as all the rest of the environment. */
function isUnchanged(empty: { readonly folder: string; readonly time: number; looked: number }): boolean {
  const now = Date.now();
  if (empty.looked === now) return true;
  empty.looked = now;
  return changeTime(empty.folder) === empty.time;
}

/** When something was last added to a folder or taken out of it; `null` if that cannot be told. */
function changeTime(folder: string): number | null {
  if (folder === "" || !mayReadFile(folder)) return null;
  try {
    return Deno.statSync(folder).mtime?.getTime() ?? null;
  } catch {
    // Reading the files will tell what is wrong.
    return null;
  }
}

/** Whether there is a link: one that leads nowhere now may do so later, without a change here. */
function isLink(path: string): boolean {
  try {
    return Deno.lstatSync(path).isSymlink;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function netrcLocations(named: string | undefined, home: string | undefined): string[] {
  const names = named === undefined ? ["~/.netrc", "~/_netrc"] : [named];
  const located = names.map((path) => /^~[/\\]/.test(path) ? home && home + path.slice(1) : path);
  return located.filter((path): path is string => Boolean(path));
}

/** The text of a file, or `null` if there is none or no permission to read it. */
function readGrantedFile(path: string): string | null {
  if (!mayReadFile(path)) return null;
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}
