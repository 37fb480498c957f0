/** What a line of the log looks like. */

// C0, DEL and C1 drive terminals; the bidirectional and zero-width controls make a line read as another one.
// deno-lint-ignore no-control-regex
const UNSAFE_REGEXP = /[\0-\x1f\\\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

/**
 * Makes attacker-controlled text safe for a log line: control characters become `\xNN`, bidirectional ones `\uNNNN`, and
 * `\` is doubled so that an escape cannot be forged.
 */
export function escapeLog(text: string): string {
  // Most lines hold nothing of the kind, and searching is cheaper than replacing nothing.
  if (text.search(UNSAFE_REGEXP) < 0) return text;
  return text.replace(UNSAFE_REGEXP, (char) => {
    if (char === "\\") return "\\\\";
    const code = char.charCodeAt(0);
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
  });
}

/** A line of the log; the message is safe already ({@linkcode escapeLog}). */
export function logLine(address: string, date: string, message: string): string {
  return `${address} - - [${date}] ${message}\n`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `DD/Mon/YYYY HH:MM:SS` in local time, with English month names whatever the locale. */
export function formatLogDate(date: Date): string {
  const two = (n: number) => String(n).padStart(2, "0");
  const day = `${two(date.getDate())}/${MONTHS[date.getMonth()]}/${String(date.getFullYear()).padStart(4, "0")}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
