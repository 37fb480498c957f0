/**
 * `BaseHTTPRequestHandler`: one request, read and answered.
 *
 * @module
 */

import { isSendable, isToken } from "../http1/fields.ts";
import { VERSION } from "../version.ts";
import { Exchange } from "./_exchange.ts";
import { escapeHtml } from "./_html.ts";
import { formatHttpDate } from "./_http_date.ts";
import { writeLog } from "./_log.ts";
import { escapeLog, formatLogDate, logLine } from "./_log_line.ts";
import { PAGE_CONTENT_SECURITY_POLICY } from "./_page_policy.ts";
import { collapseLeadingSlashes } from "./_path.ts";
import { percentFormat } from "./_percent_format.ts";
import { isValidHost, requestTarget } from "./_target.ts";
import { HTTPMessage } from "./http_message.ts";
import { RequestReader } from "./request_reader.ts";
import { ResponseWriter } from "./response_writer.ts";
import { responses, type ResponsesTable } from "./responses.ts";

/** Where a client is: host and port; `["", 0]` for a Unix socket. */
export type ClientAddress = readonly [host: string, port: number];

/** What a handler knows of its server; {@linkcode HTTPServer} is one. */
export interface HandlerServer {
  /** The host name of the server. */
  readonly serverName: string;
  /** The port, or 0 where there is none. */
  readonly serverPort: number;
  /** Told of every error that a handler throws. */
  handleError(request: Request, clientAddress: ClientAddress, error: unknown): void;
}

/** Python's page for errors (3.14), with `%(code)d`, `%(message)s` and `%(explain)s` to be filled in. */
export const DEFAULT_ERROR_MESSAGE: string = `<!DOCTYPE HTML>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <style type="text/css">
            :root {
                color-scheme: light dark;
            }
        </style>
        <title>Error response</title>
    </head>
    <body>
        <h1>Error response</h1>
        <p>Error code: %(code)d</p>
        <p>Message: %(message)s.</p>
        <p>Error code explanation: %(code)s - %(explain)s.</p>
    </body>
</html>
`;

/** Python's `DEFAULT_ERROR_CONTENT_TYPE`. */
export const DEFAULT_ERROR_CONTENT_TYPE: string = "text/html;charset=utf-8";

/**
 * Has a handler respond to `Deno.serve` itself, so that nobody else gets hold of the response.
 *
 * @ignore For the server.
 */
export let respondDirectly: (handler: BaseHTTPRequestHandler) => Response | Promise<Response>;

/**
 * Whether a handler has done nothing yet and is no stand-in for one: neither a response begun nor the body asked for.
 *
 * @ignore For the server.
 */
export let isUntouched: (handler: BaseHTTPRequestHandler) => boolean;

const WEEKDAYS: readonly string[] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
/** Counted from 1, as in Python. */
const MONTHS: readonly (string | null)[] = [
  null,
  ...["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
];

const SYS_VERSION = `Deno/${globalThis.Deno?.version?.deno ?? "0"}`;

/** Names that were seen to be tokens: a program sends few, and looking one up is cheaper than reading it again. */
const knownTokens = new Set<string>();
const MAX_KNOWN_TOKENS = 256;

/** Anything else in a name would let it end early or split the response. */
function isFieldName(name: string): boolean {
  if (knownTokens.has(name)) return true;
  if (!isToken(name)) return false;
  if (knownTokens.size < MAX_KNOWN_TOKENS) knownTokens.add(name);
  return true;
}

const encoder = new TextEncoder();

// Formatting a date costs more than most of a small answer; all answers of one second share it.
let dateSecond = 0;
let httpDate = "";
let logDate = "";

function refreshDates(): void {
  const now = Date.now();
  const second = Math.floor(now / 1000);
  if (second === dateSecond) return;
  dateSecond = second;
  httpDate = formatHttpDate(new Date(now));
  logDate = formatLogDate(new Date(now));
}

/**
 * Handles one request: Python's `http.server.BaseHTTPRequestHandler`.
 *
 * It answers nothing by itself. A subclass has a method `do_<METHOD>` for each request method that it knows (the method
 * token from the wire, case included), sync or async; a request for another one gets 501. What Python has as class
 * attributes are plain fields here, which a subclass sets.
 *
 * The constructor only stores. The server then calls {@linkcode respond}, which runs {@linkcode setup},
 * {@linkcode handle} and {@linkcode finish}. An error that a handler throws goes to the server's `handleError()`, and the
 * client gets a 500; where part of the response has left, the connection is cut, so that the part cannot be taken for
 * the whole.
 *
 * Ports Python's `http.server.BaseHTTPRequestHandler`. Needs no permission.
 *
 * @example Say hello
 * ```ts
 * import { BaseHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   override serverVersion = "Hello/1.0";
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Type", "text/plain; charset=utf-8");
 *     this.endHeaders();
 *     this.wfile.write(`Hello, ${this.clientAddress[0]}, you asked for ${this.path}\n`);
 *   }
 *   override logMessage(): void {}
 * }
 *
 * const handler = fetchHandler(Hello);
 * const response = await handler(new Request("http://localhost/x?y=1"));
 * assert.equal(await response.text(), "Hello, 127.0.0.1, you asked for /x?y=1\n");
 * assert.match(response.headers.get("server")!, /^Hello\/1\.0 Deno\//);
 * assert.equal((await handler(new Request("http://localhost/", { method: "DELETE" }))).status, 501);
 * ```
 */
export class BaseHTTPRequestHandler {
  /** The request as Deno gives it. */
  readonly request: Request;
  /** The client's `[host, port]`. */
  readonly clientAddress: ClientAddress;
  /** The server that the request came to. */
  readonly server: HandlerServer;

  /** The request method, such as `GET`; set by {@linkcode parseRequest}. */
  command: string = "";
  /** The request target with query and fragment as they came; several leading slashes are one. */
  path: string = "";
  /** The version of the request. `Deno.serve` does not tell which it was, so this is `HTTP/1.1` for every request. */
  requestVersion: string = "";
  /** The request line without its CRLF; empty while no valid one has been read. */
  requestline: string = "";
  /**
   * Whether the connection ends after this response. Set it, or send `Connection: close`, to make the client close it:
   * `Deno.serve` itself offers no way to close one.
   */
  closeConnection: boolean = true;

  /** The name of the server's software in `Server`: `name[/version]`, several separated by spaces. */
  serverVersion: string = `BaseHTTP/${VERSION}`;
  /** The platform's version in `Server`; set it to `""` to keep it to yourself. */
  sysVersion: string = SYS_VERSION;
  /** The page of {@linkcode sendError}, with `%(code)d`, `%(message)s` and `%(explain)s`. */
  errorMessageFormat: string = DEFAULT_ERROR_MESSAGE;
  /** The media type of that page. */
  errorContentType: string = DEFAULT_ERROR_CONTENT_TYPE;
  /**
   * The version that responses are meant for. With `HTTP/1.0` each response says `Connection: close`.
   *
   * `HTTP/1.1` here, where Python has `HTTP/1.0`: persistent connections are safe, because `Deno.serve` frames every body.
   */
  protocolVersion: string = "HTTP/1.1";
  /** The version assumed until a request line was read. */
  defaultRequestVersion: string = "HTTP/0.9";
  /** The class of {@linkcode headers}. */
  MessageClass: new (headers: Headers) => HTTPMessage = HTTPMessage;
  /** Status codes to reason phrase and explanation. */
  responses: ResponsesTable = responses;
  /** English names of the days, Monday first. */
  weekdayname: readonly string[] = WEEKDAYS;
  /** English names of the months, January at 1. */
  monthname: readonly (string | null)[] = MONTHS;
  /**
   * Seconds that one read from the client or one write to it may wait; `null` for no limit. After that the request is
   * given up: 408 if nothing was sent, else the connection is cut.
   */
  timeout: number | null = null;

  static {
    respondDirectly = (handler) => {
      // A factory may give anything that has a respond().
      if (#isDirect in handler && handler.respond === BaseHTTPRequestHandler.prototype.respond) {
        handler.#isDirect = true;
      }
      return handler.respond();
    };
    isUntouched = (handler) =>
      #isDirect in handler && handler.#answer === undefined && handler.#rfile === undefined && handler.#status === 0;
  }

  /** Whether the response goes straight to `Deno.serve`. */
  #isDirect = false;
  /** Made when something is to be answered: not every handler comes to that (`_known_answers.ts`). */
  #answer: Exchange | undefined;
  #headers: HTTPMessage | undefined;
  #rfile: RequestReader | undefined;
  #wfile: ResponseWriter | undefined;
  #status = 0;
  #reason = "";
  #fields: string[] = [];
  #clientCloses = false;
  #signal: AbortSignal | undefined;
  #unwatch: (() => void) | undefined;

  /**
   * Stores what belongs to the request; subclasses that add parameters call it first.
   *
   * @param request the request.
   * @param clientAddress where it came from.
   * @param server the server that it came to.
   */
  constructor(request: Request, clientAddress: ClientAddress, server: HandlerServer) {
    this.request = request;
    this.clientAddress = clientAddress;
    this.server = server;
  }

  get #exchange(): Exchange {
    return this.#answer ??= new Exchange(this.request.method === "HEAD", () => this.timeout, this.#isDirect);
  }

  /** The header fields of the request. */
  get headers(): HTTPMessage {
    return this.#headers ??= new this.MessageClass(this.request.headers);
  }

  /** The body of the request. Deno hides the body of a GET or HEAD request, so that it is empty there. */
  get rfile(): RequestReader {
    return this.#rfile ??= new RequestReader(this.request.body, () => this.timeout);
  }

  /** The body of the response, to be written after {@linkcode endHeaders}. */
  get wfile(): ResponseWriter {
    return this.#wfile ??= new ResponseWriter(this.#exchange);
  }

  /**
   * Aborted when the client goes away before it has the whole response, with the error that writing to it would throw. Hand
   * it to whatever works for this response, so that the work ends with it.
   *
   * Ask for it only where there is something to stop: on Deno 2 the first request that asks before its head has left makes
   * Deno print a warning on `request.signal`, once.
   */
  get signal(): AbortSignal {
    return this.#signal ??= this.#watch();
  }

  #watch(): AbortSignal {
    const controller = new AbortController();
    this.#exchange.onDisconnect((reason) => controller.abort(reason));
    // Once the head has left, the response's own stream tells. Before, nothing but the signal of the request does.
    if (!this.#exchange.committed) {
      const { signal } = this.request;
      const onAbort = () => this.#exchange.disconnect();
      // Deno 2 aborts it after each response, too, also after one that was delivered.
      this.#unwatch = () => signal.removeEventListener("abort", onAbort);
      if (signal.aborted) onAbort();
      else signal.addEventListener("abort", onAbort);
    }
    return controller.signal;
  }

  /** The request line as bytes, with its CRLF, as far as Deno tells it. */
  get rawRequestline(): Uint8Array<ArrayBuffer> {
    return encoder.encode(this.requestline === "" ? "" : this.requestline + "\r\n");
  }

  /**
   * Runs {@linkcode setup}, {@linkcode handle} and {@linkcode finish}, and gives the response: at once when all of it was
   * sync. What `HTTPServer.finishRequest()` calls; it does not throw.
   */
  respond(): Response | Promise<Response> {
    let pending: void | Promise<void>;
    try {
      pending = this.#run();
      if (pending === undefined) return this.#end();
    } catch (error) {
      return this.#fail(error);
    }
    return this.#exchange.settle(
      pending.then(() => this.#end()).catch((error: unknown) => this.#fail(error)),
    );
  }

  #end(): Response {
    this.#unwatch?.();
    return this.#exchange.finish();
  }

  #run(): void | Promise<void> {
    let pending: void | Promise<void>;
    try {
      this.setup();
      pending = this.handle();
    } catch (error) {
      return this.#finishAfter(Promise.reject(error));
    }
    return pending === undefined ? this.finish() : this.#finishAfter(pending);
  }

  async #finishAfter(pending: Promise<void>): Promise<void> {
    try {
      await pending;
    } finally {
      await this.finish();
    }
  }

  /** Gives the response to a request whose handler threw. */
  #fail(error: unknown): Response {
    this.#unwatch?.();
    const exchange = this.#exchange;
    const isTimeout = error instanceof Deno.errors.TimedOut;
    // That a client leaves is no fault of the handler, and nothing that an operator could mend.
    const isDisconnect = exchange.isDisconnect(error);
    if (isTimeout) this.logError("Request timed out: %r", error);
    else if (!isDisconnect) this.server.handleError(this.request, this.clientAddress, error);
    if (exchange.committed) return exchange.abort(error);
    if (isDisconnect) {
      this.logRequest();
      return new Response(null, { status: 500 });
    }

    exchange.reset();
    this.closeConnection = true;
    try {
      this.sendError(isTimeout ? 408 : 500);
      return exchange.finish();
    } catch (second) {
      // Possible with an overridden sendError() or a broken format only; then the plainest answer has to do.
      this.server.handleError(this.request, this.clientAddress, second);
      return new Response(null, { status: 500 });
    }
  }

  /** Called before {@linkcode handle}; does nothing here. */
  setup(): void {}

  /** Handles the request: calls {@linkcode handleOneRequest} once, since `Deno.serve` gives each request of a connection by itself. */
  handle(): void | Promise<void> {
    return this.handleOneRequest();
  }

  /** Called after {@linkcode handle}, whether or not it threw; gives up what is left of the request's body. */
  finish(): void | Promise<void> {
    return this.#rfile?.close();
  }

  /** Reads the request and calls the method `do_<METHOD>` for it, or answers 501. There is seldom a need to override it. */
  handleOneRequest(): void | Promise<void> {
    if (!this.parseRequest()) return;
    const method = (this as unknown as Record<string, unknown>)[`do_${this.command}`];
    if (typeof method !== "function") {
      this.sendError(501, `Unsupported method ('${this.command}')`);
      return;
    }
    return method.call(this);
  }

  /**
   * Sets {@linkcode command}, {@linkcode path}, {@linkcode requestVersion}, {@linkcode requestline} and
   * {@linkcode closeConnection} from the request. Gives `false` when it has answered already: 400 for a `Host` that can be
   * none, or whatever {@linkcode handleExpect100} said.
   */
  parseRequest(): boolean {
    const { request } = this;
    const target = requestTarget(request.url);
    this.command = request.method;
    this.requestVersion = "HTTP/1.1";
    this.requestline = `${this.command} ${target} ${this.requestVersion}`;
    this.path = collapseLeadingSlashes(target);

    const headers = request.headers;
    const connection = headers.get("connection");
    this.#clientCloses = connection !== null && /(?:^|,)\s*close\s*(?:,|$)/i.test(connection);
    this.closeConnection = this.#clientCloses || this.protocolVersion < "HTTP/1.1";

    const host = headers.get("host");
    if (host !== null && !isValidHost(host)) {
      this.sendError(400, "Bad Host header");
      return false;
    }
    return headers.get("expect")?.toLowerCase() !== "100-continue" || this.handleExpect100();
  }

  /**
   * Called for a request that waits for `100 Continue`. Override it to refuse the body: send an error, such as 417, and
   * return `false`, and no `do_` method is called. `Deno.serve` has sent the 100 by then, so that a refusal saves the
   * handler's work, not the client's.
   */
  handleExpect100(): boolean {
    this.sendResponseOnly(100);
    this.endHeaders();
    return true;
  }

  /**
   * Logs and sends a whole error response, the page made from {@linkcode errorMessageFormat}.
   *
   * There is no body for HEAD, and none for 1xx, 204, 205 and 304.
   *
   * @param code the status.
   * @param message a short text on one line; the phrase of {@linkcode responses} if omitted, `???` for an unknown code.
   * @param explain a longer text; from {@linkcode responses} if omitted.
   * @throws {TypeError} when `message` holds CR, LF, NUL or a character beyond ISO-8859-1.
   * @throws {RangeError} when `code` is a status that `Deno.serve` cannot send.
   */
  sendError(code: number, message?: string | null, explain?: string | null): void {
    const [phrase, description] = this.responses[code] ?? ["???", "???"];
    const shortMessage = message ?? phrase;
    const longMessage = explain ?? description;
    this.logError("code %d, message %s", code, shortMessage);
    this.sendResponse(code, message ?? undefined);
    this.sendHeader("Connection", "close");

    let body: Uint8Array<ArrayBuffer> | null = null;
    if (code >= 200 && ![204, 205, 304].includes(code)) {
      const page = percentFormat(this.errorMessageFormat, {
        code,
        message: escapeHtml(shortMessage, false),
        explain: escapeHtml(longMessage, false),
      });
      body = encoder.encode(page);
      this.sendHeader("Content-Type", this.errorContentType);
      this.sendHeader("Content-Length", body.length);
      // A page of the program's own may load what it likes.
      if (this.errorMessageFormat === DEFAULT_ERROR_MESSAGE) {
        this.sendHeader("Content-Security-Policy", PAGE_CONTENT_SECURITY_POLICY);
        this.sendHeader("X-Content-Type-Options", "nosniff");
      }
    }
    this.endHeaders();
    if (body !== null) this.wfile.send(body);
  }

  /**
   * Begins a response: logs the request, then sets the status and the fields `Server` and `Date`.
   *
   * @param code the status.
   * @param message a reason phrase. HTTP/2 has none and `Deno.serve` sends its own; `server.fetch()` shows it as `statusText`.
   * @throws {TypeError} when `message` holds CR, LF, NUL or a character beyond ISO-8859-1.
   * @throws {RangeError} when `code` is a status that `Deno.serve` cannot send.
   */
  sendResponse(code: number, message?: string): void {
    this.logRequest(code);
    this.sendResponseOnly(code, message);
    this.sendHeader("Server", this.versionString());
    // Deno.serve adds the same date by itself, for less.
    const addsDate = this.#isDirect &&
      this.dateTimeString === BaseHTTPRequestHandler.prototype.dateTimeString &&
      this.sendHeader === BaseHTTPRequestHandler.prototype.sendHeader;
    if (!addsDate) this.sendHeader("Date", this.dateTimeString());
  }

  /**
   * Begins a response with nothing but its status; fields that were set before are forgotten.
   *
   * @throws {TypeError} when `message` holds CR, LF, NUL or a character beyond ISO-8859-1.
   * @throws {RangeError} when `code` is a status that `Deno.serve` cannot send.
   */
  sendResponseOnly(code: number, message?: string): void {
    if (!(Number.isInteger(code) && code >= 100 && code <= 599)) {
      throw new RangeError(`Cannot send status ${code}: Deno.serve sends 100 to 599 only`);
    }
    if (message !== undefined && !isSendable(message)) {
      throw new TypeError(`Cannot send the reason phrase "${escapeLog(message)}": it must be one line of ISO-8859-1`);
    }
    this.#status = code;
    this.#reason = message ?? "";
    this.#fields = [];
  }

  /**
   * Adds a header field to the response. It is sent with {@linkcode endHeaders}.
   *
   * `Connection: close` and `keep-alive` set {@linkcode closeConnection}; `Transfer-Encoding` is left out, because
   * `Deno.serve` frames the body itself. Sent twice, `Content-Length` counts the second time.
   *
   * @throws {TypeError} when the name is no token, or the value holds CR, LF, NUL (response splitting) or a character
   * beyond ISO-8859-1.
   */
  sendHeader(keyword: string, value: string | number): void {
    const text = typeof value === "string" ? value : String(value);
    if (!isFieldName(keyword)) {
      throw new TypeError(`Cannot send the header "${escapeLog(keyword)}": the name must be a token`);
    }
    if (!isSendable(text)) {
      // The value may be a secret and stays out of the message.
      throw new TypeError(`Cannot send the header "${keyword}": its value must be one line of ISO-8859-1`);
    }
    // The lengths first: most names are none of these three.
    if (keyword.length === 10 && keyword.toLowerCase() === "connection") {
      const option = text.trim().toLowerCase();
      if (option === "close") this.closeConnection = true;
      else if (option === "keep-alive") this.closeConnection = false;
      return;
    }
    if (keyword.length === 17 && keyword.toLowerCase() === "transfer-encoding") return;
    if (keyword.length === 14 && keyword.toLowerCase() === "content-length") {
      for (let i = 0; i < this.#fields.length; i += 2) {
        if (this.#fields[i]!.toLowerCase() === "content-length") this.#fields.splice(i, 2);
      }
    }
    this.#fields.push(keyword, text);
  }

  /**
   * Ends the header section. The body may be written from now on.
   *
   * @throws {Error} when no response was begun, or its head was sent before.
   */
  endHeaders(): void {
    if (this.#status === 0) throw new Error("Cannot end the headers: no response was begun, call sendResponse() first");
    // Deno.serve says close by itself to a client that asked for it; a second field would be one too many.
    if (this.closeConnection && !this.#clientCloses && this.#status >= 200) this.#fields.push("Connection", "close");
    this.#exchange.begin(this.#status, this.#reason, this.#fields);
    this.#status = 0;
    this.flushHeaders();
  }

  /** Called by {@linkcode endHeaders}. The head leaves together with the first of the body; `wfile.flush()` sends it alone. */
  flushHeaders(): void {}

  /** Logs a request that is answered with `code`. `size` is the length of the body in bytes where it is known. */
  logRequest(code: number | string = "-", size: number | string = "-"): void {
    if (this.logMessage !== BaseHTTPRequestHandler.prototype.logMessage) {
      this.logMessage('"%s" %s %s', this.requestline, code, size);
      return;
    }
    // What logMessage() makes of it, without a format to go through for each request.
    const message = escapeLog(`"${this.requestline}" ${String(code)} ${String(size)}`);
    writeLog(logLine(this.addressString(), this.logDateTimeString(), message));
  }

  /** Logs an error; the arguments are those of {@linkcode logMessage}. */
  logError(format: string, ...args: unknown[]): void {
    this.logMessage(format, ...args);
  }

  /**
   * Logs a line to standard error, after the client's address and the local time:
   * `127.0.0.1 - - [31/Dec/2026 23:59:59] "GET / HTTP/1.1" 200 -`.
   *
   * `format` is one of Python's (`%s`, `%d`, `%r`, …). Control characters are escaped, so that a request cannot forge lines
   * or drive a terminal.
   */
  logMessage(format: string, ...args: unknown[]): void {
    writeLog(logLine(this.addressString(), this.logDateTimeString(), escapeLog(percentFormat(format, args))));
  }

  /** The value of `Server`: {@linkcode serverVersion} and {@linkcode sysVersion}. */
  versionString(): string {
    return this.sysVersion === "" ? this.serverVersion : `${this.serverVersion} ${this.sysVersion}`;
  }

  /**
   * A date as HTTP writes it, such as `Sun, 06 Nov 1994 08:49:37 GMT`.
   *
   * @param timestamp a `Date`, or seconds since 1970; now if omitted.
   */
  dateTimeString(timestamp?: number | Date | null): string {
    if (timestamp === undefined || timestamp === null) {
      refreshDates();
      return httpDate;
    }
    return formatHttpDate(typeof timestamp === "number" ? new Date(timestamp * 1000) : timestamp);
  }

  /** The time now, as the log has it: `31/Dec/2026 23:59:59`, local. */
  logDateTimeString(): string {
    refreshDates();
    return logDate;
  }

  /** The client's host, as the log shows it; never looked up. */
  addressString(): string {
    return this.clientAddress[0];
  }
}
