/** Asks an HTTP proxy for a tunnel (RFC 9110 §9.3.6). */

import { formatRequestHead, MessageReader, ProtocolError, type ResponseHead, writeAll } from "../../http1/mod.ts";
import { ProxyError } from "../errors.ts";
import { getProxyAuth } from "../proxies.ts";
import type { Transport } from "./transport.ts";

/** What is asked of the proxy. */
export interface TunnelRequest {
  /** The URL of the proxy: `http`, `https`. */
  readonly proxy: string;
  /** Where to: a name or an address, an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
  /** What is being done, for messages. */
  readonly what: string;
}

/** Interim responses (1xx) before the answer that are put up with. */
const MAX_INTERIM = 16;

/**
 * Asks for a tunnel. Afterwards the transport leads to the target. As in requests the proxy gets target and credentials,
 * and nothing of the request.
 *
 * @param transport the connection to the proxy; it is left open on failure.
 * @throws {ProxyError} the proxy refuses ({@linkcode ProxyError.statusCode} tells the status), closes the connection, or
 * answers with what is no HTTP.
 */
export async function openTunnel(transport: Transport, request: TunnelRequest): Promise<void> {
  const { proxy, what } = request;
  const refuse = (text: string, options: { statusCode?: number; cause?: unknown } = {}) =>
    new ProxyError(`${what}: proxy ${new URL(proxy).host}: ${text}`, options);
  const host = request.host.includes(":") ? `[${request.host}]` : request.host;
  const target = `${host}:${request.port}`;
  const auth = getProxyAuth(proxy);
  const fields: [string, string][] = [["Host", target]];
  if (auth !== null) fields.push(["Proxy-Authorization", auth]);
  await writeAll(transport, formatRequestHead("CONNECT", target, fields));

  const reader = new MessageReader(transport);
  let head: ResponseHead;
  try {
    head = await reader.readResponseHead();
    for (let interim = 0; head.statusCode < 200; interim++) {
      if (interim === MAX_INTERIM) throw refuse("it sends interim responses without end");
      head = await reader.readResponseHead();
    }
  } catch (cause) {
    if (!(cause instanceof ProtocolError)) throw cause;
    throw refuse(
      cause.code === "closed" ? "it closed the connection instead of opening the tunnel" : cause.message,
      { cause },
    );
  }
  const { statusCode, reason } = head;
  if (statusCode < 200 || statusCode >= 300) {
    const cure = statusCode !== 407
      ? ""
      : auth === null
      ? ". Put user and password into the URL of the proxy"
      : ". It does not accept user and password of its URL";
    throw refuse(`Tunnel connection failed: ${statusCode} ${reason}`.trimEnd() + cure, { statusCode });
  }
  // The target has got nothing yet, so this is not from it. Taken for its words, it would be the proxy's.
  if (reader.buffered > 0) {
    throw refuse(`it sent ${reader.buffered} bytes more than an answer before the tunnel was used`);
  }
}
