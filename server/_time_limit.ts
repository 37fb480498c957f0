/** Waiting for a client, but not for ever. */

/**
 * Waits for `promise`, for `seconds` at most; `null` is no limit.
 *
 * @throws {Deno.errors.TimedOut} with `message` when the time is over; what was waited for goes on.
 */
export async function within<T>(promise: Promise<T>, seconds: number | null, message: string): Promise<T> {
  if (seconds === null) return await promise;
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Deno.errors.TimedOut(`${message} for ${seconds} seconds`)), seconds * 1000);
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
