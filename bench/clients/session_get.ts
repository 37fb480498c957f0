// Sequential GETs with Session: session_get.ts URL SECONDS [--cookies N] [--sessions N] [--hook].
import { parseArgs } from "@std/cli/parse-args";
import { Session } from "../../client/mod.ts";
import { printRate } from "./rate.ts";

/** The command line, as parseArgs reads it. */
interface Flags {
  readonly _: readonly (string | number)[];
  readonly cookies: string;
  readonly sessions: string;
  /** Whether the cookies belong to other hosts, one each, and only the first one to the server. */
  readonly elsewhere: boolean;
  readonly hook: boolean;
}

const flags = parseArgs(Deno.args, {
  string: ["cookies", "sessions"],
  boolean: ["hook", "elsewhere"],
  default: { cookies: "0", sessions: "1" },
}) as unknown as Flags;
const [url, seconds] = flags._;

const sessions = Array.from({ length: Number(flags.sessions) }, () => {
  const session = new Session();
  for (let i = 0; i < Number(flags.cookies); i++) {
    const domain = flags.elsewhere && i > 0 ? `host${i}.example` : "127.0.0.1";
    session.cookies.set(`cookie${i}`, `value${i}`, { domain });
  }
  if (flags.hook) session.hooks.response.push((response) => void response.headers);
  return session;
});
await printRate(Number(seconds), async (index) => {
  const response = await sessions[index % sessions.length]!.get(String(url));
  return response.content;
});
for (const session of sessions) await session.close();
