/** Folders of files for tests. */

/** A temporary folder with files; `await using` removes it. */
export interface TempTree extends AsyncDisposable {
  /** Its real path, without a slash at the end. */
  readonly path: string;
}

/** Makes a folder with the given files; names may hold slashes, and a name that ends with one is a folder. */
export async function tempTree(files: Readonly<Record<string, string | Uint8Array>> = {}): Promise<TempTree> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  for (const [name, content] of Object.entries(files)) {
    const folder = name.includes("/") ? name.slice(0, name.lastIndexOf("/")) : "";
    await Deno.mkdir(`${path}/${folder}`, { recursive: true });
    if (name.endsWith("/")) continue;
    if (typeof content === "string") await Deno.writeTextFile(`${path}/${name}`, content);
    else await Deno.writeFile(`${path}/${name}`, content);
  }
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

/** Bytes that differ from place to place, so that a part from elsewhere shows. */
export function patternBytes(length: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.from({ length }, (_, i) => (i ^ i >> 8 ^ i >> 16) & 255);
}
