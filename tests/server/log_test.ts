import assert from "node:assert/strict";
import { flushLog, writeLog } from "../../server/_log.ts";

/** Calls of writeSync while `use` runs. */
async function writes(use: () => void | Promise<void>, writeSync?: (bytes: Uint8Array) => number): Promise<string[]> {
  flushLog();
  const original = Deno.stderr.writeSync;
  const texts: string[] = [];
  Deno.stderr.writeSync = writeSync ?? ((bytes) => {
    texts.push(new TextDecoder().decode(bytes));
    return bytes.length;
  });
  try {
    await use();
    flushLog();
  } finally {
    Deno.stderr.writeSync = original;
  }
  return texts;
}

Deno.test("writeLog() joins the lines of one turn into one write, and writes without being asked", async () => {
  const written = Promise.withResolvers<string>();
  await writes(async () => {
    writeLog("one\n");
    await Promise.resolve();
    writeLog("two\n");
    assert.equal(await written.promise, "one\ntwo\n");
  }, (bytes) => {
    written.resolve(new TextDecoder().decode(bytes));
    return bytes.length;
  });
});

for (
  const [how, code] of [
    ["Deno.exit()", "Deno.exit(0);"],
    ["its last statement", ""],
    ["an error in a task", "queueMicrotask(() => { throw new Error('thrown'); });"],
    ["an error that is thrown", "throw new Error('thrown');"],
    ["a rejected promise", "Promise.reject(new Error('rejected')); await new Promise(() => {});"],
  ] as const
) {
  Deno.test(`writeLog() loses no line when the program ends by ${how}`, async () => {
    const log = new URL("../../server/_log.ts", import.meta.url).href;
    const script = `import { writeLog } from "${log}"; writeLog("first line\\nsecond line\\n"); ${code}`;
    const { stderr } = await new Deno.Command(Deno.execPath(), { args: ["eval", script] }).output();
    assert.match(new TextDecoder().decode(stderr), /^first line\nsecond line\n/m);
  });
}

Deno.test("writeLog() does not let lines pile up", async () => {
  const texts = await writes(() => {
    for (let i = 0; i < 1000; i++) writeLog("a line of thirty-two characters\n");
  });
  assert.ok(texts.length > 2);
  assert.equal(texts.join("").length, 32_000);
});

Deno.test("flushLog() goes on after a partial write, and outlives a reader that left", async () => {
  let written = "";
  await writes(() => writeLog("abcdef"), (bytes) => {
    written += new TextDecoder().decode(bytes.subarray(0, 2));
    return Math.min(2, bytes.length);
  });
  assert.equal(written, "abcdef");
  await writes(() => writeLog("x"), () => {
    throw new Deno.errors.BrokenPipe("gone");
  });
});
