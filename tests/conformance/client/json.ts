/**
 * Reading JSON whose shape the case files promise.
 *
 * @module
 */

/** A parsed JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | JsonFields;

/** A parsed JSON object. */
export interface JsonFields {
  readonly [name: string]: Json;
}

/**
 * The value as an object.
 *
 * @throws {TypeError} If it is something else.
 */
export function asFields(value: unknown, what: string): JsonFields {
  if (!isFields(value)) throw new TypeError(`${what} is no object: ${JSON.stringify(value)}`);
  return value;
}

/** Whether a value is an object, and neither a list nor null. */
export function isFields(value: unknown): value is JsonFields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * The value as a list.
 *
 * @throws {TypeError} If it is something else.
 */
export function asList(value: unknown, what: string): readonly Json[] {
  if (!Array.isArray(value)) throw new TypeError(`${what} is no list: ${JSON.stringify(value)}`);
  return value;
}

/**
 * The value as text.
 *
 * @throws {TypeError} If it is something else.
 */
export function asText(value: unknown, what: string): string {
  if (typeof value !== "string") throw new TypeError(`${what} is no text: ${JSON.stringify(value)}`);
  return value;
}

/**
 * The value as a number that is not negative.
 *
 * @throws {TypeError} If it is something else.
 */
export function asNumber(value: unknown, what: string): number {
  if (typeof value !== "number" || !(value >= 0)) {
    throw new TypeError(`${what} is no number from 0 up: ${JSON.stringify(value)}`);
  }
  return value;
}

/**
 * The value as true or false.
 *
 * @throws {TypeError} If it is something else.
 */
export function asFlag(value: unknown, what: string): boolean {
  if (typeof value !== "boolean") throw new TypeError(`${what} is neither true nor false: ${JSON.stringify(value)}`);
  return value;
}

/** Reads a value if it is there. */
export function optional<T>(
  read: (value: unknown, what: string) => T,
  value: unknown,
  what: string,
): T | undefined {
  return value === undefined ? undefined : read(value, what);
}

/**
 * Refuses every key that is not known, so that a case which asks for more than the runner does cannot pass unnoticed.
 *
 * @throws {TypeError} If there is such a key.
 */
export function onlyKeys(fields: JsonFields, known: readonly string[], what: string): void {
  for (const key of Object.keys(fields)) {
    if (!known.includes(key)) throw new TypeError(`${what} has an unknown key: "${key}"`);
  }
}

/** Whether an object has exactly one key, this one. */
export function hasOnly<K extends string>(value: unknown, key: K): value is { readonly [key in K]: Json } {
  return isFields(value) && Object.keys(value).length === 1 && key in value;
}
