/**
 * Downloads a file and shows how far it is; goes on where an earlier run was cut off.
 *
 *     deno run --allow-net --allow-read --allow-write examples/download.ts URL FILE
 */

import { get, type Response } from "@x/httpkit/client";

const [url, path] = Deno.args;
if (url === undefined || path === undefined) throw new TypeError("Expected the arguments URL and FILE");

const had = await sizeOf(path);
const headers = had > 0 ? { Range: `bytes=${had}-` } : {};
await using response = await get(url, { headers, stream: true, timeout: 30 });

// 416 with the size that is there already: there is no more to get.
const isWhole = response.statusCode === 416 && response.headers.get("content-range") === `bytes */${had}`;
if (!isWhole) {
  response.raiseForStatus();
  // A server without ranges answers 200 and sends everything.
  const start = response.statusCode === 206 ? had : 0;
  await Deno.writeFile(path, ReadableStream.from(shown(response, start)), { append: start > 0 });
}
console.log("complete");

/** The pieces of the body; prints after each how much is there. */
async function* shown(response: Response, start: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const length = response.headers.get("content-length");
  const total = length === null ? null : start + Number(length);
  let done = start;
  for await (const piece of response.iterContent(64 * 1024)) {
    yield piece;
    done += piece.length;
    console.log(total === null ? `${done} bytes` : `${done} of ${total} bytes, ${Math.round(100 * done / total)} %`);
  }
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return 0;
    throw error;
  }
}
