import assert from "node:assert/strict";
import { runCli, startCli } from "./e2e/cli_process.ts";
import { tempTree } from "./helpers/temp_tree.ts";

const LOOPBACK = ["--bind", "127.0.0.1"];

/** One clear line, and no stack trace. */
function assertOneLine(stderr: string, expected: RegExp): void {
  assert.match(stderr, expected);
  assert.equal(stderr.trimEnd().split("\n").length, 1, stderr);
}

Deno.test("main() prints Python's first line, logs in Python's format, and ends with 0 on SIGINT", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  await using cli = await startCli([...LOOPBACK, "-d", files.path]);
  assert.equal(cli.firstLine, `Serving HTTP on 127.0.0.1 port ${cli.port} (http://127.0.0.1:${cli.port}/) ...`);
  assert.equal(await (await fetch(`${cli.url}/a.txt`)).text(), "alpha");
  await (await fetch(`${cli.url}/missing?x=1`)).body?.cancel();
  const { code, stdout, stderr } = await cli.interrupt();
  assert.equal(code, 0);
  assert.match(stdout, /\n\nKeyboard interrupt received, exiting\.\n$/);
  const lines = stderr.trimEnd().split("\n");
  const start = String.raw`^127\.0\.0\.1 - - \[\d\d/[A-Z][a-z]{2}/\d{4} \d\d:\d\d:\d\d\] `;
  assert.match(lines[0]!, new RegExp(start + String.raw`"GET /a\.txt HTTP/1\.1" 200 -$`));
  assert.match(lines[1]!, new RegExp(start + "code 404, message File not found$"));
  assert.match(lines[2]!, new RegExp(start + String.raw`"GET /missing\?x=1 HTTP/1\.1" 404 -$`));
  assert.equal(lines.length, 3);
});

Deno.test("main() listens on all addresses by default, IPv4 and IPv6, and warns", async () => {
  await using files = await tempTree({ "a.txt": "alpha" });
  await using cli = await startCli(["-d", files.path]);
  assert.equal(cli.firstLine, `Serving HTTP on 0.0.0.0 port ${cli.port} (http://0.0.0.0:${cli.port}/) ...`);
  assert.equal(await (await fetch(`http://127.0.0.1:${cli.port}/a.txt`)).text(), "alpha");
  assert.equal(await (await fetch(`http://[::1]:${cli.port}/a.txt`)).text(), "alpha");
  const { stderr } = await cli.interrupt();
  assert.match(stderr, /^Every device on the network can read this directory; --bind 127\.0\.0\.1 keeps it/);
  assert.match(stderr, /^127\.0\.0\.1 - - .*\n::1 - - /m);
});

Deno.test("main() writes an IPv6 address in brackets, and ends on SIGTERM", async () => {
  await using cli = await startCli(["--bind", "::1"]);
  assert.equal(cli.firstLine, `Serving HTTP on ::1 port ${cli.port} (http://[::1]:${cli.port}/) ...`);
  assert.equal((await cli.interrupt("SIGTERM")).code, 0);
});

Deno.test("main() --quiet logs no request and no warning", async () => {
  await using cli = await startCli(["--quiet"]);
  await (await fetch(`${cli.url}/missing`)).body?.cancel();
  assert.equal((await cli.interrupt()).stderr, "");
});

Deno.test("main() lets a running download finish after SIGINT", async () => {
  await using files = await tempTree({ "large.bin": new Uint8Array(20_000_000) });
  await using cli = await startCli([...LOOPBACK, "-d", files.path]);
  const response = await fetch(`${cli.url}/large.bin`);
  const ended = cli.interrupt();
  // The rest is taken only now, so that the download must outlive the interruption.
  assert.equal(await cli.noticed, true);
  assert.equal((await response.arrayBuffer()).byteLength, 20_000_000);
  assert.equal((await ended).code, 0);
});

Deno.test("main() --help and --version answer on standard output and end with 0", async () => {
  const help = await runCli(["--help"], []);
  assert.equal(help.code, 0);
  assert.equal(help.stderr, "");
  assert.match(help.stdout, /^usage: httpkit /);
  for (const flag of ["--bind", "--directory", "--protocol", "--content-type", "--header", "--cors", "--spa"]) {
    assert.ok(help.stdout.includes(flag), flag);
  }
  const version = await runCli(["--version"], []);
  assert.equal(version.code, 0);
  assert.match(version.stdout, /^httpkit \d+\.\d+\.\d+ \(Deno \d+\.\d+\.\d+\)\n$/);
});

Deno.test("main() ends with 2 and suggests the nearest flag for an unknown one", async () => {
  const { code, stdout, stderr } = await runCli(["--directroy", "x"], []);
  assert.equal(code, 2);
  assert.equal(stdout, "");
  assert.match(
    stderr,
    /^usage: httpkit [^]*httpkit: error: unrecognized arguments: --directroy; did you mean --directory\?\n$/,
  );
});

Deno.test("main() ends with 1 and one line when the port is in use", async () => {
  using taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { code, stdout, stderr } = await runCli([...LOOPBACK, String(taken.addr.port)]);
  assert.equal(code, 1);
  assert.equal(stdout, "");
  assertOneLine(stderr, /^httpkit: Cannot listen on 127\.0\.0\.1:\d+: port \d+ is in use, choose another one or 0/);
});

Deno.test("main() ends with 1 and one line when the address is none of this machine's", async () => {
  const { code, stderr } = await runCli(["--bind", "203.0.113.7", "0"]);
  assert.equal(code, 1);
  assertOneLine(stderr, /^httpkit: Cannot listen on 203\.0\.113\.7:0: /);
});

Deno.test("main() ends with 1 and one line when the directory is missing or none", async () => {
  await using files = await tempTree({ "file": "" });
  const missing = await runCli(["-d", `${files.path}/missing`, "0"]);
  assert.equal(missing.code, 1);
  assertOneLine(missing.stderr, /^httpkit: Cannot serve ".*missing": no such directory/);
  const file = await runCli(["-d", `${files.path}/file`, "0"]);
  assert.equal(file.code, 1);
  assertOneLine(file.stderr, /^httpkit: Cannot serve ".*file": it is not a directory/);
});

Deno.test("main() names the permission that is missing", async () => {
  const noRead = await runCli([...LOOPBACK, "0"], ["--allow-net"]);
  assert.equal(noRead.code, 1);
  assertOneLine(noRead.stderr, /^httpkit: Cannot read the directory "\.": run again with --allow-read/);
  const noNet = await runCli([...LOOPBACK, "0"], ["--allow-read"]);
  assert.equal(noNet.code, 1);
  assertOneLine(noNet.stderr, /^httpkit: Cannot listen on 127\.0\.0\.1:0: run again with --allow-net/);
});

Deno.test("main() works with permissions for one directory and one address", async () => {
  await using files = await tempTree({ "a.txt": "alpha", "sub/b.txt": "beta" });
  await Deno.symlink("/etc/passwd", `${files.path}/outside`);
  await Deno.symlink("sub", `${files.path}/inside`);
  await using cli = await startCli([...LOOPBACK, "-d", files.path], [
    "--allow-net=127.0.0.1",
    `--allow-read=${files.path}`,
  ]);
  assert.equal(await (await fetch(`${cli.url}/a.txt`)).text(), "alpha");
  assert.equal(await (await fetch(`${cli.url}/inside/b.txt`)).text(), "beta");
  const outside = await fetch(`${cli.url}/outside`);
  assert.equal(outside.status, 404);
  await outside.body?.cancel();
});

Deno.test("main() passes each flag of the file server on", async () => {
  await using files = await tempTree({
    "index.html": "the index",
    "data.unknownext": "data",
    ".hidden": "dot",
    "long.txt": "text ".repeat(1000),
  });
  await using outside = await tempTree({ "outside.txt": "outside" });
  await Deno.symlink(`${outside.path}/outside.txt`, `${files.path}/link.txt`);
  const plain = await startCli([...LOOPBACK, "-d", files.path]);
  await using _plain = plain;
  await using all = await startCli([
    ...[...LOOPBACK, "--directory", files.path, "--protocol", "HTTP/1.0", "--content-type", "text/x-data"],
    ...[
      "-H",
      "X-One",
      "1",
      "--header",
      "X-Two: 2:3",
      "--cors",
      "--spa",
      "--dotfiles",
      "--follow-symlinks",
      "--no-compress",
    ],
    ...["--allow-host", "files.example.org"],
  ]);
  const get = async (url: string, path: string, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, { headers });
    return { status: response.status, headers: response.headers, text: await response.text() };
  };

  const file = await get(all.url, "/data.unknownext");
  assert.equal(file.headers.get("content-type"), "text/x-data; charset=utf-8");
  assert.equal(file.headers.get("x-one"), "1");
  assert.equal(file.headers.get("x-two"), "2:3");
  assert.equal(file.headers.get("access-control-allow-origin"), "*");
  assert.equal(file.headers.get("connection"), "close");
  assert.equal((await get(all.url, "/app/route")).text, "the index");
  assert.equal((await get(all.url, "/.hidden")).text, "dot");
  assert.equal((await get(all.url, "/link.txt")).text, "outside");
  const long = await get(all.url, "/long.txt", { "Accept-Encoding": "gzip" });
  assert.equal(long.headers.get("vary"), null);

  const without = await get(plain.url, "/data.unknownext");
  assert.equal(without.headers.get("content-type"), "application/octet-stream");
  assert.equal(without.headers.get("access-control-allow-origin"), null);
  assert.equal(without.headers.get("connection"), null);
  for (const path of ["/app/route", "/.hidden", "/link.txt"]) assert.equal((await get(plain.url, path)).status, 404);
  assert.equal(
    (await get(plain.url, "/long.txt", { "Accept-Encoding": "gzip" })).headers.get("vary"),
    "Accept-Encoding",
  );

  assert.equal(await statusFor(plain.port, "files.example.org"), 421);
  assert.equal(await statusFor(all.port, "files.example.org"), 200);
  assert.equal(await statusFor(plain.port, `localhost:${plain.port}`), 200);
});

/** The status for a request with this Host, which fetch would not let us choose. */
async function statusFor(port: number, host: string): Promise<number> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = `GET /data.unknownext HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`;
  await connection.write(new TextEncoder().encode(request));
  return Number((await new Response(connection.readable).text()).split(" ")[1]);
}
