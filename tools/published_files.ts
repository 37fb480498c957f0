/**
 * Which files of the project `deno publish` takes, told by deno itself.
 *
 * @module
 */

/**
 * Runs something with the environment in which `deno publish` works: a registry inside the project's folder (see
 * tools/jsr.ts) would be taken for a part of the package, and refused. It is shown to deno under another path.
 *
 * @param run What to run, with the variables to set.
 */
export async function withPublishEnvironment<T>(
  run: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const registry = Deno.env.get("JSR_URL") ?? "";
  const root = new URL("../", import.meta.url).href;
  if (!registry.startsWith(root)) return await run({});
  const outside = await Deno.makeTempDir({ prefix: "registry_" });
  const link = `${outside}/jsr`;
  try {
    await Deno.symlink(new URL(registry), link, { type: Deno.build.os === "windows" ? "junction" : "dir" });
    const url = new URL(`file:///${encodeURI(link.replaceAll("\\", "/").replace(/^\//, ""))}/`);
    return await run({ JSR_URL: url.href });
  } finally {
    await Deno.remove(outside, { recursive: true });
  }
}

const FILE_LINE_REGEXP = /^\s+(file:\/\/\S+) \([\d.]+\s?[KMG]?B\)$/gm;

/**
 * Takes the files out of what `deno publish --dry-run` prints.
 *
 * @param output What it printed, without colours.
 * @param root URL of the project, with a slash at its end.
 * @returns Paths from the root, sorted.
 */
export function filesInDryRun(output: string, root: string): string[] {
  return Array.from(output.matchAll(FILE_LINE_REGEXP), ([, url = ""]) => {
    if (!url.startsWith(root)) throw new Error(`Cannot publish ${url}: it is outside of ${root}`);
    return decodeURIComponent(url.slice(root.length));
  }).sort();
}

/**
 * Lists the files that `deno publish` would upload.
 *
 * @returns Paths from the root of the project, sorted.
 * @throws {Error} If deno would not publish.
 */
export async function publishedFiles(): Promise<string[]> {
  const root = new URL("../", import.meta.url);
  const { success, stdout, stderr } = await withPublishEnvironment((env) =>
    new Deno.Command(Deno.execPath(), {
      // What is wrong with the types is for `deno task publish:check` to say.
      args: ["publish", "--dry-run", "--allow-dirty", "--allow-slow-types", "--no-check"],
      cwd: root,
      env: { ...env, NO_COLOR: "1" },
      stdin: "null",
    }).output()
  );
  const output = new TextDecoder().decode(stdout) + new TextDecoder().decode(stderr);
  if (!success) throw new Error(`Cannot list the published files: ${output.trim()}`);
  return filesInDryRun(output, root.href);
}
