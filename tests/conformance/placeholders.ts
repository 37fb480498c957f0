/**
 * Placeholders such as `{PORT}` in requests, checks and expectations.
 *
 * @module
 */

const PLACEHOLDER_REGEXP = /\{([A-Z][A-Z0-9_]*)\}/g;
const WEAK_PREFIX_REGEXP = /^W\//;
const QUOTED_REGEXP = /^"(.*)"$/;

/** Puts known names in; braces around anything else stay as they are. */
export function fillText(text: string, values: ReadonlyMap<string, string>): string {
  return text.replace(PLACEHOLDER_REGEXP, (whole, name: string) => values.get(name) ?? whole);
}

/** Puts known names into every text of a value made of objects, lists and texts. */
export function fillDeep<T>(value: T, values: ReadonlyMap<string, string>): T {
  return fillUnknown(value, values) as T;
}

function fillUnknown(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === "string") return fillText(value, values);
  if (Array.isArray(value)) return value.map((entry) => fillUnknown(entry, values));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, fillUnknown(entry, values)]));
}

/** The names that stand for a captured value: the value, without a leading `W/`, and that without its quotes. */
export function namesOfCapture(name: string, value: string): [string, string][] {
  const opaque = value.replace(WEAK_PREFIX_REGEXP, "");
  return [[name, value], [`${name}_OPAQUE`, opaque], [`${name}_CORE`, opaque.replace(QUOTED_REGEXP, "$1")]];
}
