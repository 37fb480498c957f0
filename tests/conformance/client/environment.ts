/**
 * The environment variables of a case.
 *
 * The environment belongs to the whole process, in which other tests run at the same time. So a case that looks at it, or
 * that might, is played in a process of its own.
 *
 * @module
 */

import type { ConformanceCase } from "./case_format.ts";

const PROXY_REGEXP = /_proxy$/i;

/** The environment variables of this process without those that name proxies, which no case may see. */
export function plainEnvironment(variables: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(variables).filter(([name]) => !PROXY_REGEXP.test(name)));
}

/** Whether a case needs other environment variables than these. */
export function needsOwnProcess(
  { env, netrc, session }: Pick<ConformanceCase, "env" | "netrc" | "session">,
  variables: Readonly<Record<string, string>>,
): boolean {
  return Object.keys(env).length > 0 || netrc !== undefined || session.trust_env === true ||
    Object.keys(variables).some((name) => PROXY_REGEXP.test(name));
}
