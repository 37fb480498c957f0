/**
 * Answers that were given before: the file server's fast path for the same question asked again.
 *
 * A handler object is made for each request as ever. When it is the library's own in all that a GET or HEAD would call, and
 * has the settings, the target and the header fields of a request that was answered from memory before, then only what can
 * have changed since is done again: all files and folders that the answer was made from are looked at, and the line is
 * logged. Any doubt leads to the handler's own way through its methods, which comes to the same answer.
 */

import { extname } from "@std/path/posix/extname";
import { BoundedCache } from "./_bounded_cache.ts";
import { writeLog } from "./_log.ts";
import { escapeLog, logLine } from "./_log_line.ts";
import { Looks } from "./_looks.ts";
import { BaseHTTPRequestHandler, isUntouched, respondDirectly } from "./base_handler.ts";
import { noteLooks, SimpleHTTPRequestHandler } from "./simple_handler.ts";

/** The header fields of a request that a file's answer may depend on; `null` for one that is not there. */
interface Question {
  readonly method: string;
  readonly host: string | null;
  readonly range: string | null;
  readonly ifRange: string | null;
  readonly ifMatch: string | null;
  readonly ifNoneMatch: string | null;
  readonly ifModifiedSince: string | null;
  readonly ifUnmodifiedSince: string | null;
  readonly acceptEncoding: string | null;
}

/** An answer, and all that has to be the same for it to be given again. */
interface Answer {
  readonly settings: Settings;
  readonly question: Question;
  readonly looks: Looks;
  /** The extension that the media type was found by, and what {@linkcode SimpleHTTPRequestHandler.extensionsMap} said. */
  readonly extension: string;
  readonly mappedType: string | undefined;
  readonly response: Response;
  /** Whether the response has no body, so that the object itself can be sent any number of times. */
  readonly isBare: boolean;
  /** What the log says of it. */
  readonly message: string;
  readonly weight: number;
}

/** All answers known for one URL. */
type Answers = Answer[];

/** What is held beside the bytes that are kept of files. Small: a body that is asked for this often is small, too. */
const LIMITS = { bytes: 8 * 1024 * 1024, entries: 2048 };

/** What an answer weighs besides its body: the response with its fields, stamps, texts. */
const ANSWER_WEIGHT = 4096;

/** Different questions about one URL that are remembered: codings, ranges, tags. Beyond that the oldest is forgotten. */
const MAX_ANSWERS_PER_URL = 16;

/** Longer URLs and fields are nothing that is asked twice. In characters, all together. */
const MAX_QUESTION = 2048;

const memory = new BoundedCache<Answers>(LIMITS);

const BARE_STATUS = 304;
const KNOWN_STATUSES: readonly number[] = [200, 206, BARE_STATUS];

/**
 * Has a handler answer to `Deno.serve` itself: with the answer that was given before, or as it does.
 *
 * @param handler a handler that nobody else will ask for a response.
 */
export function answerDirectly(handler: BaseHTTPRequestHandler): Response | Promise<Response> {
  if (!isUntouched(handler) || !isLibrarysOwn(handler)) return respondDirectly(handler);
  const { request } = handler;
  const { url } = request;
  const question = questionOf(request);
  if (question === null || sizeOf(question, url) > MAX_QUESTION) return respondDirectly(handler);
  const settings = settingsOf(handler);

  const known = recall(url, settings, question, handler);
  if (known !== undefined) {
    writeLog(logLine(handler.addressString(), handler.logDateTimeString(), known.message));
    return known.isBare ? known.response : known.response.clone();
  }

  const looks = new Looks();
  const now = Date.now();
  noteLooks(handler, looks);
  const response = respondDirectly(handler);
  if (response instanceof Response && looks.isWhole(now) && KNOWN_STATUSES.includes(response.status)) {
    keep(url, settings, question, handler, looks, response);
  }
  return response;
}

/** What a request asks, or `null` when it is more than a file can answer. */
function questionOf({ method, headers }: Request): Question | null {
  // Asking with has() first has Deno read all fields at once; each get() before would be a call of its own.
  if ((method !== "GET" && method !== "HEAD") || headers.has("expect")) return null;
  const range = headers.get("range");
  const ifMatch = headers.get("if-match");
  const ifNoneMatch = headers.get("if-none-match");
  return {
    method,
    // Part of the URL, yet whether it is a valid one cannot be told from there.
    host: headers.get("Host"),
    range,
    // A field that counts only with another, or only without it, is not read where it does not.
    ifRange: range === null ? null : headers.get("if-range"),
    ifMatch,
    ifUnmodifiedSince: ifMatch === null ? headers.get("if-unmodified-since") : null,
    ifNoneMatch,
    ifModifiedSince: ifNoneMatch === null ? headers.get("if-modified-since") : null,
    acceptEncoding: headers.get("accept-encoding"),
  };
}

function isSameQuestion(a: Question, b: Question): boolean {
  return a.method === b.method && a.host === b.host && a.range === b.range && a.ifRange === b.ifRange &&
    a.ifMatch === b.ifMatch && a.ifNoneMatch === b.ifNoneMatch && a.ifModifiedSince === b.ifModifiedSince &&
    a.ifUnmodifiedSince === b.ifUnmodifiedSince && a.acceptEncoding === b.acceptEncoding;
}

function sizeOf(question: Question, url: string): number {
  return url.length + lengthOf(question.host) + lengthOf(question.range) + lengthOf(question.ifRange) +
    lengthOf(question.ifMatch) + lengthOf(question.ifNoneMatch) + lengthOf(question.ifModifiedSince) +
    lengthOf(question.ifUnmodifiedSince) + lengthOf(question.acceptEncoding);
}

function lengthOf(text: string | null): number {
  return text === null ? 0 : text.length;
}

function recall(
  url: string,
  settings: Settings,
  question: Question,
  handler: SimpleHTTPRequestHandler,
): Answer | undefined {
  const answers = memory.get(url);
  if (answers === undefined) return undefined;
  for (const answer of answers) {
    if (answer.settings !== settings || !isSameQuestion(answer.question, question)) continue;
    if (mappedType(handler, answer.extension) === answer.mappedType && isUnchanged(answer.looks, handler)) {
      return answer;
    }
    forget(url, answers, answer);
    return undefined;
  }
  return undefined;
}

function isUnchanged(looks: Looks, { directory, followSymlinks }: SimpleHTTPRequestHandler): boolean {
  try {
    return looks.stillHold(directory, followSymlinks);
  } catch {
    // The handler's own look meets the same error, and reports it.
    return false;
  }
}

function keep(
  url: string,
  settings: Settings,
  question: Question,
  handler: SimpleHTTPRequestHandler,
  looks: Looks,
  response: Response,
): void {
  const { status } = response;
  const isBare = status === BARE_STATUS || question.method === "HEAD";
  const extension = extname(looks.path) as string;
  const weight = ANSWER_WEIGHT + looks.bodyLength + sizeOf(question, url) * 2;
  const answer: Answer = {
    settings,
    question,
    looks,
    extension,
    mappedType: mappedType(handler, extension),
    response: isBare ? response : response.clone(),
    isBare,
    message: escapeLog(`"${handler.requestline}" ${status} -`),
    weight,
  };
  const answers = memory.peek(url);
  if (answers === undefined) {
    memory.set(url, [answer], weight);
    return;
  }
  if (answers.length >= MAX_ANSWERS_PER_URL) forget(url, answers, answers[0]!);
  answers.push(answer);
  memory.grow(url, answers, weight);
}

function forget(url: string, answers: Answers, answer: Answer): void {
  answers.splice(answers.indexOf(answer), 1);
  memory.grow(url, answers, -answer.weight);
}

/** All fields of a handler that its answers depend on; lists are copied, since whoever made them may change them. */
interface Settings {
  readonly directory: string;
  readonly serverVersion: string;
  readonly sysVersion: string;
  readonly cacheControl: string | null;
  readonly defaultContentType: string;
  readonly dotfiles: boolean;
  readonly followSymlinks: boolean;
  readonly compress: boolean;
  readonly spa: boolean;
  readonly cors: boolean;
  readonly allowedHosts: readonly string[] | null;
  readonly indexPages: readonly string[];
  /** Names and values in turn. */
  readonly extraFields: readonly string[];
}

/** The settings seen last, the last one first: a program has a few. */
const seenSettings: Settings[] = [];
const MAX_SETTINGS = 16;

/** The settings of a handler: the same object for the same ones. */
function settingsOf(handler: SimpleHTTPRequestHandler): Settings {
  for (const settings of seenSettings) if (areSettingsOf(settings, handler)) return settings;
  const settings: Settings = {
    directory: handler.directory,
    serverVersion: handler.serverVersion,
    sysVersion: handler.sysVersion,
    cacheControl: handler.cacheControl,
    defaultContentType: handler.defaultContentType,
    dotfiles: handler.dotfiles,
    followSymlinks: handler.followSymlinks,
    compress: handler.compress,
    spa: handler.spa,
    cors: handler.cors,
    allowedHosts: handler.allowedHosts === null ? null : [...handler.allowedHosts],
    indexPages: [...handler.indexPages],
    extraFields: handler.extraResponseHeaders.flat(),
  };
  seenSettings.unshift(settings);
  // What was answered under settings that are forgotten is found no more, and drops out of the memory in its turn.
  if (seenSettings.length > MAX_SETTINGS) seenSettings.pop();
  return settings;
}

function areSettingsOf(settings: Settings, handler: SimpleHTTPRequestHandler): boolean {
  return settings.directory === handler.directory && settings.serverVersion === handler.serverVersion &&
    settings.sysVersion === handler.sysVersion && settings.cacheControl === handler.cacheControl &&
    settings.defaultContentType === handler.defaultContentType && settings.dotfiles === handler.dotfiles &&
    settings.followSymlinks === handler.followSymlinks && settings.compress === handler.compress &&
    settings.spa === handler.spa && settings.cors === handler.cors &&
    areSameLists(settings.allowedHosts, handler.allowedHosts) &&
    areSameLists(settings.indexPages, handler.indexPages) &&
    areFields(settings.extraFields, handler.extraResponseHeaders);
}

function areSameLists(a: readonly string[] | null, b: readonly string[] | null): boolean {
  if (a === null || b === null) return a === b;
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function areFields(flat: readonly string[], fields: SimpleHTTPRequestHandler["extraResponseHeaders"]): boolean {
  if (flat.length !== fields.length * 2) return false;
  for (let i = 0; i < fields.length; i++) {
    const [name, value] = fields[i]!;
    if (flat[2 * i] !== name || flat[2 * i + 1] !== value) return false;
  }
  return true;
}

/** What the handler's own map says of an extension: any program can add to it. */
function mappedType({ extensionsMap }: SimpleHTTPRequestHandler, extension: string): string | undefined {
  return extension === "" ? undefined : extensionsMap[extension] ?? extensionsMap[extension.toLowerCase()];
}

// As they are before a program can replace them.
const {
  respond,
  setup,
  handle,
  finish,
  handleOneRequest,
  parseRequest,
  do_GET,
  do_HEAD,
  sendHead,
  translatePath,
  isServed,
  guessType,
  listDirectory,
  copyfile,
  sendResponse,
  sendResponseOnly,
  sendHeader,
  endHeaders,
  flushHeaders,
  versionString,
  dateTimeString,
  logRequest,
  logMessage,
  logDateTimeString,
  addressString,
} = SimpleHTTPRequestHandler.prototype;

/**
 * Whether all that a GET or HEAD would call is the library's own. Asked of the very handler each time, so that it counts
 * wherever it was replaced: in a class, in the handler alone, or in this library's classes by a program. Reading twenty
 * methods takes less time than looking one class up in a table.
 */
function isLibrarysOwn(handler: BaseHTTPRequestHandler): handler is SimpleHTTPRequestHandler {
  return handler instanceof SimpleHTTPRequestHandler && handler.respond === respond && handler.setup === setup &&
    handler.handle === handle && handler.finish === finish && handler.handleOneRequest === handleOneRequest &&
    handler.parseRequest === parseRequest && handler.do_GET === do_GET && handler.do_HEAD === do_HEAD &&
    handler.sendHead === sendHead && handler.translatePath === translatePath && handler.isServed === isServed &&
    handler.guessType === guessType && handler.listDirectory === listDirectory && handler.copyfile === copyfile &&
    handler.sendResponse === sendResponse && handler.sendResponseOnly === sendResponseOnly &&
    handler.sendHeader === sendHeader && handler.endHeaders === endHeaders && handler.flushHeaders === flushHeaders &&
    handler.versionString === versionString && handler.dateTimeString === dateTimeString &&
    handler.logRequest === logRequest && handler.logMessage === logMessage &&
    handler.logDateTimeString === logDateTimeString && handler.addressString === addressString &&
    // An answer under HTTP/1.0 says that the connection closes, or not, depending on the client.
    handler.cache && handler.protocolVersion === "HTTP/1.1" && !replacesWriter(handler);
}

/** Whether `wfile` is another one: an accessor, which cannot be compared without calling it. */
function replacesWriter(handler: SimpleHTTPRequestHandler): boolean {
  for (let at: object = handler; at !== BaseHTTPRequestHandler.prototype; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "wfile")) return true;
  }
  return false;
}

/** How much is remembered now, and how much may be. */
export function knownAnswers(): { readonly bytes: number; readonly entries: number; readonly limits: typeof LIMITS } {
  return { bytes: memory.bytes, entries: memory.size, limits: LIMITS };
}
