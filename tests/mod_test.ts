import assert from "node:assert/strict";

const SERVER = [
  "BaseHTTPRequestHandler",
  "CGIHTTPRequestHandler",
  "DEFAULT_ERROR_CONTENT_TYPE",
  "DEFAULT_ERROR_MESSAGE",
  "HTTPMessage",
  "HTTPSServer",
  "HTTPServer",
  "RequestReader",
  "ResponseWriter",
  "SimpleHTTPRequestHandler",
  "ThreadingHTTPSServer",
  "ThreadingHTTPServer",
  "fetchHandler",
  "responses",
  "selfSignedCertificate",
];

const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  "../mod.ts": SERVER,
  "../server/mod.ts": SERVER,
  "../client/mod.ts": [],
  "../cli.ts": ["main"],
};

for (const [path, names] of Object.entries(EXPORTS)) {
  Deno.test(`${path.slice(3)} exports exactly what it should`, async () => {
    const module: Record<string, unknown> = await import(import.meta.resolve(path));
    assert.deepEqual(Object.keys(module).sort(), [...names].sort());
  });
}
