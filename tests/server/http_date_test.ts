import assert from "node:assert/strict";
import { formatHttpDate, parseHttpDate } from "../../server/_http_date.ts";

const SECONDS = 784111777;

Deno.test("formatHttpDate() writes an IMF-fixdate", () => {
  assert.equal(formatHttpDate(new Date(SECONDS * 1000 + 999)), "Sun, 06 Nov 1994 08:49:37 GMT");
});

for (
  const text of [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 -0000",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
  ]
) Deno.test(`parseHttpDate() reads "${text}"`, () => assert.equal(parseHttpDate(text), SECONDS));

for (
  const text of [
    ...[
      "",
      "yesterday",
      "0",
      "Sun, 06 Nov 1994 08:49:37 +0100",
      "Sun, 06 Nov 1994 08:49:37",
      "Sun, 31 Feb 1994 08:49:37 GMT",
    ],
    ...[
      "Sun, 06 Nov 1994 24:49:37 GMT",
      "Sun, 06 Foo 1994 08:49:37 GMT",
      "06 Nov 1994 08:49:37 GMT",
      "1994-11-06T08:49:37Z",
    ],
    ...["Sun, 06 Nov 99999999999999 08:49:37 GMT", "sun, 06 nov 1994 08:49:37 gmt"],
  ]
) Deno.test(`parseHttpDate() ignores "${text}"`, () => assert.equal(parseHttpDate(text), null));

Deno.test("parseHttpDate() puts a two-digit year at most 50 years ahead", () => {
  const now = Date.UTC(2026, 0, 1);
  const year = (text: string) => new Date(parseHttpDate(text, now)! * 1000).getUTCFullYear();
  assert.equal(year("Monday, 06-Nov-76 08:49:37 GMT"), 2076);
  assert.equal(year("Monday, 06-Nov-77 08:49:37 GMT"), 1977);
});
