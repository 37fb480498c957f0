/** dante: SOCKS 4, 4a and 5 for everybody, except to {@linkcode BLOCKED}. */

import { isInstalled } from "../../tools/installed.ts";
import { freePort, Peer } from "./peer.ts";
import { testWith } from "./program.ts";

/** The running dante. */
export interface Dante {
  /** Its host and port. */
  readonly host: string;
}

/** An address that it connects nobody to. */
export const BLOCKED = "127.0.0.2";

let peer: Peer | undefined;
let dante: Dante | undefined;

/** Registers a test against dante; without it the test is ignored, and its name says why. */
export function danteTest(name: string, run: (dante: Dante) => Promise<void>): void {
  testWith("danted", name, () => run(dante!));
}

/** Starts dante, if there is one. */
export async function startDante(): Promise<void> {
  if (!isInstalled("danted")) return;
  let port = 0;
  peer = await Peer.start(async (folder) => {
    port = freePort();
    await Deno.writeTextFile(`${folder}/danted.conf`, configuration(port));
    const args = ["-f", `${folder}/danted.conf`, "-N", "1", "-p", `${folder}/danted.pid`];
    return { program: "danted", args, ready: /running/ };
  });
  dante = { host: `127.0.0.1:${port}` };
}

/** Ends it. */
export async function stopDante(): Promise<void> {
  await peer?.stop();
  peer = undefined;
}

function configuration(port: number): string {
  return `
logoutput: stderr
internal: 127.0.0.1 port = ${port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
client pass { from: 0/0 to: 0/0 }
socks block { from: 0/0 to: ${BLOCKED}/32 }
socks pass { from: 0/0 to: 0/0 }
`;
}
