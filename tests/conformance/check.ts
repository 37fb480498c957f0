/**
 * What a check is: a pure function of an answer.
 *
 * @module
 */

import type { Answer } from "./answer.ts";
import type { Expectation } from "./expectation.ts";

/** What a check may look at beside the answer. */
export interface CheckContext {
  /** The target of the request, as sent: the address that links and redirects are relative to. */
  readonly target: string;
  /** What to compare with. */
  readonly expect: Expectation;
  /** Captured header values by name. */
  readonly captures: ReadonlyMap<string, string>;
  /** What the server did with the connection afterwards. */
  readonly connection: "closed" | "open";
}

/** Says why the check does not hold, or undefined if it does; the argument is what follows the first colon. */
export type Check = (answer: Answer, argument: string, context: CheckContext) => string | undefined;

/** A value of the expectation or of the captures that a check cannot do without. */
export function required<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new TypeError(`Cannot run the check: the case gives no ${what}`);
  return value;
}

/** Quotes a value for a message. */
export function quote(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
