/**
 * Cases in which the server differs from the kit on purpose.
 *
 * A case in this table is played all the same, and must fail: when it begins to pass, its entry has to go.
 *
 * @module
 */

/** Why the server differs, by the case's id. */
export const KNOWN_DIFFERENCES: Readonly<Record<string, string>> = {};

/** How many entries the table may have beside those of `cgi`. */
export const MOST_DIFFERENCES = 12;

/** How many entries of `cgi` the table may have. */
export const MOST_CGI_DIFFERENCES = 3;
