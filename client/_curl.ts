/** A request as a command line for curl. */

import type { PreparedBody } from "./_body.ts";

/** What the command says. */
export interface CurlRequest {
  /** The method, in capitals. */
  readonly method: string;
  /** The URL, without userinfo and fragment. */
  readonly url: string;
  /** The header fields in order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body. */
  readonly body: PreparedBody;
}

/**
 * Writes the command, quoted for a POSIX shell. Bytes that are no text go through `printf` and a pipe; a stream is read from
 * standard input. What curl would add on its own is switched off. Characters of header values beyond ASCII reach the wire as
 * the shell encodes them, not as Latin-1.
 */
export function formatCurl({ method, url, headers, body }: CurlRequest): string {
  const words = ["curl", ...methodWords(method, body)];
  if (/[[\]{}]/.test(url.replace(/^[a-z]+:\/\/\[[0-9a-f:.]+\]/i, ""))) words.push("--globoff");
  const names = new Set(headers.map(([name]) => name.toLowerCase()));
  if (names.has("accept-encoding")) words.push("--compressed");
  for (const [name, value] of headers) {
    // curl counts the body itself; without a body it would leave the header out.
    if (body !== null && name.toLowerCase() === "content-length" && body.length !== null) continue;
    words.push("-H", value === "" ? `${name};` : `${name}: ${value}`);
  }
  const automatic = body === null ? ["User-Agent", "Accept"] : ["User-Agent", "Accept", "Content-Type"];
  for (const name of automatic) if (!names.has(name.toLowerCase())) words.push("-H", `${name}:`);

  const text = body instanceof Uint8Array ? textOf(body) : null;
  if (text !== null) words.push("--data-raw", text);
  else if (body !== null) words.push("--data-binary", "@-");
  const command = [...words, url].map(quote).join(" ");
  return body instanceof Uint8Array && text === null ? `printf ${quote(printfFormat(body))} | ${command}` : command;
}

function methodWords(method: string, body: PreparedBody): string[] {
  // With -X HEAD curl would wait for a body.
  if (method === "HEAD" && body === null) return ["--head"];
  const ownMethod = body === null ? "GET" : "";
  return method === ownMethod ? [] : ["-X", method];
}

/** The text of bytes, or `null` if they are no UTF-8 or hold a NUL, which no argument can. */
function textOf(bytes: Uint8Array): string | null {
  if (bytes.includes(0)) return null;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return null;
    throw error;
  }
}

function printfFormat(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => {
    const char = String.fromCharCode(byte);
    // Shells differ on whether an escaped "%" still starts a conversion, and on a format that begins with "-".
    if (char === "%") return "%%";
    return /[A-Za-z0-9 _.,:;=+/@]/.test(char) ? char : `\\${byte.toString(8).padStart(3, "0")}`;
  }).join("");
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
