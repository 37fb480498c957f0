/**
 * `CGIHTTPRequestHandler`: the file server that also runs scripts.
 *
 * @module
 */

import { VERSION } from "../version.ts";
import { type CgiDocument, CgiOutput, CgiOutputError, parseCgiHead } from "./_cgi_output.ts";
import { metaVariables } from "./_cgi_environment.ts";
import { inheritedEnvironment, type ScriptCommand, ScriptProcess } from "./_cgi_process.ts";
import { ScriptTimeout, ScriptWatch } from "./_cgi_watch.ts";
import { type Found, isAbsence, isInside, lookup, WINDOWS } from "./_lookup.ts";
import { collapseLeadingSlashes, isDotfile, parseTarget, quoteSegment } from "./_path.ts";
import { concatBytes } from "./request_reader.ts";
import type { ClientAddress, HandlerServer } from "./base_handler.ts";
import { type FileBody, SimpleHTTPRequestHandler, type SimpleHTTPRequestHandlerOptions } from "./simple_handler.ts";

/** Options of {@linkcode CGIHTTPRequestHandler}; each is also a field that a subclass may set. */
export interface CGIHTTPRequestHandlerOptions extends SimpleHTTPRequestHandlerOptions {
  /**
   * The folders of scripts, as paths of URLs from the root.
   *
   * @default {["/cgi-bin", "/htbin"]}
   */
  cgiDirectories?: readonly string[];
  /**
   * Seconds that a script may run; `null` for no limit. Then its process group is killed, and the client gets a 504, or a
   * cut response where the head has left.
   *
   * @default {60}
   */
  cgiTimeout?: number | null;
  /**
   * The arguments with which Deno runs `.ts` scripts. `--allow-env` shows them nothing but the variables of their request.
   *
   * @default {["--allow-env"]}
   */
  cgiPermissions?: readonly string[];
  /**
   * Extensions, dot included, to the program and its arguments that run such a script. A script with a `#!` line is run by
   * what that names, except `.ts`; on Windows, where there is no such line, the extension always counts.
   *
   * @default {{ ".py": ["python3"], ".sh": ["sh"], ".ts": <this Deno> }}
   */
  cgiInterpreters?: Readonly<Record<string, readonly string[]>>;
  /**
   * Variables for every script, beside those of the request and `PATH`. Nothing else of this program's environment is
   * handed on.
   *
   * @default {{}}
   */
  cgiEnvironment?: Readonly<Record<string, string>>;
}

const CGI_DIRECTORIES: readonly string[] = ["/cgi-bin", "/htbin"];

/** Bodies without a Content-Length are read before the script starts, up to this many bytes: it must be told the length. */
const MAX_UNSIZED_BODY = 10 * 1024 * 1024;

/** How often scripts may send the request on to another path. */
const MAX_LOCAL_REDIRECTS = 10;

/** What a script reads: its length, and the pieces until an empty one. */
interface ScriptInput {
  /** `null` without a body. */
  readonly length: number | null;
  read(): Promise<Uint8Array<ArrayBuffer>>;
}

/** A script that was found. */
interface Script {
  readonly path: string;
  /** Its decoded path in URLs: SCRIPT_NAME. */
  readonly name: string;
  readonly pathInfo: string;
}

/**
 * Serves files, and runs the scripts below {@linkcode cgiDirectories}: Python's `http.server.CGIHTTPRequestHandler`, which
 * 3.15 removes.
 *
 * A script is an executable file. It gets the variables of RFC 3875 and nothing else of the environment, the body of the
 * request on standard input, and its own folder as current directory; as root it runs as `nobody`. Unlike in Python it
 * decides the response: `Status`, `Location` (a path of this server is answered by that path), any other field, and `nph-`
 * scripts with a status line of their own. Output streams to the client as it comes. The script is killed, with all that it
 * started, when its time is over or the client goes away. What it writes to standard error is logged.
 *
 * Ports Python's `http.server.CGIHTTPRequestHandler`. Needs `--allow-read` for the folder, `--allow-run` and, except on
 * Windows, `--allow-sys=uid`; `--allow-env=PATH` lets scripts inherit `PATH`.
 *
 * @example Run a script
 * ```ts
 * import { CGIHTTPRequestHandler, fetchHandler } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * const directory = await Deno.makeTempDir();
 * await Deno.chmod(directory, 0o755);
 * await Deno.mkdir(`${directory}/cgi-bin`);
 * const script = '#!/bin/sh\nprintf "Status: 201\\nContent-Type: text/plain\\n\\nhello $QUERY_STRING"\n';
 * await Deno.writeTextFile(`${directory}/cgi-bin/hello.sh`, script, { mode: 0o755 });
 *
 * class Scripts extends CGIHTTPRequestHandler {
 *   override directory = directory;
 *   override logMessage(): void {}
 * }
 * const response = await fetchHandler(Scripts)(new Request("http://localhost/cgi-bin/hello.sh?world"));
 * assert.equal(response.status, 201);
 * assert.equal(await response.text(), "hello world");
 * await Deno.remove(directory, { recursive: true });
 * ```
 */
export class CGIHTTPRequestHandler extends SimpleHTTPRequestHandler {
  /** The name of the server's software in `Server`. */
  override serverVersion: string = `CGIHTTP/${VERSION}`;
  /** The folders of scripts, as paths of URLs from the root. */
  cgiDirectories: readonly string[];
  /** Seconds that a script may run; `null` for no limit. */
  cgiTimeout: number | null;
  /** The arguments with which Deno runs `.ts` scripts. */
  cgiPermissions: readonly string[];
  /** Extensions to the program and its arguments that run such a script. */
  cgiInterpreters: Readonly<Record<string, readonly string[]>>;
  /** Variables for every script. */
  cgiEnvironment: Readonly<Record<string, string>>;
  /** What {@linkcode isCgi} found: the folder of scripts, and what follows it without the slash between. */
  cgiInfo: readonly [directory: string, rest: string] | null = null;

  #localRedirects = 0;
  /** Whether a head of the script was sent. */
  #answered = false;

  /**
   * Stores what belongs to the request.
   *
   * @param request the request.
   * @param clientAddress where it came from.
   * @param server the server that it came to.
   * @param options see {@linkcode CGIHTTPRequestHandlerOptions}.
   */
  constructor(
    request: Request,
    clientAddress: ClientAddress,
    server: HandlerServer,
    options: CGIHTTPRequestHandlerOptions = {},
  ) {
    super(request, clientAddress, server, options);
    this.cgiDirectories = options.cgiDirectories ?? CGI_DIRECTORIES;
    this.cgiTimeout = options.cgiTimeout === undefined ? 60 : options.cgiTimeout;
    this.cgiPermissions = options.cgiPermissions ?? ["--allow-env"];
    this.cgiInterpreters = options.cgiInterpreters ?? { ".py": ["python3"], ".sh": ["sh"] };
    this.cgiEnvironment = options.cgiEnvironment ?? {};
  }

  /** Runs the script that a POST is for; 501 where there is none. */
  do_POST(): void | Promise<void> {
    if (this.isCgi()) return this.runCgi();
    this.sendError(501, "Can only POST to CGI scripts");
  }

  /** Sends the head of a file as the file server does, or all of a script's response. */
  override sendHead(): FileBody | null | Promise<FileBody | null> {
    return this.isCgi() ? this.runCgi().then(() => null) : super.sendHead();
  }

  /**
   * Tells whether {@linkcode path} leads below one of {@linkcode cgiDirectories}, and sets {@linkcode cgiInfo} if so. It
   * goes by the decoded path that files are opened with, so that no spelling of a script's path shows its source.
   */
  isCgi(): boolean {
    const { segments, trailingSlash } = parseTarget(this.path, WINDOWS);
    const last = trailingSlash ? segments.length : segments.length - 1;
    let directory = "";
    for (let count = 1; count <= last; count++) {
      directory += `/${segments[count - 1]}`;
      if (!this.cgiDirectories.includes(directory)) continue;
      const rest = segments.slice(count);
      this.cgiInfo = [directory, rest.join("/") + (trailingSlash && rest.length > 0 ? "/" : "")];
      return true;
    }
    return false;
  }

  /** Whether the system would run the file at `path`: on Windows by its extension, elsewhere by its mode. */
  isExecutable(path: string): boolean {
    if (WINDOWS) return this.isPython(path) || this.#interpreter(path) !== null || /\.(?:exe|com|bat|cmd)$/i.test(path);
    return ((Deno.statSync(path).mode ?? 0) & 0o111) !== 0;
  }

  /** Whether `path` names a Python script. */
  isPython(path: string): boolean {
    return /\.pyw?$/i.test(path);
  }

  /** Nothing below a folder of scripts is sent as a file or listed, whatever name or link leads there. */
  override isServed(path: string): boolean {
    let realPath: string | undefined;
    for (const directory of this.cgiDirectories) {
      try {
        const folder = Deno.realPathSync(this.translatePath(quotePath(directory)));
        realPath ??= Deno.realPathSync(path);
        if (isInside(folder, realPath)) return false;
      } catch (error) {
        // A folder that does not exist holds nothing.
        if (!isAbsence(error)) throw error;
      }
    }
    return super.isServed(path);
  }

  /**
   * Runs the script that {@linkcode cgiInfo} leads to and passes its response on; 404 where there is none, 403 for what is
   * not a plain executable file, 500 for output that is no CGI response, 504 when its time is over.
   *
   * @throws {Deno.errors.NotCapable} without `--allow-run`, or without `--allow-sys=uid`.
   */
  async runCgi(): Promise<void> {
    const script = this.#findScript();
    if (script === null) return;
    const input = await this.#readInput();
    if (input === null) return;
    const process = this.#start(script, input.length, await loadPaths());
    if (process === null) return;
    await this.#converse(script, process, input);
  }

  /** Walks down from the folder of scripts to the first name that is no directory; what follows is the path info. */
  #findScript(): Script | null {
    const { refusal, trailingSlash } = parseTarget(this.path, WINDOWS);
    const [directory, rest] = this.cgiInfo!;
    const names = rest.split("/").filter((name) => name !== "");
    let name = directory;
    let found = refusal === null ? this.#lookup(name) : null;
    while (found?.info.isDirectory && names.length > 0) {
      const next = names.shift()!;
      name += `/${next}`;
      found = this.dotfiles || !isDotfile(next) ? this.#lookup(name) : null;
    }
    if (found === null) return this.#refuse(404, "No such CGI script", name);
    if (!found.info.isFile) return this.#refuse(403, "CGI script is not a plain file", name);
    if (!this.isExecutable(found.path)) return this.#refuse(403, "CGI script is not executable", name);
    const pathInfo = names.map((each) => `/${each}`).join("") + (trailingSlash ? "/" : "");
    return { path: found.path, name, pathInfo };
  }

  #lookup(name: string): Found | null {
    return lookup(this.directory, this.translatePath(quotePath(name)), this.followSymlinks);
  }

  #refuse(code: number, message: string, name: string): null {
    // A reason phrase may not hold every character that a name may.
    this.sendError(code, `${message} ('${quotePath(name)}')`);
    return null;
  }

  /** `null` when the body was refused. */
  async #readInput(): Promise<ScriptInput | null> {
    const nothing = { length: null, read: () => Promise.resolve(new Uint8Array(0)) };
    // Deno hides the body of a GET or HEAD; the request that follows a local redirect has none.
    if (this.request.body === null || this.#localRedirects > 0) return nothing;
    const announced = this.headers.get("content-length");
    if (announced !== null && /^\d+$/.test(announced)) {
      let left = Number(announced);
      return {
        length: left,
        read: async () => {
          const chunk = await this.rfile.read1(Math.min(left, 64 * 1024));
          left -= chunk.length;
          return chunk;
        },
      };
    }
    const chunks: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    for (let chunk = await this.rfile.read1(); chunk.length > 0; chunk = await this.rfile.read1()) {
      length += chunk.length;
      if (length > MAX_UNSIZED_BODY) {
        const explain = `A body of more than ${MAX_UNSIZED_BODY} bytes for a script needs a Content-Length`;
        this.sendError(411, undefined, explain);
        return null;
      }
      chunks.push(chunk);
    }
    const pending = [concatBytes(chunks)];
    return { length, read: () => Promise.resolve(pending.pop() ?? new Uint8Array(0)) };
  }

  /** Starts the script; `null` when the system refused, which is answered with 403 as in Python. */
  #start(script: Script, contentLength: number | null, paths: Paths): ScriptProcess | null {
    if (globalThis.Deno?.Command === undefined) {
      throw new Error(`Cannot run "${script.name}": this platform starts no programs`);
    }
    try {
      return new ScriptProcess(this.#command(script, contentLength, paths));
    } catch (error) {
      if (!(error instanceof Deno.errors.PermissionDenied) && !(error instanceof Deno.errors.NotFound)) throw error;
      this.logError("CGI script %s does not start: %s", script.name, error.message);
      this.sendError(403, "CGI script is not executable");
      return null;
    }
  }

  #command({ path, name, pathInfo }: Script, contentLength: number | null, { resolve, dirname }: Paths): ScriptCommand {
    const filename = resolve(path);
    const interpreter = this.#interpreter(filename);
    const [program, ...args] = interpreter === null ? [filename] : [...interpreter, filename];
    const https = this.request.url.startsWith("https:");
    const env: Record<string, string> = {
      ...inheritedEnvironment(),
      ...this.cgiEnvironment,
      ...metaVariables({
        method: this.command,
        target: this.path,
        protocol: this.requestVersion,
        https,
        headers: this.request.headers,
        remoteAddress: this.clientAddress[0],
        remotePort: this.clientAddress[1],
        serverName: this.server.serverName,
        serverPort: this.server.serverPort,
        serverSoftware: this.versionString(),
        documentRoot: resolve(this.directory),
        scriptFilename: filename,
        scriptName: name,
        pathInfo,
        contentLength,
      }),
    };
    return { program: program!, args, env, cwd: dirname(filename) };
  }

  /** What runs a script; `null` for the system's own way. */
  #interpreter(path: string): readonly string[] | null {
    const extension = /\.[^./\\]+$/.exec(path)?.[0].toLowerCase() ?? "";
    const interpreter = this.cgiInterpreters[extension];
    // A #! line of its own would be free to grant a script more than cgiPermissions do.
    if (extension === ".ts" && interpreter === undefined) {
      return [Deno.execPath(), "run", "--quiet", "--no-prompt", "--no-config", "--no-lock", ...this.cgiPermissions];
    }
    if (interpreter === undefined || (!WINDOWS && hasInterpreterLine(path))) return null;
    return interpreter;
  }

  async #converse(script: Script, process: ScriptProcess, input: ScriptInput): Promise<void> {
    const output = new CgiOutput(process.stdout);
    const watch = new ScriptWatch(process, output, this.cgiTimeout, () => this.signal);
    const logged = process.logLines((line) => this.logError("CGI script %s: %s", script.name, line));
    process.feed(() => input.read()).catch((error: unknown) => watch.stop(error));
    let local: string | null = null;
    try {
      local = await this.#passOn(script, output, watch);
    } catch (error) {
      await watch.stop(error);
    }
    // Nothing that happens from here on can spoil a response that is complete.
    const failed = watch.stopped;
    const status = await process.status;
    watch.end();
    // Feeding is not waited for: a script need not read all of the body, and a client may never send all of it.
    await logged;
    if (failed) this.#answerFailure(script, watch.reason);
    else if (!status.success) this.logError("CGI script %s ended with exit status %d", script.name, status.code);
    if (!failed && local !== null) await this.#serveLocal(script, local);
  }

  /** Passes the script's response on; gives the target instead where it wants another path to be served. */
  async #passOn(script: Script, output: CgiOutput, watch: ScriptWatch): Promise<string | null> {
    const head = await output.readHead();
    const response = parseCgiHead(head, script.name.slice(script.name.lastIndexOf("/") + 1).startsWith("nph-"));
    if (response.kind === "local") {
      await output.cancel();
      return response.target;
    }
    if (!response.hasContentType && await output.read() !== null) {
      throw new CgiOutputError("there is a body and no Content-Type");
    }
    // A stopped script looks like one that has ended.
    if (watch.stopped) return null;
    this.#sendScriptHead(response);
    for (let chunk = await output.read(); chunk !== null; chunk = await output.read()) await this.wfile.write(chunk);
    return null;
  }

  #sendScriptHead({ status, reason, fields }: CgiDocument): void {
    this.#answered = true;
    this.sendResponse(status, reason === "" ? undefined : reason);
    for (const [name, value] of fields) this.sendHeader(name, value);
    this.endHeaders();
  }

  #answerFailure(script: Script, error: unknown): void {
    const status = error instanceof CgiOutputError ? 500 : error instanceof ScriptTimeout ? 504 : null;
    // Where the head has left, only cutting the connection tells the client.
    if (status === null || this.#answered) throw error;
    this.logError("CGI script %s: %s", script.name, (error as Error).message);
    this.sendError(status);
  }

  async #serveLocal(script: Script, target: string): Promise<void> {
    if (++this.#localRedirects > MAX_LOCAL_REDIRECTS) {
      this.logError("CGI script %s: more than %d local redirects", script.name, MAX_LOCAL_REDIRECTS);
      this.sendError(500);
      return;
    }
    this.path = collapseLeadingSlashes(target);
    if (this.command !== "HEAD") this.command = "GET";
    await (this.command === "HEAD" ? this.do_HEAD() : this.do_GET());
  }
}

function quotePath(path: string): string {
  return path.split("/").map(quoteSegment).join("/");
}

/** Whether a file begins with `#!`, so that the system knows what runs it. */
function hasInterpreterLine(path: string): boolean {
  using file = Deno.openSync(path);
  const start = new Uint8Array(2);
  return file.readSync(start) === 2 && start[0] === 0x23 && start[1] === 0x21;
}

/** What is needed of `@std/path`. */
interface Paths {
  resolve(path: string): string;
  dirname(path: string): string;
}

/** Loaded with the first script: it asks which system this is, for which Deno loads its node:os, 20 ms at each start. */
async function loadPaths(): Promise<Paths> {
  const [{ resolve }, { dirname }] = await Promise.all([import("@std/path/resolve"), import("@std/path/dirname")]);
  return { resolve, dirname };
}
