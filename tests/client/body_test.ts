import assert from "node:assert/strict";
import { type BodyParts, encodeBody, superLen } from "../../client/_body.ts";
import { isStreamBody } from "../../client/_content.ts";
import { openFileUrl } from "../../client/file_source.ts";

type Parts = Record<"data" | "files" | "json" | "contentType", unknown>;

function encode(parts: Partial<Parts>): { readonly text: string | null; readonly contentType: string | null } {
  const { body, contentType } = encodeBody({ ...parts as Partial<BodyParts>, openFile: openFileUrl });
  assert(!isStreamBody(body));
  return { text: body && new TextDecoder().decode(body), contentType };
}

const FORM = "application/x-www-form-urlencoded";
const CASES: readonly (readonly [parts: Partial<Parts>, text: string | null, contentType: string | null])[] = [
  [{}, null, null],
  [{ data: { a: 1, b: ["x", null, "ü&"], c: null } }, "a=1&b=x&b=%C3%BC%26", FORM],
  [{ data: [["k", "v"], ["k", "w"]] }, "k=v&k=w", FORM],
  [{ data: new Map([["k", "v"]]) }, "k=v", FORM],
  [{ data: new URLSearchParams("a=b c") }, "a=b+c", FORM],
  [{ data: { a: null } }, "", FORM],
  [{ data: { a: "b" }, contentType: "text/x" }, "a=b", null],
  [{ data: "ü" }, "ü", null],
  [{ data: new DataView(new Uint8Array([0x61]).buffer) }, "a", null],
  [{ data: "x", json: 1 }, "x", null],
  [{ data: "", json: 1 }, "1", "application/json"],
  [{ data: new Uint8Array(0), json: [] }, "[]", "application/json"],
  [{ data: new URLSearchParams(), json: false }, "false", "application/json"],
  [{ data: [], json: 0 }, "0", "application/json"],
  [{ json: null }, null, null],
  [{ json: undefined }, null, null],
  [{ json: { a: null, b: "null" } }, '{"a":null,"b":"null"}', "application/json"],
  [{ json: { b: 2 }, contentType: "application/vnd.x+json" }, '{"b":2}', null],
  [{ files: {}, data: { a: "1" } }, "a=1", FORM],
  [{ files: [], data: "x" }, "x", null],
  [{ data: new Blob() }, "", null],
];
for (const [parts, text, contentType] of CASES) {
  Deno.test(`encodeBody() of ${Deno.inspect(parts)}`, () => assert.deepEqual(encode(parts), { text, contentType }));
}

Deno.test("encodeBody() leaves a Blob, a stream and an iterator as streams", () => {
  for (
    const [data, length] of [[new Blob(["ab"]), 2], [ReadableStream.from(["a"]), null], [["a"].values(), null]] as const
  ) {
    const { body, contentType } = encodeBody({ data, openFile: openFileUrl });
    assert(isStreamBody(body));
    assert.deepEqual([body.length, contentType], [length, null]);
  }
});

Deno.test("encodeBody() opens a file URL", () => {
  const url = new URL(import.meta.url);
  const { body } = encodeBody({ data: url, openFile: openFileUrl });
  assert.equal(body?.length, Deno.statSync(url).size);
});

Deno.test("encodeBody() makes multipart of files with fields, and of FormData, and drops json then", () => {
  const form = new FormData();
  form.append("a", "1");
  for (
    const parts of [{ files: { f: "x" }, data: { a: "1" }, json: 5 }, { data: form }, { files: { f: "x" }, data: form }]
  ) {
    const { text, contentType } = encode(parts);
    const boundary = /^multipart\/form-data; boundary=(\w+)$/.exec(contentType ?? "")?.[1];
    assert(boundary !== undefined && text !== null);
    assert(
      text.startsWith(`--${boundary}\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--${boundary}`),
      text,
    );
    assert.equal(text.includes('filename="f"'), "files" in parts);
  }
});

Deno.test("encodeBody() adds the boundary to a multipart type of the caller, and leaves other types alone", () => {
  assert.match(encode({ files: { f: "x" }, contentType: "multipart/form-data" }).contentType!, /; boundary=\w{32}$/);
  const own = encode({ files: { f: "x" }, contentType: "multipart/form-data; boundary=B" });
  assert.equal(own.contentType, "multipart/form-data; boundary=B");
  assert(own.text!.startsWith("--B\r\n"));
  assert.equal(encode({ files: { f: "x" }, contentType: "a/b" }).contentType, null);
});

for (
  const [parts, message] of [
    [{ data: 5 }, /Cannot send a number as data/],
    [{ data: Promise.resolve({}) }, /a Promise as data: await it/],
    [{ data: new Date() }, /a Date as data/],
    [{ data: ["a", "b"] }, /a string as a field/],
    [{ data: { a: { b: "c" } } }, /an Object as a field value/],
    [{ data: new URL("http://h/") }, /a http: URL names/],
    [{ files: { f: "x" }, data: "raw" }, /Data must not be a string/],
    [{ files: { f: "x" }, data: ["a"].values() }, /mutually exclusive/],
    [{ files: "x" }, /Cannot read files from a string/],
  ] as const
) {
  Deno.test(`encodeBody() refuses ${Deno.inspect(parts)}`, () => {
    assert.throws(() => encode(parts), { name: "TypeError", message });
  });
}

const cycle: unknown[] = [];
cycle.push(cycle);
for (const json of [NaN, { a: [1, -Infinity] }, 5n, () => 1, Symbol("s"), cycle]) {
  Deno.test(`encodeBody() refuses JSON of ${Deno.inspect(json)}`, () => {
    assert.throws(() => encode({ json }), { name: "InvalidJSONError" });
  });
}

Deno.test("superLen() counts bytes from where a file stands", () => {
  using file = Deno.openSync(new URL(import.meta.url));
  const { size } = file.statSync();
  assert.equal(superLen(file), size);
  file.seekSync(10, Deno.SeekMode.Start);
  assert.equal(superLen(file), size - 10);
  assert.equal(superLen("ünï"), 5);
  assert.equal(superLen(new Uint16Array(2)), 4);
  assert.equal(superLen(new ArrayBuffer(3)), 3);
  assert.equal(superLen(new Blob(["abc"])), 3);
  for (const value of [null, {}, ["a"].values(), ReadableStream.from([])]) assert.equal(superLen(value), 0);
});
