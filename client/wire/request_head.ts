/**
 * How a request is written: its target, its fields in order, and the framing of its body. No I/O.
 *
 * @module
 */

import type { FieldLine } from "../../http1/mod.ts";
import { type Destination, forwardedFields, isForwarded, outgoingHeaders } from "../_outgoing.ts";
import { InvalidHeader } from "../errors.ts";
import type { PreparedRequest } from "../request.ts";

/** How the length of a request body is told (RFC 9112 §6). */
export type BodyFraming =
  | { readonly kind: "none" }
  | { readonly kind: "length"; readonly length: number }
  | { readonly kind: "chunked" };

/** What of a request goes in front of its body. */
export interface RequestStart {
  /** The method. */
  readonly method: string;
  /** The request target (RFC 9112 §3.2): path and query, or the whole URL for a proxy that forwards the request. */
  readonly target: string;
  /** The fields, in their order and case. */
  readonly fields: readonly FieldLine[];
  /** How the body is framed. */
  readonly framing: BodyFraming;
  /** Whether to wait with the body until the server has agreed to it (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
}

/**
 * Writes the start of a request.
 *
 * @param url the URL without userinfo and fragment.
 * @param proxy the URL of the proxy, or `null`.
 * @param unix whether the request goes over a Unix socket, whose path stands in place of a host.
 * @throws {InvalidHeader} `Content-Length` of a stream is no number, or a value cannot be sent.
 */
export function requestStart(
  request: PreparedRequest,
  url: Destination,
  proxy: string | null,
  unix: boolean = false,
): RequestStart {
  const method = request.method ?? "GET";
  const framing = bodyFraming(request, method);
  const fields = forwardedFields(outgoingHeaders(request), url, proxy);
  return {
    method,
    target: isForwarded(url, proxy) ? url.href : `${url.pathname || "/"}${url.search}`,
    fields: withFraming(withHost(fields, request, unix ? "localhost" : url.host), request, framing, method),
    framing,
    expectsContinue: framing.kind !== "none" && /^\s*100-continue\s*$/i.test(request.headers.get("expect") ?? ""),
  };
}

function bodyFraming({ body, headers }: PreparedRequest, method: string): BodyFraming {
  if (body === null || body.length === 0) return { kind: "none" };
  if (/\bchunked\b/i.test(String(headers.get("transfer-encoding") ?? ""))) return { kind: "chunked" };
  if (body.length !== null) return { kind: "length", length: body.length };
  const given = headers.get("content-length");
  if (given === null) return { kind: "chunked" };
  if (/^\d{1,15}$/.test(given)) return { kind: "length", length: Number(given) };
  throw new InvalidHeader(`${method}: Content-Length: ${JSON.stringify(given)} is no number of bytes; leave it out.`);
}

/** As http.client does it: `Host` first, then `Accept-Encoding` if the caller has none, then what the caller has. */
function withHost(fields: readonly FieldLine[], { headers }: PreparedRequest, host: string): readonly FieldLine[] {
  const first: FieldLine[] = headers.has("host") ? [] : [["Host", host]];
  if (!headers.has("accept-encoding")) first.push(["Accept-Encoding", "identity"]);
  return first.length === 0 ? fields : first.concat(fields);
}

/**
 * The fields that tell the framing, as the body really has it, in the place and case in which the caller has them. Two
 * framings, or a wrong length, would let what follows be read as another request (RFC 9112 §11.2).
 */
function withFraming(
  fields: readonly FieldLine[],
  { headers }: PreparedRequest,
  framing: BodyFraming,
  method: string,
): readonly FieldLine[] {
  const hasLength = headers.has("content-length");
  if (framing.kind === "none" && !hasLength && !headers.has("transfer-encoding")) return fields;
  let length = framing.kind === "length" ? String(framing.length) : null;
  // Without a body the caller's field says whether the length is told at all, which Python does for most methods.
  if (framing.kind === "none" && hasLength && method !== "GET" && method !== "HEAD") length = "0";
  let coding = framing.kind === "chunked" ? "chunked" : null;
  const framed: FieldLine[] = [];
  for (const [name, value] of fields) {
    switch (name.toLowerCase()) {
      case "content-length":
        if (length !== null) framed.push([name, length]);
        length = null;
        break;
      case "transfer-encoding":
        if (coding !== null) framed.push([name, coding]);
        coding = null;
        break;
      default:
        framed.push([name, value]);
    }
  }
  if (length !== null) framed.push(["Content-Length", length]);
  if (coding !== null) framed.push(["Transfer-Encoding", coding]);
  return framed;
}
