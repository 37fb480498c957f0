import { BaseAdapter, type SendOptions } from "../../client/adapter.ts";
import type { PreparedRequest } from "../../client/request.ts";
import { Response } from "../../client/response.ts";

/** What a {@link FakeAdapter} answers. */
export interface Answer {
  status?: number;
  headers?: Record<string, string> | [string, string][];
  /** A text, or the pieces of a stream; an error breaks the stream, a promise holds it up. */
  body?: string | readonly (string | Error | Promise<string>)[];
}

/** One request as a {@link FakeAdapter} got it, before anything could change it. */
export interface Sent {
  method: string | null;
  url: string | null;
  headers: Record<string, string>;
  body: string | null;
  options: SendOptions;
}

/**
 * An adapter without a net: it keeps what it is asked, answers as it is told, and knows which of its bodies are still open.
 */
export class FakeAdapter extends BaseAdapter {
  /** The requests, in order. */
  readonly sent: Sent[] = [];
  /** How many bodies were neither read to their end nor cancelled. */
  open = 0;
  /** How often it was closed. */
  closed = 0;
  readonly #answer: (sent: Sent, index: number) => Answer | Promise<Answer>;

  constructor(answer: ((sent: Sent, index: number) => Answer | Promise<Answer>) | readonly Answer[]) {
    super();
    this.#answer = typeof answer === "function" ? answer : (_, index) => {
      const next = answer[index];
      if (next === undefined) throw new Error(`No answer is left for request ${index + 1}`);
      return next;
    };
  }

  override async send(request: PreparedRequest, options: SendOptions = {}): Promise<Response> {
    const sent: Sent = {
      method: request.method,
      url: request.url,
      headers: Object.fromEntries(request.headers.lowerItems()),
      body: await bodyText(request),
      options: { ...options },
    };
    this.sent.push(sent);
    const { status = 200, headers = {}, body = "" } = await this.#answer(sent, this.sent.length - 1);
    return new Response({
      statusCode: status,
      reason: "Whatever",
      url: request.url ?? "",
      headers: new Headers(headers),
      body: this.#stream(typeof body === "string" ? [body] : body),
      request,
      connection: this,
      engine: "fake",
    });
  }

  /** A stream that is open until it has ended, broken or been cancelled. */
  #stream(pieces: readonly (string | Error | Promise<string>)[]): ReadableStream<Uint8Array<ArrayBuffer>> {
    const rest = pieces.values();
    this.open++;
    return new ReadableStream({
      pull: async (controller) => {
        const next = rest.next();
        const { done } = next;
        const value = await next.value;
        if (value instanceof Error) {
          this.open--;
          controller.error(value);
        } else if (done) {
          this.open--;
          controller.close();
        } else controller.enqueue(new TextEncoder().encode(value));
      },
      cancel: () => {
        this.open--;
      },
    }, { highWaterMark: 0 });
  }

  override close(): void {
    this.closed++;
  }
}

async function bodyText({ body }: PreparedRequest): Promise<string | null> {
  if (body === null) return null;
  return await new globalThis.Response(body instanceof Uint8Array ? body : body.open()).text();
}
