import { assertEquals, assertThrows } from "@std/assert";
import { filesInDryRun, publishedFiles } from "../../tools/published_files.ts";

Deno.test("filesInDryRun() takes the files out of the list that deno prints", () => {
  const output = [
    "Check file:///my%20project/mod.ts",
    "  --> /my project/mod.ts:3:5",
    "Simulating publish of @x/y@1.0.0 with files:",
    "   file:///my%20project/mod.ts (1.93KB)",
    "   file:///my%20project/a%20b/c.ts (252B)",
    "Success Dry run complete",
  ].join("\n");
  assertEquals(filesInDryRun(output, "file:///my%20project/"), ["a b/c.ts", "mod.ts"]);
  assertThrows(() => filesInDryRun(output, "file:///elsewhere/"), Error, "it is outside of file:///elsewhere/");
});

Deno.test("publishedFiles() holds the sources and the documents, no test and no tool", async () => {
  const files = await publishedFiles();
  for (const file of ["deno.json", "LICENSE", "README.md", "mod.ts", "cli.ts", "client/mod.ts", "server/mod.ts"]) {
    assertEquals(files.includes(file), true, file);
  }
  assertEquals(files.filter((file) => /^(?:tests|tools|bench|\.\w+)\//.test(file)), []);
});
