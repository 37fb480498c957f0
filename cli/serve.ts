/** Serving as the command line asks: checks first, then the server until it is interrupted. */

import { SimpleHTTPRequestHandler, ThreadingHTTPServer } from "../server/mod.ts";
import type { CliOptions } from "./options.ts";

/** What makes serving impossible, in one line that names the cure. */
export class ServeError extends Error {
  /** @param message what is wrong, in one line. */
  constructor(message: string) {
    super(message);
    this.name = "ServeError";
  }
}

/** Seconds that running responses have to finish after Ctrl-C. A second Ctrl-C ends them at once. */
const GRACE = 5;

/**
 * Serves until Ctrl-C (or SIGTERM), and returns the exit status.
 *
 * @throws {ServeError} when the directory or the address cannot be used.
 */
export async function serve(options: CliOptions): Promise<number> {
  const directory = options.directory ?? ".";
  await checkDirectory(directory);
  const allowedHosts = [...options.allowedHosts, ...await machineName()];

  class Handler extends SimpleHTTPRequestHandler {
    override protocolVersion = options.protocol;
    override logRequest(code: number | string = "-", size: number | string = "-"): void {
      if (!options.quiet) super.logRequest(code, size);
    }
    override logError(format: string, ...args: unknown[]): void {
      if (!options.quiet) super.logError(format, ...args);
    }
  }
  const server = await bind(options, (request, clientAddress, owner) =>
    new Handler(request, clientAddress, owner, {
      directory,
      extraResponseHeaders: options.headers,
      dotfiles: options.dotfiles,
      followSymlinks: options.followSymlinks,
      compress: options.compress,
      spa: options.spa,
      cors: options.cors,
      allowedHosts,
      ...(options.contentType === null ? {} : { defaultContentType: options.contentType }),
    }));

  // Before the first line: whoever waits for that may interrupt at once.
  const interrupted = interruption();
  announce(server, options);
  const serving = server.serveForever();
  await Promise.race([interrupted.promise, serving]);
  console.log("\nKeyboard interrupt received, exiting.");
  await Promise.race([server.serverClose({ grace: GRACE }), interrupted.again]);
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

/** The machine's own name, where asking for it is permitted. */
async function machineName(): Promise<string[]> {
  const { state } = await Deno.permissions.query({ name: "sys", kind: "hostname" });
  return state === "granted" ? [Deno.hostname()] : [];
}

async function bind(
  options: CliOptions,
  handler: ConstructorParameters<typeof ThreadingHTTPServer>[1],
): Promise<ThreadingHTTPServer> {
  const { port } = options;
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
      return new ThreadingHTTPServer([host, port], handler);
    } catch (error) {
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

function announce(server: ThreadingHTTPServer, options: CliOptions): void {
  // The dual-stack socket is bound to "::"; Python names the IPv4 wildcard, and that is what people read and parse.
  const host = options.bind === null ? "0.0.0.0" : server.serverName;
  const url = `http://${host.includes(":") ? `[${host}]` : host}:${server.serverPort}/`;
  console.log(`Serving HTTP on ${host} port ${server.serverPort} (${url}) ...`);
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
