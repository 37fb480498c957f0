import { assertEquals } from "@std/assert";
import { addFailures, closingLine, readCounts } from "../../tools/closing_line.ts";

Deno.test("readCounts() reads the last summary of deno test", () => {
  const cases: readonly (readonly [string, [number, number, number]])[] = [
    ["running 1 test\n\nok | 12 passed | 0 failed (3s)\n", [12, 0, 0]],
    ["ok | 12 passed (3 steps) | 0 failed | 4 ignored (1 step) | 2 filtered out (3s)\n", [12, 0, 4]],
    ["FAILED | 1 passed (1 step) | 2 failed (2 steps) | 1 ignored (3s)\n\nerror: Test failed\n", [1, 2, 1]],
    ["ok | 1 passed | 0 failed (1s)\n  ok | 5 passed | 0 failed\nFAILED | 0 passed | 7 failed (2s)\n", [0, 7, 0]],
    ["\x1b[0m\x1b[32mok\x1b[0m | 3 passed | 0 failed \x1b[38;5;245m(3ms)\x1b[0m\n", [3, 0, 0]],
  ];
  for (const [log, [passed, failed, skipped]] of cases) assertEquals(readCounts(log), { passed, failed, skipped });
});

Deno.test("readCounts() finds no counts where deno ended before the tests", () => {
  assertEquals(readCounts("error: Type checking failed.\n"), undefined);
});

Deno.test("addFailures() counts a broken run and a failed gate", () => {
  const counts = { passed: 5, failed: 0, skipped: 1 };
  assertEquals(addFailures(counts, true, true), counts);
  assertEquals(addFailures(counts, true, false).failed, 1);
  assertEquals(addFailures(counts, false, true).failed, 1);
  assertEquals(addFailures({ ...counts, failed: 2 }, false, false).failed, 3);
  assertEquals(addFailures(undefined, false, true), { passed: 0, failed: 1, skipped: 0 });
  assertEquals(addFailures(undefined, true, true).failed, 1);
});

Deno.test("closingLine() is plain", () => {
  assertEquals(closingLine({ passed: 812, failed: 0, skipped: 3 }), "812 passed, 0 failed, 3 skipped");
});
