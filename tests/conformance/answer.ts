/**
 * An answer of the server under test, and how to look things up in it.
 *
 * @module
 */

/** A complete answer. */
export interface Answer {
  /** The status code. */
  readonly status: number;
  /** Header fields in the order of arrival: lower-case name, value without white space around it. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The body without its transfer coding; a content coding is still on. */
  readonly body: Uint8Array;
  /** The status codes of the `1xx` answers that came before. */
  readonly interim: readonly number[];
}

/** The value of a field, repeated fields joined with `, `; undefined if there is none. */
export function fieldOf(answer: Pick<Answer, "fields">, name: string): string | undefined {
  const values = answer.fields.filter(([field]) => field === name.toLowerCase()).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

/** The body as UTF-8; bytes that are no UTF-8 become U+FFFD. */
export function textOf(answer: Pick<Answer, "body">): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(answer.body);
}
