import { peer, python, script, server, session } from "../client_sides.ts";
import type { ClientPlace, Program, Row } from "../row.ts";

const WIRE = ["--engine", "wire"];
const AT_ONCE = "64";

/** A client that asks 64 times at once. */
function atOnce(name: string, client: string, atLeast?: number): Program<ClientPlace> {
  const side = script(
    name,
    "bench/clients/get_with.ts",
    ({ url, seconds }) => [client, `${url}/`, String(seconds), AT_ONCE],
  );
  return atLeast === undefined ? side : { ...side, atLeast };
}

/** A client that asks over TLS, and trusts the certificate of the row. */
function secure({ command, ...side }: Program<ClientPlace>): Program<ClientPlace> {
  return {
    ...side,
    command: async (place) => [
      "env",
      // It would have the certificate checked in another way.
      "--unset=REQUESTS_CA_BUNDLE",
      "--unset=CURL_CA_BUNDLE",
      `DENO_CERT=${place.folder}/cert.pem`,
      ...await command({ ...place, url: place.url.replace("http://127.0.0.1", "https://localhost") }),
    ],
  };
}

const rows: readonly Row[] = [
  {
    kind: "client",
    id: "wire-get",
    work: "Sequential GET of hello on a kept connection, wire engine",
    unit: "requests/s",
    server,
    sharesCore: true,
    sides: [
      session("Session.get, wire", "/", ...WIRE),
      peer("bare fetch, read to bytes", "fetch", 2.2),
      peer("undici.request", "undici@8.13.1#request", 1.6),
      peer("node:http", "node"),
      python,
    ],
  },
  {
    kind: "client",
    id: "wire-64",
    work: "64 GETs at once, wire engine",
    unit: "requests/s",
    server,
    sides: [
      session("Session.get, wire", "/", ...WIRE, "--at-once", AT_ONCE),
      session("Session.get, fetch", "/", "--at-once", AT_ONCE),
      atOnce("bare fetch, read to bytes", "fetch"),
      atOnce("undici.request", "undici@8.13.1#request"),
      atOnce("node:http", "node"),
    ],
  },
  {
    kind: "client",
    id: "wire-tls",
    work: "Sequential GET of hello on a kept TLS connection",
    unit: "requests/s",
    sharesCore: true,
    async prepare(folder) {
      const { selfSignedCertificate } = await import("../../server/mod.ts");
      const { cert, key } = await selfSignedCertificate({ hosts: ["localhost"] });
      await Deno.writeTextFile(`${folder}/cert.pem`, cert);
      await Deno.writeTextFile(`${folder}/key.pem`, key);
    },
    server: {
      name: "Deno.serve",
      command: ({ root, folder, port }) => [
        Deno.execPath(),
        "run",
        "-A",
        `${root}bench/servers/client_target.ts`,
        String(port),
        `${folder}/cert.pem`,
        `${folder}/key.pem`,
      ],
    },
    sides: [
      secure(session("Session.get, wire", "/", ...WIRE)),
      secure(session("Session.get, fetch")),
      secure(peer("bare fetch, read to bytes", "fetch")),
    ],
  },
];

export default rows;
