import type { ClientPlace, ClientRow, Program, Row } from "../row.ts";

/** A script of the project under Deno. */
function script(name: string, file: string, args: (place: ClientPlace) => string[]): Program<ClientPlace> {
  return {
    name,
    command: (place) => [
      Deno.execPath(),
      "run",
      "-A",
      "--config",
      `${place.root}deno.json`,
      `${place.root}bench/clients/${file}`,
      ...args(place),
    ],
  };
}

/** Session, with `flags` of session_get.ts. */
function session(name: string, path = "/", ...flags: string[]): Program<ClientPlace> {
  return script(name, "session_get.ts", ({ url, seconds }) => [url + path, String(seconds), ...flags]);
}

function peer(name: string, client: string, atLeast?: number): Program<ClientPlace> {
  const side = script(name, "get_with.ts", ({ url, seconds }) => [client, `${url}/`, String(seconds)]);
  return atLeast === undefined ? side : { ...side, atLeast };
}

const server: ClientRow["server"] = {
  name: "Deno.serve",
  command: ({ root, port }) => [Deno.execPath(), "run", "-A", `${root}bench/servers/client_target.ts`, String(port)],
};

/** Debian's: another Python in the PATH may have no requests. */
const PYTHON = "/usr/bin/python3";

const python: Program<ClientPlace> = {
  name: "Python requests.Session",
  atLeast: 3,
  needs: ["python3"],
  async missing() {
    const { success } = await new Deno.Command(PYTHON, { args: ["-c", "import requests"], stderr: "null" }).output();
    return success ? null : "needs python3-requests";
  },
  command: ({ root, url, seconds }) => [PYTHON, `${root}bench/clients/requests_get.py`, `${url}/`, String(seconds)],
};

const rows: readonly Row[] = [
  {
    kind: "client",
    id: "client-get",
    work: "Sequential GET of hello on a kept connection, fetch engine",
    unit: "requests/s",
    server,
    sides: [
      session("Session.get"),
      peer("bare fetch, read to bytes", "fetch", 0.9),
      peer("ky", "ky@2.1.0", 1.2),
      peer("axios", "axios@1.21.1", 1.5),
      peer("undici.fetch", "undici@8.13.1#fetch", 1.7),
      peer("undici.request", "undici@8.13.1#request"),
      python,
    ],
  },
  {
    kind: "client",
    id: "client-features",
    work: "The same with 20 cookies, one hook and one redirect",
    unit: "requests/s",
    server,
    sides: [
      session("Session.get", "/old", "--cookies", "20", "--hook"),
      {
        ...script(
          "fetch twice, Cookie by hand",
          "fetch_twice.ts",
          ({ url, seconds }) => [`${url}/old`, String(seconds)],
        ),
        atLeast: 0.5,
      },
    ],
  },
  {
    kind: "client",
    id: "client-cookies",
    work: "The same with cookies of many hosts in the jar, of which one is sent",
    unit: "requests/s",
    server,
    sides: [
      session("1,000 cookies", "/", "--cookies", "1000", "--elsewhere"),
      { ...session("1 cookie", "/", "--cookies", "1"), atLeast: 0.5 },
    ],
  },
  {
    kind: "client",
    id: "client-sessions",
    work: "The same with many sessions in turn",
    unit: "requests/s",
    server,
    sides: [
      session("1,000 sessions", "/", "--sessions", "1000"),
      { ...session("1 session"), atLeast: 0.8 },
    ],
  },
];

export default rows;
