/** What a server behind a proxy tells about a request. */

import type { Response } from "../../client/mod.ts";

/** The request as it arrived. */
export interface SeenRequest {
  method: string;
  path: string;
  headers: Record<string, string>;
  body: string;
}

/** Reads it from the response. */
export const seen = (response: Response): SeenRequest => response.raiseForStatus().json<SeenRequest>();
