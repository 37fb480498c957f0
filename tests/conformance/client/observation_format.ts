/**
 * The names of the observations, as the case files write them.
 *
 * @module
 */

/** Attributes of a response that are shown as they are. */
export const PLAIN_OBSERVATIONS = [
  "status_code",
  "reason",
  "url",
  "text",
  "encoding",
  "ok",
  "is_redirect",
  "is_permanent_redirect",
  "links",
  "apparent_encoding",
  "content_b64",
  "history",
  "history_urls",
  "cookies",
  "request:method",
  "request:url",
  "request:body",
] as const;

/** Attributes of a prepared request. */
export const PREPARED_OBSERVATIONS = ["method", "url", "path_url", "body"] as const;

/** What a failed step is observed for as well. */
export const SESSION_OBSERVATIONS = ["session_cookies", "session_jar", "hook_log"] as const;

/** What only a failed step is observed for. */
export const ERROR_OBSERVATIONS = ["error:response", "error:request"] as const;

/** Observations that name a header field behind them. */
const HEADER_PREFIXES = ["headers:", "request:headers:"] as const;

const NAMES: readonly string[] = [
  ...PLAIN_OBSERVATIONS,
  ...PREPARED_OBSERVATIONS,
  ...SESSION_OBSERVATIONS,
  ...ERROR_OBSERVATIONS,
];

/** Whether the runner can make an observation. */
export function isKnownObservation(name: string): boolean {
  return NAMES.includes(name) || HEADER_PREFIXES.some((prefix) => name.startsWith(prefix) && name !== prefix);
}
