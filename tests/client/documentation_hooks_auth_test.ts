// What the documentation of requests says about hooks and authentication of one's own, sentence by sentence. Where this port
// differs on purpose the test holds it to what it does here, and says so.
import assert from "node:assert/strict";
import {
  AuthBase,
  get,
  type HookOptions,
  HOOKS,
  type HooksInput,
  HTTPBasicAuth,
  HTTPDigestAuth,
  type PreparedRequest,
  Response,
  Session,
} from "../../client/mod.ts";
import { httpbin, type Seen } from "./httpbin.ts";

/** What the hooks of the documentation do, and what they printed. */
function hooks() {
  const printed: string[] = [];
  const called = new WeakSet<Response>();
  return {
    printed,
    printUrl: (r: Response, _options: HookOptions): void => {
      printed.push(r.url);
    },
    // Python sets r.hook_called.
    recordHook: (r: Response, _options: HookOptions): Response => {
      called.add(r);
      return r;
    },
    hookCalled: (r: Response) => called.has(r),
  };
}

// Event Hooks

Deno.test("available hooks: response, the response generated from a Request", async () => {
  assert.deepEqual(HOOKS, ["response"]);
  const hooks: Record<string, unknown> = { request: () => {} };
  await assert.rejects(get("http://127.0.0.1:9/", { hooks: hooks as HooksInput }), {
    name: "RangeError",
    message: /event name "request"; the events are: response/,
  });
});

Deno.test("assign a hook function on a per-request basis by passing {hook_name: callback_function}", async () => {
  await using server = httpbin();
  await using s = new Session();
  const { printed, printUrl } = hooks();
  await s.get(`${server.origin}/get`, { hooks: { response: printUrl } });
  await s.get(`${server.origin}/anything`);
  assert.deepEqual(printed, [`${server.origin}/get`]);
});

Deno.test("that callback_function will receive a chunk of data as its first argument", async () => {
  await using server = httpbin();
  const given: unknown[][] = [];
  const r = await get(server.origin, { timeout: 9, hooks: { response: (...args) => void given.push(args) } });
  // The keyword arguments of Python are one object.
  assert.equal(given.length, 1);
  assert.equal(given[0]![0], r);
  assert.equal((given[0]![1] as HookOptions).timeout, 9);
  assert.equal((given[0]![1] as HookOptions).stream, false);
});

Deno.test("your callback function must handle its own exceptions; any unhandled exception won't be passed silently", async () => {
  await using server = httpbin();
  const problem = new Error("unhandled");
  for (
    const fail of [() => Promise.reject(problem), () => {
      throw problem;
    }]
  ) {
    await assert.rejects(get(server.origin, { hooks: { response: fail } }), (error) => error === problem);
  }
});

Deno.test("if the callback function returns a value, it replaces the data that was passed in", async () => {
  await using server = httpbin();
  const other = new Response({ statusCode: 299, body: new TextEncoder().encode("other") });
  const r = await get(server.origin, { hooks: { response: () => other } });
  assert.equal(r, other);
  assert.equal(r.text, "other");
});

Deno.test("if the function doesn't return anything, nothing else is affected", async () => {
  await using server = httpbin();
  let seen: Response | undefined;
  const r = await get(server.origin, { hooks: { response: (response) => void (seen = response) } });
  assert.equal(r, seen);
  assert.equal(r.statusCode, 200);
});

Deno.test("let's print some request method arguments at runtime", async () => {
  await using server = httpbin();
  const { printed, printUrl } = hooks();
  const r = await get(server.origin, { hooks: { response: printUrl } });
  assert.deepEqual([...printed, String(r)], [`${server.origin}/`, "<Response [200]>"]);
});

Deno.test("let's call two hooks at once", async () => {
  await using server = httpbin();
  const { printed, printUrl, recordHook, hookCalled } = hooks();
  const r = await get(server.origin, { hooks: { response: [printUrl, recordHook] } });
  assert.equal(hookCalled(r), true);
  assert.deepEqual(printed, [`${server.origin}/`]);
});

Deno.test("any hooks you add to a Session will be called on every request made to the session", async () => {
  await using server = httpbin();
  await using s = new Session();
  const { printed, printUrl, recordHook } = hooks();
  s.hooks.response.push(printUrl);
  await s.get(`${server.origin}/a`);
  await s.post(`${server.origin}/b`);
  assert.deepEqual(printed, [`${server.origin}/a`, `${server.origin}/b`]);
  // As in Python, a request with hooks of its own has those alone.
  await s.get(`${server.origin}/c`, { hooks: { response: recordHook } });
  assert.equal(printed.length, 2);
});

Deno.test("a Session can have multiple hooks, which will be called in the order they are added", async () => {
  await using server = httpbin();
  await using s = new Session();
  const order: string[] = [];
  // Each is waited for before the next is called.
  s.hooks.response.push(async () => {
    await Promise.resolve();
    order.push("first");
  });
  s.hooks.response.push(() => void order.push("second"));
  s.hooks.response.push(() => void order.push("third"));
  await s.get(server.origin);
  assert.deepEqual(order, ["first", "second", "third"]);
});

// Custom Authentication

Deno.test("any callable which is passed as the auth argument can modify the request before it is dispatched", async () => {
  await using server = httpbin();
  const auth = (r: PreparedRequest) => {
    r.headers.set("X-Token", `${r.method} ${r.pathUrl}`);
    return r;
  };
  const { headers } = (await get(`${server.origin}/get`, { params: { a: 1 }, auth })).json<Seen>();
  assert.equal(headers["x-token"], "GET /get?a=1");
  const waiting = (r: PreparedRequest) => Promise.resolve(auth(r));
  assert.equal((await get(server.origin, { auth: waiting })).json<Seen>().headers["x-token"], "GET /");
});

Deno.test("authentication implementations are subclasses of AuthBase", () => {
  assert.ok(new HTTPBasicAuth("user", "pass") instanceof AuthBase);
  assert.ok(new HTTPDigestAuth("user", "pass") instanceof AuthBase);
});

Deno.test("Requests provides two common authentication scheme implementations: HTTPBasicAuth", async () => {
  await using server = httpbin();
  const url = `${server.origin}/basic-auth/user/pass`;
  assert.equal((await get(url)).statusCode, 401);
  const r = await get(url, { auth: new HTTPBasicAuth("user", "pass") });
  assert.deepEqual(r.json(), { authenticated: true, user: "user" });
});

Deno.test("Requests provides two common authentication scheme implementations: HTTPDigestAuth", async () => {
  const md5 = async (text: string) => (await import("node:crypto")).createHash("md5").update(text).digest("hex");
  const challenge = 'Digest realm="me@kennethreitz.com", nonce="abc", qop="auth", algorithm=MD5';
  await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const given = request.headers.get("authorization") ?? "";
    const field = (name: string) => new RegExp(`\\b${name}="?([^",]*)`).exec(given)?.[1];
    const [a1, a2] = [await md5("user:me@kennethreitz.com:pass"), await md5("GET:/digest-auth")];
    const wanted = await md5(`${a1}:abc:${field("nc")}:${field("cnonce")}:auth:${a2}`);
    return field("response") === wanted
      ? new globalThis.Response("welcome")
      : new globalThis.Response("", { status: 401, headers: { "www-authenticate": challenge } });
  });
  const url = `http://127.0.0.1:${server.addr.port}/digest-auth`;
  const r = await get(url, { auth: new HTTPDigestAuth("user", "pass") });
  assert.deepEqual([r.statusCode, r.text, r.history.map(({ statusCode }) => statusCode)], [200, "welcome", [401]]);
  assert.equal((await get(url, { auth: new HTTPDigestAuth("user", "wrong") })).statusCode, 401);
});

Deno.test("let's pretend that we have a web service that will only respond if the X-Pizza header is set", async () => {
  /** Attaches HTTP Pizza Authentication to the given Request object. */
  class PizzaAuth extends AuthBase {
    readonly username: string;
    constructor(username: string) {
      super();
      // setup any auth-related data here
      this.username = username;
    }
    override apply(r: PreparedRequest): PreparedRequest {
      // modify and return the request
      r.headers.set("X-Pizza", this.username);
      return r;
    }
  }
  await using server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen() {} },
    ({ headers }) => new globalThis.Response("", { status: headers.get("x-pizza") === "kenneth" ? 200 : 401 }),
  );
  const url = `http://127.0.0.1:${server.addr.port}/admin`;
  assert.equal(String(await get(url, { auth: new PizzaAuth("kenneth") })), "<Response [200]>");
  assert.equal((await get(url)).statusCode, 401);
  await using s = new Session({ auth: new PizzaAuth("kenneth") });
  assert.equal((await s.get(url)).statusCode, 200);
});
