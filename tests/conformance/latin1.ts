/**
 * Text in which every character is one byte: how a head travels, and how the case files write requests.
 *
 * @module
 */

/**
 * Turns every character into the byte of that number.
 *
 * @throws {RangeError} If a character is above U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(text, (character) => {
    const code = character.codePointAt(0)!;
    if (code > 0xff) throw new RangeError(`Cannot send "${character}" as one byte: it is above U+00FF`);
    return code;
  });
}

/** Turns every byte into the character of that number. (The platform's "latin1" label means windows-1252.) */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  // In slices, because an argument list of megabytes overflows the stack.
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return text;
}
