import assert from "node:assert/strict";
import { clientProcess } from "./client_process.ts";

const MODULE = new URL("../../client/_environment.ts", import.meta.url).href;

/** Runs code that has the functions of the module, in an environment of its own. */
const run = (code: string, env: Record<string, string>, permissions: readonly string[]) =>
  clientProcess(
    `const { canReadEnvironment, readEnvironment } = await import(${JSON.stringify(MODULE)});\n${code}`,
    env,
    permissions,
  );

for (
  const [name, permissions, both, one] of [
    ["all permissions", ["-A"], true, { KIT_A: "1" }],
    ["--allow-env", ["--allow-env"], true, { KIT_A: "1" }],
    ["permission for one of them", ["--allow-env=KIT_A"], false, { KIT_A: "1" }],
    ["permission for the other", ["--allow-env=KIT_B"], false, {}],
    ["no permission", [], false, {}],
  ] as const
) {
  Deno.test(`readEnvironment() and canReadEnvironment() with ${name}`, async () => {
    const code = `
      console.log(canReadEnvironment(["KIT_A", "KIT_B"]), JSON.stringify(readEnvironment(["KIT_A", "KIT_B"])));`;
    assert.equal(await run(code, { KIT_A: "1" }, permissions), `${both} ${JSON.stringify(one)}`);
  });
}

Deno.test("readEnvironment() and canReadEnvironment() in a runtime without Deno.permissions", async () => {
  const code = `
    Object.defineProperty(Deno, "permissions", { value: undefined });
    console.log(canReadEnvironment(["KIT_A"]), JSON.stringify(readEnvironment(["KIT_A"])), canReadEnvironment([]));`;
  assert.equal(await run(code, { KIT_A: "1" }, ["-A"]), "false {} true");
});
