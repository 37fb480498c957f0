/** Bytes as strings of one character per byte, and back (ISO-8859-1, as fields travel). */

const ASCII_DECODER = new TextDecoder("utf-8", { ignoreBOM: true });

/** Arguments that one call of `String.fromCharCode` takes on every stack. */
const BLOCK = 4096;

/**
 * Decodes bytes that are known to be ASCII: the fastest way, because UTF-8 is what engines have made fast.
 *
 * `TextDecoder("latin1")` would be slower, and is windows-1252 in truth.
 */
export function decodeAscii(bytes: Uint8Array): string {
  return ASCII_DECODER.decode(bytes);
}

/** Decodes any bytes. */
export function decodeLatin1(bytes: Uint8Array): string {
  let text = "";
  for (let offset = 0; offset < bytes.length; offset += BLOCK) {
    text += String.fromCharCode(...bytes.subarray(offset, offset + BLOCK));
  }
  return text;
}

const ASCII_ENCODER = new TextEncoder();

/**
 * Encodes one byte per character.
 *
 * @throws {TypeError} If a character is beyond U+00FF.
 */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  const ascii = ASCII_ENCODER.encode(text);
  if (ascii.length === text.length) return ascii;
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0xff) {
      throw new TypeError(
        `Cannot send U+${code.toString(16).toUpperCase().padStart(4, "0")} in the head of a message: ` +
          "encode the text first, because only characters up to U+00FF fit into a byte",
      );
    }
    bytes[index] = code;
  }
  return bytes;
}
