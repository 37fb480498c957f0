/**
 * From what goes wrong on a connection to the errors of the client.
 *
 * @module
 */

import { ProtocolError } from "../../http1/mod.ts";
import {
  ChunkedEncodingError,
  ConnectionError,
  InvalidHeader,
  RequestException,
  type RequestExceptionOptions,
} from "../errors.ts";
import { isTlsFailure, tlsError } from "./tls.ts";

/** What an error is about. */
export interface WireContext extends RequestExceptionOptions {
  /** Method and URL for the message, without anything secret. */
  readonly what: string;
  /** The host that is spoken to. */
  readonly host: string;
}

/** The error for a request that got no response. Errors of the client, and what is no failure of the net, come back. */
export function sendFailure(error: unknown, context: WireContext): unknown {
  if (error instanceof RequestException || !isNetFailure(error)) return error;
  const options = { ...context, cause: error };
  const message = `${context.what}: ${describe(error)}`;
  if (error instanceof ProtocolError) {
    const isField = error.code === "bad-length" || error.code === "bad-framing";
    return isField ? new InvalidHeader(message, options) : new ConnectionError(message, options);
  }
  return isAlert(error) ? tlsError(error, context.host, context.what) : new ConnectionError(message, options);
}

/** The error for a body that could not be read to its end. */
export function bodyFailure(error: unknown, context: WireContext): unknown {
  if (error instanceof RequestException || !isNetFailure(error)) return error;
  const options = { ...context, cause: error };
  const message = `${context.what}: the body broke off: ${describe(error)}`;
  return isAlert(error) ? tlsError(error, context.host, context.what) : new ChunkedEncodingError(message, options);
}

/** Whether the connection was closed before anything came back, so that the server may never have got the request. */
export function isClosedConnection(error: unknown): boolean {
  if (error instanceof ProtocolError) return error.code === "closed";
  if (
    error instanceof Deno.errors.ConnectionReset || error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.ConnectionAborted || error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.UnexpectedEof
  ) return true;
  return /^(?:ECONNRESET|EPIPE|ECONNABORTED)$/.test(codeOf(error));
}

// A connection that was closed here, under a read or a write, fails with one of the last two.
const NET_ERRORS = [
  "ConnectionReset",
  "ConnectionAborted",
  "BrokenPipe",
  "NotConnected",
  "UnexpectedEof",
  "TimedOut",
  "InvalidData",
  "Interrupted",
  "BadResource",
];

/** Whether an error is one of the connection, and not of the program. */
export function isNetFailure(error: unknown): boolean {
  if (error instanceof ProtocolError) return true;
  if (!(error instanceof Error)) return false;
  return NET_ERRORS.includes(error.name) || codeOf(error) !== "";
}

/** Whether TLS itself failed. In TLS 1.3 a server may refuse a client certificate only after the handshake. */
function isAlert(error: unknown): boolean {
  return isTlsFailure(error) && !(error instanceof Deno.errors.UnexpectedEof);
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

function describe(error: unknown): string {
  if (error instanceof ProtocolError && error.code === "closed") {
    return "the server closed the connection without a response";
  }
  return (error as Error).message;
}
