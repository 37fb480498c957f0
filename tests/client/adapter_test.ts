import assert from "node:assert/strict";
import { BaseAdapter, checkTimeout } from "../../client/adapter.ts";
import type { PreparedRequest } from "../../client/request.ts";
import type { Response } from "../../client/response.ts";

for (
  const [timeout, connect, read] of [
    [null, null, null],
    [undefined, null, null],
    [5, 5, 5],
    [0.5, 0.5, 0.5],
    [Infinity, null, null],
    [[3.05, 27], 3.05, 27],
    [[null, 1], null, 1],
    [[1, null], 1, null],
    [[null, null], null, null],
  ] as const
) {
  Deno.test(`checkTimeout() reads ${JSON.stringify(timeout)} (${String(timeout)})`, () => {
    assert.deepEqual(checkTimeout(timeout), { connect, read });
  });
}

for (
  const [timeout, message] of [
    [
      0,
      "Attempted to set connect timeout to 0, but the timeout cannot be set to a value less than or equal to 0.",
    ],
    [
      -1,
      "Attempted to set connect timeout to -1, but the timeout cannot be set to a value less than or equal to 0.",
    ],
    [
      [1, 0],
      "Attempted to set read timeout to 0, but the timeout cannot be set to a value less than or equal to 0.",
    ],
    [NaN, "Timeout value connect was NaN, but it must be an int, float or None."],
    ["5", "Timeout value connect was 5, but it must be an int, float or None."],
    [[1, "x"], "Timeout value read was x, but it must be an int, float or None."],
    [true, "Timeout cannot be a boolean value. It must be an int, float or None."],
    [
      [1],
      "Invalid timeout (1). Pass a (connect, read) timeout tuple, or a single float to set both timeouts to the same value.",
    ],
    [
      [1, 2, 3],
      "Invalid timeout (1, 2, 3). Pass a (connect, read) timeout tuple, or a single float to set both timeouts to the same value.",
    ],
  ] as const
) {
  Deno.test(`checkTimeout() refuses ${JSON.stringify(timeout)} (${String(timeout)})`, () => {
    assert.throws(() => checkTimeout(timeout), { name: "RangeError", message });
  });
}

Deno.test("BaseAdapter can be extended", () => {
  class Closed extends BaseAdapter {
    closed = false;
    override send(_request: PreparedRequest): Promise<Response> {
      return Promise.reject(new Error("nobody there"));
    }
    override close(): void {
      this.closed = true;
    }
  }
  const adapter = new Closed();
  adapter.close();
  assert.ok(adapter.closed);
});
