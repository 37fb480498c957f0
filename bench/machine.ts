/** What the figures were measured on. */

import { isInstalled } from "../tools/installed.ts";
import type { Machine } from "./report.ts";

/** Programs, and what makes them tell their version. */
const PROGRAMS: readonly (readonly [name: string, ...args: string[]])[] = [
  ["nginx", "-v"],
  ["python3", "--version"],
  ["node", "--version"],
  ["curl", "--version"],
  ["wrk", "-v"],
];

/** Asks the system and the programs. */
export async function describeMachine(): Promise<Machine> {
  const versions = [`Deno ${Deno.version.deno} (V8 ${Deno.version.v8})`];
  for (const [program, ...args] of PROGRAMS) {
    if (!isInstalled(program)) continue;
    const { stdout, stderr } = await new Deno.Command(program, { args, stdin: "null" }).output();
    const decoder = new TextDecoder();
    const line = (decoder.decode(stdout) + decoder.decode(stderr)).trim().split("\n")[0]!;
    versions.push(line.startsWith("v") ? `${program} ${line.slice(1)}` : line.replace(/ [[(].*/, ""));
  }
  return {
    processor: await processorName(),
    cores: navigator.hardwareConcurrency,
    system: `${Deno.build.target}, kernel ${Deno.osRelease()}`,
    versions,
    date: new Date().toISOString().slice(0, 10),
  };
}

async function processorName(): Promise<string> {
  try {
    const text = await Deno.readTextFile("/proc/cpuinfo");
    return /^model name\s*:\s*(.+)$/m.exec(text)?.[1] ?? Deno.build.arch;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return Deno.build.arch;
    throw error;
  }
}
