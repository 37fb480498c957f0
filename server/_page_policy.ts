/** What a page that the server makes itself may do in a browser. */

/**
 * The `Content-Security-Policy` of generated pages: nothing may load, whatever a file name or an error text manages to
 * smuggle in. Styles may be inline, because each page carries its one style inside.
 */
export const PAGE_CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";
