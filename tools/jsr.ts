/**
 * Runs deno with the arguments it is given, and makes `jsr:` specifiers work where JSR cannot be reached.
 *
 *     deno run -A tools/jsr.ts test -A
 *
 * If JSR answers, or `JSR_URL` is set already, it changes nothing. If not, it lays a static registry with the standard
 * library out in `.jsr/`, from npm, and points `JSR_URL` of the child there. It imports nothing from a registry itself.
 *
 * @module
 */

import { buildLayout, layoutAge, renewLayout } from "./jsr_layout.ts";
import { stdPackages } from "./jsr_manifest.ts";
import { passThrough } from "./pass_through.ts";
import { runQuietly } from "./quiet_run.ts";

// Long enough for a slow line; a network that swallows packets costs this once a day.
const PROBE_SECONDS = 15;

// For so long a laid out registry is used without asking JSR again.
const TRUST_SECONDS = 24 * 60 * 60;

const ROOT_URL = new URL("../", import.meta.url);
const LAYOUT_URL = new URL(".jsr/", ROOT_URL);

/**
 * Asks deno for one small module of JSR. What deno has in its cache needs no network, so that this costs a start of deno
 * when JSR was there once.
 */
function jsrAnswers(specifier: string): Promise<boolean> {
  return runQuietly(["cache", "--no-config", "--no-lock", `${specifier}/status`], { seconds: PROBE_SECONDS });
}

/** The value of `JSR_URL` for the child, or `undefined` when JSR itself will do; `null` when there is no way. */
async function registryUrl(): Promise<string | undefined | null> {
  if (Deno.env.get("JSR_URL")) return undefined;
  const { imports } = JSON.parse(await Deno.readTextFile(new URL("deno.json", ROOT_URL)));
  const packages = stdPackages(imports);
  const folder = pathOf(LAYOUT_URL);
  const age = await layoutAge(folder, packages);
  if (age !== undefined && age < TRUST_SECONDS) return LAYOUT_URL.href;
  if (await jsrAnswers(imports["@std/http"])) return undefined;
  if (age !== undefined) await renewLayout(folder);
  else if (!await buildLayout(folder, packages)) return null;
  return LAYOUT_URL.href;
}

/** Path of a folder, without the slash at its end. */
function pathOf(url: URL): string {
  const path = decodeURIComponent(url.pathname).replace(/\/$/, "");
  return Deno.build.os === "windows" ? path.slice(1) : path;
}

if (import.meta.main) {
  const url = await registryUrl();
  if (url === null) {
    console.error(
      "Cannot load the standard library: neither JSR nor npm answers, connect to one of them and run again",
    );
    Deno.exit(1);
  }
  Deno.exit(await passThrough(Deno.args, url === undefined ? {} : { JSR_URL: url }));
}
