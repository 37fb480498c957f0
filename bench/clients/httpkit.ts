/** This project's client, on either engine. */

import { HTTPAdapter, Session } from "../../client/mod.ts";
import { checkLarge, type Client, CONCURRENCY, LARGE, largeStream, repeat } from "./work.ts";

/** Makes the client for an engine. */
export function httpkit(engine: "fetch" | "wire", ca: string | null): Client {
  return async (work, url, count) => {
    await using session = new Session();
    session.trustEnv = false;
    const adapter = new HTTPAdapter({ engine, poolMaxsize: CONCURRENCY });
    session.mount("http://", adapter);
    session.mount("https://", adapter);
    if (ca !== null) session.verify = ca;
    if (work === "sequential") await repeat(count, 1, async () => (await session.get(url)).content);
    else if (work === "concurrent") await repeat(count, CONCURRENCY, async () => (await session.get(url)).content);
    else if (work === "down") {
      const response = await session.get(url, { stream: true });
      let received = 0;
      for await (const chunk of response.iterContent(null)) received += chunk.length;
      checkLarge(received);
    } else {
      const response = await session.put(url, { data: largeStream(), headers: { "Content-Length": String(LARGE) } });
      checkLarge(Number(response.text));
    }
  };
}
