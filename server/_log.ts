/** The log: how lines reach standard error. */

const encoder = new TextEncoder();

/** A line is written at the latest when this many characters wait. */
const BUFFER_LIMIT = 8192;

let pending = "";
let timer: ReturnType<typeof setTimeout> | undefined;
let watchesEnd = false;

/**
 * Adds text to the log on standard error.
 *
 * Lines leave together, in the next turn of the event loop, about a millisecond later at most: a write for each costs more
 * than answering a small request. A program that ends meanwhile, by an error too, writes them first.
 */
export function writeLog(text: string): void {
  if (timer === undefined) {
    timer = setTimeout(flushLog, 0);
    if (!watchesEnd) watchEnd();
  }
  pending += text;
  if (pending.length >= BUFFER_LIMIT) writePending();
}

/** `Deno.exit()` and the end of the program, an error that nobody caught, a promise that nobody looked after. */
function watchEnd(): void {
  watchesEnd = true;
  for (const event of ["unload", "error", "unhandledrejection"]) globalThis.addEventListener(event, flushLog);
}

/** Takes the log of a thread instead of standard error. */
let sink: ((text: string) => void) | null = null;

/** Hands the log to `take` instead of standard error: all threads of a server have one log, which the main one writes. */
export function setLogSink(take: ((text: string) => void) | null): void {
  flushLog();
  sink = take;
}

/** Writes what waits in the log now. */
export function flushLog(): void {
  clearTimeout(timer);
  timer = undefined;
  writePending();
}

function writePending(): void {
  if (pending === "") return;
  const text = pending;
  pending = "";
  if (sink !== null) sink(text);
  else writeStandardError(encoder.encode(text));
}

function writeStandardError(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length;) at += Deno.stderr.writeSync(bytes.subarray(at));
  } catch (error) {
    // Whoever read the log is gone (`2>&1 | head`): the server outlives its log, and there is nowhere left to say so.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
