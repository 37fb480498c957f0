import assert from "node:assert/strict";
import { loadCases, loadFixtures, TOPICS } from "./case_files.ts";
import { planCase } from "./case_plan.ts";
import { KNOWN_DIFFERENCES, MOST_CGI_DIFFERENCES, MOST_DIFFERENCES } from "./known_differences.ts";

const CASES = TOPICS.flatMap(loadCases);

Deno.test("loadCases() reads every case file of the kit", async () => {
  const files = await Array.fromAsync(Deno.readDir(new URL("./server/", import.meta.url)));
  const topics = files.flatMap(({ name }) => /^(?!fixtures)(.*)\.json$/.exec(name)?.[1] ?? []);
  assert.deepEqual(new Set(TOPICS), new Set(topics));
  assert.equal(CASES.length, 292);
});

Deno.test("loadCases() gives every case an id of its own, below its topic", () => {
  assert.equal(new Set(CASES.map(({ id }) => id)).size, CASES.length);
  for (const topic of TOPICS) {
    assert.deepEqual(loadCases(topic).filter(({ id }) => !id.startsWith(`${topic}/`)), []);
  }
});

Deno.test("planCase() leaves a case out only for a reason, and refuses what it does not know", () => {
  const fixtures = loadFixtures();
  for (const conformanceCase of CASES) {
    const plan = planCase(conformanceCase, fixtures, "already");
    assert.ok("spec" in plan || plan.ignored.length > 0);
    assert.throws(() => planCase({ ...conformanceCase, policy: "other" }, fixtures, "already"), TypeError);
    assert.throws(() => planCase({ ...conformanceCase, fixture: "other" }, fixtures, "already"), TypeError);
  }
});

Deno.test("KNOWN_DIFFERENCES stays short and names cases of the kit", () => {
  const ids = Object.keys(KNOWN_DIFFERENCES);
  const known = new Set(CASES.map(({ id }) => id));
  assert.deepEqual(ids.filter((id) => !known.has(id)), []);
  assert.ok(ids.filter((id) => !id.startsWith("cgi/")).length <= MOST_DIFFERENCES);
  assert.ok(ids.filter((id) => id.startsWith("cgi/")).length <= MOST_CGI_DIFFERENCES);
});
