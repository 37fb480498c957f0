import assert from "node:assert/strict";
import { CgiOutput, CgiOutputError, MAX_HEAD_SIZE, parseCgiHead } from "../../server/_cgi_output.ts";

const encoder = new TextEncoder();
const bytes = (text: string) => Uint8Array.from(text, (char) => char.charCodeAt(0));
const parse = (head: string, nph = false) => parseCgiHead(bytes(head), nph);

Deno.test("parseCgiHead() reads fields in order, case kept, ends of lines LF or CRLF", () => {
  assert.deepEqual(parse("Content-Type: text/html\r\nx-a:1\nSet-Cookie: a=1\nSet-Cookie:  b=2 \n"), {
    kind: "document",
    status: 200,
    reason: "",
    fields: [["Content-Type", "text/html"], ["x-a", "1"], ["Set-Cookie", "a=1"], ["Set-Cookie", "b=2"]],
    hasContentType: true,
  });
});

Deno.test("parseCgiHead() takes the status from Status, wherever that stands", () => {
  assert.deepEqual(parse("X-Made: yes\nStatus: 404 Gone fishing\n"), {
    kind: "document",
    status: 404,
    reason: "Gone fishing",
    fields: [["X-Made", "yes"]],
    hasContentType: false,
  });
  assert.equal((parse("status: 201\nContent-Type: a/b\n") as { status: number }).status, 201);
});

Deno.test("parseCgiHead() reads Location as RFC 3875 §6.2.2 to §6.2.4", () => {
  assert.deepEqual(parse("Location: /x?y=1\n"), { kind: "local", target: "/x?y=1" });
  assert.deepEqual(parse("Location: https://example.org/\n"), {
    kind: "document",
    status: 302,
    reason: "",
    fields: [["Location", "https://example.org/"]],
    hasContentType: false,
  });
  const given = parse("Status: 307 Later\nLocation: /x\nContent-Type: a/b\n");
  assert.ok(given.kind === "document" && given.status === 307 && given.fields[0]![1] === "/x");
});

Deno.test("parseCgiHead() drops what is the server's to say", () => {
  const head = "Content-Type: a/b\nConnection: close\nKeep-Alive: 5\nUpgrade: x\nDate: now\nServer: me\nTrailer: t\n";
  const document = parse(head);
  assert.ok(document.kind === "document");
  assert.deepEqual(document.fields, [["Content-Type", "a/b"]]);
});

Deno.test("parseCgiHead() reads the status line of nph- scripts", () => {
  assert.deepEqual(parse("HTTP/1.1 418 Short and stout\r\nX-A: 1\r\n", true), {
    kind: "document",
    status: 418,
    reason: "Short and stout",
    fields: [["X-A", "1"]],
    hasContentType: true,
  });
  assert.equal((parse("HTTP/2 204\n", true) as { status: number }).status, 204);
});

const REFUSED: readonly (readonly [head: string, why: RegExp, nph?: boolean])[] = [
  ["", /there is no Content-Type, Location or Status field/],
  ["X-A: 1\n", /there is no Content-Type, Location or Status field/],
  ["just some text\n", /"just some text" is no header field/],
  ["Content-Type: a/b\n folded\n", /" folded" is no header field/],
  ["Content-Type : a/b\n", /is no header field/],
  ["Content-Type: a/b\nX A: 1\n", /"X A: 1" is no header field/],
  ["Content-Type: a/b\nX-A: 1\r2\n", /is no header field/],
  ["Content-Type: a/b\nX-A: \0\n", /is no header field/],
  ["Status: 20\n", /"20" is no status from 200 to 599/],
  ["Status: 100 Continue\n", /is no status from 200 to 599/],
  ["Status: 999\n", /is no status from 200 to 599/],
  ["Status: OK\n", /"OK" is no status/],
  ["Status: 200\nStatus: 404\n", /there is more than one status field/],
  ["Location: /a\nLocation: /b\n", /there is more than one location field/],
  ["Content-Type: a/b\nContent-Length: -1\n", /"-1" is no Content-Length/],
  ["Content-Type: a/b\nContent-Length: 5\nContent-Length: 6\n", /there is more than one content-length field/],
  ["Content-Type: a/b\nTransfer-Encoding: chunked\n", /the body is framed by Transfer-Encoding/],
  ["HTTP/1.1 200 OK\nContent-Type: a/b\n", /"HTTP\/1\.1 200 OK" is no header field/],
  ["Content-Type: a/b\n", /is no status line, with which nph- scripts begin/, true],
  ["HTTP/1.1 99 x\n", /is no status line/, true],
  ["HTTP/1.1 700 x\n", /is no status from 200 to 599/, true],
];

for (const [head, why, nph = false] of REFUSED) {
  Deno.test(`parseCgiHead() refuses ${JSON.stringify(head)}${nph ? " of an nph- script" : ""}`, () => {
    assert.throws(() => parse(head, nph), (error) => error instanceof CgiOutputError && why.test(error.message));
  });
}

function output(...pieces: string[]): CgiOutput {
  return new CgiOutput(ReadableStream.from(pieces.map((piece) => encoder.encode(piece))));
}

async function rest(from: CgiOutput): Promise<string> {
  let text = "";
  for (let chunk = await from.read(); chunk !== null; chunk = await from.read()) {
    text += new TextDecoder().decode(chunk);
  }
  return text;
}

Deno.test("CgiOutput finds the empty line wherever the pieces are cut", async () => {
  for (const text of ["A: 1\nB: 2\n\nbody\n\n", "A: 1\r\nB: 2\r\n\r\nbody\n\n", "A: 1\nB: 2\n\r\nbody\n\n"]) {
    for (let cut = 1; cut < text.length; cut++) {
      const from = output(text.slice(0, cut), text.slice(cut));
      const head = new TextDecoder().decode(await from.readHead());
      assert.deepEqual(head.split(/\r?\n/).filter((line) => line !== ""), ["A: 1", "B: 2"], `${cut} of ${text}`);
      assert.equal(await rest(from), "body\n\n", `${cut} of ${text}`);
    }
  }
});

Deno.test("CgiOutput gives an empty head for output that begins with an empty line", async () => {
  for (const text of ["\nbody", "\r\nbody"]) {
    const from = output(text);
    assert.equal((await from.readHead()).length, 0);
    assert.equal(await rest(from), "body");
  }
});

Deno.test("CgiOutput.readHead() throws for no output, no empty line and a header section without end", async () => {
  await assert.rejects(output().readHead(), { name: "CgiOutputError", message: "there is no output" });
  await assert.rejects(output("A: 1\n").readHead(), {
    name: "CgiOutputError",
    message: "there is no empty line after the header",
  });
  const endless = output(...Array.from({ length: 70 }, () => "x".repeat(1024)));
  await assert.rejects(endless.readHead(), new RegExp(`longer than ${MAX_HEAD_SIZE} bytes`));
  await endless.cancel();
});
