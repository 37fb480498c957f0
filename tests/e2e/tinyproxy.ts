/** tinyproxy, which answers in HTTP/1.0: one for everybody, one with a password, and that one again behind TLS. */

import { isInstalled } from "../../tools/installed.ts";
import { Authority } from "../client/wire/authority.ts";
import { freePort, Peer } from "./peer.ts";
import { testWith } from "./program.ts";

/** The running proxies. */
export interface Tinyproxy {
  /** Lets everybody through. */
  readonly open: string;
  /** Asks for {@linkcode USER} and {@linkcode PASSWORD}. */
  readonly guarded: string;
  /** The same with user and password in it. */
  readonly withCredentials: string;
  /** An https proxy: stunnel in front of the guarded one, with user and password. */
  readonly secure: string;
  /** The path of the certificate of the authority that signed for the https proxy, and for {@linkcode authority}. */
  readonly ca: string;
  /** For certificates of the servers behind the proxy. */
  readonly authority: Authority;
}

/** Known to the proxy that asks. */
export const USER = "user";
/** tinyproxy takes letters and digits, not more. */
export const PASSWORD = "sesame";

const PROGRAMS = ["tinyproxy", "stunnel"];

const peers: Peer[] = [];
let tinyproxy: Tinyproxy | undefined;

/** Registers a test against tinyproxy; without it the test is ignored, and its name says why. */
export function tinyproxyTest(name: string, run: (tinyproxy: Tinyproxy) => Promise<void>): void {
  testWith(PROGRAMS, name, () => run(tinyproxy!));
}

/** Starts the proxies, if there are any. */
export async function startTinyproxy(): Promise<void> {
  if (!PROGRAMS.every(isInstalled)) return;
  const open = await start("");
  const guarded = await start(`BasicAuth ${USER} ${PASSWORD}`);
  const authority = await Authority.create("test CA of the proxy");
  const { cert, key } = await authority.issue();
  let port = 0;
  const stunnel = await Peer.start(async (folder) => {
    port = freePort();
    await Deno.writeTextFile(`${folder}/both.pem`, key + cert);
    await Deno.writeTextFile(`${folder}/ca.pem`, authority.cert);
    await Deno.writeTextFile(`${folder}/stunnel.conf`, stunnelConfiguration(folder, port, guarded));
    return { program: "stunnel", args: [`${folder}/stunnel.conf`], ready: /Accepting new connections/ };
  });
  peers.push(stunnel);
  const credentials = `${USER}:${PASSWORD}@`;
  tinyproxy = {
    open: `http://127.0.0.1:${open}`,
    guarded: `http://127.0.0.1:${guarded}`,
    withCredentials: `http://${credentials}127.0.0.1:${guarded}`,
    secure: `https://${credentials}localhost:${port}`,
    ca: `${stunnel.folder}/ca.pem`,
    authority,
  };
}

/** Ends them. */
export async function stopTinyproxy(): Promise<void> {
  for (const peer of peers.splice(0)) await peer.stop();
}

async function start(more: string): Promise<number> {
  let port = 0;
  peers.push(
    await Peer.start(async (folder) => {
      port = freePort();
      await Deno.writeTextFile(
        `${folder}/tinyproxy.conf`,
        `Port ${port}\nListen 127.0.0.1\nTimeout 60\nMaxClients 50\nLogLevel Info\n${more}\n`,
      );
      return { program: "tinyproxy", args: ["-d", "-c", `${folder}/tinyproxy.conf`], ready: /Starting main loop/ };
    }),
  );
  return port;
}

function stunnelConfiguration(folder: string, accept: number, connect: number): string {
  return `
foreground = yes
pid =
syslog = no
debug = info
[proxy]
accept = 127.0.0.1:${accept}
connect = 127.0.0.1:${connect}
cert = ${folder}/both.pem
`;
}
