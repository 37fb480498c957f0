/** Byte arrays, joined. */

/** One array of many; the only one of them itself, without copying. */
export function concatBytes<T extends ArrayBufferLike>(chunks: readonly Uint8Array<T>[]): Uint8Array<T | ArrayBuffer> {
  if (chunks.length === 1) return chunks[0]!;
  const whole = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole;
}
