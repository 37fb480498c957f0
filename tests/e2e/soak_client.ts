/**
 * Sends many requests that end in every way, and prints what stays open: one line of JSON after a warm-up and one at the end.
 *
 *     deno run -A --v8-flags=--expose-gc tests/e2e/soak_client.ts SERVER CUTTING_SERVER DEAD_SERVER COUNT ENGINE
 *
 * @module
 */

import {
  ConnectionError,
  HTTPAdapter,
  HTTPError,
  RequestException,
  Session,
  Timeout,
  TooManyRedirects,
} from "../../client/mod.ts";

const [server, cutting, dead, count, engine] = Deno.args as [string, string, string, string, "fetch" | "wire"];

/** How many requests run at once. */
const PARALLEL = 16;
/** How many requests come before the first look: by then every pool and cache has its size. */
const WARM_UP = 20_000;

const session = new Session({ timeout: 5 });
session.trustEnv = false;
session.mount("http://", new HTTPAdapter({ engine }));

async function fails(request: Promise<unknown>, ...kinds: (new (...args: never[]) => Error)[]): Promise<void> {
  try {
    await request;
  } catch (error) {
    if (kinds.some((kind) => error instanceof kind)) return;
    throw error;
  }
  throw new Error(`a request did not fail with ${kinds.map((kind) => kind.name).join(" or ")}`);
}

/** The ways in which a request goes; the common ones first and often. */
const WAYS: readonly (() => Promise<void>)[] = [
  async () => void (await session.get(`${server}/json`)).json(),
  async () => void (await session.post(`${server}/echo`, { json: { n: 1 } })).json(),
  async () => void (await session.get(`${server}/redirect`)).text,
  async () => await fails(session.get(`${server}/missing`).then((r) => r.raiseForStatus()), HTTPError),
  async () => {
    // Left in the middle of the body.
    const response = await session.get(`${server}/large`, { stream: true });
    for await (const chunk of response.iterContent(1000)) if (chunk.length > 0) break;
  },
  async () => {
    // Never read at all.
    await using response = await session.get(`${server}/large`, { stream: true });
    if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
  },
];

/** Ways that cost a connection each, and time. */
const RARE_WAYS: readonly (() => Promise<void>)[] = [
  async () => await fails(session.get(`${server}/silent`, { timeout: 0.02 }), Timeout),
  async () => {
    await fails(session.get(`${server}/loop`), TooManyRedirects);
  },
  async () => await fails(session.get(cutting), RequestException),
  async () => await fails(session.get(dead), ConnectionError),
  async () => await fails(session.get(`${server}/corrupt`), RequestException),
  async () => {
    const controller = new AbortController();
    const request = session.get(`${server}/silent`, { signal: controller.signal });
    setTimeout(() => controller.abort(), 1);
    await fails(request, DOMException);
  },
];

async function run(from: number, to: number): Promise<void> {
  let next = from;
  await Promise.all(Array.from({ length: PARALLEL }, async () => {
    while (next < to) {
      const n = next++;
      const way = n % 50 === 49 ? RARE_WAYS[(n - 49) / 50 % RARE_WAYS.length]! : WAYS[n % WAYS.length]!;
      await way();
    }
  }));
}

/** The memory in bytes when the system has it back: what was given up is returned some time after it was collected. */
async function settledMemory(): Promise<number> {
  let least = Infinity;
  for (let i = 0; i < 20; i++) {
    (globalThis as unknown as { gc(): void }).gc();
    await new Promise((resolve) => setTimeout(resolve, 50));
    least = Math.min(least, Deno.memoryUsage().rss);
  }
  return least;
}

async function look(): Promise<void> {
  await session.close();
  const rss = await settledMemory();
  let sockets = 0;
  for (const { name } of Deno.readDirSync("/proc/self/fd")) {
    try {
      if (Deno.readLinkSync(`/proc/self/fd/${name}`).startsWith("socket:")) sockets++;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // The folder's own descriptor.
    }
  }
  console.log(JSON.stringify({ sockets, rss, heap: Deno.memoryUsage().heapUsed }));
}

await run(0, WARM_UP);
await look();
await run(WARM_UP, WARM_UP + Number(count));
await look();
