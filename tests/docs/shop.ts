/** A server over HTTPS for the examples in docs/. */

import { createServer } from "node:https";
import type { TLSSocket } from "node:tls";
import { CA, CLIENT_CERT, CLIENT_KEY, SERVER_CERT, SERVER_KEY } from "../client/tls_material.ts";
import { tempTree } from "../helpers/temp_tree.ts";

/** A server whose certificate is signed by an authority that nobody else trusts; it greets clients by their certificate. */
export interface Shop extends AsyncDisposable {
  /** A folder with `ca.pem`, `client.cert`, `client.key` and `client.pem`, which holds both of the client's. */
  readonly files: string;
  /** Its origin. */
  toString(): string;
}

/** Opens the shop, on a port of its own. */
export async function shop(): Promise<Shop> {
  const files = await tempTree({
    "ca.pem": CA,
    "client.cert": CLIENT_CERT,
    "client.key": CLIENT_KEY,
    "client.pem": CLIENT_CERT + CLIENT_KEY,
  });
  const tls = { cert: SERVER_CERT, key: SERVER_KEY, ca: CA, requestCert: true, rejectUnauthorized: false };
  const server = createServer(tls, (request, response) => {
    const socket = request.socket as TLSSocket;
    const name = socket.authorized ? socket.getPeerCertificate().subject.CN : "stranger";
    response.setHeader("Content-Type", "text/plain");
    response.setHeader("Connection", "close");
    response.end(`hello ${name}`);
  });
  // A client that does not trust the server hangs up in the middle of the handshake.
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    files: files.path,
    toString: () => `https://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => server.close(resolve));
      await files[Symbol.asyncDispose]();
    },
  };
}
