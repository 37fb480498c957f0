import assert from "node:assert/strict";
import { type CliOptions, parseCommandLine, UsageError } from "../../cli/options.ts";

function optionsOf(...args: string[]): CliOptions {
  const commandLine = parseCommandLine(args);
  assert.equal(commandLine.kind, "serve");
  return (commandLine as { options: CliOptions }).options;
}

Deno.test("parseCommandLine() gives the defaults", () => {
  assert.deepEqual(optionsOf(), {
    port: 8000,
    bind: null,
    directory: null,
    protocol: "HTTP/1.1",
    contentType: null,
    headers: [],
    allowedHosts: [],
    quiet: false,
    cors: false,
    spa: false,
    dotfiles: false,
    followSymlinks: false,
    compress: true,
    cache: true,
    cgi: false,
    cgiTimeout: 60,
    tls: null,
    workers: 1,
    grace: 5,
  });
});

Deno.test("parseCommandLine() reads where the certificate comes from", () => {
  assert.deepEqual(optionsOf("--tls").tls, { certFile: null, keyFile: null, passwordFile: null });
  assert.deepEqual(optionsOf("--tls-cert", "c", "--tls-key=k", "--tls-password-file", "p").tls, {
    certFile: "c",
    keyFile: "k",
    passwordFile: "p",
  });
  assert.deepEqual(optionsOf("--tls", "--tls-cert", "c").tls, { certFile: "c", keyFile: null, passwordFile: null });
});

Deno.test("parseCommandLine() reads seconds and the number of threads", () => {
  const { cgi, cgiTimeout, workers, grace } = optionsOf("--cgi", "--cgi-timeout=0.5", "--workers", "4", "--grace", "0");
  assert.deepEqual({ cgi, cgiTimeout, workers, grace }, { cgi: true, cgiTimeout: 0.5, workers: 4, grace: 0 });
});

Deno.test("parseCommandLine() takes a flag in every form that argparse takes", () => {
  for (
    const args of [
      ["--bind", "127.0.0.1"],
      ["--bind=127.0.0.1"],
      ["--bi", "127.0.0.1"],
      ["-b", "127.0.0.1"],
      ["-b127.0.0.1"],
      ["-b=127.0.0.1"],
    ]
  ) assert.equal(optionsOf(...args, "81").bind, "127.0.0.1", args.join(" "));
  assert.equal(optionsOf("8081", "--dir", "x").port, 8081);
  assert.equal(optionsOf("--dir", "x", "8081").port, 8081);
  assert.equal(optionsOf("--dir", "x").directory, "x");
  assert.equal(optionsOf("-p", "HTTP/1.0").protocol, "HTTP/1.0");
  assert.equal(optionsOf("--directory", "1234").directory, "1234");
  assert.equal(optionsOf("--", "99").port, 99);
});

Deno.test("parseCommandLine() takes header fields as two arguments and as one, repeatedly", () => {
  assert.deepEqual(optionsOf("-H", "X-A", "1", "--header", "X-B: 2:3", "-H", "X-A", "-4", "80").headers, [
    ["X-A", "1"],
    ["X-B", "2:3"],
    ["X-A", "-4"],
  ]);
});

const TAKEN: readonly (readonly [args: readonly string[], options: Partial<CliOptions>])[] = [
  [["0"], { port: 0 }],
  [["65535"], { port: 65535 }],
  [["-dx"], { directory: "x" }],
  [["--dire=x"], { directory: "x" }],
  [["-pHTTP/1.0"], { protocol: "HTTP/1.0" }],
  [["--cont=text/x-a"], { contentType: "text/x-a" }],
  [["--head", "X-A", "1"], { headers: [["X-A", "1"]] }],
  [["-HX-A: 1"], { headers: [["X-A", "1"]] }],
  [["--allow", "a.example"], { allowedHosts: ["a.example"] }],
  [["--qui"], { quiet: true }],
  [["--cors"], { cors: true }],
  [["--spa"], { spa: true }],
  [["--dot"], { dotfiles: true }],
  [["--follow"], { followSymlinks: true }],
  [["--no-comp"], { compress: false }],
  [["--no-cache"], { cache: false }],
];

for (const [args, options] of TAKEN) {
  Deno.test(`parseCommandLine() takes ${JSON.stringify(args)}`, () => {
    // The whole of it: a flag must change nothing but its own option.
    assert.deepEqual(optionsOf(...args), { ...optionsOf(), ...options });
  });
}

Deno.test("parseCommandLine() collects hosts and sets switches", () => {
  const options = optionsOf(
    ...[
      "--allow-host",
      "a.example",
      "--allow-host=.b.example",
      "-q",
      "--cors",
      "--spa",
      "--dotfiles",
      "--follow-symlinks",
    ],
    "--no-compress",
  );
  assert.deepEqual(options.allowedHosts, ["a.example", ".b.example"]);
  assert.ok(options.quiet && options.cors && options.spa && options.dotfiles && options.followSymlinks);
  assert.equal(options.compress, false);
});

Deno.test("parseCommandLine() knows help and version wherever they stand", () => {
  assert.equal(parseCommandLine(["8000", "-h"]).kind, "help");
  assert.equal(parseCommandLine(["--version"]).kind, "version");
});

const REFUSED: readonly (readonly [args: readonly string[], message: RegExp])[] = [
  [["abc"], /^argument port: invalid int value: 'abc'$/],
  [["65536"], /^argument port: 65536 is no port, expected 0 to 65535$/],
  [["80", "81"], /^unrecognized arguments: 81$/],
  [["--bind"], /^argument --bind: expected one argument$/],
  [["--bind", "--cors"], /^argument --bind: expected one argument$/],
  [["--cors=yes"], /^argument --cors: ignored explicit argument "yes"$/],
  [["-x"], /^unrecognized arguments: -x$/],
  [["--quite"], /^unrecognized arguments: --quite; did you mean --quiet\?$/],
  [["--something-else"], /^unrecognized arguments: --something-else$/],
  [["--d"], /^ambiguous option: --d could match --directory, --dotfiles$/],
  [["-H", "X-A"], /^argument --header: expected a name and a value after "X-A"$/],
  [["-H", "X A: 1"], /^argument --header: "X A" is no header name$/],
  [["-H", "X-A", "1\r\nX-B: 2"], /^argument --header: the value of "X-A" must be one line of ISO-8859-1$/],
  [["80.5"], /^argument port: invalid int value: '80\.5'$/],
  [["-1"], /^unrecognized arguments: -1$/],
  [["--tls-key", "k.pem"], /^--tls-key requires --tls-cert to be set$/],
  [["--tls", "--tls-password-file", "p"], /^--tls-password-file requires --tls-cert to be set$/],
  [["--workers", "0"], /^argument --workers: "0" is no number of threads, expected 1 or more$/],
  [["--workers", "many"], /^argument --workers: "many" is no number/],
  [["--grace", "soon"], /^argument --grace: "soon" is no number of seconds from 0 to 2000000$/],
  [["--cgi-timeout=-1"], /^argument --cgi-timeout: "-1" is no number of seconds/],
  [["--cgi-timeout=3000000"], /^argument --cgi-timeout: "3000000" is no number of seconds/],
];

for (const [args, message] of REFUSED) {
  Deno.test(`parseCommandLine() refuses ${JSON.stringify(args)}`, () => {
    assert.throws(() => parseCommandLine(args), (error) => error instanceof UsageError && message.test(error.message));
  });
}
