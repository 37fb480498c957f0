/**
 * What arrived at a scripted server.
 *
 * @module
 */

import type { ServerName } from "./server_rule.ts";

/** One request; one character of the texts is one byte. */
export interface RequestRecord {
  /** The server that it reached. */
  readonly server: ServerName;
  /** The method. */
  readonly method: string;
  /** What the request line says. */
  readonly target: string;
  /** The fields in order, with the case that they came in. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The body without chunk framing. */
  body: Uint8Array;
  /** Whether the rule accepted the request's Digest; null when it did not ask for one. */
  digestAccepted: boolean | null;
}

/** The values of a field. */
export function valuesOf({ fields }: Pick<RequestRecord, "fields">, name: string): string[] {
  const lower = name.toLowerCase();
  return fields.flatMap(([key, value]) => key.toLowerCase() === lower ? [value] : []);
}
