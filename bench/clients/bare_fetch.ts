/** Deno's own fetch. */

import { checkLarge, type Client, CONCURRENCY, largeStream, repeat } from "./work.ts";

/** Makes the client. */
export function bareFetch(ca: string | null): Client {
  return async (work, url, count) => {
    using client = Deno.createHttpClient({
      http2: false,
      poolMaxIdlePerHost: CONCURRENCY,
      ...(ca === null ? {} : { caCerts: [await Deno.readTextFile(ca)] }),
    });
    const get = async () => await (await fetch(url, { client })).bytes();
    if (work === "sequential") await repeat(count, 1, get);
    else if (work === "concurrent") await repeat(count, CONCURRENCY, get);
    else if (work === "down") {
      let received = 0;
      for await (const chunk of (await fetch(url, { client })).body!) received += chunk.length;
      checkLarge(received);
    } else {
      const response = await fetch(url, { method: "PUT", body: largeStream(), client });
      checkLarge(Number(await response.text()));
    }
  };
}
