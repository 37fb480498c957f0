import assert from "node:assert/strict";
import { type Answer, fieldOf, textOf } from "./answer.ts";
import { CannedServer } from "./canned_server.ts";
import { encodeLatin1 } from "./latin1.ts";
import { RawConnection } from "./raw_connection.ts";
import { awaitClosing, readAnswer } from "./read_answer.ts";

/** Reads a canned answer to the end: nothing may follow it. */
async function read(bytes: string, method = "GET"): Promise<Answer> {
  await using server = new CannedServer(bytes);
  await using connection = await RawConnection.open(server.port);
  connection.startSending([{ pauseMs: 0, bytes: encodeLatin1("x") }]);
  const answer = await readAnswer(connection, method);
  assert.equal(await awaitClosing(connection, 5_000), "closed");
  return answer;
}

Deno.test("readAnswer() reads a body that Content-Length frames", async () => {
  const answer = await read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A:  one \r\nx-a: two\r\n\r\nalpha");
  assert.equal(answer.status, 200);
  assert.equal(textOf(answer), "alpha");
  assert.equal(fieldOf(answer, "X-A"), "one, two");
});

Deno.test("readAnswer() accepts bare LF in the head, and no reason phrase", async () => {
  const answer = await read("HTTP/1.0 201\nX-A: b\r\n\nbody up to the end");
  assert.equal(answer.status, 201);
  assert.equal(fieldOf(answer, "x-a"), "b");
  assert.equal(textOf(answer), "body up to the end");
});

Deno.test("readAnswer() skips and remembers 1xx answers", async () => {
  const answer = await read(
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx",
  );
  assert.deepEqual(answer.interim, [100, 103]);
  assert.equal(textOf(answer), "x");
});

Deno.test("readAnswer() puts chunks together and prefers them to Content-Length", async () => {
  const answer = await read(
    "HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: Chunked\r\n\r\n" +
      "3\r\nabc\r\n00A;x=y\r\n0123\r\n5678\r\n0\r\nTrailer: x\r\n\r\n",
  );
  assert.equal(textOf(answer), "abc0123\r\n5678");
});

Deno.test("readAnswer() takes no body from HEAD, 204 and 304, but what comes all the same", async () => {
  assert.equal((await read("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD")).body.length, 0);
  assert.equal((await read("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n")).body.length, 0);
  assert.equal(textOf(await read("HTTP/1.1 204 No Content\r\n\r\noops")), "oops");
});

const BAD_ANSWERS: readonly (readonly [about: string, bytes: string, complaint: RegExp])[] = [
  ["nothing at all", "", /end of stream after 0 bytes/],
  ["a body without a head", "<p>hello</p>\r\n\r\n", /malformed status line/],
  ["a status of two digits", "HTTP/1.1 20 OK\r\n\r\n", /malformed status line/],
  ["a head that does not end", "HTTP/1.1 200 OK\r\nX-A: b\r\n", /end of stream/],
  ["a field without a colon", "HTTP/1.1 200 OK\r\nX-A\r\n\r\n", /malformed field line/],
  ["a folded field", "HTTP/1.1 200 OK\r\nX-A: b\r\n c\r\n\r\n", /malformed field line/],
  ["white space before the colon", "HTTP/1.1 200 OK\r\nX-A : b\r\n\r\n", /malformed field line/],
  ["a lone CR in a value", "HTTP/1.1 200 OK\r\nX-A: b\rc\r\n\r\n", /malformed field line/],
  ["a short body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalph", /end of stream after 4 bytes/],
  ["bytes behind the body", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nalphabet", /3 bytes follow/],
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", /Cannot tell the length/],
  ["two lengths in one line", "HTTP/1.1 200 OK\r\nContent-Length: 1, 2\r\n\r\nab", /Cannot tell the length/],
  ["a negative length", "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", /Cannot tell the length/],
  ["a chunk without its end", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n", /behind a chunk/],
  ["no last chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", /end of stream/],
  ["a nonsense chunk size", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n", /chunk size/],
  ["an unknown transfer coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", /Transfer-Encoding is "gzip"/],
];

for (const [about, bytes, complaint] of BAD_ANSWERS) {
  Deno.test(`readAnswer() refuses ${about}`, async () => {
    await assert.rejects(read(bytes), complaint);
  });
}

Deno.test("awaitClosing() tells an open connection", async () => {
  await using server = new CannedServer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", { keepOpen: true });
  await using connection = await RawConnection.open(server.port);
  connection.startSending([{ pauseMs: 0, bytes: encodeLatin1("x") }]);
  await readAnswer(connection, "GET");
  assert.equal(await awaitClosing(connection, 50), "open");
});
