/** A server that answers as httpbin.org does, made with the server half. */

import { ThreadingHTTPServer } from "../../server/mod.ts";
import { SilentHandler } from "../helpers/silent_handler.ts";

/** What httpbin.org tells about a request. */
export interface Seen {
  method: string;
  url: string;
  args: Record<string, string | string[]>;
  headers: Record<string, string>;
  data: string;
  form: Record<string, string | string[]>;
  files: Record<string, string>;
  json: unknown;
}

/** Answers all methods. */
class HttpbinHandler extends SilentHandler {
  do_GET(): Promise<void> {
    return this.#route();
  }
  do_HEAD(): Promise<void> {
    return this.#route();
  }
  do_OPTIONS(): void {
    this.#send(200, "", { Allow: "GET, HEAD, POST, OPTIONS" });
  }
  do_POST(): Promise<void> {
    return this.#route();
  }
  do_PUT(): Promise<void> {
    return this.#route();
  }
  do_PATCH(): Promise<void> {
    return this.#route();
  }
  do_DELETE(): Promise<void> {
    return this.#route();
  }
  do_MKCOL(): Promise<void> {
    return this.#route();
  }
  do_SPAM(): Promise<void> {
    return this.#route();
  }

  async #route(): Promise<void> {
    const url = new URL(this.path, "http://httpbin.test");
    const [first, ...rest] = url.pathname.slice(1).split("/").map(decodeURIComponent);
    switch (first) {
      case "cookies": {
        if (rest.length === 0) return this.#json({ cookies: this.#cookies() });
        const [, name, value] = rest;
        return this.#send(302, "", { Location: "/cookies", "Set-Cookie": `${name}=${value}; Path=/` });
      }
      case "status":
        return this.#send(Number(rest[0]), "");
      case "stream": {
        const line = JSON.stringify({ url: this.path });
        return this.#send(200, `${line}\n`.repeat(Number(rest[0])), { "Content-Type": "application/json" });
      }
      case "basic-auth": {
        const wanted = `Basic ${btoa(rest.join(":"))}`;
        if (this.headers.get("authorization") === wanted) return this.#json({ authenticated: true, user: rest[0] });
        return this.#send(401, "", { "WWW-Authenticate": 'Basic realm="Fake Realm"' });
      }
      default:
        return this.#json(await this.#seen(url));
    }
  }

  #cookies(): Record<string, string> {
    const pairs = (this.headers.get("cookie") ?? "").split("; ").filter((pair) => pair !== "");
    return Object.fromEntries(pairs.map((pair) => [pair.split("=")[0], pair.slice(pair.indexOf("=") + 1)]));
  }

  async #seen(url: URL): Promise<Seen> {
    const body = await this.rfile.read();
    const type = this.headers.get("content-type") ?? "";
    const seen: Seen = {
      method: this.command,
      url: this.path,
      args: grouped(url.searchParams),
      headers: Object.fromEntries(this.headers),
      data: "",
      form: {},
      files: {},
      json: null,
    };
    if (type.startsWith("application/x-www-form-urlencoded")) {
      seen.form = grouped(new URLSearchParams(new TextDecoder().decode(body)));
    } else if (type.startsWith("multipart/form-data")) {
      const form = await new Response(body, { headers: { "content-type": type } }).formData();
      const fields: [string, string][] = [];
      for (const [name, value] of form) {
        if (typeof value === "string") fields.push([name, value]);
        else {seen.files[name] = [seen.files[name], await dataUrl(value)].filter((text) => text !== undefined).join(
            "\n",
          );}
      }
      seen.form = grouped(fields);
    } else {
      seen.data = new TextDecoder().decode(body);
      if (type === "application/json") seen.json = JSON.parse(seen.data);
    }
    return seen;
  }

  #json(value: unknown): void {
    this.#send(200, `${JSON.stringify(value)}\n`, { "Content-Type": "application/json" });
  }

  #send(status: number, body: string, headers: Record<string, string> = {}): void {
    this.sendResponse(status);
    for (const [name, value] of Object.entries(headers)) this.sendHeader(name, value);
    this.endHeaders();
    this.wfile.write(body);
  }
}

function grouped(pairs: Iterable<[string, string]>): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = {};
  for (const [name, value] of pairs) {
    const before = found[name];
    found[name] = before === undefined ? value : [before, value].flat();
  }
  return found;
}

async function dataUrl(file: File): Promise<string> {
  return `data:${file.type};base64,${(await file.bytes()).toBase64()}`;
}

/** The server, on a port of its own; as a text it is its origin. */
export function httpbin(): { readonly origin: string; toString(): string } & AsyncDisposable {
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], HttpbinHandler);
  const serving = server.serveForever();
  const origin = `http://127.0.0.1:${server.serverPort}`;
  return {
    origin,
    toString: () => origin,
    async [Symbol.asyncDispose]() {
      await server.serverClose();
      await serving;
    },
  };
}
