/**
 * Header fields by name, whatever its case.
 *
 * @module
 */

/**
 * Header fields, as a request and a session take them: an object, pairs, web `Headers`, or a {@link CaseInsensitiveDict}.
 *
 * Bytes go out as they are. `null` switches a field of the session off. `undefined` is as if the name were not there.
 */
export type HeadersInput =
  | Readonly<Record<string, string | Uint8Array | null | undefined>>
  | Iterable<readonly [string, string | Uint8Array | null]>
  | Headers
  | CaseInsensitiveDict
  | null;

/** What a {@link CaseInsensitiveDict} can be filled from. Values that are `undefined` are left out. */
export type CaseInsensitiveDictInput<V> =
  | Readonly<Record<string, V | undefined>>
  | Iterable<readonly [string, V]>
  | null
  | undefined;

/** What was found out about header fields. It is kept for as long as they stay as they are. */
export interface Findings {
  /** Whether each of them may be sent. */
  areValid?: boolean;
  /** How they leave. */
  outgoing?: readonly (readonly [name: string, value: string])[];
}

/** The fields of a dictionary, and of its copies until they are changed. */
interface Contents<V> {
  /** By name in small letters. A pair is replaced, never changed, so that contents can share it. */
  readonly fields: Map<string, readonly [name: string, value: V]>;
  /** Whether more than one dictionary may have them. */
  shared: boolean;
  findings: Findings | null;
}

/** Nobody writes into what is shared. */
const NOTHING: Contents<never> = { fields: new Map(), shared: true, findings: null };

/**
 * Where to keep what is found out about the fields of a dictionary. Copies that were not changed have the same object, and no
 * other dictionary ever gets it, so it also stands for the fields as they are.
 */
export let findingsOf: (dict: CaseInsensitiveDict<string | Uint8Array | null>) => Findings;

/**
 * A map whose names are found in any case (Python: `requests.structures.CaseInsensitiveDict`).
 *
 * It keeps the case in which a name was set last, and the place at which it was set first. It is iterable as
 * `[name, value]`, so that `new Headers(dict)` works.
 *
 * @example
 * ```ts
 * import { CaseInsensitiveDict } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const headers = new CaseInsensitiveDict({ Accept: "text/html", "X-Id": "1" });
 * headers.set("aCCEPT", "application/json");
 * assert.equal(headers.get("accept"), "application/json");
 * assert.deepEqual([...headers.keys()], ["aCCEPT", "X-Id"]);
 * assert.equal(new Headers(headers).get("x-id"), "1");
 * ```
 */
export class CaseInsensitiveDict<V = string> implements Iterable<[string, V]> {
  /**
   * Fast path: copied when they are changed. Every request copies the headers of its session several times, and most change
   * none of them.
   */
  #contents: Contents<V> = NOTHING;

  static {
    findingsOf = (dict) => dict.#contents.findings ??= {};
  }

  /**
   * Takes a copy of `data`.
   *
   * @throws {TypeError} if `data` has no names and values, or a name is not a string
   */
  constructor(data?: CaseInsensitiveDictInput<V>) {
    if (data !== undefined && data !== null) this.update(data);
  }

  get #fields(): ReadonlyMap<string, readonly [name: string, value: V]> {
    return this.#contents.fields;
  }

  /** The fields, to be changed. */
  #owned(): Map<string, readonly [name: string, value: V]> {
    if (this.#contents.shared) {
      this.#contents = { fields: new Map(this.#contents.fields), shared: false, findings: null };
    } else this.#contents.findings = null;
    return this.#contents.fields;
  }

  /** The number of names. */
  get size(): number {
    return this.#fields.size;
  }

  /** The value of a name in any case, or `null`. */
  get(name: string): V | null {
    return this.#fields.get(name.toLowerCase())?.[1] ?? null;
  }

  /**
   * Sets a value. A name that is there in another case keeps its place and gets the new case.
   *
   * @throws {TypeError} if `name` is not a string
   */
  set(name: string, value: V): void {
    if (typeof name !== "string") throw new TypeError(`The name of a header is a string, not ${describe(name)}`);
    this.#owned().set(name.toLowerCase(), [name, value]);
  }

  /** Removes a name in any case; `true` if it was there. */
  delete(name: string): boolean {
    return this.has(name) && this.#owned().delete(name.toLowerCase());
  }

  /** Whether a name is there in any case. */
  has(name: string): boolean {
    return this.#fields.has(name.toLowerCase());
  }

  /** The value of a name; sets it to `value` first where it is missing (Python: `setdefault`). */
  setdefault(name: string, value: V): V {
    const field = this.#fields.get(name.toLowerCase());
    if (field !== undefined) return field[1];
    this.set(name, value);
    return value;
  }

  /** Removes every name. */
  clear(): void {
    this.#contents = NOTHING;
  }

  /**
   * Sets every name of `data`; the others stay. Fields that a web `Headers` holds several times are joined with `, `.
   *
   * @throws {TypeError} if `data` has no names and values, or a name is not a string; nothing is set then
   */
  update(data?: CaseInsensitiveDictInput<V>): void {
    if (data instanceof CaseInsensitiveDict) {
      const other = (data as CaseInsensitiveDict<V>).#contents;
      if (other.fields.size === 0) return;
      if (this.size > 0) {
        const own = this.#owned();
        other.fields.forEach((field, lowerName) => own.set(lowerName, field));
      } else {
        other.shared = true;
        this.#contents = other;
      }
      return;
    }
    const pairs = readPairs(data);
    for (const [name] of pairs) {
      if (typeof name !== "string") throw new TypeError(`The name of a header is a string, not ${describe(name)}`);
    }
    for (const [name, value] of pairs) this.set(name, value);
  }

  /** Each name in the case it was set last, with its value. */
  *entries(): IterableIterator<[string, V]> {
    for (const [name, value] of this.#fields.values()) yield [name, value];
  }

  /** Calls a function with each value and its name, as `Headers` does. It makes less garbage than a loop. */
  forEach(visit: (value: V, name: string) => void): void {
    this.#fields.forEach(([name, value]) => visit(value, name));
  }

  /** Each name, in the case it was set last. */
  *keys(): IterableIterator<string> {
    for (const [name] of this.#fields.values()) yield name;
  }

  /** Each value. */
  *values(): IterableIterator<V> {
    for (const [, value] of this.#fields.values()) yield value;
  }

  /** The same as {@link entries}. */
  [Symbol.iterator](): IterableIterator<[string, V]> {
    return this.entries();
  }

  /** Each name in small letters, with its value (Python: `lower_items`). */
  *lowerItems(): IterableIterator<[string, V]> {
    for (const [lowerName, [, value]] of this.#fields) yield [lowerName, value];
  }

  /** An independent copy; values are shared. */
  copy(): CaseInsensitiveDict<V> {
    return new CaseInsensitiveDict<V>(this);
  }

  /**
   * Whether `other` has the same names, in any case and order, and the same values. Bytes are compared by content.
   * Something that has no names and values is not equal (Python: `==`).
   */
  equals(other: unknown): boolean {
    let that: CaseInsensitiveDict<unknown>;
    if (other === null || typeof other !== "object") return false;
    try {
      that = new CaseInsensitiveDict<unknown>(other as CaseInsensitiveDictInput<unknown>);
    } catch (error) {
      if (error instanceof TypeError) return false; // A list, say, that holds no pairs.
      throw error;
    }
    if (that.size !== this.size) return false;
    return Array.from(this.lowerItems()).every(([name, value]) => that.has(name) && isSame(value, that.get(name)));
  }

  /** The names in the case they were set last, and their values, as an object. */
  toJSON(): Record<string, V> {
    return Object.fromEntries(this);
  }
}

function readPairs<V>(data: CaseInsensitiveDictInput<V>): (readonly [string, V])[] {
  if (data === null || data === undefined) return [];
  if (typeof data !== "object") throw notNamesAndValues(data);
  // Headers iterates over every Set-Cookie on its own, and the last one would hide the others.
  if (data instanceof Headers) {
    const names = new Set(data.keys());
    return Array.from(names, (name) => [name, data.get(name) as V]);
  }
  if (Symbol.iterator in data) {
    return Array.from(data as Iterable<readonly [string, V]>, (pair) => {
      if (!Array.isArray(pair) || pair.length !== 2) throw notNamesAndValues(pair);
      return pair as unknown as readonly [string, V];
    });
  }
  return Object.entries(data).filter((pair): pair is [string, V] => pair[1] !== undefined);
}

function notNamesAndValues(value: unknown): TypeError {
  return new TypeError(
    `Headers are an object of names and values, or a list of pairs [name, value]; ${describe(value)} is neither`,
  );
}

/** Names the type only, because the value may be a secret. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (Array.isArray(value)) return `an array of length ${value.length}`;
  return typeof value === "object" ? value.constructor?.name ?? "object" : typeof value;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a instanceof Uint8Array && b instanceof Uint8Array) {
    return a.length === b.length && a.every((byte, index) => byte === b[index]);
  }
  return Object.is(a, b);
}
