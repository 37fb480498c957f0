// The yardstick of "hello": Deno.serve with the headers and the body of handler_hello.ts, and nothing else.
const body = new TextEncoder().encode("hello");

Deno.serve({
  port: 0,
  hostname: "127.0.0.1",
  onListen: ({ port }) => console.log(`port ${port}`),
}, () => {
  const response = new Response(body);
  response.headers.append("Server", "Bare/1");
  response.headers.append("Content-Type", "text/plain");
  return response;
});
