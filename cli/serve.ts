/** Serving as the command line asks: checks first, then the server until it is interrupted. */

import { type Handler, ThreadingHTTPServer, ThreadingHTTPSServer } from "../server/mod.ts";
import cliHandler, { type CliHandlerOptions } from "./handler.ts";
import type { CliOptions } from "./options.ts";
import { ServeError } from "./serve_error.ts";
import { prepareTls, type Tls } from "./tls.ts";

/** Either of the two servers that the command line starts. */
type CliServer = ThreadingHTTPServer | ThreadingHTTPSServer;

/**
 * Serves until Ctrl-C (or SIGTERM), and returns the exit status.
 *
 * @throws {ServeError} when the directory, the address or the certificate cannot be used.
 */
export async function serve(options: CliOptions): Promise<number> {
  const directory = options.directory ?? ".";
  await checkDirectory(directory);
  if (options.cgi) await checkScripts();
  const tls = options.tls === null ? null : await prepareTls(options.tls);
  const server = await bind(options, tls, {
    directory,
    extraResponseHeaders: options.headers,
    dotfiles: options.dotfiles,
    followSymlinks: options.followSymlinks,
    compress: options.compress,
    cache: options.cache,
    spa: options.spa,
    cors: options.cors,
    allowedHosts: [...options.allowedHosts, ...await machineName()],
    ...(options.contentType === null ? {} : { defaultContentType: options.contentType }),
    cgi: options.cgi,
    cgiTimeout: options.cgiTimeout,
    protocolVersion: options.protocol,
    quiet: options.quiet,
  });

  // Before the first line: whoever waits for that may interrupt at once.
  const interrupted = interruption();
  const serving = server.serveForever();
  announce(server, options, tls);
  await Promise.race([interrupted.promise, serving]);
  console.log("\nKeyboard interrupt received, exiting.");
  await Promise.race([server.serverClose({ grace: options.grace }), interrupted.again]);
  interrupted.release();
  return 0;
}

async function checkDirectory(directory: string): Promise<void> {
  // Asking first keeps Deno from asking in the middle of a request; without a terminal it answers at once.
  const { state } = await Deno.permissions.request({ name: "read", path: directory });
  if (state !== "granted") {
    throw new ServeError(`Cannot read the directory "${directory}": run again with --allow-read`);
  }
  try {
    if (!Deno.statSync(directory).isDirectory) {
      throw new ServeError(`Cannot serve "${directory}": it is not a directory`);
    }
    for (const _ of Deno.readDirSync(directory)) break;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) throw new ServeError(`Cannot serve "${directory}": no such directory`);
    if (error instanceof Deno.errors.PermissionDenied) {
      throw new ServeError(`Cannot serve "${directory}": the system does not let this user read it`);
    }
    throw error;
  }
}

/** Scripts need two permissions more; asking now beats a 500 for the first request. */
async function checkScripts(): Promise<void> {
  const wanted: [Deno.PermissionDescriptor, string][] = [[{ name: "run" }, "--allow-run"]];
  if (Deno.build.os !== "windows") wanted.push([{ name: "sys", kind: "uid" }, "--allow-sys=uid"]);
  for (const [descriptor, flag] of wanted) {
    if ((await Deno.permissions.request(descriptor)).state !== "granted") {
      throw new ServeError(`Cannot run scripts: run again with ${flag}`);
    }
  }
}

/** The machine's own name, where asking for it is permitted. */
async function machineName(): Promise<string[]> {
  const { state } = await Deno.permissions.query({ name: "sys", kind: "hostname" });
  return state === "granted" ? [Deno.hostname()] : [];
}

async function bind(options: CliOptions, tls: Tls | null, handlerOptions: CliHandlerOptions): Promise<CliServer> {
  const { port, workers } = options;
  // Other threads import the handler themselves; one thread has it already, and needs no permission to import.
  const handler: Handler = workers > 1
    ? import.meta.resolve("./handler.ts")
    : (request, clientAddress, server) => cliHandler(request, clientAddress, server, handlerOptions);
  // Without --bind one dual-stack socket takes both families; a machine without IPv6 gets an IPv4 one.
  const hosts = options.bind === null ? ["::", "0.0.0.0"] : [options.bind];
  for (const [index, host] of hosts.entries()) {
    const last = index === hosts.length - 1;
    const where = `${host.includes(":") ? `[${host}]` : host}:${port}`;
    const { state } = last
      ? await Deno.permissions.request({ name: "net", host: where })
      : await Deno.permissions.query({ name: "net", host: where });
    if (state !== "granted") {
      if (!last) continue;
      throw new ServeError(`Cannot listen on ${where}: run again with --allow-net`);
    }
    try {
      return tls === null
        ? new ThreadingHTTPServer([host, port], handler, { workers, handlerOptions })
        : new ThreadingHTTPSServer([host, port], handler, { workers, handlerOptions, ...tls.server });
    } catch (error) {
      // The certificate was looked at first: its message names the file.
      if (tls !== null && (error instanceof TypeError || error instanceof Deno.errors.NotFound)) {
        throw new ServeError(error.message);
      }
      if (last || error instanceof Deno.errors.AddrInUse) throw new ServeError(bindMessage(where, port, error));
    }
  }
  throw new ServeError(`Cannot listen on port ${port}`);
}

function bindMessage(where: string, port: number, error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return `Cannot listen on ${where}: port ${port} is in use, choose another one or 0 for a free one`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `Cannot listen on ${where}: the system does not let this user use port ${port}, choose one above 1023`;
  }
  return `Cannot listen on ${where}: ${error instanceof Error ? error.message : String(error)}`;
}

function announce(server: CliServer, options: CliOptions, tls: Tls | null): void {
  // The dual-stack socket is bound to "::"; Python names the IPv4 wildcard, and that is what people read and parse.
  const host = options.bind === null ? "0.0.0.0" : server.serverName;
  const scheme = tls === null ? "http" : "https";
  const url = `${scheme}://${host.includes(":") ? `[${host}]` : host}:${server.serverPort}/`;
  console.log(`Serving ${scheme.toUpperCase()} on ${host} port ${server.serverPort} (${url}) ...`);
  if (tls?.fingerprint) console.log(`Self-signed certificate, SHA-256 fingerprint ${tls.fingerprint}`);
  if (options.bind === null && !options.quiet) {
    console.error("Every device on the network can read this directory; --bind 127.0.0.1 keeps it on this machine");
  }
}

function interruption(): { promise: Promise<void>; again: Promise<void>; release: () => void } {
  const first = Promise.withResolvers<void>();
  const second = Promise.withResolvers<void>();
  let count = 0;
  const onSignal = () => (count++ === 0 ? first : second).resolve();
  const signals: Deno.Signal[] = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
  for (const signal of signals) Deno.addSignalListener(signal, onSignal);
  return {
    promise: first.promise,
    again: second.promise,
    release: () => signals.forEach((signal) => Deno.removeSignalListener(signal, onSignal)),
  };
}
