import assert from "node:assert/strict";
import { encodeFiles, generateBoundary, guessFilename } from "../../client/_multipart.ts";
import { isStreamBody } from "../../client/_content.ts";
import { openFileUrl } from "../../client/file_source.ts";
import type { FieldsInput, FilesInput } from "../../client/types.ts";

async function encoded(files: unknown, data: FieldsInput | FormData | null = null): Promise<string> {
  const contentType = "multipart/form-data; boundary=B";
  const multipart = encodeFiles(files as FilesInput, data, { openFile: openFileUrl, contentType });
  assert.equal(multipart.contentType, contentType);
  const { body } = multipart;
  const bytes = await new Response(isStreamBody(body) ? body.open() : body).bytes();
  assert.equal(body.length, bytes.length, "the length is known");
  return new TextDecoder().decode(bytes);
}

const part = (parameters: string, headers: string, content: string) =>
  `--B\r\nContent-Disposition: form-data; ${parameters}\r\n${headers}\r\n${content}\r\n`;
const END = "--B--\r\n";

const CASES: readonly (readonly [name: string, files: unknown, data: FieldsInput | FormData | null, body: string])[] = [
  ["text takes the name of its field", { f: "x" }, null, part('name="f"; filename="f"', "", "x") + END],
  ["a pair names the file", { f: ["a.txt", "x"] }, null, part('name="f"; filename="a.txt"', "", "x") + END],
  ["null is no file name", { f: [null, "x"] }, null, part('name="f"', "", "x") + END],
  ["an empty file name is kept", { f: ["", "x"] }, null, part('name="f"; filename=""', "", "x") + END],
  [
    "a type and headers of its own",
    { f: ["a", "x", "text/csv", { "X-A": "1", "content-disposition": "no", "Content-Type": "no" }] },
    null,
    part('name="f"; filename="a"', "Content-Type: text/csv\r\nX-A: 1\r\n", "x") + END,
  ],
  [
    "a type among the headers",
    { f: ["a", "x", null, [["Content-Type", "a/b"]]] },
    null,
    part('name="f"; filename="a"', "Content-Type: a/b\r\n", "x") + END,
  ],
  [
    "a File brings name and type",
    { f: new File(["x"], "dir/a.txt", { type: "text/plain" }) },
    null,
    part('name="f"; filename="a.txt"', "Content-Type: text/plain\r\n", "x") + END,
  ],
  [
    "a type of null hides that of the Blob",
    { f: ["a", new Blob(["x"], { type: "a/b" }), null] },
    null,
    part('name="f"; filename="a"', "", "x") + END,
  ],
  [
    "names are raw UTF-8 with three escapes",
    { "f\r\n": ['ü"☃', "x"] },
    null,
    part('name="f%0D%0A"; filename="ü%22☃"', "", "x") + END,
  ],
  [
    "fields come first, lists repeat, null is left out",
    [["f", "1"], ["f", "2"], ["g", null]],
    { a: ["x", null, 2], b: null, ü: new Uint8Array([0x79]) },
    part('name="a"', "", "x") + part('name="a"', "", "2") + part('name="ü"', "", "y") +
    part('name="f"; filename="f"', "", "1") + part('name="f"; filename="f"', "", "2") + END,
  ],
  ["no file is left", { a: null }, null, END],
  ["a Map", new Map([["f", "x"]]), null, part('name="f"; filename="f"', "", "x") + END],
];
for (const [name, files, data, body] of CASES) {
  Deno.test(`encodeFiles() ${name}`, async () => assert.equal(await encoded(files, data), body));
}

Deno.test("encodeFiles() takes FormData in its order, with the types of its files", async () => {
  const form = new FormData();
  form.append("a", new File(["x"], "a.bin"));
  form.append("b", "text");
  form.append("c", new File(["y"], "c.txt", { type: "text/plain" }));
  assert.equal(
    await encoded(null, form),
    part('name="a"; filename="a.bin"', "Content-Type: application/octet-stream\r\n", "x") +
      part('name="b"', "", "text") +
      part('name="c"; filename="c.txt"', "Content-Type: text/plain\r\n", "y") + END,
  );
});

Deno.test("encodeFiles() sends a file URL under its name, with its length", async () => {
  const text = await Deno.readTextFile(new URL(import.meta.url));
  const body = await encoded({ f: new URL(import.meta.url) });
  assert.equal(body, part('name="f"; filename="multipart_test.ts"', "", text) + END);
});

Deno.test("encodeFiles() is read by the platform's parser, and can be sent again", async () => {
  const files = { f: new File(["abc"], "ü.txt", { type: "text/plain" }), g: Uint8Array.of(0, 255) };
  const { body, contentType } = encodeFiles(files, { a: "1" }, { openFile: openFileUrl });
  assert.match(contentType, /^multipart\/form-data; boundary=[0-9a-f]{32}$/);
  assert(isStreamBody(body) && body.replayable);
  for (let round = 0; round < 2; round++) {
    const form = await new Response(body.open(), { headers: { "content-type": contentType } }).formData();
    assert.equal(form.get("a"), "1");
    const file = form.get("f") as File;
    assert.deepEqual([file.name, file.type, await file.text()], ["ü.txt", "text/plain", "abc"]);
    assert.deepEqual(await (form.get("g") as File).bytes(), Uint8Array.of(0, 255));
  }
});

Deno.test("encodeFiles() has no length, and can be sent once, with a stream among its files", () => {
  const { body } = encodeFiles({ f: ReadableStream.from(["x"]) }, null, { openFile: openFileUrl });
  assert(isStreamBody(body));
  assert.deepEqual([body.length, body.replayable], [null, false]);
});

Deno.test("encodeFiles() adds a boundary to the caller's type, and uses one that is there", () => {
  const typeOf = (contentType: string) =>
    encodeFiles({ f: "x" }, null, { openFile: openFileUrl, contentType }).contentType;
  assert.match(typeOf("multipart/form-data;"), /^multipart\/form-data; boundary=[0-9a-f]{32}$/);
  assert.match(typeOf("multipart/mixed; a=b"), /^multipart\/mixed; a=b; boundary=[0-9a-f]{32}$/);
  assert.equal(typeOf('multipart/form-data; boundary="x y"'), 'multipart/form-data; boundary="x y"');
});

Deno.test("encodeFiles() refuses what are no files", async () => {
  for (
    const files of ["x", ["x"], [["a"]], [[1, "x"]], { f: [] }, { f: ["a"] }, { f: [1, "x"] }, { f: 5 }, new Blob(), {
      f: ["a", "b", null, null, null],
    }, ReadableStream.from(["x"])]
  ) {
    await assert.rejects(encoded(files), TypeError, Deno.inspect(files));
  }
});

Deno.test("encodeFiles() refuses line breaks in types and headers", async () => {
  for (const tuple of [["a", "x", "a/b\r\nX: 1"], ["a", "x", null, { X: "a\nb" }], ["a", "x", null, { "X:": "a" }]]) {
    await assert.rejects(encoded({ f: tuple }), { name: "InvalidHeader" });
  }
});

Deno.test("generateBoundary() makes another one each time", () => {
  assert.match(generateBoundary(), /^[0-9a-f]{32}$/);
  assert.notEqual(generateBoundary(), generateBoundary());
});

for (
  const [content, filename] of [
    [new File([], "a/b\\c.txt"), "c.txt"],
    [new URL("file:///a/b%20%C3%BC.txt"), "b ü.txt"],
    [{ name: "<stdin>" }, null],
    [{ name: 3 }, null],
    [new Blob(), null],
    ["text", null],
  ] as const
) Deno.test(`guessFilename() of ${Deno.inspect(content)}`, () => assert.equal(guessFilename(content), filename));
