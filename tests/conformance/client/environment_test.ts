import assert from "node:assert/strict";
import { needsOwnProcess, plainEnvironment } from "./environment.ts";

const PROXIED = { HTTP_PROXY: "http://a.test", no_proxy: "b.test", PROXY: "c", PATH: "/bin" };

Deno.test("plainEnvironment() leaves proxy variables out", () => {
  assert.deepEqual(plainEnvironment(PROXIED), { PROXY: "c", PATH: "/bin" });
});

Deno.test("needsOwnProcess() holds for whatever looks at the environment, and where that names proxies", () => {
  const plain = { env: {}, netrc: undefined, session: {} };
  assert.equal(needsOwnProcess(plain, { PATH: "/bin" }), false);
  assert.equal(needsOwnProcess({ ...plain, session: { trust_env: false } }, {}), false);
  assert.equal(needsOwnProcess(plain, PROXIED), true);
  assert.equal(needsOwnProcess({ ...plain, env: { A: "1" } }, {}), true);
  assert.equal(needsOwnProcess({ ...plain, netrc: "" }, {}), true);
  assert.equal(needsOwnProcess({ ...plain, session: { trust_env: true } }, {}), true);
});
