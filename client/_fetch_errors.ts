/**
 * From the errors of `fetch` to those of the client. `fetch` gives texts, no codes: they stand in the message, or since
 * Deno 2.9.6 in that of its cause. They are matched here and nowhere else.
 */

import { markUnsent } from "./_failure_kind.ts";
import {
  ChunkedEncodingError,
  ConnectionError,
  ContentDecodingError,
  InvalidHeader,
  InvalidSchema,
  NotSupportedError,
  ProxyError,
  RequestException,
  type RequestExceptionOptions,
  SSLError,
} from "./errors.ts";

/** What an error is about. */
export interface FailureContext extends RequestExceptionOptions {
  /** Method and URL for the message, without anything secret. */
  readonly what: string;
  /** The scheme of the proxy in use, or `null`. */
  readonly proxyScheme?: string | null;
  /** The host of the proxy in use, for the message. */
  readonly proxyHost?: string;
}

/** Message and cause of an error in one text. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

/** What went wrong, without the URL that `fetch` puts in front, which has the query. */
function detailOf(text: string): string {
  return text.replace(/^.*?error sending request .*?: (?=client error)/s, "").replace(/^fetch failed: /i, "");
}

const TRANSPORT_REGEXP = /fetch failed|error sending request|client error \(/i;
const CONNECT_REGEXP = /client error \(Connect\)/;
const TUNNEL_REGEXP = /proxy authentication required|unsuccessful tunnel|unexpected eof while tunneling/i;
const SOCKS_REGEXP =
  /Proxy server unreachable|auth(?:entication)? (?:failure|failed)|acceptable auth methods|auth method|not allowed by ruleset/i;
const SOCKS_TARGET_REGEXP =
  /Connection refused|Host unreachable|Network unreachable|TTL expired|General SOCKS server failure/i;
const REACH_REGEXP = /tcp connect error|dns error|tcp bind|tcp open/i;
const TLS_REGEXP =
  /invalid peer certificate|received corrupt message|tls handshake|received fatal alert|HandshakeFailure|ProtocolVersion|NoApplicationProtocol|peer (?:is incompatible|misbehaved)|cannot decrypt|bad certificate/i;
const DECODE_REGEXP =
  /unexpected end of file|unexpected EOF|gzip header|CRC computed|corrupt deflate|deflate decompression|brotli|Invalid Data|invalid (?:block|distance|stored|code)/i;

/**
 * The error for a request that `fetch` did not carry out. What is no failure of the transport comes back as it is: errors
 * of the client, the reason of an aborted signal, a missing permission, a wrong argument.
 */
export function fetchFailure(error: unknown, context: FailureContext): unknown {
  const failure = failureOf(error, context);
  if (CONNECT_REGEXP.test(errorText(error))) markUnsent(failure);
  return failure;
}

function failureOf(error: unknown, context: FailureContext): unknown {
  if (!(error instanceof TypeError) || error instanceof RequestException) return error;
  const text = errorText(error);
  const detail = detailOf(text);
  const options = { ...context, cause: error };
  const { what, proxyScheme = null } = context;

  const blocked = /Requests to port (\d+) are blocked/i.exec(text);
  if (blocked !== null) {
    return new NotSupportedError(`${what}: fetch refuses port ${blocked[1]}. Use another port.`, {
      ...options,
      option: "url",
    });
  }
  const scheme = /Url scheme '(.*?)' not supported/i.exec(text);
  if (scheme !== null) {
    return new InvalidSchema(`${what}: fetch does not know the scheme ${scheme[1]}. Use http or https.`, options);
  }
  if (/header (?:name|value)|ByteString/i.test(text)) return new InvalidHeader(`${what}: ${detail}`, options);
  if (!TRANSPORT_REGEXP.test(text)) return error;

  const proxy = `${what}: proxy ${context.proxyHost ?? ""}: ${detail}`;
  if (TUNNEL_REGEXP.test(detail)) {
    const cure = /authentication/i.test(detail) ? " Put user and password into the URL of the proxy." : "";
    return new ProxyError(`${proxy}.${cure}`, options);
  }
  if (TLS_REGEXP.test(detail)) return new SSLError(`${what}: ${detail}.${tlsCure(detail)}`, options);
  if (proxyScheme !== null && CONNECT_REGEXP.test(detail)) {
    const socks = proxyScheme.startsWith("socks");
    const target = socks && SOCKS_TARGET_REGEXP.test(detail) && !SOCKS_REGEXP.test(detail);
    if (!target && (socks || REACH_REGEXP.test(detail))) return new ProxyError(proxy, options);
  }
  if (/invalid content-length/i.test(detail)) return new InvalidHeader(`${what}: ${detail}`, options);
  return new ConnectionError(`${what}: ${detail}`, options);
}

function tlsCure(detail: string): string {
  if (/UnknownIssuer|CaUsedAsEndEntity/.test(detail)) {
    return " Pass verify: PATH with the certificate of the authority (PEM) that signed the server's.";
  }
  return /InvalidContentType/.test(detail) ? " Does the server speak plain HTTP on this port?" : "";
}

/**
 * The error for a body that could not be read to its end. Errors of the client and the reason of an aborted signal come
 * back as they are.
 */
export function bodyFailure(error: unknown, context: FailureContext): unknown {
  if (!(error instanceof TypeError) || error instanceof RequestException) return error;
  const text = errorText(error);
  const options = { ...context, cause: error };
  if (/error reading a body/i.test(text)) {
    return new ChunkedEncodingError(`${context.what}: the body ended too early, or its chunks are not valid`, options);
  }
  if (DECODE_REGEXP.test(text)) {
    return new ContentDecodingError(`${context.what}: the body does not fit its Content-Encoding: ${text}`, options);
  }
  return new ConnectionError(`${context.what}: ${detailOf(text)}`, options);
}
