/** Text inside HTML. */

/** Escapes `&`, `<` and `>`; with `quote` also `"` and `'`, as an attribute needs it (Python's `html.escape`). */
export function escapeHtml(text: string, quote = true): string {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  return quote ? escaped.replaceAll('"', "&quot;").replaceAll("'", "&#x27;") : escaped;
}
