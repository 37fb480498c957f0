/**
 * Reads mutated messages in random fragments, and checks what must hold for whatever a peer sends:
 *
 * - nothing but a `ProtocolError` is thrown, and the same one again when one goes on;
 * - the source is read at most once for each byte and once for its end, so that nothing hangs;
 * - the memory that is offered to the source is bounded, whatever lengths are announced;
 * - the result does not depend on where the fragments end, nor on how the body is read.
 *
 *     deno run -A tools/jsr.ts run tests/http1/fuzz.ts 1000000 [seed]
 *
 * @module
 */

import {
  type ByteSource,
  DEFAULT_LIMITS,
  type Framing,
  type Limits,
  MessageReader,
  ProtocolError,
  requestFraming,
  responseFraming,
} from "../../http1/mod.ts";
import { bytesOf, FragmentSource, textOf } from "./byte_source.ts";
import { CORPUS, type Sample } from "./corpus.ts";

/** Pseudorandom numbers (mulberry32), the same ones for the same seed. */
export class Random {
  #state: number;

  /** @param seed Any integer. */
  constructor(seed: number) {
    this.#state = seed | 0;
  }

  /** An integer from 0 to `limit - 1`. */
  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor(((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296 * limit);
  }

  /** One of several. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

/** What parsers have stumbled over. */
const TOKENS: readonly string[] = [
  "\r",
  "\n",
  "\r\n",
  "\n\r",
  "\r\n\r\n",
  "\n\n",
  "\0",
  "\x7f",
  "\x80",
  "\xff",
  "\t",
  " ",
  ":",
  ";",
  ",",
  "0",
  "1",
  "-",
  "+",
  "0x",
  "f",
  "ffffffffffffffff",
  "fffffffffffff",
  "99999999999999999999",
  "HTTP/1.1",
  "HTTP/2.0",
  "GET / HTTP/1.1\r\n",
  "HTTP/1.1 200 OK\r\n",
  "HTTP/1.1 100 \r\n\r\n",
  "Transfer-Encoding: chunked\r\n",
  "Transfer-Encoding: gzip, chunked\r\n",
  "Content-Length: 5\r\n",
  "Content-Length: 9007199254740991\r\n",
  "0\r\n\r\n",
  "5\r\nabcde\r\n",
  "\r\n folded",
  "a".repeat(70),
  "A: b\r\n".repeat(9),
  "\r\n".repeat(5),
]; // deno-fmt-ignore

/** Limits that mutated messages reach. */
const SMALL_LIMITS: Limits = {
  maxStartLine: 60,
  maxHeadSize: 240,
  maxFields: 8,
  maxChunkLine: 24,
  maxTrailerSize: 64,
};

/** The most memory that a source may be offered: that of a large body, or twice what a head may need. */
const MAX_TARGET = 1_048_576;

function mutate(text: string, random: Random): string {
  for (let rounds = random.below(4) + (random.below(20) === 0 ? 0 : 1); rounds > 0; rounds--) {
    const start = random.below(text.length + 1);
    const end = Math.min(text.length, start + random.below(1 << random.below(7)));
    switch (random.below(8)) {
      case 0: // Another byte.
        text = text.slice(0, start) + String.fromCharCode(random.below(256)) + text.slice(start + 1);
        break;
      case 1: // One bit.
        if (start < text.length) {
          const code = text.charCodeAt(start) ^ (1 << random.below(8));
          text = text.slice(0, start) + String.fromCharCode(code) + text.slice(start + 1);
        }
        break;
      case 2:
        text = text.slice(0, start) + text.slice(end);
        break;
      case 3:
        text = text.slice(0, end) + text.slice(start);
        break;
      case 4:
      case 5:
        text = text.slice(0, start) + random.pick(TOKENS) + text.slice(random.below(2) === 0 ? start : end);
        break;
      case 6: { // The head of one, the tail of another.
        const other = random.pick(CORPUS).text;
        text = text.slice(0, start) + other.slice(random.below(other.length));
        break;
      }
      case 7:
        if (random.below(4) === 0) text = text.slice(0, start);
    }
  }
  return text;
}

/** What a connection gave, in one string: heads, bodies, trailers, and how it ended. */
async function outcome(
  source: ByteSource,
  sample: Sample,
  options: { limits: Limits; bufferSize: number; nextMode: () => number },
): Promise<string> {
  const reader = new MessageReader(source, options);
  let log = "";
  const again: (() => Promise<unknown>)[] = [];
  try {
    for (;;) {
      again[0] = sample.side === "client" ? () => reader.readResponseHead() : () => reader.readRequestHead();
      const head = sample.side === "client" ? await reader.readResponseHead() : await reader.readRequestHead();
      if (head === null) return `${log}end`;
      log += JSON.stringify(head);
      again[0] = () => Promise.reject(new ProtocolError("No framing", "bad-framing"));
      const framing: Framing = "statusCode" in head
        ? responseFraming(sample.method ?? "GET", head)
        : requestFraming(head);
      const body = reader.body(framing);
      again[0] = () => body.read();
      const target = new Uint8Array(33);
      while (!body.done) {
        let piece: Uint8Array | null;
        switch (options.nextMode()) {
          case 0:
            piece = await body.read();
            break;
          case 1: {
            const count = await body.readInto(target);
            piece = count === null ? null : target.subarray(0, count);
            break;
          }
          default:
            piece = await body.readAll();
        }
        if (piece !== null) log += textOf(piece);
      }
      log += JSON.stringify(body.trailers);
    }
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    if (error.code !== "bad-framing" && error.code !== "bad-length") await checkAgain(again[0]!, error);
    return `${log}${error.code}`;
  }
}

async function checkAgain(operation: () => Promise<unknown>, first: ProtocolError): Promise<void> {
  let second: unknown;
  try {
    await operation();
  } catch (error) {
    second = error;
  }
  if (!(second instanceof ProtocolError) || second.code !== first.code) {
    throw new Error(`A second call did not fail with "${first.code}" again`, { cause: second });
  }
}

/** What a run has seen. */
export interface FuzzResult {
  /** How many mutated messages were read, each whole and in fragments. */
  readonly messages: number;
  /** How often a conversation ended in which way. */
  readonly ends: Readonly<Record<string, number>>;
}

/**
 * Runs the fuzz test.
 *
 * @param count How many messages.
 * @param seed Where the pseudorandom numbers begin.
 * @throws {Error} If a rule is broken; it names the message and the seed.
 */
export async function fuzz(count: number, seed: number): Promise<FuzzResult> {
  const random = new Random(seed);
  const ends: Record<string, number> = {};
  for (let index = 0; index < count; index++) {
    const sample = random.pick(CORPUS);
    const text = mutate(sample.text, random);
    const bytes = bytesOf(text);
    const limits = random.below(3) === 0 ? SMALL_LIMITS : DEFAULT_LIMITS;
    try {
      const whole = new FragmentSource(bytes);
      const expected = await outcome(whole, sample, { limits, bufferSize: 65_536, nextMode: () => 0 });
      const largest = 1 << random.below(8);
      const pieces = new FragmentSource(bytes, () => 1 + random.below(largest));
      const bufferSize = random.pick([1, 7, 64, 512, 65_536]);
      // What readAll() has read is lost with an error, so it cannot be compared then.
      const modes = /(?:early-end|bad-\w+|too-large)$/.test(expected) ? 2 : 3;
      const actual = await outcome(pieces, sample, { limits, bufferSize, nextMode: () => random.below(modes) });
      if (actual !== expected) {
        throw new Error(`In fragments it gives\n${JSON.stringify(actual)}\ninstead of\n${JSON.stringify(expected)}`);
      }
      for (const source of [whole, pieces]) {
        if (source.reads > bytes.length + 1) throw new Error(`${source.reads} reads of ${bytes.length} bytes`);
        if (source.largestTarget > MAX_TARGET) throw new Error(`Memory of ${source.largestTarget} bytes`);
      }
      const end = /(?:closed|end|early-end|bad-\w+|bad-start-line|too-large)$/.exec(expected)![0];
      ends[end] = (ends[end] ?? 0) + 1;
    } catch (error) {
      throw new Error(`Message ${index} of seed ${seed} broke a rule: ${JSON.stringify(text)}`, { cause: error });
    }
  }
  return { messages: count, ends };
}

if (import.meta.main) {
  const [count = "1000000", seed = String(Date.now() % 1_000_000_000)] = Deno.args;
  console.log(`Seed ${seed}`);
  const start = performance.now();
  const { messages, ends } = await fuzz(Number(count), Number(seed));
  const seconds = (performance.now() - start) / 1000;
  console.log(`${messages} messages in ${seconds.toFixed(1)} s, ${Math.round(messages / seconds)} a second`);
  console.log(ends);
  console.log(`Memory: ${Math.round(Deno.memoryUsage().rss / 1_048_576)} MiB`);
}
