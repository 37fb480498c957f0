/**
 * `HTTPServer` and `ThreadingHTTPServer`: Python's servers on `Deno.serve`.
 *
 * @module
 */

import { isBrokenOff, streamEnd } from "./_exchange.ts";
import { answerDirectly } from "./_known_answers.ts";
import { type HandlerModule, importHandler, parseHandlerModule } from "./_handler_module.ts";
import { flushLog, writeLog } from "./_log.ts";
import { escapeLog } from "./_log_line.ts";
import { threadCount, Threads } from "./_threads.ts";
import type { BaseHTTPRequestHandler, ClientAddress } from "./base_handler.ts";

/**
 * Where a server listens: `[host, port]`, or the path of a Unix socket.
 *
 * An empty host stands for all IPv4 addresses, as in Python; `"::"` takes IPv4 connections too where the system allows it
 * (dual stack). Port 0 lets the system choose one; `serverAddress` tells which.
 */
export type ServerAddress = readonly [host: string, port: number] | string;

/** A handler class. The fourth argument is {@linkcode HTTPServerOptions.handlerOptions}. */
export type HandlerClass = new (
  request: Request,
  clientAddress: ClientAddress,
  server: HTTPServer,
  options?: never,
) => BaseHTTPRequestHandler;

/**
 * A function that makes the handler of a request, where Python uses `functools.partial`. One that is named by URL is given
 * {@linkcode HTTPServerOptions.handlerOptions} as fourth argument, too; another has its own variables.
 */
export type HandlerFactory = (
  request: Request,
  clientAddress: ClientAddress,
  server: HTTPServer,
) => BaseHTTPRequestHandler;

/**
 * The handler of a server: a class, a function that makes handlers, or the absolute URL of a module whose default export is
 * one of them (`new URL("./handler.ts", import.meta.url)`; a fragment names another export). Only the last can be used by
 * several threads.
 */
export type Handler = HandlerClass | HandlerFactory | URL | string;

/** What the server learns about a connection; `Deno.ServeHandlerInfo` is one. */
export interface RequestInfo {
  /** Where the request came from. */
  readonly remoteAddr?: Deno.Addr;
  /** Settles when the response has been delivered, or could not be. */
  readonly completed?: Promise<void>;
}

/** Options of {@linkcode HTTPServer}. Python has them as class attributes; here they must be known when the server binds. */
export interface HTTPServerOptions {
  /**
   * Whether the constructor binds the address. Without it, call `serverBind()`, or only {@linkcode HTTPServer.fetch}.
   *
   * @default {true}
   */
  bindAndActivate?: boolean;
  /**
   * Seconds that {@linkcode HTTPServer.handleRequest} waits for a request; `null` for no limit.
   *
   * @default {null}
   */
  timeout?: number | null;
  /**
   * How many connections may wait to be accepted. Python has 5, too few for a browser; this is Deno's number.
   *
   * @default {511}
   */
  requestQueueSize?: number;
  /**
   * Whether several servers may share the address (`SO_REUSEPORT`; on Linux, with `--unstable-net`).
   *
   * @default {false}
   */
  allowReusePort?: boolean;
  /**
   * Given to each handler as fourth argument, such as the options of `SimpleHTTPRequestHandler`. Plain data where several
   * threads serve.
   *
   * @default {undefined}
   */
  handlerOptions?: unknown;
  /**
   * The certificate chain as PEM text, as `Deno.serve` takes it; with `key`, the server speaks HTTPS. `HTTPSServer` reads
   * both from files.
   *
   * @default {undefined}
   */
  cert?: string;
  /**
   * The private key of `cert` as PEM text, not encrypted.
   *
   * @default {undefined}
   */
  key?: string;
  /**
   * How many threads answer requests. They share the port by `SO_REUSEPORT`; where a system has no such thing (all but
   * Linux), or Deno runs without `--unstable-net`, one thread serves, and a line in the log says so. Each thread imports the handler, which must be given by URL,
   * and has a server of its own: methods that a subclass of the server overrides count in the first one only.
   *
   * @default {1}
   */
  workers?: number;
}

/** Options of {@linkcode HTTPServer.serverClose}. */
export interface ServerCloseOptions {
  /**
   * Seconds to wait for running responses; `Infinity` for no limit. Those that are not done by then go on, but keep neither
   * `serverClose()` nor the process waiting.
   *
   * @default {Infinity}
   */
  grace?: number;
}

/** What every handler is made with. */
type HandlerArguments = [request: Request, clientAddress: ClientAddress, server: HTTPServer, options: never];

/** A request that came while nobody was serving. */
interface WaitingRequest {
  readonly request: Request;
  readonly info: RequestInfo;
  readonly answer: PromiseWithResolvers<Response>;
}

/**
 * A server that answers one request at a time: Python's `http.server.HTTPServer`.
 *
 * The constructor binds the address and takes connections; requests wait until {@linkcode serveForever} or
 * {@linkcode handleRequest} takes them up. {@linkcode fetch} is the whole server without a socket.
 *
 * Ports Python's `http.server.HTTPServer` with `socketserver.BaseServer` and `TCPServer`. Binding needs `--allow-net`, a
 * Unix socket `--allow-read` and `--allow-write` for its path; `fetch()` needs nothing.
 *
 * @example Serve one request
 * ```ts
 * import { BaseHTTPRequestHandler, HTTPServer } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.endHeaders();
 *     this.wfile.write("hello");
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using server = new HTTPServer(["127.0.0.1", 0], Hello);
 * const served = server.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${server.serverPort}/`);
 * assert.equal(await response.text(), "hello");
 * await served;
 * ```
 */
export class HTTPServer {
  /** Where the server listens; after binding with the real port. */
  serverAddress: ServerAddress;
  /** Makes the handler of each request. */
  RequestHandlerClass: Handler;
  /** The host that the server listens on. It is not looked up by name, unlike in Python, where that can take seconds. */
  serverName: string;
  /** The port that the server listens on; 0 for a Unix socket. */
  serverPort: number;
  /** Seconds that {@linkcode handleRequest} waits for a request; `null` for no limit. */
  timeout: number | null;
  /** How many connections may wait to be accepted. */
  readonly requestQueueSize: number;
  /** Whether several servers may share the address. */
  readonly allowReusePort: boolean;
  /** How many threads answer requests. */
  readonly workers: number;

  #listener: Deno.HttpServer<Deno.Addr> | null = null;
  readonly #handlerModule: HandlerModule | null;
  /** `null` while the handler's module has not been imported. */
  #makeHandler: ((...args: HandlerArguments) => BaseHTTPRequestHandler) | null;
  readonly #handlerOptions: unknown;
  readonly #tls: { readonly cert: string; readonly key: string } | null;
  #threads: Threads | null = null;
  #serving: PromiseWithResolvers<void> | null = null;
  #oneRequest: ((waiting: WaitingRequest) => void) | null = null;
  #waiting: WaitingRequest[] = [];
  /** The request that `Deno.serve` has just handed in. */
  #direct: Request | null = null;
  /** Settles when the request before has been answered. */
  #turn: Promise<void> = Promise.resolve();

  /**
   * Makes a server, and binds its address unless `bindAndActivate` is false.
   *
   * @param serverAddress where to listen.
   * @param RequestHandlerClass a handler class, a function that makes handlers, or the URL of a module with one.
   * @param options see {@linkcode HTTPServerOptions}.
   * @throws {Deno.errors.AddrInUse} when another program listens there.
   * @throws {Deno.errors.PermissionDenied} when the system refuses the port.
   * @throws {Deno.errors.NotCapable} without `--allow-net` for the address.
   * @throws {RangeError} when the port is none, or `workers` no positive integer.
   * @throws {TypeError} when `RequestHandlerClass` is neither a function nor an absolute URL, when `workers` are asked for
   * with a handler that is not given by URL, and for `allowReusePort` without `--unstable-net`.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: Handler,
    options: HTTPServerOptions = {},
  ) {
    this.serverAddress = checkAddress(serverAddress);
    this.RequestHandlerClass = RequestHandlerClass;
    const isModule = typeof RequestHandlerClass === "string" || RequestHandlerClass instanceof URL;
    this.#handlerModule = isModule ? parseHandlerModule(RequestHandlerClass) : null;
    this.#makeHandler = isModule ? null : factoryOf(RequestHandlerClass);
    this.#handlerOptions = options.handlerOptions;
    this.#tls = checkTls(options);
    this.workers = this.#checkWorkers(options.workers ?? 1);
    this.serverName = typeof serverAddress === "string" ? "localhost" : serverAddress[0] || "0.0.0.0";
    this.serverPort = typeof serverAddress === "string" ? 0 : serverAddress[1];
    this.timeout = options.timeout ?? null;
    this.requestQueueSize = options.requestQueueSize ?? 511;
    this.allowReusePort = checkReusePort(options.allowReusePort ?? false);
    if (options.bindAndActivate ?? true) {
      this.serverBind();
      this.serverActivate();
    }
  }

  #checkWorkers(wanted: number): number {
    const { count, because } = threadCount(wanted, {
      os: globalThis.Deno?.build?.os ?? "unknown",
      hasWorkers: typeof globalThis.Worker === "function",
      isSocketPath: typeof this.serverAddress === "string",
      hasUnstableNet: hasUnstableNet(),
    });
    if (wanted > 1 && this.processRequest === HTTPServer.prototype.processRequest) {
      throw new TypeError(`Cannot serve with ${wanted} workers one request at a time: use ThreadingHTTPServer`);
    }
    if (wanted > 1 && this.#handlerModule === null) {
      throw new TypeError(
        `Cannot hand a class or function to ${wanted} workers: give the handler as the URL of its module, such as new URL("./handler.ts", import.meta.url)`,
      );
    }
    if (because !== null) writeLog(`Serving with 1 thread instead of ${wanted}: ${because}\n`);
    return count;
  }

  /**
   * Binds the address and takes connections. Does nothing when that is done.
   *
   * @throws {Deno.errors.AddrInUse} when another program listens there.
   * @throws {Deno.errors.NotCapable} without `--allow-net` for the address.
   */
  serverBind(): void {
    if (this.#listener !== null) return;
    this.#listener = this.#serve();
    const { addr } = this.#listener;
    if (addr.transport === "tcp") {
      this.serverAddress = [addr.hostname, addr.port];
      this.serverName = addr.hostname;
      this.serverPort = addr.port;
    }
  }

  #serve(): Deno.HttpServer<Deno.Addr> {
    const common = {
      onListen() {},
      // What breaks a body whose head has left ends up here, too: a file that shrinks, or a handler that threw.
      onError: (error: unknown) => {
        if (!isBrokenOff(error)) writeLog(`Cannot answer a request: ${escapeLog(String(error))}\n`);
        return new Response(null, { status: 500 });
      },
    };
    const handler = (request: Request, info: RequestInfo) => this.#receive(request, info);
    if (typeof this.serverAddress === "string") {
      return Deno.serve({ ...common, path: this.serverAddress }, handler) as Deno.HttpServer<Deno.Addr>;
    }
    const [host, port] = this.serverAddress;
    return Deno.serve({
      ...common,
      hostname: host || "0.0.0.0",
      port,
      reusePort: this.allowReusePort || this.workers > 1,
      tcpBacklog: this.requestQueueSize,
      ...this.#tls,
    }, handler) as Deno.HttpServer<Deno.Addr>;
  }

  /** Called after {@linkcode serverBind}; does nothing, because `Deno.serve` binds and listens in one step. */
  serverActivate(): void {}

  #receive(request: Request, info: RequestInfo): Response | Promise<Response> {
    if (this.#serving !== null) {
      this.#direct = request;
      return this.fetch(request, info);
    }
    // Closing waits for open connections; what still comes over one of them must not wait for a server that never returns.
    if (this.#listener === null) return new Response(null, { status: 503 });
    const waiting = { request, info, answer: Promise.withResolvers<Response>() };
    if (this.#oneRequest !== null) this.#oneRequest(waiting);
    else this.#waiting.push(waiting);
    return waiting.answer.promise;
  }

  /**
   * Answers a request: the whole server without a socket, for tests and for edge functions. It does not throw.
   *
   * @param request the request.
   * @param info what is known of the connection; without it the client is `127.0.0.1`.
   */
  fetch(request: Request, info: RequestInfo = {}): Response | Promise<Response> {
    const clientAddress = clientAddressOf(info);
    if (!this.verifyRequest(request, clientAddress)) {
      // Python drops the connection; Deno.serve has to answer something.
      return new Response(null, { status: 403, headers: { Connection: "close" } });
    }
    return this.processRequest(request, clientAddress, info);
  }

  /**
   * Decides whether a request is handled at all. `false` answers 403 without a body, where Python drops the connection.
   */
  verifyRequest(_request: Request, _clientAddress: ClientAddress): boolean {
    return true;
  }

  /** Has a request answered by {@linkcode finishRequest} when all before it have been: one at a time. */
  processRequest(
    request: Request,
    clientAddress: ClientAddress,
    info: RequestInfo,
  ): Response | Promise<Response> {
    const before = this.#turn;
    const done = Promise.withResolvers<void>();
    this.#turn = done.promise;
    return before.then(async () => {
      try {
        const response = await this.finishRequest(request, clientAddress);
        const delivered = info.completed ?? streamEnd(response) ?? Promise.resolve();
        delivered.then(done.resolve, () => done.resolve());
        return response;
      } catch (error) {
        done.resolve();
        throw error;
      }
    });
  }

  /**
   * Makes the handler of a request and lets it respond. Override it to give handlers more arguments, as Python programs do:
   * `return new MyHandler(request, clientAddress, this, options).respond()`.
   */
  finishRequest(request: Request, clientAddress: ClientAddress): Response | Promise<Response> {
    const make = this.#makeHandler;
    if (make === null) {
      return this.#importHandler().then(
        () => this.finishRequest(request, clientAddress),
        (error) => {
          this.handleError(request, clientAddress, error);
          return new Response(null, { status: 500 });
        },
      );
    }
    let handler: BaseHTTPRequestHandler;
    try {
      handler = make(request, clientAddress, this, this.#handlerOptions as never);
    } catch (error) {
      this.handleError(request, clientAddress, error);
      return new Response(null, { status: 500 });
    }
    const isDirect = this.#direct === request && this.#handsOnUnseen();
    this.#direct = null;
    return isDirect ? answerDirectly(handler) : handler.respond();
  }

  /** Whether responses go to `Deno.serve` without passing through a method that could look into them. */
  #handsOnUnseen(): boolean {
    return this.fetch === HTTPServer.prototype.fetch && this.finishRequest === HTTPServer.prototype.finishRequest &&
      (this.processRequest === ThreadingHTTPServer.prototype.processRequest ||
        this.processRequest === HTTPServer.prototype.processRequest);
  }

  async #importHandler(): Promise<void> {
    this.#makeHandler ??= factoryOf(await importHandler<HandlerClass | HandlerFactory>(this.#handlerModule!));
  }

  /**
   * Answers requests until {@linkcode shutdown} or {@linkcode serverClose} is called, and resolves then. Binds the address
   * again if the server was shut down.
   *
   * @param pollInterval seconds between two calls of {@linkcode serviceActions}, where that is overridden.
   * @throws {Error} when the server is serving already, or one of several threads cannot serve or dies.
   */
  async serveForever(pollInterval: number = 0.5): Promise<void> {
    if (this.#serving !== null) throw new Error("Cannot serve: the server is serving already");
    this.serverBind();
    if (this.workers > 1) this.#startThreads();
    const serving = this.#serving = Promise.withResolvers<void>();
    for (const { request, info, answer } of this.#waiting.splice(0)) {
      answer.resolve(this.fetch(request, info));
    }
    const poll = this.serviceActions === HTTPServer.prototype.serviceActions
      ? undefined
      : setInterval(() => this.serviceActions(), pollInterval * 1000);
    try {
      await Promise.race([serving.promise, ...(this.#threads === null ? [] : [this.#threads.failed])]);
    } catch (error) {
      await this.serverClose();
      throw error;
    } finally {
      clearInterval(poll);
    }
  }

  /** This thread is one of them. */
  #startThreads(): void {
    this.#threads = new Threads(this.workers - 1, {
      hostname: this.serverAddress[0]!,
      port: this.serverPort,
      requestQueueSize: this.requestQueueSize,
      cert: this.#tls?.cert,
      key: this.#tls?.key,
      handler: this.#handlerModule!,
      handlerOptions: this.#handlerOptions,
    });
  }

  /** Called every `pollInterval` seconds of {@linkcode serveForever}; does nothing here. */
  serviceActions(): void {}

  /**
   * Answers exactly one request and resolves when its response has been delivered; calls {@linkcode handleTimeout} when none
   * comes within {@linkcode timeout}.
   *
   * @throws {Error} when the server is serving already.
   */
  async handleRequest(): Promise<void> {
    if (this.#serving !== null || this.#oneRequest !== null) {
      throw new Error("Cannot handle one request: the server is serving already");
    }
    this.serverBind();
    const waiting = this.#waiting.shift() ?? await this.#nextRequest();
    if (waiting === null) {
      this.handleTimeout();
      return;
    }
    const { request, info, answer } = waiting;
    // Asked for before the response leaves: Deno settles the promise only for those who asked in time.
    const { completed } = info;
    answer.resolve(this.fetch(request, info));
    const response = await answer.promise;
    try {
      await (completed ?? streamEnd(response));
    } catch {
      // The client left before the end. The request was handled all the same.
    }
  }

  #nextRequest(): Promise<WaitingRequest | null> {
    const next = Promise.withResolvers<WaitingRequest | null>();
    const timer = this.timeout === null ? undefined : setTimeout(() => settle(null), this.timeout * 1000);
    const settle = (waiting: WaitingRequest | null) => {
      clearTimeout(timer);
      this.#oneRequest = null;
      next.resolve(waiting);
    };
    this.#oneRequest = settle;
    return next.promise;
  }

  /** Called when {@linkcode handleRequest} waited in vain; does nothing here. */
  handleTimeout(): void {}

  /**
   * Stops {@linkcode serveForever}: takes no new connection, lets running responses finish, then resolves.
   *
   * Python's must be called from another thread; here that is any other task, a handler included if it does not await it.
   */
  async shutdown(): Promise<void> {
    const serving = this.#serving;
    await this.serverClose();
    serving?.resolve();
  }

  /**
   * Closes the server: takes no new connection, and resolves when the running responses have finished, or when their grace is
   * over. Requests that wait for {@linkcode serveForever} get 503. {@linkcode serveForever} ends, too.
   */
  async serverClose(options: ServerCloseOptions = {}): Promise<void> {
    const listener = this.#listener;
    this.#listener = null;
    const serving = this.#serving;
    this.#serving = null;
    for (const { answer } of this.#waiting.splice(0)) answer.resolve(new Response(null, { status: 503 }));
    const threads = this.#threads;
    this.#threads = null;
    const grace = options.grace ?? Infinity;
    await Promise.all([
      listener === null ? undefined : closeListener(listener, grace),
      threads?.close(grace),
    ]);
    flushLog();
    serving?.resolve();
  }

  /** Closes the server, as the end of Python's `with` block does. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.serverClose();
  }

  /** Reports an error that a handler threw: request, error and stack to standard error, between two lines of dashes. */
  handleError(_request: Request, clientAddress: ClientAddress, error: unknown): void {
    const dashes = "-".repeat(40);
    const text = error instanceof Error ? error.stack ?? String(error) : String(error);
    // The text of an error may hold what the client sent; its lines stay lines, all else is escaped.
    const lines = text.split("\n").map(escapeLog).join("\n");
    const [host, port] = clientAddress;
    writeLog(
      `${dashes}\nException occurred during processing of request from ('${host}', ${port})\n${lines}\n${dashes}\n`,
    );
  }
}

/**
 * A server that answers requests concurrently: Python's `http.server.ThreadingHTTPServer`.
 *
 * Handlers run in one thread and take turns where they wait. Everything else is as in {@linkcode HTTPServer}.
 *
 * @example Serve until told to stop
 * ```ts
 * import { BaseHTTPRequestHandler, ThreadingHTTPServer } from "@x/httpkit/server";
 * import assert from "node:assert/strict";
 *
 * class Echo extends BaseHTTPRequestHandler {
 *   async do_POST(): Promise<void> {
 *     const body = await this.rfile.read();
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Type", this.headers.getContentType());
 *     this.endHeaders();
 *     await this.wfile.write(body);
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using server = new ThreadingHTTPServer(["127.0.0.1", 0], Echo);
 * const serving = server.serveForever();
 * const response = await fetch(`http://127.0.0.1:${server.serverPort}/`, { method: "POST", body: "hello" });
 * assert.equal(await response.text(), "hello");
 * await server.shutdown();
 * await serving;
 * ```
 */
export class ThreadingHTTPServer extends HTTPServer {
  /** Has a request answered by {@linkcode finishRequest} at once. */
  override processRequest(
    request: Request,
    clientAddress: ClientAddress,
    _info: RequestInfo,
  ): Response | Promise<Response> {
    return this.finishRequest(request, clientAddress);
  }
}

function checkAddress(address: ServerAddress): ServerAddress {
  if (typeof address === "string") return address;
  const port = address[1];
  if (Number.isInteger(port) && port >= 0 && port <= 65535) return address;
  throw new RangeError(`Cannot listen on port ${port}: a port is an integer from 0 to 65535`);
}

function factoryOf(
  handler: HandlerClass | HandlerFactory,
): (...args: HandlerArguments) => BaseHTTPRequestHandler {
  if (typeof handler !== "function") {
    throw new TypeError(
      `Cannot handle requests with a ${typeof handler}: give a handler class, a function that makes handlers, or the URL of a module with one`,
    );
  }
  // Every handler class has respond() on its prototype; an arrow function has no prototype at all.
  const prototype = handler.prototype as { respond?: unknown } | undefined;
  if (typeof prototype?.respond !== "function") return handler as HandlerFactory;
  const Handler = handler as HandlerClass;
  return (request, clientAddress, server, options) => new Handler(request, clientAddress, server, options);
}

/** Deno ends a program that asks for something unstable, which no one can catch. This shows whether it may be asked for. */
function hasUnstableNet(): boolean {
  return globalThis.Deno !== undefined && "listenDatagram" in Deno;
}

function checkReusePort(wanted: boolean): boolean {
  if (!wanted || hasUnstableNet()) return wanted;
  throw new TypeError("Cannot share the port with other servers (allowReusePort): run again with --unstable-net");
}

function checkTls({ cert, key }: HTTPServerOptions): { readonly cert: string; readonly key: string } | null {
  if (cert === undefined && key === undefined) return null;
  if (cert !== undefined && key !== undefined) return { cert, key };
  throw new TypeError(`Cannot speak HTTPS: a ${cert === undefined ? "key" : "cert"} was given alone`);
}

const NO_ADDRESS: ClientAddress = ["127.0.0.1", 0];
const UNIX_ADDRESS: ClientAddress = ["", 0];

function clientAddressOf({ remoteAddr }: RequestInfo): ClientAddress {
  if (remoteAddr === undefined) return NO_ADDRESS;
  if (remoteAddr.transport !== "tcp" && remoteAddr.transport !== "udp") return UNIX_ADDRESS;
  const { hostname, port } = remoteAddr;
  // A dual-stack socket shows IPv4 clients mapped into IPv6; they are the same clients.
  return [hostname.startsWith("::ffff:") ? hostname.slice(7) : hostname, port];
}

/** Deno cannot cut connections once it is closing gracefully; after the grace they are only no longer waited for. */
async function closeListener(listener: Deno.HttpServer<Deno.Addr>, grace: number): Promise<void> {
  const closed = listener.shutdown().then(() => listener.finished);
  if (grace === Infinity) return await closed;
  const over = Promise.withResolvers<void>();
  const timer = setTimeout(() => {
    listener.unref();
    over.resolve();
  }, grace * 1000);
  await Promise.race([closed, over.promise]);
  clearTimeout(timer);
}
