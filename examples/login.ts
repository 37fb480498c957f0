/**
 * Logs in once and keeps the cookies in a file, so that the next run is logged in already.
 *
 *     deno run --allow-net --allow-read --allow-write examples/login.ts URL USER PASSWORD JAR
 */

import { RequestsCookieJar, Session } from "@x/httpkit/client";

const [baseUrl, user, password, jar] = Deno.args;
if (jar === undefined) throw new TypeError("Expected the arguments URL, USER, PASSWORD and JAR");

await using session = new Session({ baseUrl: baseUrl!, timeout: 10 });
try {
  // The format of cookies.txt, which curl, wget and browsers' extensions read and write as well.
  session.cookies = RequestsCookieJar.fromNetscape(await Deno.readTextFile(jar));
} catch (error) {
  if (!(error instanceof Deno.errors.NotFound)) throw error;
}

let page = await session.get("/account");
if (page.statusCode === 401) {
  console.log("logging in");
  (await session.post("/login", { data: { user: user!, password: password! } })).raiseForStatus();
  page = await session.get("/account");
}
console.log(page.raiseForStatus().text);
await Deno.writeTextFile(jar, session.cookies.toNetscape(), { mode: 0o600 });
