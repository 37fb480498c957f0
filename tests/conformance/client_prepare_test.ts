/** What Python's requests made of URLs, parameters, bodies and headers, against `Request.prepare()`. */

import assert from "node:assert/strict";
import { Request, type RequestParts } from "../../client/request.ts";
import type { SeekableFile } from "../../client/types.ts";
import vectors from "./client_prepare_vectors.json" with { type: "json" };
import { parsePythonLiteral, toJavaScript } from "./python_literal.ts";

interface Vector {
  readonly cat: string;
  readonly in: { readonly [key: string]: unknown };
  readonly out: {
    readonly method?: string;
    readonly url?: string;
    readonly headers?: Readonly<Record<string, string>>;
    readonly body?: string | null;
    readonly error?: string;
    readonly message?: string;
  };
}

const URL_STANDARD = "the URL standard";

/** Vectors by category and input, and why the outcome differs. Each of them must differ. */
const KNOWN_DIFFERENCES: ReadonlyMap<string, string> = new Map([
  ['url {"url":"http://example.com:80/"}', `${URL_STANDARD} drops a default port`],
  ['url {"url":"https://example.com:443/"}', `${URL_STANDARD} drops a default port`],
  ['url {"url":"http://example.com:0/"}', `${URL_STANDARD} keeps port 0`],
  ['url {"url":"http://exa mple.com/"}', `${URL_STANDARD} allows no blank in a host`],
  ['url {"url":"http://[fe80::1%25eth0]/"}', `${URL_STANDARD} knows no zone identifiers`],
  ['url {"url":"http://☃.net/"}', `${URL_STANDARD} follows UTS 46, which allows symbols`],
  ['url {"url":"http://example.com/  "}', `${URL_STANDARD} trims`],
  ['url {"url":"http://example.com/a\\tb"}', `${URL_STANDARD} removes tabs`],
  ['url {"url":"http://example.com\\\\@evil.com/"}', `${URL_STANDARD} takes a backslash for a slash`],
  ['url {"url":"http://example.com/?[1]&a+b&\'"}', `${URL_STANDARD} escapes ' in a query`],
  ['url {"url":"http://1.2.3/"}', `${URL_STANDARD} completes IPv4 addresses`],
  ['url {"url":"http://0x7f.1/"}', `${URL_STANDARD} completes IPv4 addresses`],
  [`params {"url":"http://example.com/","params":"{'a': True}"}`, "booleans are written as in JavaScript"],
  [`params {"url":"http://example.com/","params":"{'a': {'k': 'v'}}"}`, "an object as a value is refused"],
  [`params {"url":"http://example.com/","params":"['ab', 'cd']"}`, "text of two letters is no pair"],
  [
    `body {"method":"POST","json":"{'a': 'ü', 'b': [1, 2]}"}`,
    "JSON.stringify writes no blanks and no escapes for letters",
  ],
  ['body {"data":"x","headers":{"content-type":"t/x"}}', "the vector was recorded with other data than it says"],
  ['body {"gen":1,"headers":"Content-Length: 5"}', "RFC 9112 §6.2 forbids a length together with chunks"],
  [`headers {"headers":"{'a b': 'x'}"}`, "a name with a blank is no token (RFC 9110 §5.1)"],
  [`headers {"headers":"{'a': '☃'}"}`, "text beyond Latin-1 is refused; bytes say what is meant"],
]);

// Messages about headers never quote the value, and those about arguments speak of JavaScript's types.
const SAME_MESSAGES: ReadonlySet<string> = new Set(["InvalidURL", "MissingSchema", "InvalidJSONError"]);

function openFile(text: string): SeekableFile {
  const bytes = new TextEncoder().encode(text);
  let position = 0;
  return {
    statSync: () => ({ size: bytes.length, isFile: true }),
    seekSync: (offset, whence) => position = whence === 0 ? offset : position + offset,
    read(buffer) {
      const piece = bytes.subarray(position, position + buffer.length);
      buffer.set(piece);
      position += piece.length;
      return Promise.resolve(piece.length > 0 ? piece.length : null);
    },
  };
}

function valueOf(recorded: unknown, out: Vector["out"]): unknown {
  if (typeof recorded !== "string") return recorded;
  // Python shows objects by their address; what was in them can be told from the outcome.
  const length = Number(out.headers?.["Content-Length"] ?? 0);
  if (recorded.startsWith("<_io.BytesIO")) return openFile("x".repeat(length));
  if (recorded.startsWith("<_io.StringIO")) return new Blob(["x".repeat(length)]);
  if (recorded.startsWith("<list_iterator")) return ["a", "b"].values();
  if (/^[\w-]+: /.test(recorded)) return Object.fromEntries([recorded.split(": ")]);
  // A lone word was given as text.
  return /^[a-z]$/.test(recorded) ? recorded : toJavaScript(parsePythonLiteral(recorded));
}

function check({ cat, in: given, out }: Vector): void {
  const method = (given["method"] ?? (cat === "body" ? "POST" : "GET")) as string;
  const url = (given["url"] ?? "http://example.com/") as string;
  const names = ["params", "data", "json", "headers"];
  const parts: [string, unknown][] = names.map((name) => [name, valueOf(given[name], out)]);
  if (given["gen"] !== undefined) parts.push(["data", ["a", "b"].values()]);
  const prepare = () => new Request(method, url, Object.fromEntries(parts) as RequestParts).prepare();

  if (out.error !== undefined) {
    return assert.throws(prepare, (error: Error) => {
      if (/^(?:Value|Type)Error$/.test(out.error!)) return error instanceof TypeError || error instanceof RangeError;
      assert.equal(error.name, out.error);
      if (SAME_MESSAGES.has(error.name)) assert.equal(error.message, out.message);
      return true;
    });
  }
  const prepared = prepare();
  const { body } = prepared;
  assert.deepEqual(
    {
      method: prepared.method,
      url: prepared.url,
      headers: Object.fromEntries(prepared.headers),
      body: body instanceof Uint8Array ? new TextDecoder().decode(body) : body && "stream",
    },
    { ...out, body: /^<\w+>$/.test(out.body ?? "") ? "stream" : out.body },
  );
}

const seen = new Set<string>();
for (const vector of vectors as unknown as Vector[]) {
  const key = `${vector.cat} ${JSON.stringify(vector.in)}`;
  seen.add(key);
  const difference = KNOWN_DIFFERENCES.get(key);
  const name = `prepare() agrees with requests: ${key}`;
  if (difference === undefined) Deno.test(name, () => check(vector));
  else {
    Deno.test(`prepare() differs from requests, ${difference}: ${key}`, () => {
      assert.throws(() => check(vector), `${key} agrees now: take it out of KNOWN_DIFFERENCES`);
    });
  }
}

Deno.test("every known difference of prepare() names a vector", () => {
  assert.deepEqual([...KNOWN_DIFFERENCES.keys()].filter((key) => !seen.has(key)), []);
});
