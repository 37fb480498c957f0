/** The page that lists a directory. */

import { escapeHtml } from "./_html.ts";
import { quoteSegment } from "./_path.ts";

/** One entry of a directory. */
export interface ListingEntry {
  readonly name: string;
  /** Whether the entry, or what a symbolic link points at, is a directory. */
  readonly isDirectory: boolean;
  readonly isSymlink: boolean;
}

const STYLE = ":root { color-scheme: light dark; }";

/** Controls and direction marks would let a name pose as another one; shown as escapes they cannot. */
// deno-lint-ignore no-control-regex
const INVISIBLE_REGEXP = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** Python's page, a title and one link a line, with a link up below the root. `displayPath` is the decoded path of the directory, slash at its end. */
export function renderListing(displayPath: string, entries: readonly ListingEntry[]): string {
  const title = `Directory listing for ${displayText(displayPath)}`;
  const parent = displayPath === "/" ? "" : '<li><a href="../">../</a></li>\n';
  const items = parent + sortEntries(entries).map(renderEntry).join("");
  return `<!DOCTYPE HTML>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<style type="text/css">${STYLE}</style>
<title>${title}</title>
</head>
<body>
<h1>${title}</h1>
<hr>
<ul>
${items}</ul>
<hr>
</body>
</html>
`;
}

/** Without regard to case, as Python sorts. */
function sortEntries(entries: readonly ListingEntry[]): ListingEntry[] {
  return entries
    .map((entry) => ({ entry, key: entry.name.toLowerCase() }))
    .sort((a, b) => a.key < b.key ? -1 : a.key > b.key ? 1 : 0)
    .map(({ entry }) => entry);
}

function renderEntry(entry: ListingEntry): string {
  const slash = entry.isDirectory ? "/" : "";
  const mark = entry.isSymlink ? "@" : slash;
  // quoteSegment() escapes the colon too, so that a name can never be read as a scheme.
  return `<li><a href="${quoteSegment(entry.name)}${slash}">${displayText(entry.name)}${mark}</a></li>\n`;
}

function displayText(text: string): string {
  return escapeHtml(text.toWellFormed()).replace(
    INVISIBLE_REGEXP,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
