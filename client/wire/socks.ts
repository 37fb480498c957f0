/** Asks a SOCKS proxy for a connection: version 5 (RFC 1928, RFC 1929), version 4 and 4a. */

import { getAuthFromUrl, unquote } from "../_url.ts";
import { ConnectionError, ProxyError } from "../errors.ts";
import { addressBytes, isIpAddress, isIpv4Address } from "../proxies.ts";
import { writeAll } from "../../http1/mod.ts";
import type { Transport } from "./transport.ts";

/** Gives the addresses of a name, in the order in which to try them. */
export type Lookup = (host: string) => Promise<string[]>;

/** What is asked of the proxy. */
export interface SocksRequest {
  /** The URL of the proxy: `socks4`, `socks4a`, `socks5`, `socks5h`. */
  readonly proxy: string;
  /** Where to: a name or an address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What is being done, for messages. */
  readonly what: string;
}

const SOCKS4_REPLIES: ReadonlyMap<number, string> = new Map([
  [0x5b, "the request was rejected or failed"],
  [0x5c, "the proxy cannot reach identd on this machine"],
  [0x5d, "identd on this machine names another user"],
]);

const SOCKS5_REPLIES: ReadonlyMap<number, string> = new Map([
  [1, "general SOCKS server failure"],
  [2, "connection not allowed by the rules of the proxy"],
  [3, "network unreachable"],
  [4, "host unreachable"],
  [5, "connection refused"],
  [6, "TTL expired"],
  [7, "the proxy does not know the command CONNECT"],
  [8, "the proxy does not know this type of address"],
]);

/** The replies that are about the target, not about the proxy and what it allows. */
const TARGET_REPLIES: ReadonlySet<number> = new Set([0x5b, 1, 3, 4, 5, 6]);

/** Whether the name is looked up here, as the scheme of the proxy says: `socks4` and `socks5`, not `socks4a` and `socks5h`. */
export function looksUpLocally(proxy: string, host: string): boolean {
  return /^socks[45]:/i.test(proxy) && !isIpAddress(host);
}

/**
 * Asks for a connection. Afterwards the transport leads to the target; not a byte after the reply has been read.
 *
 * @param transport the connection to the proxy; it is left open on failure.
 * @param address the target as it goes to the proxy: a name only if the proxy is to look it up.
 * @throws {ProxyError} the proxy refuses, or does not speak SOCKS.
 * @throws {ConnectionError} the proxy cannot reach the target.
 */
export async function connectBySocks(transport: Transport, address: string, request: SocksRequest): Promise<void> {
  const dialogue = new Dialogue(transport, request);
  if (/^socks4/i.test(request.proxy)) await dialogue.socks4(address);
  else await dialogue.socks5(address);
}

/** User name and password of the proxy, `null` for none. Without a colon there is a user name alone. */
function credentialsOf(proxy: string): [user: string, password: string] | null {
  const [user, password] = getAuthFromUrl(proxy);
  if (user !== "") return [user, password];
  const { username } = new URL(proxy);
  return username === "" ? null : [unquote(username), ""];
}

class Dialogue {
  readonly #transport: Transport;
  readonly #request: SocksRequest;

  constructor(transport: Transport, request: SocksRequest) {
    this.#transport = transport;
    this.#request = request;
  }

  async socks4(address: string): Promise<void> {
    const user = new TextEncoder().encode(credentialsOf(this.#request.proxy)?.[0] ?? "");
    if (user.includes(0)) throw this.#proxyError("a user name of SOCKS 4 cannot contain NUL");
    const isAddress = isIpv4Address(address);
    if (!isAddress && isIpAddress(address)) {
      throw this.#proxyError("SOCKS 4 knows no IPv6 addresses. Use socks5 or socks5h");
    }
    // The address 0.0.0.1 tells that a name follows (SOCKS 4a).
    const ip = isAddress ? addressBytes(address)! : Uint8Array.of(0, 0, 0, 1);
    const name = isAddress ? [] : [...this.#nameBytes(address), 0];
    await writeAll(this.#transport, Uint8Array.of(4, 1, ...this.#port, ...ip, ...user, 0, ...name));
    const [version, reply] = await this.#take(8);
    if (version !== 0) throw this.#garbage(version!);
    if (reply !== 0x5a) throw this.#refusal(reply!, SOCKS4_REPLIES.get(reply!));
  }

  async socks5(address: string): Promise<void> {
    await this.#authenticate(credentialsOf(this.#request.proxy));
    const ip = addressBytes(address);
    const kind = ip === null ? 3 : ip.length === 4 ? 1 : 4;
    const name = ip === null ? this.#nameBytes(address) : null;
    const target = name === null ? ip! : Uint8Array.of(name.length, ...name);
    await writeAll(this.#transport, Uint8Array.of(5, 1, 0, kind, ...target, ...this.#port));
    const [version, reply] = await this.#take(2);
    if (version !== 5) throw this.#garbage(version!);
    if (reply !== 0) throw this.#refusal(reply!, SOCKS5_REPLIES.get(reply!));
    // The address at which the proxy connected: of no use, but it has to be read to its end.
    const [, type] = await this.#take(2);
    const length = type === 1 ? 4 : type === 4 ? 16 : type === 3 ? (await this.#take(1))[0]! : null;
    if (length === null) throw this.#proxyError(`it answered with an unknown type of address, ${type}`);
    await this.#take(length + 2);
  }

  async #authenticate(credentials: [user: string, password: string] | null): Promise<void> {
    const [user, password] = (credentials ?? []).map((text) => new TextEncoder().encode(text));
    if (user !== undefined && (user.length > 255 || password!.length > 255)) {
      throw this.#proxyError("SOCKS 5 takes 255 bytes of user name and of password, not more");
    }
    await writeAll(this.#transport, user === undefined ? Uint8Array.of(5, 1, 0) : Uint8Array.of(5, 2, 0, 2));
    const [version, method] = await this.#take(2);
    if (version !== 5) throw this.#garbage(version!);
    if (method === 0) return;
    if (method === 0xff) {
      throw this.#proxyError(
        user === undefined
          ? "it asks for authentication. Put user and password into the URL of the proxy"
          : "it accepts neither user and password nor no authentication",
      );
    }
    if (method !== 2 || user === undefined) {
      throw this.#proxyError(`it chose the authentication method ${method}, which was not offered`);
    }
    await writeAll(
      this.#transport,
      Uint8Array.of(1, user.length, ...user, password!.length, ...password!),
    );
    const [, status] = await this.#take(2);
    if (status !== 0) throw this.#proxyError("it does not accept user and password of its URL");
  }

  get #port(): [number, number] {
    return [this.#request.port >> 8, this.#request.port & 0xff];
  }

  #nameBytes(name: string): Uint8Array {
    const bytes = new TextEncoder().encode(name);
    if (bytes.length <= 255 && !bytes.includes(0)) return bytes;
    throw this.#proxyError("a host name for SOCKS has at most 255 bytes");
  }

  /** Reads as many bytes and no more: what follows the reply belongs to the target. */
  async #take(length: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(length);
    for (let got = 0; got < length;) {
      const count = await this.#transport.read(bytes.subarray(got));
      if (count === null) throw this.#proxyError("it closed the connection");
      got += count;
    }
    return bytes;
  }

  #refusal(reply: number, text = `unknown reply ${reply}`): ConnectionError {
    if (!TARGET_REPLIES.has(reply)) return this.#proxyError(text);
    const { what, proxy, host, port } = this.#request;
    return new ConnectionError(
      `${what}: Failed to establish a new connection: proxy ${new URL(proxy).host} to ${host}:${port}: ${text}`,
    );
  }

  #garbage(version: number): ProxyError {
    const wanted = /^socks4/i.test(this.#request.proxy) ? 4 : 5;
    return this.#proxyError(`it does not speak SOCKS ${wanted}: its answer starts with byte ${version}`);
  }

  #proxyError(text: string): ProxyError {
    const { what, proxy } = this.#request;
    return new ProxyError(`${what}: proxy ${new URL(proxy).host}: ${text}`);
  }
}
