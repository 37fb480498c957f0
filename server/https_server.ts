/**
 * `HTTPSServer` and `ThreadingHTTPSServer`: the servers over TLS.
 *
 * @module
 */

import { checkCertificate } from "./_certificate.ts";
import type { ClientAddress } from "./base_handler.ts";
import {
  type Handler,
  HTTPServer,
  type HTTPServerOptions,
  type RequestInfo,
  type ServerAddress,
} from "./http_server.ts";

/** Options of {@linkcode HTTPSServer}: the certificate from files, or as text in `cert` and `key`. */
export interface HTTPSServerOptions extends HTTPServerOptions {
  /**
   * The file with the certificate chain, PEM, the server's own certificate first. It may hold the key, too.
   *
   * @default {undefined}
   */
  certfile?: string | URL;
  /**
   * The file with the private key: PEM as PKCS#8, PKCS#1 or SEC 1, encrypted or not. `certfile` by default.
   *
   * @default {undefined}
   */
  keyfile?: string | URL;
  /**
   * The password of an encrypted key, or a function that gives it.
   *
   * @default {undefined}
   */
  password?: string | (() => string);
  /**
   * The protocols to offer. `Deno.serve` offers `h2` and `http/1.1` always; any other list is refused.
   *
   * @default {["h2", "http/1.1"]}
   */
  alpnProtocols?: readonly string[];
}

const ALPN_PROTOCOLS: readonly string[] = ["h2", "http/1.1"];

/**
 * A server over TLS that answers one request at a time: Python's `http.server.HTTPSServer` (3.14). Clients may choose HTTP/2.
 *
 * Certificate, key and password are checked by the constructor. Everything else is as in {@linkcode HTTPServer}.
 *
 * Ports Python's `http.server.HTTPSServer`. Needs `--allow-net` for the address, and `--allow-read` for the files.
 *
 * @example From files
 * ```ts
 * import { BaseHTTPRequestHandler, HTTPSServer, selfSignedCertificate } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * const { cert, key } = await selfSignedCertificate();
 * const pem = await Deno.makeTempFile();
 * await Deno.writeTextFile(pem, cert + key);
 *
 * await using server = new HTTPSServer(["127.0.0.1", 0], BaseHTTPRequestHandler, { certfile: pem });
 * assert.ok(server.serverPort > 0);
 * assert.throws(
 *   () => new HTTPSServer(["127.0.0.1", 0], BaseHTTPRequestHandler, { certfile: pem, keyfile: "no-such-file" }),
 *   /no-such-file/,
 * );
 * await Deno.remove(pem);
 * ```
 */
export class HTTPSServer extends HTTPServer {
  /** The file with the certificate chain, or `null` where that was given as text. */
  readonly certfile: string | URL | null;
  /** The file with the private key, or `null` where that was given as text. */
  readonly keyfile: string | URL | null;
  /** The protocols that are offered. */
  readonly alpnProtocols: readonly string[] = ALPN_PROTOCOLS;

  /**
   * Makes a server, and binds its address unless `bindAndActivate` is false.
   *
   * @param serverAddress where to listen; not a Unix socket.
   * @param RequestHandlerClass a handler class, a function that makes handlers, or the URL of a module with one.
   * @param options see {@linkcode HTTPSServerOptions}; `certfile`, or `cert` and `key`, must be there.
   * @throws {TypeError} when there is no certificate or no key, the password is wrong or missing, or the key belongs to
   * another certificate; the message names the file.
   * @throws {Deno.errors.NotFound} when a file does not exist.
   * @throws {Deno.errors.NotCapable} without `--allow-read` for a file, or `--allow-net` for the address.
   * @throws {Deno.errors.AddrInUse} when another program listens there.
   */
  constructor(serverAddress: ServerAddress, RequestHandlerClass: Handler, options: HTTPSServerOptions) {
    if (typeof serverAddress === "string") {
      throw new TypeError(`Cannot speak HTTPS over the Unix socket "${serverAddress}": use HTTPServer there`);
    }
    const { alpnProtocols = ALPN_PROTOCOLS } = options;
    if (alpnProtocols.length !== 2 || ALPN_PROTOCOLS.some((protocol) => !alpnProtocols.includes(protocol))) {
      throw new TypeError(
        `Cannot offer only ${alpnProtocols.join(", ")}: Deno.serve offers ${ALPN_PROTOCOLS.join(" and ")}`,
      );
    }
    super(serverAddress, RequestHandlerClass, { ...options, ...readCertificate(options) });
    this.certfile = options.certfile ?? null;
    this.keyfile = options.keyfile ?? options.certfile ?? null;
  }
}

/**
 * A server over TLS that answers requests concurrently: Python's `http.server.ThreadingHTTPSServer` (3.14).
 *
 * Everything else is as in {@linkcode HTTPSServer}, and `workers` as in `ThreadingHTTPServer`.
 *
 * @example With a certificate made on the spot
 * ```ts
 * import { selfSignedCertificate, SimpleHTTPRequestHandler, ThreadingHTTPSServer } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * await using server = new ThreadingHTTPSServer(
 *   ["127.0.0.1", 0],
 *   SimpleHTTPRequestHandler,
 *   await selfSignedCertificate({ hosts: ["files.example"] }),
 * );
 * assert.deepEqual(server.alpnProtocols, ["h2", "http/1.1"]);
 * ```
 */
export class ThreadingHTTPSServer extends HTTPSServer {
  /** Has a request answered by `finishRequest()` at once. */
  override processRequest(
    request: Request,
    clientAddress: ClientAddress,
    _info: RequestInfo,
  ): Response | Promise<Response> {
    return this.finishRequest(request, clientAddress);
  }
}

function readCertificate(options: HTTPSServerOptions): { cert: string; key: string } {
  const { certfile, keyfile, cert, key, password } = options;
  const chain = certfile === undefined ? cert : readPem(certfile);
  if (chain === undefined) {
    throw new TypeError("Cannot speak HTTPS without a certificate: give certfile, or cert and key");
  }
  return checkCertificate({
    cert: { text: chain, name: certfile === undefined ? "cert" : String(certfile) },
    key: keyfile !== undefined
      ? { text: readPem(keyfile), name: String(keyfile) }
      : { text: key ?? chain, name: key !== undefined ? "key" : certfile === undefined ? "cert" : String(certfile) },
    password: typeof password === "function" ? password() : password ?? null,
  });
}

function readPem(file: string | URL): string {
  try {
    return Deno.readTextFileSync(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) {
      throw new Deno.errors.NotFound(`Cannot read "${file}": there is no such file`, { cause: error });
    }
    throw error;
  }
}
