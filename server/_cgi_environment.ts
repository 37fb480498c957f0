/** The meta-variables of RFC 3875 §4.1: what a script learns about its request. */

/** What the variables are made from. */
export interface CgiRequest {
  readonly method: string;
  /** The request target as it came, query included. */
  readonly target: string;
  /** Such as `HTTP/1.1`. */
  readonly protocol: string;
  readonly https: boolean;
  readonly headers: Headers;
  readonly remoteAddress: string;
  readonly remotePort: number;
  /** Used where the request names no host. */
  readonly serverName: string;
  readonly serverPort: number;
  readonly serverSoftware: string;
  /** The served folder, absolute. */
  readonly documentRoot: string;
  /** The script on disk, absolute. */
  readonly scriptFilename: string;
  /** The decoded path of the script. */
  readonly scriptName: string;
  /** The decoded path behind the script's, or nothing. */
  readonly pathInfo: string;
  /** Length of the body in bytes, `null` without a body. */
  readonly contentLength: number | null;
}

/** What belongs to one connection, and so not to the script (RFC 9110 §7.6.1). */
const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Whether a field belongs to the connection and not to the message. */
export function isHopByHop(name: string): boolean {
  return HOP_BY_HOP.has(name.toLowerCase());
}

/**
 * Fields that never become variables: credentials are not for everyone who can read a process's environment (RFC 3875
 * §4.1.18), `Proxy` would become HTTP_PROXY, which HTTP clients obey (httpoxy, CVE-2016-5387), and the other two have
 * variables of their own.
 */
const WITHHELD: ReadonlySet<string> = new Set(["authorization", "content-length", "content-type", "proxy"]);

// "_" and "." turn into the same variable as "-": a client could add X_Forwarded_For beside the X-Forwarded-For of a proxy.
const PASSABLE_NAME_REGEXP = /^[a-z0-9-]+$/i;

/** Makes the variables. None of them holds a null byte, which no environment can. */
export function metaVariables(request: CgiRequest): Record<string, string> {
  const { headers, target } = request;
  const queryStart = target.indexOf("?");
  const host = splitHost(headers.get("host") ?? "");
  const variables: Record<string, string> = {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: request.serverSoftware,
    SERVER_PROTOCOL: request.protocol,
    SERVER_NAME: host.name || request.serverName,
    SERVER_PORT: String(request.serverPort || host.port || (request.https ? 443 : 80)),
    REQUEST_METHOD: request.method,
    REQUEST_URI: target,
    REQUEST_SCHEME: request.https ? "https" : "http",
    SCRIPT_NAME: request.scriptName,
    SCRIPT_FILENAME: request.scriptFilename,
    DOCUMENT_ROOT: request.documentRoot,
    PATH_INFO: request.pathInfo,
    QUERY_STRING: queryStart < 0 ? "" : target.slice(queryStart + 1).split("#", 1)[0]!,
    REMOTE_ADDR: request.remoteAddress,
    // No name is looked up; RFC 3875 §4.1.9 lets the address stand for it.
    REMOTE_HOST: request.remoteAddress,
    REMOTE_PORT: String(request.remotePort),
  };
  if (request.pathInfo !== "") variables["PATH_TRANSLATED"] = request.documentRoot + request.pathInfo;
  if (request.https) variables["HTTPS"] = "on";
  const contentType = headers.get("content-type");
  if (contentType !== null) variables["CONTENT_TYPE"] = decodeBytes(contentType);
  if (request.contentLength !== null) variables["CONTENT_LENGTH"] = String(request.contentLength);

  const named = new Set((headers.get("connection") ?? "").toLowerCase().split(",").map((name) => name.trim()));
  for (const [name, value] of headers) {
    if (!PASSABLE_NAME_REGEXP.test(name) || isHopByHop(name) || WITHHELD.has(name) || named.has(name)) continue;
    variables[`HTTP_${name.toUpperCase().replaceAll("-", "_")}`] = decodeBytes(value);
  }
  return variables;
}

function splitHost(host: string): { name: string; port: number } {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(host);
  return { name: match?.[1] ?? "", port: Number(match?.[2] ?? 0) };
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Deno gives each byte of a field as one character, and takes the environment as UTF-8: this makes the bytes the same. */
function decodeBytes(value: string): string {
  // deno-lint-ignore no-control-regex
  if (/^[\x00-\x7f]*$/.test(value)) return value;
  try {
    return decoder.decode(Uint8Array.from(value, (char) => char.charCodeAt(0)));
  } catch {
    return value; // Bytes that are no UTF-8 cannot be put into an environment through Deno; ISO-8859-1 is the next best.
  }
}
