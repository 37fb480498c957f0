/**
 * Checks of the status and the header fields.
 *
 * @module
 */

import { type Answer, fieldOf } from "./answer.ts";
import { type Check, quote, required } from "./check.ts";

/** `status` and `status:A|B`. */
export const checkStatus: Check = (answer, argument, { expect }) => {
  const wanted = argument === "" ? [String(required(expect.status, "status"))] : argument.split("|");
  return wanted.includes(String(answer.status)) ? undefined : `status is ${answer.status}, not ${wanted.join(" or ")}`;
};

/** `header:NAME`. */
export const checkHeader: Check = (answer, name, { expect }) => {
  const wanted = required(expect.headers[name], `header ${name}`);
  const actual = fieldOf(answer, name);
  return actual === wanted ? undefined : `${name} is ${quote(actual)}, not ${quote(wanted)}`;
};

/** `header-present:NAME`. */
export const checkHeaderPresent: Check = (answer, name) =>
  fieldOf(answer, name) === undefined ? `there is no ${name}` : undefined;

/** `no-header:NAME`. */
export const checkNoHeader: Check = (answer, name) => {
  const actual = fieldOf(answer, name);
  return actual === undefined ? undefined : `${name} is ${quote(actual)}, and should not be there`;
};

/** `header-contains:NAME:T`. */
export const checkHeaderContains: Check = (answer, argument) => {
  const colon = argument.indexOf(":");
  const name = argument.slice(0, colon);
  const text = argument.slice(colon + 1);
  const actual = fieldOf(answer, name) ?? "";
  if (actual.toLowerCase().includes(text.toLowerCase())) return undefined;
  return `${name} is ${quote(actual)} and lacks ${quote(text)}`;
};

/** `media-type` and `media-type:A|B`. */
export const checkMediaType: Check = (answer, argument, { expect }) => {
  const wanted = argument === "" ? [required(expect.headers["content-type"], "content-type")] : argument.split("|");
  const actual = mediaTypeOf(fieldOf(answer, "content-type") ?? "");
  if (wanted.map(mediaTypeOf).includes(actual)) return undefined;
  return `media type is ${quote(actual)}, not ${wanted.join(" or ")}`;
};

/** `charset:C`. */
export const checkCharset: Check = (answer, wanted) => {
  const actual = parameterOf(fieldOf(answer, "content-type") ?? "", "charset");
  if (actual?.toLowerCase() === wanted.toLowerCase()) return undefined;
  return `charset is ${quote(actual)}, not ${quote(wanted)}`;
};

/** `coding:A|B`. */
export const checkCoding: Check = (answer, argument) => {
  const actual = (fieldOf(answer, "content-encoding") ?? "identity").toLowerCase();
  return argument.split("|").includes(actual) ? undefined : `content coding is ${quote(actual)}, not ${argument}`;
};

/** `vary-when-coded:F`. */
export const checkVaryWhenCoded: Check = (answer, wanted) => {
  if (fieldOf(answer, "content-encoding") === undefined) return undefined;
  const names = (fieldOf(answer, "vary") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return names.includes(wanted.toLowerCase()) ? undefined : `coded, but Vary is ${quote(fieldOf(answer, "vary"))}`;
};

function mediaTypeOf(contentType: string): string {
  return contentType.split(";", 1)[0]!.trim().toLowerCase();
}

/** A parameter of a `Content-Type`, without quotes; undefined if there is none. */
export function parameterOf(contentType: string, wanted: string): string | undefined {
  for (const [, name, quoted, token] of contentType.matchAll(/;\s*([^\s=;]+)=(?:"([^"]*)"|([^\s;]*))/g)) {
    if (name!.toLowerCase() === wanted) return quoted ?? token;
  }
  return undefined;
}

/** The coding names of an answer in the order in which they were put on. */
export function codingsOf(answer: Answer): string[] {
  const names = (fieldOf(answer, "content-encoding") ?? "").split(",").map((name) => name.trim().toLowerCase());
  return names.filter((name) => name !== "" && name !== "identity");
}
