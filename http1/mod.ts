/**
 * HTTP/1.1 messages over byte streams, to RFC 9112: read, written, bounded. No sockets, no policy.
 *
 * @module
 */

export { BodyReader } from "./body_reader.ts";
export { type FieldLine, fieldValues } from "./fields.ts";
export { type Framing, requestFraming, responseFraming } from "./framing.ts";
export {
  formatRequestHead,
  formatResponseHead,
  isPersistent,
  type RequestHead,
  type RequestLine,
  type ResponseHead,
  type StatusLine,
  type Version,
} from "./head.ts";
export { DEFAULT_LIMITS, type Limits } from "./limits.ts";
export { ProtocolError, type ProtocolErrorCode } from "./protocol_error.ts";
export { MessageReader, type MessageReaderOptions } from "./reader.ts";
export type { ByteSource } from "./receive_buffer.ts";
export { type ByteSink, formatChunk, formatLastChunk, writeAll } from "./writer.ts";
