/** The clients that are measured, as sides of rows. */

import type { ClientPlace, Program, ServerPlace } from "./row.ts";

/** A script of the project under Deno. */
export function script(name: string, file: string, args: (place: ClientPlace) => string[]): Program<ClientPlace> {
  return {
    name,
    command: (place) => [
      Deno.execPath(),
      "run",
      "-A",
      "--config",
      `${place.root}deno.json`,
      place.root + file,
      ...args(place),
    ],
  };
}

/** Session, with `flags` of session_get.ts. */
export function session(name: string, path = "/", ...flags: string[]): Program<ClientPlace> {
  return script(name, "bench/clients/session_get.ts", ({ url, seconds }) => [url + path, String(seconds), ...flags]);
}

/** A client of others, by its name in get_with.ts. */
export function peer(name: string, client: string, atLeast?: number): Program<ClientPlace> {
  const side = script(name, "bench/clients/get_with.ts", ({ url, seconds }) => [client, `${url}/`, String(seconds)]);
  return atLeast === undefined ? side : { ...side, atLeast };
}

/** What they ask. */
export const server: Program<ServerPlace> = {
  name: "Deno.serve",
  command: ({ root, port }) => [Deno.execPath(), "run", "-A", `${root}bench/servers/client_target.ts`, String(port)],
};

/** Debian's: another Python in the PATH may have no requests. */
const PYTHON = "/usr/bin/python3";

/** Python's requests. */
export const python: Program<ClientPlace> = {
  name: "Python requests.Session",
  atLeast: 3,
  needs: ["python3"],
  async missing() {
    const { success } = await new Deno.Command(PYTHON, { args: ["-c", "import requests"], stderr: "null" }).output();
    return success ? null : "needs python3-requests";
  },
  command: ({ root, url, seconds }) => [PYTHON, `${root}bench/clients/requests_get.py`, `${url}/`, String(seconds)],
};
