import type { ColdSide, Row } from "../row.ts";

function run(name: string, file: string, atMostOver?: number): ColdSide {
  return {
    name,
    command: ({ root, folder }) => [
      Deno.execPath(),
      "run",
      "--allow-net",
      "--config",
      `${root}deno.json`,
      `${folder}/${file}`,
    ],
    ...(atMostOver === undefined ? {} : { atMostOver }),
  };
}

const rows: readonly Row[] = [{
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
