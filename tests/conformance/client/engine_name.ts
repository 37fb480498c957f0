/**
 * What carries the requests of a case.
 *
 * @module
 */

/** The value of the option `engine` of an adapter. */
export type EngineName = "auto" | "wire";

/** Every way to play a case. */
export const ENGINES: readonly EngineName[] = ["auto", "wire"];
