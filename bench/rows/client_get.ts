import { peer, python, script, server, session } from "../client_sides.ts";
import type { Row } from "../row.ts";

const rows: readonly Row[] = [
  {
    kind: "client",
    id: "client-get",
    work: "Sequential GET of hello on a kept connection, fetch engine",
    unit: "requests/s",
    server,
    sharesCore: true,
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
    sharesCore: true,
    sides: [
      session("Session.get", "/old", "--cookies", "20", "--hook"),
      {
        ...script(
          "fetch twice, Cookie by hand",
          "bench/clients/fetch_twice.ts",
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
    sharesCore: true,
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
    sharesCore: true,
    sides: [
      session("1,000 sessions", "/", "--sessions", "1000"),
      { ...session("1 session"), atLeast: 0.8 },
      session("100 sessions", "/", "--sessions", "100"),
      session("3,000 sessions", "/", "--sessions", "3000"),
      peer("fetch, 1,000 Deno.HttpClients in turn", "fetch#1000"),
    ],
  },
];

export default rows;
