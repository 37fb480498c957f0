import assert from "node:assert/strict";
import { type Content, isStreamBody, joinContents, sizedBody, toContent } from "../../client/_content.ts";
import { UnrewindableBodyError } from "../../client/errors.ts";
import type { FileContent, SeekableFile, StreamBody } from "../../client/types.ts";

const openFile = (): never => assert.fail("no file is asked for");
const content = (value: unknown) => toContent(value as Exclude<FileContent, null>, openFile);
const stream = (value: unknown): StreamBody => {
  const made = content(value);
  assert(isStreamBody(made));
  return made;
};
const read = (body: Content) => new Response(body instanceof Uint8Array ? body : body.open()).text();

function memoryFile(text: string, position = 0): SeekableFile {
  const bytes = new TextEncoder().encode(text);
  return {
    statSync: () => ({ size: bytes.length }),
    seekSync: (offset, whence) => position = whence === 0 ? offset : position + offset,
    read(buffer) {
      // Never more than three bytes at once, as a slow disk may.
      const piece = bytes.subarray(position, position + Math.min(3, buffer.length));
      buffer.set(piece);
      position += piece.length;
      return Promise.resolve(piece.length > 0 ? piece.length : null);
    },
  };
}

Deno.test("toContent() takes text as UTF-8 and bytes as they are, without a copy", () => {
  assert.deepEqual(content("ü"), Uint8Array.of(0xc3, 0xbc));
  const bytes = Uint8Array.of(1, 2, 3, 4);
  assert.deepEqual(content(bytes.subarray(1, 3)), Uint8Array.of(2, 3));
  assert.equal((content(bytes) as Uint8Array).buffer, bytes.buffer);
  assert.deepEqual(content(new DataView(bytes.buffer, 3)), Uint8Array.of(4));
  assert.deepEqual(content(bytes.buffer), bytes);
});

Deno.test("toContent() copies shared memory", () => {
  const shared = new Uint8Array(new SharedArrayBuffer(2)).fill(7);
  const copy = content(shared) as Uint8Array;
  assert(copy.buffer instanceof ArrayBuffer);
  assert.deepEqual(copy, Uint8Array.of(7, 7));
});

Deno.test("toContent() opens a Blob any number of times", async () => {
  const body = stream(new Blob(["abc"]));
  assert.equal(body.length, 3);
  assert(body.replayable);
  assert.equal(await read(body), "abc");
  assert.equal(await read(body), "abc");
});

const PIECES: readonly (readonly [name: string, make: () => unknown])[] = [
  ["an iterator", () => ["a", "", Uint8Array.of(0x62), "ü"].values()],
  ["a generator", () =>
    function* () {
      yield* ["a", "bü"];
    }()],
  ["an async generator", () =>
    async function* () {
      yield await Promise.resolve("ab");
      yield "ü";
    }()],
  ["a stream", () => ReadableStream.from(["ab", "ü"])],
  ["a set", () => new Set(["ab", "ü"])],
];
for (const [name, make] of PIECES) {
  Deno.test(`toContent() reads ${name} once`, async () => {
    const body = stream(make());
    assert.equal(body.length, null);
    assert.equal(body.replayable, false);
    assert.equal(await read(body), "abü");
    assert.throws(() => body.open(), { name: "UnrewindableBodyError", message: /give bytes, a Blob or a file URL/ });
  });
}

Deno.test("toContent() reads nothing before a piece is asked for, and closes the source when it is cancelled", async () => {
  const log: string[] = [];
  const source = async function* () {
    try {
      log.push("read");
      yield await Promise.resolve("a");
      yield "b";
    } finally {
      log.push("closed");
    }
  };
  const reader = stream(source()).open().getReader();
  assert.deepEqual(log, []);
  assert.deepEqual((await reader.read()).value, Uint8Array.of(0x61));
  await reader.cancel();
  assert.deepEqual(log, ["read", "closed"]);
});

Deno.test("toContent() refuses pieces that are no bytes, and closes their source", async () => {
  let closed = false;
  const source = function* () {
    try {
      yield 5;
    } finally {
      closed = true;
    }
  };
  await assert.rejects(read(stream(source())), { name: "TypeError", message: /Cannot send a number as a piece/ });
  assert(closed);
});

Deno.test("toContent() passes on what the source throws", async () => {
  const mistake = new Error("mistake");
  // deno-lint-ignore require-yield -- it fails before its first piece.
  const source = function* () {
    throw mistake;
  };
  await assert.rejects(read(stream(source())), (error) => error === mistake);
});

Deno.test("toContent() sends an open file from where it stands, again and again", async () => {
  const body = stream(memoryFile("0123456789", 4));
  assert.equal(body.length, 6);
  assert(body.replayable);
  const reader = body.open().getReader();
  await reader.read();
  await reader.cancel();
  assert.equal(await read(body), "456789");
  assert.equal(await read(body), "456789");
});

Deno.test("toContent() sends a file in chunks that is empty, no regular file, or cannot tell its position", async () => {
  const pipe: SeekableFile = {
    ...memoryFile("abc"),
    seekSync() {
      throw new Error("Illegal seek");
    },
  };
  const device: SeekableFile = { ...memoryFile("abc"), statSync: () => ({ size: 0, isFile: false }) };
  for (const [file, text] of [[pipe, "abc"], [device, "abc"], [memoryFile(""), ""]] as const) {
    const body = stream(file);
    assert.equal(body.length, null);
    assert.equal(await read(body), text);
    assert.throws(() => body.open(), UnrewindableBodyError);
  }
});

Deno.test("toContent() tells when a file cannot go back", async () => {
  const file = memoryFile("abc");
  const body = stream(file);
  assert.equal(await read(body), "abc");
  const cause = new Error("Bad resource ID");
  file.seekSync = () => {
    throw cause;
  };
  assert.throws(() => body.open(), {
    name: "UnrewindableBodyError",
    message: "An error occurred when rewinding request body for redirect.",
    cause,
  });
});

Deno.test("toContent() takes no more of a file than it had, and fails when it has become shorter", async () => {
  let size = 3;
  const file = { ...memoryFile("abcdef"), statSync: () => ({ size }) };
  assert.equal(await read(stream(file)), "abc");
  size = 9;
  file.seekSync(0, 0);
  await assert.rejects(read(stream(file)), { name: "RangeError", message: /less than the 9 bytes/ });
});

Deno.test("toContent() gives up a file that gives nothing and has no end", async () => {
  const file = { ...memoryFile("abc"), read: () => Promise.resolve(0) };
  await assert.rejects(read(stream(file)), { name: "TypeError", message: /gave no bytes/ });
});

Deno.test("toContent() takes a StreamBody as it is, and refuses the rest", () => {
  const own: StreamBody = { length: 1, replayable: true, open: () => new Blob(["a"]).stream() };
  assert.equal(content(own), own);
  for (const value of [5, true, {}, new Date(), new URL("http://h/"), Promise.resolve("")]) {
    assert.throws(() => content(value), TypeError, Deno.inspect(value));
  }
});

for (
  const [text, length, problem] of [["abc", 3, null], ["abc", 2, /more than the 2/], [
    "abc",
    4,
    /less than the 4/,
  ]] as const
) {
  Deno.test(`sizedBody() of ${length} for ${text.length} bytes`, async () => {
    const body = sizedBody(stream([text].values()), length);
    assert.equal(body.length, length);
    if (problem === null) assert.equal(await read(body), text);
    else await assert.rejects(read(body), { name: "RangeError", message: problem });
  });
}

Deno.test("joinContents() of bytes is bytes", () => {
  assert.deepEqual(joinContents([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2)]), Uint8Array.of(1, 2));
});

Deno.test("joinContents() adds lengths, and can be sent again if all parts can", async () => {
  const whole = joinContents([Uint8Array.of(0x61), stream(new Blob(["bc"])), Uint8Array.of(0x64)]) as StreamBody;
  assert.equal(whole.length, 4);
  assert(whole.replayable);
  assert.equal(await read(whole), "abcd");
  assert.equal(await read(whole), "abcd");

  const once = joinContents([Uint8Array.of(0x61), stream(["b"].values())]) as StreamBody;
  assert.equal(once.length, null);
  assert.equal(await read(once), "ab");
  assert.throws(() => once.open(), UnrewindableBodyError);
});
