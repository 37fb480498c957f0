import { assertEquals, assertThrows } from "@std/assert";
import denoJson from "../../deno.json" with { type: "json" };
import { chooseSteps, STEPS } from "../../tools/ok.ts";

Deno.test("STEPS names tasks of deno.json", () => {
  assertEquals(STEPS.filter((step) => !Object.hasOwn(denoJson.tasks, step)), []);
});

Deno.test("chooseSteps() leaves out what is skipped", () => {
  assertEquals(chooseSteps([]), STEPS);
  assertEquals(chooseSteps(["--skip=test", "--skip=lint"]), STEPS.filter((step) => step !== "test" && step !== "lint"));
});

Deno.test("chooseSteps() throws for what it does not know", () => {
  assertThrows(() => chooseSteps(["--skip=tests"]), TypeError, '"--skip=tests"');
  assertThrows(() => chooseSteps(["test"]), TypeError);
});
