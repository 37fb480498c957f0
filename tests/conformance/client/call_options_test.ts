import assert from "node:assert/strict";
import { RequestsCookieJar, Response } from "../../../client/mod.ts";
import { buildSession } from "./build_session.ts";
import { makeHooks, makeJar, makeOptions } from "./call_options.ts";
import { CaseValues } from "./case_values.ts";
import { showJar, toJson } from "./show_values.ts";

const COOKIES = [
  { name: "b", value: "2", domain: "shop.test", path: "/", expires: 4102444800, secure: true },
  { name: "a", value: "1", domain: "shop.test", path: "/" },
];
const SHOWN = [
  { name: "a", value: "1", domain: "shop.test", path: "/", secure: false, session: true },
  { name: "b", value: "2", domain: "shop.test", path: "/", secure: true, session: false },
];

Deno.test("makeOptions() spells names in camelCase and makes the values", async () => {
  await using values = new CaseValues();
  const options = makeOptions({ allow_redirects: false, data: { b64: "/w==" }, timeout: [1, null] }, values, []);
  assert.deepEqual(options, { allowRedirects: false, data: Uint8Array.of(255), timeout: [1, null] });
});

Deno.test("makeOptions() makes a jar of a list of cookies, and leaves an object of them alone", async () => {
  await using values = new CaseValues();
  const { cookies } = makeOptions({ cookies: COOKIES }, values, []);
  assert.ok(cookies instanceof RequestsCookieJar);
  assert.deepEqual(showJar(cookies), SHOWN);
  assert.deepEqual(makeOptions({ cookies: { a: "1" } }, values, []), { cookies: { a: "1" } });
});

Deno.test("makeJar() refuses what it does not know", () => {
  assert.throws(() => makeJar([{ ...COOKIES[0], port: 80 }]), /unknown key: "port"/);
});

Deno.test("makeHooks() makes hooks that log and set the encoding", async () => {
  const log: string[] = [];
  const [first, second] = makeHooks([{ log: "x" }, { set_encoding: "cp1251" }], log);
  const response = new Response({ statusCode: 418 });
  assert.equal(await first!(response, {}), undefined);
  assert.equal(await second!(response, {}), undefined);
  assert.deepEqual([log, response.encoding], [["x 418"], "cp1251"]);
});

Deno.test("buildSession() applies every setting", async () => {
  await using values = new CaseValues();
  const settings = {
    headers: { "X-One": "1", "Accept": null },
    params: { p: "1" },
    auth: ["u", "p"],
    cookies: COOKIES,
    proxies: { http: "http://proxy.test:1" },
    max_redirects: 3,
    stream: true,
    hooks: [{ log: "x" }],
  };
  await using session = buildSession(settings, values, []);
  assert.equal(session.headers.get("x-one"), "1");
  assert.equal(session.headers.get("accept"), null);
  assert.deepEqual(session.params, { p: "1" });
  assert.deepEqual(session.auth, ["u", "p"]);
  assert.deepEqual(showJar(session.cookies), SHOWN);
  assert.deepEqual(session.proxies, { http: "http://proxy.test:1" });
  assert.deepEqual([session.maxRedirects, session.stream, session.trustEnv], [3, true, false]);
  assert.equal(session.hooks.response.length, 1);
  await using trusting = buildSession({ trust_env: true, cookies: { a: "1" } }, values, []);
  assert.equal(trusting.trustEnv, true);
  assert.deepEqual(trusting.cookies.getDict(), { a: "1" });
});

Deno.test("toJson() refuses what JSON lacks", () => {
  assert.deepEqual(toJson({ a: [1, null, "x", true] }), { a: [1, null, "x", true] });
  for (const value of [undefined, NaN, 1n, () => {}]) assert.throws(() => toJson(value), /no JSON value/);
});
