/**
 * Playing a case in this process: servers up, calls made, results collected.
 *
 * @module
 */

import { HTTPAdapter, PreparedRequest, Request, type Response, type Session } from "../../../client/mod.ts";
import { parseAction } from "./action_format.ts";
import { buildSession } from "./build_session.ts";
import { type CallOptions, makeOptions } from "./call_options.ts";
import type { CaseStep, ConformanceCase } from "./case_format.ts";
import { CaseValues } from "./case_values.ts";
import { DeadPort } from "./dead_port.ts";
import type { EngineName } from "./engine_name.ts";
import { nameError, testClasses } from "./error_names.ts";
import { asFields, asText, type Json, type JsonFields } from "./json.ts";
import { observeError, observePrepared, observeResponse } from "./observe.ts";
import { Placeholders } from "./placeholders.ts";
import { parseBytes } from "./raw_field.ts";
import { runAction } from "./run_action.ts";
import { ScriptedServers } from "./scripted_servers.ts";
import { parseServerRule } from "./server_rule.ts";
import { showRequest } from "./wire.ts";

/** What a case came to. */
export interface Outcome {
  /** One result for each step. */
  readonly steps: readonly Json[];
  /** What arrived, if the case asks for it. */
  readonly wire?: readonly Json[];
  /** What the errors said that the steps raised, for the message of a test that fails. */
  readonly errors: readonly string[];
}

const SEND_OPTIONS: readonly string[] = ["timeout", "allowRedirects", "stream"];

/**
 * Plays one case, with servers of its own.
 *
 * A case that has environment variables of its own changes those of the process for good.
 */
export async function playHere(conformanceCase: ConformanceCase, engine: EngineName): Promise<Outcome> {
  const { server, wire } = conformanceCase;
  using dead = await DeadPort.take();
  await using servers = new ScriptedServers();
  const [A, B, PROXY] = [servers.port("A"), servers.port("B"), servers.port("PROXY")];
  const placeholders = new Placeholders({ A, B, PROXY, DEAD: dead.port });
  servers.setRules(server.map((rule) => parseServerRule(placeholders.fill(rule))));
  await using values = new CaseValues();
  const errors: string[] = [];
  for (const [name, value] of makeVariables(conformanceCase, placeholders, values)) Deno.env.set(name, value);
  const steps = await playSteps(conformanceCase, engine, placeholders, values, errors);
  return {
    steps: steps.map((step) => placeholders.restore(step)),
    ...(wire === undefined
      ? {}
      : { wire: servers.records.map((record) => placeholders.restore(showRequest(record, wire))) }),
    errors,
  };
}

function makeVariables(
  { env, netrc, session }: ConformanceCase,
  placeholders: Placeholders,
  values: CaseValues,
): Map<string, string> {
  const variables = new Map(
    Object.entries(env).map(([name, value]) => [name, placeholders.fillText(asText(value, name))]),
  );
  if (netrc !== undefined || session.trust_env === true) {
    // Without a netrc file in the case, an empty one hides that of whoever runs the tests.
    const text = placeholders.fillText(netrc ?? "");
    variables.set("NETRC", values.writeFile("netrc", new TextEncoder().encode(text)));
  }
  return variables;
}

async function playSteps(
  { session: settings, steps, errorIs }: ConformanceCase,
  engine: EngineName,
  placeholders: Placeholders,
  values: CaseValues,
  errors: string[],
): Promise<Json[]> {
  const log: string[] = [];
  await using session = buildSession(asFields(placeholders.fill(settings), "session"), values, log);
  if (engine !== "auto") {
    for (const prefix of ["http://", "https://"]) session.mount(prefix, new HTTPAdapter({ engine }));
  }
  const observed = { session, log };
  const note = (error: unknown): void => void errors.push(describeError(error));
  const results: Json[] = [];
  const responses: Response[] = [];
  await using closing = new AsyncDisposableStack();
  for (const step of steps) {
    const filled = fillStep(step, placeholders);
    const options = makeOptions(filled.options, values, log);
    let came: Response | PreparedRequest;
    try {
      came = await makeCall(session, filled, options, responses.at(-1));
    } catch (error) {
      note(error);
      const classes = errorIs === undefined ? {} : { error_is: testClasses(error, errorIs) };
      results.push({ error: nameError(error), ...classes, ...await observeError(step.observe, error, observed) });
      continue;
    }
    if (came instanceof PreparedRequest) {
      results.push(await observePrepared(step.observe, came, observed));
      continue;
    }
    const received = { response: came, streamed: options.stream ?? session.stream };
    responses.push(came);
    closing.defer(() => received.response.close());
    const then: Json[] = [];
    for (const action of filled.actions) then.push(await runAction(received, parseAction(action), note));
    results.push({
      ...(then.length > 0 ? { then } : {}),
      ...await observeResponse(step.observe, received, observed),
    });
  }
  return results;
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? String(error) : `${error} because of ${describeError(error.cause)}`;
}

function fillStep(step: CaseStep, placeholders: Placeholders): CaseStep {
  return {
    ...step,
    url: placeholders.fillText(step.url),
    options: asFields(placeholders.fill(step.options), "options"),
    edit: asFields(placeholders.fill(step.edit), "edit"),
    actions: step.actions.map((action) => placeholders.fill(action)),
  };
}

async function makeCall(
  session: Session,
  { call, method, url, edit }: CaseStep,
  options: CallOptions,
  last: Response | undefined,
): Promise<Response | PreparedRequest> {
  switch (call) {
    case "request":
      return await session.request(method, url, options);
    case "verb":
      return await session[verbOf(method)](url, options);
    case "send_next":
      if (last === undefined || last.next === null) throw new Error("Cannot send the next request: there is none");
      return await session.send(last.next);
    case "prepare":
      return session.prepareRequest(new Request(method, url, options));
    case "send": {
      const { sendOptions, requestOptions } = splitOptions(options);
      const prepared = session.prepareRequest(new Request(method, url, requestOptions));
      editRequest(prepared, edit);
      return await session.send(prepared, sendOptions);
    }
  }
}

/** Tells what concerns sending from what makes the request. */
function splitOptions(options: CallOptions): { sendOptions: CallOptions; requestOptions: CallOptions } {
  const isSent = ([name]: [string, unknown]): boolean => SEND_OPTIONS.includes(name);
  const entries = Object.entries(options);
  return {
    sendOptions: Object.fromEntries(entries.filter(isSent)),
    requestOptions: Object.fromEntries(entries.filter((entry) => !isSent(entry))),
  };
}

const VERBS = ["get", "options", "head", "post", "put", "patch", "delete"] as const;

function verbOf(method: string): typeof VERBS[number] {
  const verb = VERBS.find((name) => name === method.toLowerCase());
  if (verb === undefined) throw new TypeError(`There is no shorthand for ${method}`);
  return verb;
}

function editRequest(prepared: PreparedRequest, edit: JsonFields): void {
  for (const [name, value] of Object.entries(asFields(edit.headers ?? {}, "headers"))) {
    if (value === null) prepared.headers.delete(name);
    else prepared.headers.set(name, asText(value, name));
  }
  if (edit.url !== undefined) prepared.url = asText(edit.url, "url");
  if (edit.method !== undefined) prepared.method = asText(edit.method, "method");
  if (edit.body !== undefined) prepared.body = edit.body === null ? null : parseBytes(edit.body, "body");
}
