/**
 * The body of a response on a connection.
 *
 * @module
 */

import type { BodyReader } from "../../http1/mod.ts";
import { type BodySource, isWholePiece } from "../body_source.ts";
import type { WireConnection } from "./connection.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** What {@linkcode WireBody} tells about itself. */
export interface WireBodyEvents {
  /** Makes what the reader gets of an error of the connection. */
  readonly mapError: (error: unknown) => unknown;
  /** Called once: `whole` tells whether the connection stands at its next message. */
  readonly onEnd: (whole: boolean) => void;
}

/** Bodies whose connections are closed when nobody holds them any more, by what ends their exchange. */
const watched = new FinalizationRegistry<WireBodyEvents["onEnd"]>((onEnd) => onEnd(false));

/** Reads a body, and lets go of its connection as soon as the last byte is there. */
export class WireBody implements BodySource {
  readonly #connection: WireConnection;
  readonly #body: BodyReader;
  readonly #events: WireBodyEvents;
  #ended = false;

  /** Takes over the body of a connection. */
  constructor(connection: WireConnection, body: BodyReader, events: WireBodyEvents) {
    this.#connection = connection;
    this.#body = body;
    this.#events = events;
  }

  /**
   * Has the connection closed when the body is collected as garbage, unread, as Python does with the response. A connection
   * by itself would stay open, and hold its place in the pool. What {@linkcode WireBodyEvents.onEnd} holds must not be what
   * reads the body.
   */
  closeWhenForgotten(): void {
    watched.register(this, this.#events.onEnd, this);
  }

  /** {@inheritDoc BodySource.read} */
  read(size?: number): Promise<Bytes | null> {
    return this.#reading(() => isWholePiece(size) ? this.#readWhole(size) : this.#body.read());
  }

  async #readWhole(size: number): Promise<Bytes | null> {
    const whole = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const count = await this.#body.readInto(length === 0 ? whole : whole.subarray(length));
      if (count === null) break;
      length += count;
    }
    return length === 0 ? null : length === size ? whole : whole.subarray(0, length);
  }

  /** {@inheritDoc BodySource.readInto} */
  async readInto(memory: Bytes): Promise<Bytes> {
    const count = await this.#reading(() => this.#body.readInto(memory));
    return memory.subarray(0, count ?? 0);
  }

  /** {@inheritDoc BodySource.readAll} */
  async readAll(): Promise<Bytes> {
    // Most bodies come together with their head.
    const whole = this.#ended ? null : this.#body.takeWhole();
    if (whole === null) return await this.#reading(() => this.#body.readAll()) ?? new Uint8Array(0);
    this.#end(true);
    return whole;
  }

  /** {@inheritDoc BodySource.cancel} */
  cancel(): Promise<void> {
    this.#end(false);
    return Promise.resolve();
  }

  async #reading<T extends Bytes | number>(read: () => Promise<T | null>): Promise<T | null> {
    if (this.#ended) return null;
    const connection = this.#connection;
    connection.resumeLimit();
    try {
      const result = await read();
      if (this.#ended) return null;
      if (this.#body.done) this.#end(true);
      return result;
    } catch (error) {
      // Who gave the body up does not want to hear that its connection is closed.
      if (this.#ended) return null;
      this.#end(false);
      throw this.#events.mapError(connection.failure === null ? error : connection.failure.error);
    } finally {
      connection.pauseLimit();
    }
  }

  #end(whole: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    watched.unregister(this);
    this.#events.onEnd(whole);
  }
}
