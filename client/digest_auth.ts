/**
 * Digest authentication (RFC 7616, and RFC 2069 for servers that offer no `qop`).
 *
 * @module
 */

import type { createHash } from "node:crypto";
import { decodeLatin1 } from "../http1/latin1.ts";
import { isStreamBody } from "./_content.ts";
import { drain } from "./_drain.ts";
import { checkHeaderValidity, parseChallenges, parseDictHeader } from "./_header_fields.ts";
import { pathUrl } from "./_url.ts";
import { AuthBase, checkCredentials, type Credential, sameCredential } from "./auth.ts";
import { extractCookiesToJar, getCookieHeader } from "./cookies.ts";
import { NotSupportedError, UnrewindableBodyError } from "./errors.ts";
import type { HookOptions } from "./hooks.ts";
import type { PreparedRequest } from "./request.ts";
import type { Response } from "./response.ts";
import type { StreamBody } from "./types.ts";

/** The algorithms, best first, and what `node:crypto` calls them. Each may end in `-sess`. */
const ALGORITHMS: readonly (readonly [token: string, hash: string])[] = [
  ["SHA-512-256", "sha512-256"],
  ["SHA-512", "sha512"],
  ["SHA-256", "sha256"],
  ["SHA", "sha1"],
  ["MD5", "md5"],
];

/** How often one request is answered: once, and once more when the server calls the nonce stale. */
const MAX_ANSWERS = 2;

/**
 * A Digest challenge that can be answered. Texts of the server have one character per byte, as they came.
 */
export interface DigestChallenge {
  /** Where the credentials are valid; empty when the server names no realm. */
  readonly realm: string;
  /** The server's one-time value. */
  readonly nonce: string;
  /** The algorithm as the server writes it, to be repeated in the answer; `null` when absent, which means MD5. */
  readonly algorithm: string | null;
  /** The algorithm as `node:crypto` calls it. */
  readonly hash: string;
  /** Whether the algorithm ends in `-sess`. */
  readonly session: boolean;
  /** The quality of protection to use; `null` when the server offers none (RFC 2069). */
  readonly qop: "auth" | "auth-int" | null;
  /** To be sent back unchanged, or `null`. */
  readonly opaque: string | null;
  /** Whether the credentials were right and only the nonce was too old. */
  readonly stale: boolean;
  /** Whether the user name is to be sent hashed. */
  readonly userhash: boolean;
  /** Whether the server reads user names and passwords as UTF-8 and says so. */
  readonly utf8: boolean;
  /** The URLs, absolute or not, below which the credentials are valid; empty for the whole server. */
  readonly domain: readonly string[];
}

/**
 * Finds the Digest challenge to answer in a `WWW-Authenticate` field, several fields joined with commas included.
 *
 * Of several the one with the best algorithm counts, and among equals the first. What cannot be answered is passed over: an
 * unknown algorithm, a `qop` without `auth` and `auth-int`, a missing nonce.
 */
export function selectDigestChallenge(field: string | null): DigestChallenge | null {
  let best: DigestChallenge | null = null;
  let bestRank = ALGORITHMS.length;
  for (const { scheme, params } of parseChallenges(field ?? "")) {
    if (scheme !== "digest" || params["nonce"] === undefined) continue;
    const algorithm = params["algorithm"] ?? null;
    const [, token, sess] = /^(.*?)(-sess)?$/is.exec(algorithm ?? "MD5")!;
    const rank = ALGORITHMS.findIndex(([name]) => name === token!.toUpperCase());
    const offered = params["qop"]?.toLowerCase().split(/[\s,]+/).filter((value) => value !== "") ?? [];
    // Without need auth-int would have the whole body read twice.
    const qop = (["auth", "auth-int"] as const).find((value) => offered.includes(value)) ?? null;
    if (rank < 0 || rank >= bestRank || (qop === null && offered.length > 0)) continue;
    bestRank = rank;
    best = {
      realm: params["realm"] ?? "",
      nonce: params["nonce"],
      algorithm,
      hash: ALGORITHMS[rank]![1],
      session: sess !== undefined,
      qop,
      opaque: params["opaque"] ?? null,
      stale: params["stale"]?.toLowerCase() === "true",
      userhash: params["userhash"]?.toLowerCase() === "true",
      utf8: params["charset"]?.toLowerCase() === "utf-8",
      domain: params["domain"]?.split(/\s+/).filter((uri) => uri !== "") ?? [],
    };
  }
  return best;
}

/** What {@linkcode buildDigestHeader} makes a header of. */
export interface DigestHeaderOptions {
  /** What is answered. */
  readonly challenge: DigestChallenge;
  /** The user name; text is hashed as UTF-8. */
  readonly username: Credential;
  /** The password; text is hashed as UTF-8. */
  readonly password: Credential;
  /** The method of the request. */
  readonly method: string;
  /** The request target: path and query. */
  readonly uri: string;
  /** The client's own one-time value. */
  readonly cnonce: string;
  /** How often the nonce has been used, this time included. */
  readonly nonceCount: number;
  /** The hash of the body in hexadecimal, for `qop=auth-int`. */
  readonly bodyHash: string;
  /** The hash of a text of one character per byte, in hexadecimal. */
  readonly hash: (binary: string) => string;
}

/**
 * Makes the value of an `Authorization` header of the Digest scheme (Python: `build_digest_header`; RFC 7616 §3.4).
 *
 * `algorithm`, `qop` and `nc` are not quoted, as RFC 7616 demands; Python quotes the first two.
 *
 * @throws {InvalidHeader} when the user name holds a line break.
 */
export function buildDigestHeader(options: DigestHeaderOptions): string {
  const { challenge, method, uri, cnonce, nonceCount, hash } = options;
  const { realm, nonce, qop } = challenge;
  const username = binaryText(options.username);
  const nc = nonceCount.toString(16).padStart(8, "0");

  let secret = hash(`${username}:${realm}:${binaryText(options.password)}`);
  if (challenge.session) secret = hash(`${secret}:${nonce}:${cnonce}`);
  const request = hash(`${method}:${uri}${qop === "auth-int" ? `:${options.bodyHash}` : ""}`);
  const proof = qop === null ? nonce : `${nonce}:${nc}:${cnonce}:${qop}`;

  const fields = [
    usernameField(username, challenge, hash),
    `realm=${quote(realm)}`,
    `nonce=${quote(nonce)}`,
    `uri=${quote(uri)}`,
    `response="${hash(`${secret}:${proof}:${request}`)}"`,
  ];
  if (challenge.opaque !== null) fields.push(`opaque=${quote(challenge.opaque)}`);
  if (challenge.algorithm !== null) fields.push(`algorithm=${challenge.algorithm}`);
  if (qop !== null) fields.push(`qop=${qop}`, `nc=${nc}`);
  // A server that hashes a session key needs the cnonce, whether it offers a qop or not.
  if (qop !== null || challenge.session) fields.push(`cnonce=${quote(cnonce)}`);
  if (challenge.userhash) fields.push("userhash=true");
  const value = `Digest ${fields.join(", ")}`;
  checkHeaderValidity("Authorization", value);
  return value;
}

function usernameField(
  username: string,
  { realm, userhash, utf8 }: DigestChallenge,
  hash: (b: string) => string,
): string {
  if (userhash) return `username="${hash(`${username}:${realm}`)}"`;
  if (!utf8 || /^[\0-\x7f]*$/.test(username)) return `username=${quote(username)}`;
  // RFC 8187 §3.2, for a server that says it knows UTF-8.
  const escape = (char: string) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return `username*=UTF-8''${username.replace(/[^A-Za-z0-9!#$&+\-.^_`|~]/g, escape)}`;
}

function quote(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** One character per byte; text as UTF-8. */
function binaryText(value: Credential): string {
  return decodeLatin1(typeof value === "string" ? new TextEncoder().encode(value) : value);
}

/** What is known about one server. */
interface ProtectionSpace {
  challenge: DigestChallenge;
  /** How often the nonce has been used. */
  nonceCount: number;
  /** The client's value for a session key, which lives as long as the nonce. */
  readonly sessionCnonce: string;
}

let createHashFunction: typeof createHash | undefined;

/** Imports the hashes: MD5 and SHA-512-256 are not in `crypto.subtle`. */
async function loadHashes(): Promise<typeof createHash> {
  if (createHashFunction === undefined) {
    const crypto = await import("node:crypto").catch((cause) => {
      throw new NotSupportedError("Digest authentication needs node:crypto, which this runtime does not have", {
        option: "auth",
        cause,
      });
    });
    createHashFunction = crypto.createHash;
  }
  return createHashFunction;
}

/**
 * Digest authentication (Python: `HTTPDigestAuth`; RFC 7616).
 *
 * The first request goes out without credentials; its 401 is answered, once, and once more when the server calls the nonce
 * stale. The answered responses are in `history`. Later requests to the same server carry credentials from the start, so
 * keep one object for many requests, in `session.auth` for example.
 *
 * Algorithms: MD5, SHA-256, SHA-512-256, SHA (SHA-1) and SHA-512, each also with `-sess`; of several challenges the one with
 * the best algorithm is answered. `qop`: `auth`, `auth-int`, and none (RFC 2069). `userhash`, `charset`, `domain` and
 * `nextnonce` are honoured; `rspauth` is not checked.
 *
 * Only the server that was asked first gets an answer: a redirect to another host does not take the credentials along. Python
 * answers every host.
 *
 * @example
 * ```ts
 * import { HTTPDigestAuth, Session } from "@x/httpkit/client";
 * import { HandlerAdapter } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * await using session = new Session();
 * session.auth = new HTTPDigestAuth("user", "pass");
 * session.mount(
 *   "http://api.example/",
 *   new HandlerAdapter((request) => {
 *     if (request.headers.get("authorization")?.startsWith("Digest ")) return new Response("welcome");
 *     const challenge = 'Digest realm="api", nonce="n1", qop="auth", algorithm=SHA-256';
 *     return new Response(null, { status: 401, headers: { "www-authenticate": challenge } });
 *   }),
 * );
 * const response = await session.get("http://api.example/");
 * assert.equal(response.text, "welcome");
 * assert.deepEqual(response.history.map((r) => r.statusCode), [401]);
 * ```
 */
export class HTTPDigestAuth extends AuthBase {
  /** The user name. */
  readonly username: Credential;
  readonly #password: Credential;
  readonly #spaces = new Map<string, ProtectionSpace>();

  /**
   * Takes a user name and a password.
   *
   * @throws {TypeError} when one of them is neither a string nor bytes.
   */
  constructor(username: Credential, password: Credential) {
    super();
    checkCredentials(username, password);
    this.username = username;
    this.#password = password;
  }

  /** The password. It does not show when the object is logged. */
  get password(): Credential {
    return this.#password;
  }

  /**
   * Has the challenge of the response answered, and adds credentials at once when the server is known.
   *
   * @returns a promise only if a body that is a stream has to be hashed (`auth-int`).
   */
  apply(request: PreparedRequest): PreparedRequest | Promise<PreparedRequest> {
    let first: string | null = null;
    request.hooks.response.push((response, options) => {
      first ??= response.request?.url ?? null;
      return this.#answer(response, options, first);
    });
    const space = this.#spaceOf(request.url);
    if (space === undefined || createHashFunction === undefined) return request;
    const authorization = this.#authorization(space, request, createHashFunction);
    if (typeof authorization === "string") return withAuthorization(request, authorization);
    return authorization.then((value) => withAuthorization(request, value));
  }

  /** Whether `other` is Digest authentication with the same credentials (Python: `==`). */
  equals(other: unknown): boolean {
    return other instanceof HTTPDigestAuth && other.constructor === this.constructor &&
      sameCredential(this.username, other.username) && sameCredential(this.password, other.password);
  }

  /** What is known about the server of a URL, unless its challenge says that the URL is out of its domain. */
  #spaceOf(url: string | null): ProtectionSpace | undefined {
    const target = URL.parse(url ?? "");
    const space = target === null ? undefined : this.#spaces.get(target.origin);
    const prefixes = space?.challenge.domain.map((uri) => URL.parse(uri, target!.origin)?.href) ?? [];
    const plain = target === null ? "" : target.origin + target.pathname + target.search;
    return prefixes.length === 0 || prefixes.some((prefix) => prefix && plain.startsWith(prefix)) ? space : undefined;
  }

  /** The response hook: sends the request again with credentials, where the response asks for them. */
  async #answer(response: Response, options: HookOptions, first: string | null): Promise<Response> {
    let current = response;
    try {
      for (let answers = 0; answers < MAX_ANSWERS; answers++) {
        const url = current.request?.url ?? "";
        const challenge = current.statusCode >= 400 && current.statusCode < 500
          ? selectDigestChallenge(current.headers.get("www-authenticate"))
          : null;
        if (challenge === null || !sharesCredentials(first, url)) break;
        const space = this.#learn(url, challenge);
        if (answers > 0 && !challenge.stale) break;
        current = await this.#resend(current, space, options);
      }
      this.#learnNextNonce(current);
      return current;
    } catch (error) {
      await current.close();
      throw error;
    }
  }

  async #resend(response: Response, space: ProtectionSpace, options: HookOptions): Promise<Response> {
    const { request, connection } = response;
    if (request === null || connection === null) return response;
    // Imported even if the body cannot be sent again: then the next request carries credentials from the start.
    const hashes = await loadHashes();
    if (isStreamBody(request.body) && !request.body.replayable) {
      throw new UnrewindableBodyError(
        "Unable to rewind request body for digest authentication: it can be read only once. Send bytes or a file, or " +
          "send another request with the same auth first, so that this one has its credentials from the start.",
        { request, response },
      );
    }
    await drain(response);
    const retry = request.copy();
    renewCookies(retry, response);
    withAuthorization(retry, await this.#authorization(space, retry, hashes));
    const start = performance.now();
    const answer = await connection.send(retry, options);
    answer.elapsed = (performance.now() - start) / 1000;
    answer.request = retry;
    answer.history = [...response.history, response];
    return answer;
  }

  /** Keeps a challenge. The count of a nonce goes on when the same one is given again. */
  #learn(url: string, challenge: DigestChallenge): ProtectionSpace {
    const { origin } = new URL(url);
    const known = this.#spaces.get(origin);
    if (known?.challenge.nonce === challenge.nonce) {
      known.challenge = challenge;
      return known;
    }
    const space = { challenge, nonceCount: 0, sessionCnonce: randomNonce() };
    this.#spaces.set(origin, space);
    return space;
  }

  /** RFC 7616 §3.5: a server may give the next nonce along with an answer. */
  #learnNextNonce({ headers, request }: Response): void {
    const nonce = parseDictHeader(headers.get("authentication-info") ?? "")["nextnonce"];
    const url = URL.parse(request?.url ?? "");
    const space = url === null ? undefined : this.#spaces.get(url.origin);
    if (!nonce || space === undefined || !request?.headers.has("authorization")) return;
    this.#learn(url!.href, { ...space.challenge, nonce, stale: false });
  }

  #authorization(
    space: ProtectionSpace,
    request: PreparedRequest,
    hashes: typeof createHash,
  ): string | Promise<string> {
    const { challenge } = space;
    const { username, password } = this;
    const build = (bodyHash: string): string =>
      buildDigestHeader({
        challenge,
        username,
        password,
        method: request.method ?? "GET",
        uri: pathUrl(request.url ?? ""),
        // Servers differ in whether the session key holds the first cnonce or the present one.
        cnonce: challenge.session ? space.sessionCnonce : randomNonce(),
        nonceCount: ++space.nonceCount,
        bodyHash,
        hash: (binary) => hashes(challenge.hash).update(binary, "latin1").digest("hex"),
      });
    if (challenge.qop !== "auth-int") return build("");
    const { body } = request;
    if (isStreamBody(body)) return hashStream(body, hashes(challenge.hash)).then(build);
    return build(hashes(challenge.hash).update(body ?? new Uint8Array()).digest("hex"));
  }
}

function withAuthorization(request: PreparedRequest, value: string): PreparedRequest {
  request.headers.set("Authorization", value);
  return request;
}

async function hashStream(body: StreamBody, hash: ReturnType<typeof createHash>): Promise<string> {
  if (!body.replayable) {
    throw new UnrewindableBodyError(
      "The server wants the body hashed (qop=auth-int), and this one can be read only once: send bytes or a file",
    );
  }
  for await (const chunk of body.open()) hash.update(chunk);
  return hash.digest("hex");
}

/** Adds the cookies of a response to the `Cookie` header, unless the caller wrote that one. */
function renewCookies(retry: PreparedRequest, response: Response): void {
  const jar = retry.cookies;
  if (jar === null || retry.url === null) return;
  const written = retry.headers.get("Cookie");
  const made = getCookieHeader(jar, retry);
  extractCookiesToJar(jar, retry, response);
  if (written !== null && written !== made) return;
  retry.headers.delete("Cookie");
  retry.prepareCookies(jar);
}

/** Whether a server that a redirect led to may have the credentials: the same one, or the same one by https. */
function sharesCredentials(first: string | null, url: string): boolean {
  const from = URL.parse(first ?? "");
  const to = URL.parse(url);
  if (from === null || to === null) return false;
  const upgraded = from.protocol === "http:" && to.protocol === "https:" && from.port === "" && to.port === "";
  return from.origin === to.origin || (upgraded && from.hostname === to.hostname);
}

/** 64 random bits in hexadecimal. */
function randomNonce(): string {
  return crypto.getRandomValues(new BigUint64Array(1))[0]!.toString(16).padStart(16, "0");
}
