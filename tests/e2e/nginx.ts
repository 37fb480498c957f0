/** nginx: files, uploads, codings, a proxy in front of a test's own server, and TLS. */

import { isInstalled } from "../../tools/installed.ts";
import { type Certificates, makeCertificates } from "./certificates.ts";
import { freePort, Peer } from "./peer.ts";

/** The running nginx. */
export interface Nginx {
  /** Plain HTTP. */
  readonly origin: string;
  /** TLS. */
  readonly secure: string;
  /** TLS, with a certificate that the client has to show. */
  readonly mutual: string;
  /** TLS, with a certificate for another name. */
  readonly elsewhere: string;
  /** The folder that is served, and that `PUT` and `DELETE` change below `/dav/`. */
  readonly root: string;
  readonly certificates: Certificates;
}

const MISSING = ["nginx", "openssl"].find((program) => !isInstalled(program));

let peer: Peer | undefined;
let nginx: Nginx | undefined;

/** Registers a test against nginx; without it the test is ignored, and its name says why. */
export function nginxTest(name: string, run: (nginx: Nginx) => Promise<void>): void {
  const ignore = MISSING !== undefined;
  Deno.test({ name: ignore ? `${name}, ignored: needs ${MISSING}` : name, ignore, fn: () => run(nginx!) });
}

/** Starts nginx, if there is one. */
export async function startNginx(): Promise<void> {
  if (MISSING !== undefined) return;
  peer = await Peer.start(async (folder) => {
    for (const name of ["root", "root/dav", "temp"]) await Deno.mkdir(`${folder}/${name}`);
    const certificates = await makeCertificates(folder);
    const [http, https, mutual, elsewhere] = Array.from({ length: 4 }, freePort) as [number, number, number, number];
    nginx = {
      origin: `http://127.0.0.1:${http}`,
      secure: `https://localhost:${https}`,
      mutual: `https://localhost:${mutual}`,
      elsewhere: `https://localhost:${elsewhere}`,
      root: `${folder}/root`,
      certificates,
    };
    await Deno.writeTextFile(
      `${folder}/nginx.conf`,
      configuration(folder, certificates, { http, https, mutual, elsewhere }),
    );
    return {
      program: "nginx",
      // The option -e keeps it from opening the log of the machine before it has read its configuration.
      args: ["-e", "stderr", "-p", folder, "-c", `${folder}/nginx.conf`],
      ready: /using the "\w+" event method/,
    };
  });
}

/** Ends it. */
export async function stopNginx(): Promise<void> {
  await peer?.stop();
  peer = undefined;
}

function configuration(
  folder: string,
  certificates: Certificates,
  ports: Record<"http" | "https" | "mutual" | "elsewhere", number>,
): string {
  const tls = ([cert, key]: readonly [string, string]) => `ssl_certificate ${cert}; ssl_certificate_key ${key};`;
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${folder}/temp/${name};`).join("\n");
  // Without a master there is one process, which keeps its user and can be ended like any other.
  return `
daemon off;
master_process off;
error_log stderr notice;
pid ${folder}/nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary}
  root ${folder}/root;
  client_max_body_size 0;
  default_type application/octet-stream;
  types { text/plain txt; application/json json; }
  gzip on;
  gzip_min_length 20;
  gzip_types *;
  ssl_protocols TLSv1.2 TLSv1.3;
  server {
    listen 127.0.0.1:${ports.http};
    location /dav/ { dav_methods PUT DELETE; create_full_put_path on; }
    location /charset/ { charset koi8-r; default_type text/plain; types { } }
    location = /moved { return 308 /proxy/$arg_port/moved; }
    location = /away { return 302 https://localhost:${ports.https}/protocol; }
    location = /cut { limit_rate 1; return 200 "never seen in time"; }
    location = /protocol { return 200 "$server_protocol $http_host $http_connection"; }
    location = /connection { return 200 "$connection $connection_requests"; }
    location = /limited { client_max_body_size 1k; proxy_pass http://127.0.0.1:9/; }
    location ~ ^/proxy/(?<port>\\d+)(?<rest>/.*)$ {
      proxy_http_version 1.1;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_pass http://127.0.0.1:$port$rest$is_args$args;
    }
    location ~ ^/unbuffered/(?<port>\\d+)(?<rest>/.*)$ {
      proxy_http_version 1.1;
      proxy_request_buffering off;
      proxy_buffering off;
      proxy_pass http://127.0.0.1:$port$rest$is_args$args;
    }
  }
  server {
    listen 127.0.0.1:${ports.https} ssl http2;
    ${tls(certificates.server)}
    location = /protocol { return 200 "$server_protocol $ssl_protocol $ssl_server_name"; }
  }
  server {
    listen 127.0.0.1:${ports.mutual} ssl;
    ${tls(certificates.server)}
    ssl_client_certificate ${certificates.ca};
    ssl_verify_client on;
    location / { return 200 "$ssl_client_verify $ssl_client_s_dn"; }
  }
  server {
    listen 127.0.0.1:${ports.elsewhere} ssl;
    ${tls(certificates.elsewhere)}
    location / { return 200 "elsewhere"; }
  }
}
`;
}
