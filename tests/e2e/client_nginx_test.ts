/** The client against nginx: TLS, files, codings, ranges, uploads, and a server of the test's own behind it. */

import assert from "node:assert/strict";
import * as requests from "../../client/mod.ts";
import { clientProcess } from "../client/client_process.ts";
import { bytesOf, RawServer } from "../client/raw_server.ts";
import { patternBytes } from "../helpers/temp_tree.ts";
import { type Nginx, nginxTest, startNginx, stopNginx } from "./nginx.ts";

Deno.test.beforeAll(startNginx);
Deno.test.afterAll(stopNginx);

const MIB = 2 ** 20;
const MAX_PEAK = 300 * 1024; // In KiB, as Linux counts.

/** Printed by a process at its end: how much memory it took at most, in KiB. */
const PRINT_PEAK = `console.log(/^VmHWM:\\s+(\\d+) kB$/m.exec(await Deno.readTextFile("/proc/self/status"))[1]);`;

const put = (nginx: Nginx, name: string, content: string | Uint8Array) =>
  Deno.writeFile(`${nginx.root}/${name}`, typeof content === "string" ? new TextEncoder().encode(content) : content);

/** A server of one's own, for what nginx passes on. */
function backend(handler: (request: globalThis.Request) => globalThis.Response | Promise<globalThis.Response>) {
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, handler);
}

// Files

nginxTest("nginx: a file comes with its type, length and entity tag", async (nginx) => {
  const bytes = patternBytes(100_000);
  await put(nginx, "file.bin", bytes);
  const response = await requests.get(`${nginx.origin}/file.bin`, { headers: { "Accept-Encoding": "identity" } });
  assert.equal(response.statusCode, 200);
  assert.deepEqual(response.content, bytes);
  assert.equal(response.headers.get("content-length"), "100000");
  assert.match(response.headers.get("server")!, /^nginx\//);
  const head = await requests.head(`${nginx.origin}/file.bin`, { headers: { "Accept-Encoding": "identity" } });
  assert.equal(head.headers.get("etag"), response.headers.get("etag"));
  assert.equal(head.content.length, 0);
  assert.equal((await requests.get(`${nginx.origin}/missing`)).statusCode, requests.codes.not_found);
});

nginxTest("nginx: a gzip body is decoded, whole, streamed and by lines", async (nginx) => {
  const text = Array.from({ length: 5000 }, (_, i) => `line ${i}`).join("\n");
  await put(nginx, "lines.txt", text);
  const url = `${nginx.origin}/lines.txt`;
  const response = await requests.get(url);
  assert.equal(response.headers.get("content-encoding"), "gzip");
  assert.equal(response.text, text);
  await using streamed = await requests.get(url, { stream: true });
  const lines: unknown[] = [];
  for await (const line of streamed.iterLines(512, { decodeUnicode: true })) lines.push(line);
  assert.deepEqual(lines, text.split("\n"));
  const identity = await requests.get(url, { headers: { "Accept-Encoding": null } });
  assert.equal(identity.headers.get("content-encoding"), null);
  assert.equal(identity.text, text);
});

nginxTest("nginx: raw of a gzip body is what came, with the wire engine", async (nginx) => {
  await put(nginx, "squeezed.txt", "squeezed ".repeat(1000));
  await using session = new requests.Session();
  session.mount("http://", new requests.HTTPAdapter({ engine: "wire" }));
  const url = `${nginx.origin}/squeezed.txt`;
  const response = await session.get(url, { stream: true });
  assert.equal(response.headers.get("content-encoding"), "gzip");
  const decoded = response.raw!.pipeThrough(new DecompressionStream("gzip"));
  assert.equal(await new globalThis.Response(decoded).text(), "squeezed ".repeat(1000));
  assert.equal((await session.get(url)).text, "squeezed ".repeat(1000));
  assert.equal((await session.get(`${nginx.origin}/missing`)).reason, "Not Found");
});

nginxTest("nginx: text in the charset that nginx names", async (nginx) => {
  await Deno.mkdir(`${nginx.root}/charset`, { recursive: true });
  await put(nginx, "charset/russian", Uint8Array.of(0xf0, 0xd2, 0xc9, 0xd7, 0xc5, 0xd4));
  const response = await requests.get(`${nginx.origin}/charset/russian`);
  assert.equal(response.encoding, "koi8-r");
  assert.equal(response.text, "Привет");
});

nginxTest("nginx: ranges, from the start, the end, and beyond", async (nginx) => {
  await put(nginx, "letters.txt", "abcdefghijklmnopqrstuvwxyz");
  const get = (range: string) =>
    requests.get(`${nginx.origin}/letters.txt`, { headers: { "Range": range, "Accept-Encoding": "identity" } });
  for (const [range, text] of [["bytes=2-5", "cdef"], ["bytes=-3", "xyz"], ["bytes=20-", "uvwxyz"]] as const) {
    const response = await get(range);
    assert.equal(response.statusCode, 206);
    assert.equal(response.text, text);
  }
  const several = await get("bytes=0-1,24-25");
  assert.match(several.headers.get("content-type")!, /^multipart\/byteranges; boundary=/);
  assert.match(several.text, /Content-Range: bytes 24-25\/26\r\n\r\nyz\r\n/);
  const beyond = await get("bytes=26-");
  assert.equal(beyond.statusCode, 416);
  assert.equal(beyond.headers.get("content-range"), "bytes */26");
});

nginxTest("nginx: a download that was cut is resumed by a range", async (nginx) => {
  const bytes = patternBytes(3_000_000);
  await put(nginx, "large.bin", bytes);
  const url = `${nginx.origin}/large.bin`;
  const headers = { "Accept-Encoding": "identity" };
  const parts: Uint8Array[] = [];
  let length = 0;
  let etag: string;
  {
    await using response = await requests.get(url, { headers, stream: true });
    etag = response.headers.get("etag")!;
    for await (const chunk of response.iterContent(10_000)) {
      parts.push(chunk);
      if ((length += chunk.length) >= 1_000_000) break;
    }
  }
  const rest = await requests.get(url, { headers: { ...headers, "Range": `bytes=${length}-`, "If-Range": etag } });
  assert.equal(rest.statusCode, 206);
  const joined = new Uint8Array(await new Blob([...parts as Uint8Array<ArrayBuffer>[], rest.content]).arrayBuffer());
  assert.deepEqual(joined, bytes);
});

nginxTest("nginx: what is not modified has no body", async (nginx) => {
  await put(nginx, "cached.txt", "cached cached cached cached");
  const first = await requests.get(`${nginx.origin}/cached.txt`);
  const headers = { "If-None-Match": first.headers.get("etag")! };
  const response = await requests.get(`${nginx.origin}/cached.txt`, { headers });
  assert.deepEqual([response.statusCode, response.content.length], [304, 0]);
  assert.ok(response.ok);
});

nginxTest("nginx: files are put, replaced and deleted", async (nginx) => {
  const url = `${nginx.origin}/dav/new/file.bin`;
  const bytes = patternBytes(2_000_000);
  assert.equal((await requests.put(url, { data: bytes })).statusCode, requests.codes.created);
  assert.deepEqual(await Deno.readFile(`${nginx.root}/dav/new/file.bin`), bytes);
  assert.equal((await requests.put(url, { data: "" })).statusCode, requests.codes.no_content);
  assert.equal((await Deno.stat(`${nginx.root}/dav/new/file.bin`)).size, 0);
  assert.equal((await requests.delete(url)).statusCode, requests.codes.no_content);
  assert.equal((await requests.get(url)).statusCode, 404);
});

nginxTest("nginx: uploads of a file, a stream and a generator arrive byte for byte", async (nginx) => {
  const bytes = patternBytes(1_234_567);
  await put(nginx, "upload.bin", bytes);
  using file = await Deno.open(`${nginx.root}/upload.bin`);
  async function* generated() {
    for (let at = 0; at < bytes.length; at += 100_000) yield await Promise.resolve(bytes.subarray(at, at + 100_000));
  }
  const bodies = {
    file,
    path: new URL(`file://${nginx.root}/upload.bin`),
    blob: new Blob([bytes]),
    generated: generated(),
  };
  for (const [name, data] of Object.entries(bodies)) {
    assert.equal((await requests.put(`${nginx.origin}/dav/${name}`, { data })).statusCode, 201, name);
    assert.deepEqual(await Deno.readFile(`${nginx.root}/dav/${name}`), bytes, name);
  }
});

nginxTest("nginx: Expect: 100-continue is agreed to before the body is sent, or refused", async (nginx) => {
  const headers = { Expect: "100-continue" };
  const bytes = patternBytes(100_000);
  const url = `${nginx.origin}/dav/expected.bin`;
  assert.equal((await requests.put(url, { data: bytes, headers, timeout: [5, 20] })).statusCode, 201);
  assert.deepEqual(await Deno.readFile(`${nginx.root}/dav/expected.bin`), bytes);
  const refused = await requests.post(`${nginx.origin}/limited`, { data: bytes, headers });
  assert.equal(refused.statusCode, requests.codes.request_entity_too_large);
});

nginxTest("nginx: a path is asked for as it was written, once encoded", async (nginx) => {
  await put(nginx, "dav/ü %41.txt", "found");
  for (const path of ["ü %2541.txt", "%C3%BC%20%2541.txt", "./x/../%c3%bc %2541.txt"]) {
    assert.equal((await requests.get(`${nginx.origin}/dav/${path}`)).text, "found", path);
  }
});

nginxTest("nginx: a body that is too large is refused, and the session goes on", async (nginx) => {
  await using session = new requests.Session();
  const response = await session.post(`${nginx.origin}/limited`, { data: new Uint8Array(5000) });
  assert.equal(response.statusCode, requests.codes.request_entity_too_large);
  assert.equal((await session.get(`${nginx.origin}/protocol`)).statusCode, 200);
});

nginxTest("nginx: a session keeps its connection, and speaks HTTP/1.1", async (nginx) => {
  await using session = new requests.Session();
  const answers: string[][] = [];
  for (let i = 0; i < 3; i++) answers.push((await session.get(`${nginx.origin}/connection`)).text.split(" "));
  assert.equal(new Set(answers.map(([connection]) => connection)).size, 1);
  assert.deepEqual(answers.map(([, count]) => count), ["1", "2", "3"]);
  const { host } = new URL(nginx.origin);
  assert.match((await session.get(`${nginx.origin}/protocol`)).text, new RegExp(`^HTTP/1\\.1 ${host}`));
  const named = await session.get(`${nginx.origin}/protocol`, { headers: { Host: "example.test" } });
  assert.match(named.text, /^HTTP\/1\.1 example\.test/);
});

nginxTest("nginx: a response that trickles exceeds the read timeout", async (nginx) => {
  await assert.rejects(requests.get(`${nginx.origin}/cut`, { timeout: 0.3 }), (error) => {
    assert.ok(error instanceof requests.ConnectionError || error instanceof requests.Timeout);
    return true;
  });
});

// A server behind nginx

nginxTest("nginx: a server that fails twice is asked again, and then answers", async (nginx) => {
  let asked = 0;
  await using server = backend(() =>
    ++asked < 3
      ? new globalThis.Response("busy", { status: 503, headers: { "Retry-After": "0" } })
      : new globalThis.Response("at last")
  );
  await using session = new requests.Session();
  const retry = new requests.Retry({ total: 3, backoffFactor: 0.01, statusForcelist: [502, 503, 504] });
  session.mount(nginx.origin, new requests.HTTPAdapter({ maxRetries: retry }));
  const url = `${nginx.origin}/proxy/${server.addr.port}/`;
  assert.equal((await session.get(url)).text, "at last");
  assert.equal(asked, 3);
  // A POST is not repeated for a status, unless it is allowed.
  asked = 0;
  assert.equal((await session.put(url, { data: "again" })).text, "at last");
  asked = 0;
  const post = await session.post(url, { data: "once" });
  assert.deepEqual([post.statusCode, asked], [503, 1]);
});

nginxTest("nginx: a bad gateway is a status, and raiseForStatus() names it", async (nginx) => {
  const gone = backend(() => new globalThis.Response());
  const { port } = gone.addr;
  await gone.shutdown();
  const response = await requests.get(`${nginx.origin}/proxy/${port}/`);
  assert.equal(response.statusCode, requests.codes.bad_gateway);
  assert.throws(() => response.raiseForStatus(), /^HTTPError: 502 Server Error: Bad Gateway for url: /);
});

nginxTest("nginx: 308 repeats a POST with its body behind a redirect", async (nginx) => {
  await using server = backend(async (request) =>
    new globalThis.Response(`${request.method} ${await request.text()}`, { headers: { "Set-Cookie": "seen=1" } })
  );
  await using session = new requests.Session();
  const params = { port: server.addr.port };
  const response = await session.post(`${nginx.origin}/moved`, { params, data: { a: 1 } });
  assert.equal(response.text, "POST a=1");
  assert.ok(response.history[0]!.isPermanentRedirect);
  assert.equal(session.cookies.get("seen"), "1");
});

nginxTest("nginx: chunks of a generator reach the server while it still generates", async (nginx) => {
  const acknowledged = Promise.withResolvers<void>();
  await using server = backend(async (request) => {
    let text = "";
    for await (const part of request.body!.pipeThrough(new TextDecoderStream())) {
      text += part;
      if (text === "first") acknowledged.resolve();
    }
    return new globalThis.Response(text);
  });
  async function* chunks() {
    yield "first";
    await acknowledged.promise;
    yield " second";
  }
  const url = `${nginx.origin}/unbuffered/${server.addr.port}/`;
  assert.equal((await requests.post(url, { data: chunks(), timeout: 20 })).text, "first second");
});

nginxTest("nginx: lines of a stream are read while the server still writes", async (nginx) => {
  const read = Promise.withResolvers<void>();
  await using server = backend(() => {
    async function* events() {
      yield "first\n";
      await read.promise;
      yield "second\n";
    }
    return new globalThis.Response(ReadableStream.from(events()).pipeThrough(new TextEncoderStream()), {
      headers: { "Content-Type": "text/plain; charset=utf-8" },
    });
  });
  const url = `${nginx.origin}/unbuffered/${server.addr.port}/`;
  // nginx holds back what it compresses.
  const headers = { "Accept-Encoding": "identity" };
  await using response = await requests.get(url, { headers, stream: true, timeout: 20 });
  const lines: unknown[] = [];
  for await (const line of response.iterLines(1, { decodeUnicode: true })) {
    lines.push(line);
    read.resolve();
  }
  assert.deepEqual(lines, ["first", "second"]);
});

nginxTest("nginx: a response that breaks off is an error", async (nginx) => {
  await using server = new RawServer(() => async (connection) => {
    await connection.write(bytesOf("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nsome"));
    return null;
  });
  const url = `${nginx.origin}/unbuffered/${server.port}/`;
  await assert.rejects(requests.get(url, { headers: { "Accept-Encoding": "identity" } }), (error) => {
    assert.ok(error instanceof requests.ChunkedEncodingError || error instanceof requests.ConnectionError);
    return true;
  });
});

// TLS

nginxTest("nginx: a certificate of an unknown authority is refused", async (nginx) => {
  await assert.rejects(requests.get(nginx.secure), (error) => {
    assert.ok(error instanceof requests.SSLError && error instanceof requests.ConnectionError);
    assert.match(error.message, /verify/);
    return true;
  });
});

nginxTest(
  "nginx: verify takes the path of the authority's certificate, for a request and for a session",
  async (nginx) => {
    const { ca } = nginx.certificates;
    const response = await requests.get(`${nginx.secure}/protocol`, { verify: ca });
    assert.match(response.text, /^HTTP\/1\.1 TLSv1\.3 localhost$/);
    await using session = new requests.Session({ verify: ca });
    assert.equal((await session.get(`${nginx.secure}/protocol`)).statusCode, 200);
    assert.equal((await session.get(`${nginx.secure.replace("localhost", "127.0.0.1")}/protocol`)).statusCode, 200);
    await assert.rejects(requests.get(nginx.secure, { verify: "/missing/ca.pem" }), /\/missing\/ca\.pem/);
  },
);

nginxTest("nginx: a certificate for another name is refused", async (nginx) => {
  await assert.rejects(requests.get(nginx.elsewhere, { verify: nginx.certificates.ca }), requests.SSLError);
});

nginxTest(
  "nginx: verify: false takes every certificate, and keeps such a connection for such requests",
  async (nginx) => {
    await using session = new requests.Session();
    for (const url of [`${nginx.secure}/protocol`, nginx.elsewhere]) {
      const response = await session.get(url, { verify: false });
      assert.equal(response.statusCode, 200);
      assert.equal(response.connectionInfo?.tls?.authorized, false);
      await assert.rejects(session.get(url, { verify: true }), requests.SSLError);
      await assert.rejects(session.get(url, { verify: nginx.certificates.client[0] }), requests.SSLError);
    }
  },
);

nginxTest("nginx: connectionInfo tells the certificate and the version of TLS", async (nginx) => {
  await using session = new requests.Session({ verify: nginx.certificates.ca });
  session.mount("https://", new requests.HTTPAdapter({ peerCertificate: true, sslMinimumVersion: "TLSv1.3" }));
  const { connectionInfo } = await session.get(`${nginx.secure}/protocol`);
  assert.equal(connectionInfo?.tls?.protocol, "TLSv1.3");
  assert.equal(connectionInfo?.tls?.authorized, true);
  assert.match(JSON.stringify(connectionInfo?.tls?.peerCertificate), /httpkit test server/);
});

nginxTest("nginx: REQUESTS_CA_BUNDLE names the authority, unless the environment is not trusted", async (nginx) => {
  const code = `
    const url = ${JSON.stringify(`${nginx.secure}/protocol`)};
    const trusting = await requests.get(url);
    await using session = new requests.Session({ trustEnv: false });
    const error = await session.get(url).catch((error) => error);
    console.log(trusting.statusCode, error instanceof requests.SSLError);
  `;
  for (const name of ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]) {
    assert.equal(await clientProcess(code, { [name]: nginx.certificates.ca }), "200 true", name);
  }
});

nginxTest(
  "nginx: a client certificate is shown, from two files and from one, with a password or without",
  async (nginx) => {
    const { ca: verify, client, clientTogether, clientEncrypted, clientPfx, stranger } = nginx.certificates;
    const get = (cert: requests.RequestOptions["cert"]) => requests.get(nginx.mutual, { verify, cert });
    for (const cert of [client, clientTogether, clientEncrypted, clientPfx]) {
      assert.equal((await get(cert)).text, "SUCCESS CN=httpkit test client");
    }
    const none = await get(null);
    assert.equal(none.statusCode, 400);
    assert.match(none.text, /No required SSL certificate was sent/);
    for (const cert of [[client[0], clientEncrypted[1], "wrong"] as const, { ...clientPfx, password: "wrong" }]) {
      await assert.rejects(get(cert), (error) => {
        assert.ok(error instanceof requests.SSLError);
        assert.doesNotMatch(error.message, /wrong/);
        return true;
      });
    }
    const unknown = await get(stranger);
    assert.equal(unknown.statusCode, 400);
    assert.match(unknown.text, /The SSL certificate error/);
  },
);

nginxTest("nginx: a session keeps connections with and without a certificate apart", async (nginx) => {
  const { ca, client } = nginx.certificates;
  await using session = new requests.Session({ verify: ca, cert: client });
  assert.equal((await session.get(nginx.mutual)).statusCode, 200);
  session.cert = null;
  assert.equal((await session.get(nginx.mutual)).statusCode, 400);
  session.verify = true;
  await assert.rejects(session.get(nginx.mutual), requests.SSLError);
});

nginxTest(
  "nginx: a redirect from http to https keeps the settings of TLS, and drops the credentials",
  async (nginx) => {
    const response = await requests.get(`${nginx.origin}/away`, {
      verify: nginx.certificates.ca,
      auth: ["user", "pass"],
    });
    assert.match(response.text, /TLSv1/);
    assert.equal(response.history[0]!.request!.headers.has("authorization"), true);
    assert.equal(response.request!.headers.has("authorization"), false);
  },
);

nginxTest("nginx: cookies marked Secure go over TLS only", async (nginx) => {
  await using session = new requests.Session({ verify: nginx.certificates.ca });
  session.cookies.setCookie("safe=1; Secure", "https://localhost/");
  const secure = await session.get(`${nginx.secure}/protocol`);
  assert.equal(secure.request!.headers.get("cookie"), "safe=1");
  const plain = await session.get(`${nginx.origin.replace("127.0.0.1", "localhost")}/protocol`);
  assert.equal(plain.request!.headers.get("cookie"), null);
});

// Large bodies

if (Deno.build.os === "linux") {
  nginxTest("nginx: a large download leaves memory flat", async (nginx) => {
    await put(nginx, "sparse.bin", "");
    await Deno.truncate(`${nginx.root}/sparse.bin`, 1024 * MIB);
    const code = `
      const options = { stream: true, headers: { "Accept-Encoding": "identity" }, verify: ${
      JSON.stringify(nginx.certificates.ca)
    } };
      for (const url of ${JSON.stringify([`${nginx.origin}/sparse.bin`, `${nginx.secure}/sparse.bin`])}) {
        await using response = await requests.get(url, options);
        let length = 0;
        for await (const chunk of response.iterContent(65536)) length += chunk.length;
        console.log(length);
      }
      ${PRINT_PEAK}
    `;
    const [plain, secure, peak] = (await clientProcess(code)).split("\n").map(Number) as [number, number, number];
    assert.deepEqual([plain, secure], [1024 * MIB, 1024 * MIB]);
    assert.ok(peak < MAX_PEAK, `the client took ${peak} KiB`);
  });

  nginxTest("nginx: a large upload leaves memory flat", async (nginx) => {
    await put(nginx, "sparse-upload.bin", "");
    await Deno.truncate(`${nginx.root}/sparse-upload.bin`, 512 * MIB);
    const code = `
      const url = ${JSON.stringify(`${nginx.origin}/dav/`)};
      using file = await Deno.open(${JSON.stringify(`${nginx.root}/sparse-upload.bin`)});
      async function* generated() {
        const piece = new Uint8Array(65536);
        for (let i = 0; i < 512 * 16; i++) yield piece;
      }
      for (const [name, data] of [["by-file", file], ["by-generator", generated()]]) {
        console.log((await requests.put(url + name, { data })).statusCode);
      }
      ${PRINT_PEAK}
    `;
    const [byFile, byGenerator, peak] = (await clientProcess(code)).split("\n").map(Number) as [number, number, number];
    assert.deepEqual([byFile, byGenerator], [201, 201]);
    for (const name of ["by-file", "by-generator"]) {
      assert.equal((await Deno.stat(`${nginx.root}/dav/${name}`)).size, 512 * MIB);
    }
    assert.ok(peak < MAX_PEAK, `the client took ${peak} KiB`);
  });
}
