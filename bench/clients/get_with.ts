// Sequential GETs with a client of Deno's world: get_with.ts CLIENT URL SECONDS [AT_ONCE]. A package is named by its specifier.
import { printRate } from "./rate.ts";

const [client = "", url = "", seconds = "", atOnce = "1"] = Deno.args;

/** What the packages export, as far as it is called here. */
// deno-lint-ignore no-explicit-any
type Package = any;

async function load(): Promise<() => Promise<string | ArrayBuffer>> {
  if (client === "fetch") return async () => await (await fetch(url)).arrayBuffer();
  if (client === "node") return await nodeClient();
  const [, name, version, part] = /^(\w+)@([\d.]+)(?:#(\w+))?$/.exec(client) ?? [];
  // The specifier is made here, so that the package is loaded only by those who measure it.
  const module: Package = await import(`npm:${name}@${version}`);
  if (name === "ky") return () => module.default.get(url).arrayBuffer();
  if (name === "axios") return async () => (await module.default.get(url)).data;
  if (part === "fetch") return async () => await (await module.fetch(url)).arrayBuffer();
  if (part === "request") return async () => await (await module.request(url)).body.arrayBuffer();
  throw new Error(`There is no client ${client}`);
}

/** The http module of Node, as Deno has it. */
async function nodeClient(): Promise<() => Promise<string>> {
  const { Agent, request } = await import("node:http");
  const agent = new Agent({ keepAlive: true, maxSockets: 100 });
  return () =>
    new Promise((resolve, reject) => {
      request(url, { agent }, (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (piece: string) => text += piece);
        response.on("end", () => resolve(text));
        response.on("error", reject);
      }).on("error", reject).end();
    });
}

await printRate(Number(seconds), await load(), Number(atOnce));
// Clients with pools of their own hold connections open.
Deno.exit();
