/** The server that plain_fetch.ts talks to. */

async function answer(request: Request, end: Promise<Response>): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  switch (pathname) {
    case "/login": {
      const headers = new Headers({ location: "/home" });
      headers.append("set-cookie", "user=zoe; Path=/");
      headers.append("set-cookie", "seen=1; Max-Age=60");
      return new Response(null, { status: 302, headers });
    }
    case "/missing":
      return new Response(null, { status: 404 });
    case "/lines":
      return new Response(ReadableStream.from(["one\ntw", "o\nthree"]).pipeThrough(new TextEncoderStream()), {
        headers: { "content-type": "text/plain" },
      });
    case "/never":
      return await end;
    default:
      return Response.json({
        method: request.method,
        url: pathname + search,
        body: await request.text(),
        headers: Object.fromEntries(request.headers),
      });
  }
}

/** Starts it. */
export function startPlainServer(): { readonly url: string } & AsyncDisposable {
  const { promise: end, resolve } = Promise.withResolvers<Response>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => answer(request, end));
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    async [Symbol.asyncDispose]() {
      resolve(new Response());
      await server.shutdown();
    },
  };
}
