/** The command line of the file server: what its arguments mean, and what is wrong with them. No I/O. */

import { parseArgs } from "@std/cli/parse-args";
import { isSendable, isToken } from "../http1/fields.ts";

/** What a command line asks for. */
export interface CliOptions {
  readonly port: number;
  /** `null` for all addresses. */
  readonly bind: string | null;
  readonly directory: string | null;
  readonly protocol: string;
  readonly contentType: string | null;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly allowedHosts: readonly string[];
  readonly quiet: boolean;
  readonly cors: boolean;
  readonly spa: boolean;
  readonly dotfiles: boolean;
  readonly followSymlinks: boolean;
  readonly compress: boolean;
  /** Whether small files are kept in memory. */
  readonly cache: boolean;
  readonly cgi: boolean;
  /** Seconds that a script may run. */
  readonly cgiTimeout: number;
  /** `null` without HTTPS. */
  readonly tls: TlsOptions | null;
  /** How many threads serve. */
  readonly workers: number;
  /** Seconds that running responses have to finish after Ctrl-C. */
  readonly grace: number;
}

/** Where the certificate for HTTPS comes from. */
export interface TlsOptions {
  /** `null` for one that is made on the spot. */
  readonly certFile: string | null;
  readonly keyFile: string | null;
  readonly passwordFile: string | null;
}

/** A command line that cannot be understood; the message says which argument and why. */
export class UsageError extends Error {
  /** @param message what is wrong, in one line. */
  constructor(message: string) {
    super(message);
    this.name = "UsageError";
  }
}

/** The result of {@linkcode parseCommandLine}: options to serve with, or a text that was asked for. */
export type CommandLine =
  | { readonly kind: "serve"; readonly options: CliOptions }
  | { readonly kind: "help" }
  | { readonly kind: "version" };

const VALUE_FLAGS = [
  "bind",
  "directory",
  "protocol",
  "content-type",
  "header",
  "allow-host",
  "cgi-timeout",
  "tls-cert",
  "tls-key",
  "tls-password-file",
  "workers",
  "grace",
];
const SWITCHES = [
  "help",
  "version",
  "quiet",
  "cors",
  "spa",
  "dotfiles",
  "follow-symlinks",
  "no-compress",
  "no-cache",
  "cgi",
  "tls",
];
const SHORT: Readonly<Record<string, string>> = {
  b: "bind",
  d: "directory",
  p: "protocol",
  H: "header",
  h: "help",
  q: "quiet",
};
const FLAGS = [...VALUE_FLAGS, ...SWITCHES];

/** The longest time that can be asked for, in seconds. */
const MAX_SECONDS = 2_000_000;

/** The usage line. */
export const USAGE: string =
  `usage: httpkit [-h] [--version] [-b ADDRESS] [-d DIRECTORY] [-p VERSION] [--content-type TYPE]
               [-H NAME VALUE] [--cors] [--spa] [--dotfiles] [--follow-symlinks] [--no-compress] [--no-cache]
               [--allow-host NAME] [--cgi] [--cgi-timeout SECONDS] [--tls] [--tls-cert PATH] [--tls-key PATH]
               [--tls-password-file PATH] [--workers N] [--grace SECONDS] [-q] [port]
`;

/** The whole help text. */
export const HELP: string = `${USAGE}
Serve the files of a directory over HTTP.

positional arguments:
  port                       listen on this port, 0 for a free one (default: 8000)

options:
  -h, --help                 show this help and exit
  --version                  show the version and exit
  -b, --bind ADDRESS         listen on this address (default: all addresses, IPv4 and IPv6)
  -d, --directory DIRECTORY  serve this directory (default: the current one)
  -p, --protocol VERSION     conform to this HTTP version; HTTP/1.0 closes each connection (default: HTTP/1.1)
  --content-type TYPE        media type of files with an unknown extension (default: application/octet-stream)
  -H, --header NAME VALUE    send this header field with each file and listing; may be repeated; also -H "NAME: VALUE"
  --cors                     let pages of every origin read the responses
  --spa                      answer missing paths without an extension with the index page
  --dotfiles                 serve and list names that start with a dot
  --follow-symlinks          follow symbolic links that lead out of the directory
  --no-compress              send files as they are, never compressed
  --no-cache                 keep no files in memory, read each one anew
  --allow-host NAME          answer to this public host name, too; .NAME for all names below; may be repeated
  --cgi                      run the scripts in /cgi-bin and /htbin
  --cgi-timeout SECONDS      kill a script that runs longer (default: 60)
  --tls                      speak HTTPS, with a certificate made on the spot unless --tls-cert names one
  --tls-cert PATH            the certificate chain, PEM; it may hold the key, too
  --tls-key PATH             its private key, PEM
  --tls-password-file PATH   the password of an encrypted key
  --workers N                serve with N threads (default: 1)
  --grace SECONDS            after Ctrl-C, wait so long for running responses (default: 5)
  -q, --quiet                log no requests
`;

/**
 * Reads the arguments of the command line.
 *
 * @throws {UsageError} when they cannot be understood.
 */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const headers: [string, string][] = [];
  const parsed = parseArgs(normalize(args, headers), {
    string: [...VALUE_FLAGS, "_"],
    boolean: SWITCHES,
    collect: ["allow-host"],
  }) as Record<string, unknown>;
  if (parsed["help"]) return { kind: "help" };
  if (parsed["version"]) return { kind: "version" };

  const positional = parsed["_"] as string[];
  if (positional.length > 1) throw new UsageError(`unrecognized arguments: ${positional.slice(1).join(" ")}`);
  return {
    kind: "serve",
    options: {
      port: parsePort(positional[0] ?? "8000"),
      bind: optional(parsed["bind"]),
      directory: optional(parsed["directory"]),
      protocol: optional(parsed["protocol"]) ?? "HTTP/1.1",
      contentType: optional(parsed["content-type"]),
      headers,
      allowedHosts: (parsed["allow-host"] ?? []) as string[],
      quiet: parsed["quiet"] === true,
      cors: parsed["cors"] === true,
      spa: parsed["spa"] === true,
      dotfiles: parsed["dotfiles"] === true,
      followSymlinks: parsed["follow-symlinks"] === true,
      compress: parsed["no-compress"] !== true,
      cache: parsed["no-cache"] !== true,
      cgi: parsed["cgi"] === true,
      cgiTimeout: parseSeconds("cgi-timeout", parsed["cgi-timeout"], 60),
      tls: readTls(parsed),
      workers: parseWorkers(parsed["workers"]),
      grace: parseSeconds("grace", parsed["grace"], 5),
    },
  };
}

/**
 * Brings what Python's argparse takes into the form that parseArgs knows: abbreviated long flags, values glued to short
 * ones, and `-H NAME VALUE`, which parseArgs has no way to say. Header fields are put into `headers`.
 */
function normalize(args: readonly string[], headers: [string, string][]): string[] {
  const normal: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i]!;
    if (arg === "--") return [...normal, ...args.slice(i)];
    const flag = readFlag(arg);
    if (flag === null) {
      normal.push(arg);
      continue;
    }
    if (SWITCHES.includes(flag.name)) {
      if (flag.value !== null) {
        throw new UsageError(`argument --${flag.name}: ignored explicit argument "${flag.value}"`);
      }
      normal.push(`--${flag.name}`);
      continue;
    }
    const value = flag.value ?? args[++i];
    if (value === undefined || (flag.value === null && readsAsFlag(value))) {
      throw new UsageError(`argument --${flag.name}: expected one argument`);
    }
    if (flag.name !== "header") normal.push(`--${flag.name}=${value}`);
    else if (value.includes(":")) headers.push(splitHeader(value));
    else {
      const second = args[++i];
      if (second === undefined) throw new UsageError(`argument --header: expected a name and a value after "${value}"`);
      headers.push(checkHeader(value, second));
    }
  }
  return normal;
}

function readsAsFlag(arg: string): boolean {
  return arg.startsWith("-") && arg !== "-";
}

function readFlag(arg: string): { name: string; value: string | null } | null {
  if (!readsAsFlag(arg)) return null;
  if (!arg.startsWith("--")) {
    const name = SHORT[arg[1]!];
    if (name === undefined) throw new UsageError(`unrecognized arguments: ${arg}`);
    const rest = arg.slice(2);
    if (rest === "") return { name, value: null };
    // Switches may be run together (-qh); a value may follow its flag at once (-b127.0.0.1).
    if (SWITCHES.includes(name)) throw new UsageError(`unrecognized arguments: ${arg}`);
    return { name, value: rest.startsWith("=") ? rest.slice(1) : rest };
  }
  const equals = arg.indexOf("=");
  const given = arg.slice(2, equals < 0 ? undefined : equals);
  return { name: completeFlag(given), value: equals < 0 ? null : arg.slice(equals + 1) };
}

/** argparse takes every abbreviation that only one flag begins with. */
function completeFlag(given: string): string {
  if (FLAGS.includes(given)) return given;
  const matches = FLAGS.filter((flag) => flag.startsWith(given));
  if (matches.length === 1) return matches[0]!;
  if (matches.length > 1) {
    throw new UsageError(`ambiguous option: --${given} could match ${matches.map((flag) => `--${flag}`).join(", ")}`);
  }
  const nearest = nearestFlag(given);
  throw new UsageError(`unrecognized arguments: --${given}${nearest === null ? "" : `; did you mean --${nearest}?`}`);
}

function nearestFlag(given: string): string | null {
  let nearest: string | null = null;
  // Further away than a third of the word is another word, not a slip of the finger.
  let limit = Math.max(2, Math.floor(given.length / 3)) + 1;
  for (const flag of FLAGS) {
    const distance = editDistance(given, flag);
    if (distance < limit) {
      nearest = flag;
      limit = distance;
    }
  }
  return nearest;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}

function parsePort(text: string): number {
  if (!/^\d+$/.test(text)) throw new UsageError(`argument port: invalid int value: '${text}'`);
  const port = Number(text);
  if (port > 65535) throw new UsageError(`argument port: ${text} is no port, expected 0 to 65535`);
  return port;
}

function parseSeconds(flag: string, value: unknown, whenMissing: number): number {
  const text = optional(value);
  if (text === null) return whenMissing;
  const seconds = Number(text);
  // A timer of Deno holds no more milliseconds than a signed integer of 32 bits, and fires at once beyond.
  if (text.trim() !== "" && seconds >= 0 && seconds <= MAX_SECONDS) return seconds;
  throw new UsageError(`argument --${flag}: "${text}" is no number of seconds from 0 to ${MAX_SECONDS}`);
}

function parseWorkers(value: unknown): number {
  const text = optional(value) ?? "1";
  if (/^\d+$/.test(text) && Number(text) >= 1) return Number(text);
  throw new UsageError(`argument --workers: "${text}" is no number of threads, expected 1 or more`);
}

function readTls(parsed: Record<string, unknown>): TlsOptions | null {
  const certFile = optional(parsed["tls-cert"]);
  const keyFile = optional(parsed["tls-key"]);
  const passwordFile = optional(parsed["tls-password-file"]);
  if (certFile === null && keyFile !== null) throw new UsageError("--tls-key requires --tls-cert to be set");
  if (certFile === null && passwordFile !== null) {
    throw new UsageError("--tls-password-file requires --tls-cert to be set");
  }
  return certFile === null && parsed["tls"] !== true ? null : { certFile, keyFile, passwordFile };
}

function splitHeader(text: string): [string, string] {
  const colon = text.indexOf(":");
  return checkHeader(text.slice(0, colon).trim(), text.slice(colon + 1).trim());
}

/** Checked once at the start: a broken field would else fail every request. */
function checkHeader(name: string, value: string): [string, string] {
  if (!isToken(name)) {
    throw new UsageError(`argument --header: "${name}" is no header name`);
  }
  if (!isSendable(value)) {
    throw new UsageError(`argument --header: the value of "${name}" must be one line of ISO-8859-1`);
  }
  return [name, value];
}

function optional(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
