/** How often something can be done one after the other: the figures that clients print. */

/** How long calls are made before anything counts: connections are opened, and V8 takes seconds to compile all of a client. */
const WARM_UP_SECONDS = 4;

/**
 * Warms up and says so with a line; then, for each line on the standard input, prints how often a second `once` can be
 * called. Its answer is checked, so that nobody is quick by doing nothing.
 *
 * @param seconds how long one measurement lasts.
 * @param atOnce how many calls run at a time.
 */
export async function printRates(
  seconds: number,
  once: (index: number) => Promise<string | Uint8Array | ArrayBuffer>,
  atOnce = 1,
): Promise<void> {
  const warm = performance.now() + WARM_UP_SECONDS * 1000;
  for (let i = 0; performance.now() < warm; i++) {
    const answer = await once(i);
    const text = typeof answer === "string" ? answer : new TextDecoder().decode(answer);
    if (text !== "hello") throw new Error(`The answer is ${JSON.stringify(text)}, not "hello"`);
  }
  console.log("warm");
  const line = new Uint8Array(1);
  while (await Deno.stdin.read(line) !== null) console.log((await rate(seconds, once, atOnce)).toFixed(1));
}

async function rate(seconds: number, once: (index: number) => Promise<unknown>, atOnce: number): Promise<number> {
  const start = performance.now();
  const end = start + seconds * 1000;
  let count = 0;
  let now = start;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (now < end) {
      await once(count++);
      now = performance.now();
    }
  }));
  return count * 1000 / (now - start);
}
