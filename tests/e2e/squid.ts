/** squid: one port for everybody, one that asks for user and password. */

import { isInstalled } from "../../tools/installed.ts";
import { freePort, Peer } from "./peer.ts";
import { testWith } from "./program.ts";

/** The running squid. */
export interface Squid {
  /** Lets everybody through. */
  readonly open: string;
  /** Asks for {@linkcode USER} and {@linkcode PASSWORD}. */
  readonly guarded: string;
  /** The same with user and password in it. */
  readonly withCredentials: string;
  /**
   * Gives the requests that squid has logged for a port, as `STATUS METHOD TARGET USER`, and waits until there are some: it
   * writes them after the response.
   */
  logged(port: number, count: number): Promise<string[]>;
}

/** Known to the port that asks. */
export const USER = "user";
/** With characters that a URL has to escape. */
export const PASSWORD = "p@ss:/w rd";

/** What squid asks about credentials: one pair a line, with blanks percent-encoded. */
const HELPER = `while read -r user password; do
  if [ "$user" = "${USER}" ] && [ "$password" = "${PASSWORD.replace(" ", "%20")}" ]; then echo OK; else echo ERR; fi
done
`;

let peer: Peer | undefined;
let squid: Squid | undefined;

/** Registers a test against squid; without it the test is ignored, and its name says why. */
export function squidTest(name: string, run: (squid: Squid) => Promise<void>): void {
  testWith("squid", name, () => run(squid!));
}

/** Starts squid, if there is one. */
export async function startSquid(): Promise<void> {
  if (!isInstalled("squid")) return;
  let ports: [number, number] = [0, 0];
  peer = await Peer.start(async (folder) => {
    ports = [freePort(), freePort()];
    await Deno.writeTextFile(`${folder}/helper.sh`, HELPER);
    await Deno.writeTextFile(`${folder}/squid.conf`, configuration(folder, ...ports));
    return {
      program: "squid",
      args: ["-N", "-d", "1", "-f", `${folder}/squid.conf`],
      ready: /(?:Accepting HTTP Socket connections[^]*){2}/,
    };
  });
  const { folder } = peer;
  const guarded = `http://127.0.0.1:${ports[1]}`;
  squid = {
    open: `http://127.0.0.1:${ports[0]}`,
    guarded,
    withCredentials: guarded.replace("://", `://${USER}:${encodeURIComponent(PASSWORD)}@`),
    logged: (port, count) => readLog(`${folder}/access.log`, port, count),
  };
}

/** Ends it. */
export async function stopSquid(): Promise<void> {
  await peer?.stop();
  peer = undefined;
}

async function readLog(file: string, port: number, count: number): Promise<string[]> {
  using watcher = Deno.watchFs(file);
  for (const events = watcher[Symbol.asyncIterator]();;) {
    const lines = (await Deno.readTextFile(file)).split("\n").filter((line) => line.includes(`:${port}`));
    if (lines.length >= count) return lines;
    await events.next();
  }
}

function configuration(folder: string, open: number, guarded: number): string {
  return `
http_port 127.0.0.1:${open} name=open
http_port 127.0.0.1:${guarded} name=guarded
auth_param basic program /bin/sh ${folder}/helper.sh
auth_param basic children 1
auth_param basic realm squid test
acl guarded myportname guarded
acl known proxy_auth REQUIRED
acl forbidden urlpath_regex ^/forbidden
http_access deny forbidden
http_access allow guarded known
http_access deny guarded
http_access allow all
via on
forwarded_for on
cache deny all
shutdown_lifetime 0 seconds
visible_hostname squid.test
pid_filename none
coredump_dir ${folder}
cache_log ${folder}/cache.log
logformat test %>Hs %rm %ru %un
access_log stdio:${folder}/access.log logformat=test
buffered_logs off
`;
}
