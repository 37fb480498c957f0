import assert from "node:assert/strict";
import {
  ChunkedEncodingError,
  ConnectionError,
  HTTPError,
  JSONDecodeError,
  StreamConsumedError,
} from "../../client/errors.ts";
import { PreparedRequest } from "../../client/request.ts";
import { Response, type ResponseOptions } from "../../client/response.ts";

type Bytes = Uint8Array<ArrayBuffer>;

const encode = (text: string): Bytes => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);
const show = (piece: Uint8Array | string): string => typeof piece === "string" ? piece : decode(piece);

/** A response whose body is in memory. */
function loaded(body: string | Bytes, contentType?: string): Response {
  const headers = new Headers(contentType === undefined ? {} : { "content-type": contentType });
  return new Response({ statusCode: 200, headers, body: typeof body === "string" ? encode(body) : body });
}

/** A response whose body comes in these pieces, and what happened to its source. */
function streamed(
  pieces: readonly (string | Bytes | Error)[],
  options: ResponseOptions = {},
): { response: Response; log: string[] } {
  const log: string[] = [];
  const left = [...pieces];
  const body = new ReadableStream<Bytes>({
    pull(controller) {
      const piece = left.shift();
      if (piece === undefined) {
        log.push("end");
        controller.close();
      } else if (piece instanceof Error) controller.error(piece);
      else {
        log.push("pull");
        controller.enqueue(typeof piece === "string" ? encode(piece) : piece);
      }
    },
    cancel: () => void log.push("cancel"),
  }, { highWaterMark: 0 });
  const response = new Response({ statusCode: 200, body, onClose: () => log.push("onClose"), ...options });
  return { response, log };
}

/** A response whose body never sends anything. */
function silent(): { response: Response; log: string[] } {
  const log: string[] = [];
  const body = new ReadableStream<Bytes>({
    pull: () => new Promise(() => {}),
    cancel: () => void log.push("cancel"),
  }, { highWaterMark: 0 });
  return { response: new Response({ body, onClose: () => log.push("onClose") }), log };
}

// Status and reason

const FLAGS: readonly (readonly [
  status: number,
  location: boolean,
  ok: boolean,
  redirect: boolean,
  permanent: boolean,
])[] = [
  [200, false, true, false, false],
  [200, true, true, false, false],
  [399, false, true, false, false],
  [400, false, false, false, false],
  [599, false, false, false, false],
  [300, true, true, false, false],
  [301, true, true, true, true],
  [301, false, true, false, false],
  [302, true, true, true, false],
  [303, true, true, true, false],
  [304, true, true, false, false],
  [307, true, true, true, false],
  [308, true, true, true, true],
];

for (const [statusCode, location, ok, redirect, permanent] of FLAGS) {
  Deno.test(`ok, isRedirect and isPermanentRedirect of ${statusCode}${location ? " with a Location" : ""}`, () => {
    const response = new Response({ statusCode, headers: new Headers(location ? { location: "/x" } : {}) });
    assert.deepEqual([response.ok, response.isRedirect, response.isPermanentRedirect], [ok, redirect, permanent]);
  });
}

const FAILURES: readonly (readonly [status: number, reason: string, message: string | null])[] = [
  [404, "Not Found", "404 Client Error: Not Found for url: http://h/x?y"],
  [400, "", "400 Client Error:  for url: http://h/x?y"],
  [499, "Café fermé", "499 Client Error: Café fermé for url: http://h/x?y"],
  [500, "Oops", "500 Server Error: Oops for url: http://h/x?y"],
  [599, "Odd", "599 Server Error: Odd for url: http://h/x?y"],
  [600, "Odd", null],
  [302, "Found", null],
  [200, "OK", null],
  [0, "", null],
];

for (const [statusCode, reason, message] of FAILURES) {
  Deno.test(`raiseForStatus() ${message === null ? "returns the response for" : "throws for"} ${statusCode}`, () => {
    const request = new PreparedRequest();
    const response = new Response({ statusCode, reason, url: "http://h/x?y", request });
    if (message === null) return assert.equal(response.raiseForStatus(), response);
    assert.throws(() => response.raiseForStatus(), (error) => {
      assert(error instanceof HTTPError);
      assert.equal(error.message, message);
      assert.equal(error.response, response);
      assert.equal(error.request, request);
      return true;
    });
  });
}

Deno.test("raiseForStatus() shows no credentials", () => {
  const response = new Response({ statusCode: 404, reason: "Not Found", url: "http://ann:secret@h/x" });
  assert.throws(() => response.raiseForStatus(), (error) => {
    assert.doesNotMatch((error as Error).message, /secret/);
    return true;
  });
});

Deno.test("Response without anything is empty", () => {
  const response = new Response();
  assert.deepEqual(
    [response.statusCode, response.reason, response.url, response.elapsed, response.history, response.raw],
    [0, "", "", 0, [], null],
  );
  assert.deepEqual(response.content, new Uint8Array(0));
  assert.equal(response.text, "");
  assert.equal([...response.cookies].length, 0);
  assert.equal(`${response}`, "<Response [0]>");
});

// Header fields

const LINKS: readonly (readonly [field: string | null, expected: unknown])[] = [
  [null, {}],
  [
    '<http://h/?page=2>; rel="next", <http://h/?page=9>; rel="last"; title="the end"',
    {
      next: { url: "http://h/?page=2", rel: "next" },
      last: { url: "http://h/?page=9", rel: "last", title: "the end" },
    },
  ],
  ["<http://h/a>; type=text/html", { "http://h/a": { url: "http://h/a", type: "text/html" } }],
];

for (const [field, expected] of LINKS) {
  Deno.test(`links of ${field}`, () => {
    const response = new Response({ headers: new Headers(field === null ? {} : { link: field }) });
    assert.equal(JSON.stringify(response.links), JSON.stringify(expected));
  });
}

Deno.test("links cannot change the prototype", () => {
  const { links } = new Response({ headers: new Headers({ link: "<x>; rel=__proto__" }) });
  assert.deepEqual(Object.keys(links), ["__proto__"]);
  assert.equal(Object.getPrototypeOf(links), Object.prototype);
});

Deno.test("cookies are those of this response", () => {
  const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2; Path=/"]]);
  const response = new Response({ url: "http://example.com/x", headers });
  assert.equal(response.cookies.get("a"), "1");
  assert.equal(response.cookies.get("b"), "2");
  response.cookies.set("c", "3");
  assert.equal(response.cookies.get("c"), "3");
});

// Text

const TEXTS: readonly (readonly [
  about: string,
  contentType: string | undefined,
  body: string | Bytes,
  encoding: string | null,
  text: string,
])[] = [
  ["ISO-8859-1 for text", "text/plain", Uint8Array.of(0x63, 0xe9, 0x20, 0x80), "ISO-8859-1", "cé \x80"],
  ["the charset", "text/plain; charset=utf-8", "café ☃", "utf-8", "café ☃"],
  ["UTF-8 for JSON", "application/json", '"Zoë"', "utf-8", '"Zoë"'],
  ["a guess without a type", undefined, "größere Straße – ☃", null, "größere Straße – ☃"],
  ["a legacy charset", "text/plain; charset=shift_jis", Uint8Array.of(0x93, 0xfa, 0x96, 0x7b), "shift_jis", "日本"],
  ["UTF-8 for an unknown charset", "text/plain; charset=martian", "é", "martian", "é"],
  ["U+FFFD for what is not valid", "text/plain; charset=utf-8", Uint8Array.of(0x61, 0xff, 0x62), "utf-8", "a\ufffdb"],
  ["nothing of nothing", undefined, "", null, ""],
];

for (const [about, contentType, body, encoding, text] of TEXTS) {
  Deno.test(`text is ${about}`, async () => {
    const response = loaded(body, contentType);
    await response.read();
    assert.equal(response.encoding, encoding);
    assert.equal(response.text, text);
  });
}

Deno.test("text follows the encoding that is set", () => {
  const response = loaded("é", "text/plain");
  assert.equal(response.text, "Ã©");
  response.encoding = "utf-8";
  assert.equal(response.text, "é");
  response.encoding = "latin-1";
  assert.equal(response.text, "Ã©");
});

const RUSSIAN_TEXT = "Это обычный русский текст, который написан для того, чтобы проверить определение кодировки.";
/** The same in windows-1251, where А to я are one block. */
const RUSSIAN = Uint8Array.from(RUSSIAN_TEXT, (char) => {
  const code = char.charCodeAt(0);
  return code < 0x80 ? code : code - 0x410 + 0xc0;
});

Deno.test("apparentEncoding tells legacy encodings apart once the body is read", async () => {
  for (const contentType of [undefined, "text/plain", "text/plain; charset=koi8-r"]) {
    const { response } = streamed([RUSSIAN], {
      headers: new Headers(contentType === undefined ? {} : { "content-type": contentType }),
    });
    await response.read();
    assert.equal(response.apparentEncoding?.toLowerCase(), "windows-1251");
    response.encoding = response.apparentEncoding;
    assert.equal(response.text, RUSSIAN_TEXT);
  }
});

Deno.test("apparentEncoding needs the body", () => {
  assert.throws(() => streamed(["x"]).response.apparentEncoding, /await response\.read\(\)/);
});

// JSON

const utf16 = (text: string): Bytes => new Uint8Array(Uint16Array.from(text, (char) => char.charCodeAt(0)).buffer);
const utf32 = (text: string): Bytes => new Uint8Array(Uint32Array.from(text, (char) => char.charCodeAt(0)).buffer);

const JSONS: readonly (readonly [about: string, contentType: string | undefined, body: string | Bytes])[] = [
  ["UTF-8", "application/json", '{"n": "Zoë ☃"}'],
  ["UTF-8 with a byte order mark", "application/json", '\ufeff{"n": "Zoë ☃"}'],
  ["UTF-8 without a type", undefined, '{"n": "Zoë ☃"}'],
  ["UTF-8 with a byte order mark, without a type", undefined, '\ufeff{"n": "Zoë ☃"}'],
  ["UTF-16", undefined, utf16('{"n": "Zoë ☃"}')],
  ["UTF-16 with a byte order mark", undefined, utf16('\ufeff{"n": "Zoë ☃"}')],
  ["UTF-32", undefined, utf32('{"n": "Zoë ☃"}')],
  ["a charset", "application/json; charset=utf-16", utf16('\ufeff{"n": "Zoë ☃"}')],
];

for (const [about, contentType, body] of JSONS) {
  Deno.test(`json() reads ${about}`, () => {
    assert.deepEqual(loaded(body, contentType).json(), { n: "Zoë ☃" });
  });
}

Deno.test("json() guesses again when it is none of the UTFs", async () => {
  const response = loaded(Uint8Array.of(0x22, ...RUSSIAN, 0x22));
  await response.read();
  assert.equal(response.json(), RUSSIAN_TEXT);
});

Deno.test("json() passes a reviver on, and what it throws", () => {
  const response = loaded("[1, 2]");
  assert.deepEqual(response.json((_, value) => typeof value === "number" ? value * 2 : value), [2, 4]);
  const own = new SyntaxError("own");
  const fail = () => {
    throw own;
  };
  assert.throws(() => response.json(fail), (error) => error === own);
});

for (const [body, msg, pos] of [["{broken", "Expecting property name", 1], ["", "Expecting value", 0]] as const) {
  Deno.test(`json() refuses ${JSON.stringify(body)}`, () => {
    const response = loaded(body, "application/json");
    assert.throws(() => response.json(), (error) => {
      assert(error instanceof JSONDecodeError);
      assert(error.msg.startsWith(msg), error.msg);
      assert.equal(error.pos, pos);
      assert.equal(error.doc, body);
      assert.equal(error.response, response);
      return true;
    });
  });
}

// The body in memory

Deno.test("content, text and json() of a streamed response need read()", async () => {
  const { response, log } = streamed(['{"a"', ": 1}"]);
  for (const use of [() => response.content, () => response.text, () => response.json(), () => response.toJSON()]) {
    assert.throws(use, (error) => {
      assert.match((error as Error).message, /await response\.read\(\)/);
      assert.equal((error as Error).name, "Error");
      return true;
    });
  }
  assert.deepEqual(log, []);
  assert.equal(decode(await response.read()), '{"a": 1}');
  assert.deepEqual(response.json(), { a: 1 });
  assert.equal(await response.read(), response.content);
  assert.deepEqual(log, ["pull", "pull", "end", "onClose"]);
});

Deno.test("content says that read() is under way", async () => {
  const { response } = streamed(["ab"]);
  const reading = response.read();
  assert.throws(() => response.content, /await response\.read\(\)/);
  await reading;
  assert.equal(response.text, "ab");
});

Deno.test("read() may be called several times at once", async () => {
  const { response } = streamed(["a", "b", "c"]);
  const [one, two] = await Promise.all([response.read(), response.read()]);
  assert.equal(one, two);
  assert.equal(decode(one), "abc");
});

Deno.test("read() takes the quicker way that the adapter offers", async () => {
  const { response, log } = streamed(["slow"], { readAll: () => Promise.resolve(encode("quick")) });
  assert.equal(decode(await response.read()), "quick");
  assert.deepEqual(log, ["onClose"]);
});

Deno.test("read() that takes the quicker way ends with close()", async () => {
  const gone = Promise.withResolvers<Bytes>();
  const response = new Response({
    body: new ReadableStream<Bytes>(),
    readAll: () => gone.promise,
    onClose: () => gone.reject(new Error("aborted")),
  });
  const reading = assert.rejects(response.read(), StreamConsumedError);
  await response.close();
  await reading;
});

Deno.test("iterContent() does not take the quicker way", async () => {
  const { response } = streamed(["slow"], { readAll: () => Promise.reject(new Error("must not be called")) });
  assert.deepEqual((await Array.fromAsync(response.iterContent(null))).map(show), ["slow"]);
});

Deno.test("a body in memory can be iterated over again and again", async () => {
  const response = loaded("0123456789");
  for (const _ of [1, 2]) {
    assert.deepEqual((await Array.fromAsync(response.iterContent(4))).map(show), ["0123", "4567", "89"]);
  }
  assert.deepEqual((await Array.fromAsync(response.iterContent(null))).map(show), ["0123456789"]);
  assert.deepEqual((await Array.fromAsync(response)).map(show), ["0123456789"]);
  for await (const _ of response.iterContent(3)) break;
  assert.equal(response.text, "0123456789");
});

Deno.test("a body in memory outlives close()", async () => {
  const { response, log } = streamed(["abc"]);
  await response.read();
  await response.close();
  assert.equal(response.text, "abc");
  assert.deepEqual(log, ["pull", "end", "onClose"]);
});

// Streaming

const STREAMS: readonly (readonly [
  pieces: readonly string[],
  chunkSize: number | null | undefined,
  expected: readonly string[],
])[] = [
  [["abc"], undefined, ["a", "b", "c"]],
  [["01", "234", "", "56789"], 4, ["0123", "4567", "89"]],
  [["01", "234", "", "56789"], null, ["01", "234", "56789"]],
  [["", ""], 4, []],
];

for (const [pieces, chunkSize, expected] of STREAMS) {
  Deno.test(`iterContent(${chunkSize}) of [${pieces}]`, async () => {
    const { response, log } = streamed(pieces);
    assert.deepEqual((await Array.fromAsync(response.iterContent(chunkSize))).map(show), expected);
    assert.equal(log.filter((entry) => entry === "onClose").length, 1);
    assert(!log.includes("cancel"));
  });
}

Deno.test("iteration yields pieces of 128 bytes", async () => {
  const { response } = streamed(["x".repeat(300)]);
  assert.deepEqual((await Array.fromAsync(response)).map((piece) => piece.length), [128, 128, 44]);
});

Deno.test("iterContent() decodes characters that are cut in two", async () => {
  const headers = new Headers({ "content-type": "text/plain; charset=utf-8" });
  const { response } = streamed(["aé☃b"], { headers });
  assert.deepEqual(await Array.fromAsync(response.iterContent(1, { decodeUnicode: true })), ["a", "é", "☃", "b"]);
});

Deno.test("iterContent() leaves bytes where there is no encoding", async () => {
  const pieces = await Array.fromAsync(streamed(["abc"]).response.iterContent(2, { decodeUnicode: true }));
  assert.deepEqual(pieces, [encode("ab"), encode("c")]);
});

Deno.test("iterContent() decodes a body in memory too", async () => {
  const pieces = await Array.fromAsync(loaded("é", "text/plain").iterContent(1, { decodeUnicode: true }));
  assert.deepEqual(pieces, ["Ã", "©"]);
});

for (const [chunkSize, error] of [["4", TypeError], [1.5, TypeError], [0, RangeError], [-1, RangeError]] as const) {
  Deno.test(`iterContent(${JSON.stringify(chunkSize)}) is refused at once`, () => {
    for (const response of [loaded("abc"), streamed(["abc"]).response]) {
      assert.throws(() => response.iterContent(chunkSize as number), error);
      assert.throws(() => response.iterLines(chunkSize as number), error);
    }
  });
}

const LINES: readonly (readonly [
  about: string,
  pieces: readonly string[],
  delimiter: string | null,
  expected: readonly string[],
])[] = [
  ["LF", ["first\nsecond\n\nfourth"], null, ["first", "second", "", "fourth"]],
  ["CRLF and CR", ["first\r\nsecond\r\n\r\nfourth\rfifth\r\n"], null, ["first", "second", "", "fourth", "fifth"]],
  ["CRLF cut in two", ["a\r", "\nb\r", "\n"], null, ["a", "b"]],
  ["a line cut in pieces", ["fir", "st\nsec", "ond\nthi", "rd"], null, ["first", "second", "third"]],
  ["other separators", ["a\u2028b\x0bc\x85d\n"], null, ["a\u2028b\x0bc\x85d"]],
  ["a delimiter", ["one||two\nstill two||||four"], "||", ["one", "two\nstill two", "", "four"]],
  ["a delimiter cut in two", ["one|", "|two|", "|"], "||", ["one", "two"]],
];

for (const [about, pieces, delimiter, expected] of LINES) {
  Deno.test(`iterLines() splits at ${about}`, async () => {
    const lines = await Array.fromAsync(streamed(pieces).response.iterLines(512, { delimiter }));
    assert.deepEqual(lines.map(show), expected);
    assert(lines.every((line) => line instanceof Uint8Array));
  });
  Deno.test(`iterLines() splits text at ${about}`, async () => {
    const headers = new Headers({ "content-type": "text/plain; charset=utf-8" });
    const { response } = streamed(pieces, { headers });
    assert.deepEqual(await Array.fromAsync(response.iterLines(3, { decodeUnicode: true, delimiter })), expected);
  });
}

Deno.test("iterLines() takes bytes as a delimiter", async () => {
  const lines = await Array.fromAsync(streamed(["a;b"]).response.iterLines(512, { delimiter: encode(";") }));
  assert.deepEqual(lines.map(show), ["a", "b"]);
});

Deno.test("iterLines() refuses an empty delimiter at once", () => {
  assert.throws(() => loaded("a").iterLines(512, { delimiter: "" }), RangeError);
});

Deno.test("iterLines() yields a line before the rest of the body is there", async () => {
  const { response, log } = streamed(["one\ntw", "o\n", "three"]);
  const lines = response.iterLines();
  assert.equal(show((await lines.next()).value!), "one");
  assert.deepEqual(log, ["pull"]);
  await lines.return();
  assert.deepEqual(log, ["pull", "cancel", "onClose"]);
});

Deno.test("a streamed body can be iterated over once", async () => {
  const { response } = streamed(["0123456789"]);
  await Array.fromAsync(response.iterContent(5));
  for (const use of [() => response.iterContent(5), () => response.iterLines(), () => response.content]) {
    assert.throws(use, (error) => error instanceof StreamConsumedError && error.response === response);
  }
  await assert.rejects(response.read(), StreamConsumedError);
  assert.throws(() => response.content, StreamConsumedError);
});

Deno.test("only one of two iterations gets the body", async () => {
  const { response, log } = streamed(["abc", "def"]);
  const [one, two] = [response.iterContent(2), response.iterContent(2)];
  assert.equal(show((await one.next()).value!), "ab");
  await assert.rejects(two.next(), StreamConsumedError);
  await two.return();
  assert(!log.includes("cancel"));
  assert.deepEqual((await Array.fromAsync(one)).map(show), ["cd", "ef"]);
});

// Early exits

const EXITS: readonly (readonly [how: string, exit: (response: Response) => Promise<void>])[] = [
  ["break", async (response) => {
    for await (const _ of response.iterContent(2)) break;
  }],
  ["break out of lines", async (response) => {
    for await (const _ of response.iterLines()) break;
  }],
  ["break out of text", async (response) => {
    response.encoding = "utf-8";
    for await (const _ of response.iterContent(2, { decodeUnicode: true })) break;
  }],
  ["an error in the loop", async (response) => {
    await assert.rejects(async () => {
      for await (const _ of response) throw new Error("own");
    }, /own/);
  }],
  ["return() in the middle", async (response) => {
    const iterator = response.iterContent(2);
    await iterator.next();
    assert.deepEqual(await iterator.return(), { done: true, value: undefined });
    assert.deepEqual(await iterator.next(), { done: true, value: undefined });
  }],
  ["return() before the start", async (response) => {
    await response.iterContent(2).return();
  }],
  ["throw()", async (response) => {
    const iterator = response.iterContent(2);
    await iterator.next();
    await assert.rejects(iterator.throw(new Error("own")), /own/);
  }],
  ["await using of the iterator", async (response) => {
    await using iterator = response.iterContent(2);
    await iterator.next();
  }],
  ["await using of the response", async (given) => {
    await using response = given;
    await response.iterContent(2).next();
  }],
  ["close() before the start", (response) => response.close()],
  ["close() twice", async (response) => {
    await response.close();
    await response.close();
  }],
  ["close() in the middle", async (response) => {
    await response.iterContent(2).next();
    await response.close();
  }],
  ["cancelling a stream made of it", async (response) => {
    const reader = ReadableStream.from(response.iterContent(2)).getReader();
    await reader.read();
    await reader.cancel();
  }],
];

for (const [how, exit] of EXITS) {
  Deno.test(`the source is cancelled by ${how}`, async () => {
    const { response, log } = streamed(Array.from({ length: 100 }, () => "a\nb\n".repeat(50)));
    await exit(response);
    assert.deepEqual(log.filter((entry) => entry !== "pull"), ["cancel", "onClose"]);
    assert(log.length <= 5, log.join());
    assert.throws(() => response.content, StreamConsumedError);
    assert.throws(() => response.iterContent(), StreamConsumedError);
    await assert.rejects(response.read(), StreamConsumedError);
  });
}

Deno.test("close() ends an iteration that waits, and not as if the body were complete", async () => {
  const { response, log } = silent();
  const waiting = assert.rejects(Array.fromAsync(response.iterContent(2)), StreamConsumedError);
  await response.close();
  await waiting;
  assert.deepEqual(log, ["cancel", "onClose"]);
});

Deno.test("close() ends a read() that waits", async () => {
  const { response, log } = silent();
  const waiting = assert.rejects(response.read(), StreamConsumedError);
  await response.close();
  await waiting;
  assert.deepEqual(log, ["cancel", "onClose"]);
});

Deno.test("return() ends an iteration that waits", async () => {
  const { response, log } = silent();
  const iterator = response.iterContent(2);
  const waiting = iterator.next();
  await iterator.return();
  assert.deepEqual(await waiting, { done: true, value: undefined });
  assert.deepEqual(log, ["cancel", "onClose"]);
});

Deno.test("close() of a body that somebody else reads leaves it to them", async () => {
  const { response, log } = streamed(["abc"]);
  const reader = response.raw!.getReader();
  assert.throws(() => response.iterContent(2), StreamConsumedError);
  await response.close();
  assert.deepEqual(log, ["onClose"]);
  assert.equal(show((await reader.read()).value!), "abc");
  await reader.cancel();
});

Deno.test("close() of a body that broke before it was read does not complain", async () => {
  const log: string[] = [];
  const body = new ReadableStream<Bytes>({ start: (controller) => controller.error(new Error("reset")) });
  await new Response({ body, onClose: () => log.push("onClose") }).close();
  assert.deepEqual(log, ["onClose"]);
});

Deno.test("raw is the undecoded body where there is one", () => {
  const raw = new ReadableStream<Bytes>();
  const body = new ReadableStream<Bytes>();
  assert.equal(new Response({ raw, body }).raw, raw);
  assert.equal(new Response({ body }).raw, body);
});

// Errors of the body

for (const use of ["read", "iterContent", "iterLines"] as const) {
  Deno.test(`${use}() maps an error of the transport`, async () => {
    const cause = new TypeError("error reading a body from connection");
    const request = new PreparedRequest();
    const { response, log } = streamed(["some", cause], {
      request,
      mapError: (error) => new ChunkedEncodingError("cut short", { cause: error }),
    });
    const run = () => use === "read" ? response.read() : Array.fromAsync<Uint8Array>(response[use](null));
    await assert.rejects(run(), (error) => {
      assert(error instanceof ChunkedEncodingError);
      assert.equal(error.cause, cause);
      assert.equal(error.response, response);
      assert.equal(error.request, request);
      return true;
    });
    assert.deepEqual(log, ["pull", "onClose"]);
    // The same again, and not some other error that hides it.
    assert.throws(() => response.content, ChunkedEncodingError);
    assert.throws(() => response.iterContent(), ChunkedEncodingError);
    await assert.rejects(response.read(), ChunkedEncodingError);
  });
}

Deno.test("read() does not map an error that is mapped already", async () => {
  const error = new ConnectionError("Read timed out.");
  const { response } = streamed([error], { mapError: () => new Error("must not be called") });
  await assert.rejects(response.read(), (thrown) => thrown === error);
  assert.equal(error.response, response);
});

Deno.test("read() rejects with the reason of an abort, whatever it is", async () => {
  const body = new ReadableStream<Bytes>({ pull: (controller) => controller.error("stop it") });
  await assert.rejects(new Response({ body }).read(), (reason) => reason === "stop it");
});

Deno.test("read() maps the errors of the quicker way", async () => {
  const { response, log } = streamed(["slow"], {
    readAll: () => Promise.reject(new TypeError("reset")),
    mapError: (error) => new ConnectionError("reset", { cause: error }),
  });
  await assert.rejects(response.read(), ConnectionError);
  assert.deepEqual(log, ["onClose"]);
});

// Memory

Deno.test("iterContent() reads no further than it is asked to", async () => {
  const { response, log } = streamed(Array.from({ length: 1000 }, () => "x".repeat(1000)));
  const iterator = response.iterContent(1500);
  for (let count = 1; count <= 10; count++) {
    await iterator.next();
    assert(log.length <= count * 1.5 + 1, `${log.length} pieces were read for ${count}`);
  }
  await response.close();
});

Deno.test("onClose is called at once where there is no body", () => {
  let calls = 0;
  new Response({ onClose: () => calls++ });
  new Response({ body: encode("x"), onClose: () => calls++ });
  assert.equal(calls, 2);
});

// JSON form

Deno.test("toJSON() and fromJSON() keep everything but the connection", async () => {
  const request = new PreparedRequest();
  request.prepare({ method: "POST", url: "http://example.com/a", data: "x" });
  const first = new Response({
    statusCode: 302,
    url: "http://example.com/a",
    headers: new Headers({ location: "/b" }),
  });
  const headers = new Headers([["set-cookie", "a=1"], ["set-cookie", "b=2"], ["content-type", "text/plain"]]);
  const { response } = streamed([Uint8Array.of(0, 255, 10)], {
    reason: "OK",
    url: "http://example.com/b#c",
    headers,
    request,
    engine: "fetch",
  });
  response.history = [first];
  response.elapsed = 0.25;
  response.encoding = "koi8-r";
  await response.read();
  const copy = Response.fromJSON(JSON.parse(JSON.stringify(response)));
  assert.deepEqual(copy.toJSON(), response.toJSON());
  assert.deepEqual(copy.content, Uint8Array.of(0, 255, 10));
  assert.deepEqual(copy.headers.getSetCookie(), ["a=1", "b=2"]);
  assert.equal(copy.cookies.get("b"), "2");
  assert.equal(copy.history[0]?.statusCode, 302);
  assert.equal(copy.request?.url, "http://example.com/a");
  assert.equal(copy.encoding, "koi8-r");
  assert.equal(copy.elapsed, 0.25);
  assert.equal(copy.connection, null);
});
