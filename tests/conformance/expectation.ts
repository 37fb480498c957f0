/**
 * What the checks of a case compare an answer with.
 *
 * @module
 */

/** One part of a `multipart/byteranges` answer. */
export interface ExpectedPart {
  /** The part's `Content-Range`. */
  readonly range: string;
  /** The part's content as text. */
  readonly body: string;
}

/** The expected answer; a check that needs an entry which is not there is an error in the case. */
export interface Expectation {
  /** The status code. */
  readonly status: number | undefined;
  /** Values of header fields by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body as text. */
  readonly body: string | undefined;
  /** The body as base64. */
  readonly bodyBase64: string | undefined;
  /** The length of the body in bytes, together with `bodySha256`. */
  readonly bodyLength: number | undefined;
  /** The SHA-256 of the body in hexadecimal. */
  readonly bodySha256: string | undefined;
  /** The parts of a `multipart/byteranges` answer. */
  readonly parts: readonly ExpectedPart[] | undefined;
}

/** An expectation of nothing, to build others from. */
export const NO_EXPECTATION: Expectation = {
  status: undefined,
  headers: {},
  body: undefined,
  bodyBase64: undefined,
  bodyLength: undefined,
  bodySha256: undefined,
  parts: undefined,
};
