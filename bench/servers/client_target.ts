// What the clients ask: "hello" everywhere, but for a redirect from /old.
const body = new TextEncoder().encode("hello");

Deno.serve({ port: Number(Deno.args[0]), hostname: "127.0.0.1" }, ({ url }) => {
  if (url.endsWith("/old")) return new Response(null, { status: 302, headers: { location: "/" } });
  return new Response(body, { headers: { "content-type": "text/plain; charset=utf-8" } });
});
