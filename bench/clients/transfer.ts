// One large body: transfer.ts down|reuse|file|multipart fetch|wire URL PATH. Prints how many megabytes went over in a second.
import { HTTPAdapter, Session } from "../../client/mod.ts";

const [kind, engine, url, path] = Deno.args as [string, "fetch" | "wire", string, string];
await using session = new Session();
session.mount("http://", new HTTPAdapter({ engine }));

async function transfer(): Promise<number> {
  if (kind === "down" || kind === "reuse") {
    let size = 0;
    await using response = await session.get(url, { stream: true });
    const pieces = response.iterContent(65_536, { reuse: kind === "reuse" });
    for await (const piece of pieces) size += piece.length;
    return size;
  }
  const file = new URL(`file://${path}`);
  const body = kind === "file" ? { data: file } : { files: { file } };
  (await session.post(url, body)).raiseForStatus();
  return Deno.statSync(file).size;
}

const start = performance.now();
const size = await transfer();
console.log((size / 1000 / (performance.now() - start)).toFixed(1));
