// The yardstick of "hello": Deno.serve with the headers and the body of handler_hello.ts, and nothing else.
import { VERSION } from "../../version.ts";

const body = new TextEncoder().encode("hello");
const server = `BaseHTTP/${VERSION} Deno/${Deno.version.deno}`;

Deno.serve({ port: Number(Deno.args[0]), hostname: "127.0.0.1" }, () => {
  const response = new Response(body);
  response.headers.append("Server", server);
  response.headers.append("Date", new Date().toUTCString());
  response.headers.append("Content-Type", "text/plain");
  return response;
});
