import assert from "node:assert/strict";
import { patternBytes, tempTree } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { run, testWith } from "./program.ts";

const LARGE = patternBytes(3_000_000);

const tree = () =>
  tempTree({
    "letters.txt": "abcdefghijklmnopqrstuvwxyz",
    "large.bin": LARGE,
    "long.txt": "some text ".repeat(500),
    "sub/a.txt": "a",
    "%41.txt": "percent",
  });

testWith("curl", "curl gets a file, its head, and what a redirect leads to", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  assert.deepEqual((await run("curl", "-sS", `${cli.url}/large.bin`)).stdout, LARGE);
  // wget decodes this name twice, so that its mirror cannot tell.
  assert.equal((await run("curl", "-sS", `${cli.url}/%2541.txt`)).text, "percent");
  const head = (await run("curl", "-sSI", `${cli.url}/letters.txt`)).text;
  assert.match(head, /^HTTP\/1\.1 200 OK\r\n/);
  assert.match(head, /^content-length: 26\r$/im);
  assert.match(head, /^accept-ranges: bytes\r$/im);
  assert.match((await run("curl", "-sSL", `${cli.url}/sub`)).text, /<a href="a\.txt">a\.txt<\/a>/);
});

testWith("curl", "curl -r gets one range, and several as multipart/byteranges", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  assert.equal((await run("curl", "-sS", "-r", "2-5", `${cli.url}/letters.txt`)).text, "cdef");
  assert.equal((await run("curl", "-sS", "-r", "-3", `${cli.url}/letters.txt`)).text, "xyz");
  assert.deepEqual(
    (await run("curl", "-sS", "-r", "1000-999999", `${cli.url}/large.bin`)).stdout,
    LARGE.slice(1000, 1_000_000),
  );
  const parts = (await run("curl", "-sSi", "-r", "0-1,24-25", `${cli.url}/letters.txt`)).text;
  assert.match(parts, /^HTTP\/1\.1 206 /);
  const boundary = /multipart\/byteranges; boundary=(\S+)/.exec(parts)![1]!;
  const pieces = parts.slice(parts.indexOf("\r\n\r\n") + 4).split(`--${boundary}`);
  assert.equal(pieces.at(-1), "--\r\n");
  assert.deepEqual(pieces.slice(1, -1), [
    "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 0-1/26\r\n\r\nab\r\n",
    "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes 24-25/26\r\n\r\nyz\r\n",
  ]);
});

testWith("curl", "curl -C - resumes a download that was cut", async () => {
  await using files = await tree();
  await using copy = await tempTree({ "copy.bin": LARGE.slice(0, 1_234_567) });
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const args = ["-sS", "-C", "-", "-o", `${copy.path}/copy.bin`, "-w", "%{http_code} %{size_download}"];
  const { text } = await run("curl", ...args, `${cli.url}/large.bin`);
  assert.equal(text, `206 ${LARGE.length - 1_234_567}`);
  assert.deepEqual(await Deno.readFile(`${copy.path}/copy.bin`), LARGE);
});

testWith("curl", "curl --compressed gets a coded body and the same text", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const args = ["-sS", "--compressed", "-H", "Accept-Encoding: gzip"];
  assert.equal((await run("curl", ...args, `${cli.url}/long.txt`)).text, "some text ".repeat(500));
  const head = (await run("curl", ...args, "-D", "-", "-o", "/dev/null", `${cli.url}/long.txt`)).text;
  assert.match(head, /^content-encoding: gzip\r$/im);
  assert.match(head, /^vary: accept-encoding\r$/im);
});

testWith("curl", "curl -z and --etag-compare get 304 for what they have", async () => {
  await using files = await tree();
  await using tags = await tempTree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const url = `${cli.url}/letters.txt`;
  const status = async (...args: string[]) =>
    (await run("curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", ...args, url)).text;
  assert.equal(await status("--etag-save", `${tags.path}/tag`), "200");
  assert.equal(await status("--etag-compare", `${tags.path}/tag`), "304");
  assert.equal(await status("-z", "Fri, 01 Jan 2100 00:00:00 GMT"), "304");
});

testWith("curl", "curl speaks HTTP/2 on the same port", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const get = async (path: string) => (await run("curl", "-sSi", "--http2-prior-knowledge", cli.url + path)).text;
  assert.match(await get("/letters.txt"), /^HTTP\/2 200[^]*xyz$/);
  assert.match(await get("/missing"), /^HTTP\/2 404/);
});
