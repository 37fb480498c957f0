/** Clearing a response away whose body nobody is going to read. */

import { ChunkedEncodingError, ContentDecodingError, StreamConsumedError } from "./errors.ts";
import type { Response } from "./response.ts";

/**
 * Reads the body to its end, so that the connection can serve the next request and the body stays readable in `history`.
 * A body that is damaged, or that somebody has begun to read, is given up together with its connection, as in Python.
 */
export async function drain(response: Response): Promise<void> {
  try {
    await response.read();
  } catch (error) {
    await response.close();
    if (DAMAGE.some((kind) => error instanceof kind)) return;
    throw error;
  }
}

const DAMAGE = [ChunkedEncodingError, ContentDecodingError, StreamConsumedError];
