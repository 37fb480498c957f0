import assert from "node:assert/strict";
import { WireConnection } from "../../../client/wire/connection.ts";
import { ConnectionPool, type ConnectionPoolOptions } from "../../../client/wire/pool.ts";
import { FakeTransport } from "./fake_transport.ts";

function open(options: Partial<ConnectionPoolOptions> = {}): ConnectionPool & Disposable {
  const pool = new ConnectionPool({ keys: 2, maxsize: 2, block: false, idleTimeout: null, ...options });
  return Object.assign(pool, { [Symbol.dispose]: () => pool.close() });
}

const make = () => new WireConnection(new FakeTransport());
const transportOf = (connection: WireConnection) => connection.transport as FakeTransport;

/** Lets everything run that is ready to. */
const turn = () => new Promise((resolve) => setTimeout(resolve, 0));

Deno.test("take() gives the connection that was used last, of this key alone", () => {
  using pool = open();
  const [first, second] = [make(), make()];
  pool.put("a", first, pool.era);
  pool.put("a", second, pool.era);
  assert.equal(pool.take("b"), null);
  assert.equal(pool.take("a"), second);
  assert.equal(pool.take("a"), first);
  assert.equal(pool.take("a"), null);
  for (const connection of [first, second]) connection.close();
});

Deno.test("put() closes what is too much: for a key, and the key not used for longest", () => {
  using pool = open();
  const connections = [make(), make(), make()];
  for (const connection of connections) pool.put("a", connection, pool.era);
  assert.deepEqual(connections.map(({ closed }) => closed), [false, false, true]);
  pool.put("b", make(), pool.era);
  pool.put("c", make(), pool.era);
  assert.deepEqual(connections.map(({ closed }) => closed), [true, true, true]);
  assert.equal(pool.take("a"), null);
});

Deno.test("put() closes what was opened before the pool was closed, and what is closed already", () => {
  using pool = open();
  const { era } = pool;
  pool.close();
  const old = make();
  pool.put("a", old, era);
  assert.ok(old.closed);
  const broken = make();
  broken.close();
  pool.put("a", broken, pool.era);
  assert.equal(pool.take("a"), null);
});

for (const [name, bytes] of [["closes", null], ["sends what nobody asked for on", "HTTP/1.1 408 X\r\n"]] as const) {
  Deno.test(`take() does not give a connection that the server ${name}`, async () => {
    using pool = open();
    const connection = make();
    pool.put("a", connection, pool.era);
    transportOf(connection).arrive(bytes);
    await turn();
    assert.equal(pool.take("a"), null);
    assert.ok(transportOf(connection).closed);
  });
}

Deno.test("an idle connection does not keep the program running, one in use does", () => {
  using pool = open();
  const connection = make();
  pool.put("a", connection, pool.era);
  assert.equal(transportOf(connection).isReferenced, false);
  pool.take("a");
  assert.equal(transportOf(connection).isReferenced, true);
  connection.close();
});

Deno.test("a connection that was idle for the limit is closed, be it asked for or not", async () => {
  using pool = open({ idleTimeout: 0.02 });
  const [asked, forgotten] = [make(), make()];
  pool.put("a", asked, pool.era);
  await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(pool.take("a"), null);
  pool.put("b", forgotten, pool.era);
  // The pool's own timer does not keep the program running.
  const closed = new Promise<void>((resolve) => {
    const running = setInterval(() => {}, 1000);
    transportOf(forgotten).close = () => {
      clearInterval(running);
      resolve();
    };
  });
  await closed;
  assert.ok(asked.closed);
});

Deno.test("acquire() limits how many connections of a key are in use, if the pool blocks", async () => {
  using free = open();
  assert.equal(free.acquire("a", undefined), undefined);
  using pool = open({ block: true, maxsize: 1 });
  const release = await pool.acquire("a", undefined)!;
  let got = false;
  const second = pool.acquire("a", undefined)!.then((release) => {
    got = true;
    return release;
  });
  await (await pool.acquire("b", undefined)!)();
  await turn();
  assert.equal(got, false);
  release();
  (await second)();
});
