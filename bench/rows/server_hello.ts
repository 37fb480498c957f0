import type { Row } from "../row.ts";

function script(name: string): (place: { root: string; port: number }) => string[] {
  return ({ root, port }) => [
    ...[Deno.execPath(), "run", "--allow-net", "--allow-read", root + name, String(port)],
  ];
}

const rows: readonly Row[] = [{
  kind: "server",
  id: "hello",
  work: "Hello from a BaseHTTPRequestHandler that logs to a file",
  unit: "requests/s",
  sides: [
    { name: "BaseHTTPRequestHandler", command: script("bench/servers/handler_hello.ts") },
    { name: "bare Deno.serve, same header fields", command: script("bench/servers/bare_hello.ts"), atLeast: 0.85 },
  ],
}];

export default rows;
