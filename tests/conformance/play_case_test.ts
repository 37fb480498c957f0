import assert from "node:assert/strict";
import { CannedServer } from "./canned_server.ts";
import { parseCases } from "./case_format.ts";
import { FixtureTree } from "./fixture_tree.ts";
import { playCase } from "./play_case.ts";

const EMPTY_TREE = { root: "", defaultMtime: 0, entries: new Map() };
const TAGGED = 'HTTP/1.1 200 OK\r\nETag: W/"x"\r\nContent-Length: 5\r\n\r\nalpha';

async function play(fields: Record<string, unknown>, server: CannedServer): Promise<void> {
  await using tree = await FixtureTree.create(EMPTY_TREE);
  const [conformanceCase] = parseCases([{ id: "t/x", about: "x", fixture: "f", ...fields }]);
  await playCase(conformanceCase!, { port: server.port, tree });
}

const REQUEST = { request: "GET /x HTTP/1.1\r\n\r\n" };
const GOOD = { ...REQUEST, check: ["status", "body"], expect: { status: 200, body: "alpha" } };
const BAD = { ...REQUEST, check: ["status", "body"], expect: { status: 200, body: "beta" } };

Deno.test("playCase() passes a case whose checks hold", async () => {
  await using server = new CannedServer(TAGGED);
  await play(GOOD, server);
});

Deno.test("playCase() fails a case of which one check does not hold", async () => {
  await using server = new CannedServer(TAGGED);
  await assert.rejects(play(BAD, server), /body: the body is "alpha"/);
});

Deno.test("playCase() needs one alternative that holds entirely", async () => {
  await using server = new CannedServer(TAGGED);
  const half = { check: ["status:200", "body-empty"] };
  await play({ ...REQUEST, any_of: [half, { check: ["status:200"] }] }, server);
  await assert.rejects(play({ ...REQUEST, any_of: [half, { check: ["status:204"] }] }, server), /body-empty.*or/s);
});

Deno.test("playCase() plays steps in order and says which one failed", async () => {
  await using server = new CannedServer(TAGGED);
  await play({ steps: [GOOD, GOOD] }, server);
  assert.equal(server.connections, 2);
  await assert.rejects(play({ steps: [GOOD, BAD, GOOD] }, server), /^Error: Step 2 of 3: /);
});

Deno.test("playCase() captures header values and fills them in", async () => {
  await using server = new CannedServer(TAGGED);
  const first = { ...REQUEST, capture: { E: "etag" }, check: ["captured-weak:E"] };
  const second = {
    ...REQUEST,
    check: ["header:etag", "header-contains:etag:{E_CORE}"],
    expect: { headers: { etag: "W/{E_OPAQUE}" } },
  };
  await play({ steps: [first, second] }, server);
  await assert.rejects(play({ ...first, capture: { E: "expires" } }, server), /the answer has no expires/);
});

Deno.test("playCase() plays a parallel case that many times", async () => {
  await using server = new CannedServer(TAGGED);
  await play({ ...GOOD, parallel: 3 }, server);
  assert.equal(server.connections, 3);
  await assert.rejects(play({ ...BAD, parallel: 3 }, server), AggregateError);
});

Deno.test("playCase() reuses a connection, and fails when the server does not", async () => {
  await using server = new CannedServer(TAGGED);
  await assert.rejects(play({ connection: "reuse", steps: [GOOD, GOOD] }, server), /Step 2 of 2: /);
  assert.equal(server.connections, 1);
});

Deno.test("playCase() sees whether the connection is closed", async () => {
  await using closing = new CannedServer(TAGGED);
  await using open = new CannedServer(TAGGED, { keepOpen: true });
  await play({ ...REQUEST, check: ["connection:closed"] }, closing);
  await play({ ...REQUEST, check: ["connection:open"] }, open);
  await assert.rejects(play({ ...REQUEST, check: ["connection:open"] }, closing), /connection is closed/);
  await assert.rejects(play({ ...REQUEST, check: ["connection:closed"] }, open), /connection is open/);
});

Deno.test("playCase() fails on bytes behind the answer even if every check holds", async () => {
  await using server = new CannedServer(TAGGED + "!");
  await assert.rejects(play(GOOD, server), /1 bytes follow/);
});

Deno.test("playCase() edits the tree before it sends", async () => {
  await using server = new CannedServer(TAGGED);
  await using tree = await FixtureTree.create(EMPTY_TREE);
  const edit = { "sub/new.txt": { text: "new" }, "sub/none.txt": null };
  const [conformanceCase] = parseCases([{ id: "t/x", about: "x", fixture: "f", ...GOOD, edit }]);
  await playCase(conformanceCase!, { port: server.port, tree });
  assert.equal(await Deno.readTextFile(`${tree.root}/sub/new.txt`), "new");
});
