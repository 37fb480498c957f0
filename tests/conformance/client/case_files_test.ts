import assert from "node:assert/strict";
import { loadCases, readCaseFile, TOPICS } from "./case_files.ts";
import { KNOWN_DIFFERENCES, MOST_DIFFERENCES, URL_STANDARD } from "./known_differences.ts";

const CASES = TOPICS.flatMap(loadCases);

Deno.test("loadCases() reads every case file of the kit", async () => {
  const files = await Array.fromAsync(Deno.readDir(new URL("./cases/", import.meta.url)));
  const topics = files.flatMap(({ name }) => /^(.*)\.json$/.exec(name)?.[1] ?? []);
  assert.deepEqual(new Set(TOPICS), new Set(topics));
  assert.equal(CASES.length, 304);
});

Deno.test("loadCases() gives every case an id of its own, below its topic", () => {
  assert.equal(new Set(CASES.map(({ id }) => id)).size, CASES.length);
  for (const topic of TOPICS) {
    assert.deepEqual(loadCases(topic).filter(({ id }) => !id.startsWith(`${topic}/`)), []);
  }
});

Deno.test("loadCases() keeps the order of the names in an object", () => {
  // JSON.parse() moves names that look like array indices to the front.
  for (const topic of TOPICS) assert.doesNotMatch(readCaseFile(topic), /"\d+"\s*:/);
});

Deno.test("loadCases() finds one expected result for each step", () => {
  for (const { id, steps, expect } of CASES) assert.equal(expect.steps.length, steps.length, id);
});

Deno.test("KNOWN_DIFFERENCES stays short and names cases of the kit", () => {
  const known = new Set(CASES.map(({ id }) => id));
  for (const differences of Object.values(KNOWN_DIFFERENCES)) {
    const ids = Object.keys(differences);
    assert.deepEqual(ids.filter((id) => !known.has(id)), []);
    assert.ok(ids.length <= MOST_DIFFERENCES, String(ids.length));
  }
});

Deno.test("KNOWN_DIFFERENCES names the URL standard only where the kit does", () => {
  const byUrlStandard = Object.values(KNOWN_DIFFERENCES).flatMap((differences) => Object.entries(differences)).filter((
    [, why],
  ) => why.startsWith(URL_STANDARD));
  const ids = new Set(CASES.filter(({ mayDiffer }) => mayDiffer).map(({ id }) => id));
  assert.deepEqual(byUrlStandard.filter(([id]) => !ids.has(id)), []);
});
