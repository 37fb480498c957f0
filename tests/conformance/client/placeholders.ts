/**
 * Placeholders such as `{A}` for the addresses of the servers: filling them in, and putting them back.
 *
 * @module
 */

import type { Json, JsonFields } from "./json.ts";

/** The ports that the placeholders stand for. */
export type Ports = Readonly<Record<"A" | "B" | "PROXY" | "DEAD", number>>;

const PLACEHOLDER_REGEXP = /\{((?:A|B|PROXY|DEAD)(?:_LOCALHOST)?(?:_HOST)?|(?:A|B|PROXY|DEAD)_PORT)\}/g;
const DEFAULT_PORT_REGEXP = /(http:\/\/[^\/?#\s]*):80(?=[\/?#\s]|$)/g;

/** The placeholders of one case with its ports. */
export class Placeholders {
  readonly #values = new Map<string, string>();
  readonly #backwards: (readonly [found: RegExp, placeholder: string])[];

  /** Binds the placeholders to ports. */
  constructor(ports: Ports) {
    for (const [name, port] of Object.entries(ports)) {
      this.#values.set(`${name}_PORT`, String(port));
      this.#values.set(`${name}_HOST`, `127.0.0.1:${port}`);
      this.#values.set(`${name}_LOCALHOST_HOST`, `localhost:${port}`);
      this.#values.set(`${name}_LOCALHOST`, `http://localhost:${port}`);
      this.#values.set(name, `http://127.0.0.1:${port}`);
    }
    this.#backwards = [...this.#values]
      .map(([name, value]) =>
        name.endsWith("_PORT") ? [`:${value}`, `:{${name}}`] as const : [value, `{${name}}`] as const
      )
      .sort(([a], [b]) => b.length - a.length)
      // Not in front of another digit: port 4321 does not occur in 43210.
      .map(([value, shown]) => [new RegExp(`${RegExp.escape(value)}(?!\\d)`, "g"), shown] as const);
  }

  /** Puts the addresses into a text. */
  fillText(text: string): string {
    return text.replace(PLACEHOLDER_REGEXP, (_, name: string) => this.#values.get(name)!);
  }

  /** Puts the addresses into every text of a value, into names of fields too, but not into base64. */
  fill(value: Json): Json {
    return mapTexts(value, (text) => this.fillText(text));
  }

  /** Puts the placeholders back, and leaves the default port of http addresses out. */
  restoreText(text: string): string {
    let restored = text;
    for (const [found, shown] of this.#backwards) restored = restored.replace(found, () => shown);
    return restored.replace(DEFAULT_PORT_REGEXP, "$1");
  }

  /** Puts the placeholders back into every text of a value, into names of fields too. */
  restore(value: Json): Json {
    return mapTexts(value, (text) => this.restoreText(text));
  }
}

function mapTexts(value: Json, change: (text: string) => string): Json {
  if (typeof value === "string") return change(value);
  if (value === null || typeof value !== "object") return value;
  if (isList(value)) return value.map((entry) => mapTexts(entry, change));
  const entries = Object.entries(value).map(([key, entry]) => {
    return [change(key), key === "b64" ? entry : mapTexts(entry, change)] as const;
  });
  return Object.fromEntries(entries) satisfies JsonFields;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}
