import assert from "node:assert/strict";
import { isRunning, scriptTree, shell, until } from "../helpers/scripts.ts";
import { patternBytes } from "../helpers/temp_tree.ts";
import { startCli } from "./cli_process.ts";
import { run, testWith } from "./program.ts";

const HEAD = `printf 'Content-Type: application/octet-stream\\n\\n'`;
const SCRIPTS = ["--cgi", "--bind", "127.0.0.1"];

/** A script that hands its input back, in another language each. */
const ECHOES: Readonly<Record<string, string>> = {
  sh: shell(HEAD, "exec cat"),
  python3: [
    "#!/usr/bin/env python3",
    "import os, shutil, sys",
    "sys.stdout.write('Content-Type: application/octet-stream\\r\\n\\r\\n')",
    "sys.stdout.flush()",
    "shutil.copyfileobj(sys.stdin.buffer, sys.stdout.buffer)",
    "",
  ].join("\n"),
  perl: [
    "#!/usr/bin/perl",
    "use strict; use warnings;",
    "binmode STDIN; binmode STDOUT; $| = 1;",
    'print "Content-Type: application/octet-stream\\r\\n\\r\\n";',
    "my ($left, $piece) = ($ENV{CONTENT_LENGTH}, '');",
    "while ($left > 0 and my $n = read(STDIN, $piece, $left < 65536 ? $left : 65536)) { print $piece; $left -= $n }",
    "",
  ].join("\n"),
};

for (const [program, script] of Object.entries(ECHOES)) {
  testWith([program, "curl"], `curl posts 5 MiB through a script in ${program} and gets them back`, async () => {
    await using files = await scriptTree({ "cgi-bin/echo": script });
    const body = patternBytes(5 * 1024 * 1024);
    await Deno.writeFile(`${files.path}/body.bin`, body);
    await using cli = await startCli([...SCRIPTS, "-d", files.path], ["-A"]);
    const url = `${cli.url}/cgi-bin/echo`;
    const post = ["-sS", "--data-binary", `@${files.path}/body.bin`, "-H", "Expect:"];
    assert.deepEqual((await run("curl", ...post, url)).stdout, body);
    // Without a length on the wire the server finds it out.
    assert.deepEqual((await run("curl", ...post, "-H", "Transfer-Encoding: chunked", url)).stdout, body);
  });
}

testWith("curl", "a script that never ends is given up with 504, and ends when curl gives up first", async () => {
  await using files = await scriptTree({
    "cgi-bin/never.sh": shell("echo $$ > pid.txt", "sleep 1000 &", "wait"),
    "cgi-bin/drip.sh": shell("echo $$ > pid.txt", HEAD, "while :; do echo drip; sleep 0.05; done"),
  });
  const pidFile = `${files.path}/cgi-bin/pid.txt`;
  await Deno.writeTextFile(pidFile, "");
  await Deno.chmod(pidFile, 0o666);
  await using cli = await startCli([...SCRIPTS, "--cgi-timeout", "3", "-d", files.path], ["-A"]);
  const status = ["-sS", "-o", "/dev/null", "-w", "%{http_code}"];
  assert.equal((await run("curl", ...status, `${cli.url}/cgi-bin/never.sh`)).text, "504");
  assert.ok(!isRunning(Number(await Deno.readTextFile(pidFile))));

  for (const path of ["/cgi-bin/never.sh", "/cgi-bin/drip.sh"]) {
    await Deno.writeTextFile(pidFile, "");
    const curl = new Deno.Command("curl", {
      args: ["-sS", "-o", "/dev/null", `${cli.url}${path}`],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(async () => Number(await Deno.readTextFile(pidFile)) > 0);
    const pid = Number(await Deno.readTextFile(pidFile));
    assert.ok(isRunning(pid));
    curl.kill();
    await curl.status;
    await until(() => !isRunning(pid));
  }
});

testWith("curl", "the CLI ends its scripts when it ends", async () => {
  await using files = await scriptTree({ "cgi-bin/never.sh": shell("echo $$ > pid.txt", "exec sleep 1000") });
  const pidFile = `${files.path}/cgi-bin/pid.txt`;
  await Deno.writeTextFile(pidFile, "");
  await Deno.chmod(pidFile, 0o666);
  for (const workers of ["1", "2"]) {
    await Deno.writeTextFile(pidFile, "");
    const cli = await startCli([...SCRIPTS, "--grace", "0.2", "--workers", workers, "-d", files.path], ["-A"]);
    const curl = new Deno.Command("curl", {
      args: ["-sS", `${cli.url}/cgi-bin/never.sh`],
      stdout: "null",
      stderr: "null",
    }).spawn();
    await until(async () => Number(await Deno.readTextFile(pidFile)) > 0);
    const pid = Number(await Deno.readTextFile(pidFile));
    assert.equal((await cli.interrupt()).code, 0);
    await curl.status;
    await until(() => !isRunning(pid));
  }
});

testWith("sh", "64 scripts at once leave no process and no open file behind", async () => {
  await using files = await scriptTree({ "cgi-bin/echo.sh": shell(HEAD, "sleep 0.2", 'echo "$QUERY_STRING"') });
  await using cli = await startCli([...SCRIPTS, "-q", "-d", files.path], ["-A"]);
  const openFiles = () => [...Deno.readDirSync(`/proc/${cli.pid}/fd`)].length;
  const round = async () => {
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const texts = await Promise.all(
      Array.from({ length: 64 }, async (_, i) => (await fetch(`${cli.url}/cgi-bin/echo.sh?${i}`, { client })).text()),
    );
    assert.deepEqual(texts, Array.from({ length: 64 }, (_, i) => `${i}\n`));
  };
  await round(); // opens what stays open: event queues, timers
  const before = openFiles();
  for (let i = 0; i < 3; i++) await round();
  await until(() => openFiles() <= before);
  const children = await Deno.readTextFile(`/proc/${cli.pid}/task/${cli.pid}/children`);
  assert.equal(children, "");
});

testWith("curl", "curl gets the statuses, redirects and fields that scripts choose", async () => {
  await using files = await scriptTree({
    "a.txt": "alpha",
    "cgi-bin/gone.sh": shell(`printf 'Status: 410 Gone fishing\\nContent-Type: text/plain\\n\\ngone'`),
    "cgi-bin/away.sh": shell(`printf 'Location: http://127.0.0.1:1/\\n\\n'`),
    "cgi-bin/local.sh": shell(`printf 'Location: /a.txt\\n\\n'`),
    "cgi-bin/nph-raw.sh": shell(`printf 'HTTP/1.0 203 Maybe\\r\\nX-Raw: yes\\r\\n\\r\\nraw'`),
  });
  await using cli = await startCli([...SCRIPTS, "-d", files.path], ["-A"]);
  const answer = async (name: string) => (await run("curl", "-sSi", `${cli.url}/cgi-bin/${name}`)).text;
  assert.match(await answer("gone.sh"), /^HTTP\/1\.1 410 Gone\r\n[^]*\r\n\r\ngone$/);
  assert.match(await answer("away.sh"), /^HTTP\/1\.1 302 Found\r\n[^]*^location: http:\/\/127\.0\.0\.1:1\/\r$/im);
  assert.match(await answer("local.sh"), /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nalpha$/);
  assert.match(await answer("nph-raw.sh"), /^HTTP\/1\.1 203 [^]*^x-raw: yes\r$[^]*\r\n\r\nraw$/im);
});

testWith(["python3", "curl"], "Python's own cgi scripts find what they look for", async () => {
  const script = [
    "#!/usr/bin/env python3",
    "import os, sys, urllib.parse",
    "form = urllib.parse.parse_qs(sys.stdin.read(int(os.environ['CONTENT_LENGTH'])))",
    "print('Content-Type: text/plain; charset=utf-8')",
    "print()",
    "print(os.environ['REQUEST_METHOD'], form['name'][0], urllib.parse.parse_qs(os.environ['QUERY_STRING'])['q'][0])",
    "",
  ].join("\n");
  await using files = await scriptTree({ "cgi-bin/form.py": script });
  await using cli = await startCli([...SCRIPTS, "-d", files.path], ["-A"]);
  const url = `${cli.url}/cgi-bin/form.py?q=a%20b`;
  assert.equal(
    (await run("curl", "-sS", "--data-urlencode", "name=Ada Lovelace", url)).text,
    "POST Ada Lovelace a b\n",
  );
});
