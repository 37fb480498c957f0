/**
 * The errors of the client: the tree of Python's `requests.exceptions`.
 *
 * Everything that goes wrong with a request is a {@link RequestException}. Wrong arguments, Python's `ValueError` and
 * `TypeError`, are plain `RangeError` and `TypeError`.
 *
 * @module
 */

import type { PreparedRequest, Request } from "./request.ts";
import type { Response } from "./response.ts";

/** What a {@link RequestException} carries besides its message. */
export interface RequestExceptionOptions {
  /** The request that failed. Default: the request of `response`, or `null`. */
  request?: PreparedRequest | Request | null | undefined;
  /** The response that was there already. Default: `null`. */
  response?: Response | null | undefined;
  /** The error below this one. */
  cause?: unknown;
}

/** Sets a property that does not show when the error is logged: a request holds credentials, a document may be long. */
function hide(error: Error, name: string, value: unknown): void {
  Object.defineProperty(error, name, { value, writable: true, configurable: true, enumerable: false });
}

/**
 * The root of every error that a request can end in (Python: `requests.RequestException`).
 *
 * `request` and `response` do not show when the error is logged, because they hold credentials.
 *
 * @example Catch whatever goes wrong with a request
 * ```ts
 * import { ConnectionError, RequestException } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const error = new ConnectionError("GET http://127.0.0.1:1/: connection refused");
 * assert(error instanceof RequestException);
 * assert.equal(error.request, null);
 * assert.equal(error.response, null);
 * ```
 */
export class RequestException extends Error {
  /** The request that failed, or `null` when there was none yet. */
  declare request: PreparedRequest | Request | null;
  /** The response that the error is about, or `null`. */
  declare response: Response | null;

  /** Makes the error; `request` falls back to the request of `response`. */
  constructor(message = "", options: RequestExceptionOptions = {}) {
    super(message, "cause" in options ? { cause: options.cause } : undefined);
    const response = options.response ?? null;
    hide(this, "response", response);
    hide(this, "request", options.request ?? response?.request ?? null);
  }

  /** The name of the class. */
  override get name(): string {
    return "RequestException";
  }
}

/** The JSON of a request or of a response is not valid (Python: `InvalidJSONError`). */
export class InvalidJSONError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "InvalidJSONError";
  }
}

/**
 * The text of a response is not JSON (Python: `JSONDecodeError`).
 *
 * @example
 * ```ts
 * import { InvalidJSONError, JSONDecodeError } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const error = new JSONDecodeError("Expecting value", "[1,\n  oops]", 6);
 * assert.equal(error.message, "Expecting value: line 2 column 3 (char 6)");
 * assert(error instanceof InvalidJSONError);
 * ```
 */
export class JSONDecodeError extends InvalidJSONError {
  /** What is wrong, without the place. */
  readonly msg: string;
  /** The text that is not JSON. It does not show when the error is logged. */
  declare readonly doc: string;
  /** Where reading failed: an index into `doc`, in UTF-16 code units. */
  readonly pos: number;
  /** The line of `pos`, from 1. */
  readonly lineno: number;
  /** The column of `pos`, from 1, in UTF-16 code units. */
  readonly colno: number;

  /** Makes the error; line and column are counted from `doc` and `pos`. */
  constructor(msg: string, doc: string, pos: number, options: RequestExceptionOptions = {}) {
    const before = doc.slice(0, pos);
    const lineno = before.split("\n").length;
    const colno = pos - before.lastIndexOf("\n");
    super(`${msg}: line ${lineno} column ${colno} (char ${pos})`, options);
    this.msg = msg;
    this.pos = pos;
    this.lineno = lineno;
    this.colno = colno;
    hide(this, "doc", doc);
  }

  /** The name of the class. */
  override get name(): string {
    return "JSONDecodeError";
  }
}

/** A status from 400 to 599, thrown by `Response.raiseForStatus()` (Python: `HTTPError`). */
export class HTTPError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "HTTPError";
  }
}

/** The peer could not be reached, or the connection broke (Python: `ConnectionError`). */
export class ConnectionError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "ConnectionError";
  }
}

/** What a {@link ProxyError} carries besides its message. */
export interface ProxyErrorOptions extends RequestExceptionOptions {
  /** The status with which an HTTP proxy refused a tunnel. Default: `null`. */
  statusCode?: number | null | undefined;
}

/**
 * The proxy could not be reached, or refused (Python: `ProxyError`).
 *
 * @example
 * ```ts
 * import { ConnectionError, ProxyError } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const error = new ProxyError("Tunnel connection failed: 407 Proxy Authentication Required", { statusCode: 407 });
 * assert.equal(error.statusCode, 407);
 * assert(error instanceof ConnectionError);
 * ```
 */
export class ProxyError extends ConnectionError {
  /**
   * The status with which an HTTP proxy refused the tunnel to an https URL, such as 407 when it asks for user and password;
   * `null` when there was none, and where the engine is not told (`fetch`).
   */
  readonly statusCode: number | null;

  /** Makes the error. */
  constructor(message = "", options: ProxyErrorOptions = {}) {
    super(message, options);
    this.statusCode = options.statusCode ?? null;
  }

  /** The name of the class. */
  override get name(): string {
    return "ProxyError";
  }
}

/** TLS failed: a certificate that is not trusted, a handshake that broke (Python: `SSLError`). */
export class SSLError extends ConnectionError {
  /** The name of the class. */
  override get name(): string {
    return "SSLError";
  }
}

/**
 * A time limit ran out: the one for connecting ({@link ConnectTimeout}) or for reading ({@link ReadTimeout})
 * (Python: `Timeout`).
 *
 * @example `ConnectTimeout` is a `ConnectionError` and a `Timeout`
 * ```ts
 * import { ConnectionError, ConnectTimeout, ReadTimeout, Timeout } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert(new ConnectTimeout() instanceof Timeout);
 * assert(new ConnectTimeout() instanceof ConnectionError);
 * assert(new ReadTimeout() instanceof Timeout);
 * assert(!(new ReadTimeout() instanceof ConnectionError));
 * ```
 */
export class Timeout extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "Timeout";
  }

  /** `instanceof Timeout` also holds for a {@link ConnectTimeout}, which Python derives from both classes. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    if (Function.prototype[Symbol.hasInstance].call(this, value)) return true;
    // Subclasses inherit this method, and a ConnectTimeout is none of them.
    return this === Timeout && value instanceof ConnectTimeout;
  }
}

/** No connection within the time limit; a request that is safe to send again (Python: `ConnectTimeout`). */
export class ConnectTimeout extends ConnectionError {
  /** The name of the class. */
  override get name(): string {
    return "ConnectTimeout";
  }
}

/** The peer sent nothing for longer than the read limit (Python: `ReadTimeout`). */
export class ReadTimeout extends Timeout {
  /** The name of the class. */
  override get name(): string {
    return "ReadTimeout";
  }
}

/** A request without a URL (Python: `URLRequired`). */
export class URLRequired extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "URLRequired";
  }
}

/** More redirects than `Session.maxRedirects` (Python: `TooManyRedirects`). */
export class TooManyRedirects extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "TooManyRedirects";
  }
}

/** The URL has no scheme, such as `https://` (Python: `MissingSchema`). */
export class MissingSchema extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "MissingSchema";
  }
}

/** No adapter is mounted for the scheme of the URL (Python: `InvalidSchema`). */
export class InvalidSchema extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "InvalidSchema";
  }
}

/** The URL cannot be parsed, or has no host (Python: `InvalidURL`). */
export class InvalidURL extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "InvalidURL";
  }
}

/** The URL of a proxy cannot be parsed (Python: `InvalidProxyURL`). */
export class InvalidProxyURL extends InvalidURL {
  /** The name of the class. */
  override get name(): string {
    return "InvalidProxyURL";
  }
}

/** A header field that HTTP does not allow (Python: `InvalidHeader`). */
export class InvalidHeader extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "InvalidHeader";
  }
}

/** The body ended too early, or its chunks are not valid (Python: `ChunkedEncodingError`). */
export class ChunkedEncodingError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "ChunkedEncodingError";
  }
}

/** The body does not fit its `Content-Encoding` (Python: `ContentDecodingError`). */
export class ContentDecodingError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "ContentDecodingError";
  }
}

/** The streamed body was read already (Python: `StreamConsumedError`). */
export class StreamConsumedError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "StreamConsumedError";
  }
}

/** Every retry was answered with a status that asks for another (Python: `RetryError`). */
export class RetryError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "RetryError";
  }
}

/** The body would have to be sent again, and can be read only once (Python: `UnrewindableBodyError`). */
export class UnrewindableBodyError extends RequestException {
  /** The name of the class. */
  override get name(): string {
    return "UnrewindableBodyError";
  }
}

/** What a {@link NotSupportedError} carries besides its message. */
export interface NotSupportedErrorOptions extends RequestExceptionOptions {
  /** The option that the engine cannot express, such as `"verify"`. Default: `null`. */
  option?: string | null | undefined;
}

/** The engine in use cannot express an option of the request; the message names the option and the cure. */
export class NotSupportedError extends RequestException {
  /** The option that the engine cannot express, such as `"verify"`, or `null`. */
  readonly option: string | null;

  /** Makes the error. */
  constructor(message = "", options: NotSupportedErrorOptions = {}) {
    super(message, options);
    this.option = options.option ?? null;
  }

  /** The name of the class. */
  override get name(): string {
    return "NotSupportedError";
  }
}

/**
 * Several cookies of one name fit; give `domain` or `path` as well (Python: `requests.cookies.CookieConflictError`).
 * As in Python it is no {@link RequestException}.
 */
export class CookieConflictError extends Error {
  /** The name of the class. */
  override get name(): string {
    return "CookieConflictError";
  }
}
