// What the documentation of requests says about encodings and about the verbs of HTTP, with a small GitHub to try them on.
// One test for each step; where this port differs on purpose the test holds it to what it does here, and says so.
import assert from "node:assert/strict";
import { codes, get, HTTPBasicAuth, NotSupportedError, request } from "../../client/mod.ts";
import * as requests from "../../client/mod.ts";
import { type Comment, COMMIT, type Commit, github } from "./github.ts";
import { httpbin, type Seen } from "./httpbin.ts";
import { ok, RawServer } from "./raw_server.ts";

/** A response with some bytes and, perhaps, a Content-Type; its text is what was guessed. */
async function received(bytes: Uint8Array, contentType: string | null): Promise<requests.Response> {
  const fields = contentType === null ? "" : `Content-Type: ${contentType}\r\n`;
  await using server = new RawServer(() => ok(String.fromCharCode(...bytes), fields));
  return await get(server.origin);
}

// Compliance: Encodings

Deno.test("Requests will first check for an encoding in the HTTP header", async () => {
  const r = await received(Uint8Array.of(0xcf, 0xf0, 0xe8), "text/plain; charset=windows-1251");
  assert.equal(r.encoding, "windows-1251");
  assert.equal(r.text, "При");
});

Deno.test("and if none is present, will use chardet to attempt to guess the encoding", async () => {
  const text =
    "Когда сервер не говорит, в какой кодировке он отвечает, её приходится угадывать по частоте букв в тексте.";
  // windows-1251.
  const byte = (char: string) =>
    char === "ё" ? 0xb8 : char > "\x7f" ? char.charCodeAt(0) - 0x410 + 0xc0 : char.charCodeAt(0);
  const r = await received(Uint8Array.from(text, byte), "application/xml");
  assert.equal(r.encoding, null);
  assert.match(r.apparentEncoding ?? "", /1251/);
  assert.equal(r.text, text);
  assert.equal((await received(new TextEncoder().encode(text), null)).text, text);
});

Deno.test("the only time Requests will not guess: no explicit charset, and the Content-Type contains text: ISO-8859-1", async () => {
  const r = await received(new TextEncoder().encode("ü\x80"), "text/html");
  assert.equal(r.encoding, "ISO-8859-1");
  // Each byte is the character of its number, also 0x80 to 0x9F.
  assert.equal(r.text, "\u00c3\u00bc\u00c2\u0080");
});

Deno.test("if you require a different encoding, set the Response.encoding property, or use the raw Response.content", async () => {
  const bytes = new TextEncoder().encode("grün");
  const r = await received(bytes, "text/html");
  assert.notEqual(r.text, "grün");
  r.encoding = "utf-8";
  assert.equal(r.text, "grün");
  r.encoding = null;
  assert.equal(r.text, "grün");
  assert.deepEqual(r.content, bytes);
});

// HTTP Verbs

const auth = new HTTPBasicAuth("fake@example.com", "not_a_real_password");

Deno.test("Requests provides access to almost the full range of HTTP verbs: GET, OPTIONS, HEAD, POST, PUT, PATCH and DELETE", async () => {
  await using server = httpbin();
  for (const verb of ["get", "options", "head", "post", "put", "patch", "delete"] as const) {
    const r = await requests[verb](`${server.origin}/anything`);
    assert.equal(r.statusCode, 200);
    assert.equal(r.request?.method, verb.toUpperCase());
    if (verb !== "options" && verb !== "head") assert.equal(r.json<Seen>().method, verb.toUpperCase());
  }
});

Deno.test("GET: information about a specific commit from GitHub; confirm that GitHub responded correctly", async () => {
  await using server = github();
  const r = await get(`${server.repo}/git/commits/a050faf`);
  assert.equal(r.statusCode, codes.ok);
  assert.equal(r.headers.get("content-type"), "application/json; charset=utf-8");
});

Deno.test("GitHub returns JSON; we can use the r.json method to parse it into Python objects", async () => {
  await using server = github();
  const commitData = (await get(`${server.repo}/git/commits/a050faf`)).json<Commit>();
  assert.deepEqual(Object.keys(commitData), ["committer", "author", "url", "tree", "sha", "parents", "message"]);
  assert.deepEqual(commitData.committer, COMMIT.committer);
  assert.equal(commitData.message, "makin' history");
});

Deno.test("OPTIONS: GitHub, like many API providers, doesn't actually implement it: 500", async () => {
  await using server = github();
  const verbs = await requests.options(`${server.repo}/git/commits/a050faf`);
  assert.equal(verbs.statusCode, 500);
  assert.equal(verbs.ok, false);
});

Deno.test("OPTIONS: if implemented, they should return the allowed methods in the headers", async () => {
  await using server = github();
  const verbs = await requests.options(`${server.origin}/a-good-website/api/cats`);
  assert.equal(verbs.headers.get("allow"), "GET,HEAD,POST,OPTIONS");
});

Deno.test("the Issues feature of GitHub: the issue, and the last of its comments", async () => {
  await using server = github();
  let r = await get(`${server.repo}/issues/482`);
  assert.equal(r.statusCode, 200);
  const issue = r.json<{ title: string; comments: number }>();
  assert.deepEqual([issue.title, issue.comments], ["Feature any http verb in docs", 3]);
  r = await get(`${r.url}/comments`);
  assert.equal(r.statusCode, 200);
  const comments = r.json<Comment[]>();
  assert.deepEqual(Object.keys(comments[0]!), ["body", "url", "created_at", "updated_at", "user", "id"]);
  assert.equal(comments[2]!.body, 'Probably in the "advanced" section');
  assert.equal(comments[2]!.user.login, "kennethreitz");
});

Deno.test("POST to the thread: we probably need to authenticate; Requests makes it easy to use Basic Auth", async () => {
  await using server = github();
  const body = JSON.stringify({ body: "Sounds great! I'll get right on it!" });
  const url = `${server.repo}/issues/482/comments`;
  let r = await requests.post(url, { data: body });
  assert.equal(r.statusCode, 404);
  r = await requests.post(url, { data: body, auth });
  assert.equal(r.statusCode, 201);
  assert.equal(r.json<Comment>().body, "Sounds great! I'll get right on it!");
  assert.equal(r.json<Comment>().id, 5804413);
});

Deno.test("GitHub allows us to use another HTTP verb, PATCH, to edit this comment", async () => {
  await using server = github();
  const url = `${server.repo}/issues/comments/3`;
  const body = JSON.stringify({ body: "Sounds great! I'll get right on it once I feed my cat." });
  const r = await requests.patch(url, { data: body, auth });
  assert.equal(r.statusCode, 200);
  const comments = (await get(`${server.repo}/issues/482/comments`)).json<Comment[]>();
  assert.equal(comments[2]!.body, "Sounds great! I'll get right on it once I feed my cat.");
});

Deno.test("GitHub lets us delete comments using the incredibly aptly named DELETE method", async () => {
  await using server = github();
  const r = await requests.delete(`${server.repo}/issues/comments/3`, { auth });
  assert.equal(r.statusCode, 204);
  assert.equal(r.headers.get("status"), "204 No Content");
  assert.equal(r.content.length, 0);
  assert.equal((await get(`${server.repo}/issues/482/comments`)).json<Comment[]>().length, 2);
});

Deno.test("rather than download the whole page I'll send a HEAD request to get the headers", async () => {
  await using server = github();
  const r = await requests.head(`${server.repo}/issues/482`, { auth });
  assert.equal(r.headers.get("x-ratelimit-remaining"), "4995");
  assert.equal(r.headers.get("x-ratelimit-limit"), "5000");
  assert.equal(r.content.length, 0);
});

// Custom Verbs

Deno.test("verbs not covered above can still be used with the built-in .request method: MKCOL", async () => {
  await using server = httpbin();
  const r = await request("MKCOL", `${server.origin}/anything`, { data: "data" });
  assert.equal(r.statusCode, 200);
  assert.deepEqual([r.json<Seen>().method, r.json<Seen>().data], ["MKCOL", "data"]);
});

Deno.test("utilising this, you can make use of any method verb that your server allows", async () => {
  await using server = httpbin();
  for (const verb of ["SPAM", "spam"]) assert.equal((await request(verb, server.origin)).json<Seen>().method, "SPAM");
  assert.equal((await request("UNKNOWN", server.origin)).statusCode, 501);
  await using echo = new RawServer(({ head }) => ok(head.split("\r\n")[0]));
  assert.equal((await request("TRACE", `${echo.origin}/a`)).text, "TRACE /a HTTP/1.1");
  // All but this, which would make a tunnel of the connection.
  await assert.rejects(request("CONNECT", echo.origin), (error) => {
    assert.ok(error instanceof NotSupportedError);
    assert.equal(error.option, "method");
    return true;
  });
  assert.equal(echo.requests.length, 1);
});
