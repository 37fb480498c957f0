/** What runs in each thread of a server with several: a server of its own on the shared port. */

import { killAllScripts } from "./_cgi_process.ts";
import { importHandler } from "./_handler_module.ts";
import { flushLog, setLogSink } from "./_log.ts";
import type { ThreadCommand, ThreadPlan, ThreadReport } from "./_threads.ts";
import { type HandlerClass, type HandlerFactory, ThreadingHTTPServer } from "./http_server.ts";

/** The part of a worker's global scope that is used here. */
interface WorkerScope {
  onmessage: ((event: MessageEvent<ThreadCommand>) => void) | null;
  postMessage(report: ThreadReport): void;
}

const scope = globalThis as unknown as WorkerScope;

let server: ThreadingHTTPServer | null = null;

async function serve(plan: ThreadPlan): Promise<void> {
  try {
    const Handler = await importHandler<HandlerClass | HandlerFactory>(plan.handler);
    const { cert, key, requestQueueSize, handlerOptions } = plan;
    server = new ThreadingHTTPServer([plan.hostname, plan.port], Handler, {
      allowReusePort: true,
      requestQueueSize,
      handlerOptions,
      ...(cert === undefined || key === undefined ? {} : { cert, key }),
    });
  } catch (error) {
    return scope.postMessage({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }
  scope.postMessage({ type: "serving" });
  await server.serveForever();
}

async function close(grace: number): Promise<void> {
  await server?.serverClose({ grace });
  // What still runs now is cut off, its scripts with it.
  killAllScripts();
  flushLog();
  scope.postMessage({ type: "closed" });
}

setLogSink((text) => scope.postMessage({ type: "log", text }));
scope.onmessage = ({ data }) => {
  if (data.type === "serve") serve(data.plan);
  else close(data.grace);
};
