import { httpkit, nginx } from "../file_servers.ts";
import type { Load, Row, ServerSide } from "../row.ts";

const FILES_IN_FOLDER = 1000;

async function oneFile(folder: string): Promise<void> {
  await Deno.mkdir(`${folder}/files`);
  await Deno.writeTextFile(`${folder}/files/1k.txt`, "x".repeat(1024));
}

/** 100,000 files of 1 KiB in 100 folders. */
function manyFiles(folder: string): void {
  const text = "x".repeat(1024);
  for (let i = 0; i < 100_000; i++) {
    const at = `${folder}/files/${Math.floor(i / FILES_IN_FOLDER)}`;
    if (i % FILES_IN_FOLDER === 0) Deno.mkdirSync(at, { recursive: true });
    Deno.writeTextFileSync(`${at}/${i % FILES_IN_FOLDER}.txt`, text);
  }
}

/** Asks for files at random out of the first `count`. */
function random(count: number): Load {
  return {
    path: "/0/0.txt",
    script: () => `
math.randomseed(1)
request = function()
  local i = math.random(0, ${count - 1})
  return wrk.format("GET", "/" .. math.floor(i / ${FILES_IN_FOLDER}) .. "/" .. (i % ${FILES_IN_FOLDER}) .. ".txt")
end
`,
  };
}

/** Wrk is told in the name what is asked, so that the lines can be told apart. */
function each(make: (name: string, load: Load) => ServerSide, loads: Readonly<Record<string, Load>>): ServerSide[] {
  return Object.entries(loads).map(([name, load]) => make(name, load));
}

const CONNECTIONS: Readonly<Record<string, Load>> = {
  "64 connections": { connections: 64 },
  "1 connection": { connections: 1 },
  "1000 connections": { connections: 1000 },
};
const COUNTS: Readonly<Record<string, Load>> = {
  "10 files": random(10),
  "1,000 files": random(1000),
  "100,000 files": random(100_000),
};

const rows: readonly Row[] = [
  {
    kind: "server",
    id: "connections",
    work: "How a file of 1 KiB depends on the number of connections",
    unit: "requests/s",
    prepare: oneFile,
    load: { path: "/1k.txt" },
    sides: [
      ...each((name, load) => httpkit({ name: `httpkit, ${name}`, load }), CONNECTIONS),
      ...each((name, load) => nginx({ name: `nginx, ${name}`, load }), CONNECTIONS),
    ],
  },
  {
    kind: "server",
    id: "file-count",
    work: "How files of 1 KiB, asked for at random, depend on their number",
    unit: "requests/s",
    prepare: manyFiles,
    sides: [
      ...each((name, load) => httpkit({ name: `httpkit, ${name}`, load }), COUNTS),
      ...each((name, load) => nginx({ name: `nginx, ${name}`, load }), COUNTS),
    ],
  },
];

export default rows;
