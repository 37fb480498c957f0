/** The handler of the command line, in a module of its own so that every thread can import it. */

import {
  type BaseHTTPRequestHandler,
  CGIHTTPRequestHandler,
  type CGIHTTPRequestHandlerOptions,
  type ClientAddress,
  type HandlerServer,
  SimpleHTTPRequestHandler,
} from "../server/mod.ts";

/** What the command line chooses: plain data, which can be handed to other threads. */
export interface CliHandlerOptions extends CGIHTTPRequestHandlerOptions {
  /** Whether scripts are run. */
  readonly cgi: boolean;
  /** The version that responses are meant for. */
  readonly protocolVersion: string;
  /** Whether requests are not logged. */
  readonly quiet: boolean;
}

function silent(): void {}

/** Makes the handler of a request. */
export default function cliHandler(
  request: Request,
  clientAddress: ClientAddress,
  server: HandlerServer,
  options: CliHandlerOptions,
): BaseHTTPRequestHandler {
  const Handler = options.cgi ? CGIHTTPRequestHandler : SimpleHTTPRequestHandler;
  const handler = new Handler(request, clientAddress, server, options);
  handler.protocolVersion = options.protocolVersion;
  if (options.quiet) {
    handler.logRequest = silent;
    handler.logError = silent;
  }
  return handler;
}
