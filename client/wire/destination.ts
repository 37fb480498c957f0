/**
 * Where requests go: URLs, taken apart once.
 *
 * @module
 */

import { outgoingUrl } from "../_outgoing.ts";
import type { PreparedRequest } from "../request.ts";

/** The parts of a URL without userinfo and fragment, as `URL` has them. */
export type Destination = Pick<URL, "protocol" | "host" | "hostname" | "port" | "pathname" | "search" | "href">;

/** For how many URLs the parts are kept. */
const MAX_DESTINATIONS = 256;

/** Remembers the parts of URLs: programs ask for the same few again and again, and parsing one costs as much as sending it. */
export class Destinations {
  readonly #known = new Map<string, Destination>();

  /**
   * The parts of a request's URL.
   *
   * @throws {URLRequired} The request has no URL.
   * @throws {InvalidURL} The URL cannot be parsed.
   */
  of(request: PreparedRequest): Destination {
    const known = this.#known.get(request.url ?? "");
    if (known !== undefined) return known;
    const { protocol, host, hostname, port, pathname, search, href } = outgoingUrl(request);
    const parts = { protocol, host, hostname, port, pathname, search, href };
    for (const [oldest] of this.#known) {
      if (this.#known.size < MAX_DESTINATIONS) break;
      this.#known.delete(oldest);
    }
    this.#known.set(request.url!, parts);
    return parts;
  }
}
