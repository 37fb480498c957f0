/** Whole conversations, each with what must come out of it. */

import type { FieldLine, Framing } from "../../http1/mod.ts";
import type { Conversation, ReadMessage } from "./conversation.ts";

/** One conversation: the bytes of one side, and what they mean. */
export interface Sample {
  readonly name: string;
  readonly side: "client" | "server";
  /** The method of the requests that responses answer. */
  readonly method?: string;
  /** One character per byte. */
  readonly text: string;
  readonly expected: Conversation;
}

const NONE: Framing = { kind: "none" };
const CHUNKED: Framing = { kind: "chunked" };
const CLOSE: Framing = { kind: "close" };
const length = (length: number): Framing => ({ kind: "length", length });

function response(
  [version, statusCode, reason]: readonly ["1.0" | "1.1", number, string],
  fields: readonly FieldLine[],
  framing: Framing,
  body = "",
  trailers: readonly FieldLine[] = [],
): ReadMessage {
  return { head: { version, statusCode, reason, fields }, framing, body, trailers };
}

function request(
  [method, target, version]: readonly [string, string, "1.0" | "1.1"],
  fields: readonly FieldLine[],
  framing: Framing,
  body = "",
  trailers: readonly FieldLine[] = [],
): ReadMessage {
  return { head: { method, target, version, fields }, framing, body, trailers };
}

const LONG_BODY = "0123456789abcdef".repeat(12);

/** The conversations. */
export const CORPUS: readonly Sample[] = [
  {
    name: "two responses of known length",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello" +
      "HTTP/1.1 404 Not Found\r\ncontent-length:0\r\nX-Case: \t kept \t\r\n\r\n",
    expected: {
      messages: [
        response(["1.1", 200, "OK"], [["Content-Type", "text/plain"], ["Content-Length", "5"]], length(5), "hello"),
        response(["1.1", 404, "Not Found"], [["content-length", "0"], ["X-Case", "kept"]], length(0)),
      ],
      end: "closed",
    },
  },
  {
    name: "chunks with extensions and trailers",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: Digest\r\n\r\n" +
      '5\r\nhello\r\n00001;name=value;q="a;b"\r\n \r\nA \t;x\r\n0123456789\r\n1f\r\n' + LONG_BODY.slice(0, 31) +
      "\r\n0;last\r\nDigest: abc\r\nX-Empty:\r\nContent-Length: 7\r\n\r\n" +
      "HTTP/1.1 204 No Content\r\n\r\n",
    expected: {
      messages: [
        response(
          ["1.1", 200, "OK"],
          [["Transfer-Encoding", "chunked"], ["Trailer", "Digest"]],
          CHUNKED,
          `hello 0123456789${LONG_BODY.slice(0, 31)}`,
          [["Digest", "abc"], ["X-Empty", ""], ["Content-Length", "7"]],
        ),
        response(["1.1", 204, "No Content"], [], NONE),
      ],
      end: "closed",
    },
  },
  {
    name: "chunks without data",
    side: "client",
    text: "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked\r\n\r\n0\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n!",
    expected: {
      messages: [
        response(["1.1", 200, "OK"], [["transfer-encoding", "Chunked"]], CHUNKED),
        response(["1.1", 200, "OK"], [["Content-Length", "1"]], length(1), "!"),
      ],
      end: "closed",
    },
  },
  {
    name: "interim responses before the answer",
    side: "client",
    text:
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\nLink: </b.js>\r\n\r\n" +
      "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok",
    expected: {
      messages: [
        response(["1.1", 100, "Continue"], [], NONE),
        response(["1.1", 103, "Early Hints"], [["Link", "</a.css>; rel=preload"], ["Link", "</b.js>"]], NONE),
        response(["1.1", 200, "OK"], [["Content-Length", "2, 2"], ["Content-Length", "2"]], length(2), "ok"),
      ],
      end: "closed",
    },
  },
  {
    name: "bare line feeds, no reason, no space before it",
    side: "client",
    text: "\nHTTP/1.1 200\nTransfer-Encoding: chunked\nX: \xe9\xff\n\n3\nabc\n2;x\r\nde\n0\nT: 1\n\n" +
      "\r\nHTTP/1.1 304 \n\n\nHTTP/1.9 999 Caf\xe9\t!\r\nContent-Length: 3\n\n\r\n\0",
    expected: {
      messages: [
        response(["1.1", 200, ""], [["Transfer-Encoding", "chunked"], ["X", "\xe9\xff"]], CHUNKED, "abcde", [[
          "T",
          "1",
        ]]),
        response(["1.1", 304, ""], [], NONE),
        response(["1.1", 999, "Caf\xe9\t!"], [["Content-Length", "3"]], length(3), "\r\n\0"),
      ],
      end: "closed",
    },
  },
  {
    name: "a body that the connection ends",
    side: "client",
    text: `HTTP/1.0 200 OK\r\nServer: old\r\n\r\n${LONG_BODY}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`,
    expected: {
      messages: [
        response(["1.0", 200, "OK"], [["Server", "old"]], CLOSE, `${LONG_BODY}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`),
      ],
      end: "closed",
    },
  },
  {
    name: "answers to HEAD",
    side: "client",
    method: "HEAD",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    expected: {
      messages: [
        response(["1.1", 200, "OK"], [["Content-Length", "500"]], NONE),
        response(["1.1", 200, "OK"], [["Transfer-Encoding", "chunked"]], NONE),
      ],
      end: "closed",
    },
  },
  {
    name: "a response that ends within its length",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello",
    expected: {
      messages: [response(["1.1", 200, "OK"], [["Content-Length", "6"]], length(6), "hello")],
      end: "early-end",
    },
  },
  {
    name: "a response that ends within its chunks",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n4\r\nab",
    expected: {
      messages: [response(["1.1", 200, "OK"], [["Transfer-Encoding", "chunked"]], CHUNKED, "helloab")],
      end: "early-end",
    },
  },
  {
    name: "a response whose trailers end too early",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nT: u\r\n",
    expected: {
      messages: [response(["1.1", 200, "OK"], [["Transfer-Encoding", "chunked"]], CHUNKED, "a")],
      end: "early-end",
    },
  },
  {
    name: "a response whose chunk is longer than its size",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcdef\r\n0\r\n\r\n",
    expected: {
      messages: [response(["1.1", 200, "OK"], [["Transfer-Encoding", "chunked"]], CHUNKED, "abc")],
      end: "bad-chunk",
    },
  },
  {
    name: "pipelined requests",
    side: "server",
    text: "GET /a?b=c HTTP/1.1\r\nHost: x\r\n\r\nPOST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc\r\n" +
      "OPTIONS * HTTP/1.0\r\n\r\nM-SEARCH http://[::1]:80/\xe9 HTTP/1.1\r\nHost:\r\n\r\n",
    expected: {
      messages: [
        request(["GET", "/a?b=c", "1.1"], [["Host", "x"]], NONE),
        request(["POST", "/", "1.1"], [["Host", "x"], ["Content-Length", "3"]], length(3), "abc"),
        request(["OPTIONS", "*", "1.0"], [], NONE),
        request(["M-SEARCH", "http://[::1]:80/\xe9", "1.1"], [["Host", ""]], NONE),
      ],
      end: "end",
    },
  },
  {
    name: "a chunked request",
    side: "server",
    text: "\r\nPUT /f HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n4;e\r\n\r\n\r\n\r\nC0\r\n" + LONG_BODY +
      "\r\n000\r\nT: u\n\r\nGET / HTTP/1.1\r\n\r\n",
    expected: {
      messages: [
        request(
          ["PUT", "/f", "1.1"],
          [["Host", "x"], ["Transfer-Encoding", "chunked"]],
          CHUNKED,
          `\r\n\r\n${LONG_BODY}`,
          [["T", "u"]],
        ),
        request(["GET", "/", "1.1"], [], NONE),
      ],
      end: "end",
    },
  },
  {
    name: "a request that ends within its head",
    side: "server",
    text: "GET / HTTP/1.1\r\nHost: x\r\n",
    expected: { messages: [], end: "early-end" },
  },
  {
    name: "a request with two lengths",
    side: "server",
    text: "POST / HTTP/1.1\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
    expected: { messages: [], end: "bad-length" },
  },
  {
    name: "the banner of another protocol",
    side: "client",
    text: "SSH-2.0-OpenSSH_9.2p1\r\n",
    expected: { messages: [], end: "bad-start-line" },
  },
  {
    name: "a folded line",
    side: "client",
    text: "HTTP/1.1 200 OK\r\nX: a\r\n b\r\n\r\n",
    expected: { messages: [], end: "bad-field" },
  },
];
