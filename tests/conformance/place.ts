/**
 * Where a reference on a page, or in a `Location`, leads to.
 *
 * @module
 */

/** A resolved reference, split into what has to agree; path and query are percent-decoded to bytes. */
export interface Place {
  /** The scheme with its colon. */
  readonly protocol: string;
  /** Host without port. */
  readonly hostname: string;
  /** Host with port. */
  readonly host: string;
  /** Decoded path. */
  readonly path: string;
  /** Decoded query with its question mark, or nothing. */
  readonly query: string;
  /** Fragment with its number sign, or nothing. */
  readonly fragment: string;
}

/** Resolves a reference against a request target on `http://localhost`, as a browser does; undefined if it cannot. */
export function resolvePlace(reference: string, target: string): Place | undefined {
  const url = URL.parse(reference, `http://localhost${target}`);
  if (url === null) return undefined;
  return {
    protocol: url.protocol,
    hostname: url.hostname,
    host: url.host,
    path: decodeBytes(url.pathname),
    query: decodeBytes(url.search),
    fragment: url.hash,
  };
}

/** Whether two references mean the same place. */
export function samePlace(a: Place | undefined, b: Place | undefined): boolean {
  return a !== undefined && b !== undefined &&
    a.host === b.host && a.path === b.path && a.query === b.query && a.fragment === b.fragment;
}

function decodeBytes(text: string): string {
  return text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
}
