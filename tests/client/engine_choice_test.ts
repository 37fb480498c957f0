import assert from "node:assert/strict";
import { type EngineCircumstances, prefersWire } from "../../client/_engine_choice.ts";
import { checkTimeout, type SendOptions } from "../../client/adapter.ts";
import { Request } from "../../client/request.ts";

const HEADERS = { "Accept": "*/*", "User-Agent": "test" };

interface Row {
  readonly url?: string;
  readonly headers?: Record<string, string>;
  readonly options?: SendOptions;
  readonly proxy?: string;
  readonly hasProxyVariables?: boolean | null;
}

function choice(
  { url = "https://shop.test/", headers = HEADERS, options = {}, proxy, hasProxyVariables }: Row,
): boolean {
  const circumstances: EngineCircumstances = {
    limits: checkTimeout(options.timeout),
    proxy: proxy ?? null,
    hasProxyVariables: hasProxyVariables === undefined ? false : hasProxyVariables,
  };
  return prefersWire(new Request("GET", url, { headers }).prepare(), options, circumstances);
}

for (
  const [name, row, expected] of [
    ["nothing out of the ordinary", {}, false],
    ["plain http", { url: "http://shop.test/" }, false],
    ["a Unix socket", { url: "http+unix://%2Frun%2Fapp.sock/" }, true],
    ["an http proxy", { proxy: "http://proxy.test/" }, true],
    ["a SOCKS proxy", { proxy: "socks5h://proxy.test" }, true],
    // What fetch refuses by itself needs no preference.
    ["verify: true", { options: { verify: true } }, false],
    ["verify: PATH", { options: { verify: "/ca.pem" } }, true],
    ["verify: PATH and plain http", { url: "http://shop.test/", options: { verify: "/ca.pem" } }, false],
    ["cert", { options: { cert: ["/a.pem", "/a.key"] } }, false],
    ["one number as timeout", { options: { timeout: 5 } }, false],
    ["a limit for connecting", { options: { timeout: [3, 27] } }, true],
    ["the same limit for both", { options: { timeout: [5, 5] } }, true],
    ["a limit for connecting alone", { options: { timeout: [3, null] } }, true],
    ["a limit for reading alone", { options: { timeout: [null, 27] } }, false],
    ["no Accept", { headers: { "User-Agent": "test" } }, true],
    ["no User-Agent", { headers: { "Accept": "*/*" } }, true],
    ["Expect", { headers: { ...HEADERS, "Expect": "100-continue" } }, true],
    ["proxy variables", { hasProxyVariables: true }, true],
    ["proxy variables and trustEnv: false", { hasProxyVariables: true, options: { trustEnv: false } }, true],
    ["no proxy variables and trustEnv: false", { options: { trustEnv: false } }, false],
    ["variables that may not be read", { hasProxyVariables: null }, false],
    [
      "variables that may not be read and trustEnv: true",
      { hasProxyVariables: null, options: { trustEnv: true } },
      false,
    ],
    [
      "variables that may not be read and trustEnv: false",
      { hasProxyVariables: null, options: { trustEnv: false } },
      true,
    ],
  ] as [string, Row, boolean][]
) {
  Deno.test(`prefersWire() ${expected ? "holds" : "does not hold"} for ${name}`, () => {
    assert.equal(choice(row), expected);
  });
}
