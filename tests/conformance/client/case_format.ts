/**
 * The shape of the case files: what `cases/README.md` describes.
 *
 * Every key, observation, call and action is known by name and anything else is refused, so that a case which asks for
 * more than the runner does cannot pass unnoticed. What holds placeholders stays JSON until they are filled in.
 *
 * @module
 */

import { isKnownAction } from "./action_format.ts";
import { isKnownObservation } from "./observation_format.ts";
import { asFields, asFlag, asList, asText, type Json, type JsonFields, onlyKeys, optional } from "./json.ts";
import { parseServerRule } from "./server_rule.ts";

/** How a request is made. */
export type CallName = "request" | "verb" | "prepare" | "send" | "send_next";

/** One call of the client. */
export interface CaseStep {
  /** How the request is made. */
  readonly call: CallName;
  /** The method, in any case. */
  readonly method: string;
  /** The URL, with placeholders. */
  readonly url: string;
  /** Keyword options under their Python names. */
  readonly options: JsonFields;
  /** Changes to a prepared request. */
  readonly edit: JsonFields;
  /** Actions on the response. */
  readonly actions: readonly Json[];
  /** What to look at. */
  readonly observe: readonly string[];
}

/** What to record of the requests that arrive. */
export interface WireView {
  /** The names of the fields to show. */
  readonly headers: readonly string[];
  /** Whether to show the body, and how. */
  readonly body: boolean | "json";
}

/** One case. */
export interface ConformanceCase {
  /** The unique name, `topic/name`. */
  readonly id: string;
  /** One line of explanation. */
  readonly about: string;
  /** The rules of the servers, with placeholders. */
  readonly server: readonly Json[];
  /** The settings of the session, with placeholders. */
  readonly session: JsonFields;
  /** Environment variables for the time of the case, with placeholders. */
  readonly env: JsonFields;
  /** The text of a netrc file, with placeholders. */
  readonly netrc: string | undefined;
  /** The calls, in order. */
  readonly steps: readonly CaseStep[];
  /** Error classes to test when a step fails; undefined when the result does not tell. */
  readonly errorIs: readonly string[] | undefined;
  /** What to record of the requests that arrive; undefined when nothing. */
  readonly wire: WireView | undefined;
  /** Whether Python goes beyond the WHATWG URL standard here, so that a client may differ. */
  readonly mayDiffer: boolean;
  /** The outcome: one result for each step, and what arrived. */
  readonly expect: { readonly steps: readonly Json[]; readonly wire: readonly Json[] | undefined };
}

const CASE_KEYS = [
  "id",
  "about",
  "server",
  "session",
  "env",
  "netrc",
  "steps",
  "observe",
  "error_is",
  "wire",
  "expect",
  "needs",
  "differs",
];
const STEP_KEYS = ["method", "url", "options", "call", "edit", "then", "observe"];
const CALLS: readonly CallName[] = ["request", "verb", "prepare", "send", "send_next"];
const EDIT_KEYS = ["headers", "url", "method", "body"];
const SESSION_KEYS = [
  "trust_env",
  "headers",
  "clear_headers",
  "params",
  "auth",
  "cookies",
  "proxies",
  "max_redirects",
  "stream",
  "hooks",
];

/** The names of the options of a call. */
const OPTION_KEYS: readonly string[] = [
  "params",
  "data",
  "json",
  "headers",
  "cookies",
  "files",
  "auth",
  "timeout",
  "allow_redirects",
  "proxies",
  "stream",
  "hooks",
];

/**
 * Reads the parsed JSON of one case file.
 *
 * @throws {TypeError} If anything is not as the format says, or is not known to the format.
 */
export function parseCases(json: unknown): ConformanceCase[] {
  return asList(json, "a case file").map(parseCase);
}

function parseCase(json: Json): ConformanceCase {
  const fields = asFields(json, "a case");
  const id = asText(fields.id, "id");
  try {
    onlyKeys(fields, CASE_KEYS, "a case");
    const session = asFields(fields.session ?? {}, "session");
    onlyKeys(session, SESSION_KEYS, "session");
    const server = asList(fields.server ?? [], "server");
    // Only to find mistakes early: the rules are read again when the placeholders are filled in.
    server.forEach(parseServerRule);
    const observe = optional(parseObserve, fields.observe, "observe") ?? ["status_code"];
    return {
      id,
      about: asText(fields.about, "about"),
      server,
      session,
      env: asFields(fields.env ?? {}, "env"),
      netrc: optional(asText, fields.netrc, "netrc"),
      steps: asList(fields.steps, "steps").map((step) => parseStep(step, observe)),
      errorIs: optional(parseTexts, fields.error_is, "error_is"),
      wire: optional(parseWire, fields.wire, "wire"),
      mayDiffer: optional(parseDiffers, fields.differs, "differs") ?? false,
      expect: parseExpect(fields.expect, fields.wire !== undefined),
    };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new TypeError(`Cannot read case "${id}": ${message}`, { cause: error });
  }
}

function parseStep(json: Json, observe: readonly string[]): CaseStep {
  const fields = asFields(json, "a step");
  onlyKeys(fields, STEP_KEYS, "a step");
  const options = asFields(fields.options ?? {}, "options");
  onlyKeys(options, OPTION_KEYS, "options");
  const edit = asFields(fields.edit ?? {}, "edit");
  onlyKeys(edit, EDIT_KEYS, "edit");
  const call = optional(asText, fields.call, "call") ?? "request";
  if (!isCallName(call)) throw new TypeError(`no such call: "${call}"`);
  const actions = asList(fields.then ?? [], "then");
  for (const action of actions) {
    if (!isKnownAction(action)) throw new TypeError(`no such action: ${JSON.stringify(action)}`);
  }
  return {
    call,
    method: asText(fields.method, "method"),
    url: asText(fields.url, "url"),
    options,
    edit,
    actions,
    observe: optional(parseObserve, fields.observe, "observe") ?? observe,
  };
}

function isCallName(name: string): name is CallName {
  return (CALLS as readonly string[]).includes(name);
}

function parseObserve(json: unknown, what: string): string[] {
  const names = parseTexts(json, what);
  for (const name of names) {
    if (!isKnownObservation(name)) throw new TypeError(`no such observation: "${name}"`);
  }
  return names;
}

function parseWire(json: unknown, what: string): WireView {
  const fields = asFields(json, what);
  onlyKeys(fields, ["headers", "body"], what);
  const body = fields.body === "json" ? "json" : optional(asFlag, fields.body, "body") ?? false;
  return { headers: parseTexts(fields.headers, "headers"), body };
}

function parseDiffers(json: unknown): boolean {
  if (json !== "url-standard") throw new TypeError(`differs has an unknown value: ${JSON.stringify(json)}`);
  return true;
}

function parseExpect(json: unknown, hasWire: boolean): ConformanceCase["expect"] {
  const fields = asFields(json, "expect");
  onlyKeys(fields, ["steps", "wire"], "expect");
  if (("wire" in fields) !== hasWire) throw new TypeError("wire stands in only one of the case and its expect");
  return { steps: asList(fields.steps, "expect"), wire: optional(asList, fields.wire, "wire") };
}

function parseTexts(json: unknown, what: string): string[] {
  return asList(json, what).map((entry) => asText(entry, what));
}
