/**
 * The links of an HTML page.
 *
 * @module
 */

import { type DefaultTreeAdapterTypes, parse } from "npm:parse5@8.1.1";

/** A link of a page. */
export interface Link {
  /** The `href` as the page has it, character references decoded. */
  readonly href: string;
  /** What a reader gets to see or hear: text, title, label and the name to save under. */
  readonly names: readonly string[];
}

const NAMING_ATTRIBUTES = ["title", "aria-label", "download"];

/** Lists the `<a href>` of a page in their order. */
export function linksOf(html: string): Link[] {
  const links: Link[] = [];
  collectLinks(parse(html), links);
  return links;
}

function collectLinks(node: DefaultTreeAdapterTypes.Node, links: Link[]): void {
  if ("tagName" in node && node.tagName === "a") {
    const attributes = new Map(node.attrs.map(({ name, value }) => [name, value]));
    const href = attributes.get("href");
    const names = [textIn(node), ...NAMING_ATTRIBUTES.map((name) => attributes.get(name) ?? "")];
    if (href !== undefined) links.push({ href, names });
  }
  for (const child of "childNodes" in node ? node.childNodes : []) collectLinks(child, links);
}

function textIn(node: DefaultTreeAdapterTypes.Node): string {
  if ("value" in node) return node.value;
  return "childNodes" in node ? node.childNodes.map(textIn).join("") : "";
}
