/**
 * The check of a `multipart/byteranges` answer (RFC 9110 §14.6, RFC 2046 §5.1).
 *
 * @module
 */

import { type Answer, fieldOf } from "./answer.ts";
import { type Check, quote, required } from "./check.ts";
import type { ExpectedPart } from "./expectation.ts";
import { parameterOf } from "./header_checks.ts";
import { decodeLatin1, encodeLatin1 } from "./latin1.ts";

const CONTENT_RANGE_REGEXP = /^content-range:[ \t]*(.*?)[ \t]*$/im;

/** `parts`. */
export const checkParts: Check = (answer, _argument, { expect }) => {
  const wanted = required(expect.parts, "parts").map(oneText).sort();
  const parts = partsOf(answer);
  if (typeof parts === "string") return parts;
  const actual = parts.map(oneText).sort();
  return quote(actual) === quote(wanted) ? undefined : `the parts are ${quote(actual)}, not ${quote(wanted)}`;
};

/** The parts of the answer, or why they cannot be read. */
function partsOf(answer: Answer): ExpectedPart[] | string {
  const contentType = fieldOf(answer, "content-type") ?? "";
  const boundary = parameterOf(contentType, "boundary");
  if (!/^multipart\/byteranges\s*;/i.test(contentType) || !boundary) return `Content-Type is ${quote(contentType)}`;
  // A line break in front makes the first delimiter look like the others.
  const sections = `\r\n${decodeLatin1(answer.body)}`.split(`\r\n--${boundary}`);
  if (sections.length < 3 || !sections.at(-1)!.startsWith("--")) return "the closing delimiter is missing";
  const parts: ExpectedPart[] = [];
  for (const section of sections.slice(1, -1)) {
    const match = /^[ \t]*\r\n(.*?)\r\n\r\n(.*)$/s.exec(section);
    const range = CONTENT_RANGE_REGEXP.exec(match?.[1]?.replaceAll("\r\n", "\n") ?? "")?.[1];
    if (!match || range === undefined) return `a part is malformed: ${quote(section.slice(0, 200))}`;
    parts.push({ range, body: new TextDecoder().decode(encodeLatin1(match[2]!)) });
  }
  return parts;
}

function oneText({ range, body }: ExpectedPart): string {
  return `${range}: ${body}`;
}
