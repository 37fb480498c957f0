import assert from "node:assert/strict";
import { parseCases } from "./case_format.ts";
import { playCase } from "./play_case.ts";
import type { Outcome } from "./play_here.ts";

/** Plays a case made of these fields and answers everything with its path. */
async function play(fields: Record<string, unknown>): Promise<Outcome> {
  const expect = { steps: [], ...("wire" in fields ? { wire: [] } : {}) };
  const [conformanceCase] = parseCases([{ id: "t/x", about: "x", server: [{ path: "*" }], expect, ...fields }]);
  return await playCase(conformanceCase!);
}

const GET = { method: "GET", url: "{A}/x" };

Deno.test("playCase() collects one result a step and puts the placeholders back", async () => {
  const { steps, wire, errors } = await play({
    server: [{ path: "/b", headers: [["X-Where", "{B}"]], body: "at {A_HOST}" }],
    steps: [{ ...GET, url: "{A}/b" }, GET],
    observe: ["status_code", "url", "text", "headers:x-where"],
    wire: { headers: ["host"], body: true },
  });
  assert.deepEqual(steps, [
    { "status_code": 200, "url": "{A}/b", "text": "at {A_HOST}", "headers:x-where": "{B}" },
    { "status_code": 404, "url": "{A}/x", "text": "no rule", "headers:x-where": null },
  ]);
  assert.deepEqual(wire, [
    { server: "A", method: "GET", target: "/b", headers: { host: "{A_HOST}" }, body: "" },
    { server: "A", method: "GET", target: "/x", headers: { host: "{A_HOST}" }, body: "" },
  ]);
  assert.deepEqual(errors, []);
});

Deno.test("playCase() goes on after a step that fails, and records only what remains", async () => {
  const { steps, errors } = await play({
    steps: [{ ...GET, url: "{DEAD}/a" }, GET],
    observe: ["status_code", "error:request", "error:response", "session_cookies", "hook_log"],
    error_is: ["ConnectionError", "Timeout", "ValueError"],
  });
  const session = { session_cookies: {}, hook_log: [] };
  assert.deepEqual(steps, [
    {
      "error": "ConnectionError",
      "error_is": { ConnectionError: true, Timeout: false },
      "error:request": "{DEAD}/a",
      "error:response": null,
      ...session,
    },
    { status_code: 200, ...session },
  ]);
  assert.equal(errors.length, 1);
});

Deno.test("playCase() shows nothing of a session that another case has had", async () => {
  const fields = {
    server: [{ path: "*", headers: [["Set-Cookie", "a=1"]] }],
    steps: [GET],
    observe: ["session_cookies"],
    wire: { headers: ["cookie"] },
  };
  assert.deepEqual(await play(fields), await play(fields));
});

Deno.test("playCase() logs hooks of the session and of the request, and sets encodings by them", async () => {
  const hooks = [{ log: "one" }, { set_encoding: "utf-8" }];
  const { steps } = await play({
    server: [{ path: "*", status: 201, headers: [["Content-Type", "text/plain"]], body: "é" }],
    session: { hooks },
    steps: [GET, { ...GET, options: { hooks: [{ log: "two" }] } }],
    observe: ["hook_log", "text"],
  });
  assert.deepEqual(steps, [
    { hook_log: ["one 201"], text: "é" },
    { hook_log: ["one 201", "two 201"], text: "Ã©" },
  ]);
});

Deno.test("playCase() edits a prepared request before it is sent", async () => {
  const edit = { method: "PUT", url: "{B}/y", headers: { "X-One": null, "X-Two": "2" } };
  const options = { headers: { "X-One": "1" }, allow_redirects: false };
  const { wire } = await play({
    steps: [{ ...GET, call: "send", options, edit }],
    wire: { headers: ["x-one", "x-two"] },
  });
  assert.deepEqual(wire, [
    { server: "B", method: "PUT", target: "/y", headers: { "x-one": null, "x-two": "2" } },
  ]);
});

Deno.test("playCase() prepares without sending", async () => {
  const { steps, wire } = await play({
    steps: [
      { ...GET, call: "prepare", method: "post", options: { data: { a: "b" }, params: { q: "1" } } },
      { ...GET, call: "prepare", options: { data: { chunks: ["a"] } } },
    ],
    observe: ["method", "url", "path_url", "body", "headers:content-length", "session_cookies"],
    wire: { headers: [] },
  });
  const rest = { session_cookies: {} };
  assert.deepEqual(steps, [
    {
      "method": "POST",
      "url": "{A}/x?q=1",
      "path_url": "/x?q=1",
      "body": "a=b",
      "headers:content-length": "3",
      ...rest,
    },
    { "method": "GET", "url": "{A}/x", "path_url": "/x", "body": "STREAM", "headers:content-length": null, ...rest },
  ]);
  assert.deepEqual(wire, []);
});

Deno.test("playCase() hands the environment and a netrc file to a session that trusts them", async () => {
  const fields = {
    netrc: "machine 127.0.0.1 login ann password {A_PORT}\n",
    env: { http_proxy: "{PROXY}" },
    steps: [{ ...GET, url: "{DEAD}/x" }],
    wire: { headers: ["authorization"] },
    observe: [],
    server: [{ path: "*", on: "PROXY" }],
  };
  const before = Deno.env.get("NETRC");
  const { wire } = await play({ ...fields, session: { trust_env: true } });
  const [{ server, headers }] = wire as [{ server: string; headers: { authorization: string } }];
  assert.equal(server, "PROXY");
  assert.match(atob(headers.authorization.replace("Basic ", "")), /^ann:\d+$/);
  assert.equal(Deno.env.get("NETRC"), before);
  const distrusting = await play({ ...fields, steps: [{ ...GET, url: "{A}/x" }] });
  assert.deepEqual(distrusting.wire, [{ server: "A", method: "GET", target: "/x", headers: { authorization: null } }]);
});

Deno.test("playCase() drops the default headers when the case says so", async () => {
  const step = { ...GET, call: "prepare" };
  const fields = { steps: [step], observe: ["headers:accept", "headers:x-one"] };
  const cleared = await play({ ...fields, session: { headers: { "X-One": "1" }, clear_headers: true } });
  assert.deepEqual(cleared.steps, [{ "headers:accept": null, "headers:x-one": "1" }]);
  const kept = await play({ ...fields, session: { headers: { "X-One": "1" } } });
  assert.deepEqual(kept.steps, [{ "headers:accept": "*/*", "headers:x-one": "1" }]);
});

Deno.test("playCase() carries the actions out in order, and goes on after one that raises", async () => {
  const { steps } = await play({
    server: [{ path: "*", status: 404, reason: "Not Found", body: "abc" }],
    steps: [{
      ...GET,
      options: { stream: true },
      then: [
        { iter_content: { chunk_size: 2, take: 1 } },
        "raise_for_status",
        "content",
        "next",
        "close",
      ],
    }, { ...GET, then: [{ iter_content: { chunk_size: 2, join: true } }, "json", "content"] }],
    observe: [],
  });
  const [streamed, read] = steps as [{ then: unknown[] }, { then: unknown[] }];
  assert.deepEqual(streamed.then.slice(0, 2), [
    [{ bytes: "ab" }],
    { error: "HTTPError", message: "404 Client Error: Not Found for url: {A}/x" },
  ]);
  assert.equal(typeof (streamed.then[2] as { error: string }).error, "string");
  assert.deepEqual(streamed.then.slice(3), [null, null]);
  assert.deepEqual(read.then, [{ bytes: "abc" }, { error: "JSONDecodeError" }, { bytes: "abc" }]);
});

Deno.test("playCase() fails when a case asks for what there is not", async () => {
  await assert.rejects(play({ steps: [GET], observe: ["path_url"] }), /Cannot observe "path_url" here/);
  await assert.rejects(play({ steps: [{ ...GET, call: "prepare" }], observe: ["text"] }), /Cannot observe "text" here/);
  await assert.rejects(play({ steps: [{ ...GET, options: { hooks: [{ sing: 1 }] } }] }), /no such hook/);
});
