import assert from "node:assert/strict";
import { escapeLog, formatLogDate } from "../../server/_log_line.ts";

for (
  const [text, escaped] of [
    ["plain text, \u00a0 ü 日本 😀", "plain text, \u00a0 ü 日本 😀"],
    ["\x1b \x00 \x7f \x9f", String.raw`\x1b \x00 \x7f \x9f`],
    ["a\\x1b", String.raw`a\\x1b`],
    ["line\r\nforged", String.raw`line\x0d\x0aforged`],
    ["\u202egnp.exe\u2066\u200b\ufeff", String.raw`\u202egnp.exe\u2066\u200b\ufeff`],
  ] as const
) Deno.test(`escapeLog() writes ${JSON.stringify(text)}`, () => assert.equal(escapeLog(text), escaped));

Deno.test("formatLogDate() is local, with English months", () => {
  assert.equal(formatLogDate(new Date(2026, 11, 1, 2, 3, 4)), "01/Dec/2026 02:03:04");
});
