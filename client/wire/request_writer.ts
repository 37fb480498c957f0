/**
 * Writes a request: its head, then its body, while the response is already waited for.
 *
 * @module
 */

import { concatBytes } from "../../bytes.ts";
import { formatChunk, formatLastChunk, writeAll } from "../../http1/mod.ts";
import { Upload } from "../_upload.ts";
import type { PreparedBody } from "../request.ts";
import type { WireConnection } from "./connection.ts";
import type { BodyFraming } from "./request_head.ts";
import { isNetFailure } from "./wire_errors.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Bodies up to this size, in bytes, go out together with the head: one packet less, and one system call. */
const JOIN_SIZE = 16 * 1024;

/** How long to wait for `100 Continue`, in seconds. Servers that do not know it stay silent (RFC 9110 §10.1.1). */
const CONTINUE_WAIT = 1;

/** What {@linkcode RequestWriter} sends. */
export interface WireMessage {
  /** The start line and the fields, with the empty line behind them. */
  readonly head: Bytes;
  /** The body. */
  readonly body: PreparedBody;
  /** How the body is framed. */
  readonly framing: BodyFraming;
  /** Whether to wait with the body until the server has agreed to it. */
  readonly expectsContinue: boolean;
}

/** Writes one request to a connection. */
export class RequestWriter {
  /** Whether all of it is on its way. Only then may the connection carry another request. */
  done = false;
  readonly #connection: WireConnection;
  readonly #message: WireMessage;
  readonly #body: Bytes | Upload | null;
  /** What to do when the server agrees to the body; it is called with `false` if the server answers at once. */
  #proceed: ((agreed: boolean) => void) | null = null;
  #refused = false;

  /** Prepares a sending; nothing is opened before {@linkcode send}. */
  constructor(connection: WireConnection, message: WireMessage) {
    this.#connection = connection;
    this.#message = message;
    const { framing, body } = message;
    const progress = { pause: () => connection.pauseLimit(), restart: () => connection.resumeLimit() };
    if (framing.kind === "none" || body === null) this.#body = null;
    else if (body instanceof Uint8Array) this.#body = body;
    else this.#body = new Upload(body, framing.kind === "length" ? framing.length : null, progress, false);
  }

  /**
   * Sends it. It never rejects: a server that closes early may have sent its response before, so that only reading tells.
   * Where the body itself cannot be read, the connection fails with the body's error.
   */
  async send(): Promise<void> {
    try {
      const { head, expectsContinue } = this.#message;
      if (this.#body === null) {
        await writeAll(this.#connection, head);
      } else if (expectsContinue) {
        await writeAll(this.#connection, head);
        if (!await this.#agreement()) return;
        await this.#sendBody(this.#body, null);
      } else {
        await this.#sendBody(this.#body, head);
      }
      this.done = true;
    } catch (error) {
      const failure = this.#body instanceof Upload ? this.#body.failure : null;
      if (failure !== null) this.#connection.fail(failure.error);
      else if (!isNetFailure(error)) this.#connection.fail(error);
    } finally {
      if (!this.done) this.cancel();
    }
  }

  /** The server agreed to the body (`100 Continue`). */
  proceed(): void {
    this.#proceed?.(true);
  }

  /** The server has answered. A body that waits for agreement is not sent any more. */
  answered(): void {
    this.#proceed?.(false);
  }

  /** Closes the source of a body that has not been sent to its end. */
  cancel(): void {
    if (this.done) return;
    this.#refused = true;
    this.#proceed?.(false);
    // Not waited for, and its own error is of no interest next to the one reported.
    if (this.#body instanceof Upload) this.#body.cancel(undefined).catch(() => {});
  }

  #agreement(): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#proceed?.(true), CONTINUE_WAIT * 1000);
      this.#proceed = (agreed) => {
        this.#proceed = null;
        clearTimeout(timer);
        resolve(agreed && !this.#refused);
      };
      if (this.#refused) this.#proceed(false);
    });
  }

  async #sendBody(body: Bytes | Upload, head: Bytes | null): Promise<void> {
    const isChunked = this.#message.framing.kind === "chunked";
    if (body instanceof Uint8Array) {
      const pieces = isChunked ? [...formatChunk(body), formatLastChunk()] : [body];
      await this.#writePieces(head === null ? pieces : [head, ...pieces]);
      return;
    }
    // The head leaves at once: the source may take its time.
    if (head !== null) await writeAll(this.#connection, head);
    for (let piece = await body.next(); piece !== null; piece = await body.next()) {
      await this.#writePieces(isChunked ? formatChunk(piece) : [piece]);
    }
    if (isChunked) await writeAll(this.#connection, formatLastChunk());
  }

  /** Writes small pieces as one. */
  async #writePieces(pieces: readonly Uint8Array[]): Promise<void> {
    const size = pieces.reduce((sum, { length }) => sum + length, 0);
    if (pieces.length > 1 && size <= JOIN_SIZE) return await writeAll(this.#connection, concatBytes(pieces));
    for (const piece of pieces) await writeAll(this.#connection, piece);
  }
}
