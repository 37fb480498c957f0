/** The application httpbin, as Debian packages it, under gunicorn. */

import { Peer } from "./peer.ts";

/** Debian's packages are seen by Debian's interpreter only, which need not be the first on the PATH. */
const PYTHON = ["/usr/bin/python3", "python3"].find((python) => {
  try {
    const args = ["-c", "import httpbin, gunicorn"];
    return new Deno.Command(python, { args, stdin: "null", stdout: "null", stderr: "null" }).outputSync().success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
});

let peer: Peer | undefined;
let origin = "";

/** Registers a test against httpbin, which is given its origin; without httpbin it is ignored, and its name says why. */
export function httpbinTest(name: string, run: (origin: string) => Promise<void>): void {
  const ignore = PYTHON === undefined;
  Deno.test({
    name: ignore ? `${name}, ignored: needs python3-httpbin and gunicorn` : name,
    ignore,
    fn: () => run(origin),
  });
}

/** Starts httpbin, if there is one. */
export async function startHttpbin(): Promise<void> {
  if (PYTHON === undefined) return;
  const program = PYTHON;
  peer = await Peer.start((folder) => ({
    program,
    args: [
      ...["-m", "gunicorn", "--bind", "127.0.0.1:0", "--worker-tmp-dir", folder, "--graceful-timeout", "1"],
      // Threads, so that a request that is kept waiting holds nobody up; with them connections are kept alive as well.
      ...["--worker-class", "gthread", "--threads", "16", "--keep-alive", "30", "httpbin:app"],
    ],
    ready: /Listening at: (http:\S+)[^]*Booting worker/,
  }));
  origin = peer.ready[1]!;
}

/** Ends it. */
export async function stopHttpbin(): Promise<void> {
  await peer?.stop();
  peer = undefined;
}
