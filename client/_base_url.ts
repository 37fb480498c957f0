/** The base URL of a session: how the URL of a request is laid on it. */

import { redactUrl } from "./_url.ts";
import { InvalidURL } from "./errors.ts";

/**
 * Puts the URL of a request below a base URL. The result never leaves the origin of the base, nor, for a relative URL, its
 * path: a URL that comes from elsewhere cannot send the session's credentials to another server (CVE-2025-27152).
 *
 * A relative URL is appended to the path of the base, with one slash between them, whether it starts with one or not; `""`
 * is the base itself. An absolute URL, and one that starts with `//`, stays as it is.
 *
 * @throws {InvalidURL} when the base is no http or https URL, or has a query or fragment; when the result lies elsewhere.
 */
export function joinBaseUrl(base: string | URL, url: string): string {
  const root = parseBase(String(base));
  const isAbsolute = /^\s*([a-z][a-z0-9+.-]*:|[/\\]{2})/i.test(url);
  const joined = isAbsolute ? URL.parse(url, root) : URL.parse(append(root, url));
  const shown = redactUrl(url);
  if (joined === null) throw new InvalidURL(`Cannot join "${shown}" to the base URL: the result is no URL`);
  if (joined.origin !== root.origin) {
    throw new InvalidURL(
      `"${shown}" is not at ${root.origin}, the base URL of the session: use a session without baseUrl for it`,
    );
  }
  const folder = root.pathname.replace(/\/*$/, "/");
  if (!isAbsolute && `${joined.pathname}/`.startsWith(folder) === false) {
    throw new InvalidURL(`"${shown}" leads out of ${root.pathname}, the path of the base URL: leave out the ".."`);
  }
  return joined.href;
}

function parseBase(base: string): URL {
  const root = URL.parse(base);
  if (root !== null && /^https?:$/.test(root.protocol) && root.search === "" && root.hash === "") return root;
  throw new InvalidURL(
    `"${redactUrl(base)}" cannot be a baseUrl: give an absolute http or https URL without query and fragment`,
  );
}

function append(root: URL, url: string): string {
  const base = root.href.replace(/\/+$/, "");
  if (url === "") return root.href;
  return /^[?#]/.test(url) ? root.href + url : `${base}/${url.replace(/^\//, "")}`;
}
