import assert from "node:assert/strict";
import { encodeLatin1 } from "../latin1.ts";
import type { Json } from "./json.ts";
import type { RequestRecord } from "./request_record.ts";
import { showRequest } from "./wire.ts";

function record(
  fields: RequestRecord["fields"],
  body: string | Uint8Array = "",
  accepted: boolean | null = null,
): RequestRecord {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return { server: "A", method: "POST", target: "/t", fields, body: bytes, digestAccepted: accepted };
}

function show(shown: RequestRecord, headers: string[], body: boolean | "json" = false): Json {
  return showRequest(shown, { headers, body });
}

const HEAD = { server: "A", method: "POST", target: "/t" };

Deno.test("showRequest() shows the named fields: null, one value, or a list", () => {
  const shown = show(record([["X-One", "1"], ["X-Two", "a"], ["x-TWO", "b"]]), ["x-one", "x-two", "x-three"]);
  assert.deepEqual(shown, { ...HEAD, headers: { "x-one": "1", "x-two": ["a", "b"], "x-three": null } });
});

Deno.test("showRequest() shows a body as text, base64 or a document", () => {
  const bodies: [string | Uint8Array, boolean | "json", unknown][] = [
    ["é", true, "é"],
    ["", true, ""],
    [Uint8Array.of(255), true, { b64: "/w==" }],
    ['{"a": 1}', "json", { json: { a: 1 } }],
    ["", "json", ""],
    ["{", "json", "{"],
    [Uint8Array.of(255), "json", { b64: "/w==" }],
  ];
  for (const [body, view, shown] of bodies) {
    assert.deepEqual(show(record([], body), [], view), { ...HEAD, headers: {}, body: shown });
  }
});

Deno.test("showRequest() shows a right length of a document as LENGTH, and no other", () => {
  const lengthOf = (length: string, body: string, view: boolean | "json"): unknown => {
    return show(record([["Content-Length", length]], body), ["content-length"], view);
  };
  const shown = (length: string, body: unknown): unknown => ({ ...HEAD, headers: { "content-length": length }, body });
  assert.deepEqual(lengthOf("3", "[1]", "json"), shown("LENGTH", { json: [1] }));
  assert.deepEqual(lengthOf("4", "[1]", "json"), shown("4", { json: [1] }));
  assert.deepEqual(lengthOf("3", "[1]", true), shown("3", "[1]"));
});

Deno.test("showRequest() hides the boundary of a multipart body", () => {
  const body = encodeLatin1("--b0\r\n\xff\r\n--b0--\r\n");
  const fields: RequestRecord["fields"] = [
    ["Content-Type", "multipart/form-data; boundary=b0"],
    ["Content-Length", String(body.length)],
  ];
  const headers = { "content-type": "multipart/form-data; boundary=BOUNDARY", "content-length": "LENGTH" };
  assert.deepEqual(show(record(fields, body), ["content-type", "content-length"], true), {
    ...HEAD,
    headers,
    body: { b64: encodeLatin1("--BOUNDARY\r\n\xff\r\n--BOUNDARY--\r\n").toBase64() },
  });
});

Deno.test("showRequest() shows Digest without what is new each time, and other schemes as they are", () => {
  const digest = 'Digest username="a", algorithm=md5-sess, cnonce="c", response="r"';
  assert.deepEqual(show(record([["Authorization", digest]], "", true), ["authorization"]), {
    ...HEAD,
    headers: { authorization: { digest: { username: "a", algorithm: "MD5-SESS" }, valid: true } },
  });
  assert.deepEqual(show(record([["Authorization", "Basic YTpi"]]), ["authorization"]), {
    ...HEAD,
    headers: { authorization: "Basic YTpi" },
  });
});
