import assert from "node:assert/strict";
import {
  defaultHooks,
  deregisterHook,
  dispatchHook,
  type HookOptions,
  HOOKS,
  type HooksInput,
  mergeHooks,
  registerHook,
  type ResponseHook,
  toHooks,
} from "../../client/hooks.ts";
import type { Response } from "../../client/response.ts";

// Stand-ins: hooks are handed responses and never looked into.
const response = (statusCode: number): Response => ({ statusCode }) as Response;
const first: ResponseHook = () => {};
const second: ResponseHook = () => {};

Deno.test("HOOKS are the events of defaultHooks()", () => {
  assert.deepEqual([...HOOKS], ["response"]);
  assert.deepEqual(defaultHooks(), { response: [] });
});

Deno.test("defaultHooks() gives new lists every time", () => {
  defaultHooks().response.push(first);
  assert.deepEqual(defaultHooks(), { response: [] });
});

for (
  const [what, input, hooks] of [
    ["nothing", undefined, []],
    ["null", null, []],
    ["an empty object", {}, []],
    ["a list of null", { response: null }, []],
    ["a function", { response: first }, [first]],
    ["a list", { response: [first, second] }, [first, second]],
    ["a Set", { response: new Set([second, first]) }, [second, first]],
  ] as [string, HooksInput, ResponseHook[]][]
) Deno.test(`toHooks() takes ${what}`, () => assert.deepEqual(toHooks(input), { response: hooks }));

Deno.test("toHooks() gives lists of its own", () => {
  const input = { response: [first] };
  toHooks(input).response.push(second);
  assert.deepEqual(input, { response: [first] });
});

const UNSUPPORTED = { name: "RangeError", message: /^Unsupported event specified, with event name "request"/ };

Deno.test("every function refuses an event that there is not", async () => {
  const hooks = defaultHooks();
  assert.throws(() => toHooks({ request: first } as HooksInput), UNSUPPORTED);
  assert.throws(() => toHooks({ request: null } as HooksInput), UNSUPPORTED);
  assert.throws(() => registerHook(hooks, "request", first), UNSUPPORTED);
  assert.throws(() => deregisterHook(hooks, "request", first), UNSUPPORTED);
  await assert.rejects(dispatchHook("request", hooks, response(200), {}), UNSUPPORTED);
  assert.throws(() => registerHook(hooks, "constructor", first), RangeError);
});

for (
  const [what, bad] of [["a string", "log"], ["an object", {}], ["null in a list", [first, null]], ["false", false]]
) {
  Deno.test(`registerHook() refuses ${what} and adds nothing`, () => {
    const hooks = defaultHooks();
    assert.throws(() => registerHook(hooks, "response", bad as unknown as ResponseHook), {
      name: "TypeError",
      message: /A hook is a function/,
    });
    assert.deepEqual(hooks, { response: [] });
  });
}

Deno.test("registerHook() adds one hook or several at the end", () => {
  const hooks = defaultHooks();
  registerHook(hooks, "response", first);
  registerHook(hooks, "response", [second, first]);
  assert.deepEqual(hooks.response, [first, second, first]);
});

Deno.test("deregisterHook() is true, then false", () => {
  const hooks = { response: [first, second] };
  assert.equal(deregisterHook(hooks, "response", first), true);
  assert.equal(deregisterHook(hooks, "response", first), false);
  assert.deepEqual(hooks.response, [second]);
});

Deno.test("dispatchHook() gives the response back without hooks", async () => {
  const given = response(200);
  for (const hooks of [null, undefined, {}, defaultHooks()]) {
    assert.equal(await dispatchHook("response", hooks, given, {}), given);
  }
});

Deno.test("dispatchHook() hands each hook what the hook before it returned", async () => {
  const seen: number[] = [];
  const hooks: HooksInput = {
    response: [
      (r) => {
        seen.push(r.statusCode);
        return response(201);
      },
      (r) => {
        seen.push(r.statusCode);
      },
      (r) => {
        seen.push(r.statusCode);
        return null;
      },
      (r) => {
        seen.push(r.statusCode);
        return Promise.resolve(response(202));
      },
      async (r) => {
        await Promise.resolve();
        seen.push(r.statusCode);
      },
    ],
  };
  assert.equal((await dispatchHook("response", hooks, response(200), {})).statusCode, 202);
  assert.deepEqual(seen, [200, 201, 201, 201, 202]);
});

Deno.test("dispatchHook() waits for a hook before it calls the next one", async () => {
  const log: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = dispatchHook(
    "response",
    {
      response: [
        async () => {
          log.push("first begins");
          await promise;
          log.push("first ends");
        },
        () => {
          log.push("second");
        },
      ],
    },
    response(200),
    {},
  );
  assert.deepEqual(log, ["first begins"]);
  resolve();
  await done;
  assert.deepEqual(log, ["first begins", "first ends", "second"]);
});

Deno.test("dispatchHook() hands on how the request was sent", async () => {
  const options: HookOptions = { stream: true, timeout: [3.05, null], verify: "/roots.pem", cert: null, proxies: {} };
  let got: HookOptions | undefined;
  await dispatchHook("response", { response: (_, given) => void (got = given) }, response(200), options);
  assert.equal(got, options);
});

Deno.test("dispatchHook() passes on what a hook throws and calls no other", async () => {
  const error = new Error("oops");
  let called = false;
  const hooks: HooksInput = {
    response: [() => {
      throw error;
    }, () => {
      called = true;
    }],
  };
  await assert.rejects(dispatchHook("response", hooks, response(200), {}), error);
  assert.equal(called, false);
});

Deno.test("dispatchHook() refuses what is not a response", async () => {
  const hooks = { response: () => 3 } as unknown as HooksInput;
  await assert.rejects(dispatchHook("response", hooks, response(200), {}), {
    name: "TypeError",
    message: "A response hook returned a number; return a Response, or nothing to keep it",
  });
});

Deno.test("dispatchHook() does not call a hook that is added meanwhile", async () => {
  const hooks = defaultHooks();
  let calls = 0;
  const again: ResponseHook = () => {
    calls++;
    hooks.response.push(again);
  };
  hooks.response.push(again);
  await dispatchHook("response", hooks, response(200), {});
  assert.equal(calls, 1);
  assert.equal(hooks.response.length, 2);
});

for (
  const [what, own, shared, merged] of [
    ["those of the session where the request has none", { response: [] }, { response: [first] }, [first]],
    ["those of the session where the request gives null", null, { response: first }, [first]],
    ["those of the request where the session has none", { response: [first] }, { response: [] }, [first]],
    ["those of the request where both have some", { response: [first] }, { response: [second] }, [first]],
    ["nothing where both have none", {}, undefined, []],
  ] as [string, HooksInput, HooksInput, ResponseHook[]][]
) {
  Deno.test(`mergeHooks() takes ${what}`, () => {
    assert.deepEqual(mergeHooks(own, shared), { response: merged });
  });
}

Deno.test("mergeHooks() does not hand out the lists of the session", () => {
  const session = { response: [first] };
  mergeHooks(null, session).response.push(second);
  assert.deepEqual(session.response, [first]);
});
