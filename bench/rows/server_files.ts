import { httpkit, nginx, npmHttpServer, npmServe, pythonServer, sirv, stdFileServer } from "../file_servers.ts";
import type { Row } from "../row.ts";
import { AS_WRK_ASKS } from "../wrk.ts";

const KIB = 1024;

/** Makes a folder with one file of `size` bytes. */
function file(name: string, size: number): (folder: string) => Promise<void> {
  return async (folder) => {
    await Deno.mkdir(`${folder}/files`);
    await Deno.writeFile(`${folder}/files/${name}`, new Uint8Array(size).fill(120));
  };
}

/** The validators of a file, as each server gives them. */
async function validators(url: string): Promise<Record<string, string>> {
  const response = await fetch(`${url}/1k.txt`, { headers: AS_WRK_ASKS });
  await response.body?.cancel();
  return { "If-None-Match": response.headers.get("etag")! };
}

const rows: readonly Row[] = [
  {
    kind: "server",
    id: "1k",
    work: "A file of 1 KiB",
    unit: "requests/s",
    prepare: file("1k.txt", KIB),
    load: { path: "/1k.txt" },
    sides: [
      httpkit(),
      stdFileServer({ atLeast: 6 }),
      npmServe({ atLeast: 10 }),
      sirv({ atLeast: 3 }),
      npmHttpServer({ atLeast: 8 }),
      pythonServer({ atLeast: 10 }),
      nginx({ atLeast: 0.6 }),
    ],
  },
  {
    kind: "server",
    id: "100k",
    work: "A file of 100 KiB",
    unit: "requests/s",
    prepare: file("100k.txt", 100 * KIB),
    load: { path: "/100k.txt" },
    sides: [httpkit(), stdFileServer({ atLeast: 2.5 }), nginx({ atLeast: 0.65 })],
  },
  {
    kind: "server",
    id: "50m",
    work: "A file of 50 MiB, 8 at once",
    unit: "MB/s",
    prepare: file("50m.bin", 50 * KIB * KIB),
    load: { path: "/50m.bin", connections: 8 },
    sides: [httpkit({ atMostMiB: 100 }), stdFileServer({ atLeast: 1 }), nginx({ atLeast: 1 })],
  },
  {
    kind: "server",
    id: "304",
    work: "304 by entity tag",
    unit: "requests/s",
    prepare: file("1k.txt", KIB),
    load: { path: "/1k.txt", headers: validators, status: 304 },
    sides: [httpkit(), stdFileServer({ atLeast: 7 }), nginx({ atLeast: 0.9 })],
  },
  {
    kind: "server",
    id: "range",
    work: "A range of 1 KiB of a file of 1 MiB",
    unit: "requests/s",
    prepare: file("1m.bin", KIB * KIB),
    load: { path: "/1m.bin", headers: () => ({ Range: "bytes=1000-2023" }), status: 206 },
    sides: [httpkit(), stdFileServer({ atLeast: 7 }), nginx({ atLeast: 0.3 })],
  },
];

export default rows;
