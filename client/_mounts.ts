/** Which adapter serves a URL: the prefixes of `Session.mount()`. */

// Scheme with "//", authority, and the rest.
const HIERARCHICAL_REGEXP = /^([a-z][a-z0-9+.-]*:\/\/)([^/?#\\]*)(.*)$/s;
const SCHEME_REGEXP = /^[a-z][a-z0-9+.-]*:\/\/$/i;
const DEFAULT_PORTS: Readonly<Record<string, string>> = { "http://": ":80", "https://": ":443" };

/**
 * Tells whether a prefix of `Session.mount()` covers a URL.
 *
 * Capital and small letters are the same, in the path too, as in Python. A host must be whole: Python lets the prefix
 * `https://example.com` cover `https://example.com.evil.test` too. A prefix without a port covers every port; user name and
 * password make no difference.
 */
export function coversUrl(prefix: string, url: string): boolean {
  // Fast path: most sessions have adapters for whole schemes only.
  if (SCHEME_REGEXP.test(prefix)) return url.slice(0, prefix.length).toLowerCase() === prefix.toLowerCase();
  const wanted = partsOf(prefix);
  const { scheme, host, port, rest } = partsOf(url);
  if (wanted.host === "") return `${scheme}${host}${port}${rest}`.startsWith(wanted.scheme + wanted.rest);
  if (scheme !== wanted.scheme || host !== wanted.host || !rest.startsWith(wanted.rest)) return false;
  const implied = DEFAULT_PORTS[scheme] ?? "";
  return wanted.port === "" || wanted.port === (port || implied);
}

/** Puts an adapter in its place: longer prefixes first, an equal prefix replaced (Python: `Session.mount`). */
export function insertMount<T>(mounts: Map<string, T>, prefix: string, adapter: T): void {
  mounts.set(prefix, adapter);
  for (const [other, value] of [...mounts]) {
    if (other.length >= prefix.length) continue;
    mounts.delete(other);
    mounts.set(other, value);
  }
}

function partsOf(text: string): { scheme: string; host: string; port: string; rest: string } {
  const lower = text.toLowerCase();
  const [, scheme = "", authority = "", rest = lower] = HIERARCHICAL_REGEXP.exec(lower) ?? [];
  const host = authority.slice(authority.lastIndexOf("@") + 1);
  const port = /:\d+$/.exec(host)?.[0] ?? "";
  return { scheme, host: host.slice(0, host.length - port.length), port, rest };
}
