/** node:http in Deno. */

import { readFileSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import { Readable } from "node:stream";
import { checkLarge, type Client, CONCURRENCY, LARGE, largeStream, repeat } from "./work.ts";

/** Makes the client. */
export function nodeHttp(ca: string | null): Client {
  return async (work, url, count) => {
    const options = { keepAlive: true, maxSockets: work === "concurrent" ? CONCURRENCY : 1 };
    const agent = url.startsWith("https:")
      ? new https.Agent({ ...options, ...(ca === null ? {} : { ca: readFileSync(ca) }) })
      : new http.Agent(options);
    const { request } = url.startsWith("https:") ? https : http;
    const send = (method: string, body?: Readable): Promise<{ length: number; last: string }> =>
      new Promise((resolve, reject) => {
        const headers = body === undefined ? {} : { "content-length": String(LARGE) };
        const sent = request(url, { method, agent, headers } as https.RequestOptions, (response) => {
          let length = 0;
          let last = "";
          response.on("data", (chunk: Uint8Array) => {
            length += chunk.length;
            if (chunk.length < 100) last = new TextDecoder().decode(chunk);
          });
          response.on("end", () => resolve({ length, last }));
          response.on("error", reject);
        });
        sent.on("error", reject);
        if (body === undefined) sent.end();
        else body.pipe(sent);
      });
    if (work === "sequential") await repeat(count, 1, () => send("GET"));
    else if (work === "concurrent") await repeat(count, CONCURRENCY, () => send("GET"));
    else if (work === "down") checkLarge((await send("GET")).length);
    // deno-lint-ignore no-explicit-any -- the two kinds of ReadableStream differ in name only
    else checkLarge(Number((await send("PUT", Readable.fromWeb(largeStream() as any))).last));
    agent.destroy();
  };
}
