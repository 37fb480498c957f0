/**
 * The servers of a case: small, raw, and with nothing of HTTP but what the rules say.
 *
 * @module
 */

import { encodeLatin1 } from "../latin1.ts";
import { DigestGuard, parseDigestFields } from "./digest_rule.ts";
import { type RequestRecord, valuesOf } from "./request_record.ts";
import { type AnswerRule, buildAnswer, textAnswer } from "./server_answer.ts";
import { ServerConnection } from "./server_connection.ts";
import { SERVER_NAMES, type ServerName, type ServerRule } from "./server_rule.ts";

const QUIET_MS = 5_000;
const PAUSE_MS = 10;
const NO_RULE = textAnswer(404, "No Rule", [], "no rule");

interface ActiveRule {
  readonly rule: ServerRule;
  readonly guard: DigestGuard | undefined;
  uses: number;
}

/** Servers A, B and PROXY, each on a free port of the loopback interface. */
export class ScriptedServers implements AsyncDisposable {
  readonly #listeners = new Map<ServerName, Deno.TcpListener>();
  readonly #connections = new Set<ServerConnection>();
  readonly #work: Promise<void>[] = [];
  readonly #stopping = new AbortController();
  readonly #records: RequestRecord[] = [];
  readonly #failures: unknown[] = [];
  readonly #quietMs: number;
  #rules: ActiveRule[] = [];

  /** Starts to listen; a connection on which nothing arrives for `quietMs` milliseconds is closed. */
  constructor({ quietMs = QUIET_MS }: { readonly quietMs?: number } = {}) {
    this.#quietMs = quietMs;
    for (const name of SERVER_NAMES) {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      this.#listeners.set(name, listener);
      this.#work.push(this.#accept(name, listener));
    }
  }

  /** The port of a server. */
  port(name: ServerName): number {
    return this.#listeners.get(name)!.addr.port;
  }

  /** Sets the rules. They are set after the start, because they may name the ports. */
  setRules(rules: readonly ServerRule[]): void {
    this.#rules = rules.map((rule) => ({
      rule,
      guard: rule.digest === undefined ? undefined : new DigestGuard(rule.digest),
      uses: 0,
    }));
  }

  /** The requests that have arrived at any of the servers, in order. */
  get records(): readonly RequestRecord[] {
    return this.#records;
  }

  async #accept(name: ServerName, listener: Deno.TcpListener): Promise<void> {
    for await (const conn of listener) {
      const connection = new ServerConnection(conn, this.#quietMs);
      this.#connections.add(connection);
      this.#work.push(this.#serve(name, connection));
    }
  }

  async #serve(name: ServerName, connection: ServerConnection): Promise<void> {
    try {
      let goesOn = true;
      while (goesOn) {
        const record = await connection.readRequest(name, (record) => this.#records.push(record));
        goesOn = record !== undefined && await this.#answer(record, connection);
      }
    } catch (error) {
      this.#failures.push(error);
    } finally {
      connection.close();
      this.#connections.delete(connection);
    }
  }

  /** Answers one request; says whether the connection goes on. */
  async #answer(record: RequestRecord, connection: ServerConnection): Promise<boolean> {
    const active = this.#rules.find(({ rule, uses }) => fits(rule, uses, record));
    if (active !== undefined) active.uses++;
    const { pieces, paused, close } = buildAnswer(this.#choose(active, record), record.method);
    await this.#wait((active?.rule.delay ?? 0) * 1000);
    for (const [i, piece] of pieces.entries()) {
      // The first pause is behind the first piece of the body: head and body begin together.
      if (paused && i > 1) await this.#wait(PAUSE_MS);
      if (this.#stopping.signal.aborted || !await connection.write(piece)) return false;
    }
    return !close;
  }

  #choose(active: ActiveRule | undefined, record: RequestRecord): AnswerRule {
    if (active === undefined) return NO_RULE;
    const { rule, guard } = active;
    if (guard === undefined) return rule;
    const authorization = valuesOf(record, "authorization").find((value) => parseDigestFields(value) !== undefined);
    const verdict = guard.judge(record.method, record.target, authorization);
    record.digestAccepted = verdict.accepted;
    if (verdict.accepted) return rule;
    const headers = [
      ["WWW-Authenticate", encodeLatin1(verdict.challenge)] as const,
      ...rule.digest!.challengeHeaders,
    ];
    return textAnswer(401, undefined, headers, "authenticate");
  }

  /** Waits, but not beyond the end of the servers. */
  async #wait(ms: number): Promise<void> {
    const { signal } = this.#stopping;
    if (ms === 0 || signal.aborted) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => resolve(), { once: true });
    await promise;
    clearTimeout(timer);
  }

  /**
   * Closes all listeners and connections.
   *
   * @throws {AggregateError} If a client sent something that is no HTTP/1.1.
   */
  async stop(): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    this.#stopping.abort();
    for (const listener of this.#listeners.values()) listener.close();
    for (const connection of this.#connections) connection.close();
    // Work that is under way may start no more work: the listeners are closed.
    await Promise.all(this.#work.slice(0, SERVER_NAMES.length));
    for (const connection of this.#connections) connection.close();
    await Promise.all(this.#work);
    if (this.#failures.length > 0) throw new AggregateError(this.#failures, String(this.#failures[0]));
  }

  /** Stops at the end of `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

function fits({ on, path, method, times }: ServerRule, uses: number, record: RequestRecord): boolean {
  if (on !== record.server || uses >= (times ?? Infinity)) return false;
  if (method !== undefined && method !== record.method) return false;
  return path === "*" || path === (path.includes("?") ? record.target : record.target.split("?")[0]);
}
