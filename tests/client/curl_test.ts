import assert from "node:assert/strict";
import { type CurlRequest, formatCurl } from "../../client/_curl.ts";
import { toContent } from "../../client/_content.ts";

const URL_ = "http://h/a";
const NEITHER = ["-H", "User-Agent:", "-H", "Accept:"];
const utf8 = (text: string) => new TextEncoder().encode(text);

function command(parts: Partial<CurlRequest>): string {
  return formatCurl({ method: "GET", url: URL_, headers: [], body: null, ...parts });
}

/** What a POSIX shell makes of the command: the arguments of curl, and its standard input. */
async function run(line: string): Promise<{ readonly args: string[]; readonly input: Uint8Array }> {
  const script = `curl() { printf '%s\\0' "$@"; printf '\\0'; cat; }\n${line}`;
  const { stdout, success } = await new Deno.Command("sh", { args: ["-c", script], stdin: "null" }).output();
  assert(success);
  const end = stdout.findIndex((byte, i) => byte === 0 && stdout[i + 1] === 0);
  return { args: new TextDecoder().decode(stdout.subarray(0, end)).split("\0"), input: stdout.subarray(end + 2) };
}

const needsShell = { ignore: Deno.build.os === "windows" };
const nasty = 'it\'s $(id) `id` "x" \\ !! \n%s ü☃';

const CASES: readonly (readonly [name: string, parts: Partial<CurlRequest>, args: readonly string[]])[] = [
  ["a plain GET", {}, [...NEITHER, URL_]],
  ["HEAD", { method: "HEAD" }, ["--head", ...NEITHER, URL_]],
  ["POST without a body", { method: "POST", headers: [["Content-Length", "0"]] }, [
    "-X",
    "POST",
    "-H",
    "Content-Length: 0",
    ...NEITHER,
    URL_,
  ]],
  ["GET with a body", { body: utf8("x") }, ["-X", "GET", ...NEITHER, "-H", "Content-Type:", "--data-raw", "x", URL_]],
  ["a body and headers that need quotes", {
    method: "POST",
    url: "http://h/?a='b'&c=$d",
    headers: [["X-A", "it's $HOME"], ["X-Empty", ""], ["content-type", "a/b"], ["Content-Length", "9"]],
    body: utf8(nasty),
  }, [
    "-X",
    "POST",
    "-H",
    "X-A: it's $HOME",
    "-H",
    "X-Empty;",
    "-H",
    "content-type: a/b",
    ...NEITHER,
    "--data-raw",
    nasty,
    "http://h/?a='b'&c=$d",
  ]],
  ["a body that looks like a file name", { body: utf8("@/etc/passwd") }, [
    "-X",
    "GET",
    ...NEITHER,
    "-H",
    "Content-Type:",
    "--data-raw",
    "@/etc/passwd",
    URL_,
  ]],
  ["a compressed response", { headers: [["Accept-Encoding", "gzip"]] }, [
    "--compressed",
    "-H",
    "Accept-Encoding: gzip",
    ...NEITHER,
    URL_,
  ]],
  ["own Accept and User-Agent", { headers: [["accept", "*/*"], ["user-agent", "me"]] }, [
    "-H",
    "accept: */*",
    "-H",
    "user-agent: me",
    URL_,
  ]],
  ["an IPv6 host", { url: "http://[::1]/" }, [...NEITHER, "http://[::1]/"]],
  ["what curl would expand", { url: "http://h/{a}" }, ["--globoff", ...NEITHER, "http://h/{a}"]],
];
for (const [name, parts, args] of CASES) {
  Deno.test({
    name: `formatCurl() writes ${name}`,
    ...needsShell,
    fn: async () => assert.deepEqual((await run(command(parts))).args, args),
  });
}

Deno.test({
  name: "formatCurl() pipes bytes that no argument can hold",
  ...needsShell,
  async fn() {
    const all = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    for (const body of [all, utf8("-n\0%d %%"), Uint8Array.of(0xff, 0x31)]) {
      const { args, input } = await run(command({ method: "PUT", body }));
      assert.deepEqual(args.slice(-3), ["--data-binary", "@-", URL_]);
      assert.deepEqual(input, body);
    }
  },
});

Deno.test("formatCurl() reads a stream from standard input, in chunks if it is sent so", () => {
  const body = toContent(["x"].values(), () => assert.fail());
  const line = command({ method: "POST", headers: [["Transfer-Encoding", "chunked"]], body });
  assert.equal(
    line,
    "curl -X POST -H 'Transfer-Encoding: chunked' -H User-Agent: -H Accept: -H Content-Type: --data-binary @- http://h/a",
  );
});
