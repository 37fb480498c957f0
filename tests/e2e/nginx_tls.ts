/** nginx as a TLS server: a valid certificate and every kind of bad one, and a server that asks for one of the client's. */

import { isInstalled } from "../../tools/installed.ts";
import { Authority, type Identity, selfSigned } from "../client/wire/authority.ts";
import { freePort, Peer } from "./peer.ts";
import { run, testWith } from "./program.ts";

/** What is wrong with the certificate of a server. */
export const FAULTS = ["expired", "notYetValid", "wrongHost", "selfSigned", "unknownAuthority", "commonName"] as const;

/** The running nginx. */
export interface NginxTls {
  /** A server without fault. It answers with the version of TLS. */
  readonly valid: string;
  /** Servers with a fault. */
  readonly faulty: Readonly<Record<typeof FAULTS[number], string>>;
  /** Asks for a client certificate, and answers with the name in it. */
  readonly mutual: string;
  /** Speaks TLS 1.2 only. */
  readonly old: string;
  /** The path of the certificate of the authority. */
  readonly ca: string;
  /** The path of a self-signed certificate: that of a server in {@linkcode faulty}. */
  readonly selfSignedCert: string;
  /** The client's certificate and key, in many forms. */
  readonly client: {
    readonly cert: string;
    readonly key: string;
    readonly both: string;
    readonly encryptedKey: string;
    /** The same in the older form of OpenSSL. */
    readonly traditionalKey: string;
    readonly pfx: string;
    /** Without a password. */
    readonly openPfx: string;
    /** A certificate of an authority that the server does not know. */
    readonly stranger: string;
  };
}

/** Of the encrypted keys and the PFX file. */
export const PASSWORD = "sesame";

const PROGRAMS = ["nginx", "openssl"];
const HOST = "localhost";

let peer: Peer | undefined;
let nginx: NginxTls | undefined;

/** Registers a test against this nginx; without it the test is ignored, and its name says why. */
export function nginxTlsTest(name: string, run: (nginx: NginxTls) => Promise<void>): void {
  testWith(PROGRAMS, name, () => run(nginx!));
}

/** Starts nginx, if there is one. */
export async function startNginxTls(): Promise<void> {
  if (!PROGRAMS.every(isInstalled)) return;
  const [authority, stranger] = [await Authority.create("test CA"), await Authority.create("another CA")];
  const valid = await authority.issue();
  const own = await selfSigned();
  const faulty: Record<typeof FAULTS[number], Identity> = {
    expired: await authority.issue({ days: [-3, -1] }),
    notYetValid: await authority.issue({ days: [1, 3] }),
    wrongHost: await authority.issue({ hosts: ["elsewhere.test"] }),
    selfSigned: own,
    unknownAuthority: await stranger.issue(),
    commonName: await authority.issue({ hosts: [], name: HOST }),
  };
  const client = await authority.issue({ client: true, name: "client" });
  const unknown = await stranger.issue({ client: true, name: "stranger" });
  peer = await Peer.start(async (folder) => {
    const at = (name: string) => `${folder}/${name}`;
    await Deno.mkdir(at("temp"));
    const files: Record<string, string> = {
      "ca.pem": authority.cert,
      "self.pem": own.cert,
      "client.pem": client.cert,
      "client.key": client.key,
      "both.pem": client.cert + client.key,
      "stranger.pem": unknown.cert + unknown.key,
    };
    const servers: string[] = [];
    const serve = (name: string, identity: Identity, more = ""): string => {
      files[`${name}-server.pem`] = identity.cert + identity.key;
      const port = freePort();
      servers.push(`server {
        listen 127.0.0.1:${port} ssl;
        ssl_certificate ${at(name)}-server.pem; ssl_certificate_key ${at(name)}-server.pem;
        ssl_protocols ${name === "old" ? "TLSv1.2" : "TLSv1.2 TLSv1.3"};
        ${more}
        location / { return 200 "$ssl_protocol $ssl_client_s_dn"; }
      }`);
      return `https://${HOST}:${port}`;
    };
    const asked = `ssl_client_certificate ${at("ca.pem")}; ssl_verify_client on;`;
    nginx = {
      valid: serve("valid", valid),
      old: serve("old", valid),
      mutual: serve("mutual", valid, asked),
      faulty: Object.fromEntries(FAULTS.map((name) => [name, serve(name, faulty[name])])) as NginxTls["faulty"],
      ca: at("ca.pem"),
      selfSignedCert: at("self.pem"),
      client: {
        cert: at("client.pem"),
        key: at("client.key"),
        both: at("both.pem"),
        encryptedKey: at("encrypted.key"),
        traditionalKey: at("traditional.key"),
        pfx: at("client.p12"),
        openPfx: at("open.p12"),
        stranger: at("stranger.pem"),
      },
    };
    for (const [name, content] of Object.entries(files)) await Deno.writeTextFile(at(name), content);
    const { key, cert, encryptedKey, traditionalKey, pfx, openPfx } = nginx.client;
    await run("openssl", "pkcs8", "-topk8", "-in", key, "-out", encryptedKey, "-passout", `pass:${PASSWORD}`);
    const traditional = ["-traditional", "-aes256", "-passout", `pass:${PASSWORD}`];
    await run("openssl", "pkey", "-in", key, "-out", traditionalKey, ...traditional);
    for (const [path, password] of [[pfx, PASSWORD], [openPfx, ""]] as const) {
      const args = ["-export", "-in", cert, "-inkey", key, "-out", path, "-passout", `pass:${password}`];
      await run("openssl", "pkcs12", ...args);
    }
    await Deno.writeTextFile(at("nginx.conf"), configuration(folder, servers));
    return {
      program: "nginx",
      args: ["-e", "stderr", "-p", folder, "-c", at("nginx.conf")],
      ready: /using the "\w+" event method/,
    };
  });
}

/** Ends it. */
export async function stopNginxTls(): Promise<void> {
  await peer?.stop();
  peer = undefined;
}

function configuration(folder: string, servers: readonly string[]): string {
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/temp/${name};`).join("\n");
  return `
daemon off;
master_process off;
error_log stderr notice;
pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary}
  ${servers.join("\n")}
}
`;
}
