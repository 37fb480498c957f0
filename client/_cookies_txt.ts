/** The cookies.txt format of Netscape, which curl, wget, yt-dlp and Python's `MozillaCookieJar` share. */

import type { Cookie } from "./_cookie.ts";

const HEADER = "# Netscape HTTP Cookie File\n" +
  "# Seven fields, separated by tabs: domain, whether subdomains share it, path, secure, expires, name, value.\n\n";
// curl's way to mark HttpOnly, which to other readers looks like a comment.
const HTTP_ONLY_PREFIX = "#HttpOnly_";

/** Writes cookies, one a line. A session cookie has 0 as its expiry, as curl and browsers' exports have it. */
export function formatCookiesTxt(cookies: Iterable<Cookie>): string {
  let text = HEADER;
  for (const cookie of cookies) {
    const shared = !cookie.hostOnly && cookie.domain !== "";
    const fields = [
      // Python's reader insists that the dot and the flag agree.
      (cookie.httpOnly ? HTTP_ONLY_PREFIX : "") + (shared ? "." : "") + cookie.domain,
      shared ? "TRUE" : "FALSE",
      cookie.path,
      cookie.secure ? "TRUE" : "FALSE",
      String(Math.floor(cookie.expires ?? 0)),
      cookie.name,
      cookie.value,
    ];
    text += fields.join("\t") + "\n";
  }
  return text;
}

/**
 * Reads cookies. Comments and empty lines are skipped; an expiry that is 0 or empty marks a session cookie.
 *
 * @throws {SyntaxError} A line has not the seven fields, or no number as its expiry. It is named by its number, because
 * what it holds is secret.
 */
export function parseCookiesTxt(text: string): Cookie[] {
  const cookies: Cookie[] = [];
  for (const [index, raw] of text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/).entries()) {
    const httpOnly = raw.startsWith(HTTP_ONLY_PREFIX);
    const line = httpOnly ? raw.slice(HTTP_ONLY_PREFIX.length) : raw;
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [domain, shared, path, secure, expires, name, value = "", ...more] = line.split("\t");
    if (name === undefined || more.length > 0) {
      throw new SyntaxError(`Line ${index + 1} of cookies.txt has not seven fields separated by tabs`);
    }
    if (!/^(?:-?\d+(?:\.\d+)?)?$/.test(expires!)) {
      throw new SyntaxError(`Line ${index + 1} of cookies.txt has no number of seconds in its fifth field`);
    }
    cookies.push({
      name,
      value,
      domain: domain!,
      path: path!,
      secure: secure === "TRUE",
      httpOnly,
      sameSite: null,
      expires: Number(expires) === 0 ? null : Number(expires),
      hostOnly: domain !== "" && shared !== "TRUE",
    });
  }
  return cookies;
}
