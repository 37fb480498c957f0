/**
 * One request's answer in the making: what the handler writes goes in, a `Response` comes out.
 *
 * A handler that ends before it has to give anything away costs one `Response` with its whole body, the cheapest thing that
 * `Deno.serve` can send. Only one that flushes, writes much, or waits for something outside meanwhile gets a stream.
 */

import { concatBytes } from "../bytes.ts";
import { preparedResponse } from "./_prepared.ts";
import { within } from "./_time_limit.ts";

/** A body given away whole: bytes that nobody will change any more, or a stream. */
export type WholeBody = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array<ArrayBuffer>>;

/** From this many bytes on a body that is still being written becomes a stream, so that memory stays flat. */
const BUFFER_LIMIT = 64 * 1024;

/** A text of at most this many characters is kept as it is. */
const TEXT_LIMIT = 4096;

/** A handler that only awaits what is there already is done within this many promise jobs. */
const JOBS_BEFORE_STREAMING = 64;

const NULL_BODY_STATUSES: readonly number[] = [101, 204, 205, 304];

const encoder = new TextEncoder();

const RESOLVED: Promise<void> = Promise.resolve();

/** When the stream behind a response has been written to its end, or given up. */
const streamEnds = new WeakMap<Response, Promise<void>>();

/** When the handler behind a streamed response is done; `undefined` for a response that was whole from the start. */
export function streamEnd(response: Response): Promise<void> | undefined {
  return streamEnds.get(response);
}

/** The errors with which answers were broken off; their handlers' server has been told of them. */
const brokenOff = new WeakSet<object>();

/** Whether an error comes back from an answer that was broken off with it. */
export function isBrokenOff(error: unknown): boolean {
  return typeof error === "object" && error !== null && brokenOff.has(error);
}

/** The state of one answer. It knows nothing of handlers: heads, bytes and errors come in from above. */
export class Exchange {
  readonly #isHead: boolean;
  readonly #timeout: () => number | null;
  readonly #isDirect: boolean;

  #status = 0;
  #statusText = "";
  #fields: readonly string[] = [];
  #bodyAllowed = true;

  /** A body that is one short text so far: as a text it is cheaper to send than as bytes. */
  #text: string | null = null;
  #chunks: Uint8Array<ArrayBuffer>[] = [];
  #size = 0;
  #whole: ReadableStream<Uint8Array<ArrayBuffer>> | null = null;

  #response: Response | null = null;
  #controller: ReadableStreamDefaultController<Uint8Array<ArrayBuffer>> | null = null;
  #committed: PromiseWithResolvers<Response> | null = null;
  #ended: PromiseWithResolvers<void> | null = null;
  #drained: PromiseWithResolvers<void> | null = null;
  #closed = false;
  #gone: Error | null = null;
  #onDisconnect: ((reason: Error) => void) | null = null;

  /**
   * @param isHead whether the request's method is HEAD, so that no body is sent.
   * @param timeout gives the seconds that a write may wait for the client, or `null`.
   * @param isDirect whether the response goes straight to `Deno.serve`, so that nobody else gets hold of it. Then it may
   * share its bytes with others, and needs no `Date`, which `Deno.serve` adds.
   */
  constructor(isHead: boolean, timeout: () => number | null, isDirect = false) {
    this.#isHead = isHead;
    this.#timeout = timeout;
    this.#isDirect = isDirect;
  }

  /** Whether a head has been given. */
  get begun(): boolean {
    return this.#status !== 0;
  }

  /** Whether a `Response` has left, so that its head cannot be changed any more. */
  get committed(): boolean {
    return this.#response !== null;
  }

  /** Whether `error` only tells that the client went away. */
  isDisconnect(error: unknown): boolean {
    return this.#gone !== null && error === this.#gone;
  }

  /**
   * Sets the head: `fields` holds names and values in turn.
   *
   * An interim answer (1xx) is dropped: `Deno.serve` sends its own 100 and can send no other.
   */
  begin(status: number, statusText: string, fields: readonly string[]): void {
    if (status < 200 && status !== 101) return;
    if (this.begun) throw new Error(`Cannot send the head with status ${status}: a head with ${this.#status} was sent`);
    this.#status = status;
    this.#statusText = statusText;
    this.#fields = fields;
    this.#bodyAllowed = !this.#isHead && !NULL_BODY_STATUSES.includes(status);
    if (this.#committed !== null) this.#commitSoon();
  }

  /** Forgets a head and a body of which nothing has left yet. */
  reset(): void {
    this.#status = 0;
    this.#text = null;
    this.#chunks = [];
    this.#size = 0;
    this.#closed = false;
    this.#dropWhole();
  }

  /** Adds to the body. The promise resolves when there is room for more. */
  write(data: Uint8Array<ArrayBuffer> | string): Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== null) return rejected(refusal);
    // An empty chunk would end a chunked body.
    if (!this.#bodyAllowed || data.length === 0) return RESOLVED;
    if (typeof data === "string" && data.length <= TEXT_LIMIT && this.#isUntouched()) {
      this.#text = data;
      return RESOLVED;
    }
    this.#encodeText();
    const chunk = typeof data === "string" ? encoder.encode(data) : data;
    if (this.#controller !== null) {
      this.#controller.enqueue(chunk);
      return this.#room();
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size <= BUFFER_LIMIT || this.#committed === null) return RESOLVED;
    this.commit();
    return this.#room();
  }

  #isUntouched(): boolean {
    return this.#text === null && this.#chunks.length === 0 && this.#controller === null;
  }

  #encodeText(): void {
    if (this.#text === null) return;
    const chunk = encoder.encode(this.#text);
    this.#text = null;
    this.#chunks.push(chunk);
    this.#size += chunk.length;
  }

  /**
   * Gives the rest of the body away and ends it. A stream that comes first is passed on as it is, with no copy in between.
   * There is a promise only where there is something to wait for, so that a sync handler stays sync.
   */
  send(body: WholeBody): void | Promise<void> {
    const refusal = this.#refusal();
    if (refusal !== null) {
      const reason = rejected(refusal);
      return body instanceof Uint8Array ? reason : body.cancel().then(() => reason);
    }
    if (body instanceof Uint8Array) {
      const written = this.write(body);
      this.#closed = true;
      return written === RESOLVED ? undefined : written;
    }
    if (!this.#bodyAllowed) {
      this.#closed = true;
      return body.cancel();
    }
    if (this.#isUntouched()) {
      this.#closed = true;
      this.#whole = body;
      return;
    }
    return this.#pump(body);
  }

  async #pump(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    this.commit();
    this.#closed = true;
    for await (const chunk of body) {
      if (this.#gone !== null) throw this.#gone;
      this.#controller?.enqueue(chunk);
      await this.#room();
    }
  }

  /** Sends what there is and goes on as a stream. */
  flush(): Promise<void> {
    const refusal = this.#refusal();
    // Flushing what was given away whole does no harm: it is on its way.
    if (refusal !== null && !(this.#closed && this.#gone === null)) return rejected(refusal);
    this.commit();
    return this.#room();
  }

  #refusal(): Error | null {
    if (this.#gone !== null) return this.#gone;
    if (!this.begun) return new Error("Cannot write the body: the head was not sent, call endHeaders() first");
    if (this.#closed) return new Error("Cannot write the body: it was sent whole before");
    return null;
  }

  /** Makes the `Response`, with a stream for a body that goes on. */
  commit(): void {
    if (this.#response !== null) return;
    if (!this.#bodyAllowed || this.#closed) {
      this.#respond(this.#wholeBody());
      return;
    }
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller) => {
        this.#controller = controller;
      },
      pull: () => {
        this.#drained?.resolve();
        this.#drained = null;
      },
      cancel: () => this.disconnect(),
    }, new ByteLengthQueuingStrategy({ highWaterMark: BUFFER_LIMIT }));
    this.#encodeText();
    for (const chunk of this.#chunks) this.#controller!.enqueue(chunk);
    this.#chunks = [];
    this.#ended = Promise.withResolvers();
    streamEnds.set(this.#respond(stream), this.#ended.promise);
  }

  #respond(body: WholeBody | string | null): Response {
    const make = () => makeResponse(body, this.#status, this.#statusText, this.#fields, this.#isHead);
    const response = this.#isDirect && this.#statusText === "" && (body === null || body instanceof Uint8Array)
      ? preparedResponse(body, this.#status, this.#fields, make) ?? make()
      : make();
    this.#response = response;
    this.#committed?.resolve(response);
    return response;
  }

  /** Has `listener` called when the client goes away, at once if it has. */
  onDisconnect(listener: (reason: Error) => void): void {
    this.#onDisconnect = listener;
    if (this.#gone !== null) listener(this.#gone);
  }

  /** Notes that the client is gone: whoever writes, or waits to, is told. */
  disconnect(): void {
    if (this.#gone !== null) return;
    this.#gone = new Deno.errors.BrokenPipe("Cannot write the response: the client is gone");
    this.#controller = null;
    this.#drained?.reject(this.#gone);
    this.#drained = null;
    this.#ended?.resolve();
    this.#onDisconnect?.(this.#gone);
  }

  #room(): Promise<void> {
    if (this.#controller === null || (this.#controller.desiredSize ?? 1) > 0) return RESOLVED;
    if (this.#drained === null) {
      this.#drained = Promise.withResolvers();
      // A handler need not await its writes; without this the client's leaving would end the whole process.
      this.#drained.promise.catch(() => {});
    }
    return within(this.#drained.promise, this.#timeout(), "Cannot write the response: the client took nothing");
  }

  /** Ends the answer of a handler that is done, and gives the response. */
  finish(): Response {
    if (!this.begun) throw new Error("Cannot answer the request: the handler sent no response");
    if (this.#response === null) return this.#respond(this.#wholeBody());
    this.#controller?.close();
    this.#controller = null;
    this.#ended?.resolve();
    return this.#response;
  }

  #wholeBody(): WholeBody | string | null {
    if (!this.#bodyAllowed) return null;
    if (this.#text !== null) return this.#text;
    return this.#whole ?? (this.#chunks.length === 0 ? null : concatBytes(this.#chunks));
  }

  /** Breaks off an answer whose head has left: the client sees a cut body, never one that only looks whole. */
  abort(error: unknown): Response {
    if (typeof error === "object" && error !== null) brokenOff.add(error);
    this.#dropWhole();
    this.#controller?.error(error);
    this.#controller = null;
    this.#ended?.resolve();
    return this.#response!;
  }

  #dropWhole(): void {
    // The stream may have begun to flow already; what it says to being cancelled then changes nothing.
    if (this.#whole !== null && !this.#whole.locked) this.#whole.cancel().catch(() => {});
    this.#whole = null;
  }

  /**
   * Commits unless the handler ends within a few promise jobs: by then it waits for something outside, and what it has
   * written should leave meanwhile. Counting jobs costs less than a timer for each request, and leaves none behind.
   */
  async #commitSoon(): Promise<void> {
    for (let jobs = 0; jobs < JOBS_BEFORE_STREAMING; jobs++) {
      await RESOLVED;
      if (this.#response !== null || !this.begun) return;
    }
    this.commit();
  }

  /** The response of a handler that goes on: as soon as it has to leave, at the latest when `done` gives it. */
  settle(done: Promise<Response>): Promise<Response> {
    if (this.#response !== null) {
      done.catch(() => {}); // It has reported its error; the response that matters has left.
      return Promise.resolve(this.#response);
    }
    this.#committed = Promise.withResolvers();
    if (this.begun) this.#commitSoon();
    done.then(this.#committed.resolve, this.#committed.reject);
    return this.#committed.promise;
  }
}

function makeResponse(
  body: WholeBody | string | null,
  status: number,
  statusText: string,
  fields: readonly string[],
  isHead: boolean,
): Response {
  // Without Content-Length Deno.serve would tell a HEAD client of 0 bytes; an empty stream makes it say nothing.
  const content = isHead && body === null && !hasContentLength(fields) && !NULL_BODY_STATUSES.includes(status)
    ? emptyStream()
    : body;
  const response = new Response(content, status === 200 && statusText === "" ? undefined : { status, statusText });
  // Appending is cheaper than giving the fields to the constructor.
  const headers = response.headers;
  // A text brings a type of its own along, which is not the handler's.
  if (typeof body === "string") headers.delete("content-type");
  for (let i = 0; i < fields.length; i += 2) headers.append(fields[i]!, fields[i + 1]!);
  return response;
}

function hasContentLength(fields: readonly string[]): boolean {
  for (let i = 0; i < fields.length; i += 2) if (fields[i]!.toLowerCase() === "content-length") return true;
  return false;
}

function emptyStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream({ start: (controller) => controller.close() });
}

function rejected(error: Error): Promise<void> {
  const promise = Promise.reject(error);
  promise.catch(() => {}); // As for writes that wait: not awaiting must not end the process.
  return promise;
}
