/** Reads the Python values that the prepare vectors write as text: `{'a': [1, None]}`, `b'x'`, `nan`. */

/** A Python value. A dict is a list of pairs, because its keys may be bytes. */
export type PythonValue = string | number | boolean | null | Uint8Array | PythonValue[] | PythonDict;

/** A dict, in the order of its keys. */
export class PythonDict {
  constructor(readonly pairs: readonly (readonly [PythonValue, PythonValue])[]) {}
}

const TOKEN_REGEXP = /\s*(b?'(?:[^'\\]|\\.)*'|b?"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?|[A-Za-z]+|[[\](){}:,])/y;
const NAMES: ReadonlyMap<string, PythonValue> = new Map<string, PythonValue>([
  ["None", null],
  ["True", true],
  ["False", false],
  ["nan", NaN],
]);
const ESCAPES: ReadonlyMap<string, string> = new Map([["n", "\n"], ["r", "\r"], ["t", "\t"]]);

/**
 * Reads one value.
 *
 * @throws {SyntaxError} If the text is no value of the known kinds.
 */
export function parsePythonLiteral(text: string): PythonValue {
  const tokens: string[] = [];
  TOKEN_REGEXP.lastIndex = 0;
  let end = 0;
  for (let match = TOKEN_REGEXP.exec(text); match; match = TOKEN_REGEXP.exec(text)) {
    tokens.push(match[1]!);
    end = TOKEN_REGEXP.lastIndex;
  }
  const fail = (): never => {
    throw new SyntaxError(`Cannot read ${JSON.stringify(text)} as a Python value`);
  };
  if (text.slice(end).trim() !== "") fail();

  const list = <T>(close: string, item: () => T): T[] => {
    const items: T[] = [];
    while (tokens[0] !== close) {
      items.push(item());
      if (tokens[0] === ",") tokens.shift();
      else if (tokens[0] !== close) fail();
    }
    tokens.shift();
    return items;
  };
  const value = (): PythonValue => {
    const token = tokens.shift() ?? fail();
    if (token === "[") return list("]", value);
    if (token === "(") return list(")", value);
    if (token === "{") {
      return new PythonDict(list("}", () => {
        const key = value();
        if (tokens.shift() !== ":") fail();
        return [key, value()] as const;
      }));
    }
    if (NAMES.has(token)) return NAMES.get(token)!;
    if (/^-?\d/.test(token)) return Number(token);
    const quoted = /^(b?)['"]([^]*)['"]$/.exec(token) ?? fail();
    const unescaped = quoted[2]!.replace(/\\(.)/g, (_, char: string) => ESCAPES.get(char) ?? char);
    return quoted[1] === "b" ? new TextEncoder().encode(unescaped) : unescaped;
  };
  const parsed = value();
  return tokens.length === 0 ? parsed : fail();
}

/** The value as JavaScript would write it: a dict of text keys is an object, another one a list of pairs. */
export function toJavaScript(value: PythonValue): unknown {
  if (Array.isArray(value)) return value.map(toJavaScript);
  if (!(value instanceof PythonDict)) return value;
  const pairs = value.pairs.map(([key, item]) => [toJavaScript(key), toJavaScript(item)] as const);
  return pairs.every(([key]) => typeof key === "string") ? Object.fromEntries(pairs) : pairs;
}
