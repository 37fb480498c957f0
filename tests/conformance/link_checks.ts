/**
 * Checks of redirects and of the links of a listing.
 *
 * @module
 */

import { type Answer, fieldOf, textOf } from "./answer.ts";
import { type Check, quote, required } from "./check.ts";
import { linksOf } from "./listing_links.ts";
import { type Place, resolvePlace, samePlace } from "./place.ts";

const LOCAL_HOSTS = ["localhost", "127.0.0.1"];
const ARROW = " → ";

/** `location`. */
export const checkLocation: Check = (answer, _argument, { expect, target }) => {
  const wanted = required(expect.headers.location, "location");
  const actual = fieldOf(answer, "location");
  const leadsThere = actual !== undefined && samePlace(resolvePlace(actual, target), resolvePlace(wanted, target));
  return leadsThere ? undefined : `Location is ${quote(actual)}, which does not mean ${quote(wanted)}`;
};

/** `location-local`. */
export const checkLocationLocal: Check = (answer, _argument, { target }) => {
  const actual = fieldOf(answer, "location");
  if (actual === undefined) return undefined;
  const place = resolvePlace(actual, target);
  if (place?.protocol === "http:" && LOCAL_HOSTS.includes(place.hostname)) return undefined;
  return `Location ${quote(actual)} leads away`;
};

/** `listing-has:NAME → HREF`. */
export const checkListingHas: Check = (answer, argument, { target }) => {
  const arrow = argument.lastIndexOf(ARROW);
  const name = plainName(argument.slice(0, arrow));
  const href = argument.slice(arrow + ARROW.length);
  const wanted = listedPlace(href, target);
  const found = linksOf(textOf(answer)).filter((link) => samePlace(listedPlace(link.href, target), wanted));
  if (found.length === 0) return `no link leads to ${quote(href)}: ${hrefsOf(answer)}`;
  const named = found.some(({ names }) => names.some((text) => plainName(text).includes(name)));
  return named ? undefined : `the link to ${quote(href)} is not called ${quote(name)}: ${quote(found)}`;
};

/** `listing-lacks:HREF`. */
export const checkListingLacks: Check = (answer, href, { target }) => {
  const wanted = listedPlace(href, target);
  const found = linksOf(textOf(answer)).some((link) => samePlace(listedPlace(link.href, target), wanted));
  return found ? `a link leads to ${quote(href)}` : undefined;
};

/** `listing-order:A|B|C`. */
export const checkListingOrder: Check = (answer, argument, { target }) => {
  const hrefs = argument.split("|");
  const wanted = hrefs.map((href) => listedPlace(href, target));
  let reached = 0;
  for (const link of linksOf(textOf(answer))) {
    if (reached < wanted.length && samePlace(listedPlace(link.href, target), wanted[reached])) reached++;
  }
  return reached === wanted.length ? undefined : `${quote(hrefs[reached])} is not in its place: ${hrefsOf(answer)}`;
};

/** Doubled slashes in a path lead to the same file here, and a relative link on `/sub//` keeps the page's own. */
function listedPlace(href: string, target: string): Place | undefined {
  const place = resolvePlace(href, target);
  return place && { ...place, path: place.path.replace(/\/+/g, "/") };
}

function plainName(text: string): string {
  return text.replace(/\s+/g, " ").trim().replace(/\/$/, "").trim();
}

function hrefsOf(answer: Answer): string {
  return quote(linksOf(textOf(answer)).map(({ href }) => href));
}
