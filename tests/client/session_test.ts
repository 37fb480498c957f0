import assert from "node:assert/strict";
import { BaseAdapter } from "../../client/adapter.ts";
import type { AuthBase } from "../../client/auth.ts";
import { HTTPBasicAuth } from "../../client/auth.ts";
import {
  ChunkedEncodingError,
  ConnectionError,
  ContentDecodingError,
  InvalidSchema,
  InvalidURL,
  MissingSchema,
  TooManyRedirects,
  UnrewindableBodyError,
  URLRequired,
} from "../../client/errors.ts";
import { PreparedRequest, Request } from "../../client/request.ts";
import { Response } from "../../client/response.ts";
import { defaultHeaders, defaultUserAgent, Session } from "../../client/session.ts";
import type { SessionOptions } from "../../client/session_options.ts";
import { VERSION } from "../../version.ts";
import { type Answer, FakeAdapter, type Sent } from "./fake_adapter.ts";

const URL_A = "http://a.test/";

/** A session whose every request goes to a fake adapter; afterwards no body may be left open. */
async function withSession(
  answer: ((sent: Sent, index: number) => Answer | Promise<Answer>) | readonly Answer[],
  run: (session: Session, adapter: FakeAdapter) => Promise<void>,
  options: SessionOptions = {},
): Promise<void> {
  const adapter = new FakeAdapter(answer);
  const adapters = { "http://": adapter, "https://": adapter };
  await using session = new Session({ trustEnv: false, adapters, ...options });
  await run(session, adapter);
  assert.equal(adapter.open, 0, "a body was left open");
}

const redirect = (location: string, status = 302, body = "moved"): Answer => ({ status, headers: { location }, body });

/** Set in the process that runs the tests which change the environment. */
const ALONE_VARIABLE = "HTTPKIT_TEST_ALONE";
const ALONE_PREFIX = "with an environment of its own: ";

/** Registers a test that changes the environment. All test files share one, so it runs in a process of its own. */
function testAlone(name: string, run: () => Promise<void>): void {
  if (Deno.env.has(ALONE_VARIABLE)) Deno.test(ALONE_PREFIX + name, run);
}

if (!Deno.env.has(ALONE_VARIABLE)) {
  Deno.test("Session heeds the environment: all tests that change it pass in a process of their own", async () => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--no-check", "--filter", ALONE_PREFIX, new URL(import.meta.url).pathname],
      env: { [ALONE_VARIABLE]: "1", NO_COLOR: "1" },
      stdin: "null",
    }).output();
    const decoder = new TextDecoder();
    const text = decoder.decode(stdout) + decoder.decode(stderr);
    assert.ok(success, text);
    assert.match(text, /ok \| [1-9]\d* passed/, "the filter has found them");
  });
}

/** Sets environment variables for the time of a function. */
async function withEnvironment(variables: Record<string, string>, run: () => Promise<void>): Promise<void> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    await run();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("Session has the defaults of requests", async () => {
  await using session = new Session();
  assert.deepEqual([...session.headers], [
    ["User-Agent", `httpkit/${VERSION}`],
    ["Accept-Encoding", "gzip, deflate, br, zstd"],
    ["Accept", "*/*"],
    ["Connection", "keep-alive"],
  ]);
  assert.equal(session.auth, null);
  assert.deepEqual(session.proxies, {});
  assert.deepEqual(session.hooks, { response: [] });
  assert.deepEqual(session.params, {});
  assert.equal(session.stream, false);
  assert.equal(session.verify, true);
  assert.equal(session.cert, null);
  assert.equal(session.maxRedirects, 30);
  assert.equal(session.trustEnv, true);
  assert.equal(session.cookies.size, 0);
  assert.equal(session.timeout, null);
  assert.equal(session.baseUrl, null);
  assert.deepEqual([...session.adapters.keys()], ["https://", "http://"]);
});

Deno.test("Session lays the headers of its options over the default ones", async () => {
  await using session = new Session({ headers: { "user-agent": "mine", accept: null, "X-One": "1" } });
  assert.deepEqual([...session.headers.keys()], ["user-agent", "Accept-Encoding", "Connection", "X-One"]);
});

Deno.test("defaultHeaders() gives a new object each time", () => {
  defaultHeaders().set("Accept", "text/html");
  assert.equal(defaultHeaders().get("Accept"), "*/*");
  assert.equal(defaultUserAgent("mine"), `mine/${VERSION}`);
});

Deno.test("Session copies headers and hooks that are assigned, and keeps a jar", async () => {
  await using session = new Session();
  const headers = { A: "1" };
  session.headers = headers;
  session.headers.set("B", "2");
  assert.deepEqual(headers, { A: "1" });
  assert.deepEqual([...session.headers], [["A", "1"], ["B", "2"]]);

  const hook = () => {};
  session.hooks = { response: hook };
  assert.deepEqual(session.hooks, { response: [hook] });

  session.cookies = { a: "1" };
  const jar = session.cookies;
  session.cookies = jar;
  assert.equal(session.cookies, jar);
  assert.equal(jar.get("a"), "1");
});

Deno.test("Session.prepareRequest() merges headers, params, cookies, hooks and auth", async () => {
  const sessionHook = () => {};
  await using session = new Session({
    trustEnv: false,
    headers: { "X-One": "1", "X-Two": "2" },
    params: { a: 1, b: 2 },
    cookies: { s: "1", both: "session" },
    hooks: { response: sessionHook },
    auth: ["user", "pass"],
  });
  const prepared = session.prepareRequest(
    new Request("post", "http://a.test/?q=0#f", {
      headers: { "x-one": null, "x-two": "3" },
      params: { b: 9 },
      cookies: { r: "2", both: "request" },
      json: { k: "v" },
    }),
  );
  assert.equal(prepared.method, "POST");
  assert.equal(prepared.url, "http://a.test/?q=0&a=1&b=9#f");
  assert.equal(prepared.headers.has("X-One"), false);
  assert.equal(prepared.headers.get("X-Two"), "3");
  assert.equal(prepared.headers.get("Cookie"), "s=1; both=request; r=2");
  assert.equal(prepared.headers.get("Authorization"), "Basic dXNlcjpwYXNz");
  assert.deepEqual(prepared.hooks.response, [sessionHook]);
  assert.deepEqual(session.cookies.getDict(), { s: "1", both: "session" });
});

Deno.test("Session.prepareRequest() lets the request's hooks replace those of the session", async () => {
  await using session = new Session({ hooks: { response: () => {} } });
  const own = () => {};
  const prepared = session.prepareRequest(new Request("GET", URL_A, { hooks: { response: own } }));
  assert.deepEqual(prepared.hooks.response, [own]);
});

Deno.test("Session reads its settings when a request is made", async () => {
  await withSession(() => ({}), async (session, adapter) => {
    session.headers.set("X-Mode", "1");
    await session.get(URL_A);
    session.headers.set("x-mode", "2");
    session.params = { p: 1 };
    await session.get(URL_A);
    assert.deepEqual(adapter.sent.map(({ headers, url }) => [headers["x-mode"], url]), [
      ["1", "http://a.test/"],
      ["2", "http://a.test/?p=1"],
    ]);
  });
});

const slow = { apply: (request: PreparedRequest) => Promise.resolve(request) } satisfies AuthBase;

Deno.test("Session.prepareRequest() throws for authentication that has to wait", async () => {
  await using session = new Session();
  assert.throws(() => session.prepareRequest(new Request("GET", URL_A, { auth: slow })), TypeError);
});

Deno.test("Session.request() waits for authentication", async () => {
  await withSession(() => ({}), async (session, adapter) => {
    await session.get(URL_A, {
      auth: async (request) => {
        await Promise.resolve();
        request.headers.set("Authorization", "Bearer late");
        return request;
      },
    });
    assert.equal(adapter.sent[0]!.headers["authorization"], "Bearer late");
  });
});

Deno.test("Session.request() asks a subclass that overrides prepareRequestAsync()", async () => {
  class Signing extends Session {
    override async prepareRequestAsync(request: Request): Promise<PreparedRequest> {
      const prepared = await super.prepareRequestAsync(request);
      prepared.headers.set("X-Signature", "1");
      return prepared;
    }
  }
  const adapter = new FakeAdapter([{}]);
  await using session = new Signing();
  session.mount("http://", adapter);
  await session.get(URL_A);
  assert.equal(adapter.sent[0]!.headers["x-signature"], "1");
});

Deno.test("Session.request() asks a subclass that overrides prepareRequest()", async () => {
  class Stamped extends Session {
    override prepareRequest(request: Request): PreparedRequest {
      const prepared = super.prepareRequest(request);
      prepared.headers.set("X-Stamp", "s");
      return prepared;
    }
  }
  const adapter = new FakeAdapter([{}]);
  await using session = new Stamped({ adapters: { "http://": adapter } });
  await session.get(URL_A);
  assert.equal(adapter.sent[0]!.headers["x-stamp"], "s");
});

for (const verb of ["get", "options", "post", "put", "patch", "delete"] as const) {
  Deno.test(`Session.${verb}() sends its method and follows redirects`, async () => {
    await withSession([redirect("/b", 307), { body: "b" }], async (session, adapter) => {
      const response = await session[verb](URL_A);
      assert.equal(response.url, "http://a.test/b");
      assert.deepEqual(adapter.sent.map(({ method }) => method), [verb.toUpperCase(), verb.toUpperCase()]);
    });
  });
}

Deno.test("Session.head() follows redirects only when told to", async () => {
  await withSession([redirect("/b"), redirect("/b"), {}], async (session) => {
    assert.equal((await session.head(URL_A)).statusCode, 302);
    assert.equal((await session.head(URL_A, { allowRedirects: true })).statusCode, 200);
  });
});

Deno.test("Session.request() follows redirects of HEAD", async () => {
  await withSession([redirect("/b"), {}], async (session, adapter) => {
    await session.request("head", URL_A);
    assert.deepEqual(adapter.sent.map(({ method }) => method), ["HEAD", "HEAD"]);
  });
});

Deno.test("Session.send() refuses a request that is not prepared", async () => {
  await using session = new Session();
  const request = new Request("GET", URL_A) as unknown as PreparedRequest;
  await assert.rejects(() => session.send(request), { name: "TypeError", message: /only send PreparedRequests/ });
  await assert.rejects(() => session.send(null as unknown as PreparedRequest), TypeError);
});

Deno.test("Session.send() refuses a request without a URL", async () => {
  await using session = new Session();
  await assert.rejects(() => session.send(new PreparedRequest()), URLRequired);
});

Deno.test("Session.request() refuses a URL without a scheme, and one without an adapter", async () => {
  await using session = new Session();
  await assert.rejects(() => session.get("a.test/"), MissingSchema);
  await assert.rejects(() => session.get("localhost:8080/a"), (error) => {
    assert(error instanceof InvalidSchema);
    assert.equal(error.message, "No connection adapters were found for 'localhost:8080/a'");
    assert.equal(error.request?.url, "localhost:8080/a");
    return true;
  });
});

Deno.test("Session.send() puts the request into an error that has none", async () => {
  const fail = (): never => {
    throw new ConnectionError("refused");
  };
  await withSession(fail, async (session) => {
    await assert.rejects(() => session.get(URL_A), (error) => {
      assert(error instanceof ConnectionError);
      assert.equal(error.request?.url, URL_A);
      assert.equal(error.response, null);
      return true;
    });
  });
});

Deno.test("Session.send() reads the body unless it is streamed", async () => {
  await withSession(() => ({ body: ["a", "b"] }), async (session, adapter) => {
    const response = await session.get(URL_A);
    assert.equal(response.text, "ab");
    assert.equal(adapter.open, 0);

    const streamed = await session.get(URL_A, { stream: true });
    assert.throws(() => streamed.content, /await response.read\(\)/);
    assert.equal(adapter.open, 1);
    assert.equal(new TextDecoder().decode(await streamed.read()), "ab");

    session.stream = true;
    await using another = await session.get(URL_A);
    assert.throws(() => another.content, /await response.read\(\)/);
  });
});

Deno.test("Session.send() sets elapsed of each response", async () => {
  await withSession([redirect("/b"), {}], async (session) => {
    const response = await session.get(URL_A);
    assert(response.elapsed > 0);
    assert(response.history[0]!.elapsed > 0);
  });
});

Deno.test("Session.send() takes what is missing from the session", async () => {
  await withSession(() => ({}), async (session, adapter) => {
    const request = session.prepareRequest(new Request("GET", URL_A));
    await session.send(request);
    const { signal } = new AbortController();
    await session.send(request, { timeout: null, verify: true, cert: null, proxies: {}, stream: false, signal });
    const expected = { stream: false, timeout: 7, verify: false, cert: "c.pem", proxies: { http: "http://p.test" } };
    assert.deepEqual(adapter.sent[0]!.options, { ...expected, trustEnv: false });
    assert.deepEqual(adapter.sent[1]!.options, {
      stream: false,
      timeout: null,
      verify: true,
      cert: null,
      proxies: {},
      trustEnv: false,
      signal,
    });
  }, { timeout: 7, verify: false, cert: "c.pem", proxies: { http: "http://p.test" } });
});

Deno.test("Session.request() lets null remove timeout, certificate and credentials of the session", async () => {
  await withSession(() => ({}), async (session, adapter) => {
    await session.get(URL_A, { timeout: null, cert: null, auth: null });
    const { options, headers } = adapter.sent[0]!;
    assert.equal(options.timeout, null);
    assert.equal(options.cert, null);
    assert.equal(headers["authorization"], undefined);
  }, { timeout: 7, cert: "c.pem", auth: ["user", "pass"] });
});

Deno.test("Session.request() gives the session's timeout to each hop", async () => {
  await withSession([redirect("/b"), {}], async (session, adapter) => {
    await session.get(URL_A);
    assert.deepEqual(adapter.sent.map(({ options }) => options.timeout), [[1, 2], [1, 2]]);
  }, { timeout: [1, 2] });
});

// Hooks.

Deno.test("Session.send() calls hooks in order with each hop and how it was sent", async () => {
  await withSession([redirect("/b"), {}], async (session) => {
    const seen: unknown[] = [];
    session.hooks.response.push(
      (response, options) => void seen.push(["one", response.statusCode, options.timeout, options.verify]),
      async (response) => {
        await Promise.resolve();
        seen.push(["two", response.statusCode]);
      },
    );
    await session.get(URL_A, { timeout: 3 });
    assert.deepEqual(seen, [["one", 302, 3, true], ["two", 302], ["one", 200, 3, true], ["two", 200]]);
  });
});

Deno.test("Session.send() takes the response that a hook returns, and closes the other", async () => {
  for (const stream of [false, true]) {
    await withSession([{ body: "old" }], async (session, adapter) => {
      const replacement = new Response({ statusCode: 201, body: new TextEncoder().encode("new") });
      const response = await session.get(URL_A, { stream, hooks: { response: () => replacement } });
      assert.equal(response, replacement);
      assert.equal(adapter.open, 0);
    });
  }
});

Deno.test("Session.send() lets a hook pass the body on in a response of its own", async () => {
  for (const stream of [false, true]) {
    await withSession([{ body: ["a", "b"] }], async (session) => {
      const hook = (old: Response) => new Response({ statusCode: 200, body: upperCase(old.raw!) });
      const response = await session.get(URL_A, { stream, hooks: { response: hook } });
      assert.equal(new TextDecoder().decode(await response.read()), "AB");
    });
  }
});

function upperCase(stream: ReadableStream<Uint8Array<ArrayBuffer>>): ReadableStream<Uint8Array<ArrayBuffer>> {
  return stream.pipeThrough(
    new TransformStream({
      transform(chunk, controller) {
        controller.enqueue(chunk.map((byte) => byte - 0x20));
      },
    }),
  );
}

Deno.test("Session.send() leaves nothing open when a hook throws", async () => {
  const failing = () => {
    throw new RangeError("from the hook");
  };
  const replacing = () => new Response({ statusCode: 200, body: new Uint8Array() });
  for (const response of [failing, [replacing, failing], [() => {}, failing]]) {
    for (const stream of [false, true]) {
      await withSession(() => ({ body: "x" }), async (session) => {
        await assert.rejects(() => session.get(URL_A, { stream, hooks: { response } }), /from the hook/);
      });
    }
  }
});

Deno.test("Session.send() leaves nothing open when a hook throws at a hop", async () => {
  await withSession([redirect("/b"), { body: "x" }], async (session) => {
    const hook = ({ statusCode }: Response) => {
      if (statusCode === 200) throw new RangeError("from the hook");
    };
    await assert.rejects(() => session.get(URL_A, { stream: true, hooks: { response: hook } }), /from the hook/);
  });
});

Deno.test("Session.send() leaves nothing open when a step that is overridden throws", async () => {
  const steps = ["getRedirectTarget", "rebuildMethod", "rebuildAuth", "rebuildProxies"] as const;
  for (const step of steps) {
    await withSession([redirect("/b"), { body: "x" }], async (session) => {
      session[step] = () => {
        throw new RangeError(`from ${step}`);
      };
      for (const allowRedirects of [true, false]) {
        const get = () => session.get(URL_A, { stream: true, allowRedirects });
        await assert.rejects(get, new RegExp(`from ${step}`));
        if (allowRedirects) break;
      }
    });
  }
});

Deno.test("Session.send() leaves nothing open when the body breaks", async () => {
  await withSession([{ body: ["a", new ConnectionError("broken")] }], async (session) => {
    await assert.rejects(() => session.get(URL_A), (error) => {
      assert(error instanceof ConnectionError);
      assert.equal(error.request?.url, URL_A);
      return true;
    });
  });
});

// Signals.

Deno.test("Session.send() sends nothing for a signal that is aborted", async () => {
  await withSession([], async (session, adapter) => {
    const reason = new Error("no more");
    await assert.rejects(() => session.get(URL_A, { signal: AbortSignal.abort(reason) }), reason);
    assert.equal(adapter.sent.length, 0);
  });
});

Deno.test("Session.send() leaves nothing open when the signal is aborted on the way", async () => {
  const reason = new Error("no more");
  for (const stream of [false, true]) {
    for (const where of ["adapter", "hook", "hop"]) {
      const controller = new AbortController();
      const answer = (_: Sent, index: number): Answer => {
        if (where === "adapter" || (where === "hop" && index === 1)) controller.abort(reason);
        return where === "hop" && index === 0 ? redirect("/b") : { body: "x" };
      };
      await withSession(answer, async (session) => {
        const hooks = { response: () => where === "hook" ? controller.abort(reason) : undefined };
        await assert.rejects(() => session.get(URL_A, { stream, hooks, signal: controller.signal }), reason);
      });
    }
  }
});

Deno.test("Session.send() gives up a body that does not end when the signal is aborted", async () => {
  const reason = new Error("no more");
  for (const status of [200, 302]) {
    const controller = new AbortController();
    const endless: Answer = { ...redirect("/b", status), body: ["x", new Promise<string>(() => {})] };
    await withSession([endless], async (session) => {
      const hooks = { response: () => queueMicrotask(() => controller.abort(reason)) };
      await assert.rejects(() => session.get(URL_A, { hooks, signal: controller.signal }), reason);
    });
  }
});

Deno.test("Session.send() listens to the signal no longer than the body takes", async () => {
  await withSession(() => ({ body: "x" }), async (session) => {
    const { signal } = new AbortController();
    let listeners = 0;
    const { addEventListener, removeEventListener } = EventTarget.prototype;
    signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      listeners++;
      addEventListener.apply(signal, args);
    };
    signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      listeners--;
      removeEventListener.apply(signal, args);
    };
    await session.get(URL_A, { signal });
    assert.equal(listeners, 0);
  });
});

// Cookies.

Deno.test("Session.send() keeps the cookies of each hop and sends them with the next", async () => {
  const answers: Answer[] = [
    { status: 302, headers: [["Location", "/b"], ["Set-Cookie", "hop=1; Path=/"], ["Set-Cookie", "old=; Max-Age=0"]] },
    { headers: { "set-cookie": "end=2" } },
    {},
  ];
  await withSession(answers, async (session, adapter) => {
    session.cookies.set("old", "0", { domain: "a.test", path: "/" });
    const response = await session.get(URL_A, { cookies: { own: "3" } });
    await session.get(URL_A);
    assert.deepEqual(adapter.sent.map(({ headers }) => headers["cookie"]), [
      "old=0; own=3",
      "hop=1; own=3",
      "hop=1; end=2",
    ]);
    assert.deepEqual(response.cookies.getDict(), { end: "2" });
    assert.deepEqual(session.cookies.getDict(), { hop: "1", end: "2" });
  });
});

Deno.test("Session.send() lets a request's cookie hide that of the session at each hop, and not afterwards", async () => {
  await withSession([redirect("/b"), {}, {}], async (session, adapter) => {
    await session.get(URL_A, { cookies: { a: "request" } });
    await session.get(URL_A);
    assert.deepEqual(adapter.sent.map(({ headers }) => headers["cookie"]), ["a=request", "a=request", "a=session"]);
  }, { cookies: { a: "session" } });
});

Deno.test("Session.request() lets null hide a cookie of the session", async () => {
  await withSession(() => ({}), async (session, adapter) => {
    await session.get(URL_A, { cookies: { a: null } });
    assert.equal(adapter.sent[0]!.headers["cookie"], "b=2");
    assert.deepEqual(session.cookies.getDict(), { a: "1", b: "2" });
  }, { cookies: { a: "1", b: "2" } });
});

Deno.test("Session.send() drops a Cookie header of the caller's own on a redirect", async () => {
  await withSession([redirect("/b"), {}], async (session, adapter) => {
    await session.get(URL_A, { headers: { Cookie: "mine=1" } });
    assert.deepEqual(adapter.sent.map(({ headers }) => headers["cookie"]), ["mine=1", "jar=1"]);
  }, { cookies: { jar: "1" } });
});

// Redirects.

Deno.test("Session.resolveRedirects() keeps a history of each hop without the hop itself", async () => {
  await withSession([redirect("/1", 301), redirect("/2", 302, "two"), redirect("/3", 307), {}], async (session) => {
    const response = await session.get("http://a.test/0");
    assert.deepEqual(response.history.map(({ statusCode }) => statusCode), [301, 302, 307]);
    assert.deepEqual(response.history.map(({ url }) => url), ["http://a.test/0", "http://a.test/1", "http://a.test/2"]);
    assert.equal(response.history[1]!.text, "two");
    for (const [index, hop] of response.history.entries()) {
      assert.deepEqual(hop.history, response.history.slice(0, index));
    }
    assert.deepEqual(response.history.map(({ request }) => request?.url), response.history.map(({ url }) => url));
  });
});

Deno.test("Session.send() without redirects has an empty history", async () => {
  await withSession([{}], async (session) => assert.deepEqual((await session.get(URL_A)).history, []));
});

for (const [maxRedirects, sent] of [[0, 1], [2, 3]] as const) {
  Deno.test(`Session.send() throws TooManyRedirects after ${maxRedirects}`, async () => {
    await withSession(() => redirect("/loop"), async (session, adapter) => {
      await assert.rejects(() => session.get("http://a.test/loop", { stream: true }), (error) => {
        assert(error instanceof TooManyRedirects);
        assert.equal(error.message, `Exceeded ${maxRedirects} redirects.`);
        assert.equal(error.response?.statusCode, 302);
        assert.equal(error.response?.history.length, maxRedirects);
        assert.equal(error.request?.url, "http://a.test/loop");
        return true;
      });
      assert.equal(adapter.sent.length, sent);
    }, { maxRedirects });
  });
}

Deno.test("Session.send() follows as many redirects as allowed", async () => {
  await withSession([redirect("/1"), redirect("/2"), {}], async (session) => {
    assert.equal((await session.get(URL_A)).history.length, 2);
  }, { maxRedirects: 2 });
});

const METHODS: readonly (readonly [status: number, method: string, next: string, body: string | null])[] = [
  [301, "POST", "GET", null],
  [302, "POST", "GET", null],
  [303, "POST", "GET", null],
  [307, "POST", "POST", "a=1"],
  [308, "POST", "POST", "a=1"],
  [301, "PUT", "PUT", "a=1"],
  [302, "PUT", "GET", null],
  [303, "DELETE", "GET", null],
  [307, "PATCH", "PATCH", "a=1"],
];

for (const [status, method, next, body] of METHODS) {
  Deno.test(`Session.send() makes ${next} ${body ? "with" : "without"} body of ${method} after ${status}`, async () => {
    await withSession([redirect("/b", status), {}], async (session, adapter) => {
      await session.request(method, URL_A, { data: { a: "1" } });
      const { headers, ...sent } = adapter.sent[1]!;
      assert.equal(sent.method, next);
      assert.equal(sent.body, body);
      assert.equal(headers["content-length"], body === null ? undefined : "3");
      assert.equal(headers["content-type"], body === null ? undefined : "application/x-www-form-urlencoded");
      assert.equal(headers["transfer-encoding"], undefined);
    });
  });
}

Deno.test("Session.send() sends a replayable stream again, and refuses one that is not", async () => {
  await withSession(() => redirect("/b", 307), async (session, adapter) => {
    session.maxRedirects = 1;
    await assert.rejects(() => session.put(URL_A, { data: new Blob(["twice"]) }), TooManyRedirects);
    assert.deepEqual(adapter.sent.map(({ body }) => body), ["twice", "twice"]);
    await assert.rejects(() => session.put(URL_A, { data: new Blob(["once"]).stream() }), (error) => {
      assert(error instanceof UnrewindableBodyError);
      assert.equal(error.response?.statusCode, 307);
      return true;
    });
    assert.equal(adapter.sent.length, 3);
  });
});

Deno.test("Session.send() forgets a stream that a redirect does not need", async () => {
  await withSession([redirect("/b", 303), {}], async (session, adapter) => {
    await session.post(URL_A, { data: new Blob(["once"]).stream() });
    assert.deepEqual(adapter.sent.map(({ method, body }) => [method, body]), [["POST", "once"], ["GET", null]]);
    assert.equal(adapter.sent[1]!.headers["transfer-encoding"], undefined);
  });
});

const TARGETS: readonly (readonly [from: string, location: string, url: string])[] = [
  ["http://a.test/b/c?d#e", "f", "http://a.test/b/f#e"],
  ["http://a.test/b", "//c.test/d", "http://c.test/d"],
  ["http://a.test/b#e", "/f#g", "http://a.test/f#g"],
  ["http://a.test/b", "HTTP://A.test/f g", "http://a.test/f%20g"],
  ["http://a.test/b", "http://user:pass@c.test/", "http://user:pass@c.test/"],
];

for (const [from, location, url] of TARGETS) {
  Deno.test(`Session.send() goes from ${from} by ${location} to ${url}`, async () => {
    await withSession([redirect(location), {}], async (session, adapter) => {
      assert.equal((await session.get(from)).url, url);
      assert.equal(adapter.sent[1]!.headers["authorization"], undefined);
    });
  });
}

Deno.test("Session.send() does not follow 300, 304, a missing or an empty Location", async () => {
  const answers: Answer[] = [redirect("/b", 300), redirect("/b", 304), { status: 302 }, redirect("")];
  await withSession(answers, async (session, adapter) => {
    for (let index = 0; index < 4; index++) assert.deepEqual((await session.get(URL_A)).history, []);
    assert.equal(adapter.sent.length, 4);
  });
});

Deno.test("Session.send() refuses a redirect to another scheme, or to no URL", async () => {
  await withSession([redirect("gopher://a.test/"), redirect("http://a.test:99999/")], async (session) => {
    await assert.rejects(() => session.get(URL_A), InvalidSchema);
    await assert.rejects(() => session.get(URL_A), InvalidURL);
  });
});

for (const damage of [new ContentDecodingError("no gzip"), new ChunkedEncodingError("cut off")]) {
  Deno.test(`Session.send() goes on after a redirect whose body ends in a ${damage.name}`, async () => {
    for (const stream of [false, true]) {
      const broken: Answer = { ...redirect("/b"), body: ["x", damage] };
      await withSession([broken, broken, {}], async (session) => {
        await using response = await session.get(URL_A, { stream });
        assert.equal(response.statusCode, 200);
      });
    }
  });
}

Deno.test("Session.send() fails when the connection breaks in the body of a redirect", async () => {
  await withSession([{ ...redirect("/b"), body: ["x", new ConnectionError("broken")] }], async (session, adapter) => {
    await assert.rejects(() => session.get(URL_A), ConnectionError);
    assert.equal(adapter.sent.length, 1);
  });
});

Deno.test("Session.send() without redirects offers the next request, which can be sent", async () => {
  await withSession([redirect("/b?c", 302, "here"), redirect("/d", 307), {}], async (session, adapter) => {
    const first = await session.post(URL_A, { data: "x", allowRedirects: false });
    assert.equal(first.text, "here");
    assert.deepEqual(first.history, []);
    assert.equal(first.next?.method, "GET");
    assert.equal(first.next?.url, "http://a.test/b?c");
    assert.equal(first.next?.body, null);
    const second = await session.send(first.next!, { allowRedirects: false });
    assert.equal(second.next?.url, "http://a.test/d");
    assert.equal((await session.send(second.next!)).next, null);
    assert.equal(adapter.sent.length, 3);
  });
});

Deno.test("Session.send() without redirects leaves a streamed body alone", async () => {
  await withSession([redirect("/b", 302, "here")], async (session) => {
    await using response = await session.get(URL_A, { stream: true, allowRedirects: false });
    assert.equal(response.next?.url, "http://a.test/b");
    assert.equal(new TextDecoder().decode(await response.read()), "here");
  });
});

Deno.test("Session.send() without redirects ignores the limit, and a Location that is no URL", async () => {
  await withSession([redirect("/b"), redirect("http://[")], async (session) => {
    assert.equal((await session.get(URL_A, { allowRedirects: false })).next?.url, "http://a.test/b");
    assert.equal((await session.get(URL_A, { allowRedirects: false })).next, null);
  }, { maxRedirects: 0 });
});

Deno.test("Session.resolveRedirects() can be walked by hand, with bodies half read", async () => {
  await withSession([redirect("/1", 302, "first"), redirect("/2", 302, "second"), { body: "end" }], async (session) => {
    const first = await session.get(URL_A, { stream: true, allowRedirects: false });
    await first.iterContent(2).next();
    const walk = session.resolveRedirects(first, first.request!, { stream: true });
    const second = (await walk.next()).value!;
    assert.equal(second.url, "http://a.test/1");
    for await (const _ of second.iterContent(null)) { /* read to its end */ }
    const third = (await walk.next()).value!;
    assert.equal(new TextDecoder().decode(await third.read()), "end");
    assert.equal((await walk.next()).done, true);
  });
});

Deno.test("Session.resolveRedirects() gives the next request with yieldRequests, and ends", async () => {
  await withSession([redirect("/b", 302, "x")], async (session, adapter) => {
    await using response = await session.get(URL_A, { stream: true, allowRedirects: false });
    const requests: PreparedRequest[] = [];
    for await (const next of session.resolveRedirects(response, response.request!, { yieldRequests: true })) {
      requests.push(next);
    }
    assert.deepEqual(requests.map(({ url }) => url), ["http://a.test/b"]);
    assert.equal(adapter.sent.length, 1);
  });
});

Deno.test("Session.resolveRedirects() asks the steps that a subclass overrides", async () => {
  class Own extends Session {
    override getRedirectTarget(response: Response): string | null {
      return response.statusCode === 200 && response.url.endsWith("/first") ? "/second" : null;
    }
    override rebuildMethod(prepared: PreparedRequest): void {
      prepared.method = "PURGE";
    }
    override shouldStripAuth(): boolean {
      return true;
    }
  }
  const adapter = new FakeAdapter([{}, {}]);
  await using session = new Own({ trustEnv: false, adapters: { "http://": adapter } });
  const response = await session.get("http://a.test/first", { headers: { Authorization: "Bearer t" } });
  assert.equal(response.url, "http://a.test/second");
  assert.equal(adapter.sent[1]!.method, "PURGE");
  assert.equal(adapter.sent[1]!.headers["authorization"], undefined);
});

Deno.test("Session.resolveRedirects() asks the adapter for each hop", async () => {
  const a = new FakeAdapter([redirect("http://b.test/")]);
  const b = new FakeAdapter([{ body: "b" }]);
  await using session = new Session({ trustEnv: false, adapters: { "http://a.test/": a, "http://b.test/": b } });
  assert.equal((await session.get(URL_A)).text, "b");
});

const SECRETS = {
  "Authorization": "Bearer t",
  "Proxy-Authorization": "Basic cA==",
  "Cookie": "c=1",
  "Host": "other.test",
  "X-Api-Key": "k",
  "X-Trace": "7",
};

const STRIPPED: readonly (readonly [location: string, kept: readonly string[]])[] = [
  ["/b", ["authorization", "host", "x-api-key", "x-trace"]],
  ["https://a.test/b", ["authorization", "host", "x-api-key", "x-trace"]],
  ["http://a.test:80/b", ["authorization", "host", "x-api-key", "x-trace"]],
  ["http://a.test:81/b", ["x-trace"]],
  ["https://a.test:8443/b", ["x-trace"]],
  ["http://b.test/", ["x-trace"]],
];

for (const [location, kept] of STRIPPED) {
  Deno.test(`Session.rebuildAuth() keeps ${kept.join(", ")} from ${URL_A} to ${location}`, async () => {
    await withSession([redirect(location), {}], async (session, adapter) => {
      await session.get(URL_A, { headers: SECRETS });
      const names = Object.keys(SECRETS).map((name) => name.toLowerCase());
      const sent = adapter.sent[1]!.headers;
      assert.deepEqual(names.filter((name) => sent[name] !== undefined), kept);
    }, { sensitiveHeaders: ["x-api-key"] });
  });
}

Deno.test("Session.rebuildAuth() drops credentials on the way from https to http", async () => {
  await withSession([redirect("http://a.test/"), {}], async (session, adapter) => {
    await session.get("https://a.test/", { auth: ["user", "pass"] });
    assert.equal(adapter.sent[0]!.headers["authorization"], "Basic dXNlcjpwYXNz");
    assert.equal(adapter.sent[1]!.headers["authorization"], undefined);
  });
});

// Credentials.

async function withNetrc(run: () => Promise<void>): Promise<void> {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(path, "machine a.test login ann password pw\nmachine b.test login bob password pw\n");
    await withEnvironment({ NETRC: path }, run);
  } finally {
    await Deno.remove(path);
  }
}

const BASIC_ANN = "Basic YW5uOnB3";
const BASIC_BOB = "Basic Ym9iOnB3";

testAlone("Session takes credentials from a netrc file where nothing else gives any", async () => {
  await withNetrc(async () => {
    await withSession(() => ({}), async (session, adapter) => {
      session.trustEnv = true;
      await session.get(URL_A);
      await session.get(URL_A, { headers: { authorization: "Bearer t" } });
      await session.get("http://url:userinfo@a.test/");
      await session.get(URL_A, { auth: ["own", "pair"] });
      await session.get(URL_A, { auth: null });
      await session.get(URL_A, { auth: (request) => request });
      session.trustEnv = false;
      await session.get(URL_A);
      session.trustEnv = true;
      session.auth = ["session", "pair"];
      await session.get(URL_A);
      assert.deepEqual(adapter.sent.map(({ headers }) => headers["authorization"]), [
        BASIC_ANN,
        "Bearer t",
        `Basic ${btoa("url:userinfo")}`,
        `Basic ${btoa("own:pair")}`,
        undefined,
        undefined,
        undefined,
        `Basic ${btoa("session:pair")}`,
      ]);
    });
  });
});

testAlone("Session.rebuildAuth() asks the netrc file again for another host", async () => {
  await withNetrc(async () => {
    await withSession(
      [redirect("/b"), redirect("http://b.test/"), redirect("http://c.test/"), {}],
      async (session, adapter) => {
        session.trustEnv = true;
        await session.get(URL_A);
        assert.deepEqual(adapter.sent.map(({ headers }) => headers["authorization"]), [
          BASIC_ANN,
          BASIC_ANN,
          BASIC_BOB,
          undefined,
        ]);
      },
    );
  });
});

testAlone("Session.rebuildAuth() adds no credentials to a request that is to have none", async () => {
  await withNetrc(async () => {
    await withSession([redirect("http://b.test/"), redirect(URL_A), {}], async (session, adapter) => {
      session.trustEnv = true;
      await session.get(URL_A, { auth: null });
      assert.deepEqual(adapter.sent.map(({ headers }) => headers["authorization"]), [undefined, undefined, undefined]);
    });
  });
});

// Proxies and certificates.

const PROXY_ORDER: readonly (readonly [
  name: string,
  request: Record<string, string | null> | undefined,
  session: Record<string, string | null>,
  expected: string | undefined | null,
])[] = [
  ["the environment", undefined, {}, "http://env.test"],
  ["the session before the environment", undefined, { http: "http://s.test" }, "http://s.test"],
  ["the request before the session", { http: "http://r.test" }, { http: "http://s.test" }, "http://r.test"],
  ["the request's all before the session's http", { all: "http://r.test" }, { http: "http://s.test" }, "http://r.test"],
  ["none for null of the request", { http: null }, { http: "http://s.test" }, null],
  ["none for null of the session", undefined, { http: null }, null],
  ["the environment for keys of other hosts", { "http://b.test": "http://r.test" }, {}, "http://env.test"],
];

for (const [name, request, session, expected] of PROXY_ORDER) {
  testAlone(`Session.mergeEnvironmentSettings() takes as proxy ${name}`, async () => {
    await withEnvironment({ http_proxy: "http://env.test", no_proxy: "" }, async () => {
      await using own = new Session({ proxies: session });
      const { proxies } = own.mergeEnvironmentSettings(URL_A, { proxies: request });
      assert.equal(proxies["http://a.test"] ?? proxies["http"] ?? proxies["all"] ?? null, expected);
    });
  });
}

testAlone("Session asks for the proxies of each hop anew", async () => {
  const variables = { http_proxy: "http://env.test", https_proxy: "http://secure.test", no_proxy: "b.test" };
  await withEnvironment(variables, async () => {
    const answers = [redirect("http://b.test/"), redirect("https://c.test/"), redirect("http://d.test/"), {}];
    await withSession(answers, async (session, adapter) => {
      await session.get(URL_A, { proxies: { "http://d.test": "http://r.test" } });
      const used = adapter.sent.map(({ url, options }) => {
        const proxies = options.proxies!;
        const { protocol, host } = new URL(url!);
        return proxies[`${protocol}//${host}`] ?? proxies[protocol.slice(0, -1)] ?? null;
      });
      assert.deepEqual(used, ["http://env.test", null, "http://secure.test", "http://r.test"]);
    }, { trustEnv: true });
  });
});

testAlone("Session.send() takes the proxies it is given as they are", async () => {
  await withEnvironment({ http_proxy: "http://env.test", no_proxy: "" }, async () => {
    await withSession(() => ({}), async (session, adapter) => {
      const request = session.prepareRequest(new Request("GET", URL_A));
      await session.send(request, { proxies: {} });
      await session.send(request);
      assert.deepEqual(adapter.sent.map(({ options }) => options.proxies), [{}, { http: "http://env.test" }]);
    }, { trustEnv: true });
  });
});

testAlone("Session.mergeEnvironmentSettings() lets REQUESTS_CA_BUNDLE count only where verify is true", async () => {
  const path = await Deno.makeTempFile();
  const cases = [
    [{ REQUESTS_CA_BUNDLE: path, CURL_CA_BUNDLE: "other" }, true, undefined, true, path],
    [{ REQUESTS_CA_BUNDLE: "", CURL_CA_BUNDLE: path }, true, undefined, true, path],
    [{ REQUESTS_CA_BUNDLE: path, CURL_CA_BUNDLE: "" }, false, undefined, true, false],
    [{ REQUESTS_CA_BUNDLE: path, CURL_CA_BUNDLE: "" }, true, "own.pem", true, "own.pem"],
    [{ REQUESTS_CA_BUNDLE: path, CURL_CA_BUNDLE: "" }, "session.pem", undefined, true, "session.pem"],
    [{ REQUESTS_CA_BUNDLE: path, CURL_CA_BUNDLE: "" }, false, true, true, path],
    [{ REQUESTS_CA_BUNDLE: path, CURL_CA_BUNDLE: "" }, true, undefined, false, true],
    [{ REQUESTS_CA_BUNDLE: "", CURL_CA_BUNDLE: "" }, true, undefined, true, true],
  ] as const;
  try {
    for (const [variables, sessionVerify, verify, trustEnv, expected] of cases) {
      await withEnvironment(variables, async () => {
        await using session = new Session({ verify: sessionVerify, trustEnv });
        assert.equal(session.mergeEnvironmentSettings("https://a.test/", { verify }).verify, expected);
      });
    }
  } finally {
    await Deno.remove(path);
  }
});

Deno.test({
  name: "Session looks at no environment that it may not read",
  permissions: { env: false, read: false, net: false },
  fn: async () => {
    await withSession([{}], async (session, adapter) => {
      await session.get(URL_A);
      assert.deepEqual(adapter.sent[0]!.options, {
        stream: false,
        timeout: null,
        verify: true,
        cert: null,
        proxies: {},
        trustEnv: true,
      });
    }, { trustEnv: true });
  },
});

// Base URL and adapters.

Deno.test("Session lays URLs on its baseUrl", async () => {
  await withSession(() => ({}), async (session, adapter) => {
    await session.get("items", { params: { q: 1 } });
    await session.get(new TextEncoder().encode("/items"));
    await session.get("");
    session.baseUrl = new URL("http://b.test");
    await session.get("items");
    assert.deepEqual(adapter.sent.map(({ url }) => url), [
      "http://a.test/v1/items?q=1",
      "http://a.test/v1/items",
      "http://a.test/v1",
      "http://b.test/items",
    ]);
    await assert.rejects(() => session.get("//evil.test/"), InvalidURL);
    await assert.rejects(() => session.get("http://evil.test/"), InvalidURL);
    assert.equal(adapter.sent.length, 4);
  }, { baseUrl: "http://a.test/v1" });
});

Deno.test("Session.getAdapter() takes the longest prefix", async () => {
  const [all, host, path] = [new FakeAdapter([]), new FakeAdapter([]), new FakeAdapter([])];
  await using session = new Session();
  session.mount("http://a.test", host);
  session.mount("http://", all);
  session.mount("http://a.test/api/", path);
  assert.equal(session.getAdapter("http://a.test/api/x"), path);
  assert.equal(session.getAdapter("http://a.test/x"), host);
  assert.equal(session.getAdapter("http://a.test.evil.test/"), all);
  assert(session.getAdapter("https://a.test/") instanceof BaseAdapter);
});

Deno.test("Session.getAdapter() names no credentials in its error", async () => {
  await using session = new Session();
  assert.throws(() => session.getAdapter("ftp://ann:hunter2@a.test/"), (error) => {
    assert(error instanceof InvalidSchema);
    assert(!error.message.includes("hunter2"));
    return true;
  });
});

Deno.test("Session.close() closes each adapter once, also when one fails", async () => {
  const [one, two] = [new FakeAdapter([]), new FakeAdapter([])];
  const session = new Session();
  session.mount("http://", one);
  session.mount("http://a.test/", one);
  session.mount("https://", two);
  one.close = () => {
    one.closed++;
    throw new Error("cannot close");
  };
  await assert.rejects(() => session.close(), /cannot close/);
  assert.deepEqual([one.closed, two.closed], [1, 1]);
});

Deno.test("Session closes its adapters by using and by await using", async () => {
  const adapter = new FakeAdapter([]);
  const adapters = { "http://": adapter };
  {
    using _session = new Session({ adapters });
  }
  assert.equal(adapter.closed, 1);
  {
    await using _session = new Session({ adapters });
  }
  assert.equal(adapter.closed, 2);
});

Deno.test("Session.toJSON() and fromJSON() keep settings and cookies", async () => {
  await using session = new Session({
    headers: { "X-One": "1", "X-Bytes": Uint8Array.of(0xe9), Accept: null },
    auth: new HTTPBasicAuth("user", "pass"),
    params: { a: [1, 2], b: null },
    proxies: { https: null },
    cookies: { c: "1" },
    verify: "ca.pem",
    cert: ["c.pem", "k.pem"],
    maxRedirects: 3,
    trustEnv: false,
    baseUrl: new URL("http://a.test/v1"),
    timeout: [1, null],
    sensitiveHeaders: ["X-Api-Key"],
    stream: true,
  });
  const text = JSON.stringify(session);
  await using copy = Session.fromJSON(JSON.parse(text));
  assert.equal(JSON.stringify(copy), text);
  assert.deepEqual(copy.auth, ["user", "pass"]);
  assert.equal(copy.headers.has("accept"), false);
  const prepared = (from: Session) => from.prepareRequest(new Request("GET", "x")).toJSON();
  assert.deepEqual(prepared(copy), prepared(session));
  assert.equal(prepared(copy).url, "http://a.test/v1/x?a=1&a=2");
});

Deno.test("Session.toJSON() leaves out credentials that have no JSON form", async () => {
  await using session = new Session();
  for (const auth of [slow, null, (request: PreparedRequest) => request, [Uint8Array.of(1), "p"] as const]) {
    session.auth = auth;
    assert.equal(session.toJSON().auth, null);
  }
  session.params = new TextEncoder().encode("raw=1");
  assert.equal(session.toJSON().params, "raw=1");
});
