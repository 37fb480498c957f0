/**
 * Responses that are made once and sent many times: another fast path of the file server.
 *
 * Setting ten header fields on a `Response` costs more than all that led to them. A response whose body is kept in memory
 * ({@linkcode shareBody}) and whose status and fields are the very ones of the time before is a clone of the one before; a
 * 304 has no body, and is the same object again. What a handler does to get there is never left out, so whatever a subclass
 * overrides counts.
 *
 * Clones share their bytes. So this is for responses that go straight to `Deno.serve`, where no one else can take one up
 * and write into them.
 */

interface Prepared {
  readonly status: number;
  readonly fields: readonly string[];
  /** Made when the same is asked for a second time. */
  response: Response | null;
}

/** Bodies that nobody will change, and what was last sent with each. */
const sharedBodies = new WeakMap<Uint8Array, Prepared | null>();

/** Declares that nobody will change these bytes as long as they live. */
export function shareBody(body: Uint8Array<ArrayBuffer>): void {
  if (!sharedBodies.has(body)) sharedBodies.set(body, null);
}

/** The last 304 for each entity tag. */
const notModified = new Map<string, { readonly fields: readonly string[]; readonly response: Response }>();
const MAX_NOT_MODIFIED = 1024;

/** A response that was prepared, or is now by `make`; `undefined` for one that cannot be. */
export function preparedResponse(
  body: Uint8Array<ArrayBuffer> | null,
  status: number,
  fields: readonly string[],
  make: () => Response,
): Response | undefined {
  if (body === null) return status === 304 && fields.length > 0 ? preparedNotModified(fields, make) : undefined;
  const prepared = sharedBodies.get(body);
  if (prepared === undefined) return undefined;
  if (prepared === null || prepared.status !== status || !areSame(prepared.fields, fields)) {
    sharedBodies.set(body, { status, fields, response: null });
    return undefined;
  }
  return (prepared.response ??= make()).clone();
}

function preparedNotModified(fields: readonly string[], make: () => Response): Response {
  const tag = fields[fields.indexOf("ETag") + 1]!;
  const known = notModified.get(tag);
  if (known !== undefined && areSame(known.fields, fields)) return known.response;
  const response = make();
  if (notModified.size >= MAX_NOT_MODIFIED) notModified.clear();
  notModified.set(tag, { fields, response });
  return response;
}

function areSame(a: readonly string[], b: readonly string[]): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
