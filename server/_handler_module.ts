/** A handler that is named by the URL of its module, as other threads need it. */

/** The module's URL, and the name of its export. */
export interface HandlerModule {
  /** Absolute, without fragment. */
  readonly url: string;
  readonly exportName: string;
}

/**
 * Reads a reference to a handler: an absolute URL, whose fragment names the export (the default export without one).
 *
 * @throws {TypeError} when it is no absolute URL.
 */
export function parseHandlerModule(reference: string | URL): HandlerModule {
  const url = typeof reference === "string" ? URL.parse(reference) : new URL(reference);
  if (url === null) {
    throw new TypeError(
      `Cannot import the handler "${reference}": give an absolute URL, such as new URL("./handler.ts", import.meta.url)`,
    );
  }
  const exportName = decodeURIComponent(url.hash.slice(1)) || "default";
  url.hash = "";
  return { url: url.href, exportName };
}

/**
 * Imports the module and gives its export.
 *
 * @throws {TypeError} when the module has no such export, or that is no function.
 */
export async function importHandler<Handler>({ url, exportName }: HandlerModule): Promise<Handler> {
  const module: Record<string, unknown> = await import(url);
  const handler = module[exportName];
  if (typeof handler !== "function") {
    throw new TypeError(
      `Cannot handle requests with "${url}": its export "${exportName}" is no handler class or function`,
    );
  }
  return handler as Handler;
}
