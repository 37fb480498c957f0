/** The server that plain_fetch.ts talks to. */

import { createHash } from "node:crypto";

async function answer(request: Request, end: Promise<Response>): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  switch (pathname) {
    case "/login": {
      const headers = new Headers({ location: "/home" });
      headers.append("set-cookie", "user=zoe; Path=/");
      headers.append("set-cookie", "seen=1; Max-Age=60");
      return new Response(null, { status: 302, headers });
    }
    case "/digest":
      return isDigest(request) ? new Response("secret") : new Response(null, {
        status: 401,
        headers: { "www-authenticate": 'Digest realm="r", nonce="n", qop="auth"' },
      });
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

/** Whether a request proves that its sender knows the password "pass" of "user" (RFC 7616, with MD5 and qop=auth). */
function isDigest(request: Request): boolean {
  const field = request.headers.get("authorization") ?? "";
  const value = (name: string) => new RegExp(`[ ,]${name}="?([^",]*)`).exec(field)?.[1];
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");
  const proof = ["n", value("nc"), value("cnonce"), "auth", md5(`${request.method}:/digest`)].join(":");
  return field.startsWith("Digest ") && value("response") === md5(`${md5("user:r:pass")}:${proof}`);
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
