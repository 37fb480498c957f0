/**
 * Cases in which the client differs from Python's requests on purpose, or because fetch cannot do it.
 *
 * A case in this table is played all the same, and must fail: when it begins to pass, its entry has to go.
 *
 * @module
 */

/** What begins the reason of a difference that the kit itself expects. */
export const URL_STANDARD = "the URL standard";

const NO_BODY = "fetch refuses a body with GET and HEAD";
const NO_REASON = "fetch hides the reason phrase of the server and gives the usual one of the status";
const NO_CONNECT_LIMIT = "fetch does not tell when it is connected, so that a limit for connecting alone is refused";

/** Why the client differs, by the case's id. */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {
  "bodies/get-with-body": NO_BODY,
  "errors/idna-invalid": `${URL_STANDARD} allows the host (UTS #46), which IDNA 2008 does not`,
  "headers/session-null": "fetch sends an Accept header of its own when there is none",
  "proxies/tunnel-refused": "fetch would repeat the proxy's password inside the tunnel, so that it is not even tried",
  "responses/reason-empty": NO_REASON,
  "responses/reason-latin1": NO_REASON,
  "responses/reason-own": NO_REASON,
  "timeouts/pair-enough": NO_CONNECT_LIMIT,
  "timeouts/pair-null": NO_CONNECT_LIMIT,
  "timeouts/pair-read": NO_CONNECT_LIMIT,
};

/** How many entries the table may have. */
export const MOST_DIFFERENCES = 10;
