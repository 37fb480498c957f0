/** What the wire engine reads from and writes to, whatever carries it. Types only. */

import type { TlsInfo } from "../connection_info.ts";

/** A connection as a stream of bytes: TCP, Unix socket or TLS, over Deno's own sockets or over `node:tls`. */
export interface Transport {
  /** Fills the buffer with what has arrived, at least one byte; `null` when the peer has ended. */
  read(buffer: Uint8Array): Promise<number | null>;
  /** Sends bytes, perhaps not all of them, and tells how many. They must not be changed before that. */
  write(bytes: Uint8Array): Promise<number>;
  /** Closes the connection, again if need be; never throws. A pending read rejects or ends. */
  close(): void;
  /** Lets a pending read keep the program running. This is how a transport starts. */
  ref(): void;
  /** Lets the program end in spite of a pending read. */
  unref(): void;
  /** Address and port at this end, `null` if they are not known. */
  readonly localAddress: string | null;
  /** Address and port at the other end, or the path of a Unix socket; `null` if they are not known. */
  readonly remoteAddress: string | null;
  /** What is known about TLS; `null` where the bytes are in the clear. */
  readonly tls: TlsInfo | null;
}
