/**
 * Looking at responses, prepared requests, sessions and errors under the names of the case files.
 *
 * @module
 */

import { type PreparedRequest, RequestException, type Session } from "../../../client/mod.ts";
import type { HookLog } from "./call_options.ts";
import type { Json } from "./json.ts";
import {
  ERROR_OBSERVATIONS,
  type PLAIN_OBSERVATIONS,
  type PREPARED_OBSERVATIONS,
  type SESSION_OBSERVATIONS,
} from "./observation_format.ts";
import { readFirst, type Received } from "./run_action.ts";
import { showHeader, showJar, showRequestBody, toJson } from "./show_values.ts";

/** What an observation looks at beside the outcome of the call. */
export interface ObservedSession {
  /** The session of the case. */
  readonly session: Session;
  /** The log of the hooks. */
  readonly log: HookLog;
}

const HEADERS = "headers:";
const REQUEST_HEADERS = "request:headers:";

const OF_SESSION: Record<typeof SESSION_OBSERVATIONS[number], (observed: ObservedSession) => unknown> = {
  "session_cookies": ({ session }) => session.cookies.getDict(),
  "session_jar": ({ session }) => showJar(session.cookies),
  "hook_log": ({ log }) => log,
};

const OF_RESPONSE: Record<typeof PLAIN_OBSERVATIONS[number], (received: Received) => unknown> = {
  "status_code": ({ response }) => response.statusCode,
  "reason": ({ response }) => response.reason,
  "url": ({ response }) => response.url,
  "text": async (received) => (await readFirst(received)).text,
  "encoding": ({ response }) => response.encoding,
  "ok": ({ response }) => response.ok,
  "is_redirect": ({ response }) => response.isRedirect,
  "is_permanent_redirect": ({ response }) => response.isPermanentRedirect,
  "links": ({ response }) => response.links,
  "apparent_encoding": async (received) => (await readFirst(received)).apparentEncoding?.toLowerCase() ?? null,
  "content_b64": async (received) => (await readFirst(received)).content.toBase64(),
  "history": ({ response }) => response.history.map(({ statusCode }) => statusCode),
  "history_urls": ({ response }) => response.history.map(({ url }) => url),
  "cookies": ({ response }) => response.cookies.getDict(),
  "request:method": ({ response }) => response.request?.method,
  "request:url": ({ response }) => response.request?.url,
  "request:body": ({ response: { request } }) => request === null ? undefined : showRequestBody(request.body),
};

const OF_PREPARED: Record<typeof PREPARED_OBSERVATIONS[number], (request: PreparedRequest) => unknown> = {
  "method": ({ method }) => method,
  "url": ({ url }) => url,
  "path_url": ({ pathUrl }) => pathUrl,
  "body": ({ body }) => showRequestBody(body),
};

/** Looks at a response; what only concerns an error is left out. */
export function observeResponse(
  names: readonly string[],
  received: Received,
  observed: ObservedSession,
): Promise<Record<string, Json>> {
  return collect(names, observed, (name) => {
    if (name.startsWith(HEADERS)) return received.response.headers.get(name.slice(HEADERS.length));
    if (name.startsWith(REQUEST_HEADERS)) {
      return showHeader(received.response.request?.headers.get(name.slice(REQUEST_HEADERS.length)) ?? null);
    }
    return lookUp(OF_RESPONSE, name)(received);
  });
}

/** Looks at a prepared request. */
export function observePrepared(
  names: readonly string[],
  request: PreparedRequest,
  observed: ObservedSession,
): Promise<Record<string, Json>> {
  return collect(names, observed, (name) => {
    if (name.startsWith(HEADERS)) return showHeader(request.headers.get(name.slice(HEADERS.length)));
    return lookUp(OF_PREPARED, name)(request);
  });
}

/** Looks at an error and at the session; what concerns a response is left out. */
export async function observeError(
  names: readonly string[],
  error: unknown,
  observed: ObservedSession,
): Promise<Record<string, Json>> {
  const ofSession = names.filter((name) => name in OF_SESSION);
  const shown = await collect(ofSession, observed, () => undefined);
  const { request, response } = error instanceof RequestException ? error : { request: null, response: null };
  if (names.includes("error:response")) shown["error:response"] = toJson(response?.statusCode ?? null);
  if (names.includes("error:request")) shown["error:request"] = toJson(request?.url ?? null);
  return shown;
}

async function collect(
  names: readonly string[],
  observed: ObservedSession,
  look: (name: string) => unknown,
): Promise<Record<string, Json>> {
  const shown: Record<string, Json> = {};
  for (const name of names) {
    if ((ERROR_OBSERVATIONS as readonly string[]).includes(name)) continue;
    const value = await (name in OF_SESSION ? lookUp(OF_SESSION, name)(observed) : look(name));
    if (value === undefined) throw new TypeError(`Cannot observe "${name}": there is no such thing`);
    shown[name] = toJson(value);
  }
  return shown;
}

function lookUp<T>(table: Readonly<Record<string, T>>, name: string): T {
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw new TypeError(`Cannot observe "${name}" here`);
  return found;
}
