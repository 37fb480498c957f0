/**
 * Which requests go over the wire engine though `fetch` would take them: `fetch` would do something else than was asked for.
 * What `fetch` refuses by itself is said in `_fetch_support.ts`.
 */

import type { SendOptions, TimeoutLimits } from "./adapter.ts";
import type { PreparedRequest } from "./request.ts";

/** What {@linkcode prefersWire} looks at besides the request. */
export interface EngineCircumstances {
  /** The limits that the timeout comes to. */
  readonly limits: TimeoutLimits;
  /** The URL of the proxy, or `null`. */
  readonly proxy: string | null;
  /** Whether proxy variables are set that `fetch` would look at by itself; `null` if that may not be known. */
  readonly hasProxyVariables: boolean | null;
}

/** Whether a request is one that `fetch` does not carry out as requests promises. */
export function prefersWire(
  request: PreparedRequest,
  options: SendOptions,
  { limits, proxy, hasProxyVariables }: EngineCircumstances,
): boolean {
  const { headers } = request;
  if (/^http\+unix:/i.test(request.url ?? "")) return true;
  const isSecure = /^https:/i.test(request.url ?? "");
  // fetch looks the name up locally whatever the proxy, and cannot tell what a proxy refused.
  if (proxy !== null) return true;
  // Proxies of the environment would get what is to go directly. fetch asks neither this library nor `--allow-env`.
  if (hasProxyVariables ?? options.trustEnv === false) return true;
  // fetch trusts a certificate of one's own besides the default ones, not instead of them.
  if (isSecure && typeof options.verify === "string") return true;
  // A limit for connecting that is told from the one for reading.
  if (Array.isArray(options.timeout) && limits.connect !== null) return true;
  // Fields that fetch adds where they are missing.
  if (!headers.has("accept") || !headers.has("user-agent")) return true;
  // fetch sends the body at once.
  return headers.has("expect");
}
