import assert from "node:assert/strict";
import { renderListing } from "../../server/_listing.ts";

const file = (name: string) => ({ name, isDirectory: false, isSymlink: false });

Deno.test("renderListing() has Python's title, marks and order", () => {
  const page = renderListing("/a b/", [
    file("beta"),
    file("Alpha"),
    { name: "dir", isDirectory: true, isSymlink: false },
    { name: "link", isDirectory: false, isSymlink: true },
    { name: "linkdir", isDirectory: true, isSymlink: true },
  ]);
  assert.match(page, /<title>Directory listing for \/a b\/<\/title>/);
  assert.match(page, /color-scheme: light dark/);
  assert.deepEqual([...page.matchAll(/<a href="([^"]*)">([^<]*)</g)].map(([, href, text]) => [href, text]), [
    ["../", "../"],
    ["Alpha", "Alpha"],
    ["beta", "beta"],
    ["dir/", "dir/"],
    ["link", "link@"],
    ["linkdir/", "linkdir@"],
  ]);
  assert.ok(!renderListing("/", []).includes("../"));
});

for (
  const [name, href, text] of [
    ["q?", "q%3F", "q?"],
    ["f#", "f%23", "f#"],
    ["&amp;", "%26amp%3B", "&amp;amp;"],
    ["<i>", "%3Ci%3E", "&lt;i&gt;"],
    ['"dq"', "%22dq%22", "&quot;dq&quot;"],
    ["'sq'", "%27sq%27", "&#x27;sq&#x27;"],
    ["%A4", "%25A4", "%A4"],
    ["javascript:x", "javascript%3Ax", "javascript:x"],
    ["new\nline\u202e", "new%0Aline%E2%80%AE", "new\\u000aline\\u202e"],
    ["\ud800", "%EF%BF%BD", "\ufffd"],
  ] as const
) {
  Deno.test(`renderListing() links and shows ${JSON.stringify(name)}`, () => {
    assert.ok(renderListing("/", [file(name)]).includes(`<li><a href="${href}">${text}</a></li>`));
  });
}
