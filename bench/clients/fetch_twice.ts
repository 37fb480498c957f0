// What a redirect with cookies costs at least: two fetches with the Cookie field written by hand. fetch_twice.ts URL SECONDS
import { printRates } from "./rate.ts";

const [url = "", seconds = ""] = Deno.args;
const cookie = Array.from({ length: 20 }, (_, i) => `cookie${i}=value${i}`).join("; ");
const init = { redirect: "manual", headers: { cookie } } as const;

await printRates(Number(seconds), async () => {
  const first = await fetch(url, init);
  await first.arrayBuffer();
  return await (await fetch(new URL(first.headers.get("location")!, url), init)).arrayBuffer();
});
