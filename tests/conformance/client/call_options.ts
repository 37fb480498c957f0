/**
 * From the options and hooks of a case to those of the client.
 *
 * @module
 */

import { RequestsCookieJar, type Response, type ResponseHook, type Session } from "../../../client/mod.ts";
import type { CaseValues } from "./case_values.ts";
import {
  asFields,
  asFlag,
  asList,
  asNumber,
  asText,
  hasOnly,
  type Json,
  type JsonFields,
  onlyKeys,
  optional,
} from "./json.ts";

/** The options of a call. */
export type CallOptions = NonNullable<Parameters<Session["request"]>[2]>;

/** Where the hooks of a case write to. */
export type HookLog = string[];

const CAMEL_REGEXP = /_([a-z])/g;
const COOKIE_KEYS = ["name", "value", "domain", "path", "secure", "expires"];

/**
 * Makes the options of a call. What a case gives wrongly on purpose, such as a number as a header, is passed on as it is.
 */
export function makeOptions(options: JsonFields, values: CaseValues, log: HookLog): CallOptions {
  const made = Object.entries(options).map(([name, json]) => {
    const key = name.replace(CAMEL_REGEXP, (_, letter: string) => letter.toUpperCase());
    return [key, makeOption(name, json, values, log)];
  });
  return Object.fromEntries(made) as CallOptions;
}

function makeOption(name: string, json: Json, values: CaseValues, log: HookLog): unknown {
  if (name === "hooks") return { response: makeHooks(json, log) };
  if (name === "cookies" && Array.isArray(json)) return makeJar(json);
  return values.make(json);
}

/** Makes a list of response hooks. */
export function makeHooks(json: Json, log: HookLog): ResponseHook[] {
  return asList(json, "hooks").map((hook): ResponseHook => {
    if (hasOnly(hook, "log")) {
      const name = asText(hook.log, "log");
      return (response: Response): void => void log.push(`${name} ${response.statusCode}`);
    }
    if (!hasOnly(hook, "set_encoding")) throw new TypeError(`no such hook: ${JSON.stringify(hook)}`);
    const encoding = asText(hook.set_encoding, "set_encoding");
    return (response: Response): void => void (response.encoding = encoding);
  });
}

/** Makes a jar of cookies that have domain and path. */
export function makeJar(json: Json): RequestsCookieJar {
  const jar = new RequestsCookieJar();
  for (const entry of asList(json, "cookies")) {
    const fields = asFields(entry, "a cookie");
    onlyKeys(fields, COOKIE_KEYS, "a cookie");
    const secure = optional(asFlag, fields.secure, "secure");
    const expires = optional(asNumber, fields.expires, "expires");
    jar.set(asText(fields.name, "name"), asText(fields.value, "value"), {
      domain: asText(fields.domain, "domain"),
      path: asText(fields.path, "path"),
      ...(secure === undefined ? {} : { secure }),
      ...(expires === undefined ? {} : { expires }),
    });
  }
  return jar;
}
