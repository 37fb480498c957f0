/**
 * Where a text stops being JSON (RFC 8259), in the words of Python's `json` module: `JSON.parse` often tells no place.
 */

/** What is wrong with a text, and the index of the UTF-16 code unit where. */
export interface JsonFlaw {
  readonly msg: string;
  readonly pos: number;
}

const BLANKS_REGEXP = /[ \t\n\r]*/y;
const SCALAR_REGEXP = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// deno-lint-ignore no-control-regex
const PLAIN_REGEXP = /[^"\\\x00-\x1f]*/y;

function matchAt(regexp: RegExp, text: string, pos: number): number {
  regexp.lastIndex = pos;
  return regexp.test(text) ? regexp.lastIndex : pos;
}

/** The first flaw of a JSON text, or `null` if it has none. */
export function findJsonFlaw(text: string): JsonFlaw | null {
  const skip = (pos: number) => matchAt(BLANKS_REGEXP, text, pos);
  const closers: ("]" | "}")[] = [];
  let pos = skip(0);
  while (true) {
    // Here a value begins.
    const char = text[pos];
    if (char === "[" || char === "{") {
      pos = skip(pos + 1);
      const closer = char === "[" ? "]" : "}";
      if (text[pos] !== closer) {
        closers.push(closer);
        if (closer === "]") continue;
        const after = readName(text, pos, skip);
        if (typeof after !== "number") return after;
        pos = after;
        continue;
      }
      pos++;
    } else if (char === '"') {
      const end = readString(text, pos);
      if (typeof end !== "number") return end;
      pos = end;
    } else {
      const end = matchAt(SCALAR_REGEXP, text, pos);
      if (end === pos) return { msg: "Expecting value", pos };
      pos = end;
    }
    // Here a value has ended.
    pos = skip(pos);
    while (closers.length > 0 && text[pos] === closers.at(-1)) {
      closers.pop();
      pos = skip(pos + 1);
    }
    const closer = closers.at(-1);
    if (closer === undefined) return pos < text.length ? { msg: "Extra data", pos } : null;
    if (text[pos] !== ",") return { msg: "Expecting ',' delimiter", pos };
    pos = skip(pos + 1);
    if (closer === "}") {
      const after = readName(text, pos, skip);
      if (typeof after !== "number") return after;
      pos = after;
    }
  }
}

/** Reads the name of a member and its colon; gives the place of the value. */
function readName(text: string, pos: number, skip: (pos: number) => number): number | JsonFlaw {
  if (text[pos] !== '"') return { msg: "Expecting property name enclosed in double quotes", pos };
  const end = readString(text, pos);
  if (typeof end !== "number") return end;
  const colon = skip(end);
  return text[colon] === ":" ? skip(colon + 1) : { msg: "Expecting ':' delimiter", pos: colon };
}

/** Reads a string; gives the place behind it. */
function readString(text: string, start: number): number | JsonFlaw {
  for (let pos = start + 1;;) {
    pos = matchAt(PLAIN_REGEXP, text, pos);
    const char = text[pos];
    if (char === '"') return pos + 1;
    if (char === undefined) return { msg: "Unterminated string starting at", pos: start };
    if (char !== "\\") return { msg: "Invalid control character at", pos };
    const escape = text[pos + 1];
    if (escape === undefined) return { msg: "Unterminated string starting at", pos: start };
    if (escape === "u") {
      if (!/^[0-9a-f]{4}$/i.test(text.slice(pos + 2, pos + 6))) return { msg: "Invalid \\uXXXX escape", pos: pos + 1 };
      pos += 6;
    } else if ('"\\/bfnrt'.includes(escape)) pos += 2;
    else return { msg: "Invalid \\escape", pos };
  }
}
