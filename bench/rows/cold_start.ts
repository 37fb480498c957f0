import type { ColdSide, Row } from "../row.ts";

function run(name: string, script: string, atMostOver?: number, ...args: string[]): ColdSide {
  return {
    name,
    command: ({ root, folder }) => [
      Deno.execPath(),
      "run",
      "--allow-net",
      "--allow-read",
      "--config",
      `${root}deno.json`,
      script.startsWith("/") ? root + script.slice(1) : `${folder}/${script}`,
      ...args,
    ],
    ...(atMostOver === undefined ? {} : { atMostOver }),
  };
}

const rows: readonly Row[] = [{
  kind: "cold",
  id: "cold-server",
  work: "From the start of Deno to its end: the server's half",
  async prepare(folder) {
    await Deno.writeTextFile(`${folder}/empty.ts`, "");
    // The configuration of the project resolves what its files import.
    const root = new URL("../../", import.meta.url).href;
    await Deno.writeTextFile(`${folder}/server.ts`, `import "${root}server/mod.ts";\n`);
  },
  sides: [
    run("an empty script", "empty.ts"),
    run("import of ./server", "server.ts", 30),
    run("cli --help", "/cli.ts", 60, "--help"),
  ],
}, {
  kind: "cold",
  id: "cold-client",
  work: "From the start of Deno to its end: the client's half",
  async prepare(folder) {
    await Deno.writeTextFile(`${folder}/empty.ts`, "");
    const client = new URL("../../client/mod.ts", import.meta.url).href;
    await Deno.writeTextFile(`${folder}/client.ts`, `import "${client}";\n`);
    // The first cookie brings the list of public suffixes.
    const cookie = "new RequestsCookieJar().setCookie('a=1; Domain=shop.example', 'http://shop.example/');";
    await Deno.writeTextFile(`${folder}/cookie.ts`, `import { RequestsCookieJar } from "${client}";\n${cookie}\n`);
  },
  sides: [
    run("an empty script", "empty.ts"),
    run("import of ./client", "client.ts", 60),
    run("import of ./client, and a cookie", "cookie.ts"),
  ],
}];

export default rows;
