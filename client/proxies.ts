/**
 * Which proxy serves a URL: the mappings of Session and request, the environment, and `NO_PROXY`.
 *
 * @module
 */

import { encodeBase64 } from "./_bytes.ts";
import { readEnvironment, readFirst } from "./_environment.ts";
import { getAuthFromUrl, prependSchemeIfNeeded } from "./_url.ts";
import { InvalidProxyURL } from "./errors.ts";

/**
 * Proxy URLs by what they serve: `https://host` (one host), `https` (one scheme), `all://host`, `all`; the first that is
 * present counts, in this order. `null` means no proxy. The key `no_proxy` holds a list of hosts as the variable
 * `NO_PROXY` does.
 */
export type Proxies = Readonly<Record<string, string | null>>;

/** Options of {@linkcode resolveProxies}. */
export interface ResolveProxiesOptions {
  /** Whether to look at the environment. Default: true. */
  trustEnv?: boolean | undefined;
  /** The environment variables. Default: those of the process that it may read. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
}

const PROXY_VARIABLES = ["http_proxy", "https_proxy", "all_proxy", "no_proxy"];
const NAMING_VARIABLES = ["http", "https", "all"].flatMap(namingVariables);
const HTTP_VARIABLES = ["http", "all"].flatMap(namingVariables);
const HTTPS_VARIABLES = ["https", "all"].flatMap(namingVariables);
const READ_VARIABLES = [...PROXY_VARIABLES, ...PROXY_VARIABLES.map((name) => name.toUpperCase()), "REQUEST_METHOD"];
const PROXY_SCHEMES = ["http", "https", "socks4", "socks4a", "socks5", "socks5h"];
const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: "80", https: "443", ws: "80", wss: "443" };
const IPV4_REGEXP = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.|$)){4}(?<!\.)$/;

/**
 * Picks the proxy for a URL from a mapping (Python: `requests.utils.select_proxy`).
 *
 * The keys are tried in the order `scheme://host`, `scheme`, `all://host`, `all`. The first that is present counts, even if
 * it holds `null`.
 *
 * @returns The proxy URL as it stands in the mapping, or `null` to connect directly.
 *
 * @example
 * ```ts
 * import { selectProxy } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const proxies = { https: "http://proxy.example:3128", "https://intern.example": null };
 * assert.equal(selectProxy("https://api.example/", proxies), "http://proxy.example:3128");
 * assert.equal(selectProxy("https://intern.example/", proxies), null);
 * ```
 */
export function selectProxy(url: string | URL, proxies: Proxies | null): string | null {
  return proxies === null || isEmpty(proxies) ? null : presentProxy(partsOf(url), proxies) || null;
}

/** The value of the first key that is present; `undefined` when none is. */
function presentProxy({ scheme, host }: UrlParts, proxies: Proxies): string | null | undefined {
  // Python writes the host of such a key without the brackets of an IPv6 address, URLs have them.
  const hosts = host === "" ? [] : host.includes(":") ? [host, `[${host}]`] : [host];
  const keys = [...hosts.map((name) => `${scheme}://${name}`), scheme, ...hosts.map((name) => `all://${name}`), "all"];
  const key = keys.find((name) => Object.hasOwn(proxies, name) && proxies[name] !== undefined);
  return key === undefined ? undefined : proxies[key];
}

/** Fast path: most requests know no proxy, and need not have their URL parsed for it. */
function isEmpty(proxies: Proxies): boolean {
  for (const _ in proxies) return false;
  return true;
}

interface UrlParts {
  readonly scheme: string;
  /** An IPv6 address has no brackets; `""` when there is none. */
  readonly host: string;
  /** Given or implied. */
  readonly port: string;
}

function partsOf(url: string | URL): UrlParts {
  const parsed = URL.parse(url);
  const scheme = (parsed?.protocol ?? String(url)).split(":", 1)[0]!.toLowerCase();
  const host = parsed === null ? "" : canonicalHost(parsed.hostname);
  return { scheme, host, port: parsed?.port || (DEFAULT_PORTS[scheme] ?? "") };
}

const canonicalHost = (host: string): string => host.replace(/^\[|\]$|\.$/g, "").toLowerCase();

/**
 * Whether `NO_PROXY` keeps a URL away from every proxy (Python: `requests.utils.should_bypass_proxies`).
 *
 * The entries, separated by commas or white space, are:
 *
 * - `*`: every host;
 * - `example.com`, `.example.com`: this host and those below it; `*.example.com`: only those below it;
 * - `10.1.2.3`, `::1`, `[::1]`: this address; `10.0.0.0/8`, `fd00::/8`: the addresses of this network;
 * - any name or address with a port: `example.com:8080`, `10.1.2.3:8080`, `[::1]:8080`. The port of a URL without one is
 *   that of its scheme.
 *
 * Names are never looked up, so an address does not match the names that lead to it. Case and a final dot make no
 * difference. `*.`, networks of IPv6, addresses with a port, and the default ports go beyond requests.
 *
 * @param url The URL to be requested. One without a host, such as `file:///x`, is always bypassed.
 * @param noProxy The list of hosts, `null` for none.
 *
 * @example
 * ```ts
 * import { shouldBypassProxies } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(shouldBypassProxies("http://www.example.com/", "localhost, example.com"), true);
 * assert.equal(shouldBypassProxies("http://badexample.com/", "localhost, example.com"), false);
 * assert.equal(shouldBypassProxies("http://192.168.1.7/", "192.168.0.0/16"), true);
 * ```
 */
export function shouldBypassProxies(url: string | URL, noProxy: string | null): boolean {
  const { host, port } = partsOf(url);
  if (host === "") return true;
  const entries = (noProxy ?? "").split(/[\s,]+/).filter((entry) => entry !== "");
  return entries.some((entry) => entryCovers(entry.toLowerCase(), host, port));
}

function entryCovers(entry: string, host: string, port: string): boolean {
  if (entry === "*") return true;
  if (isValidCidr(entry)) return parseAddress(host) !== null && addressInNetwork(host, entry);

  // A bare IPv6 address ends in what looks like a port, so only a bracketed one can have one.
  const [, name, entryPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(entry) ?? [null, entry, null];
  if (entryPort !== null && entryPort !== port) return false;
  const address = parseAddress(host);
  if (address !== null) {
    const other = parseAddress(canonicalHost(name!));
    return other !== null && other.bits === address.bits && other.value === address.value;
  }
  const below = name!.startsWith("*.");
  const domain = canonicalDomain(name!.replace(/^\*?\.+/, ""));
  return domain !== "" && (host.endsWith(`.${domain}`) || (!below && host === domain));
}

/** A name as it appears in a URL: in small letters, without a final dot, in Punycode. */
function canonicalDomain(name: string): string {
  // Only for names that need it: the URL parser would also turn `10.1` into an address.
  const ascii = /^[\x20-\x7E]*$/.test(name) ? name : URL.parse(`http://${name}`)?.hostname ?? name;
  return canonicalHost(ascii);
}

/**
 * Reads the proxy variables of the process: `HTTP_PROXY`, `HTTPS_PROXY`, `ALL_PROXY`, `NO_PROXY` in capitals and in small
 * letters, and `REQUEST_METHOD`.
 *
 * Variables that the program may not read count as unset: nothing prompts, nothing throws. Reading them needs
 * `--allow-env`, which can be limited to these names.
 */
export function readProxyEnvironment(): Record<string, string> {
  return readEnvironment(READ_VARIABLES);
}

/**
 * The proxies that the environment names for a URL, by scheme (Python: `requests.utils.get_environ_proxies`).
 *
 * A variable in small letters wins over the one in capitals, and switches it off when it is empty. In a CGI program
 * (`REQUEST_METHOD` is set) `HTTP_PROXY` does not count, because there a client sets it with a `Proxy` header
 * (CVE-2016-5385, "httpoxy").
 *
 * @param url The URL to be requested.
 * @param noProxy The list of hosts that need no proxy. Default, and with `null`: the variable `NO_PROXY`.
 * @param env The environment variables. Default: those of the process.
 * @returns For example `{ http: "http://proxy:3128" }`; empty when the URL is to be requested directly.
 *
 * @example
 * ```ts
 * import { getEnvironProxies } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const env = { HTTP_PROXY: "http://proxy.example:3128", NO_PROXY: "localhost" };
 * assert.deepEqual(getEnvironProxies("http://api.example/", null, env), { http: "http://proxy.example:3128" });
 * assert.deepEqual(getEnvironProxies("http://localhost:8000/", null, env), {});
 * ```
 */
export function getEnvironProxies(
  url: string | URL,
  noProxy: string | null = null,
  env: Readonly<Record<string, string | undefined>> = readProxyEnvironment(),
): Record<string, string> {
  const proxies: Record<string, string> = {};
  for (const name of PROXY_VARIABLES) {
    const scheme = name.slice(0, -"_proxy".length);
    const forged = scheme === "http" && env["REQUEST_METHOD"] !== undefined;
    const value = env[name] ?? (forged ? "" : env[name.toUpperCase()]);
    if (value) proxies[scheme] = value;
  }
  const { no, ...rest } = proxies;
  if (isEmpty(rest)) return rest;
  return shouldBypassProxies(url, noProxy ?? no ?? null) ? {} : rest;
}

function namingVariables(scheme: string): string[] {
  return [`${scheme}_proxy`, `${scheme.toUpperCase()}_PROXY`];
}

/** Fast path: most environments name no proxy for a URL, and then it does not matter what else they say. */
function hasEnvironProxy(url: string | URL): boolean {
  const text = typeof url === "string" ? url : url.href;
  const isHttp = text.startsWith("http://");
  const names = isHttp ? HTTP_VARIABLES : text.startsWith("https://") ? HTTPS_VARIABLES : NAMING_VARIABLES;
  return readFirst(names) !== undefined;
}

/**
 * Adds to a mapping what the environment says about a URL (Python: `requests.utils.resolve_proxies`).
 *
 * The order is: the mapping given, then the environment, then no proxy. If the mapping has any key for the URL, be it
 * `null`, the environment has no say, neither its proxies nor its `NO_PROXY`. If the mapping's own `no_proxy` covers the
 * URL, nothing is proxied. Ask anew with the original mapping for each redirect: the answer holds for one host.
 *
 * @param url The URL to be requested.
 * @param proxies What request and Session ask for, `null` for nothing.
 * @returns A new mapping, for {@linkcode selectProxy}.
 *
 * @example
 * ```ts
 * import { resolveProxies, selectProxy } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * const env = { http_proxy: "http://proxy.example:3128" };
 * const url = "http://api.example/";
 * assert.equal(selectProxy(url, resolveProxies(url, {}, { env })), "http://proxy.example:3128");
 * assert.equal(selectProxy(url, resolveProxies(url, { http: null }, { env })), null);
 * assert.equal(selectProxy(url, resolveProxies(url, {}, { trustEnv: false })), null);
 * ```
 */
export function resolveProxies(
  url: string | URL,
  proxies: Proxies | null,
  options: ResolveProxiesOptions = {},
): Record<string, string | null> {
  const resolved: Record<string, string | null> = { ...proxies };
  const noProxy = resolved["no_proxy"] ?? null;
  const environProxies = () =>
    options.trustEnv === false || (options.env === undefined && !hasEnvironProxy(url))
      ? {}
      : getEnvironProxies(url, noProxy, options.env);
  // Fast path: nothing was asked for, and the environment names no proxy.
  const environ = isEmpty(resolved) ? environProxies() : null;
  if (environ !== null && isEmpty(environ)) return resolved;
  const parts = partsOf(url);
  const { scheme, host } = parts;
  if (noProxy !== null && shouldBypassProxies(url, noProxy)) {
    // The key for this one host is the first that counts, and the other keys go on serving other hosts.
    resolved[host === "" ? scheme : `${scheme}://${host}`] = null;
  } else if (presentProxy(parts, resolved) === undefined) {
    const found = environ ?? environProxies();
    const proxy = found[scheme] ?? found["all"];
    if (proxy !== undefined) resolved[scheme] = proxy;
  }
  return resolved;
}

/**
 * Checks the URL of a proxy and gives it back with its scheme; one without a scheme is an http proxy.
 *
 * @param proxyUrl For example `http://user:password@proxy.example:3128`, `socks5h://127.0.0.1:1080`, `proxy.example:3128`.
 * @throws {InvalidProxyURL} There is no host, the port is no number, or the scheme is none of `http`, `https`, `socks4`,
 * `socks4a`, `socks5` and `socks5h`. The message does not hold the URL, which may contain a password.
 */
export function checkProxyUrl(proxyUrl: string): string {
  const text = proxyUrl.trim();
  const url = prependSchemeIfNeeded(text, "http");
  const [, scheme, authority] = /^([^:]+):\/\/([^/?#\\]*)/.exec(url)!;
  if (!PROXY_SCHEMES.includes(scheme!.toLowerCase())) {
    throw new InvalidProxyURL(
      `A proxy cannot have the scheme "${scheme}". Use one of ${PROXY_SCHEMES.join(", ")}.`,
    );
  }
  // Looked for by hand: the URL parser takes "http:///proxy" and "http:/proxy" for the host "proxy".
  const host = authority!.slice(authority!.lastIndexOf("@") + 1);
  if (host === "" || host.startsWith(":") || /^[^/@]*:\/(?!\/)/.test(text) || !URL.canParse(url)) {
    throw new InvalidProxyURL("Please check proxy URL. It is malformed and could be missing the host.");
  }
  return url;
}

/**
 * The value of `Proxy-Authorization` for the credentials in the URL of a proxy.
 *
 * User name and password are percent-decoded. They are sent as Latin-1, as requests does, or as UTF-8 when Latin-1 does
 * not have their characters (RFC 7617 §2.1). `user@` without a colon gives no header, `user:@` an empty password.
 *
 * @returns `Basic …`, or `null` when the URL has no credentials.
 *
 * @example
 * ```ts
 * import { getProxyAuth } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(getProxyAuth("http://joe:p%40ss@proxy.example:3128"), "Basic am9lOnBAc3M=");
 * assert.equal(getProxyAuth("http://proxy.example:3128"), null);
 * ```
 */
export function getProxyAuth(proxyUrl: string): string | null {
  const [user, password] = getAuthFromUrl(checkProxyUrl(proxyUrl));
  if (user === "") return null;
  const pair = `${user}:${password}`;
  const latin1 = /^[\0-\xFF]*$/.test(pair);
  return `Basic ${latin1 ? btoa(pair) : encodeBase64(new TextEncoder().encode(pair))}`;
}

/**
 * Whether a text is an IPv4 address in the usual form of four decimal numbers (Python: `requests.utils.is_ipv4_address`).
 *
 * @example
 * ```ts
 * import { isIpv4Address } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(isIpv4Address("8.8.8.8"), true);
 * assert.equal(isIpv4Address("8.8.8.8.8"), false);
 * ```
 */
export function isIpv4Address(text: string): boolean {
  return IPV4_REGEXP.test(text);
}

/** Whether a text is an IPv4 or IPv6 address, the latter without brackets. */
export function isIpAddress(text: string): boolean {
  return parseAddress(text) !== null;
}

/** The 4 or 16 bytes of an address in network order, `null` for what is none. */
export function addressBytes(text: string): Uint8Array | null {
  const address = parseAddress(text);
  if (address === null) return null;
  const length = address.bits / 8;
  return Uint8Array.from({ length }, (_, index) => Number((address.value >> BigInt(8 * (length - 1 - index))) & 0xFFn));
}

/**
 * Whether a text is a network in CIDR form, of IPv4 or IPv6 (Python: `requests.utils.is_valid_cidr`, which knows IPv4).
 *
 * @example
 * ```ts
 * import { isValidCidr } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(isValidCidr("192.168.1.0/24"), true);
 * assert.equal(isValidCidr("fd00::/8"), true);
 * assert.equal(isValidCidr("192.168.1.0/33"), false);
 * assert.equal(isValidCidr("192.168.1.0"), false);
 * ```
 */
export function isValidCidr(text: string): boolean {
  return parseNetwork(text) !== null;
}

/**
 * Whether an address lies in a network (Python: `requests.utils.address_in_network`, which knows IPv4).
 *
 * @param ip An IPv4 or IPv6 address, without brackets.
 * @param network A network in CIDR form. One of the other version holds no address.
 * @throws {TypeError} One of the two is malformed.
 *
 * @example
 * ```ts
 * import { addressInNetwork } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(addressInNetwork("192.168.1.1", "192.168.1.0/24"), true);
 * assert.equal(addressInNetwork("172.16.0.1", "192.168.1.0/24"), false);
 * assert.equal(addressInNetwork("fd00::1", "fd00::/8"), true);
 * ```
 */
export function addressInNetwork(ip: string, network: string): boolean {
  const address = parseAddress(ip);
  if (address === null) throw new TypeError(`"${ip}" is no IP address; write it like 192.168.1.1 or fd00::1`);
  const net = parseNetwork(network);
  if (net === null) throw new TypeError(`"${network}" is no network; write it like 192.168.1.0/24 or fd00::/8`);
  const hostBits = BigInt(net.bits - net.prefix);
  return address.bits === net.bits && address.value >> hostBits === net.value >> hostBits;
}

/**
 * The mask of an IPv4 network as four numbers (Python: `requests.utils.dotted_netmask`).
 *
 * @param bits Length of the mask, from 0 to 32.
 * @throws {RangeError} `bits` is not such a number.
 *
 * @example
 * ```ts
 * import { dottedNetmask } from "@x/httpkit/client";
 * import assert from "node:assert/strict";
 *
 * assert.equal(dottedNetmask(24), "255.255.255.0");
 * ```
 */
export function dottedNetmask(bits: number): string {
  if (!Number.isInteger(bits) || bits < 0 || bits > 32) {
    throw new RangeError(`A netmask has 0 to 32 bits, not ${bits}`);
  }
  const mask = (2 ** bits - 1) * 2 ** (32 - bits);
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xFF).join(".");
}

interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

function parseAddress(text: string): Address | null {
  if (isIpv4Address(text)) {
    const value = text.split(".").reduce((sum, number) => (sum << 8n) | BigInt(number), 0n);
    return { bits: 32, value };
  }
  // The URL parser knows every way to write an IPv6 address, and answers with eight groups at most one gap in them.
  const host = text.includes(":") ? URL.parse(`http://[${text}]/`)?.hostname : undefined;
  if (host === undefined) return null;
  const [before, after] = host.slice(1, -1).split("::").map((half) => half.split(":").filter((group) => group !== ""));
  const gap = after === undefined ? 0 : 8 - before!.length - after.length;
  const groups = [...before!, ...Array<string>(gap).fill("0"), ...(after ?? [])];
  return { bits: 128, value: groups.reduce((sum, group) => (sum << 16n) | BigInt(`0x${group}`), 0n) };
}

function parseNetwork(text: string): Address & { readonly prefix: number } | null {
  const [, ip, digits] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = ip === undefined ? null : parseAddress(ip.replace(/^\[(.*)\]$/, "$1"));
  const prefix = Number(digits);
  return address === null || prefix > address.bits ? null : { ...address, prefix };
}
