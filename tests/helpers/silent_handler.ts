/** A base for the handlers of tests. */

import { BaseHTTPRequestHandler, fetchHandler, type HandlerClass } from "../../server/mod.ts";

/** Logs nothing. */
export class SilentHandler extends BaseHTTPRequestHandler {
  override logMessage(): void {}

  /** Answers 200 with a text. */
  answer(text: string): void {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.endHeaders();
    this.wfile.write(text);
  }
}

/** A handler asked as a function, and the errors that it threw. */
export interface Asked {
  readonly response: Response;
  readonly errors: unknown[];
}

/** Asks a handler one request. */
export async function ask(Handler: HandlerClass, init: RequestInit = {}, path = "/"): Promise<Asked> {
  const errors: unknown[] = [];
  const handler = fetchHandler(Handler, { onError: (_request, error) => errors.push(error) });
  return { response: await handler(new Request(`http://localhost${path}`, init)), errors };
}

/** Lets all promise jobs run that are ready, and those that they make. */
export async function promiseJobs(): Promise<void> {
  for (let i = 0; i < 1000; i++) await Promise.resolve();
}
