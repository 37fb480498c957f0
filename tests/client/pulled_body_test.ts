import assert from "node:assert/strict";
import { type BodyPull, JoinedPull, PulledBody, pullStream, SizedPull } from "../../client/_pulled_body.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encode = (text: string): Bytes => new TextEncoder().encode(text);

/** Reads text three bytes at a time. */
function pullOf(text: string): BodyPull & { closed: number } {
  let rest = encode(text);
  return {
    closed: 0,
    read(memory) {
      const part = rest.subarray(0, Math.min(3, memory.length));
      memory.set(part);
      rest = rest.subarray(part.length);
      return Promise.resolve(part.length > 0 ? part.length : null);
    },
    close() {
      this.closed++;
    },
  };
}

/** All that a reading gives, in memory of a size. */
async function all(pull: BodyPull, size = 8): Promise<string> {
  const memory = new Uint8Array(size);
  const decoder = new TextDecoder();
  let text = "";
  for (let count = await pull.read(memory); count !== null; count = await pull.read(memory)) {
    assert(count > 0);
    text += decoder.decode(memory.subarray(0, count), { stream: true });
  }
  return text;
}

Deno.test("PulledBody gives the same bytes as a stream and pulled, again and again", async () => {
  const body = new PulledBody(5, () => pullOf("abcde"));
  assert(PulledBody.is(body));
  for (let round = 0; round < 2; round++) {
    assert.equal(await new Response(body.open()).text(), "abcde");
    assert.equal(await all(PulledBody.pull(body)), "abcde");
  }
});

Deno.test("PulledBody.is() does not pass over another open()", () => {
  class Other extends PulledBody {
    override open(): ReadableStream<Bytes> {
      return new Blob(["other"]).stream();
    }
  }
  assert(!PulledBody.is(new Other(5, () => pullOf("abcde"))));
  const body = new PulledBody(5, () => pullOf("abcde"));
  body.open = () => new Blob(["other"]).stream();
  assert(!PulledBody.is(body));
  assert(!PulledBody.is({ ...new PulledBody(5, () => pullOf("abcde")), open: () => new Blob([]).stream() }));
});

Deno.test("pullStream() reads only what is asked for, and closes when it is cancelled or fails", async () => {
  const pull = pullOf("abcdef");
  const reader = pullStream(pull).getReader();
  assert.deepEqual((await reader.read()).value, encode("abc"));
  await reader.cancel();
  assert.equal(pull.closed, 1);
  const broken = { ...pullOf(""), read: () => Promise.reject(new RangeError("broken")) };
  await assert.rejects(pullStream(broken).getReader().read(), RangeError);
  assert.equal(broken.closed, 1);
});

Deno.test("JoinedPull gives bytes and bodies one after the other, however small the memory", async () => {
  for (const size of [1, 2, 8]) {
    const pulls: ReturnType<typeof pullOf>[] = [];
    const body = (text: string) =>
      new PulledBody(text.length, () => {
        pulls.push(pullOf(text));
        return pulls.at(-1)!;
      });
    const joined = new JoinedPull([encode("head"), body("first"), encode(""), body(""), body("second"), encode("end")]);
    assert.equal(await all(joined, size), "headfirstsecondend");
    assert.deepEqual(pulls.map(({ closed }) => closed), [1, 1, 1]);
  }
});

Deno.test("JoinedPull.close() closes what is being read, and ends", async () => {
  const pull = pullOf("abcdef");
  const joined = new JoinedPull([new PulledBody(6, () => pull), encode("end")]);
  assert.equal(await joined.read(new Uint8Array(8)), 3);
  joined.close();
  assert.equal(pull.closed, 1);
  assert.equal(await joined.read(new Uint8Array(8)), null);
});

Deno.test("SizedPull reads no further than its length, and is an error below it", async () => {
  const short = () => new RangeError("short");
  const pull = pullOf("abcdef");
  assert.equal(await all(new SizedPull(pull, 4, short)), "abcd");
  assert.equal(pull.closed, 1);
  await assert.rejects(all(new SizedPull(pullOf("abc"), 4, short)), RangeError);
  const closed = new SizedPull(pullOf("abc"), 4, short);
  closed.close();
  assert.equal(await closed.read(new Uint8Array(8)), null);
});
