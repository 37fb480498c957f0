/**
 * The names of errors in the results of a case.
 *
 * @module
 */

import * as client from "../../../client/mod.ts";
import { asFields, isFields, type Json } from "./json.ts";

/** Stands for the errors with which the language refuses an argument; Python's choice among them means nothing here. */
const REFUSED = "TypeError or RangeError";
const REFUSALS: readonly string[] = ["TypeError", "ValueError"];

type ErrorClass = abstract new (...args: never) => Error;

/** The class of errors that the client exports under a name. */
function findClass(name: string): ErrorClass | undefined {
  const exported = (client as Readonly<Record<string, unknown>>)[name];
  if (typeof exported !== "function" || !(exported.prototype instanceof Error)) return undefined;
  return exported as unknown as ErrorClass;
}

/** The name of an error: what the client exports its class as. */
export function nameError(error: unknown): string {
  if (!(error instanceof Error)) return `not an error: ${typeof error}`;
  const { name } = error.constructor;
  if (findClass(name) === error.constructor) return name;
  return error.constructor === TypeError || error.constructor === RangeError ? REFUSED : `${name}: ${error.message}`;
}

/** For each class that the client has, whether an error is an instance of it. */
export function testClasses(error: unknown, names: readonly string[]): Record<string, boolean> {
  return Object.fromEntries(names.flatMap((name) => {
    const errorClass = findClass(name);
    return errorClass === undefined ? [] : [[name, error instanceof errorClass]];
  }));
}

/** Brings an expected result into the terms of this language: names of errors, and only classes that there are. */
export function adaptResult(result: Json): Json {
  const { error, error_is: errorIs, then, ...others } = asFields(result, "a result");
  return {
    ...others,
    ...(error === undefined ? {} : { error: adaptName(error) }),
    ...(errorIs === undefined ? {} : { error_is: onlyClasses(errorIs) }),
    ...(Array.isArray(then) ? { then: then.map(adaptAction) } : {}),
  };
}

function adaptName(name: Json): Json {
  return typeof name === "string" && REFUSALS.includes(name) ? REFUSED : name;
}

function adaptAction(result: Json): Json {
  return isFields(result) && "error" in result ? { ...result, error: adaptName(result.error!) } : result;
}

function onlyClasses(errorIs: Json): Json {
  const entries = Object.entries(asFields(errorIs, "error_is"));
  return Object.fromEntries(entries.filter(([name]) => findClass(name) !== undefined));
}
