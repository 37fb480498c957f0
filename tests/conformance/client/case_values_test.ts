import assert from "node:assert/strict";
import { AuthBase, HTTPDigestAuth, PreparedRequest } from "../../../client/mod.ts";
import { CaseValues } from "./case_values.ts";

Deno.test("CaseValues.make() leaves plain JSON as it is and reaches what is inside", async () => {
  await using values = new CaseValues();
  const json = { "a": [1, null, true, "x", { "b64": "/w==" }], "b": { "float": "-Infinity" }, "c": {} };
  assert.deepEqual(values.make(json), { a: [1, null, true, "x", Uint8Array.of(255)], b: -Infinity, c: {} });
});

Deno.test("CaseValues.make() produces pieces one by one", async () => {
  await using values = new CaseValues();
  const pieces = values.make({ chunks: ["a", { b64: "/w==" }] }) as AsyncIterable<unknown>;
  assert.deepEqual(await Array.fromAsync(pieces), ["a", Uint8Array.of(255)]);
});

Deno.test("CaseValues.make() opens a file at its position", async () => {
  await using values = new CaseValues();
  const file = values.make({ file: "0123", at: 2 }) as Deno.FsFile;
  assert.ok(file instanceof Deno.FsFile);
  assert.equal(file.statSync().size, 4);
  const rest = new Uint8Array(8);
  assert.equal(await file.read(rest), 2);
  assert.equal(rest[0], "2".charCodeAt(0));
});

Deno.test("CaseValues.make() gives the address of a file that has a name", async () => {
  await using values = new CaseValues();
  const url = values.make({ file: "text", name: "some/dir/ä b.txt" }) as URL;
  assert.match(url.pathname, /\/some\/dir\/%C3%A4%20b\.txt$/);
  assert.equal(await Deno.readTextFile(url), "text");
});

Deno.test("CaseValues.make() makes a stream of what has neither position nor length", async () => {
  await using values = new CaseValues();
  const stream = values.make({ file: { b64: "AAEC" }, at: 1, seekable: false }) as ReadableStream<Uint8Array>;
  assert.ok(stream instanceof ReadableStream);
  assert.deepEqual(await new Response(stream).bytes(), Uint8Array.of(1, 2));
});

Deno.test("CaseValues.make() makes uploads and authentication objects", async () => {
  await using values = new CaseValues();
  assert.deepEqual(values.make({ doc: { upload: [null, { b64: "AA==" }, "t/t", { "X": "1" }] } }), {
    doc: [null, Uint8Array.of(0), "t/t", { X: "1" }],
  });
  assert.ok(values.make({ digest: ["u", "p"] }) instanceof HTTPDigestAuth);
  const stamp = values.make({ stamp: { "X-Token": "t" } });
  assert.ok(stamp instanceof AuthBase);
  const prepared = new PreparedRequest();
  prepared.prepareHeaders({});
  await stamp.apply(prepared);
  assert.equal(prepared.headers.get("x-token"), "t");
});

Deno.test("CaseValues.make() refuses what it cannot make", async () => {
  await using values = new CaseValues();
  assert.throws(() => values.make({ float: "pi" }), /float has an unknown value/);
  assert.throws(() => values.make({ file: "x", mode: "r" }), /unknown key: "mode"/);
  assert.throws(() => values.make({ file: "x", name: "n", at: 1 }), /has no position/);
});

Deno.test("CaseValues close and remove their files", async () => {
  const values = new CaseValues();
  const url = values.make({ file: "x", name: "n" }) as URL;
  const file = values.make({ file: "x" }) as Deno.FsFile;
  await values[Symbol.asyncDispose]();
  await assert.rejects(Deno.stat(url), Deno.errors.NotFound);
  assert.throws(() => file.statSync(), Deno.errors.BadResource);
});
