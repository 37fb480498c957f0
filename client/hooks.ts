/**
 * Hooks: functions that see each response before the caller does.
 *
 * @module
 */

import type { Response } from "./response.ts";
import type { CertInput } from "./types.ts";

/** How the request was sent, as a hook gets to know it (Python: the keyword arguments of a hook). */
export interface HookOptions {
  /** Whether the body is left to the caller. */
  readonly stream?: boolean;
  /** The time limit in seconds, for connecting and for reading, or a pair of both; `null` is none. */
  readonly timeout?: number | readonly [connect: number | null, read: number | null] | null;
  /** Whether the certificate is checked, or the path of the roots to check it with. */
  readonly verify?: boolean | string;
  /** The client's certificate. */
  readonly cert?: CertInput | null;
  /** The proxies by scheme. */
  readonly proxies?: Readonly<Record<string, string | null>>;
  /** Ends the request when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A function that is called with each response, redirects included. A response that it returns takes the place. */
export type ResponseHook = (
  response: Response,
  options: HookOptions,
) => Response | void | null | Promise<Response | void | null>;

/** The hooks of a request or of a session. */
export interface Hooks {
  /** Called with each response, in this order. */
  response: ResponseHook[];
}

/** Hooks as a caller may give them: one function or several. */
export type HooksInput =
  | {
    readonly response?: ResponseHook | Iterable<ResponseHook> | null | undefined;
  }
  | null
  | undefined;

/** The events that have hooks (Python: `requests.hooks.HOOKS`). */
export const HOOKS: readonly (keyof Hooks)[] = ["response"];

/**
 * No hooks (Python: `requests.hooks.default_hooks`).
 *
 * @example
 * ```ts
 * import { defaultHooks } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.deepEqual(defaultHooks(), { response: [] });
 * ```
 */
export function defaultHooks(): Hooks {
  return { response: [] };
}

/**
 * Turns what a caller gave into lists, which are his to change.
 *
 * @throws {RangeError} if there is no such event
 * @throws {TypeError} if a hook is not a function
 */
export function toHooks(input?: HooksInput): Hooks {
  const hooks = defaultHooks();
  if (input === null || input === undefined) return hooks;
  for (const event of Object.keys(input)) {
    const hook = input[event as keyof Hooks];
    if (hook === null || hook === undefined) checkEvent(event);
    else registerHook(hooks, event, hook);
  }
  return hooks;
}

/**
 * Adds one hook or several to the end of a list (Python: `register_hook`).
 *
 * @throws {RangeError} if there is no such event
 * @throws {TypeError} if a hook is not a function; nothing is added then
 *
 * @example
 * ```ts
 * import { defaultHooks, registerHook } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const hooks = defaultHooks();
 * registerHook(hooks, "response", (response) => void response.raiseForStatus());
 * assert.equal(hooks.response.length, 1);
 * ```
 */
export function registerHook(hooks: Hooks, event: string, hook: ResponseHook | Iterable<ResponseHook>): void {
  checkEvent(event);
  // Most lists have none.
  if (Array.isArray(hook) && hook.length === 0) return;
  const added: unknown[] = typeof hook === "function" ? [hook] : isIterable(hook) ? [...hook] : [hook];
  for (const item of added) {
    if (typeof item !== "function") {
      throw new TypeError(`A hook is a function, or a list of functions; got ${item === null ? "null" : typeof item}`);
    }
  }
  hooks[event].push(...added as ResponseHook[]);
}

/**
 * Removes a hook; `false` if it was not there (Python: `deregister_hook`).
 *
 * @throws {RangeError} if there is no such event
 *
 * @example
 * ```ts
 * import { defaultHooks, deregisterHook, registerHook } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const log = () => {};
 * const hooks = defaultHooks();
 * registerHook(hooks, "response", log);
 * assert.equal(deregisterHook(hooks, "response", log), true);
 * assert.equal(deregisterHook(hooks, "response", log), false);
 * ```
 */
export function deregisterHook(hooks: Hooks, event: string, hook: ResponseHook): boolean {
  checkEvent(event);
  const index = hooks[event].indexOf(hook);
  if (index === -1) return false;
  hooks[event].splice(index, 1);
  return true;
}

/**
 * Calls the hooks of an event one after the other, and gives the response that comes out
 * (Python: `requests.hooks.dispatch_hook`).
 *
 * A hook gets what the hook before it returned. What a hook throws is passed on, and the hooks after it are not called.
 * A hook that is added meanwhile is not called.
 *
 * @throws {RangeError} if there is no such event
 * @throws {TypeError} if a hook returns something that is not a response
 *
 * @example A hook may replace the response
 * ```ts
 * import { dispatchHook, Response } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const seen: Response[] = [];
 * const first = new Response();
 * const other = new Response();
 * const hooks = { response: [() => other, (r: Response) => void seen.push(r)] };
 * assert.equal(await dispatchHook("response", hooks, first, {}), other);
 * assert.deepEqual(seen, [other]);
 * ```
 */
export async function dispatchHook(
  key: string,
  hooks: HooksInput,
  response: Response,
  options: HookOptions = {},
): Promise<Response> {
  checkEvent(key);
  for (const hook of toHooks(hooks)[key]) {
    const returned: unknown = await hook(response, options);
    if (returned === null || returned === undefined) continue;
    if (typeof returned !== "object") {
      throw new TypeError(`A ${key} hook returned a ${typeof returned}; return a Response, or nothing to keep it`);
    }
    response = returned as Response;
  }
  return response;
}

/**
 * The hooks in force: those of the request, or where it has none, those of the session (Python: `merge_hooks`).
 * The lists are new ones.
 *
 * @example
 * ```ts
 * import { mergeHooks } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const log = () => {};
 * assert.deepEqual(mergeHooks({ response: [] }, { response: log }), { response: [log] });
 * ```
 */
export function mergeHooks(requestHooks: HooksInput, sessionHooks: HooksInput): Hooks {
  if (requestHooks === null || requestHooks === undefined) return toHooks(sessionHooks);
  const own = toHooks(requestHooks);
  if (HOOKS.every((event) => own[event].length > 0)) return own;
  const shared = toHooks(sessionHooks);
  for (const event of HOOKS) if (own[event].length === 0) own[event] = shared[event];
  return own;
}

function checkEvent(event: string): asserts event is keyof Hooks {
  if ((HOOKS as readonly string[]).includes(event)) return;
  throw new RangeError(`Unsupported event specified, with event name "${event}"; the events are: ${HOOKS.join(", ")}`);
}

function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.iterator in value;
}
