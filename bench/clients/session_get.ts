// Sequential GETs with Session: session_get.ts URL SECONDS [--engine E] [--cookies N] [--sessions N] [--hook] [--at-once N].
import { parseArgs } from "@std/cli/parse-args";
import { HTTPAdapter, Session } from "../../client/mod.ts";
import { printRates } from "./rate.ts";

/** The command line, as parseArgs reads it. */
interface Flags {
  readonly _: readonly (string | number)[];
  readonly cookies: string;
  readonly sessions: string;
  /** Whether the cookies belong to other hosts, one each, and only the first one to the server. */
  readonly elsewhere: boolean;
  readonly hook: boolean;
  readonly engine: "fetch" | "wire";
  /** How many requests run at once. */
  readonly "at-once": string;
}

const flags = parseArgs(Deno.args, {
  string: ["cookies", "sessions", "engine", "at-once"],
  boolean: ["hook", "elsewhere"],
  default: { cookies: "0", sessions: "1", engine: "fetch", "at-once": "1" },
}) as unknown as Flags;
const [url, seconds] = flags._;

const sessions = Array.from({ length: Number(flags.sessions) }, () => {
  const session = new Session();
  const adapter = new HTTPAdapter({ engine: flags.engine, poolMaxsize: Number(flags["at-once"]) + 10 });
  for (const prefix of ["http://", "https://"]) session.mount(prefix, adapter);
  for (let i = 0; i < Number(flags.cookies); i++) {
    const domain = flags.elsewhere && i > 0 ? `host${i}.example` : "127.0.0.1";
    session.cookies.set(`cookie${i}`, `value${i}`, { domain });
  }
  if (flags.hook) session.hooks.response.push((response) => void response.headers);
  return session;
});
await printRates(Number(seconds), async (index) => {
  const response = await sessions[index % sessions.length]!.get(String(url));
  return response.content;
}, Number(flags["at-once"]));
for (const session of sessions) await session.close();
