import assert from "node:assert/strict";
import { Placeholders } from "./placeholders.ts";

const PLACEHOLDERS = new Placeholders({ A: 4321, B: 43210, PROXY: 8080, DEAD: 9 });

Deno.test("Placeholders fill every form of an address in", () => {
  const forms = [
    ["{A}/x", "http://127.0.0.1:4321/x"],
    ["//{B_HOST}", "//127.0.0.1:43210"],
    ["{A_LOCALHOST}", "http://localhost:4321"],
    ["{PROXY_LOCALHOST_HOST}", "localhost:8080"],
    ["{DEAD_PORT}", "9"],
    ["{A}{C}{a}{A_}{}", "http://127.0.0.1:4321{C}{a}{A_}{}"],
  ];
  for (const [text, filled] of forms) assert.equal(PLACEHOLDERS.fillText(text!), filled);
});

Deno.test("Placeholders reach the names and values of a whole document, but not base64", () => {
  const json = { "{A}": ["{B_PORT}", 1, null, true], "x": { "b64": "{A}" } };
  const filled = { "http://127.0.0.1:4321": ["43210", 1, null, true], "x": { "b64": "{A}" } };
  assert.deepEqual(PLACEHOLDERS.fill(json), filled);
  assert.deepEqual(PLACEHOLDERS.restore({ "http://localhost:8080": "127.0.0.1:9" }), {
    "{PROXY_LOCALHOST}": "{DEAD_HOST}",
  });
});

Deno.test("Placeholders are put back longest first, and never in the middle of a number", () => {
  const texts = [
    ["http://127.0.0.1:4321/a http://127.0.0.1:43210/b", "{A}/a {B}/b"],
    ["http://u:p@127.0.0.1:4321/", "http://u:p@{A_HOST}/"],
    ["http://other.test:4321/", "http://other.test:{A_PORT}/"],
    ["http://localhost:43210", "{B_LOCALHOST}"],
    ["127.0.0.1:432101", "127.0.0.1:432101"],
    ["4321", "4321"],
  ];
  for (const [text, restored] of texts) assert.equal(PLACEHOLDERS.restoreText(text!), restored);
});

Deno.test("Placeholders leave the default port of an http address out", () => {
  const texts = [
    ["http://shop.test:80/a", "http://shop.test/a"],
    ["http://u:80@shop.test:80?q", "http://u:80@shop.test?q"],
    ["http://shop.test:80", "http://shop.test"],
    ["http://shop.test:8080/a", "http://shop.test:{PROXY_PORT}/a"],
    ["https://shop.test:80/a", "https://shop.test:80/a"],
    ["shop.test:80", "shop.test:80"],
  ];
  for (const [text, restored] of texts) assert.equal(PLACEHOLDERS.restoreText(text!), restored);
});
