/**
 * What a session sends requests through: the interface of adapters, and time limits.
 *
 * @module
 */

import type { PreparedRequest } from "./request.ts";
import type { Response } from "./response.ts";
import type { CertInput } from "./types.ts";

/**
 * A time limit in seconds. One number limits connecting and each wait for the peer; a pair `[connect, read]` limits them
 * apart; `null` sets no limit. The read limit runs from byte to byte, it does not limit the whole response.
 */
export type TimeoutInput = number | readonly [connect: number | null, read: number | null] | null;

/** How one request is sent: what Python passes to `HTTPAdapter.send()` as keyword arguments. */
export interface SendOptions {
  /**
   * Whether the body is left on the connection, to be read piece by piece. An adapter never reads ahead; the session reads
   * the body of a response that is not streamed.
   *
   * @default {false}
   */
  stream?: boolean | undefined;
  /**
   * Time limit in seconds, see {@linkcode TimeoutInput}.
   *
   * @default {null}
   */
  timeout?: TimeoutInput | undefined;
  /**
   * Whether the certificate of the server is checked; or the path of a file or folder with certificates (PEM) to trust.
   *
   * @default {true}
   */
  verify?: boolean | string | undefined;
  /**
   * A client certificate, see {@linkcode CertInput}.
   *
   * @default {null}
   */
  cert?: CertInput | null | undefined;
  /**
   * URLs of proxies by `scheme://host`, `scheme`, `all://host` or `all`. They are taken as they are: looking at the
   * environment is the session's part.
   *
   * @default {{}}
   */
  proxies?: Readonly<Record<string, string | null>> | null | undefined;
  /**
   * Gives the request up, at any time until the body has been read. The promise rejects with the signal's reason.
   *
   * @default {undefined}
   */
  signal?: AbortSignal | undefined;
  /**
   * Whether proxies of the environment may be used, should the adapter be unable to keep `fetch` from using them.
   *
   * @default {true}
   */
  trustEnv?: boolean | undefined;
}

/**
 * Sends prepared requests (Python: `requests.adapters.BaseAdapter`). Mount one with `Session.mount()` to send the requests
 * of some URLs another way.
 *
 * @example An adapter that answers by itself
 * ```ts
 * import { BaseAdapter, type PreparedRequest, Response, Session } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * class Echo extends BaseAdapter {
 *   override send(request: PreparedRequest): Promise<Response> {
 *     const body = new Blob([`${request.method} ${request.url}`]).stream();
 *     const headers = new Headers({ "content-type": "text/plain" });
 *     return Promise.resolve(new Response({ statusCode: 200, url: request.url ?? "", headers, body, request }));
 *   }
 *   override close(): void {}
 * }
 *
 * await using session = new Session();
 * session.mount("echo://", new Echo());
 * assert.equal((await session.get("echo://here")).text, "GET echo://here");
 * ```
 */
export abstract class BaseAdapter {
  /**
   * Sends a request once, without following redirects.
   *
   * @param request the request to send.
   * @param options see {@linkcode SendOptions}.
   * @returns the response as soon as its head is there.
   */
  abstract send(request: PreparedRequest, options?: SendOptions): Promise<Response>;

  /** Frees what the adapter holds, such as idle connections. */
  abstract close(): void | Promise<void>;
}

/** The two limits of a timeout, in seconds; `null` is no limit. */
export interface TimeoutLimits {
  /** How long connecting may take. */
  readonly connect: number | null;
  /** How long the peer may stay silent. */
  readonly read: number | null;
}

/**
 * Reads a timeout as `requests` does: one number sets both limits.
 *
 * @param timeout the option as it was given; `undefined` is as good as `null`.
 * @throws {RangeError} for what is neither a positive number nor a pair of them, with Python's message.
 *
 * @example
 * ```ts
 * import { checkTimeout } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(checkTimeout(5), { connect: 5, read: 5 });
 * assert.deepEqual(checkTimeout([3.05, null]), { connect: 3.05, read: null });
 * assert.throws(() => checkTimeout(0), /cannot be set to a value less than or equal to 0/);
 * ```
 */
export function checkTimeout(timeout: unknown): TimeoutLimits {
  if (!Array.isArray(timeout)) return { connect: checkLimit("connect", timeout), read: checkLimit("read", timeout) };
  if (timeout.length !== 2) {
    throw new RangeError(
      `Invalid timeout (${timeout.join(", ")}). Pass a (connect, read) timeout tuple, or a single float to set both ` +
        "timeouts to the same value.",
    );
  }
  return { connect: checkLimit("connect", timeout[0]), read: checkLimit("read", timeout[1]) };
}

function checkLimit(name: "connect" | "read", value: unknown): number | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") {
    throw new RangeError("Timeout cannot be a boolean value. It must be an int, float or None.");
  }
  if (typeof value !== "number" || Number.isNaN(value)) {
    throw new RangeError(`Timeout value ${name} was ${String(value)}, but it must be an int, float or None.`);
  }
  if (value <= 0) {
    throw new RangeError(
      `Attempted to set ${name} timeout to ${value}, but the timeout cannot be set to a value less than or equal to 0.`,
    );
  }
  return value === Infinity ? null : value;
}
