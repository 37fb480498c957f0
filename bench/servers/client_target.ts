// What the clients ask: "hello" everywhere, but for a redirect from /old. client_target.ts PORT [CERT_FILE KEY_FILE]
const [port, cert, key] = Deno.args;
const body = new TextEncoder().encode("hello");
const tls = cert === undefined ? {} : { cert: Deno.readTextFileSync(cert), key: Deno.readTextFileSync(key!) };

Deno.serve({ port: Number(port), hostname: "127.0.0.1", ...tls }, ({ url }) => {
  if (url.endsWith("/old")) return new Response(null, { status: 302, headers: { location: "/" } });
  return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } });
});
