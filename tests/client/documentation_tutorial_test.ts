// What the tutorial "Python Request: Get & Post HTTP & JSON" says about requests, section by section. Where it shows output,
// the test expects it.
import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "../../server/mod.ts";
import { patternBytes, type TempTree, tempTree } from "../helpers/temp_tree.ts";
import { httpbin, type Seen } from "./httpbin.ts";

const PAGE = "\r\n\r\n<!DOCTYPE html>\r\n<html><head><title>Ünïcode</title></head>\r\n<body>dog</body></html>\r\n";

/** A site with a page, an image and JSON, whose server calls itself Apache. */
async function site(): Promise<{ readonly origin: string; readonly place: TempTree } & AsyncDisposable> {
  const place = await tempTree({
    "index.html": PAGE,
    "dog.png": patternBytes(70_000),
    "dog.json": '{"breed": ["hound"]}',
  });
  class Apache extends SimpleHTTPRequestHandler {
    override versionString(): string {
      return "Apache";
    }
    override logMessage(): void {}
  }
  const server = new ThreadingHTTPServer(
    ["127.0.0.1", 0],
    (request, address, owner) => new Apache(request, address, owner, { directory: place.path }),
  );
  const serving = server.serveForever();
  return {
    origin: `http://127.0.0.1:${server.serverPort}`,
    place,
    async [Symbol.asyncDispose]() {
      await server.serverClose();
      await serving;
      await place[Symbol.asyncDispose]();
    },
  };
}

Deno.test("the response from the server is the status code with the requested content", async () => {
  await using server = await site();
  const r = await requests.get(server.origin);
  assert.equal(r.statusCode, 200);
  assert.equal(r.text, PAGE);
});

Deno.test("you can retrieve the data by using requests.get('specific_url'), and r is the response object", async () => {
  await using server = await site();
  const r = await requests.get(server.origin);
  assert.ok(r instanceof requests.Response);
  assert.equal(String(r), "<Response [200]>");
});

Deno.test("the status code is 200 which is OK, and a request is successful; 404 is Not Found", async () => {
  await using server = await site();
  const found = await requests.get(server.origin);
  assert.deepEqual([found.statusCode, found.reason, found.ok], [200, "OK", true]);
  assert.equal(found.statusCode, requests.codes.ok);
  const missing = await requests.get(`${server.origin}/cat.html`);
  assert.deepEqual([missing.statusCode, missing.reason, missing.ok], [404, "Not Found", false]);
  assert.equal(missing.statusCode, requests.codes.not_found);
});

Deno.test("you can view the response headers by using .headers: the server name, content type, encoding", async () => {
  await using server = await site();
  const r = await requests.get(server.origin);
  assert.equal(r.headers.get("Server"), "Apache");
  assert.equal(r.headers.get("Content-Type"), "text/html; charset=utf-8");
  assert.equal(r.encoding, "utf-8");
  for (const name of ["date", "last-modified", "content-length"]) assert.ok(r.headers.has(name), name);
});

Deno.test("content-type is case insensitive, and Content-Type would also give the same result", async () => {
  await using server = await site();
  const r = await requests.get(server.origin);
  assert.ok(r.headers.has("content-type"));
  assert.equal(r.headers.get("content-type"), r.headers.get("Content-Type"));
});

Deno.test("you can get the HTML text of a page by using r.text, decoded automatically and in a Unicode form", async () => {
  await using server = await site();
  const r = await requests.get(`${server.origin}/index.html`);
  assert.equal(r.text, PAGE);
  assert.equal(r.content.length, new TextEncoder().encode(PAGE).length);
});

Deno.test("you can get an entire page of HTML, as it came: '\\r\\n\\r\\n…'", async () => {
  await using server = await site();
  const r = await requests.get(server.origin);
  assert.ok(r.text.startsWith("\r\n\r\n<!DOCTYPE html>"));
  assert.equal(/<title>(.*)<\/title>/.exec(r.text)?.[1], "Ünïcode");
});

Deno.test("downloading and saving an image using the Request Module", async () => {
  await using server = await site();
  const saved = `${server.place.path}/saved.png`;
  const r = await requests.get(`${server.origin}/dog.png`);
  assert.equal(r.headers.get("content-type"), "image/png");
  await Deno.writeFile(saved, r.content);
  assert.deepEqual(await Deno.readFile(saved), patternBytes(70_000));
  // Without having it in memory.
  await using streamed = await requests.get(`${server.origin}/dog.png`, { stream: true });
  {
    using file = await Deno.create(saved);
    const writer = file.writable.getWriter();
    for await (const chunk of streamed.iterContent(8192)) await writer.write(chunk);
    await writer.close();
  }
  assert.deepEqual(await Deno.readFile(saved), patternBytes(70_000));
});

Deno.test("passing argument in the request", async () => {
  await using server = httpbin();
  const payload = { key1: "value1", key2: ["value2", "value3"], none: null };
  const r = await requests.get(`${server.origin}/get`, { params: payload });
  assert.equal(r.url, `${server.origin}/get?key1=value1&key2=value2&key2=value3`);
  assert.deepEqual(r.json<Seen>().args, { key1: "value1", key2: ["value2", "value3"] });
});

Deno.test("a 'post' request to post the data to a particular route", async () => {
  await using server = httpbin();
  const form = (await requests.post(`${server.origin}/post`, { data: { name: "Zoë", tags: ["a", "b"] } })).json<Seen>();
  assert.equal(form.url, "/post");
  assert.equal(form.headers["content-type"], "application/x-www-form-urlencoded");
  assert.deepEqual(form.form, { name: "Zoë", tags: ["a", "b"] });
  const json = (await requests.post(`${server.origin}/post`, { json: { name: "Zoë" } })).json<Seen>();
  assert.equal(json.headers["content-type"], "application/json");
  assert.deepEqual(json.json, { name: "Zoë" });
});

Deno.test("obtain a JSON response to do a more dynamic operation", async () => {
  await using server = await site();
  const dog = (await requests.get(`${server.origin}/dog.json`)).json<{ breed: string[] }>();
  assert.deepEqual(dog.breed, ["hound"]);
  const page = await requests.get(server.origin);
  assert.throws(() => page.json(), requests.JSONDecodeError);
});
