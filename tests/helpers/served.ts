/** Handlers and servers for tests: silent, and asked as functions or over raw sockets. */

import {
  fetchHandler,
  SimpleHTTPRequestHandler,
  type SimpleHTTPRequestHandlerOptions,
  ThreadingHTTPServer,
} from "../../server/mod.ts";

/** A file server's handler that logs nothing. */
export class SilentFiles extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

/** The file server over a folder, as a function; `headers` are those of the request. */
export function fileServer(
  directory: string,
  options: SimpleHTTPRequestHandlerOptions = {},
): (path: string, headers?: Record<string, string>, method?: string) => Promise<Response> {
  const handler = fetchHandler((request, clientAddress, server) =>
    new SilentFiles(request, clientAddress, server, { directory, ...options })
  );
  return async (path, headers = {}, method = "GET") =>
    await handler(new Request(`http://localhost${path}`, { headers, method }));
}

/** What came back over a raw socket. */
export interface RawAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** The file server over a folder on a real socket, asked with raw targets, which `Request` would normalize. */
export function rawFileServer(
  directory: string,
  options: SimpleHTTPRequestHandlerOptions = {},
): { ask(target: string, host?: string): Promise<RawAnswer> } & AsyncDisposable {
  const server = new ThreadingHTTPServer(
    ["127.0.0.1", 0],
    (request, clientAddress, owner) => new SilentFiles(request, clientAddress, owner, { directory, ...options }),
  );
  const serving = server.serveForever();
  return {
    ask: (target, host = "localhost") =>
      rawRequest(server.serverPort, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`),
    async [Symbol.asyncDispose]() {
      await server.serverClose();
      await serving;
    },
  };
}

/** Sends bytes (each character is one) and reads until the server closes. */
export async function rawRequest(port: number, request: string): Promise<RawAnswer> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  await connection.write(Uint8Array.from(request, (char) => char.charCodeAt(0)));
  const text = await new Response(connection.readable).text();
  const end = text.indexOf("\r\n\r\n");
  return { status: Number(text.split(" ")[1]), head: text.slice(0, end), body: text.slice(end + 4) };
}
