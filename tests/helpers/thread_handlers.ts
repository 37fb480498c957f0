/** Handlers that several threads import. */

import { BaseHTTPRequestHandler, type ClientAddress, type HandlerServer } from "../../server/mod.ts";

const THREAD = crypto.randomUUID();

/** Answers with a greeting and the name of its thread. */
export class Greeting extends BaseHTTPRequestHandler {
  readonly #options: { greeting: string; logs?: boolean };

  constructor(
    request: Request,
    clientAddress: ClientAddress,
    server: HandlerServer,
    options: { greeting: string; logs?: boolean },
  ) {
    super(request, clientAddress, server);
    this.#options = options;
  }

  do_GET(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write(`${this.#options.greeting} from ${THREAD}`);
  }

  override logRequest(): void {
    if (this.#options.logs) this.logMessage("answered by %s", THREAD);
  }
}

/** Streams 300 kB in pieces with pauses; `/quick` names the thread. */
export class Slow extends BaseHTTPRequestHandler {
  async do_GET(): Promise<void> {
    this.sendResponse(200);
    this.endHeaders();
    if (this.path === "/quick") return void this.wfile.write(`slow from ${THREAD}`);
    for (let i = 0; i < 30; i++) {
      await this.wfile.write(new Uint8Array(10_000));
      await this.wfile.flush();
      await this.pause();
    }
  }

  /** What comes between two pieces. */
  pause(): Promise<unknown> {
    return new Promise((resolve) => setTimeout(resolve, 10));
  }

  override logMessage(): void {}
}

/** Never ends. */
export class Endless extends Slow {
  override pause(): Promise<unknown> {
    return new Promise(() => {});
  }
}

/** Has an error that no handler can be blamed for, in a thread beside the main one. */
export class Dying extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.endHeaders();
    const isMain = typeof (globalThis as { postMessage?: unknown }).postMessage !== "function";
    if (!isMain) {
      setTimeout(() => {
        throw new Error("out of every handler");
      });
    }
  }

  override logMessage(): void {}
}

export default Greeting;
