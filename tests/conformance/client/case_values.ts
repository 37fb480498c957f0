/**
 * Values that JSON lacks: bytes, bodies in pieces, files, authentication objects.
 *
 * @module
 */

import { AuthBase, HTTPDigestAuth, type PreparedRequest } from "../../../client/mod.ts";
import {
  asFields,
  asFlag,
  asList,
  asNumber,
  asText,
  hasOnly,
  isFields,
  type Json,
  type JsonFields,
  onlyKeys,
  optional,
} from "./json.ts";
import { parseBytes } from "./raw_field.ts";

const FILE_KEYS = ["file", "at", "name", "seekable"];
const FLOATS: Readonly<Record<string, number>> = { "NaN": NaN, "Infinity": Infinity, "-Infinity": -Infinity };

/** Makes the values of one case, and takes the files that they need away afterwards. */
export class CaseValues implements AsyncDisposable {
  readonly #files: Deno.FsFile[] = [];
  readonly #folders: string[] = [];

  /** Turns JSON into the value that it stands for, also inside lists and objects. */
  make(json: Json): unknown {
    if (Array.isArray(json)) return json.map((entry: Json) => this.make(entry));
    if (!isFields(json)) return json;
    if (hasOnly(json, "b64")) return parseBytes(json, "bytes");
    if (hasOnly(json, "chunks")) return produce(asList(json.chunks, "chunks"));
    if ("file" in json) return this.#makeFile(json);
    if (hasOnly(json, "upload")) return asList(json.upload, "upload").map((entry) => this.make(entry));
    if (hasOnly(json, "float")) return makeFloat(json.float);
    if (hasOnly(json, "digest")) return this.#makeDigest(json.digest);
    if (hasOnly(json, "stamp")) return new StampAuth(asFields(json.stamp, "stamp"));
    return Object.fromEntries(Object.entries(json).map(([key, entry]) => [key, this.make(entry)]));
  }

  /** Writes a file into a folder of its own, and gives its path. */
  writeFile(name: string, content: Uint8Array): string {
    const folder = Deno.makeTempDirSync();
    this.#folders.push(folder);
    const path = `${folder}/${name}`;
    Deno.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    Deno.writeFileSync(path, content);
    return path;
  }

  #makeDigest(json: Json | undefined): HTTPDigestAuth {
    const [user, password] = asList(json, "digest");
    return new HTTPDigestAuth(asText(user, "user"), asText(password, "password"));
  }

  /** The nearest thing that Deno has: an open file, the address of a file that has a name, or a stream. */
  #makeFile(json: JsonFields): Deno.FsFile | URL | ReadableStream<Uint8Array> {
    onlyKeys(json, FILE_KEYS, "a file");
    const content = parseBytes(json.file, "file");
    const at = optional(asNumber, json.at, "at") ?? 0;
    const name = optional(asText, json.name, "name");
    if (!(optional(asFlag, json.seekable, "seekable") ?? true)) return new Blob([content.slice(at)]).stream();
    if (name !== undefined) {
      if (at > 0) throw new TypeError(`Cannot make file "${name}" at ${at}: the address of a file has no position`);
      return toFileUrl(this.writeFile(name, content));
    }
    const file = Deno.openSync(this.writeFile("file", content));
    this.#files.push(file);
    file.seekSync(at, Deno.SeekMode.Start);
    return file;
  }

  /** Closes and removes the files. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#files) file.close();
    for (const folder of this.#folders) await Deno.remove(folder, { recursive: true });
  }
}

/** An authentication object of the caller's own: it sets headers on the finished request. */
class StampAuth extends AuthBase {
  readonly #headers: JsonFields;

  constructor(headers: JsonFields) {
    super();
    this.#headers = headers;
  }

  override apply(request: PreparedRequest): PreparedRequest {
    for (const [name, value] of Object.entries(this.#headers)) request.headers.set(name, asText(value, name));
    return request;
  }
}

async function* produce(pieces: readonly Json[]): AsyncGenerator<Uint8Array | string> {
  for (const piece of pieces) yield typeof piece === "string" ? piece : parseBytes(piece, "a piece");
}

function makeFloat(json: Json | undefined): number {
  const value = FLOATS[asText(json, "float")];
  if (value === undefined) throw new TypeError(`float has an unknown value: ${JSON.stringify(json)}`);
  return value;
}

function toFileUrl(path: string): URL {
  const slashed = path.replaceAll("\\", "/");
  const url = new URL("file:///");
  url.pathname = slashed.startsWith("/") ? slashed : `/${slashed}`;
  return url;
}
