// GETs with a client of Deno's world: get_with.ts CLIENT URL SECONDS [AT_ONCE]. A package is named by its specifier, `fetch`
// with many `Deno.HttpClient`s in turn by `fetch#N`.
import { printRates } from "./rate.ts";

const [client = "", url = "", seconds = "", atOnce = "1"] = Deno.args;

/** What the packages export, as far as it is called here. */
// deno-lint-ignore no-explicit-any
type Package = any;

async function load(): Promise<(index: number) => Promise<string | ArrayBuffer>> {
  if (client === "fetch") return async () => await (await fetch(url)).arrayBuffer();
  if (client.startsWith("fetch#")) return inTurn(Number(client.slice("fetch#".length)));
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

/** Each client has connections of its own. */
function inTurn(count: number): (index: number) => Promise<ArrayBuffer> {
  const clients = Array.from({ length: count }, () => Deno.createHttpClient({}));
  return async (index) => await (await fetch(url, { client: clients[index % count]! })).arrayBuffer();
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

await printRates(Number(seconds), await load(), Number(atOnce));
// Clients with pools of their own hold connections open.
Deno.exit();
