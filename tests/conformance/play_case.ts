/**
 * Playing a case against a running server.
 *
 * @module
 */

import { type Answer, fieldOf } from "./answer.ts";
import type { Alternative, ConformanceCase, Exchange } from "./case_format.ts";
import type { CheckContext } from "./check.ts";
import { runCheck } from "./checks.ts";
import type { FixtureTree } from "./fixture_tree.ts";
import { fillDeep, namesOfCapture } from "./placeholders.ts";
import { RawConnection } from "./raw_connection.ts";
import { awaitClosing, readAnswer } from "./read_answer.ts";
import { requestLineOf, toWirePieces } from "./request_bytes.ts";

const CLOSING_LIMIT_MS = 1500;
const OPEN_MS = 300;

/** A server to play against, with the tree that it serves. */
export interface Stage {
  /** The port on the loopback interface. */
  readonly port: number;
  /** The served tree. */
  readonly tree: FixtureTree;
}

/**
 * Plays one case.
 *
 * @throws {Error} If an answer cannot be read, or is not as the case says.
 */
export async function playCase(conformanceCase: ConformanceCase, stage: Stage): Promise<void> {
  const plays = Array.from({ length: conformanceCase.parallel }, (_, n) => playSteps(conformanceCase, stage, n));
  // All of them, so that none is still under way when the case is over.
  const failures = (await Promise.allSettled(plays)).filter((play) => play.status === "rejected");
  if (failures.length === 1) throw failures[0]!.reason;
  if (failures.length > 1) throw new AggregateError(failures.map(({ reason }) => reason), String(failures[0]!.reason));
}

async function playSteps({ steps, reuse }: ConformanceCase, stage: Stage, n: number): Promise<void> {
  const values = new Map([["PORT", String(stage.port)], ["ROOT", stage.tree.root], ["N", String(n)]]);
  let shared: RawConnection | undefined;
  try {
    for (const [i, step] of steps.entries()) {
      await stage.tree.edit(step.edit);
      const connection = shared ?? await RawConnection.open(stage.port);
      if (reuse) shared = connection;
      try {
        await playExchange(step, connection, values, reuse && i < steps.length - 1);
      } catch (error) {
        if (steps.length === 1) throw error;
        const message = error instanceof Error ? error.message : error;
        throw new Error(`Step ${i + 1} of ${steps.length}: ${message}`, { cause: error });
      } finally {
        if (!reuse) await connection.close();
      }
    }
  } finally {
    await shared?.close();
  }
}

async function playExchange(
  { pieces, alternatives, capture }: Exchange,
  connection: RawConnection,
  values: Map<string, string>,
  goesOn: boolean,
): Promise<void> {
  const wirePieces = toWirePieces(pieces, values);
  const { method, target } = requestLineOf(wirePieces);
  connection.startSending(wirePieces);
  const answer = await readAnswer(connection, method);
  const closing = await settle(connection, alternatives, goesOn);
  for (const [name, header] of capture) {
    const value = fieldOf(answer, header);
    if (value === undefined) throw new Error(`Cannot capture ${name}: the answer has no ${header}`);
    for (const [key, text] of namesOfCapture(name, value)) values.set(key, text);
  }
  judge(answer, alternatives, { target, captures: values, connection: closing }, values);
}

/** Sees to the end of an exchange: nothing may follow, and the connection may be wanted closed, or open. */
async function settle(
  connection: RawConnection,
  alternatives: readonly Alternative[],
  goesOn: boolean,
): Promise<"closed" | "open"> {
  const checks = alternatives.flatMap(({ check }) => check).filter((text) => text.startsWith("connection:"));
  if (goesOn && checks.length === 0) {
    if (connection.buffered > 0) await awaitClosing(connection, 0);
    await connection.finishSending();
    return "open";
  }
  return await awaitClosing(connection, checks.includes("connection:closed") ? CLOSING_LIMIT_MS : OPEN_MS);
}

function judge(
  answer: Answer,
  alternatives: readonly Alternative[],
  context: Omit<CheckContext, "expect">,
  values: ReadonlyMap<string, string>,
): void {
  const complaints: string[] = [];
  for (const alternative of alternatives) {
    const { check, expect } = fillDeep(alternative, values);
    const failures = check.flatMap((text) => {
      const failure = runCheck(text, answer, { ...context, expect });
      return failure === undefined ? [] : [`${text}: ${failure}`];
    });
    if (failures.length === 0) return;
    complaints.push(failures.join("\n  "));
  }
  const head = answer.fields.map(([name, value]) => `${name}: ${value}`).join("\n  ");
  throw new Error(`Check failed:\n  ${complaints.join("\nor\n  ")}\nThe answer was ${answer.status}\n  ${head}`);
}
