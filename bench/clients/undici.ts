/** undici from npm. */

import { Readable } from "node:stream";
import { Agent, request } from "npm:undici@^7.16.0";
import { checkLarge, type Client, CONCURRENCY, LARGE, largeStream, repeat } from "./work.ts";

/** Makes the client. */
export function undici(ca: string | null): Client {
  return async (work, url, count) => {
    const connect = ca === null ? {} : { connect: { ca: await Deno.readTextFile(ca) } };
    const dispatcher = new Agent({ connections: work === "concurrent" ? CONCURRENCY : 1, ...connect });
    const get = async () => await (await request(url, { dispatcher })).body.arrayBuffer();
    if (work === "sequential") await repeat(count, 1, get);
    else if (work === "concurrent") await repeat(count, CONCURRENCY, get);
    else if (work === "down") {
      let received = 0;
      for await (const chunk of (await request(url, { dispatcher })).body) received += chunk.length;
      checkLarge(received);
    } else {
      // deno-lint-ignore no-explicit-any -- the two kinds of ReadableStream differ in name only
      const body = Readable.fromWeb(largeStream() as any);
      const headers = { "content-length": String(LARGE) };
      const response = await request(url, { dispatcher, method: "PUT", body, headers });
      checkLarge(Number(await response.body.text()));
    }
    await dispatcher.close();
  };
}
