/**
 * Runs deno in the place of this process: its streams, its signals, its exit code.
 *
 * @module
 */

// A terminal sends Ctrl-C to every process in the foreground. Passing it on at once would make the child see it twice,
// which many programs take for "stop without cleaning up".
const TERMINAL_GRACE_MS = 2000;

/**
 * Runs deno with `args` and waits for its end. Signals that ask this process to stop go to the child.
 *
 * @param args The arguments of deno.
 * @param env Variables to set for the child beside those of this process.
 * @returns The child's exit code; 128 and the signal's number when a signal ended it.
 */
export async function passThrough(args: readonly string[], env: Readonly<Record<string, string>>): Promise<number> {
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args],
    env,
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn();
  const stopForwarding = forwardSignals(child);
  try {
    return (await child.status).code;
  } finally {
    stopForwarding();
  }
}

function forwardSignals(child: Deno.ChildProcess): () => void {
  const timers = new Set<ReturnType<typeof setTimeout>>();
  const forward = (signal: Deno.Signal) => {
    try {
      child.kill(signal);
    } catch (error) {
      // The child may end between the signal and here; its status is on the way.
      if (!(error instanceof TypeError || error instanceof Deno.errors.NotFound)) throw error;
    }
  };
  const listeners = stopSignals().map((signal) => {
    const listener = () => {
      // Windows knows no signals: the console tells the child, and kill() would only cut it short.
      if (Deno.build.os === "windows") return;
      if (signal === "SIGINT" && Deno.stdin.isTerminal()) {
        timers.add(setTimeout(() => forward(signal), TERMINAL_GRACE_MS));
      } else forward(signal);
    };
    Deno.addSignalListener(signal, listener);
    return { signal, listener };
  });
  return () => {
    for (const { signal, listener } of listeners) Deno.removeSignalListener(signal, listener);
    for (const timer of timers) clearTimeout(timer);
  };
}

function stopSignals(): Deno.Signal[] {
  return Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGHUP"];
}
