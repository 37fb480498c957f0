/**
 * All checks by their names in the case files.
 *
 * @module
 */

import type { Answer } from "./answer.ts";
import * as body from "./body_checks.ts";
import * as capture from "./capture_checks.ts";
import type { Check, CheckContext } from "./check.ts";
import * as header from "./header_checks.ts";
import * as link from "./link_checks.ts";
import * as part from "./part_checks.ts";

type Argument = "none" | "optional" | "needed";

const CHECKS: ReadonlyMap<string, readonly [Argument, Check]> = new Map<string, readonly [Argument, Check]>([
  ["status", ["optional", header.checkStatus]],
  ["body", ["none", body.checkBody]],
  ["decoded-body", ["none", body.checkDecodedBody]],
  ["body-empty", ["none", body.checkBodyEmpty]],
  ["body-contains", ["needed", body.checkBodyContains]],
  ["body-lacks", ["needed", body.checkBodyLacks]],
  ["body-line", ["needed", body.checkBodyLine]],
  ["header", ["needed", header.checkHeader]],
  ["header-present", ["needed", header.checkHeaderPresent]],
  ["no-header", ["needed", header.checkNoHeader]],
  ["header-contains", ["needed", header.checkHeaderContains]],
  ["media-type", ["optional", header.checkMediaType]],
  ["charset", ["needed", header.checkCharset]],
  ["location", ["none", link.checkLocation]],
  ["location-local", ["none", link.checkLocationLocal]],
  ["listing-has", ["needed", link.checkListingHas]],
  ["listing-lacks", ["needed", link.checkListingLacks]],
  ["listing-order", ["needed", link.checkListingOrder]],
  ["connection", ["needed", capture.checkConnection]],
  ["parts", ["none", part.checkParts]],
  ["coding", ["needed", header.checkCoding]],
  ["vary-when-coded", ["needed", header.checkVaryWhenCoded]],
  ["captured-strong", ["needed", capture.checkCapturedStrong]],
  ["captured-weak", ["needed", capture.checkCapturedWeak]],
  ["same", ["needed", capture.checkSame]],
  ["differ", ["needed", capture.checkDiffer]],
]);

/** The names of all checks. */
export const CHECK_NAMES: readonly string[] = [...CHECKS.keys()];

/** Whether the text is a check that can be run, with an argument exactly where one belongs. */
export function isKnownCheck(text: string): boolean {
  const [name, argument] = splitCheck(text);
  const kind = CHECKS.get(name)?.[0];
  return kind !== undefined && (kind === "optional" || (kind === "needed") === (argument !== ""));
}

/**
 * Runs one check as written in a case.
 *
 * @returns Why it does not hold, or undefined if it does.
 * @throws {TypeError} If there is no such check, or the case lacks what the check compares with.
 */
export function runCheck(text: string, answer: Answer, context: CheckContext): string | undefined {
  const [name, argument] = splitCheck(text);
  const check = CHECKS.get(name)?.[1];
  if (check === undefined || !isKnownCheck(text)) throw new TypeError(`Cannot run check "${text}": no such check`);
  return check(answer, argument, context);
}

function splitCheck(text: string): [name: string, argument: string] {
  const colon = text.indexOf(":");
  return colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
}
