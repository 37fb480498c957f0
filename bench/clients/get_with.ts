// Sequential GETs with a client of Deno's world: get_with.ts CLIENT URL SECONDS. A package is named by its specifier.
import { printRate } from "./rate.ts";

const [client = "", url = "", seconds = ""] = Deno.args;

/** What the packages export, as far as it is called here. */
// deno-lint-ignore no-explicit-any
type Package = any;

async function load(): Promise<() => Promise<string | ArrayBuffer>> {
  if (client === "fetch") return async () => await (await fetch(url)).arrayBuffer();
  const [, name, version, part] = /^(\w+)@([\d.]+)(?:#(\w+))?$/.exec(client) ?? [];
  // The specifier is made here, so that the package is loaded only by those who measure it.
  const module: Package = await import(`npm:${name}@${version}`);
  if (name === "ky") return () => module.default.get(url).arrayBuffer();
  if (name === "axios") return async () => (await module.default.get(url)).data;
  if (part === "fetch") return async () => await (await module.fetch(url)).arrayBuffer();
  if (part === "request") return async () => await (await module.request(url)).body.arrayBuffer();
  throw new Error(`There is no client ${client}`);
}

await printRate(Number(seconds), await load());
// Clients with pools of their own hold connections open.
Deno.exit();
