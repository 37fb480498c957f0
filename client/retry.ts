/**
 * Whether a request is sent again, and after how long: the `Retry` of urllib3, which `requests` takes as `max_retries`.
 *
 * @module
 */

import { parseRetryAfter } from "./_retry_after.ts";
import { InvalidHeader, RetryError } from "./errors.ts";

/**
 * How an attempt ended.
 *
 * - `"connect"`: there was no connection, so the server has seen nothing of the request
 * - `"read"`: it broke off, or ran out of time, after sending began; the server may have acted on the request
 * - `"other"`: any other error
 * - `"redirect"`: the response is a redirect
 * - `"status"`: the status of the response asks for another attempt
 */
export type RetryKind = "connect" | "read" | "redirect" | "status" | "other";

/** An attempt that failed, as {@link Retry.increment} takes it. */
export interface RetryAttempt {
  /** How it ended. */
  readonly kind: RetryKind;
  /** The method of the request. Without it a `"read"` error is never retried. */
  readonly method?: string | null | undefined;
  /** The URL of the request. */
  readonly url?: string | null | undefined;
  /** The error, for `"connect"`, `"read"` and `"other"`. */
  readonly error?: Error | null | undefined;
  /** The status of the response, for `"redirect"` and `"status"`. */
  readonly status?: number | null | undefined;
  /** Where the redirect leads to, for `"redirect"`. */
  readonly redirectLocation?: string | null | undefined;
}

/** One attempt in {@link Retry.history} (Python: `urllib3.util.retry.RequestHistory`). */
export interface RequestHistory {
  /** The method of the request. */
  readonly method: string | null;
  /** The URL of the request. */
  readonly url: string | null;
  /** The error the attempt ended in, or `null`. */
  readonly error: Error | null;
  /** The status the attempt was answered with, or `null`. */
  readonly status: number | null;
  /** Where a redirect led to, or `null`. */
  readonly redirectLocation: string | null;
}

/** The parameters of {@link Retry}. Times are in seconds. */
export interface RetryOptions {
  /**
   * The limit of all retries together; it counts before the others. `null` leaves it to them, `0` ends at the first
   * failure, `false` passes every error on as it is. Default: 10.
   */
  total?: number | false | null;
  /** How many times to try again without a connection; `false` passes the error on. Default: `null`, no limit of its own. */
  connect?: number | false | null;
  /** How many times to try again after a `"read"` error; `false` passes the error on. Default: `null`, no limit of its own. */
  read?: number | false | null;
  /** How many redirects to follow; `false` is 0 and sets `raiseOnRedirect` to `false`. Default: `null`, no limit of its own. */
  redirect?: number | false | null;
  /** How many times to try again because of the status. Default: `null`, no limit of its own. */
  status?: number | null;
  /** How many times to try again after any other error. Default: `null`, no limit of its own. */
  other?: number | null;
  /**
   * The methods that may be sent again after the server may have seen them; `null` is every method, an empty list none.
   * Default: the idempotent ones, DELETE, GET, HEAD, OPTIONS, PUT and TRACE.
   */
  allowedMethods?: Iterable<string> | null;
  /** The statuses that are retried for these methods. Default: none. */
  statusForcelist?: Iterable<number> | null;
  /** The wait before the nth retry in a row is `backoffFactor * 2 ** (n - 1)`, but nothing before the first. Default: 0. */
  backoffFactor?: number;
  /** The longest wait of that kind. Default: 120. */
  backoffMax?: number;
  /** A wait is made longer by a random time up to this. Default: 0. */
  backoffJitter?: number;
  /** Whether too many redirects throw, or the last response is returned. Default: `true`. */
  raiseOnRedirect?: boolean;
  /** Whether too many failed statuses throw, or the last response is returned. Default: `true`. */
  raiseOnStatus?: boolean;
  /** What happened so far; {@link Retry.increment} adds to it. Default: nothing. */
  history?: Iterable<RequestHistory> | null;
  /**
   * Whether `Retry-After` makes 413, 429 and 503 retryable, and whether its time is waited for before a retry.
   * Default: `true`.
   */
  respectRetryAfterHeader?: boolean;
  /**
   * Header fields that are not sent on to where a redirect leads. Here for code that reads it: `Session` follows
   * redirects, and decides by itself. Default: Authorization, Cookie, Proxy-Authorization.
   */
  removeHeadersOnRedirect?: Iterable<string>;
  /** The longest time that `Retry-After` may ask for; more is cut to this. Default: 21600, six hours. */
  retryAfterMax?: number;
  /** Where jitter comes from: a number from 0 up to 1. Default: `Math.random`. */
  random?: () => number;
}

/** Header fields that can be read; any `Headers` will do. */
export interface RetryHeaders {
  /** The value of a field, or `null`. */
  get(name: string): string | null;
}

/**
 * Whether a request is sent again, and after how long (Python: `urllib3.util.Retry`).
 *
 * It holds no state: {@link increment} returns a new one, so that one can serve many requests. It does not sleep either;
 * the adapter does, for {@link getSleepTime} seconds.
 *
 * @example Three retries, also for 502 and 503, with growing waits
 * ```ts
 * import { Retry } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const retry = new Retry({ total: 3, backoffFactor: 0.2, statusForcelist: [502, 503] });
 * assert(retry.isRetry("GET", 502));
 * assert(!retry.isRetry("POST", 502));
 *
 * const failed = { kind: "status", method: "GET", url: "http://localhost/", status: 502 } as const;
 * const third = retry.increment(failed).increment(failed).increment(failed);
 * assert.equal(third.total, 0);
 * assert.equal(third.getBackoffTime(), 0.8);
 * assert.throws(() => third.increment(failed), /too many 502 error responses/);
 * ```
 */
export class Retry {
  /** The methods that may be sent again by default: those that are idempotent (RFC 9110 §9.2.2). */
  static readonly DEFAULT_ALLOWED_METHODS: ReadonlySet<string> = new Set([
    "DELETE",
    "GET",
    "HEAD",
    "OPTIONS",
    "PUT",
    "TRACE",
  ]);
  /** The statuses that a `Retry-After` field makes retryable. */
  static readonly RETRY_AFTER_STATUS_CODES: ReadonlySet<number> = new Set([413, 429, 503]);
  /** The header fields that are not sent on to where a redirect leads, in small letters. */
  static readonly DEFAULT_REMOVE_HEADERS_ON_REDIRECT: ReadonlySet<string> = new Set([
    "authorization",
    "cookie",
    "proxy-authorization",
  ]);
  /** The longest backoff by default, in seconds. */
  static readonly DEFAULT_BACKOFF_MAX: number = 120;
  /** The longest wait that `Retry-After` may ask for by default, in seconds: six hours. */
  static readonly DEFAULT_RETRY_AFTER_MAX: number = 21600;

  /** See {@link RetryOptions.total}. */
  readonly total: number | false | null;
  /** See {@link RetryOptions.connect}. */
  readonly connect: number | false | null;
  /** See {@link RetryOptions.read}. */
  readonly read: number | false | null;
  /** See {@link RetryOptions.redirect}. */
  readonly redirect: number | null;
  /** See {@link RetryOptions.status}. */
  readonly status: number | null;
  /** See {@link RetryOptions.other}. */
  readonly other: number | null;
  /** See {@link RetryOptions.allowedMethods}; in capital letters. */
  readonly allowedMethods: ReadonlySet<string> | null;
  /** See {@link RetryOptions.statusForcelist}. */
  readonly statusForcelist: ReadonlySet<number>;
  /** See {@link RetryOptions.backoffFactor}. */
  readonly backoffFactor: number;
  /** See {@link RetryOptions.backoffMax}. */
  readonly backoffMax: number;
  /** See {@link RetryOptions.backoffJitter}. */
  readonly backoffJitter: number;
  /** See {@link RetryOptions.raiseOnRedirect}. */
  readonly raiseOnRedirect: boolean;
  /** See {@link RetryOptions.raiseOnStatus}. */
  readonly raiseOnStatus: boolean;
  /** What happened so far, the oldest first. */
  readonly history: readonly RequestHistory[];
  /** See {@link RetryOptions.respectRetryAfterHeader}. */
  readonly respectRetryAfterHeader: boolean;
  /** See {@link RetryOptions.removeHeadersOnRedirect}; in small letters. */
  readonly removeHeadersOnRedirect: ReadonlySet<string>;
  /** See {@link RetryOptions.retryAfterMax}. */
  readonly retryAfterMax: number;

  readonly #random: () => number;

  /**
   * Takes the parameters of urllib3's `Retry`.
   *
   * @throws {RangeError} if a count is not a whole number, or a time is negative
   * @throws {TypeError} if a list is a string
   */
  constructor(options: RetryOptions = {}) {
    this.total = checkCount("total", options.total, 10, true);
    this.connect = checkCount("connect", options.connect, null, true);
    this.read = checkCount("read", options.read, null, true);
    const redirect = checkCount("redirect", options.redirect, null, true);
    // Both mean: do not follow redirects, and do not complain about them either.
    const followsNone = redirect === false || this.total === false;
    this.redirect = followsNone ? 0 : redirect;
    this.raiseOnRedirect = !followsNone && (options.raiseOnRedirect ?? true);
    this.status = checkCount("status", options.status, null, false);
    this.other = checkCount("other", options.other, null, false);
    const { allowedMethods = Retry.DEFAULT_ALLOWED_METHODS } = options;
    this.allowedMethods = allowedMethods === null
      ? null
      : new Set(checkList("allowedMethods", allowedMethods).map((method) => method.toUpperCase()));
    this.statusForcelist = new Set(checkList("statusForcelist", options.statusForcelist ?? []));
    this.backoffFactor = checkSeconds("backoffFactor", options.backoffFactor ?? 0);
    this.backoffMax = checkSeconds("backoffMax", options.backoffMax ?? Retry.DEFAULT_BACKOFF_MAX);
    this.backoffJitter = checkSeconds("backoffJitter", options.backoffJitter ?? 0);
    this.raiseOnStatus = options.raiseOnStatus ?? true;
    this.history = [...options.history ?? []];
    this.respectRetryAfterHeader = options.respectRetryAfterHeader ?? true;
    const removed = options.removeHeadersOnRedirect ?? Retry.DEFAULT_REMOVE_HEADERS_ON_REDIRECT;
    this.removeHeadersOnRedirect = new Set(
      checkList("removeHeadersOnRedirect", removed).map((name) => name.toLowerCase()),
    );
    this.retryAfterMax = checkSeconds("retryAfterMax", options.retryAfterMax ?? Retry.DEFAULT_RETRY_AFTER_MAX);
    this.#random = options.random ?? Math.random;
  }

  /**
   * Makes a `Retry` of what stands for one: a number is `total`, `null` is `fallback`, or three retries without one
   * (Python: `from_int`).
   *
   * @param redirect `false` makes a number one that follows no redirect. Default: `true`.
   * @throws {RangeError} if a number is not whole
   *
   * @example
   * ```ts
   * import { Retry } from "@x/httpkit/client";
   * import assert from "node:assert/strict";
   *
   * assert.equal(Retry.fromInt(5).total, 5);
   * assert.equal(Retry.fromInt(null).total, 3);
   * ```
   */
  static fromInt(
    retries: Retry | number | false | null | undefined,
    redirect: boolean = true,
    fallback: Retry | number | false | null = null,
  ): Retry {
    const chosen = retries ?? fallback ?? 3;
    if (chosen instanceof Retry) return chosen;
    return new this({ total: chosen, redirect: redirect ? null : false });
  }

  /** A `Retry` of the same class with some parameters changed (Python: `new`). */
  new(options: RetryOptions = {}): this {
    const Class = this.constructor as new (options: RetryOptions) => this;
    return new Class({
      total: this.total,
      connect: this.connect,
      read: this.read,
      redirect: this.redirect,
      status: this.status,
      other: this.other,
      allowedMethods: this.allowedMethods,
      statusForcelist: this.statusForcelist,
      backoffFactor: this.backoffFactor,
      backoffMax: this.backoffMax,
      backoffJitter: this.backoffJitter,
      raiseOnRedirect: this.raiseOnRedirect,
      raiseOnStatus: this.raiseOnStatus,
      history: this.history,
      respectRetryAfterHeader: this.respectRetryAfterHeader,
      removeHeadersOnRedirect: this.removeHeadersOnRedirect,
      retryAfterMax: this.retryAfterMax,
      random: this.#random,
      ...options,
    });
  }

  /**
   * The seconds to wait before the next attempt, from the failures in a row up to now: redirects start the count anew
   * (Python: `get_backoff_time`). With a factor of 0.1 these are 0, 0.2, 0.4, 0.8 and so on.
   */
  getBackoffTime(): number {
    const lastRedirect = this.history.findLastIndex((attempt) => attempt.redirectLocation !== null);
    const failures = this.history.length - 1 - lastRedirect;
    if (failures <= 1) return 0;
    const backoff = this.backoffFactor * 2 ** (failures - 1) + this.#random() * this.backoffJitter;
    return Math.min(this.backoffMax, backoff);
  }

  /**
   * The seconds that the value of a `Retry-After` field asks for, a number or an HTTP date, at most `retryAfterMax`
   * (Python: `parse_retry_after`).
   *
   * @param now The time in seconds since 1970. Default: the clock.
   * @throws {InvalidHeader} if it is neither a number nor a date
   */
  parseRetryAfter(retryAfter: string, now: number = Date.now() / 1000): number {
    const seconds = parseRetryAfter(retryAfter, now);
    if (seconds === null) {
      throw new InvalidHeader(`Invalid Retry-After header: ${retryAfter}; it holds neither seconds nor an HTTP date`);
    }
    return Math.min(seconds, this.retryAfterMax);
  }

  /**
   * The seconds that `Retry-After` asks for, or `null` without that field (Python: `get_retry_after`).
   *
   * @param now The time in seconds since 1970. Default: the clock.
   * @throws {InvalidHeader} if it is neither a number nor a date
   */
  getRetryAfter(headers: RetryHeaders, now: number = Date.now() / 1000): number | null {
    const value = headers.get("retry-after");
    return value === null ? null : this.parseRetryAfter(value, now);
  }

  /**
   * The seconds to wait before the next attempt: what `Retry-After` asks for, or else the backoff. Python's `sleep`
   * without the sleeping.
   *
   * @param headers The fields of the response; `null` after an error. Default: `null`.
   * @param now The time in seconds since 1970. Default: the clock.
   * @throws {InvalidHeader} if `Retry-After` is neither a number nor a date
   */
  getSleepTime(headers: RetryHeaders | null = null, now: number = Date.now() / 1000): number {
    const asked = this.respectRetryAfterHeader && headers !== null ? this.getRetryAfter(headers, now) : null;
    return asked || this.getBackoffTime(); // Zero seconds ask for nothing.
  }

  /** Whether a response of this status asks for another attempt (Python: `is_retry`). */
  isRetry(method: string, statusCode: number, hasRetryAfter: boolean = false): boolean {
    if (!this.#mayResend(method)) return false;
    if (this.statusForcelist.has(statusCode)) return true;
    return Boolean(this.total) && this.respectRetryAfterHeader && hasRetryAfter &&
      Retry.RETRY_AFTER_STATUS_CODES.has(statusCode);
  }

  /** Whether a limit has been passed (Python: `is_exhausted`). */
  isExhausted(): boolean {
    const { total, connect, read, redirect, status, other } = this;
    return [total, connect, read, redirect, status, other].some((count) => typeof count === "number" && count < 0);
  }

  /**
   * Counts a failed attempt, and decides whether there is another (Python: `increment`).
   *
   * @returns a `Retry` with the counts lowered by one, and the attempt in its history
   * @throws the error of the attempt, as it is, if it is not to be retried or a limit has been passed
   * @throws {RetryError} if a limit has been passed by a response
   */
  increment(attempt: RetryAttempt): this {
    const { kind, method = null, url = null, status = null } = attempt;
    // A location of null would count as a failure in getBackoffTime().
    const redirectLocation = kind === "redirect" ? attempt.redirectLocation ?? "" : null;
    const error = attempt.error ?? null;
    if (this.total === false && error !== null) throw error;
    const isAnswer = kind === "redirect" || kind === "status";
    if (!isAnswer && error === null) throw new TypeError(`increment() needs the error of a "${kind}" attempt`);
    if (isAnswer && error !== null) throw new TypeError(`increment() takes no error for a "${kind}" attempt`);

    if (kind === "connect" && this.connect === false) throw error;
    if (kind === "read" && (this.read === false || method === null || !this.#mayResend(method))) throw error;
    const next = this.new({
      total: lower(this.total),
      connect: kind === "connect" ? lower(this.connect) : this.connect,
      read: kind === "read" ? lower(this.read) : this.read,
      redirect: kind === "redirect" ? lower(this.redirect) : this.redirect,
      status: kind === "status" && status !== null ? lower(this.status) : this.status,
      other: kind === "other" ? lower(this.other) : this.other,
      history: [...this.history, { method, url, error, status, redirectLocation }],
    });
    if (!next.isExhausted()) return next;
    if (error !== null) throw error;

    const reason = kind === "redirect"
      ? "too many redirects"
      : status === null
      ? "too many error responses"
      : `too many ${status} error responses`;
    throw new RetryError(
      `Max retries exceeded with url: ${withoutUserinfo(url)} (Caused by ResponseError('${reason}'))`,
      { cause: new Error(reason) },
    );
  }

  #mayResend(method: string): boolean {
    return this.allowedMethods === null || this.allowedMethods.has(method.toUpperCase());
  }
}

/** One less; `false` counts as 0, as in Python. */
function lower(count: number | false | null): number | null {
  return count === null ? null : Number(count) - 1;
}

/** Credentials must not get into a message. */
function withoutUserinfo(url: string | null): string {
  return String(url).replace(/^([a-z][a-z\d+.-]*:)?\/\/[^/?#]*@/i, "$1//");
}

function checkCount(
  name: string,
  count: number | null | undefined,
  preset: number | null,
  mayDisable: false,
): number | null;
function checkCount(
  name: string,
  count: number | false | null | undefined,
  preset: number | null,
  mayDisable: true,
): number | false | null;
function checkCount(
  name: string,
  count: number | false | null | undefined,
  preset: number | null,
  mayDisable: boolean,
): number | false | null {
  if (count === undefined) return preset;
  if (count === null || Number.isInteger(count) || (count === false && mayDisable)) return count;
  const choices = mayDisable ? "null (no limit) or false (disabled)" : "or null (no limit)";
  throw new RangeError(`Retry: ${name} is a whole number, ${choices}; got ${count}`);
}

function checkSeconds(name: string, seconds: number): number {
  if (typeof seconds === "number" && seconds >= 0) return seconds;
  throw new RangeError(`Retry: ${name} is a number of 0 or more; got ${seconds}`);
}

function checkList<T>(name: string, list: Iterable<T>): T[] {
  // A string is iterable too, and "GET" would allow the methods G, E and T.
  if (typeof list === "object" && Symbol.iterator in list) return [...list];
  throw new TypeError(`Retry: ${name} is a list such as an array or a Set; got ${typeof list}`);
}
