import assert from "node:assert/strict";
import { zstdDecompressSync } from "node:zlib";
import {
  acceptedCodings,
  type ContentCoding,
  encodeStream,
  isCompressed,
  isCompressible,
  negotiate,
  ON_DEMAND_CODINGS,
} from "../../server/_encoding.ts";

for (
  const [field, codings] of [
    ["", []],
    ["identity", []],
    ["sdch", []],
    ["gzip", ["gzip"]],
    ["GZIP", ["gzip"]],
    ["gzip, deflate, br, zstd", ["zstd", "br", "gzip"]],
    ["gzip;q=0", []],
    ["br;q=0, gzip;q=0.5", ["gzip"]],
    ["gzip;q=1, br;q=0.5", ["gzip", "br"]],
    ["gzip;q=0.5, identity", []],
    ["*", ["zstd", "br", "gzip"]],
    ["*;q=0, gzip", ["gzip"]],
  ] as const
) {
  Deno.test(`negotiate() reads ${JSON.stringify(field)}`, () => {
    assert.deepEqual(negotiate(field, ON_DEMAND_CODINGS), codings);
  });
}

Deno.test("acceptedCodings() gives sidecars by density, on demand the quickest, and nothing without the field", () => {
  const ask = (init: HeadersInit) => acceptedCodings(new Headers(init));
  assert.deepEqual(ask({}), { forSidecars: [], onDemand: null });
  for (let twice = 0; twice < 2; twice++) {
    assert.deepEqual(ask({ "Accept-Encoding": "gzip, br, zstd" }), {
      forSidecars: ["br", "zstd", "gzip"],
      onDemand: "zstd",
    });
    assert.deepEqual(ask({ "Accept-Encoding": "gzip;q=1, br;q=0.5" }), {
      forSidecars: ["gzip", "br"],
      onDemand: "gzip",
    });
    assert.deepEqual(ask({ "Accept-Encoding": "identity" }), { forSidecars: [], onDemand: null });
  }
});

Deno.test("isCompressible() and isCompressed() part text, packed and unknown types", () => {
  for (
    const type of ["text/html; charset=utf-8", "application/json", "image/svg+xml", "application/wasm", "TEXT/CSS"]
  ) {
    assert.ok(isCompressible(type) && !isCompressed(type), type);
  }
  for (const type of ["image/png", "video/mp4", "audio/mpeg", "application/zip", "application/gzip", "font/woff2"]) {
    assert.ok(!isCompressible(type) && isCompressed(type), type);
  }
  assert.ok(!isCompressible("application/octet-stream") && !isCompressed("application/octet-stream"));
});

const TEXT = "some text that repeats itself, ".repeat(5000);

async function decode(coding: ContentCoding, bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  if (coding === "zstd") return new TextDecoder().decode(zstdDecompressSync(bytes));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream(coding === "br" ? "brotli" : "gzip"));
  return await new Response(stream).text();
}

for (const coding of ON_DEMAND_CODINGS) {
  Deno.test(`encodeStream() makes ${coding} that decodes to the same`, async () => {
    const stream = await encodeStream(new Blob([TEXT]).stream(), coding);
    const bytes = await new Response(stream).bytes();
    assert.ok(bytes.length < TEXT.length / 10);
    assert.equal(await decode(coding, bytes), TEXT);
  });
}
