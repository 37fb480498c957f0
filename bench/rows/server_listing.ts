import { httpkit, nginx, stdFileServer } from "../file_servers.ts";
import type { Row } from "../row.ts";

async function thousandEntries(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/files/d`, { recursive: true });
  for (let i = 0; i < 1000; i++) await Deno.writeTextFile(`${folder}/files/d/entry-${i}.txt`, "x");
}

// With 64 the std file server gives not one whole answer within a second.
const CONNECTIONS = 8;

const rows: readonly Row[] = [
  {
    kind: "server",
    id: "listing-uncached",
    work: "A listing of 1000 entries, made for each request",
    unit: "requests/s",
    prepare: thousandEntries,
    load: { path: "/d/", connections: CONNECTIONS },
    sides: [httpkit({}, "--no-cache"), stdFileServer({ atLeast: 6 }), nginx({ atLeast: 0.4 })],
  },
  {
    kind: "server",
    id: "listing",
    work: "A listing of 1000 entries, as it is",
    unit: "requests/s",
    prepare: thousandEntries,
    load: { path: "/d/", connections: CONNECTIONS },
    sides: [httpkit(), stdFileServer({ atLeast: 100 })],
  },
];

export default rows;
