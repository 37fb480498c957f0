import assert from "node:assert/strict";
import { WatchedSource } from "../../client/_watched_source.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const stalled = () => new RangeError("stalled");
const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A stream of bytes, of which each comes after a pause; and after the last nothing, or the end. */
function drip(count: number, milliseconds: number, ends: boolean) {
  const reasons: unknown[] = [];
  let left = count;
  const stream = new ReadableStream<Bytes>({
    type: "bytes",
    async pull(controller) {
      if (left === 0 && !ends) return await new Promise(() => {});
      await pause(milliseconds);
      const { byobRequest } = controller as ReadableByteStreamController;
      if (left-- > 0) {
        if (byobRequest === null) return controller.enqueue(Uint8Array.of(left));
        new Uint8Array(byobRequest.view!.buffer, byobRequest.view!.byteOffset)[0] = left;
        return byobRequest.respond(1);
      }
      controller.close();
      byobRequest?.respond(0);
    },
    cancel: (reason) => void reasons.push(reason),
  });
  return { stream, reasons };
}

for (
  const [how, read] of [
    ["read()", (source: WatchedSource) => source.read()],
    ["read(4096)", (source: WatchedSource) => source.read(4096)],
    ["readInto()", (source: WatchedSource) => source.readInto(new Uint8Array(4096))],
  ] as const
) {
  Deno.test(`WatchedSource.${how} fails when nothing comes for the limit, and gives the stream up`, async () => {
    const { stream, reasons } = drip(0, 0, false);
    const source = new WatchedSource(stream, { limit: 0.03, onStall: stalled });
    // Keeps the program running meanwhile, as a socket would.
    const [outcome] = await Promise.allSettled([read(source), pause(100)]);
    assert.equal((outcome as PromiseRejectedResult).reason?.message, "stalled");
    assert.equal((reasons[0] as Error).message, "stalled");
  });
}

Deno.test("WatchedSource.read() of a size does not take what comes bit by bit for silence", async () => {
  const { stream } = drip(4, 30, true);
  const source = new WatchedSource(stream, { limit: 0.1, onStall: stalled });
  assert.deepEqual(await source.read(4096), Uint8Array.of(3, 2, 1, 0));
  assert.equal(await source.read(4096), null);
});

Deno.test("WatchedSource counts only time in which somebody waits", async () => {
  const { stream } = drip(2, 1, true);
  const source = new WatchedSource(stream, { limit: 0.05, onStall: stalled });
  assert.deepEqual(await source.read(), Uint8Array.of(1));
  await pause(100);
  assert.deepEqual(await source.read(), Uint8Array.of(0));
  assert.equal(await source.read(), null);
});

Deno.test("WatchedSource.cancel() ends a pending read and leaves no timer", { sanitizeOps: true }, async () => {
  const { stream, reasons } = drip(0, 0, false);
  const source = new WatchedSource(stream, { limit: 5, onStall: stalled });
  const pending = source.read();
  await source.cancel("enough");
  assert.equal(await pending, null);
  assert.deepEqual(reasons, ["enough"]);
});

Deno.test("WatchedSource passes on the errors of the stream", async () => {
  const broken = new TypeError("broken");
  const stream = new ReadableStream<Bytes>({ pull: (controller) => controller.error(broken) });
  await assert.rejects(new WatchedSource(stream, { limit: 5, onStall: stalled }).read(), (error) => error === broken);
});

for (
  const [when, abort] of [
    ["while it reads", (read: () => Promise<unknown>, end: () => void) => {
      const reading = read();
      end();
      return reading;
    }],
    ["between two reads", (read: () => Promise<unknown>, end: () => void) => {
      end();
      return read();
    }],
  ] as const
) {
  Deno.test(`WatchedSource fails with the reason of a signal that is aborted ${when}`, async () => {
    const { stream, reasons } = drip(0, 0, false);
    const controller = new AbortController();
    const source = new WatchedSource(stream, { limit: null, onStall: stalled, signal: controller.signal });
    const reason = new RangeError("enough");
    await assert.rejects(abort(() => source.read(), () => controller.abort(reason)), reason);
    await assert.rejects(source.read(), reason);
    assert.deepEqual(reasons, [reason]);
  });
}

Deno.test("WatchedSource gives up at once where the signal is aborted already", async () => {
  const { stream, reasons } = drip(1, 0, true);
  const reason = new RangeError("enough");
  const source = new WatchedSource(stream, { limit: 1, onStall: stalled, signal: AbortSignal.abort(reason) });
  await assert.rejects(source.read(), reason);
  assert.deepEqual(reasons, [reason]);
});

for (
  const [how, finish] of [
    ["read to its end", async (source: WatchedSource) => {
      while (await source.read() !== null);
    }],
    ["cancelled", (source: WatchedSource) => source.cancel()],
  ] as const
) {
  Deno.test(`WatchedSource lets go of the signal when it is ${how}`, async () => {
    const { stream, reasons } = drip(1, 0, true);
    const { signal } = new AbortController();
    const listeners = new Set<unknown>();
    signal.addEventListener = (_: string, listener: unknown) => void listeners.add(listener);
    signal.removeEventListener = (_: string, listener: unknown) => void listeners.delete(listener);
    const source = new WatchedSource(stream, { limit: 1, onStall: stalled, signal });
    assert.equal(listeners.size, 1);
    await finish(source);
    assert.equal(listeners.size, 0);
    assert.equal(reasons.length, how === "cancelled" ? 1 : 0);
  });
}
