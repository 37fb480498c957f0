/** What is measured: the types that a file in `rows/` fills in. */

/** What a command line is made from. */
export interface Place {
  /** The folder of the project. */
  readonly root: string;
  /** A folder for this row alone, which `prepare` has filled. */
  readonly folder: string;
  /** Path of a program of an npm package that `npm` names. */
  npmBin(name: string): string;
}

/** The same for a server, which has to listen on 127.0.0.1. */
export interface ServerPlace extends Place {
  /** The port to listen on. */
  readonly port: number;
}

/** The same for a client. */
export interface ClientPlace extends Place {
  /** The address of the server, without a path and without a slash at its end; empty where the row has no server. */
  readonly url: string;
  /** How long to measure, for clients that measure a rate. */
  readonly seconds: number;
}

/** Anything that is started. */
export interface Program<P extends Place> {
  /** How the tables call it. */
  readonly name: string;
  /** The program and its arguments. Files that it needs may be written into the folder. */
  command(place: P): readonly string[] | Promise<readonly string[]>;
  /** Programs that must be installed; where one is missing, this side is named and skipped. */
  readonly needs?: readonly string[];
  /** Packages of npm with their versions; they are installed into `.bench/` when first needed. */
  readonly npm?: readonly string[];
  /** A reason to skip this side, or `null`. */
  missing?(): string | null | Promise<string | null>;
  /** At least this many times the figure of this side must the first side reach. */
  readonly atLeast?: number;
  /** In MiB: the most memory that this side may have needed at any time. */
  readonly atMostMiB?: number;
}

/** What `wrk` asks for. */
export interface Load {
  /** Path and query. @default {"/"} */
  readonly path?: string;
  /** Header fields: text, or made after asking the running server (such as for its entity tag). */
  headers?(url: string): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /** @default {64} */
  readonly connections?: number;
  /** Text of a Lua script for `wrk`. */
  script?(place: Place): string;
  /** The status that has to come; anything else ends the run. @default {200} */
  readonly status?: number;
}

/** A server that is measured. */
export interface ServerSide extends Program<ServerPlace> {
  /** Where this side is asked for something else than the others. */
  readonly load?: Load;
}

interface Common {
  /** A short name for `--only`. */
  readonly id: string;
  /** What is done, in a few words. */
  readonly work: string;
  /** Fills the folder of the row. */
  prepare?(folder: string): void | Promise<void>;
}

/** Servers under `wrk -t1`: requests per second, or how many megabytes. */
export interface ServerRow extends Common {
  readonly kind: "server";
  readonly unit: "requests/s" | "MB/s";
  readonly load?: Load;
  /** The first is the one whose figure is compared with the others. */
  readonly sides: readonly ServerSide[];
}

/**
 * Clients, each a process. Where the figure is requests per second it prints a line when it is warm, and then a figure for
 * each line on its standard input; else it does its work once and prints its figure alone on its last line.
 */
export interface ClientRow extends Common {
  readonly kind: "client";
  /** What the figure is: for `seconds` less is better. */
  readonly unit: "requests/s" | "MB/s" | "seconds";
  /** What the clients talk to, if anything. */
  readonly server?: Program<ServerPlace>;
  /**
   * Whether the server runs on the core of the client, and not on the other. Where requests follow one another only one of
   * the two works at a time. On two cores each then waits asleep, and waking a core of a virtual machine costs more than the
   * request.
   */
  readonly sharesCore?: boolean;
  /** The first is the one whose figure is compared with the others. */
  readonly sides: readonly Program<ClientPlace>[];
}

/** A program that is started and ends by itself: how long that takes. */
export interface ColdSide extends Program<Place> {
  /** In milliseconds: the most that this side may take beyond the first. */
  readonly atMostOver?: number;
}

/** How long programs take from start to end. */
export interface ColdRow extends Common {
  readonly kind: "cold";
  /** The first is what the others are compared with. */
  readonly sides: readonly ColdSide[];
}

/** One subject of measurement. Each file in `rows/` has a list of them as its default export. */
export type Row = ServerRow | ClientRow | ColdRow;
