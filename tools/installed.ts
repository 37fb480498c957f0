/** Whether an outside program is there, for tests and measurements that use it as a peer. */

/** Where on the PATH a program is; `null` where it is missing. */
export function programPath(program: string): string | null {
  for (const folder of (Deno.env.get("PATH") ?? "").split(":")) {
    const path = `${folder}/${program}`;
    try {
      if (Deno.statSync(path).isFile) return path;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory)) throw error;
    }
  }
  return null;
}

/** Whether a program is on the PATH. */
export function isInstalled(program: string): boolean {
  return programPath(program) !== null;
}
