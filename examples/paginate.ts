/**
 * Follows the `Link: <...>; rel="next"` of a paginated API to its end.
 *
 *     deno run --allow-net examples/paginate.ts URL
 */

import { type Response, Session } from "@x/httpkit/client";

const [url] = Deno.args;
if (url === undefined) throw new TypeError("Expected the argument URL");

await using session = new Session({ timeout: 10 });
let next: string | null = url;
while (next !== null) {
  const page: Response = (await session.get(next)).raiseForStatus();
  for (const item of page.json<unknown[]>()) console.log(JSON.stringify(item));
  const target: string | undefined = page.links["next"]?.url;
  next = target === undefined ? null : new URL(target, page.url).href;
}
