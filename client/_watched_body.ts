/** A response body with a limit on how long its sender may stay silent. */

/** What {@linkcode watchBody} looks after. */
export interface BodyWatch {
  /** How long to wait for the next piece, in seconds; `null` is for ever. Time between two reads does not count. */
  readonly limit: number | null;
  /** Makes the error for a body that stayed silent for longer. */
  readonly onStall: () => Error;
  /** Gives the body up; the stream fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The longest delay that a timer takes; it would fire at once for more. */
const LONGEST_DELAY = 2 ** 31 - 1;

/** The delay of a timer for a limit in seconds. */
export function delayOf(seconds: number): number {
  return Math.min(seconds * 1000, LONGEST_DELAY);
}

/**
 * The same bytes under watch. The source is read only when the result is read, and cancelled when the result is cancelled
 * or the limit runs out.
 */
export function watchBody(
  source: ReadableStream<Uint8Array<ArrayBuffer>>,
  watch: BodyWatch,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const { limit, signal } = watch;
  const reader = source.getReader();
  let failure: { readonly error: unknown } | null = null;
  let failStream: (error: unknown) => void = () => {};

  const fail = (error: unknown) => {
    if (failure !== null) return;
    failure = { error };
    end();
    failStream(error);
    // What cancelling may throw is of no interest next to the error that is reported. A pending read ends by it.
    reader.cancel(error).catch(() => {});
  };
  const onAbort = () => fail(signal!.reason);
  const end = () => signal?.removeEventListener("abort", onAbort);

  return new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      failStream = (error) => controller.error(error);
      if (signal?.aborted) onAbort();
      else signal?.addEventListener("abort", onAbort);
    },
    async pull(controller) {
      const timer = limit === null ? undefined : setTimeout(() => fail(watch.onStall()), delayOf(limit));
      try {
        const { done, value } = await reader.read();
        if (failure !== null) return;
        if (!done) return controller.enqueue(value);
        end();
        controller.close();
      } catch (error) {
        if (failure !== null) return;
        end();
        throw error;
      } finally {
        clearTimeout(timer);
      }
    },
    async cancel(reason) {
      end();
      await reader.cancel(reason);
    },
  }, { highWaterMark: 0 });
}
