/**
 * Runs one client at one work, and prints how long it took: `main.ts CLIENT WORK URL COUNT CA`, `-` for no CA file.
 *
 * @module
 */

import type { Client, Work } from "./work.ts";

const [name, work, url, count, caFile] = Deno.args as [string, Work, string, string, string];
const ca = caFile === "-" ? null : caFile;

async function load(): Promise<Client> {
  switch (name) {
    case "httpkit-wire":
      return (await import("./httpkit.ts")).httpkit("wire", ca);
    case "httpkit-fetch":
      return (await import("./httpkit.ts")).httpkit("fetch", ca);
    case "fetch":
      return (await import("./bare_fetch.ts")).bareFetch(ca);
    case "node:http":
      return (await import("./node_http.ts")).nodeHttp(ca);
    case "undici":
      return (await import("./undici.ts")).undici(ca);
    default:
      throw new TypeError(`Cannot measure the client "${name}": it is not known`);
  }
}

const client = await load();
// The compiler gets to know the code, and the pool its connections, before the clock starts.
if (work === "sequential" || work === "concurrent") await client(work, url, Math.ceil(Number(count) / 5));
const start = performance.now();
await client(work, url, Number(count));
console.log(`seconds ${(performance.now() - start) / 1000}`);
console.log(`rss ${Deno.memoryUsage().rss}`);
Deno.exit(0);
