/** What every client is measured at. */

/** One measurement: a client does it, and says how many seconds it took. */
export type Work = "sequential" | "concurrent" | "down" | "up";

/** A client under measurement. `url` is of the server, `count` the number of requests; one for `down` and `up`. */
export type Client = (work: Work, url: string, count: number) => Promise<void>;

/** Bytes of the large body, down and up. */
export const LARGE: number = 1024 * 1024 * 1024;

/** How many requests run at once for `concurrent`. */
export const CONCURRENCY = 64;

/** Runs `request` `count` times, `parallel` at once. */
export async function repeat(count: number, parallel: number, request: () => Promise<unknown>): Promise<void> {
  let left = count;
  await Promise.all(Array.from({ length: parallel }, async () => {
    while (left-- > 0) await request();
  }));
}

/** A large body in pieces that are made once. */
export function largeStream(): ReadableStream<Uint8Array<ArrayBuffer>> {
  const piece = new Uint8Array(64 * 1024);
  let left = LARGE;
  return new ReadableStream({
    pull(controller) {
      controller.enqueue(piece.slice());
      left -= piece.length;
      if (left === 0) controller.close();
    },
  });
}

/** Throws unless all bytes came. */
export function checkLarge(received: number): void {
  if (received !== LARGE) throw new Error(`${received} bytes came, not ${LARGE}`);
}
