/** microsocks: SOCKS 5, with user and password. */

import { isInstalled } from "../../tools/installed.ts";
import { freePort, Peer } from "./peer.ts";
import { testWith } from "./program.ts";

/** The running microsocks. */
export interface Microsocks {
  /** Its host and port. It asks for {@linkcode USER} and {@linkcode PASSWORD}. */
  readonly host: string;
  /** The same with user and password, for a URL. */
  readonly withCredentials: string;
}

/** Known to the proxy. */
export const USER = "user";
/** With characters that a URL has to escape. */
export const PASSWORD = "p@ss:/w rd";

let peer: Peer | undefined;
let microsocks: Microsocks | undefined;

/** Registers a test against microsocks; without it the test is ignored, and its name says why. */
export function microsocksTest(name: string, run: (microsocks: Microsocks) => Promise<void>): void {
  testWith("microsocks", name, () => run(microsocks!));
}

/** Starts microsocks, if there is one. */
export async function startMicrosocks(): Promise<void> {
  if (!isInstalled("microsocks")) return;
  let port = 0;
  peer = await Peer.start(() => {
    port = freePort();
    const args = ["-i", "127.0.0.1", "-p", String(port), "-u", USER, "-P", PASSWORD];
    return { program: "microsocks", args, ready: port };
  });
  const host = `127.0.0.1:${port}`;
  microsocks = { host, withCredentials: `${USER}:${encodeURIComponent(PASSWORD)}@${host}` };
}

/** Ends it. */
export async function stopMicrosocks(): Promise<void> {
  await peer?.stop();
  peer = undefined;
}
