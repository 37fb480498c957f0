/**
 * From the settings of a case to a session.
 *
 * @module
 */

import { Session } from "../../../client/mod.ts";
import { type HookLog, makeHooks, makeJar } from "./call_options.ts";
import type { CaseValues } from "./case_values.ts";
import { asFields, asFlag, asNumber, asText, type Json, type JsonFields } from "./json.ts";

/** Makes the session of a case. Nothing of the environment is looked at, unless the case says so. */
export function buildSession(settings: JsonFields, values: CaseValues, log: HookLog): Session {
  const session = new Session();
  session.trustEnv = false;
  // First of all, wherever it stands: the headers of the case are set on top of what it leaves.
  if (settings.clear_headers === true) session.headers.clear();
  for (const [name, json] of Object.entries(settings)) applySetting(session, name, json, values, log);
  return session;
}

function applySetting(session: Session, name: string, json: Json, values: CaseValues, log: HookLog): void {
  switch (name) {
    case "clear_headers":
      return;
    case "trust_env":
      session.trustEnv = asFlag(json, name);
      return;
    case "headers":
      session.headers.update(values.make(json) as Parameters<Session["headers"]["update"]>[0]);
      return;
    case "params":
      session.params = values.make(json) as Session["params"];
      return;
    case "auth":
      session.auth = values.make(json) as Session["auth"];
      return;
    case "cookies":
      if (Array.isArray(json)) session.cookies.update(makeJar(json));
      else {for (const [key, value] of Object.entries(asFields(json, name))) {
          session.cookies.set(key, asText(value, key));
        }}
      return;
    case "proxies":
      session.proxies = values.make(json) as Session["proxies"];
      return;
    case "max_redirects":
      session.maxRedirects = asNumber(json, name);
      return;
    case "stream":
      session.stream = asFlag(json, name);
      return;
    case "hooks":
      session.hooks.response.push(...makeHooks(json, log));
      return;
    default:
      throw new TypeError(`no such setting of a session: "${name}"`);
  }
}
