/**
 * Digest authentication as the scripted servers ask for it (RFC 7616, and RFC 2069 without `qop`).
 *
 * @module
 */

import { createHash } from "node:crypto";
import { encodeLatin1 } from "../latin1.ts";
import { asFields, asList, asNumber, asText, type Json, onlyKeys, optional } from "./json.ts";
import { parseFields, type RawField } from "./raw_field.ts";

/** What a rule asks for. */
export interface DigestRule {
  /** The name that is right. */
  readonly user: string;
  /** The password that is right. */
  readonly password: string;
  /** The realm. */
  readonly realm: string;
  /** The nonces, used one after the other. */
  readonly nonces: readonly string[];
  /** The quality of protection on offer; the older calculation when undefined. */
  readonly qop: string | undefined;
  /** The algorithm as it is named to the client; unnamed when undefined. */
  readonly algorithm: string | undefined;
  /** A text that the client sends back. */
  readonly opaque: string | undefined;
  /** After how many accepted requests a nonce is used up. */
  readonly uses: number | undefined;
  /** Fields of the challenging answer. */
  readonly challengeHeaders: readonly RawField[];
}

/** What a request comes to: it passes, or is answered with this challenge. */
export type DigestVerdict = { readonly accepted: true } | { readonly accepted: false; readonly challenge: string };

const KEYS = ["user", "password", "realm", "nonce", "qop", "algorithm", "opaque", "uses", "challenge_headers"];
const NC_REGEXP = /^[0-9a-f]{8}$/;
const PARAMETER_REGEXP = /([^\s=,]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,]*))/g;
const SCHEME_REGEXP = /^digest\s+(.*)$/is;

/** What `node:crypto` calls the algorithms. */
const HASHES: Readonly<Record<string, string>> = {
  "MD5": "md5",
  "SHA": "sha1",
  "SHA-256": "sha256",
  "SHA-512": "sha512",
};

/**
 * Reads a rule.
 *
 * @throws {TypeError} If anything is not as the format says, or is not known to the format.
 */
export function parseDigestRule(json: Json): DigestRule {
  const fields = asFields(json, "digest");
  onlyKeys(fields, KEYS, "digest");
  const nonces = Array.isArray(fields.nonce) ? asList(fields.nonce, "nonce") : [fields.nonce];
  if (nonces.length === 0) throw new TypeError("digest has no nonce");
  return {
    user: asText(fields.user, "user"),
    password: asText(fields.password, "password"),
    realm: asText(fields.realm, "realm"),
    nonces: nonces.map((nonce) => asText(nonce, "nonce")),
    qop: optional(asText, fields.qop, "qop"),
    algorithm: optional(asText, fields.algorithm, "algorithm"),
    opaque: optional(asText, fields.opaque, "opaque"),
    uses: optional(asNumber, fields.uses, "uses"),
    challengeHeaders: parseFields(fields.challenge_headers ?? []),
  };
}

/** The parameters of an `Authorization` value of the Digest scheme, unquoted; undefined for another scheme. */
export function parseDigestFields(value: string): Map<string, string> | undefined {
  const parameters = SCHEME_REGEXP.exec(value)?.[1];
  if (parameters === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const [, name, quoted, token] of parameters.matchAll(PARAMETER_REGEXP)) {
    fields.set(name!.toLowerCase(), quoted === undefined ? token! : quoted.replace(/\\(.)/gs, "$1"));
  }
  return fields;
}

/** One rule at work: it knows the current nonce and how often that was used. */
export class DigestGuard {
  readonly #rule: DigestRule;
  #current = 0;
  #accepted = 0;
  #lastCount = 0;

  /** Starts with the first nonce. */
  constructor(rule: DigestRule) {
    this.#rule = rule;
  }

  /** Judges a request by its `Authorization` value, if it has one. */
  judge(method: string, target: string, authorization: string | undefined): DigestVerdict {
    const fields = authorization === undefined ? undefined : parseDigestFields(authorization);
    const { nonces, uses } = this.#rule;
    const nonce = fields?.get("nonce");
    if (nonce !== undefined && nonces.slice(0, this.#current).includes(nonce)) return this.#challenge(true);
    if (fields === undefined || nonce !== nonces[this.#current] || !this.#isRight(fields, method, target)) {
      return this.#challenge(false);
    }
    if (uses !== undefined && this.#accepted >= uses && this.#current < nonces.length - 1) {
      this.#current++;
      this.#accepted = 0;
      this.#lastCount = 0;
      return this.#challenge(true);
    }
    this.#accepted++;
    if (this.#rule.qop !== undefined) this.#lastCount = parseInt(fields.get("nc")!, 16);
    return { accepted: true };
  }

  #isRight(fields: ReadonlyMap<string, string>, method: string, target: string): boolean {
    const { user, realm, opaque, qop } = this.#rule;
    if (asUtf8(fields.get("username")) !== user || asUtf8(fields.get("realm")) !== realm) return false;
    if (fields.get("opaque") !== opaque || fields.get("uri") !== target) return false;
    if (qop !== undefined) {
      const count = fields.get("nc");
      if (fields.get("qop") !== "auth" || fields.get("cnonce") === undefined) return false;
      if (count === undefined || !NC_REGEXP.test(count) || parseInt(count, 16) <= this.#lastCount) return false;
    }
    const response = digestResponse(this.#rule, fields, method);
    return response !== undefined && fields.get("response") === response;
  }

  #challenge(stale: boolean): DigestVerdict {
    const { realm, nonces, qop, algorithm, opaque } = this.#rule;
    const parameters = [`realm="${realm}"`, `nonce="${nonces[this.#current]}"`];
    if (qop !== undefined) parameters.push(`qop="${qop}"`);
    if (algorithm !== undefined) parameters.push(`algorithm=${algorithm}`);
    if (opaque !== undefined) parameters.push(`opaque="${opaque}"`);
    if (stale) parameters.push("stale=true");
    return { accepted: false, challenge: `Digest ${parameters.join(", ")}` };
  }
}

/** The right `response` of a request, or undefined for an algorithm that the servers do not know. */
export function digestResponse(
  { user, password, realm, algorithm = "MD5", qop }: DigestRule,
  fields: ReadonlyMap<string, string>,
  method: string,
): string | undefined {
  const [, name, session] = /^(.*?)(-SESS)?$/.exec(algorithm.toUpperCase())!;
  const hashName = HASHES[name!];
  if (hashName === undefined) return undefined;
  const hash = (text: string): string => createHash(hashName).update(text, "utf8").digest("hex");
  const field = (key: string): string => fields.get(key) ?? "";
  let ha1 = hash(`${user}:${realm}:${password}`);
  if (session !== undefined) ha1 = hash(`${ha1}:${field("nonce")}:${field("cnonce")}`);
  const ha2 = hash(`${method}:${field("uri")}`);
  const middle = qop === undefined
    ? field("nonce")
    : `${field("nonce")}:${field("nc")}:${field("cnonce")}:${field("qop")}`;
  return hash(`${ha1}:${middle}:${ha2}`);
}

/** Reads a value, in which one character is one byte, as UTF-8 if it can be that. */
function asUtf8(value: string | undefined): string | undefined {
  if (value === undefined) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(encodeLatin1(value));
  } catch (error) {
    if (error instanceof TypeError) return value;
    throw error;
  }
}
