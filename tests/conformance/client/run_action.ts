/**
 * Carrying out the actions on a response.
 *
 * @module
 */

import { HTTPError, type Response } from "../../../client/mod.ts";
import type { Action, Iteration } from "./action_format.ts";
import { nameError } from "./error_names.ts";
import type { Json } from "./json.ts";
import { showPiece } from "./show_bytes.ts";
import { showHeader, showRequestBody, toJson } from "./show_values.ts";

/** A response, and what the runner knows about it. */
export interface Received {
  /** The response. */
  readonly response: Response;
  /** Whether its body is streamed, so that reading it takes an extra call. */
  readonly streamed: boolean;
}

/** The response, with its body in memory if it was streamed. A body that was not streamed must be there already. */
export async function readFirst({ response, streamed }: Received): Promise<Response> {
  if (streamed) await response.read();
  return response;
}

/** Carries one action out; one that raises records the name of its error, and tells the error to `note`. */
export async function runAction(received: Received, action: Action, note: (error: unknown) => void): Promise<Json> {
  try {
    return await perform(received, action);
  } catch (error) {
    note(error);
    return { error: nameError(error) };
  }
}

async function perform(received: Received, action: Action): Promise<Json> {
  const { response } = received;
  switch (action.name) {
    case "text":
      return (await readFirst(received)).text;
    case "content":
      return showPiece((await readFirst(received)).content);
    case "json":
      return toJson((await readFirst(received)).json());
    case "raise_for_status":
      return checkStatus(response);
    case "close":
      await response.close();
      return null;
    case "set_encoding":
      response.encoding = action.encoding;
      return null;
    case "next":
      return showNext(response, action.headers);
    case "iter_content":
    case "iter_lines":
      return await iterate(response, action.name, action.iteration);
  }
}

function checkStatus(response: Response): Json {
  try {
    response.raiseForStatus();
    return null;
  } catch (error) {
    if (error instanceof HTTPError) return { error: nameError(error), message: error.message };
    throw error;
  }
}

function showNext({ next }: Response, names: readonly string[]): Json {
  if (next === null) return null;
  return toJson({
    method: next.method,
    url: next.url,
    body: showRequestBody(next.body),
    headers: Object.fromEntries(names.map((name) => [name, showHeader(next.headers.get(name))])),
  });
}

async function iterate(
  response: Response,
  name: "iter_content" | "iter_lines",
  { chunkSize, decodeUnicode, delimiter, take, join }: Iteration,
): Promise<Json> {
  const decoding = decodeUnicode === undefined ? {} : { decodeUnicode };
  const splitting = delimiter === undefined
    ? {}
    : { delimiter: decodeUnicode === true ? delimiter : new TextEncoder().encode(delimiter) };
  // A case may give a size that is no number on purpose.
  const size = chunkSize as number | null | undefined;
  const source: AsyncIterable<string | Uint8Array> = name === "iter_content"
    ? response.iterContent(size, decoding)
    : response.iterLines(size, { ...decoding, ...splitting });
  const pieces: (string | Uint8Array)[] = [];
  for await (const piece of source) {
    pieces.push(piece);
    if (pieces.length >= take) break;
  }
  return join ? joinPieces(pieces) : pieces.map(showPiece);
}

function joinPieces(pieces: readonly (string | Uint8Array)[]): Json {
  const texts = pieces.filter((piece) => typeof piece === "string");
  if (pieces.length > 0 && texts.length === pieces.length) return texts.join("");
  const shown = pieces.map((piece) => {
    if (typeof piece === "string") throw new TypeError("Cannot join: there are texts and bytes among the pieces");
    return showPiece(piece) as { readonly bytes: string };
  });
  return { bytes: shown.map(({ bytes }) => bytes).join("") };
}
