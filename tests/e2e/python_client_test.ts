import assert from "node:assert/strict";
import { tempTree } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { run, testWith } from "./program.ts";

const tree = () => tempTree({ "a.txt": "alpha\n", "letters.txt": "abcdefghijklmnopqrstuvwxyz", "sub/b.txt": "beta\n" });

async function python(script: string, ...args: string[]): Promise<unknown> {
  return JSON.parse((await run("python3", "-c", script, ...args)).text);
}

testWith("python3", "Python's http.client asks several times over one connection", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const script = `
import http.client, json, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=10)
answers = []
def ask(method, path, headers={}):
    connection.request(method, path, headers=headers)
    response = connection.getresponse()
    answers.append([response.status, response.reason, response.read().decode()])
ask("GET", "/a.txt")
first = connection.sock
ask("HEAD", "/letters.txt")
ask("GET", "/letters.txt", {"Range": "bytes=3-5"})
ask("GET", "/letters.txt", {"If-Modified-Since": "Fri, 01 Jan 2100 00:00:00 GMT"})
ask("GET", "/sub")
kept = connection.sock is first
ask("HEAD", "/missing")
ask("GET", "/missing")
answers[-1][2] = "Error code: 404" in answers[-1][2]
ask("GET", "/sub/b.txt")
print(json.dumps([kept, answers]))
`;
  assert.deepEqual(await python(script, String(cli.port)), [true, [
    [200, "OK", "alpha\n"],
    [200, "OK", ""],
    [206, "Partial Content", "def"],
    [304, "Not Modified", ""],
    [301, "Moved Permanently", ""],
    [404, "Not Found", ""],
    [404, "Not Found", true],
    [200, "OK", "beta\n"],
  ]]);
});

testWith("python3", "Python's urllib follows the redirect of a folder and reads its listing", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const script = `
import json, sys, urllib.request
with urllib.request.urlopen(sys.argv[1] + "/sub", timeout=10) as response:
    print(json.dumps([response.url, response.headers.get_content_type(), "b.txt" in response.read().decode()]))
`;
  assert.deepEqual(await python(script, cli.url), [`${cli.url}/sub/`, "text/html", true]);
});

testWith("python3", "Python's urllib reads a range, and raises for a missing file", async () => {
  await using files = await tree();
  await using cli = await startCli(["--bind", "127.0.0.1", "--directory", files.path]);
  const script = `
import json, sys, urllib.error, urllib.request
request = urllib.request.Request(sys.argv[1] + "/letters.txt", headers={"Range": "bytes=-3"})
with urllib.request.urlopen(request, timeout=10) as response:
    answer = [response.status, response.headers["Content-Range"], response.read().decode()]
try:
    urllib.request.urlopen(sys.argv[1] + "/missing", timeout=10)
except urllib.error.HTTPError as error:
    answer.append(error.code)
    error.close()
print(json.dumps(answer))
`;
  assert.deepEqual(await python(script, cli.url), [206, "bytes 23-25/26", "xyz", 404]);
});
