/** The certificate that the command line asks for. */

import { selfSignedCertificate } from "../server/mod.ts";
import type { TlsOptions } from "./options.ts";
import { ServeError } from "./serve_error.ts";

/** What `ThreadingHTTPSServer` is given, and the fingerprint of a certificate that was made on the spot. */
export interface Tls {
  readonly server: {
    readonly certfile?: string;
    readonly keyfile?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly password?: string;
  };
  readonly fingerprint: string | null;
}

/**
 * Makes a certificate, or gets the files ready to be read.
 *
 * @throws {ServeError} when a file may not be read, or the password file cannot be.
 */
export async function prepareTls({ certFile, keyFile, passwordFile }: TlsOptions): Promise<Tls> {
  if (certFile === null) {
    const { cert, key, fingerprint } = await selfSignedCertificate({ hosts: await ownNames() });
    return { server: { cert, key }, fingerprint };
  }
  for (const file of [certFile, keyFile, passwordFile]) if (file !== null) await checkReadable(file);
  return {
    server: {
      certfile: certFile,
      ...(keyFile === null ? {} : { keyfile: keyFile }),
      ...(passwordFile === null ? {} : { password: await readPassword(passwordFile) }),
    },
    fingerprint: null,
  };
}

async function checkReadable(file: string): Promise<void> {
  const { state } = await Deno.permissions.request({ name: "read", path: file });
  if (state !== "granted") throw new ServeError(`Cannot read "${file}": run again with --allow-read`);
}

async function readPassword(file: string): Promise<string> {
  try {
    return (await Deno.readTextFile(file)).trim();
  } catch (error) {
    throw new ServeError(`Cannot read the password file "${file}": ${(error as Error).message}`);
  }
}

/** The machine's name and its addresses in the local network, where asking for them is permitted. */
async function ownNames(): Promise<string[]> {
  const names: string[] = [];
  if ((await Deno.permissions.query({ name: "sys", kind: "hostname" })).state === "granted") {
    names.push(Deno.hostname());
  }
  if ((await Deno.permissions.query({ name: "sys", kind: "networkInterfaces" })).state === "granted") {
    // An address of an interface may name its zone ("fe80::1%eth0"), which means nothing in a certificate.
    for (const { address } of Deno.networkInterfaces()) names.push(address.split("%", 1)[0]!);
  }
  return names;
}
