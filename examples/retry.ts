/**
 * Asks a server that may be busy, up to five times, waiting longer each time or as long as it says in Retry-After.
 *
 *     deno run --allow-net examples/retry.ts URL
 */

import { HTTPAdapter, Retry, RetryError, Session } from "@x/httpkit/client";

const [url] = Deno.args;
if (url === undefined) throw new TypeError("Expected the argument URL");

await using session = new Session({ timeout: 10 });
const maxRetries = new Retry({ total: 4, backoffFactor: 0.1, statusForcelist: [429, 502, 503, 504] });
session.mount("https://", new HTTPAdapter({ maxRetries }));
session.mount("http://", new HTTPAdapter({ maxRetries }));
try {
  console.log((await session.get(url)).raiseForStatus().text);
} catch (error) {
  if (!(error instanceof RetryError)) throw error;
  console.error(`given up: ${error.message}`);
  Deno.exit(1);
}
