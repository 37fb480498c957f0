import assert from "node:assert/strict";
import { openFileUrl } from "../../client/file_source.ts";

async function withFile(text: string, use: (url: URL) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    const url = new URL(`file://${folder}/ü b.txt`);
    await Deno.writeTextFile(url, text);
    await use(url);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openFileUrl() knows the length and opens the file each time", async () => {
  const text = "0123456789".repeat(20_000);
  await withFile(text, async (url) => {
    const body = openFileUrl(url);
    assert.equal(body.length, 200_000);
    assert(body.replayable);
    assert.equal(await new Response(body.open()).text(), text);
    assert.equal(await new Response(body.open()).text(), text);
  });
});

Deno.test("openFileUrl() closes the file when the body is given up", async () => {
  await withFile("x".repeat(200_000), async (url) => {
    const reader = openFileUrl(url).open().getReader();
    await reader.read();
    await reader.cancel();
  });
});

Deno.test("openFileUrl() sends the length that the file had", async () => {
  await withFile("abc", async (url) => {
    const body = openFileUrl(url);
    await Deno.writeTextFile(url, "abcdef");
    assert.equal(await new Response(body.open()).text(), "abc");
    await Deno.writeTextFile(url, "a");
    await assert.rejects(new Response(body.open()).text(), { name: "RangeError", message: /less than the 3 bytes/ });
  });
});

Deno.test("openFileUrl() sends an empty file in chunks", async () => {
  await withFile("", async (url) => {
    const body = openFileUrl(url);
    assert.equal(body.length, null);
    assert.equal(await new Response(body.open()).text(), "");
  });
});

Deno.test("openFileUrl() refuses directories and what is not there", () => {
  assert.throws(() => openFileUrl(new URL("./", import.meta.url)), { name: "TypeError", message: /it is a directory/ });
  assert.throws(() => openFileUrl(new URL("./no such file", import.meta.url)), Deno.errors.NotFound);
});
