/** What kind of failure an error is for a `Retry`, whatever engine it comes from. */

import { ConnectionError, ConnectTimeout, ReadTimeout, SSLError } from "./errors.ts";

/** Errors of requests of which nothing was sent. Kept beside the errors: they are what users see. */
const UNSENT = new WeakSet<object>();

/** Notes that nothing of the request was sent when an error came. */
export function markUnsent(error: unknown): void {
  if (typeof error === "object" && error !== null) UNSENT.add(error);
}

/**
 * What kind of failure counts against which limit of a `Retry`: `"connect"` when nothing was sent, `"read"` when the server
 * may have got the request; `null` for what another attempt cannot heal.
 */
export function failureKind(error: unknown): "connect" | "read" | null {
  if (error instanceof SSLError) return null;
  if (error instanceof ConnectTimeout) return "connect";
  if (error instanceof ReadTimeout) return "read";
  if (!(error instanceof ConnectionError)) return null;
  return UNSENT.has(error) ? "connect" : "read";
}
