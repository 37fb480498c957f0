import assert from "node:assert/strict";
import { type CgiRequest, isHopByHop, metaVariables } from "../../server/_cgi_environment.ts";

const REQUEST: CgiRequest = {
  method: "GET",
  target: "/cgi-bin/x.sh/a/b?q=1&r=%20",
  protocol: "HTTP/1.1",
  https: false,
  headers: new Headers({ Host: "files.example:8080" }),
  remoteAddress: "192.0.2.7",
  remotePort: 4711,
  serverName: "0.0.0.0",
  serverPort: 8080,
  serverSoftware: "CGIHTTP/1 Deno/2",
  documentRoot: "/srv/www",
  scriptFilename: "/srv/www/cgi-bin/x.sh",
  scriptName: "/cgi-bin/x.sh",
  pathInfo: "/a/b",
  contentLength: null,
};

Deno.test("metaVariables() gives the variables of RFC 3875 and those that servers add", () => {
  assert.deepEqual(metaVariables(REQUEST), {
    GATEWAY_INTERFACE: "CGI/1.1",
    SERVER_SOFTWARE: "CGIHTTP/1 Deno/2",
    SERVER_PROTOCOL: "HTTP/1.1",
    SERVER_NAME: "files.example",
    SERVER_PORT: "8080",
    REQUEST_METHOD: "GET",
    REQUEST_URI: "/cgi-bin/x.sh/a/b?q=1&r=%20",
    REQUEST_SCHEME: "http",
    SCRIPT_NAME: "/cgi-bin/x.sh",
    SCRIPT_FILENAME: "/srv/www/cgi-bin/x.sh",
    DOCUMENT_ROOT: "/srv/www",
    PATH_INFO: "/a/b",
    PATH_TRANSLATED: "/srv/www/a/b",
    QUERY_STRING: "q=1&r=%20",
    REMOTE_ADDR: "192.0.2.7",
    REMOTE_HOST: "192.0.2.7",
    REMOTE_PORT: "4711",
    HTTP_HOST: "files.example:8080",
  });
});

Deno.test("metaVariables() sets HTTPS, CONTENT_TYPE, CONTENT_LENGTH and PATH_TRANSLATED only where there is something", () => {
  const plain = metaVariables({ ...REQUEST, pathInfo: "" });
  for (const name of ["HTTPS", "CONTENT_TYPE", "CONTENT_LENGTH", "PATH_TRANSLATED"]) assert.ok(!(name in plain), name);
  assert.equal(plain["PATH_INFO"], "");
  const full = metaVariables({
    ...REQUEST,
    https: true,
    contentLength: 0,
    headers: new Headers({ "Content-Type": "text/x-a", "Content-Length": "0" }),
  });
  assert.equal(full["HTTPS"], "on");
  assert.equal(full["REQUEST_SCHEME"], "https");
  assert.equal(full["CONTENT_TYPE"], "text/x-a");
  assert.equal(full["CONTENT_LENGTH"], "0");
  assert.ok(!("HTTP_CONTENT_TYPE" in full) && !("HTTP_CONTENT_LENGTH" in full));
});

Deno.test("metaVariables() names the server from Host, and else from the server", () => {
  const nameOf = (host: string | null, serverPort = 8080, https = false) => {
    const headers = new Headers(host === null ? {} : { Host: host });
    const { SERVER_NAME, SERVER_PORT } = metaVariables({ ...REQUEST, headers, serverPort, https });
    return [SERVER_NAME, SERVER_PORT];
  };
  assert.deepEqual(nameOf(null), ["0.0.0.0", "8080"]);
  assert.deepEqual(nameOf("[::1]:9"), ["[::1]", "8080"]);
  assert.deepEqual(nameOf("edge.example:9", 0), ["edge.example", "9"]);
  assert.deepEqual(nameOf("edge.example", 0), ["edge.example", "80"]);
  assert.deepEqual(nameOf("edge.example", 0, true), ["edge.example", "443"]);
});

Deno.test("metaVariables() turns the other fields into HTTP_ variables", () => {
  const variables = metaVariables({
    ...REQUEST,
    headers: new Headers({ "X-Note": "a, b", "Accept-Language": "de", "Cookie": "a=1; b=2", "x1-2": "3" }),
  });
  assert.equal(variables["HTTP_X_NOTE"], "a, b");
  assert.equal(variables["HTTP_ACCEPT_LANGUAGE"], "de");
  assert.equal(variables["HTTP_COOKIE"], "a=1; b=2");
  assert.equal(variables["HTTP_X1_2"], "3");
});

Deno.test("metaVariables() gives bytes of a field as they came where they are UTF-8", () => {
  const of = (value: string) => metaVariables({ ...REQUEST, headers: new Headers({ "X-A": value }) })["HTTP_X_A"];
  assert.equal(of("\xc3\xa4"), "ä");
  assert.equal(of("\xe4"), "ä"); // ISO-8859-1: no UTF-8, and Deno could not hand the byte on
});

const WITHHELD = [
  "Authorization",
  "Proxy",
  "Proxy-Authorization",
  "Proxy-Connection",
  "Connection",
  "Keep-Alive",
  "TE",
  "Trailer",
  "Transfer-Encoding",
  "Upgrade",
  "X_Forwarded_For",
  "X.Forwarded.For",
  "X~Odd",
];

for (const name of WITHHELD) {
  Deno.test(`metaVariables() does not hand on ${name}`, () => {
    const variables = metaVariables({ ...REQUEST, headers: new Headers({ [name]: "SECRET" }) });
    assert.ok(!JSON.stringify(variables).includes("SECRET"), JSON.stringify(variables));
  });
}

Deno.test("metaVariables() does not hand on what Connection names", () => {
  const headers = new Headers({ "Connection": "close, X-Hop", "X-Hop": "1", "X-End": "2" });
  const variables = metaVariables({ ...REQUEST, headers });
  assert.ok(!("HTTP_X_HOP" in variables));
  assert.equal(variables["HTTP_X_END"], "2");
});

Deno.test("isHopByHop() knows names in any case", () => {
  assert.ok(isHopByHop("Transfer-Encoding"));
  assert.ok(!isHopByHop("Content-Encoding"));
});
