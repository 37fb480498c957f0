/**
 * Checks of the body as bytes and as text.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { gunzipSync, inflateSync } from "node:zlib";
import { type Answer, textOf } from "./answer.ts";
import { type Check, quote, required } from "./check.ts";
import type { Expectation } from "./expectation.ts";
import { codingsOf } from "./header_checks.ts";
import { decodeLatin1 } from "./latin1.ts";

/** `body`. */
export const checkBody: Check = (answer, _argument, { expect }) => compareBody(answer.body, expect);

/** `decoded-body`. */
export const checkDecodedBody: Check = (answer, _argument, { expect }) => {
  let body: Uint8Array;
  try {
    body = decodeBody(answer);
  } catch (error) {
    return `the content coding cannot be undone: ${error instanceof Error ? error.message : error}`;
  }
  return compareBody(body, expect);
};

/** `body-empty`. */
export const checkBodyEmpty: Check = (answer) =>
  answer.body.length === 0 ? undefined : `the body has ${answer.body.length} bytes: ${show(answer.body)}`;

/** `body-contains:T`. */
export const checkBodyContains: Check = (answer, text) =>
  textOf(answer).includes(text) ? undefined : `the body lacks ${quote(text)}: ${show(answer.body)}`;

/** `body-lacks:T`. */
export const checkBodyLacks: Check = (answer, text) =>
  textOf(answer).includes(text) ? `the body contains ${quote(text)}: ${show(answer.body)}` : undefined;

/** `body-line:T`. */
export const checkBodyLine: Check = (answer, text) => {
  const lines = textOf(answer).split("\n").map((line) => line.endsWith("\r") ? line.slice(0, -1) : line);
  return lines.includes(text) ? undefined : `no line of the body is ${quote(text)}: ${show(answer.body)}`;
};

function decodeBody(answer: Answer): Uint8Array {
  return codingsOf(answer).reduceRight<Uint8Array>((body, coding) => {
    if (coding === "gzip" || coding === "x-gzip") return gunzipSync(body);
    if (coding === "deflate") return inflateSync(body);
    throw new TypeError(`unknown coding "${coding}"`);
  }, answer.body);
}

function compareBody(body: Uint8Array, expect: Expectation): string | undefined {
  if (expect.bodySha256 !== undefined) {
    const length = required(expect.bodyLength, "body_length");
    if (body.length !== length) return `the body has ${body.length} bytes, not ${length}`;
    const hash = createHash("sha256").update(body).digest("hex");
    return hash === expect.bodySha256 ? undefined : `the SHA-256 of the body is ${hash}, not ${expect.bodySha256}`;
  }
  const wanted = expect.bodyBase64 === undefined
    ? new TextEncoder().encode(required(expect.body, "body"))
    : Uint8Array.fromBase64(expect.bodyBase64);
  if (body.length === wanted.length && body.every((byte, i) => byte === wanted[i])) return undefined;
  return `the body is ${show(body)}, not ${show(wanted)}`;
}

function show(body: Uint8Array): string {
  return `${quote(decodeLatin1(body.subarray(0, 200)))} (${body.length} bytes)`;
}
