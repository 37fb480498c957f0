/**
 * Cases in which the client differs from Python's requests on purpose, or because `fetch` cannot do it.
 *
 * A case in this table is played all the same, and must fail: when it begins to pass, its entry has to go.
 *
 * @module
 */

import type { EngineName } from "./engine_name.ts";

/** What begins the reason of a difference that the kit itself expects. */
export const URL_STANDARD = "the URL standard";

const NO_REASON = "fetch hides the reason phrase of the server and gives the usual one of the status";

const EVERYWHERE = {
  "errors/idna-invalid": `${URL_STANDARD} allows the host (UTS #46), which IDNA 2008 does not`,
};

/** Why the client differs, by engine and by the case's id. */
export const KNOWN_DIFFERENCES: Readonly<Record<EngineName, Readonly<Record<string, string>>>> = {
  // Whether a reason phrase is out of the ordinary shows only when it is there.
  auto: {
    ...EVERYWHERE,
    "responses/reason-empty": NO_REASON,
    "responses/reason-latin1": NO_REASON,
    "responses/reason-own": NO_REASON,
  },
  wire: EVERYWHERE,
};

/** How many entries the table may have for each engine. */
export const MOST_DIFFERENCES = 4;
