import assert from "node:assert/strict";
import { readExportedNames } from "../../tools/exported_names.ts";

/** What `deno doc --json` says about a module with this text. */
async function documented(code: string): Promise<string> {
  const file = await Deno.makeTempFile({ suffix: ".ts" });
  try {
    await Deno.writeTextFile(file, code);
    const { success, stdout } = await new Deno.Command(Deno.execPath(), { args: ["doc", "--json", file] }).output();
    assert.ok(success);
    return new TextDecoder().decode(stdout);
  } finally {
    await Deno.remove(file);
  }
}

Deno.test("readExportedNames() gives names, members, and those of the classes above", async () => {
  const { names } = readExportedNames(
    await documented(`
      export class Base { one = 1; get two(): number { return 2; } #hidden = 3; private kept = 4; }
      export class Derived extends Base { three(): void {} static four = 4; [Symbol.iterator](): void {} }
      export const value = 1;
      export function call(): void {}
      const inner = 2;
    `),
  );
  for (
    const name of [
      "Base",
      "Base.one",
      "Base.two",
      "Derived",
      "Derived.one",
      "Derived.two",
      "Derived.three",
      "Derived.four",
      "Derived.[Symbol.iterator]",
      "value",
      "call",
    ]
  ) assert.ok(names.has(name), name);
  for (const name of ["inner", "Base.#hidden", "Base.three"]) assert.ok(!names.has(name), name);
});

Deno.test("readExportedNames() counts parameters, and looks into options", async () => {
  const { parameters } = readExportedNames(
    await documented(`
      export interface Shared { timeout?: number }
      export interface Options extends Omit<Shared, "x"> { params?: string }
      export type Some = Pick<Options, "params">;
      export class Client {
        constructor(name: string, options: Options = {}) {}
        get(url: string, options?: Some): void;
        get(url: string, flag: boolean, options?: Some): void;
        get(): void {}
        get size(): number { return 0; }
      }
      export class Other extends Client {}
      export function send(url: string, ...rest: string[]): void {}
    `),
  );
  assert.deepEqual(parameters.get("Client"), {
    names: new Set(["name", "options", "params", "timeout"]),
    positional: 1,
  });
  assert.deepEqual(parameters.get("Other"), parameters.get("Client"));
  assert.equal(parameters.get("Client.get")!.positional, 2);
  assert.ok(parameters.get("Client.get")!.names.has("params"));
  assert.deepEqual(parameters.get("send"), { names: new Set(["url", "rest"]), positional: 2 });
  assert.ok(!parameters.has("Client.size"));
});

Deno.test("readExportedNames() throws for a format that it does not know", () => {
  assert.throws(() => readExportedNames("{}"), TypeError);
});
