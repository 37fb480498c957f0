import assert from "node:assert/strict";
import { ConnectTimeout, JSONDecodeError, RequestException } from "../../../client/mod.ts";
import { adaptResult, nameError, testClasses } from "./error_names.ts";

class Homemade extends RequestException {}

Deno.test("nameError() names what the client exports, and tells anything else apart", () => {
  const refused = "TypeError or RangeError";
  assert.equal(nameError(new ConnectTimeout("late")), "ConnectTimeout");
  assert.equal(nameError(new JSONDecodeError("bad", "{", 0)), "JSONDecodeError");
  assert.equal(nameError(new TypeError("x")), refused);
  assert.equal(nameError(new RangeError("x")), refused);
  assert.equal(nameError(new Homemade("own")), "Homemade: own");
  assert.equal(nameError(new Error("plain")), "Error: plain");
  assert.equal(nameError("text"), "not an error: string");
});

Deno.test("testClasses() asks instanceof, and leaves classes out that there are not", () => {
  const names = ["ConnectTimeout", "Timeout", "ConnectionError", "ReadTimeout", "ValueError", "get"];
  assert.deepEqual(testClasses(new ConnectTimeout("late"), names), {
    ConnectTimeout: true,
    Timeout: true,
    ConnectionError: true,
    ReadTimeout: false,
  });
});

Deno.test("adaptResult() brings names of errors into the terms of this language", () => {
  const refused = "TypeError or RangeError";
  const result = {
    error: "ValueError",
    error_is: { InvalidURL: true, ValueError: true },
    then: [{ error: "TypeError" }, { error: "HTTPError", message: "m" }, ["ValueError"], null],
    text: "ValueError",
  };
  assert.deepEqual(adaptResult(result), {
    error: refused,
    error_is: { InvalidURL: true },
    then: [{ error: refused }, { error: "HTTPError", message: "m" }, ["ValueError"], null],
    text: "ValueError",
  });
  assert.deepEqual(adaptResult({ status_code: 200 }), { status_code: 200 });
});
