/** Folders with CGI scripts for tests, and handlers that run them. */

import { CGIHTTPRequestHandler, type CGIHTTPRequestHandlerOptions, fetchHandler } from "../../server/mod.ts";
import { type TempTree, tempTree } from "./temp_tree.ts";

/** Runs scripts and logs nothing. */
export class SilentScripts extends CGIHTTPRequestHandler {
  override logMessage(): void {}
}

/** A folder that `nobody` can read; the files that begin with `#!` or end in `.ts` are executable. */
export async function scriptTree(files: Readonly<Record<string, string>>): Promise<TempTree> {
  const tree = await tempTree(files);
  await Deno.chmod(tree.path, 0o755);
  for (const [name, content] of Object.entries(files)) {
    if (content.startsWith("#!") || name.endsWith(".ts")) await Deno.chmod(`${tree.path}/${name}`, 0o755);
  }
  return tree;
}

/** The text of a shell script. */
export function shell(...lines: string[]): string {
  return ["#!/bin/sh", ...lines, ""].join("\n");
}

/** The scripts of a folder as a function; errors of the handler are thrown. */
export function scriptServer(
  directory: string,
  options: CGIHTTPRequestHandlerOptions = {},
  Handler: typeof CGIHTTPRequestHandler = SilentScripts,
): (path: string, init?: RequestInit) => Promise<Response> {
  const errors: unknown[] = [];
  const handler = fetchHandler(
    (request, clientAddress, server) => new Handler(request, clientAddress, server, { directory, ...options }),
    { onError: (_request, error) => errors.push(error) },
  );
  return async (path, init = {}) => {
    const response = await handler(new Request(`http://localhost${path}`, init));
    if (errors.length > 0) throw errors[0];
    return response;
  };
}

/** Whether a process exists. */
export function isRunning(pid: number): boolean {
  // A process that ended and was not waited for by its parent is a zombie, and still has a folder.
  try {
    return !/^State:\tZ/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Resolves when `condition` holds; asks again with each turn of the event loop, so there is no fixed wait. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!await condition()) await new Promise<void>((resolve) => setTimeout(resolve, 10));
}
