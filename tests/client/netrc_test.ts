import assert from "node:assert/strict";
import { getNetrcAuth, NetrcParseError, parseNetrc } from "../../client/netrc.ts";

const entry = (machine: string | null, login = "", password = "", account = "") => ({
  machine,
  login,
  account,
  password,
});

const PARSED: readonly (readonly [what: string, text: string, expected: unknown[]])[] = [
  ["nothing", "", []],
  ["one line", "machine h.test login ann password pw", [entry("h.test", "ann", "pw")]],
  ["several lines", "machine H.test\n  login ann\n\tpassword pw\r\n", [entry("h.test", "ann", "pw")]],
  ["account and user", "machine h.test user ann account acc password pw", [entry("h.test", "ann", "pw", "acc")]],
  ["an entry without anything", "machine h.test", [entry("h.test")]],
  ["default", "machine a login b password c default login d password e", [entry("a", "b", "c"), entry(null, "d", "e")]],
  ["a host called default", "machine default login d", [entry("default", "d")]],
  ["quotes", 'machine h.test login "an n" password "p\\"w#"', [entry("h.test", "an n", 'p"w#')]],
  ["escapes", "machine h.test login an\\ n password p\\\\w", [entry("h.test", "an n", "p\\w")]],
  ["empty quotes", 'machine h.test login "" password pw', [entry("h.test", "", "pw")]],
  ["comments", "# machine a\n#b\nmachine h.test # c login x\nlogin ann # d\npassword pw#1\n# e", [
    entry("h.test", "ann", "pw#1"),
  ]],
  ["a password that begins with #", "machine h.test login ann password #pw", [entry("h.test", "ann", "#pw")]],
  ["a macro", "macdef init\ncd /pub\nmachine x\n\nmachine h.test login ann", [entry("h.test", "ann")]],
  ["a macro inside an entry", "machine h.test login ann macdef init\ncd x\n \nmachine g.test login bob", [
    entry("h.test", "ann"),
    entry("g.test", "bob"),
  ]],
  ["a macro at the end", "machine h.test login ann\nmacdef init\ncd /pub", [entry("h.test", "ann")]],
  ["a byte order mark", "\uFEFFmachine h.test login ann", [entry("h.test", "ann")]],
  ["a lone backslash at the end", "machine h.test password a\\", [entry("h.test", "", "a")]],
];

for (const [what, text, expected] of PARSED) {
  Deno.test(`parseNetrc() reads ${what}`, () => assert.deepEqual(parseNetrc(text), expected));
}

const BROKEN: readonly (readonly [what: string, text: string, line: number])[] = [
  ["an unknown keyword at the top", "\n\nsecret h.test", 3],
  ["an unknown keyword in an entry", "machine h.test\nlogin ann\npassword pass secret\n", 3],
  ["machine without a name", "machine", 1],
];

for (const [what, text, line] of BROKEN) {
  Deno.test(`parseNetrc() refuses ${what}, and names the line but no token`, () => {
    assert.throws(() => parseNetrc(text, "/home/ann/.netrc"), (error: unknown) => {
      assert(error instanceof NetrcParseError);
      assert.equal(error.lineno, line);
      assert.equal(error.filename, "/home/ann/.netrc");
      assert.match(error.message, new RegExp(`/home/ann/.netrc, line ${line}`));
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
  });
}

/** Calls `use` with a folder that holds these files. */
async function inFolder(files: Readonly<Record<string, string>>, use: (folder: string) => void | Promise<void>) {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
    await use(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const NETRC = [
  "machine h.test login first password old",
  "machine h.test login ann password pw",
  "machine pass.test password only",
  "machine acc.test account acc password pw",
  "machine none.test",
  "machine ::1 login six password pw",
].join("\n");

const FOUND: readonly (readonly [url: string, expected: readonly [string, string] | null])[] = [
  ["http://h.test/", ["ann", "pw"]],
  ["https://H.TEST:8443/x?y", ["ann", "pw"]],
  ["http://pass.test/", ["", "only"]],
  ["http://acc.test/", ["acc", "pw"]],
  ["http://none.test/", null],
  ["http://[::1]:8000/", ["six", "pw"]],
  ["http://www.h.test/", null],
  ["http://h.test:@evil.test/", null],
  ["http://h.test@evil.test/", null],
  ["file:///h.test", null],
  ["not a url", null],
];

for (const [url, expected] of FOUND) {
  Deno.test(`getNetrcAuth() gives ${JSON.stringify(expected)} for ${url}`, () =>
    inFolder({ ".netrc": NETRC }, (HOME) => assert.deepEqual(getNetrcAuth(url, { env: { HOME } }), expected)));
}

Deno.test("getNetrcAuth() falls back to the default entry, unless it is empty", () =>
  inFolder(
    { ".netrc": "default login d password e\nmachine h.test login ann", empty: "default login '' x" },
    (HOME) => {
      assert.deepEqual(getNetrcAuth("http://other.test/", { env: { HOME } }), ["d", "e"]);
      assert.deepEqual(getNetrcAuth("http://h.test/", { env: { HOME } }), ["ann", ""]);
    },
  ));

Deno.test("getNetrcAuth() ignores a default entry without credentials", () =>
  inFolder({ ".netrc": "machine h.test login ann password pw\ndefault\n  login\n" }, (HOME) => {
    assert.equal(getNetrcAuth("http://other.test/", { env: { HOME } }), null);
  }));

Deno.test("getNetrcAuth() looks into NETRC alone, or else into .netrc and _netrc", () =>
  inFolder({
    named: "machine h.test login named",
    ".netrc": "machine h.test login dot",
    _netrc: "machine h.test login underscore",
  }, async (HOME) => {
    const login = (env: Record<string, string>) => getNetrcAuth("http://h.test/", { env })?.[0];
    assert.equal(login({ HOME, NETRC: `${HOME}/named` }), "named");
    assert.equal(login({ HOME, NETRC: "~/named" }), "named");
    assert.equal(login({ HOME, NETRC: `${HOME}/missing` }), undefined);
    assert.equal(login({ HOME, NETRC: "" }), undefined);
    assert.equal(login({ HOME }), "dot");
    assert.equal(login({ USERPROFILE: HOME }), "dot");
    await Deno.remove(`${HOME}/.netrc`);
    assert.equal(login({ HOME }), "underscore");
    assert.equal(login({}), undefined);
  }));

Deno.test("getNetrcAuth() hides a broken or unreadable file unless told to raise", () =>
  inFolder({ broken: "machine h.test login ann password a b" }, (folder) => {
    const broken = { NETRC: `${folder}/broken` };
    assert.equal(getNetrcAuth("http://h.test/", { env: broken }), null);
    assert.throws(() => getNetrcAuth("http://h.test/", { env: broken, raiseErrors: true }), NetrcParseError);
    assert.equal(getNetrcAuth("http://h.test/", { env: { NETRC: folder } }), null);
    assert.throws(() => getNetrcAuth("http://h.test/", { env: { NETRC: folder }, raiseErrors: true }), Error);
    assert.equal(getNetrcAuth("http://h.test/", { env: { NETRC: `${folder}/none` }, raiseErrors: true }), null);
  }));

/** Makes a folder look as if nothing had happened in it for a minute. */
async function settle(folder: string): Promise<void> {
  const then = Date.now() / 1000 - 60;
  await Deno.utime(folder, then, then);
}

/** The folder is looked at once in a millisecond. */
function passMillisecond(): void {
  for (const now = Date.now(); Date.now() === now;);
}

Deno.test("getNetrcAuth() finds a file that appears after it was looked for, and misses one that has gone", () =>
  inFolder({}, async (HOME) => {
    const login = () => getNetrcAuth("http://h.test/", { env: { HOME } })?.[0];
    for (const name of [".netrc", "_netrc"]) {
      await settle(HOME);
      assert.deepEqual([login(), login()], [undefined, undefined]);
      await Deno.writeTextFile(`${HOME}/${name}`, `machine h.test login ${name}`);
      passMillisecond();
      assert.equal(login(), name);
      await Deno.remove(`${HOME}/${name}`);
      assert.equal(login(), undefined);
    }
  }));

Deno.test("getNetrcAuth() finds what a link leads to, once it is there", () =>
  inFolder({}, async (HOME) => {
    await Deno.mkdir(`${HOME}/elsewhere`);
    await Deno.symlink(`${HOME}/elsewhere/netrc`, `${HOME}/.netrc`);
    await settle(HOME);
    const login = () => getNetrcAuth("http://h.test/", { env: { HOME } })?.[0];
    assert.deepEqual([login(), login()], [undefined, undefined]);
    await Deno.writeTextFile(`${HOME}/elsewhere/netrc`, "machine h.test login ann");
    assert.equal(login(), "ann");
  }));

/** Runs getNetrcAuth() in a program of its own, with these permissions. */
async function ask(permissions: readonly string[], env: Record<string, string>): Promise<string> {
  const module = new URL("../../client/netrc.ts", import.meta.url).href;
  const script = `import { getNetrcAuth } from ${JSON.stringify(module)};
    console.log(JSON.stringify(getNetrcAuth("http://h.test/", { raiseErrors: true })));`;
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, `data:text/typescript,${encodeURIComponent(script)}`],
    cwd: new URL("../../", import.meta.url),
    env,
    stdin: "null",
  }).output();
  assert.equal(new TextDecoder().decode(stderr), "");
  assert.equal(code, 0);
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("getNetrcAuth() reads where permission was granted, and neither prompts nor throws elsewhere", () =>
  inFolder({ ".netrc": "machine h.test login ann password pw" }, async (HOME) => {
    const env = { HOME, NETRC: `${HOME}/.netrc` };
    assert.equal(await ask(["--allow-env=NETRC,HOME", `--allow-read=${HOME}`], env), '["ann","pw"]');
    assert.equal(await ask(["--allow-env=HOME", `--allow-read=${HOME}`], env), '["ann","pw"]');
    assert.equal(await ask(["--allow-env"], env), "null");
    assert.equal(await ask(["--allow-read"], env), "null");
    assert.equal(await ask([], env), "null");
    assert.equal(await ask(["--no-prompt", "--deny-env", "--deny-read"], env), "null");
  }));
