import { assertEquals, assertThrows } from "@std/assert";
import {
  exportsOf,
  layoutStamp,
  packageMeta,
  relaxParameters,
  stdPackages,
  versionMeta,
} from "../../tools/jsr_manifest.ts";

Deno.test("stdPackages() reads names and lowest versions, sorted, each once", () => {
  const packages = stdPackages({
    "@std/path": "jsr:@std/path@^1.1.4",
    "@std/media-types": "jsr:/@std/media-types@~1.1",
    "@std/cli": "jsr:@std/cli@^1",
    "@std/cli/parse-args": "jsr:@std/cli@^1/parse-args",
    "tough-cookie": "npm:tough-cookie@^5.0.0",
    "@other/thing": "jsr:@other/thing",
  });
  assertEquals(packages, [
    { name: "cli", version: "1.0.0" },
    { name: "media-types", version: "1.1.0" },
    { name: "path", version: "1.1.4" },
  ]);
});

Deno.test("stdPackages() throws for a specifier without a version", () => {
  assertThrows(() => stdPackages({ "@std/path": "jsr:@std/path" }), TypeError, 'the version of "jsr:@std/path"');
  assertThrows(() => stdPackages({ "@std/path": "jsr:@std/path@latest" }), TypeError);
});

Deno.test("exportsOf() makes each public file an entry point in kebab-case", () => {
  const files = [
    "/path/mod.js",
    "/path/posix/mod.js",
    "/path/posix/join.js",
    "/path/from_file_url.js",
    "/path/_common/basename.js",
    "/path/_os.js",
    "/path/vendor/x.js",
    "/path/README.md",
    "/paths/mod.js",
    "/http/etag.js",
  ];
  assertEquals(exportsOf("path", files), {
    "./from-file-url": "./path/from_file_url.js",
    ".": "./path/mod.js",
    "./posix/join": "./path/posix/join.js",
    "./posix": "./path/posix/mod.js",
  });
});

Deno.test("packageMeta() and versionMeta() write what deno reads from a registry", () => {
  assertEquals(JSON.parse(packageMeta({ name: "media-types", version: "1.1.0" })), {
    scope: "std",
    name: "media-types",
    latest: "1.1.0",
    versions: { "1.1.0": {} },
  });
  const manifest = { "/media_types/mod.js": { size: 3, checksum: "sha256-00" } };
  assertEquals(JSON.parse(versionMeta("media-types", manifest)), {
    manifest,
    exports: { ".": "./media_types/mod.js" },
  });
});

Deno.test("layoutStamp() changes with the packages", () => {
  const path = { name: "path", version: "1.1.4" };
  const stamps = [[path], [{ ...path, version: "1.1.5" }], [path, { name: "cli", version: "1.0.0" }], []].map(
    layoutStamp,
  );
  assertEquals(new Set(stamps).size, stamps.length);
  assertEquals(layoutStamp([path]), layoutStamp([{ ...path }]));
});

Deno.test("relaxParameters() takes the mark off @param lines alone", () => {
  assertEquals(
    relaxParameters("/**\n * Joins, see @param.\n * @param a First\n   * @param b Last\n */\nconst x = '@param';\n"),
    "/**\n * Joins, see @param.\n * param a First\n   * param b Last\n */\nconst x = '@param';\n",
  );
});
