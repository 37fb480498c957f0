/**
 * Checks of captured values, and of what became of the connection.
 *
 * @module
 */

import { type Check, type CheckContext, quote, required } from "./check.ts";

const STRONG_REGEXP = /^"[^"]*"$/;
const WEAK_REGEXP = /^W\/"[^"]*"$/;

/** `captured-strong:E`. */
export const checkCapturedStrong: Check = (_answer, name, context) => {
  const value = captured(name, context);
  return STRONG_REGEXP.test(value) ? undefined : `${name} is no strong tag: ${quote(value)}`;
};

/** `captured-weak:E`. */
export const checkCapturedWeak: Check = (_answer, name, context) => {
  const value = captured(name, context);
  return WEAK_REGEXP.test(value) ? undefined : `${name} is no weak tag: ${quote(value)}`;
};

/** `same:A:B`. */
export const checkSame: Check = (_answer, argument, context) => {
  const [a, b] = pairOf(argument, context);
  return a === b ? undefined : `${argument} are not the same: ${quote(a)}, ${quote(b)}`;
};

/** `differ:A:B`. */
export const checkDiffer: Check = (_answer, argument, context) => {
  const [a, b] = pairOf(argument, context);
  return a === b ? `${argument} do not differ: both are ${quote(a)}` : undefined;
};

/** `connection:closed` and `connection:open`. */
export const checkConnection: Check = (_answer, wanted, { connection }) =>
  connection === wanted ? undefined : `the connection is ${connection}, not ${wanted}`;

function pairOf(argument: string, context: CheckContext): [string, string] {
  const [a = "", b = ""] = argument.split(":");
  return [captured(a, context), captured(b, context)];
}

function captured(name: string, { captures }: CheckContext): string {
  return required(captures.get(name), `capture "${name}"`);
}
