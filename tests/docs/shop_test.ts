import assert from "node:assert/strict";
import { get, SSLError } from "../../client/mod.ts";
import { shop } from "./shop.ts";

Deno.test("shop() greets clients by their certificate, and is trusted with ca.pem alone", async () => {
  await using server = await shop();
  await assert.rejects(get(`${server}/`), SSLError);
  const verify = `${server.files}/ca.pem`;
  assert.equal((await get(`${server}/`, { verify })).text, "hello stranger");
  const cert = [`${server.files}/client.cert`, `${server.files}/client.key`] as const;
  assert.equal((await get(`${server}/`, { verify, cert })).text, "hello httpkit test client");
});
