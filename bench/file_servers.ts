/** The file servers that are compared, each serving the folder of its row and logging each request to a file. */

import { besidePackages, installPackages, npmFolder } from "./npm_peers.ts";
import type { ServerPlace, ServerSide } from "./row.ts";

type Target = Pick<ServerSide, "atLeast" | "atMostMiB" | "load" | "name">;

/** The file server of this project; `flags` go to its command line. */
export function httpkit(target: Partial<Target> = {}, ...flags: string[]): ServerSide {
  return {
    name: ["httpkit", ...flags].join(" "),
    command: ({ root, folder, port }) => [
      ...[Deno.execPath(), "run", "--allow-net", "--allow-read", `${root}cli.ts`],
      ...[String(port), "--bind", "127.0.0.1", "--directory", `${folder}/files`, ...flags],
    ],
    ...target,
  };
}

/** The release of `@std/http` that is measured, and the package of npm that holds the same code. */
const STD_HTTP = "1.1.0";
const STD_ON_NPM = "1.3.4";

/** The file server of Deno's standard library. */
export function stdFileServer(target: Partial<Target> = {}): ServerSide {
  const flags = ({ folder, port }: ServerPlace) => [
    ...["--host", "127.0.0.1", "--port", String(port), "--no-cors", `${folder}/files`],
  ];
  // Where tools/jsr.ts stands in for JSR, the same code comes from npm.
  const offline = Deno.env.get("JSR_URL") !== undefined;
  const permissions = ["--allow-net", "--allow-read", "--allow-sys"];
  return {
    name: "std file server",
    command: (place) =>
      offline
        ? [
          ...[Deno.execPath(), "run", "--no-config", "--no-lock", ...permissions],
          ...["--import-map", besidePackages("std_import_map.json")],
          ...[`${npmFolder("deno-std")}/http/file_server.js`, ...flags(place)],
        ]
        : [
          ...[Deno.execPath(), "run", "--no-config", "--no-lock", ...permissions],
          ...[`jsr:@std/http@${STD_HTTP}/file-server`, ...flags(place)],
        ],
    missing: () => offline ? completeStd() : null,
    ...target,
  };
}

/**
 * The package of npm lacks four small files that the file server imports: names of header fields, names of methods, the
 * version and the network address for its first line, and a function for an option that is off. They change nothing of how
 * it serves.
 */
async function completeStd(): Promise<string | null> {
  const reason = await installPackages([`deno-std@${STD_ON_NPM}`]);
  if (reason !== null) return reason;
  const folder = npmFolder("deno-std");
  const names = [...(await Deno.readTextFile(`${folder}/http/file_server.js`)).matchAll(/\bHEADER\.(\w+)/g)];
  const header = names.map(([, name]) => [name!, name!.replace(/(?<=[a-z])(?=[A-Z])/g, "-")]);
  const module = (text: string) => `data:text/javascript,${encodeURIComponent(text)}`;
  const from = new URL(`file://${folder}/`).href;
  const imports = {
    [`${from}media-types/`]: `${from}media_types/`,
    [`${from}http/unstable_header.js`]: module(`export const HEADER = ${JSON.stringify(Object.fromEntries(header))}`),
    [`${from}http/unstable_method.js`]: module(
      `export const METHOD = ${JSON.stringify({ Get: "GET", Head: "HEAD", Options: "OPTIONS" })}`,
    ),
    [`${from}http/deno.json`]: `data:application/json,${encodeURIComponent(JSON.stringify({ version: STD_HTTP }))}`,
    [`${from}net/unstable_get_network_address.js`]: module("export const getNetworkAddress = () => undefined"),
    [`${from}fs/exists.js`]: module("export const exists = () => { throw new Error('cleanUrls is off') }"),
  };
  await Deno.writeTextFile(besidePackages("std_import_map.json"), JSON.stringify({ imports }, null, 2));
  return null;
}

/** Nginx with one process, `sendfile` and a log. */
export function nginx(target: Partial<Target> = {}): ServerSide {
  return {
    name: "nginx",
    needs: ["nginx"],
    async command({ folder, port }) {
      const path = `${folder}/nginx-${port}.conf`;
      await Deno.writeTextFile(
        path,
        `
daemon off;
master_process off;
worker_processes 1;
pid ${folder}/nginx-${port}.pid;
error_log ${folder}/nginx-${port}-error.log;
events { worker_connections 4096; }
http {
  types { text/html html; text/plain txt; }
  default_type application/octet-stream;
  access_log ${folder}/nginx-${port}.log;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${folder}/files;
    autoindex on;
  }
}
`,
      );
      return ["nginx", "-c", path, "-e", `${folder}/nginx-${port}-error.log`];
    },
    ...target,
  };
}

/** Python's `ThreadingHTTPServer`. */
export function pythonServer(target: Partial<Target> = {}): ServerSide {
  return {
    name: "Python ThreadingHTTPServer",
    needs: ["python3"],
    command: ({ folder, port }) => [
      ...["python3", "-m", "http.server", String(port), "--bind", "127.0.0.1"],
      ...["--directory", `${folder}/files`],
    ],
    ...target,
  };
}

/** `serve` from npm. */
export function npmServe(target: Partial<Target> = {}): ServerSide {
  return {
    name: "npm serve",
    needs: ["node"],
    npm: ["serve@14.2.7"],
    command: ({ folder, port, npmBin }) => [
      ...[npmBin("serve"), "--listen", `tcp://127.0.0.1:${port}`, "--no-clipboard", "--no-port-switching"],
      `${folder}/files`,
    ],
    ...target,
  };
}

/** `sirv-cli` from npm, which logs nothing and lists no directories. */
export function sirv(target: Partial<Target> = {}): ServerSide {
  return {
    name: "sirv-cli",
    needs: ["node"],
    npm: ["sirv-cli@3.0.1"],
    command: ({ folder, port, npmBin }) => [
      ...[npmBin("sirv"), `${folder}/files`, "--host", "127.0.0.1", "--port", String(port), "--etag", "--quiet"],
    ],
    ...target,
  };
}

/** `http-server` from npm. */
export function npmHttpServer(target: Partial<Target> = {}): ServerSide {
  return {
    name: "npm http-server",
    needs: ["node"],
    npm: ["http-server@14.1.1"],
    command: ({ folder, port, npmBin }) => [
      ...[npmBin("http-server"), `${folder}/files`, "-a", "127.0.0.1", "-p", String(port), "-c-1"],
    ],
    ...target,
  };
}
