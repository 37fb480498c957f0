/**
 * Uploads files with a form, each read from disk while it is sent.
 *
 *     deno run --allow-net --allow-read examples/upload.ts URL FILE...
 */

import { post } from "@x/httpkit/client";
import { resolve } from "@std/path/resolve";
import { toFileUrl } from "@std/path/to-file-url";

const [url, ...paths] = Deno.args;
if (url === undefined || paths.length === 0) throw new TypeError("Expected the arguments URL and FILE...");

const files = paths.map((path): [string, URL] => ["files", toFileUrl(resolve(path))]);
const response = await post(url, { data: { count: paths.length }, files, timeout: 30 });
console.log(response.raiseForStatus().text);
