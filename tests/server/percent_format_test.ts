import assert from "node:assert/strict";
import { percentFormat } from "../../server/_percent_format.ts";

for (
  const [format, args, expected] of [
    ['"%s" %s %s', ["GET /", 200, "-"], '"GET /" 200 -'],
    ["code %d, message %s", [404.7, "x"], "code 404, message x"],
    ["%5d|%-5d|%05d|%+d", [42, 42, -42, 42], "   42|42   |-0042|+42"],
    ["%x %X %o %#x", [255, 255, 8, 255], "ff FF 10 0xff"],
    ["%.2f %e %g", [3.14159, 12345.678, 0.5], "3.14 1.234568e+04 0.5"],
    ["%r %r %r", ["it's", 'say "hi"', "plain"], `"it's" 'say "hi"' 'plain'`],
    ["%r", ["a\\b"], "'a\\\\b'"],
    ["%c%c", [65, "B"], "AB"],
    ["100%% %.3s", ["abcdef"], "100% abc"],
    ["no arguments", [], "no arguments"],
  ] as const
) Deno.test(`percentFormat() formats "${format}"`, () => assert.equal(percentFormat(format, args), expected));

Deno.test("percentFormat() takes named arguments", () => {
  assert.equal(percentFormat("%(code)d %(message)s %(code)s", { code: 404, message: "m" }), "404 m 404");
});

Deno.test("percentFormat() says which argument is missing", () => {
  assert.throws(() => percentFormat("%s %d", ["a"]), {
    name: "TypeError",
    message: 'Cannot format "%s %d": no argument is left for "%d"',
  });
});

Deno.test("percentFormat() does not read formats inside arguments", () => {
  assert.equal(percentFormat("%s", ["%s %d $& %(x)s"]), "%s %d $& %(x)s");
});

Deno.test("percentFormat() formats as before after many other formats", () => {
  const format = "%(a)s|%(b)5d";
  assert.equal(percentFormat(format, { a: "x", b: 1 }), "x|    1");
  for (let i = 0; i < 1000; i++) assert.equal(percentFormat(`${i} %s`, [i]), `${i} ${i}`);
  assert.equal(percentFormat(format, { a: "y", b: 2 }), "y|    2");
});
