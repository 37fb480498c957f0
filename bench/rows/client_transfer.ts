import { script } from "../client_sides.ts";
import type { ClientPlace, Program, Row, ServerPlace } from "../row.ts";

const GIB = 1 << 30;
const MOST_MIB = 100;

/** Makes a file of 1 GiB that takes no room on the disk. */
async function prepare(folder: string): Promise<void> {
  await using file = await Deno.create(`${folder}/big.bin`);
  await file.truncate(GIB);
}

/** A session that transfers the file. */
function transfer(name: string, kind: string, engine: string, path: string): Program<ClientPlace> {
  const side = script(
    name,
    "bench/clients/transfer.ts",
    ({ url, folder }) => [kind, engine, url + path, `${folder}/big.bin`],
  );
  return { ...side, atMostMiB: MOST_MIB };
}

/** curl, which tells bytes a second. */
function curl(format: string, args: (place: ClientPlace) => string[], atLeast: number): Program<ClientPlace> {
  return {
    name: "curl",
    needs: ["curl", "awk"],
    atLeast,
    command: (place) => [
      "sh",
      "-c",
      'curl --silent --fail --output /dev/null --header Expect: --write-out "%{$0}\\n" "$@" | awk \'{ print $1 / 1e6 }\'',
      format,
      ...args(place),
    ],
  };
}

const nginx: Program<ServerPlace> = {
  name: "nginx",
  needs: ["nginx"],
  async command({ folder, port }) {
    await Deno.writeTextFile(
      `${folder}/nginx.conf`,
      `daemon off; worker_processes 1; pid ${folder}/pid; error_log ${folder}/error.log;
       ${Deno.uid() === 0 ? "user root;" : ""}
       events {} http { access_log off; sendfile on; client_body_temp_path ${folder}/body;
         server { listen 127.0.0.1:${port}; root ${folder}; } }`,
    );
    return ["nginx", "-c", `${folder}/nginx.conf`];
  },
};

const sink: Program<ServerPlace> = {
  name: "a sink",
  command: ({ root, port }) => [Deno.execPath(), "run", "-A", `${root}bench/servers/sink.ts`, String(port)],
};

/** The two engines against curl, each in a row of its own, because the first side of a row is compared. */
function rowsOf(
  id: string,
  work: string,
  kind: string,
  server: Program<ServerPlace>,
  other: (engine: "fetch" | "wire") => Program<ClientPlace>,
): Row[] {
  return (["fetch", "wire"] as const).map((engine) => ({
    kind: "client",
    id: `${id}-${engine}`,
    work: `${work}, ${engine} engine`,
    unit: "MB/s",
    prepare,
    server,
    sides: [transfer(`Session, ${engine}`, kind, engine, "/big.bin"), other(engine)],
  }));
}

const rows: readonly Row[] = [
  ...rowsOf(
    "down",
    "1 GiB down with iterContent",
    "down",
    nginx,
    (engine) => curl("speed_download", ({ url }) => [`${url}/big.bin`], engine === "fetch" ? 0.6 : 0.8),
  ),
  ...rowsOf(
    "down-reuse",
    "1 GiB down with iterContent and reuse, all pieces in the same memory",
    "reuse",
    nginx,
    (engine) => curl("speed_download", ({ url }) => [`${url}/big.bin`], engine === "fetch" ? 0.6 : 0.8),
  ),
  ...rowsOf(
    "up",
    "A file of 1 GiB up",
    "file",
    sink,
    () => curl("speed_upload", ({ url, folder }) => ["--upload-file", `${folder}/big.bin`, `${url}/`], 0.5),
  ),
  ...rowsOf(
    "multipart",
    "A file of 1 GiB up as multipart",
    "multipart",
    sink,
    () => curl("speed_upload", ({ url, folder }) => ["--form", `file=@${folder}/big.bin`, `${url}/`], 0.4),
  ),
];

export default rows;
