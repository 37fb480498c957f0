/** What comes out when all messages of a connection are read, in a form that can be compared. */

import {
  type BodyReader,
  type ByteSource,
  type FieldLine,
  type Framing,
  MessageReader,
  type MessageReaderOptions,
  ProtocolError,
  requestFraming,
  type RequestHead,
  responseFraming,
  type ResponseHead,
} from "../../http1/mod.ts";
import { textOf } from "./byte_source.ts";

/** One message that was read. */
export interface ReadMessage {
  readonly head: RequestHead | ResponseHead;
  readonly framing: Framing;
  /** One character per byte; as far as it was read, if there was an error. */
  readonly body: string;
  readonly trailers: readonly FieldLine[];
}

/** All messages, and how it ended: `"end"` for a client that has closed, or the code of the error. */
export interface Conversation {
  readonly messages: readonly ReadMessage[];
  readonly end: string;
}

/** Which way bodies are read. */
export type BodyMode = "read" | "readInto" | "readAll";

/** Options of {@linkcode converse}. */
export interface ConverseOptions extends MessageReaderOptions {
  /** Which heads to expect. */
  readonly side: "client" | "server";
  /** The method of the requests that responses answer. */
  readonly method?: string;
  readonly mode?: BodyMode;
}

/** Reads messages until the connection ends or is of no use. Errors that are no {@linkcode ProtocolError} are thrown. */
export async function converse(source: ByteSource, options: ConverseOptions): Promise<Conversation> {
  const { side, method = "GET", mode = "read", ...readerOptions } = options;
  const reader = new MessageReader(source, readerOptions);
  const messages: ReadMessage[] = [];
  try {
    for (;;) {
      const head = side === "client" ? await reader.readResponseHead() : await reader.readRequestHead();
      if (head === null) return { messages, end: "end" };
      const framing = "statusCode" in head ? responseFraming(method, head) : requestFraming(head);
      const body = reader.body(framing);
      const pieces: string[] = [];
      try {
        await readBody(body, mode, pieces);
      } finally {
        messages.push({ head, framing, body: pieces.join(""), trailers: body.trailers });
      }
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { messages, end: error.code };
  }
}

async function readBody(body: BodyReader, mode: BodyMode, pieces: string[]): Promise<void> {
  switch (mode) {
    case "read":
      for (let piece; (piece = await body.read()) !== null;) {
        if (piece.length === 0) throw new Error("read() gave an empty piece");
        pieces.push(textOf(piece));
      }
      break;
    case "readInto": {
      const target = new Uint8Array(7);
      for (let count; (count = await body.readInto(target)) !== null;) {
        if (count === 0) throw new Error("readInto() gave an empty piece");
        pieces.push(textOf(target.subarray(0, count)));
      }
      break;
    }
    case "readAll":
      pieces.push(textOf(await body.readAll()));
  }
  if (!body.done) throw new Error("The body is not done at its end");
}
