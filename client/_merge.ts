/** How the settings of a request are laid over those of its session. */

import { CaseInsensitiveDict, findingsOf, type HeadersInput } from "./case_insensitive_dict.ts";
import type { FieldPair, FieldsInput, ParamsInput } from "./types.ts";

/** The value of a header, as a request holds it. */
type HeaderValue = string | Uint8Array;

/**
 * Lays the parameters of a request over those of the session (Python: `requests.sessions.merge_setting`).
 *
 * Fields are merged by name, capitals count: the names of the session keep their place, the values of the request win, and
 * `null` removes a name. Text and bytes have no names, so there the request's setting stands alone.
 *
 * Python merges only if both are dicts; here a list of pairs, a `Map` and `URLSearchParams` merge as well, and a name that
 * the request repeats is repeated, in the order of the request.
 *
 * @example
 * ```ts
 * import { mergeSetting } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(mergeSetting({ page: "2", lang: null }, { lang: "en", q: "x" }), [["q", "x"], ["page", "2"]]);
 * ```
 */
export function mergeSetting(request: ParamsInput | undefined, session: ParamsInput | undefined): ParamsInput {
  if (session === null || session === undefined) return request ?? null;
  if (request === null || request === undefined) return session;
  const ours = fieldPairs(request);
  const theirs = fieldPairs(session);
  if (ours === null || theirs === null) return request;

  const overriding = new Map<string, FieldPair[]>();
  for (const pair of ours) {
    const group = overriding.get(nameText(pair[0]));
    if (group === undefined) overriding.set(nameText(pair[0]), [pair]);
    else group.push(pair);
  }
  const merged: FieldPair[] = [];
  const placed = new Set<FieldPair>();
  for (const pair of theirs) {
    const group = overriding.get(nameText(pair[0])) ?? [pair];
    // A name that the request repeats keeps its places among the request's other names.
    if (group.length > 1 || placed.has(group[0]!)) continue;
    merged.push(group[0]!);
    placed.add(group[0]!);
  }
  merged.push(...ours.filter((pair) => !placed.has(pair)));
  return merged.filter(([, value]) => value !== null && value !== undefined);
}

/**
 * Lays the headers of a request over those of the session (Python: `merge_setting` with `CaseInsensitiveDict`).
 *
 * Names are the same in any case. The names of the session keep their place and get the case of the request; `null`
 * removes a name, whoever says it.
 *
 * @throws {TypeError} if one of the two has no names and values.
 */
export function mergeHeaders(
  request: HeadersInput | undefined,
  session: HeadersInput | undefined,
): CaseInsensitiveDict<HeaderValue> {
  const merged = new CaseInsensitiveDict<HeaderValue | null>(session);
  if (request !== null && request !== undefined) merged.update(request);
  // None of them is `null` then.
  if (findingsOf(merged).areValid) return merged as CaseInsensitiveDict<HeaderValue>;
  merged.forEach((value, name) => {
    if (value === null) merged.delete(name);
  });
  return merged as CaseInsensitiveDict<HeaderValue>;
}

/** Names and values, or `null` for what has none. */
function fieldPairs(params: FieldsInput | string | Uint8Array): readonly FieldPair[] | null {
  if (typeof params !== "object" || params instanceof Uint8Array) return null;
  if (Array.isArray(params)) return params;
  const pairs = Symbol.iterator in params ? params as Iterable<FieldPair> : Object.entries(params) as FieldPair[];
  return [...pairs];
}

function nameText(name: FieldPair[0]): string {
  return name instanceof Uint8Array ? new TextDecoder().decode(name) : String(name);
}
