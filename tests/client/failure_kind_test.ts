import assert from "node:assert/strict";
import { failureKind, markUnsent } from "../../client/_failure_kind.ts";
import {
  ChunkedEncodingError,
  ConnectionError,
  ConnectTimeout,
  InvalidHeader,
  NotSupportedError,
  ProxyError,
  ReadTimeout,
  SSLError,
} from "../../client/errors.ts";

Deno.test("failureKind() tells a limit for connecting from one for reading", () => {
  assert.equal(failureKind(new ConnectTimeout()), "connect");
  assert.equal(failureKind(new ReadTimeout()), "read");
});

Deno.test("failureKind() takes a request for sent, unless markUnsent() says otherwise", () => {
  for (const Class of [ConnectionError, ProxyError]) {
    const [sent, unsent] = [new Class("broke"), new Class("refused")];
    markUnsent(unsent);
    assert.equal(failureKind(sent), "read");
    assert.equal(failureKind(unsent), "connect");
  }
});

Deno.test("failureKind() knows what another attempt cannot heal, sent or not", () => {
  const errors = [
    new SSLError(),
    new InvalidHeader(),
    new NotSupportedError(),
    new ChunkedEncodingError(),
    new Error("x"),
  ];
  for (const error of errors) {
    assert.equal(failureKind(error), null, error.name);
    markUnsent(error);
    assert.equal(failureKind(error), null, error.name);
  }
});

Deno.test("failureKind() and markUnsent() take whatever may be thrown", () => {
  for (const thrown of ["x", 1, null, undefined]) {
    markUnsent(thrown);
    assert.equal(failureKind(thrown), null);
  }
});
