/** A server that answers as much of api.github.com as the documentation of requests visits. */

import { ThreadingHTTPServer } from "../../server/mod.ts";
import { SilentHandler } from "../helpers/silent_handler.ts";

/** The commit that the documentation asks for. */
export const COMMIT = {
  committer: { date: "2012-05-10T11:10:50-07:00", email: "me@kennethreitz.com", name: "Kenneth Reitz" },
  author: {},
  url: "",
  tree: {},
  sha: "a050faf",
  parents: [],
  message: "makin' history",
};
/** What GitHub tells about a commit. */
export type Commit = typeof COMMIT;

const commentOf = (id: number, login: string, body: string) => ({
  body,
  url: `/comments/${id}`,
  created_at: "2012",
  updated_at: "2012",
  user: { login },
  id,
});

/** What GitHub tells about a comment. */
export type Comment = ReturnType<typeof commentOf>;

/** As much of GitHub as the documentation visits: repos/psf/requests, with one issue. */
class GitHub extends SilentHandler {
  static comments = new Map<number, Comment>();

  do_GET(): void {
    if (this.path.endsWith("/git/commits/a050faf")) return this.json(200, COMMIT);
    if (this.path.endsWith("/issues/482")) {
      return this.json(200, { title: "Feature any http verb in docs", comments: 3 });
    }
    if (this.path.endsWith("/comments")) return this.json(200, [...GitHub.comments.values()]);
    this.json(404, {});
  }
  do_HEAD(): void {
    this.json(200, {}, { "X-RateLimit-Remaining": "4995", "X-RateLimit-Limit": "5000" });
  }
  do_OPTIONS(): void {
    if (this.path.startsWith("/repos/")) this.json(500, {});
    else this.json(200, {}, { Allow: "GET,HEAD,POST,OPTIONS" });
  }
  async do_POST(): Promise<void> {
    const { body } = await this.input();
    if (!this.authorized) return this.json(404, { message: "Not Found" });
    const comment = commentOf(5804413, "sigmavirus24", body);
    GitHub.comments.set(comment.id, comment);
    this.json(201, comment);
  }
  async do_PATCH(): Promise<void> {
    const { body } = await this.input();
    const comment = GitHub.comments.get(Number(this.path.split("/").at(-1)));
    if (!this.authorized || comment === undefined) return this.json(404, {});
    comment.body = body;
    this.json(200, comment);
  }
  do_DELETE(): void {
    const gone = this.authorized && GitHub.comments.delete(Number(this.path.split("/").at(-1)));
    this.sendResponse(gone ? 204 : 404);
    if (gone) this.sendHeader("Status", "204 No Content");
    this.endHeaders();
  }

  get authorized(): boolean {
    return this.headers.get("authorization") === `Basic ${btoa("fake@example.com:not_a_real_password")}`;
  }
  async input(): Promise<{ body: string }> {
    return JSON.parse(new TextDecoder().decode(await this.rfile.read()));
  }
  json(status: number, value: unknown, headers: Record<string, string> = {}): void {
    this.sendResponse(status);
    this.sendHeader("Content-Type", "application/json; charset=utf-8");
    for (const [name, text] of Object.entries(headers)) this.sendHeader(name, text);
    this.endHeaders();
    if (this.command !== "HEAD") this.wfile.write(JSON.stringify(value));
  }
}

/** The server, on a port of its own; as a text it is its origin. */
export function github(): { readonly repo: string; readonly origin: string; toString(): string } & AsyncDisposable {
  GitHub.comments = new Map([
    [1, commentOf(1, "someone", "Yes")],
    [2, commentOf(2, "someone", "Where?")],
    [3, commentOf(3, "kennethreitz", 'Probably in the "advanced" section')],
  ]);
  const server = new ThreadingHTTPServer(["127.0.0.1", 0], GitHub);
  const serving = server.serveForever();
  const origin = `http://127.0.0.1:${server.serverPort}`;
  return {
    origin,
    repo: `${origin}/repos/psf/requests`,
    toString: () => origin,
    async [Symbol.asyncDispose]() {
      await server.serverClose();
      await serving;
    },
  };
}
