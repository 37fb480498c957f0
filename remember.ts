/** Results of pure functions, for inputs that come again and again. */

/**
 * Makes a function that remembers what it gave for the texts that it was called with last. The function has to be pure, and
 * its result must not be changed by anyone. When the memory is full it begins anew: that costs a busy server nothing, and a
 * client that sends ever new texts gains nothing.
 *
 * @param compute the function.
 * @param limits how many results are kept, and how long a text may be to be kept, in characters.
 */
export function remember<T>(
  compute: (text: string) => T,
  limits: { readonly entries: number; readonly length: number },
): (text: string) => T {
  const recent = new Map<string, T>();
  return (text) => {
    const known = recent.get(text);
    if (known !== undefined) return known;
    const result = compute(text);
    if (text.length <= limits.length) {
      if (recent.size >= limits.entries) recent.clear();
      recent.set(text, result);
    }
    return result;
  };
}
