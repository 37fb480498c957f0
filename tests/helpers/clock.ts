/** The clocks of the program and of the file system, for tests of what is kept of files. */

import { COARSEST_CLOCK } from "../../server/_version_cache.ts";

/** Sets the clock forward, so that files made just now count as settled. */
export function later(): Disposable {
  return clockMoved(COARSEST_CLOCK + 1000);
}

/** Sets the clock back, so that files are young however long a test takes. */
export function earlier(): Disposable {
  return clockMoved(-3_600_000);
}

function clockMoved(milliseconds: number): Disposable {
  const { now } = Date;
  Date.now = () => now() + milliseconds;
  return { [Symbol.dispose]: () => void (Date.now = now) };
}

/**
 * Waits until the clock of the file system has ticked, which it does a few hundred times a second. A file that is kept was
 * left alone for longer than that, which the clock that was set forward only pretends.
 */
export async function tick(time: "mtime" | "ctime" = "mtime"): Promise<void> {
  const probe = await Deno.makeTempFile();
  const first = (await Deno.stat(probe))[time]!.getTime();
  do await Deno.writeTextFile(probe, "x"); while ((await Deno.stat(probe))[time]!.getTime() <= first);
  await Deno.remove(probe);
}
