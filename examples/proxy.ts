/**
 * Sends a request through a proxy, but talks to hosts on this machine directly.
 *
 *     deno run --allow-net examples/proxy.ts URL PROXY
 *
 * PROXY is a URL such as http://proxy.example:3128 or socks5h://127.0.0.1:1080. Without the option, HTTP_PROXY and its like
 * count, if the program may read them (--allow-env).
 */

import { get } from "@x/httpkit/client";

const [url, proxy] = Deno.args;
if (url === undefined || proxy === undefined) throw new TypeError("Expected the arguments URL and PROXY");

const response = await get(url, { proxies: { all: proxy, "all://localhost": null }, timeout: 30 });
console.log(response.statusCode, response.text);
