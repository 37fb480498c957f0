/** What `fetch` cannot express, refused before anything is sent. */

import { checkMethod, type Destination, shownUrl } from "./_outgoing.ts";
import type { SendOptions, TimeoutLimits } from "./adapter.ts";
import { NotSupportedError } from "./errors.ts";
import { getProxyAuth } from "./proxies.ts";
import type { PreparedRequest } from "./request.ts";

/**
 * Checks that `fetch` can send a request the way it is asked for.
 *
 * @param url the URL to ask for.
 * @param proxy the URL of the proxy, or `null`.
 * @throws {NotSupportedError} naming the option that it cannot express, and the cure.
 * @throws {RangeError} the method is no token.
 */
export function checkFetchSupport(
  request: PreparedRequest,
  options: SendOptions,
  limits: TimeoutLimits,
  url: Destination,
  proxy: string | null,
): void {
  const method = request.method ?? "GET";
  const refuse = (option: string, message: string) => {
    throw new NotSupportedError(`${method} ${shownUrl(url.href)}: ${option}: ${message}`, { option, request });
  };
  checkMethod(method);
  if (/^(?:TRACE|TRACK|CONNECT)$/i.test(method)) refuse("method", `fetch does not send ${method}.`);
  const hasBody = request.body instanceof Uint8Array ? request.body.length > 0 : request.body !== null;
  if (hasBody && /^(?:GET|HEAD)$/i.test(method)) {
    refuse("data", `fetch sends no body with ${method}. Use another method, or put the data into params.`);
  }
  if (limits.connect !== null && limits.connect !== limits.read) {
    refuse(
      "timeout",
      `fetch has no limit of its own for connecting. Pass one number, or [null, ${limits.read}] to limit reading only.`,
    );
  }
  const tls = url.protocol === "https:" || /^https:/i.test(proxy ?? "");
  if (options.verify === false && tls) {
    refuse(
      "verify",
      "fetch checks certificates always. Pass the path of the authority's certificate (PEM) to trust it, or run " +
        `deno with --unsafely-ignore-certificate-errors=${url.hostname}`,
    );
  }
  if (url.protocol === "https:" && /^http:/i.test(proxy ?? "") && getProxyAuth(proxy!) !== null) {
    // Seen in Deno 2.9.6: Proxy-Authorization goes into CONNECT, and into the request inside the tunnel as well.
    refuse(
      "proxies",
      `fetch would show user and password of the proxy to ${url.host}. Use a proxy that speaks https or socks5h, or one ` +
        "without a password.",
    );
  }
  if (/^socks4a?:/i.test(proxy ?? "")) refuse("proxies", "fetch does not speak SOCKS 4. Use a socks5h or http proxy.");
}
