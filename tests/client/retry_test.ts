import assert from "node:assert/strict";
import { parseRetryAfter } from "../../client/_retry_after.ts";
import {
  ConnectionError,
  ConnectTimeout,
  InvalidHeader,
  ReadTimeout,
  RequestException,
  RetryError,
} from "../../client/errors.ts";
import { Retry, type RetryAttempt, type RetryOptions } from "../../client/retry.ts";

const error = new ConnectionError("refused");
const url = "http://localhost/path";
const connect: RetryAttempt = { kind: "connect", method: "GET", url, error };
const read: RetryAttempt = { kind: "read", method: "GET", url, error };
const other: RetryAttempt = { kind: "other", method: "GET", url, error };
const status: RetryAttempt = { kind: "status", method: "GET", url, status: 500 };
const redirect: RetryAttempt = { kind: "redirect", method: "GET", url, status: 302, redirectLocation: "/next" };

Deno.test("Retry() has the defaults of urllib3", () => {
  const retry = new Retry();
  assert.equal(retry.total, 10);
  for (const name of ["connect", "read", "redirect", "status", "other"] as const) assert.equal(retry[name], null);
  assert.deepEqual([...retry.allowedMethods!].sort(), ["DELETE", "GET", "HEAD", "OPTIONS", "PUT", "TRACE"]);
  assert.equal(retry.statusForcelist.size, 0);
  assert.deepEqual([retry.backoffFactor, retry.backoffMax, retry.backoffJitter], [0, 120, 0]);
  assert.deepEqual([retry.raiseOnRedirect, retry.raiseOnStatus, retry.respectRetryAfterHeader], [true, true, true]);
  assert.deepEqual(retry.history, []);
  assert.deepEqual([...retry.removeHeadersOnRedirect].sort(), ["authorization", "cookie", "proxy-authorization"]);
  assert.equal(retry.retryAfterMax, 21600);
});

for (
  const options of [
    { total: 1.5 },
    { total: NaN },
    { total: Infinity },
    { total: "3" },
    { total: true },
    { connect: -0.5 },
    { redirect: "no" },
    { status: false },
    { other: false },
    { backoffFactor: -1 },
    { backoffMax: NaN },
    { backoffJitter: "1" },
    { retryAfterMax: -1 },
  ]
) {
  Deno.test(`Retry() refuses ${Deno.inspect(options)}`, () => {
    const [[name, value]] = Object.entries(options) as [[string, unknown]];
    assert.throws(() => new Retry(options as RetryOptions), {
      name: "RangeError",
      message: new RegExp(`^Retry: ${name} is .* got ${value}$`),
    });
  });
}

for (const options of [{ allowedMethods: "GET" }, { statusForcelist: 500 }, { removeHeadersOnRedirect: "Cookie" }]) {
  Deno.test(`Retry() refuses ${Deno.inspect(options)}`, () => {
    assert.throws(() => new Retry(options as unknown as RetryOptions), TypeError);
  });
}

for (const options of [{ total: false }, { redirect: false }] as const) {
  Deno.test(`Retry(${Deno.inspect(options)}) follows no redirect and does not complain`, () => {
    const retry = new Retry(options);
    assert.equal(retry.redirect, 0);
    assert.equal(retry.raiseOnRedirect, false);
  });
}

Deno.test("Retry.fromInt() makes a Retry of what stands for one", () => {
  const retry = new Retry({ total: 7 });
  assert.equal(Retry.fromInt(retry), retry);
  assert.equal(Retry.fromInt(5).total, 5);
  assert.equal(Retry.fromInt(0).total, 0);
  assert.equal(Retry.fromInt(false).total, false);
  assert.equal(Retry.fromInt(null).total, 3);
  assert.equal(Retry.fromInt(undefined, true, 4).total, 4);
  assert.equal(Retry.fromInt(null, true, retry), retry);
  assert.equal(Retry.fromInt(null, true, false).total, false);
  assert.throws(() => Retry.fromInt(1.5), RangeError);
});

Deno.test("Retry.fromInt() takes redirect for numbers only", () => {
  assert.equal(Retry.fromInt(5).redirect, null);
  assert.equal(Retry.fromInt(5, false).redirect, 0);
  assert.equal(Retry.fromInt(5, false).raiseOnRedirect, false);
  assert.equal(Retry.fromInt(new Retry(), false).redirect, null);
});

Deno.test("Retry.new() keeps every parameter but those that are given", () => {
  const options: Required<RetryOptions> = {
    total: 1,
    connect: 2,
    read: 3,
    redirect: 4,
    status: 5,
    other: 6,
    allowedMethods: new Set(["POST"]),
    statusForcelist: new Set([502]),
    backoffFactor: 0.5,
    backoffMax: 7,
    backoffJitter: 0.25,
    raiseOnRedirect: false,
    raiseOnStatus: false,
    history: [{ method: "GET", url, error: null, status: 502, redirectLocation: null }],
    respectRetryAfterHeader: false,
    removeHeadersOnRedirect: new Set(["x-key"]),
    retryAfterMax: 8,
    random: () => 0,
  };
  const retry = new Retry(options);
  assert.deepEqual({ ...retry.new() }, { ...retry });
  const { random: _, ...visible } = options;
  assert.deepEqual({ ...retry }, visible);
  assert.deepEqual({ ...retry.new({ total: 9 }) }, { ...visible, total: 9 });
});

Deno.test("Retry.increment() gives a Retry of the same class and leaves its own alone", () => {
  class Patient extends Retry {
    override getBackoffTime(): number {
      return 60;
    }
  }
  const retry = new Patient({ total: 1 });
  const next = retry.increment(connect);
  assert(next instanceof Patient);
  assert.equal(next.getSleepTime(), 60);
  assert.equal(next.total, 0);
  assert.equal(retry.total, 1);
  assert.deepEqual(retry.history, []);
});

for (
  const [attempt, name] of [
    [connect, "connect"],
    [read, "read"],
    [other, "other"],
    [status, "status"],
    [redirect, "redirect"],
  ] as const
) {
  Deno.test(`Retry.increment() counts a "${name}" attempt in total and ${name} only`, () => {
    const counts = { total: 5, connect: 5, read: 5, redirect: 5, status: 5, other: 5 };
    const next = new Retry(counts).increment(attempt);
    const { total, connect, read, redirect, status, other } = next;
    assert.deepEqual({ total, connect, read, redirect, status, other }, { ...counts, total: 4, [name]: 4 });
  });

  Deno.test(`Retry.increment() ends where ${name} is used up`, () => {
    const next = new Retry({ total: null, [name]: 1 }).increment(attempt);
    assert.throws(() => next.increment(attempt), attempt.error ?? RetryError);
  });

  Deno.test(`Retry.increment() ends a "${name}" attempt where total is used up`, () => {
    const next = new Retry({ total: 1, [name]: 9 }).increment(attempt);
    assert.throws(() => next.increment(attempt), attempt.error ?? RetryError);
  });

  Deno.test(`Retry.increment() never ends a "${name}" attempt without limits`, () => {
    let retry = new Retry({ total: null });
    for (let count = 0; count < 50; count++) retry = retry.increment(attempt);
    assert.equal(retry.history.length, 50);
    assert.equal(retry.isExhausted(), false);
  });
}

Deno.test("Retry.increment() passes on the very error", () => {
  for (const each of [new ConnectTimeout("slow"), new ReadTimeout("slow"), new Error("any")]) {
    assert.throws(() => new Retry({ total: 0 }).increment({ ...connect, error: each }), each);
  }
});

Deno.test("Retry.increment() passes every error on at total false", () => {
  const retry = new Retry({ total: false, connect: 5, read: 5, other: 5 });
  for (const attempt of [connect, read, other]) assert.throws(() => retry.increment(attempt), error);
});

Deno.test("Retry.increment() ends with a response at total false", () => {
  const retry = new Retry({ total: false });
  assert.throws(() => retry.increment(redirect), /too many redirects/);
  assert.equal(retry.raiseOnRedirect, false);
});

Deno.test("Retry.increment() passes connect and read errors on at false", () => {
  assert.throws(() => new Retry({ connect: false }).increment(connect), error);
  assert.throws(() => new Retry({ read: false }).increment(read), error);
  assert.equal(new Retry({ connect: false }).increment(read).total, 9);
  assert.equal(new Retry({ read: false }).increment(connect).total, 9);
});

Deno.test("Retry.increment() never repeats a POST that the server may have seen", () => {
  const retry = new Retry();
  assert.throws(() => retry.increment({ ...read, method: "POST" }), error);
  assert.throws(() => retry.increment({ ...read, method: "PATCH" }), error);
  assert.throws(() => retry.increment({ ...read, method: null }), error);
});

Deno.test("Retry.increment() repeats a POST that the server has not seen", () => {
  assert.equal(new Retry().increment({ ...connect, method: "POST" }).total, 9);
});

Deno.test("Retry.increment() repeats a POST that is allowed", () => {
  const attempt: RetryAttempt = { ...read, method: "POST" };
  assert.equal(new Retry({ allowedMethods: ["post"] }).increment(attempt).total, 9);
  assert.equal(new Retry({ allowedMethods: null }).increment(attempt).total, 9);
  assert.throws(() => new Retry({ allowedMethods: [] }).increment({ ...read, method: "GET" }), error);
});

Deno.test("Retry.increment() takes a method in small letters", () => {
  assert.equal(new Retry().increment({ ...read, method: "get" }).total, 9);
});

for (
  const [attempt, reason] of [
    [status, "too many 500 error responses"],
    [{ ...status, status: 429 }, "too many 429 error responses"],
    [{ ...status, status: null }, "too many error responses"],
    [redirect, "too many redirects"],
  ] as const
) {
  Deno.test(`Retry.increment() throws RetryError: ${reason}`, () => {
    assert.throws(() => new Retry({ total: 0 }).increment(attempt), (thrown) => {
      assert(thrown instanceof RetryError && thrown instanceof RequestException);
      assert.equal(thrown.message, `Max retries exceeded with url: ${url} (Caused by ResponseError('${reason}'))`);
      assert.equal((thrown.cause as Error).message, reason);
      return true;
    });
  });
}

for (
  const [given, shown] of [
    ["http://user:s3cret@localhost/a@b", "http://localhost/a@b"],
    ["//user:s3cret@localhost/", "//localhost/"],
    ["http://user:s3@cret@localhost/", "http://localhost/"],
    ["/path?to=a@b", "/path?to=a@b"],
    ["http://localhost/?next=http://a@b/", "http://localhost/?next=http://a@b/"],
    [null, "null"],
  ] as const
) {
  Deno.test(`Retry.increment() shows ${given} without credentials`, () => {
    assert.throws(() => new Retry({ total: 0 }).increment({ ...status, url: given }), {
      message: `Max retries exceeded with url: ${shown} (Caused by ResponseError('too many 500 error responses'))`,
    });
  });
}

Deno.test("Retry.increment() refuses an attempt that contradicts itself", () => {
  assert.throws(() => new Retry().increment({ kind: "connect" }), TypeError);
  assert.throws(() => new Retry().increment({ ...status, error }), TypeError);
});

Deno.test("Retry.increment() adds to the history", () => {
  assert.deepEqual(new Retry().increment(connect).increment(status).increment(redirect).history, [
    { method: "GET", url, error, status: null, redirectLocation: null },
    { method: "GET", url, error: null, status: 500, redirectLocation: null },
    { method: "GET", url, error: null, status: 302, redirectLocation: "/next" },
  ]);
});

/** Attempts by their first letter. */
const ATTEMPTS: Record<string, RetryAttempt> = { c: connect, r: read, s: status, R: redirect };
const after = (attempts: string, options: RetryOptions): Retry =>
  [...attempts].reduce((retry, letter) => retry.increment(ATTEMPTS[letter]!), new Retry({ total: null, ...options }));

for (
  const [attempts, seconds] of [
    ["", 0],
    ["c", 0],
    ["cc", 0.2],
    ["csr", 0.4],
    ["cccc", 0.8],
    ["ccccccc", 6.4],
    ["cccccccc", 10],
    ["cccR", 0],
    ["cccRs", 0],
    ["cccRss", 0.2],
    ["RRR", 0],
    ["RcRcc", 0.2],
  ] as const
) {
  Deno.test(`Retry.getBackoffTime() is ${seconds} after "${attempts}"`, () => {
    assert.equal(after(attempts, { backoffFactor: 0.1, backoffMax: 10 }).getBackoffTime(), seconds);
  });
}

Deno.test("Retry.getBackoffTime() takes a redirect without a location for a redirect", () => {
  const { redirectLocation: _, ...bare } = redirect;
  assert.equal(after("ccc", { backoffFactor: 1 }).increment(bare).getBackoffTime(), 0);
});

Deno.test("Retry.getBackoffTime() adds jitter, within the maximum", () => {
  const options = { backoffFactor: 1, backoffMax: 5, backoffJitter: 2, random: () => 0.25 };
  assert.equal(after("c", options).getBackoffTime(), 0);
  assert.equal(after("cc", options).getBackoffTime(), 2.5);
  assert.equal(after("ccc", options).getBackoffTime(), 4.5);
  assert.equal(after("cccc", options).getBackoffTime(), 5);
});

Deno.test("Retry.getBackoffTime() draws the jitter from 0 up to backoffJitter by default", () => {
  const retry = after("cc", { backoffFactor: 1, backoffJitter: 3 });
  const times = Array.from({ length: 200 }, () => retry.getBackoffTime());
  assert(times.every((time) => time >= 2 && time < 5));
  assert(new Set(times).size > 1);
});

const DATE = 2014879777; // Sun, 06 Nov 2033 08:49:37 GMT
const NOW = DATE - 1000;

for (
  const [value, seconds] of [
    ["0", 0],
    ["120", 120],
    [" 5 ", 5],
    ["007", 7],
    ["Sun, 06 Nov 2033 08:49:37 GMT", 1000],
    ["Sunday, 06-Nov-33 08:49:37 GMT", 1000],
    ["Sun Nov  6 08:49:37 2033", 1000],
    ["sun, 6 nov 2033 08:49:37 gmt", 1000],
    ["06 Nov 2033 08:49:37 GMT", 1000],
    ["Sun, 06 Nov 2033 08:49:37", 1000],
    ["Sun, 06 Nov 2033 08:49:37 -0000", 1000],
    ["Sun, 06 Nov 2033 09:49:37 +0100", 1000],
    ["Sun, 06 Nov 2033 05:19:37 -0330", 1000],
    ["Sun, 06 Nov 2033 08:49:37 +0100", 0],
    ["Sun, 06 Nov 1994 08:49:37 GMT", 0],
    ["Sunday, 06-Nov-94 08:49:37 GMT", 0],
    ["", null],
    ["-5", null],
    ["1.5", null],
    ["5s", null],
    ["soon", null],
    ["2033-11-06T08:49:37Z", null],
    ["Sun, 31 Feb 2033 08:49:37 GMT", null],
    ["Sun, 06 Foo 2033 08:49:37 GMT", null],
    ["Sun, 06 Nov 2033 24:49:37 GMT", null],
    ["Sun, 06 Nov 2033", null],
  ] as const
) {
  Deno.test(`parseRetryAfter() reads "${value}"`, () => assert.equal(parseRetryAfter(value, NOW), seconds));
}

Deno.test("Retry.parseRetryAfter() gives seconds, at most retryAfterMax", () => {
  const retry = new Retry();
  assert.equal(retry.parseRetryAfter("120"), 120);
  assert.equal(retry.parseRetryAfter("99999999999999999999"), 21600);
  assert.equal(retry.parseRetryAfter("Sun, 06 Nov 2033 08:49:37 GMT", 0), 21600);
  assert.equal(new Retry({ retryAfterMax: 10 }).parseRetryAfter("11"), 10);
  assert.equal(new Retry({ retryAfterMax: 0 }).parseRetryAfter("11"), 0);
});

Deno.test("Retry.parseRetryAfter() looks at the clock", () => {
  const inAnHour = new Date(Date.now() + 3600_000).toUTCString();
  const seconds = new Retry().parseRetryAfter(inAnHour);
  assert(seconds > 3500 && seconds <= 3600);
});

Deno.test("Retry.parseRetryAfter() refuses what is neither number nor date", () => {
  assert.throws(() => new Retry().parseRetryAfter("soon"), (thrown) => {
    assert(thrown instanceof InvalidHeader);
    assert.match(thrown.message, /^Invalid Retry-After header: soon/);
    return true;
  });
});

Deno.test("Retry.getRetryAfter() reads the field in any case", () => {
  const retry = new Retry();
  assert.equal(retry.getRetryAfter(new Headers({ "Retry-After": "7" })), 7);
  assert.equal(retry.getRetryAfter(new Headers()), null);
  assert.equal(retry.getRetryAfter(new Headers({ "retry-after": "Sun, 06 Nov 2033 08:49:37 GMT" }), NOW), 1000);
  assert.throws(() => retry.getRetryAfter(new Headers({ "retry-after": "x" })), InvalidHeader);
});

Deno.test("Retry.getSleepTime() takes Retry-After before backoff", () => {
  const retry = after("cc", { backoffFactor: 1 });
  assert.equal(retry.getSleepTime(), 2);
  assert.equal(retry.getSleepTime(new Headers()), 2);
  assert.equal(retry.getSleepTime(new Headers({ "retry-after": "7" })), 7);
  assert.equal(retry.getSleepTime(new Headers({ "retry-after": "0" })), 2);
  assert.equal(retry.getSleepTime(new Headers({ "retry-after": "Sun, 06 Nov 2033 08:49:37 GMT" }), NOW), 1000);
});

Deno.test("Retry.getSleepTime() does not read a Retry-After that is not respected", () => {
  const retry = after("cc", { backoffFactor: 1, respectRetryAfterHeader: false });
  assert.equal(retry.getSleepTime(new Headers({ "retry-after": "7" })), 2);
  assert.equal(retry.getSleepTime(new Headers({ "retry-after": "nonsense" })), 2);
});

for (
  const [options, method, statusCode, hasRetryAfter, isRetry] of [
    [{}, "GET", 500, false, false],
    [{}, "GET", 503, false, false],
    [{}, "GET", 503, true, true],
    [{}, "get", 429, true, true],
    [{}, "GET", 413, true, true],
    [{}, "GET", 500, true, false],
    [{}, "GET", 200, true, false],
    [{}, "POST", 503, true, false],
    [{ allowedMethods: null }, "POST", 503, true, true],
    [{ allowedMethods: [] }, "GET", 503, true, false],
    [{ total: 0 }, "GET", 503, true, false],
    [{ total: null }, "GET", 503, true, false],
    [{ total: false }, "GET", 503, true, false],
    [{ respectRetryAfterHeader: false }, "GET", 503, true, false],
    [{ statusForcelist: [500] }, "GET", 500, false, true],
    [{ statusForcelist: [500] }, "GET", 502, false, false],
    [{ statusForcelist: [500] }, "POST", 500, false, false],
    [{ statusForcelist: [500], allowedMethods: ["POST"] }, "POST", 500, false, true],
    [{ statusForcelist: [500], total: 0 }, "GET", 500, false, true],
    [{ statusForcelist: new Set([404]) }, "GET", 404, false, true],
  ] as [RetryOptions, string, number, boolean, boolean][]
) {
  Deno.test(`Retry(${Deno.inspect(options)}).isRetry("${method}", ${statusCode}, ${hasRetryAfter})`, () => {
    assert.equal(new Retry(options).isRetry(method, statusCode, hasRetryAfter), isRetry);
  });
}

for (
  const [options, isExhausted] of [
    [{}, false],
    [{ total: 0 }, false],
    [{ total: -1 }, true],
    [{ total: null, connect: -1 }, true],
    [{ total: null, read: -1 }, true],
    [{ total: null, redirect: -1 }, true],
    [{ total: null, status: -1 }, true],
    [{ total: null, other: -1 }, true],
    [{ total: null }, false],
    [{ total: false, connect: false, read: false }, false],
    [{ total: 5, connect: 0 }, false],
  ] as [RetryOptions, boolean][]
) {
  Deno.test(`Retry(${Deno.inspect(options)}).isExhausted() is ${isExhausted}`, () => {
    assert.equal(new Retry(options).isExhausted(), isExhausted);
  });
}
