/** What the server writes to standard error while a test runs. */

import { flushLog } from "../../server/_log.ts";

/** Keeps the log from standard error until disposed of. Tests of one file run one after another, so nothing mixes. */
export interface CapturedLog extends Disposable {
  /** All that was logged so far. */
  text(): string;
}

/** Begins to capture the log. */
export function captureLog(): CapturedLog {
  flushLog();
  const original = Deno.stderr.writeSync;
  const decoder = new TextDecoder();
  let text = "";
  Deno.stderr.writeSync = (bytes: Uint8Array) => {
    text += decoder.decode(bytes, { stream: true });
    return bytes.length;
  };
  return {
    text() {
      flushLog();
      return text;
    },
    [Symbol.dispose]() {
      flushLog();
      Deno.stderr.writeSync = original;
    },
  };
}
